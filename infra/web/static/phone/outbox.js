/* What is recorded: kept first, called saved then, sent when there is a network. */
import { countedPhotos, dropPhotos, ownPhotos, photosOf, sealedPhoto } from './photos.js'
import { all, tell, transact } from './store.js'
import { open, seal } from './vault.js'

/* Durable when this returns. `record`: {event, name, label}, the event as it will be sent.
   `replaces`: the id of a refused record that this one stands for; `bytes`: its photo, if any. */
export async function keep(person, key, { event, name, label }, replaces, bytes) {
  const sealed = await seal(key, { event, name, label }, `event ${event.id}`)
  const photo = bytes && await sealedPhoto(person, key, { event, name, label }, bytes)
  await transact(['outbox', 'photos', 'pictures'], 'readwrite', (stores) => {
    if (replaces && replaces !== event.id) {
      stores.outbox.delete(replaces)
      photosOf(stores, replaces, (each) => stores.photos.put({ ...each, event: event.id }))
    }
    stores.outbox.put({ id: event.id, person, at: Date.now(), state: 'waiting', sealed })
    if (!photo) return
    stores.photos.put(photo.entry)
    stores.pictures.put(photo.picture)
  })
  tell('kept')
  const worker = await navigator.serviceWorker?.getRegistration('/phone')
  worker?.sync?.register('outbox').catch(() => {}) // a help where there is one: the page sends too
}

/* What was refused is given up by the person, in so many words, with its photo; that it was is shown
   for a week. */
export async function give({ id, person, at, sealed }) {
  await transact(['outbox', 'sent', 'photos', 'pictures'], 'readwrite', (stores) => {
    stores.outbox.delete(id)
    dropPhotos(stores, id)
    stores.sent.put({ id, person, at, sent: Date.now(), void: true, sealed })
  })
  tell('given')
}

/* {waiting, refused, sent, photos, others}: the person's own, opened; others: how many wait for
   another. */
export async function overview(person, key) {
  const outbox = await all('outbox')
  const own = await opened(outbox.filter((each) => each.person === person), key)
  const sent = await opened((await all('sent')).filter((each) => each.person === person), key)
  return {
    waiting: own.filter((each) => each.state === 'waiting'),
    refused: own.filter((each) => each.state === 'refused'),
    sent: sent.sort((a, b) => b.sent - a.sent),
    photos: await ownPhotos(person, key),
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
    refused: outbox.filter((each) => each.state === 'refused').length,
    ...await countedPhotos(outbox) }
}
