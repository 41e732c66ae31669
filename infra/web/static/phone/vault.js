/* A person's key on this phone: 256 random bits, kept only under other keys.

  byPin      AES-GCM under PBKDF2(PIN): opens the week and the outbox without network
  byServer   AES-GCM under a word that the server gives to whoever signs in as this person, and that
             is not kept here: so that what waits can be sent by the service worker, and after the
             PIN was forgotten or entered wrongly too often
*/
import { get, put, remove, transact } from './store.js'

const ROUNDS = 600_000
export const TRIES = 10
export const SHORTEST = 6
const text = new TextEncoder()
const random = (count) => crypto.getRandomValues(new Uint8Array(count))

/* Why a PIN is too easy to guess; nothing where it will do. */
export function weak(pin) {
  if (pin.length < SHORTEST) return `PIN 至少 ${SHORTEST} 位。`
  if (/^(.)\1*$/.test(pin)) return 'PIN 不要全是同一个数字。'
  if ('01234567890'.includes(pin) || '09876543210'.includes(pin)) return 'PIN 不要用连续的数字。'
  return ''
}

async function underPin(pin, salt, rounds) {
  const base = await crypto.subtle.importKey('raw', text.encode(pin), 'PBKDF2', false, ['deriveKey'])
  const by = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }
  return crypto.subtle.deriveKey(by, base, { name: 'AES-GCM', length: 256 }, false,
    ['encrypt', 'decrypt'])
}

const imported = (raw) =>
  crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
const underServer = (word) =>
  imported(Uint8Array.from(word.match(/../g), (pair) => Number.parseInt(pair, 16)))

/* Bytes, sealed and bound to where they belong. */
export async function lock(key, bytes, bound) {
  const iv = random(12)
  const by = { name: 'AES-GCM', iv, additionalData: text.encode(bound) }
  return { iv, bytes: new Uint8Array(await crypto.subtle.encrypt(by, key, bytes)) }
}

export async function unlock(key, sealed, bound) {
  const by = { name: 'AES-GCM', iv: sealed.iv, additionalData: text.encode(bound) }
  return crypto.subtle.decrypt(by, key, sealed.bytes)
}

/* Any value as sealed bytes, bound to where it belongs: `week w-1`, `event <id>`. */
export const seal = (key, value, bound) => lock(key, text.encode(JSON.stringify(value)), bound)

/* Throws where it was sealed for another place or by another key. */
export const open = async (key, sealed, bound) =>
  JSON.parse(new TextDecoder().decode(await unlock(key, sealed, bound)))

/* A PIN set by whoever is signed in: the key that was here stays, so the outbox stays readable.
   → the key. */
export async function begin(session, pin) {
  const vault = await get('vaults', session.person)
  const server = await underServer(session.key)
  const raw = vault
    ? new Uint8Array(await unlock(server, vault.byServer, `server ${session.person}`))
    : random(32)
  const salt = random(16)
  const byPin = await lock(await underPin(pin, salt, ROUNDS), raw, `pin ${session.person}`)
  const byServer = await lock(server, raw, `server ${session.person}`)
  await put('vaults', { person: session.person, role: session.role, salt, rounds: ROUNDS, byPin,
    byServer, wrong: 0, used: Date.now() })
  return imported(raw)
}

/* The key as the server's word opens it: for sending. */
export async function byServer(vault, session) {
  const server = await underServer(session.key)
  return imported(await unlock(server, vault.byServer, `server ${session.person}`))
}

/* → {key} or {left}: tries that are left. The try is counted before it is made, so that a closed
   page doesn't forget it; after the last one the week is gone and only the outbox stays. */
export async function enter(person, pin) {
  const vault = await transact(['vaults'], 'readwrite', (stores, out) => {
    stores.vaults.get(person).onsuccess = (e) => {
      const found = e.target.result
      if (!found?.byPin) return
      out.value = found
      stores.vaults.put({ ...found, wrong: found.wrong + 1 })
    }
  })
  if (!vault) return { left: 0 }
  try {
    const pinKey = await underPin(pin, vault.salt, vault.rounds)
    const raw = await unlock(pinKey, vault.byPin, `pin ${person}`)
    await put('vaults', { ...vault, wrong: 0, used: Date.now() })
    return { key: await imported(raw) }
  } catch {
    const left = Math.max(0, TRIES - vault.wrong - 1)
    if (left === 0) await leave(person)
    return { left }
  }
}

/* The week and the PIN's key are gone; what waits in the outbox opens by signing in. */
export async function leave(person) {
  await remove('weeks', person)
  const vault = await get('vaults', person)
  if (vault) await put('vaults', { ...vault, byPin: null, wrong: 0 })
}
