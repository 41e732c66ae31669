/* Photos of what was recorded: shrunk and sealed here, sent after their record, each once.

A photo has its id from the moment it was chosen. Its bytes lie apart (`pictures`), so that what is
shown of it (`photos`) is read without them.
*/
import { all, get, tell, transact } from './store.js'
import { lock, open, seal, unlock } from './vault.js'

const SIDE = 1280 // pixels of the longer side
const LIGHT = 300_000 // bytes that a weak signal carries
const QUALITIES = [0.8, 0.65, 0.5, 0.35]

/* A picture file as a small JPEG, upright, with nothing but its pixels. → {bytes, canvas}
   Throws where it is no picture that this browser can read. */
export async function shrink(file) {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const by = Math.min(1, SIDE / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * by))
  canvas.height = Math.max(1, Math.round(picture.height * by))
  const on = canvas.getContext('2d')
  on.fillStyle = '#fff'
  on.fillRect(0, 0, canvas.width, canvas.height)
  on.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  let blob
  for (const quality of QUALITIES) {
    blob = await new Promise((done) => { canvas.toBlob(done, 'image/jpeg', quality) })
    if (blob.size <= LIGHT) break
  }
  return { bytes: new Uint8Array(await blob.arrayBuffer()), canvas }
}

/* What is written together with a record: its entry and its picture. */
export async function sealedPhoto(person, key, { event, name, label }, bytes) {
  const id = crypto.randomUUID()
  const about = { child: event.subject, name, label }
  return {
    entry: { id, person, event: event.id, at: Date.now(), state: 'waiting',
      sealed: await seal(key, about, `photo ${id}`) },
    picture: { id, sealed: await lock(key, bytes, `picture ${id}`) },
  }
}

/* Those of a person that wait for nothing but a network: their record is with the server. */
export async function ready(person) {
  const held = new Set((await all('outbox')).map((each) => each.id))
  return (await all('photos')).filter((each) => each.person === person
    && each.state === 'waiting' && !held.has(each.event)).sort((a, b) => a.at - b.at)
}

/* The form in which one is sent. → {child, body} */
export async function formOf(entry, key) {
  const { child } = await open(key, entry.sealed, `photo ${entry.id}`)
  const { sealed } = await get('pictures', entry.id)
  const bytes = await unlock(key, sealed, `picture ${entry.id}`)
  const body = new FormData()
  body.append('id', entry.id)
  body.append('record', entry.event)
  body.append('content', new Blob([bytes], { type: 'image/jpeg' }), 'photo.jpg')
  return { child, body }
}

/* Sent: the picture is the server's now; that it was sent is shown for a week. */
export const settleSent = (entry) => transact(['photos', 'pictures'], 'readwrite', (stores) => {
  stores.pictures.delete(entry.id)
  stores.photos.put({ ...entry, state: 'sent', sent: Date.now() })
})

/* Refused: it stays, with why. Of a child that was forgotten the picture goes at once, and that it
   was refused is shown for a week. */
export const settleRefused = (entry, why) => transact(['photos', 'pictures'], 'readwrite', (stores) => {
  const gone = why.code === 'forgotten'
  if (gone) stores.pictures.delete(entry.id)
  stores.photos.put({ ...entry, state: 'refused', why, ...(gone ? { sent: Date.now() } : {}) })
})

/* Within a transaction: what is to be done with each photo of a record. */
export function photosOf(stores, id, work) {
  stores.photos.getAll().onsuccess = (e) => {
    e.target.result.filter((each) => each.event === id).forEach(work)
  }
}

/* Within a transaction: the photos of a record go. */
export const dropPhotos = (stores, id) => photosOf(stores, id, (each) => {
  stores.photos.delete(each.id)
  stores.pictures.delete(each.id)
})

/* A person wants a refused one sent once more, or gives it up. */
export async function resend({ id }) {
  const { why: _, ...entry } = await get('photos', id)
  await transact(['photos'], 'readwrite', (stores) => {
    stores.photos.put({ ...entry, state: 'waiting' })
  })
  tell('kept')
}

export async function drop({ id }) {
  await transact(['photos', 'pictures'], 'readwrite', (stores) => {
    stores.photos.delete(id)
    stores.pictures.delete(id)
  })
  tell('given')
}

/* A person's own, with what they are of. */
export async function ownPhotos(person, key) {
  const own = (await all('photos')).filter((each) => each.person === person)
  return Promise.all(own.map(async (each) =>
    ({ ...each, ...await open(key, each.sealed, `photo ${each.id}`) })))
}

/* How many wait, and how many were refused. One whose record was refused waits for that. */
export async function countedPhotos(outbox) {
  const stuck = new Set(outbox.filter((each) => each.state === 'refused').map((each) => each.id))
  const found = await all('photos')
  return {
    photos: found.filter((each) => each.state === 'waiting' && !stuck.has(each.event)).length,
    badPhotos: found.filter((each) => each.state === 'refused').length,
  }
}
