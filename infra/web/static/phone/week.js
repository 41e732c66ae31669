/* The week on the phone: fetched, sealed, and erased when its time is over. */
import { all, get, put, remove, transact } from './store.js'
import { open, seal } from './vault.js'
import { ask } from './send.js'

const DAY = 86_400_000
const BACK = 3_600_000 // a clock set back by more than this: the week's time can't be told

/* The list as the server has it now. → the week, or {state} where it can't be had. */
export async function fetchWeek(person, key) {
  const answer = await ask('/phone/week', {})
  if (answer.state) return answer
  const week = await answer.json()
  if (week.person !== person) return { state: 'other', person: week.person }
  const from = Date.now()
  const until = from + week.kept_days * DAY
  await put('weeks', { person, from, until, sealed: await seal(key, week, `week ${person}`) })
  await forgetSent(from - week.kept_days * DAY)
  return { ...week, from, until }
}

/* The week that is here; nothing where there is none, or its time is over. */
export async function keptWeek(person, key) {
  await expire()
  const kept = await get('weeks', person)
  if (!kept) return null
  return { ...await open(key, kept.sealed, `week ${person}`), from: kept.from, until: kept.until }
}

/* Erases every week whose time is over. What waits to be sent is not touched. → how many */
export async function expire(now = Date.now()) {
  const over = (await all('weeks')).filter((w) => now >= w.until || now < w.from - BACK)
  for (const each of over) await remove('weeks', each.person)
  return over.length
}

async function forgetSent(before) {
  for (const name of ['sent', 'photos']) {
    const old = (await all(name)).filter((each) => each.sent < before)
    await transact([name], 'readwrite', (stores) => {
      for (const each of old) stores[name].delete(each.id)
    })
  }
}
