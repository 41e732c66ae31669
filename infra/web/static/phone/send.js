/* The outbox on its way: each event until the server has said what became of it.

An event keeps its id, so sending it twice counts once; one sending runs at a time over all tabs and
the service worker. Works by the server's word (vault.js), whether or not a PIN was entered.
*/
import { dropPhotos, formOf, ready, settleRefused, settleSent } from './photos.js'
import { all, get, tell, transact } from './store.js'
import { byServer, open, seal } from './vault.js'

export const BATCH = 50
const SLOW = 180_000 // milliseconds that a photo may take
const FINAL = [400, 404, 413, 415, 422] // answers that another sending would not change
const LOCK = 'shouhe-send'

/* What became of a sending: `done`, `offline`, `signed-out`, `barred` (not of this role, or signed in
   anew meanwhile), `later` (the server's own trouble), `locked` (only the PIN opens it), `busy`
   (another tab sends). `unlocked`: {person, key} where a PIN was entered. */
export function send(unlocked) {
  if (!navigator.locks) return sendAll(unlocked)
  return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) =>
    lock ? sendAll(unlocked) : { state: 'busy' })
}

/* Who is signed in: {state: 'in', session}, or why it can't be said. */
export async function whoIsIn() {
  const answer = await ask('/phone/session', {})
  return answer.state ? answer : { state: 'in', session: await answer.json() }
}

/* An answer of ours, or {state} where there is none. */
export async function ask(address, given) {
  let answer
  try {
    answer = await fetch(address, { cache: 'no-store', credentials: 'same-origin',
      redirect: 'error', signal: AbortSignal.timeout(60_000), ...given })
  } catch {
    return { state: 'offline' }
  }
  if (answer.status === 401) return { state: 'signed-out' }
  if (answer.status === 403) return { state: 'barred' }
  return answer.ok ? answer : { state: 'later', status: answer.status, answer }
}

async function sendAll(unlocked) {
  const nothing = { state: 'done', sent: 0, refused: 0, photos: 0 }
  const waiting = (await all('outbox')).filter((each) => each.state === 'waiting')
  const photos = (await all('photos')).filter((each) => each.state === 'waiting')
  if (waiting.length === 0 && photos.length === 0) return nothing
  const { state, session } = await whoIsIn()
  if (state !== 'in') return { state }
  const own = waiting.filter((each) => each.person === session.person)
    .sort((a, b) => a.at - b.at)
  const vault = await get('vaults', session.person)
  if (!vault || ![...own, ...photos].some((each) => each.person === session.person)) return nothing
  let key
  try {
    key = unlocked?.person === session.person ? unlocked.key : await byServer(vault, session)
  } catch {
    return { state: 'locked' }
  }
  const became = { ...nothing, ...await sendOwn(own, session, key) }
  const through = became.state === 'done' || became.state === 'later'
  return through ? sendPhotos(session, key, became) : became
}

/* Each photo whose record the server has. One that it can't take holds up no other. */
async function sendPhotos(session, key, became) {
  for (const entry of await ready(session.person)) {
    const form = await formOf(entry, key).catch(() => null)
    if (!form) {
      await settleRefused(entry, { status: 0, said: '照片在手机上打不开了,请重新拍一张。' })
      became.refused += 1
      continue
    }
    const { child, body } = form
    const answer = await ask(`/children/${child}/attachments`, {
      method: 'POST', body, headers: { accept: 'application/json', 'x-csrf': session.csrf },
      signal: AbortSignal.timeout(SLOW),
    })
    if (!answer.state) {
      await settleSent(entry)
      became.photos += 1
    } else if (answer.state === 'later' && FINAL.includes(answer.status)) {
      const why = await answer.answer.json().catch(() => ({}))
      await settleRefused(entry, { status: answer.status, said: why.said ?? '',
        code: why.refused })
      became.refused += 1
    } else if (answer.state === 'later') {
      became.state = 'later'
      continue
    } else return { ...became, state: answer.state }
    tell('sent')
  }
  return became
}

async function sendOwn(own, session, key) {
  const became = { state: 'done', sent: 0, refused: 0 }
  let size = BATCH
  for (let at = 0; at < own.length;) {
    const batch = own.slice(at, at + size)
    const records = await Promise.all(batch.map((e) => open(key, e.sealed, `event ${e.id}`)))
    const answer = await ask('/phone/events', {
      method: 'POST', body: JSON.stringify(records.map((each) => each.event)),
      headers: { 'content-type': 'application/json', 'x-csrf': session.csrf },
    })
    if (answer.state === 'later' && size > 1) { size = 1; continue } // one of them may be why
    if (answer.state === 'later') { became.state = 'later'; at += 1; continue }
    if (answer.state) return { ...became, state: answer.state }
    const outcomes = (await answer.json()).outcomes
    await settle(batch, records, outcomes, key, became)
    at += batch.length
  }
  return became
}

/* Taken in: out of the outbox, into what was sent, in one transaction. Refused: it stays, with why;
   but what was written of a child that was forgotten goes from here too, with its photo. */
async function settle(batch, records, outcomes, key, became) {
  const changed = await Promise.all(batch.map(async (each, i) => {
    const outcome = outcomes[i]
    if (outcome?.id !== each.id) return null // said of another: ask again
    if (outcome.code === 'child_forgotten') {
      return { id: each.id, person: each.person, at: each.at, sent: Date.now(), void: true,
        gone: true, sealed: await seal(key, emptied(records[i]), `event ${each.id}`) }
    }
    if (outcome.status === 'rejected') {
      const why = { code: outcome.code, field: outcome.field, message: outcome.message,
        said: outcome.said }
      const sealed = await seal(key, { ...records[i], why }, `event ${each.id}`)
      return { ...each, state: 'refused', sealed }
    }
    const { why: _, ...record } = records[i]
    return { id: each.id, person: each.person, at: each.at, sent: Date.now(),
      sealed: await seal(key, record, `event ${each.id}`) }
  }))
  await transact(['outbox', 'sent', 'photos', 'pictures'], 'readwrite', (stores) => {
    for (const each of changed) {
      if (each?.gone) dropPhotos(stores, each.id)
      if (each?.state === 'refused') {
        stores.outbox.put(each)
        became.refused += 1
      } else if (each) {
        stores.outbox.delete(each.id)
        stores.sent.put(each)
        became[each.gone ? 'refused' : 'sent'] += 1
      }
    }
  })
  tell('sent')
}

/* That something was recorded, and nothing of whom or what. */
const emptied = ({ event: { id, type, time, subject }, label }) =>
  ({ event: { id, type, time, subject }, label, name: '(信息已删除)' })
