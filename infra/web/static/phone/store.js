/* IndexedDB. All that is kept of any child or visit is sealed (vault.js) before it comes here.

  vaults   by person   the person's key, sealed under the PIN and under the server's word
  weeks    by person   {person, from, until, sealed}: the week taken along
  outbox   by event id {id, person, at, state, sealed}: recorded, not sent; `waiting` or `refused`
  sent     by event id {id, person, at, sealed}: what was sent of late, to show it was
  photos   by photo id {id, person, event, at, state, sealed}: `waiting`, `refused` or `sent`
  pictures by photo id {id, sealed}: the bytes of those that are not sent
*/
const NAME = 'shouhe-phone'
const VERSION = 2
const STORES = { vaults: 'person', weeks: 'person', outbox: 'id', sent: 'id', photos: 'id',
  pictures: 'id' }
let opened

function database() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION)
    asked.onupgradeneeded = () => {
      const there = asked.result.objectStoreNames
      for (const [name, keyPath] of Object.entries(STORES)) {
        if (!there.contains(name)) asked.result.createObjectStore(name, { keyPath })
      }
    }
    asked.onsuccess = () => {
      asked.result.onversionchange = () => { asked.result.close(); opened = undefined }
      asked.result.onclose = () => { opened = undefined }
      resolve(asked.result)
    }
    asked.onerror = () => { opened = undefined; reject(asked.error) }
  })
  return opened
}

/* One transaction. When this returns, what it wrote is on the disk: only then is anything called
   saved. `work` gets the stores by name and may set `out.value` from a request's result. */
export async function transact(names, mode, work) {
  const db = await database()
  return new Promise((resolve, reject) => {
    const one = db.transaction(names, mode, { durability: 'strict' })
    const out = { value: undefined }
    one.oncomplete = () => resolve(out.value)
    one.onabort = () => reject(one.error ?? new Error('aborted'))
    try {
      work(Object.fromEntries(names.map((name) => [name, one.objectStore(name)])), out)
    } catch (error) {
      one.abort()
      reject(error)
    }
  })
}

export const get = (name, key) => transact([name], 'readonly', (stores, out) => {
  stores[name].get(key).onsuccess = (e) => { out.value = e.target.result }
})

export const all = (name) => transact([name], 'readonly', (stores, out) => {
  stores[name].getAll().onsuccess = (e) => { out.value = e.target.result }
})

export const put = (name, value) => transact([name], 'readwrite', (stores) => {
  stores[name].put(value)
})

export const remove = (name, key) => transact([name], 'readwrite', (stores) => {
  stores[name].delete(key)
})

/* Tells the other tabs and the service worker's pages that something here changed. */
const channel = 'BroadcastChannel' in self ? new BroadcastChannel(NAME) : null
export const tell = (what) => channel?.postMessage(what)
export const listen = (told) => channel?.addEventListener('message', (e) => told(e.data))
