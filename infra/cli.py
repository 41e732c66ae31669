"""The command line: `shouhe COMMAND`. Names and JSON keys are a contract.

Each command lives in `infra/commands/` and is imported only when it is called.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but with rejections.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from cyclopts import App, CycloptsError

from domain.errors import ShouheError
from infra.console import FAILED, WRONG_USAGE, note

COMMANDS = {
    "demo": "infra.commands.demo:demo",
    "simulate": "infra.commands.simulate:simulate",
    "import": "infra.commands.import_:import_events",
    "project": "infra.commands.project:project",
    "rebuild": "infra.commands.project:rebuild",
    "verify": "infra.commands.verify:verify",
    "query": "infra.commands.query:query",
    "train": "infra.commands.train:train",
    "score": "infra.commands.score:score",
    "list": "infra.commands.list_:list_",
    "schema": "infra.commands.schema:schema",
    "serve": "infra.commands.serve:serve",
    "forget": "infra.commands.forget:forget",
    "doctor": "infra.commands.doctor:doctor",
}


def build() -> App:
    """The command tree. Raises nothing; builds nothing but names."""
    app = App(
        name="shouhe",
        help="守禾: events of a county go in, tomorrow's visit lists come out.",
        version_flags=["--version"],
        result_action="return_value",
    )
    for name, path in COMMANDS.items():
        app.command(path, name=name)
    rejected = App(name="rejected", help="Kept rejections: list or `replay` them.")
    rejected.default(_rejected)
    rejected.command("infra.commands.rejected:replay", name="replay")
    app.command(rejected)
    return app


def _rejected(*, json: bool = False) -> int | None:
    """List the kept rejections: what was refused, why, and what to do.

    Parameters
    ----------
    json
        One JSON array of `source`, `id`, `type`, `code`, `field`, `message`.
    """
    from infra.commands.rejected import rejected  # noqa: PLC0415 - imported only when called

    return rejected(json=json)


def run(tokens: list[str]) -> int:
    """Run one command line; returns its exit code. Errors are one clear line, never a traceback."""
    try:
        result = build()(tokens, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        note(f"shouhe: {' '.join(str(error).split())} (see `shouhe --help`)")
        return WRONG_USAGE
    except ShouheError as error:
        note(f"shouhe: {error}")
        return FAILED
    except BrokenPipeError:
        return FAILED
    except KeyboardInterrupt:
        note("shouhe: stopped")
        return 130
    except Exception as error:  # the outermost frame: one line, never a traceback
        if sys.flags.dev_mode:
            raise
        note(f"shouhe: {_fault(error)}")
        return FAILED
    return result if isinstance(result, int) else 0


def _fault(error: Exception) -> str:
    """What went wrong, and where. Without values of our own: they may be a child's."""
    if isinstance(error, OSError):
        return f"{error.filename or 'system'}: {error.strerror or error}; check disk and rights"
    if type(error).__module__.startswith("clickhouse_connect"):
        return f"clickhouse: {(str(error).splitlines() or ['no answer'])[0][:1000]}"
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
    return (
        f"a fault of this program ({type(error).__name__} at {where}); nothing was left half-done;"
        " report it with the output of `python -X dev -m infra …`"
    )


def main() -> None:
    """Entry point of the `shouhe` command."""
    sys.exit(run(sys.argv[1:]))
