/* What is recorded: kept first, called saved then, sent when there is a network. */
import { all, tell, transact } from './store.js'
import { open, seal } from './vault.js'

/* Durable when this returns. `record`: {event, name, label}, the event as it will be sent.
   `replaces`: the id of a refused record that this one stands for. */
export async function keep(person, key, { event, name, label }, replaces) {
  const sealed = await seal(key, { event, name, label }, `event ${event.id}`)
  await transact(['outbox'], 'readwrite', (stores) => {
    if (replaces && replaces !== event.id) stores.outbox.delete(replaces)
    stores.outbox.put({ id: event.id, person, at: Date.now(), state: 'waiting', sealed })
  })
  tell('kept')
  const worker = await navigator.serviceWorker?.getRegistration('/phone')
  worker?.sync?.register('outbox').catch(() => {}) // a help where there is one: the page sends too
}

/* What was refused is given up by the person, in so many words; it is shown as such for a week. */
export async function give({ id, person, at, sealed }) {
  await transact(['outbox', 'sent'], 'readwrite', (stores) => {
    stores.outbox.delete(id)
    stores.sent.put({ id, person, at, sent: Date.now(), void: true, sealed })
  })
  tell('given')
}

/* {waiting, refused, sent, others}: the person's own, opened; others: how many wait for another. */
export async function overview(person, key) {
  const outbox = await all('outbox')
  const own = await opened(outbox.filter((each) => each.person === person), key)
  const sent = await opened((await all('sent')).filter((each) => each.person === person), key)
  return {
    waiting: own.filter((each) => each.state === 'waiting'),
    refused: own.filter((each) => each.state === 'refused'),
    sent: sent.sort((a, b) => b.sent - a.sent),
    others: outbox.length - own.length,
  }
}

async function opened(entries, key) {
  const found = await Promise.all(entries.map(async (each) =>
    ({ ...each, ...await open(key, each.sealed, `event ${each.id}`) })))
  return found.sort((a, b) => a.at - b.at)
}

export const counted = async () => {
  const outbox = await all('outbox')
  return { waiting: outbox.filter((each) => each.state === 'waiting').length,
    refused: outbox.filter((each) => each.state === 'refused').length }
}
