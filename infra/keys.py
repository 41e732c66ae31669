"""Keys: a data key per scope, wrapped by the master key; what forgetting a child destroys.

    master.key    32 random bytes, 0600
    keys.sqlite   scope → data key wrapped with AES-GCM; a destroyed key leaves a tombstone
    token         "enc1:" + base64url(nonce 12, ciphertext, tag 16), bound to its scope

A scope is `child/<uuid>` (personal fields), `report/<report id>` (who reported), or `rejections`.
"""

from __future__ import annotations

import base64
import hmac
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import ShouheError
from infra.recent import Recent

PREFIX = "enc1:"
KEY_BYTES, NONCE_BYTES = 32, 12
CACHED = 8192
PROBE = "probe"
"""A scope whose only use is to notice the wrong master key."""

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
)
TABLE = (
    "CREATE TABLE IF NOT EXISTS data_keys"
    " (scope TEXT PRIMARY KEY, wrapped BLOB, destroyed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID"
)


class KeyRingError(ShouheError):
    """The key store can't be opened, or does not belong to this master key."""


class KeyDestroyedError(ShouheError):
    """Something was to be encrypted under a key that was destroyed."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"key: that of {scope} was destroyed; register the child anew")
        self.scope = scope


class KeyRing:
    """Encrypts and decrypts by scope. Safe to share between threads."""

    def __init__(self, keys_path: Path, master_key_path: Path) -> None:
        keys_path.parent.mkdir(parents=True, exist_ok=True)
        master = _master_key(master_key_path, may_create=not keys_path.exists())
        self._wrapping = AESGCM(_derive(master, b"shouhe wrap v1"))
        self._indexing = _derive(master, b"shouhe blind index v1")
        self._digesting = _derive(master, b"shouhe body digest v1")
        self._signing = _derive(master, b"shouhe sign-in v1")
        self._anchoring = _derive(master, b"shouhe anchor v1")
        self._lock = RLock()
        self._recent: Recent[str, AESGCM] = Recent(CACHED)
        self._db = sqlite3.connect(
            keys_path, isolation_level=None, timeout=60, check_same_thread=False
        )
        for statement in (*PRAGMAS, TABLE):
            self._db.execute(statement)
        self._version: int = self._db.execute("PRAGMA data_version").fetchone()[0]
        keys_path.chmod(0o600)
        self.ensure([PROBE])

    @property
    def digest_key(self) -> bytes:
        """Keys the digests of event bodies, so that a digest can't confirm a guessed name."""
        return self._digesting

    @property
    def sign_in_key(self) -> bytes:
        """Signs what a reader of the pages carries (infra.access)."""
        return self._signing

    @property
    def anchor_key(self) -> bytes:
        """The seed of the key that signs the log's daily anchors (infra.audit)."""
        return self._anchoring

    def ensure(self, scopes: Iterable[str]) -> None:
        """Make the missing keys, durably. Raises KeyDestroyedError for one that was destroyed."""
        with self._lock:
            missing = sorted({scope for scope in scopes if self._recent.get(scope) is None})
            if missing:
                self._load(missing)

    def encrypt(self, scope: str, text: str) -> str:
        """A token. Makes the scope's key when there is none. Raises KeyDestroyedError."""
        return PREFIX + base64.urlsafe_b64encode(self.seal(scope, text.encode())).decode()

    def seal(self, scope: str, content: bytes) -> bytes:
        """Encrypted: nonce 12, ciphertext, tag 16. Raises KeyDestroyedError."""
        key = self._recent.get(scope)
        if key is None:
            self.ensure([scope])
            key = self._key(scope)
        if key is None:
            raise KeyDestroyedError(scope)
        nonce = os.urandom(NONCE_BYTES)
        return nonce + key.encrypt(nonce, content, _bound(scope))

    def decrypt(self, scope: str, token: str) -> str | None:
        """The text; None when the key was destroyed. Raises KeyRingError for a foreign token."""
        try:
            sealed = base64.urlsafe_b64decode(token.removeprefix(PREFIX))
        except ValueError as error:
            raise KeyRingError(f"token: is none of scope {scope!r}") from error
        text = self.unseal(scope, sealed)
        return None if text is None else text.decode()

    def unseal(self, scope: str, sealed: bytes) -> bytes | None:
        """The content; None when the key was destroyed. Raises KeyRingError for a foreign one."""
        key = self._key(scope)
        if key is None:
            return None
        try:
            return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(scope))
        except (InvalidTag, ValueError) as error:
            raise KeyRingError(f"token: was not encrypted for scope {scope!r}") from error

    def destroy(self, scope: str) -> None:
        """Overwrite the key, on the disk too. Done twice, it is done once."""
        with self._lock:
            with self._writing():
                self._db.execute(
                    "INSERT INTO data_keys VALUES (?, NULL, 1) ON CONFLICT (scope)"
                    " DO UPDATE SET wrapped = NULL, destroyed = 1",
                    (scope,),
                )
            self._recent.discard(scope)
            self.checkpoint()

    def checkpoint(self) -> None:
        """Write the WAL back and empty it, so that an old page of it holds no destroyed key."""
        busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise KeyRingError(
                "keys: another process reads the key store, so the destroyed key may still lie in"
                " its write-ahead log; run this again when the other has finished"
            )

    def blind_index(self, id_number: str) -> str:
        """HMAC-SHA-256 of an ID number, 64 hex digits: finds a child, reveals nothing."""
        return hmac.digest(self._indexing, id_number.encode(), "sha256").hex()

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    # --- one key ------------------------------------------------------------------------------

    def _key(self, scope: str) -> AESGCM | None:
        key = self._recent.get(scope)
        if key is not None and not self._changed():
            return key
        with self._lock:
            row = self._db.execute(
                "SELECT wrapped FROM data_keys WHERE scope = ?", (scope,)
            ).fetchone()
            return None if row is None or row[0] is None else self._unwrap(scope, row[0])

    def _changed(self) -> bool:
        """Whether another process wrote: it may have destroyed a key that we still hold."""
        with self._lock:
            version = self._db.execute("PRAGMA data_version").fetchone()[0]
            changed: bool = version != self._version
            self._version = version
            if changed:
                self._recent.clear()
            return changed

    def _load(self, scopes: list[str]) -> None:
        with self._writing():
            for scope in scopes:
                row = self._db.execute(
                    "SELECT wrapped FROM data_keys WHERE scope = ?", (scope,)
                ).fetchone()
                if row is None:
                    self._make(scope)
                elif row[0] is None:
                    raise KeyDestroyedError(scope)
                else:
                    self._unwrap(scope, row[0])

    def _make(self, scope: str) -> None:
        key, nonce = AESGCM.generate_key(bit_length=8 * KEY_BYTES), os.urandom(NONCE_BYTES)
        wrapped = nonce + self._wrapping.encrypt(nonce, key, _bound(scope))
        self._db.execute("INSERT INTO data_keys VALUES (?, ?, 0)", (scope, wrapped))
        self._recent.put(scope, AESGCM(key))

    def _unwrap(self, scope: str, wrapped: bytes) -> AESGCM:
        try:
            bare = self._wrapping.decrypt(
                wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound(scope)
            )
        except InvalidTag as error:
            raise KeyRingError(
                "master.key: does not belong to keys.sqlite; restore both from the same backup"
            ) from error
        key = AESGCM(bare)
        self._recent.put(scope, key)
        return key

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            self._recent.clear()
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise KeyRingError(f"keys: {error}; nothing was changed, try again") from error
            raise


def _bound(scope: str) -> bytes:
    return f"{PREFIX}{scope}".encode()


def _derive(master: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=use).derive(master)


def _master_key(path: Path, *, may_create: bool) -> bytes:
    """Read the master key; the first use makes it. Raises KeyRingError."""
    if not path.exists():
        if not may_create:
            raise KeyRingError(
                f"{path}: the master key is gone, and with it every name;"
                " restore it from its backup (it is never made anew beside existing keys)"
            )
        _create(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise KeyRingError(f"{path}: {len(key)} bytes, must be {KEY_BYTES}; restore its backup")
    return key


def _create(path: Path) -> None:
    """Whole or not at all, and never over an existing one (another process may be as early)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, os.urandom(KEY_BYTES))
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
