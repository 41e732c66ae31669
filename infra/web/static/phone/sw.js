/* The service worker: the app opens without network; what waits is sent when there is one again.
   The server puts VERSION and KEPT (the app's files) before this. No answer with data is kept. */
import { send } from '/phone/app/send.js'
import { expire } from '/phone/app/week.js'

const CACHE = `shouhe-phone-${VERSION}`

addEventListener('install', (event) => {
  const fresh = KEPT.map((path) => new Request(path, { cache: 'reload' }))
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)).then(() => skipWaiting()))
})

addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) {
    if (name.startsWith('shouhe-phone-') && name !== CACHE) await caches.delete(name)
  }
  await expire()
  await clients.claim()
})()))

addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url)
  if (event.request.method !== 'GET' || origin !== location.origin || !KEPT.includes(pathname)) return
  event.respondWith(caches.open(CACHE).then((cache) => cache.match(pathname))
    .then((kept) => kept ?? fetch(event.request)))
})

addEventListener('sync', (event) => {
  if (event.tag !== 'outbox') return
  event.waitUntil(send().then((became) => {
    if (became.state === 'offline' || became.state === 'later') throw new Error(became.state)
  }))
})
