/* The app: who is here, what is shown, and when it tries to send. */
import { h } from './dom.js'
import { beginScreen, noNetworkScreen, otherRoleScreen, pinScreen, signInScreen } from './doors.js'
import { counted, give, overview } from './outbox.js'
import { recordScreen } from './record.js'
import { drop, resend } from './photos.js'
import { ask, send, whoIsIn } from './send.js'
import { all, get, listen } from './store.js'
import { begin, enter, leave } from './vault.js'
import { childScreen, listScreen, outboxScreen } from './view.js'
import { expire, fetchWeek, keptWeek } from './week.js'

const FIRST = 3_000, LONGEST = 300_000 // milliseconds between tries to send
const IDLE = 600_000 // without a touch for so long: locked
const FRESH = 3_600_000, NEW = 600_000 // a list so old is fetched anew: on opening, after sending
const HEARD = 3_000 // so long is waited for the server before the phone goes on alone

const S = { net: 'offline', session: null, vault: null, key: null, week: null, kept: null,
  counts: { waiting: 0, refused: 0, photos: 0, badPhotos: 0 }, notice: '', parked: null, touched: Date.now() }
const at = (id) => document.getElementById(id)
const unlocked = () => S.key ? { person: S.vault.person, key: S.key } : undefined

// --- what is shown ------------------------------------------------------------------------------

function show(nodes, moved = true) {
  at('main').replaceChildren(...nodes.flat().filter(Boolean))
  delete at('main').dataset.door
  if (!moved) return
  scrollTo(0, 0)
  at('main').focus({ preventScroll: true })
}

function strip() {
  const { waiting, refused, photos, badPhotos } = S.counts
  const words = {
    in: '已联网', offline: '没有网络', 'signed-out': '登录已过期', barred: '要先到网页处理账号',
    later: '服务器暂时不通', locked: '请先输入 PIN',
  }
  const parts = [h('span', {}, words[S.net] ?? '')]
  if (waiting) parts.push(h('a', { href: '#/outbox' }, `${waiting} 条等待发送`))
  if (refused) parts.push(h('a', { class: 'late', href: '#/outbox' }, `${refused} 条没有被接收`))
  if (photos) parts.push(h('a', { href: '#/outbox' }, `${photos} 张照片等待发送`))
  if (badPhotos) parts.push(h('a', { class: 'late', href: '#/outbox' }, `${badPhotos} 张照片没有被接收`))
  if (!waiting && !refused && !photos && !badPhotos && S.key) parts.push(h('a', { href: '#/outbox' }, '登记的都已发送'))
  if (S.net === 'signed-out') parts.push(h('a', { href: '/sign-in?page=/phone' }, '去登录'))
  if (S.net === 'barred') parts.push(h('a', { href: '/account' }, '账号'))
  at('state').replaceChildren(...parts)
  at('state').className = `state ${S.net}`
  at('who').textContent = S.vault?.byPin ? `${S.vault.role === 'director' ? '儿童主任' : '儿童督导员'} `
    + S.vault.person : ''
}

/* Draws anew. `moved`: to another place, so that the page begins at its top. */
async function draw(moved = true) {
  const { key } = S
  const counts = await counted()
  const kept = key ? await overview(S.vault.person, key) : null
  if (S.key !== key) return draw(moved) // locked or unlocked meanwhile
  Object.assign(S, { counts, kept })
  strip()
  if (key) place(moved)
  else door()
}

function place(moved) {
  const [, where, ...rest] = location.hash.split('/')
  const writing = where === 'record' || where === 'again'
  if (writing && !moved) return // nothing touches a form that is being filled in
  if (S.parked?.hash === location.hash) {
    show(S.parked.nodes)
    S.parked = null
    return
  }
  const child = S.week?.children.find((each) => each.id === rest.at(-1))
  if (where === 'outbox') show(outboxScreen(S, act), moved)
  else if (where === 'child' && child) show(childScreen(S, child), moved)
  else if (where === 'record' && child) record(rest[0], child)
  else if (where === 'again') again(rest[0])
  else if (!S.week) show([h('h1', {}, '清单不在手机上'), h('p', {}, '清单已到期删除,或还没有取到。有网络时更新即可;'
    + '登记的记录都还在。'), h('p', { class: 'row' }, h('button', { onclick: act.refresh }, '更新清单'))], moved)
  else show(listScreen(S, act), moved)
}

function record(type, child, before) {
  const form = S.week?.forms.find((each) => each.type === type)
  if (!form) return go('#/')
  show(recordScreen({ person: S.vault.person, key: S.key, kept: S.kept }, form, child, before, saved))
}

function again(id) {
  const before = S.kept.refused.find((each) => each.id === id)
  if (!before) return go('#/outbox')
  const { subject, type, data } = before.event
  const child = S.week?.children.find((each) => each.id === subject)
    ?? { id: subject, name: before.name, selection: data.selection, seen: [] }
  record(type, child, before)
}

function saved(made) {
  S.notice = `已保存在手机上:${made.label} ${made.name}`
  pause = FIRST
  go('#/')
  pump()
}

function go(hash) {
  if (location.hash === hash || (hash === '#/' && !location.hash)) draw()
  else location.hash = hash
}

/* Which door stands before the list. One that stands already is left alone: someone may be typing. */
function door() {
  const { waiting } = S.counts
  const doors = {
    pin: () => pinScreen(S.vault, waiting, tryPin, forgot), in: () => beginScreen(S.session, setPin),
    barred: otherRoleScreen, 'signed-out': () => signInScreen(waiting),
  }
  const which = S.vault?.byPin ? 'pin' : S.net
  const sign = `${which} ${S.vault?.person}`
  if (at('main').dataset.door === sign) return
  show(doors[which]?.() ?? noNetworkScreen(start))
  at('main').dataset.door = sign
}

// --- the doors ----------------------------------------------------------------------------------

async function setPin(pin) {
  const key = await begin(S.session, pin)
  navigator.storage?.persist?.() // the browser is asked not to clear what waits to be sent
  await opened(S.session.person, key)
}

async function tryPin(pin) {
  const { key, left } = await enter(S.vault.person, pin)
  if (key) return opened(S.vault.person, key)
  if (left > 0) return `PIN 不对,还可以试 ${left} 次。`
  S.vault = await get('vaults', S.vault.person)
  S.parked = null
  await draw()
  return ''
}

async function opened(person, key) {
  S.vault = await get('vaults', person)
  S.key = key
  S.touched = Date.now()
  S.week = await keptWeek(person, key)
  if (!S.week || Date.now() - S.week.from > FRESH) await refresh()
  await draw()
  pump()
}

async function forgot() {
  await meet()
  if (S.net !== 'in' || S.session.person !== S.vault.person) {
    S.net = S.net === 'in' ? 'signed-out' : S.net
    strip()
    alert('忘记 PIN:请先在有网络的地方,用自己的账号登录,再重新设 PIN。没发送的记录都会保留。')
    return
  }
  await leave(S.vault.person)
  S.vault = await get('vaults', S.vault.person)
  await draw()
}

function lock() {
  if (!S.key) return
  const [, where] = location.hash.split('/')
  const writing = where === 'record' || where === 'again'
  S.parked = writing ? { hash: location.hash, nodes: [...at('main').childNodes] } : null
  S.key = S.week = S.kept = null
  S.notice = ''
  draw()
}

const act = {
  lock,
  refresh: async () => { S.notice = await refresh() || '清单已更新。'; await draw() },
  send: () => { pause = FIRST; return pump() },
  give: async (each) => {
    if (!confirm(`作废这条记录(连同它的照片)吗?\n${each.label} ${each.name}`)) return
    await give(each)
    await draw()
  },
  resend: async (photo) => { await resend(photo); pause = FIRST; return pump() },
  drop: async (photo) => {
    if (!confirm(`不要这张照片了吗?\n${photo.label} ${photo.name}`)) return
    await drop(photo)
    await draw()
  },
  leave: async () => {
    const { waiting, refused, photos, badPhotos } = S.counts
    const left = waiting + refused + photos + badPhotos
    if (!confirm(left ? `还有 ${left} 条(含照片)没有发送。退出后它们仍加密留在手机上,等您再登录时发送。现在退出吗?`
      : '退出后,手机上的清单立即删除。现在退出吗?')) return
    await leave(S.vault.person)
    if (S.session) await ask('/sign-out', { method: 'POST', redirect: 'manual',
      headers: { 'x-csrf': S.session.csrf } })
    S.key = S.week = S.kept = null
    S.vault = await get('vaults', S.vault.person)
    S.net = 'signed-out'
    location.hash = '#/'
    await draw()
  },
}

async function refresh() {
  const found = await fetchWeek(S.vault.person, S.key)
  if (!found.state) {
    S.week = found
    S.net = 'in'
    return ''
  }
  S.net = found.state === 'other' ? 'signed-out' : found.state
  return found.state === 'other' ? '现在登录的是另一个人,清单没有更新。' : '没有更新成,请在有网络时再试。'
}

// --- sending ------------------------------------------------------------------------------------

let timer
let pause = FIRST

/* Tries to send, and again later while something waits: at once when the network is back. */
async function pump() {
  clearTimeout(timer)
  const became = await send(unlocked())
  if (became.state !== 'done' && became.state !== 'busy') S.net = became.state
  if (became.sent || became.refused || became.photos) {
    S.net = became.state === 'done' ? 'in' : became.state
    pause = FIRST
    S.notice = became.refused ? '' : S.notice && told(became)
    if (S.key && (!S.week || Date.now() - S.week.from > NEW)) await refresh()
  }
  await draw(false)
  if (S.counts.waiting + S.counts.photos > 0) {
    timer = setTimeout(pump, pause * (0.75 + Math.random() / 2))
    pause = Math.min(LONGEST, pause * 2)
  }
}

const told = ({ sent, photos }) => [sent ? `已发送 ${sent} 条` : '', photos ? `照片 ${photos} 张` : '']
  .filter(Boolean).join(',').concat('。')

/* Who is signed in, as far as can be said within a moment; what is heard later counts as well. */
async function meet() {
  const heard = whoIsIn().then(took)
  const late = new Promise((done) => setTimeout(done, HEARD, 'late'))
  if (await Promise.race([heard, late]) !== 'late') return
  heard.then(() => draw(false))
}

async function took(met) {
  S.net = met.state
  if (met.state !== 'in') return
  S.session = met.session
  if (!S.key) S.vault = await get('vaults', met.session.person) ?? null
}

async function start() {
  await expire()
  const [last] = (await all('vaults')).sort((a, b) => b.used - a.used)
  S.vault = last ?? null
  await meet()
  await draw()
  pump()
}

addEventListener('hashchange', () => { if (!location.hash.match(/^#\/?$/)) S.notice = ''; draw() })
addEventListener('online', () => { pause = FIRST; meet().then(pump) })
addEventListener('offline', () => { S.net = 'offline'; strip() })
for (const touch of ['pointerdown', 'keydown']) addEventListener(touch, () => { S.touched = Date.now() })
document.addEventListener('visibilitychange', () => { if (!document.hidden) { look(); pump() } })
setInterval(look, 15_000)
listen(() => draw(false))

async function look() {
  if (Date.now() - S.touched > IDLE) lock()
  if (await expire() && S.key) { S.week = null; draw() }
}

if (!globalThis.crypto?.subtle || !globalThis.indexedDB) {
  show([h('h1', {}, '这个浏览器不能离线使用'), h('p', {}, '请用较新的浏览器,并以 https 打开。')])
} else {
  navigator.serviceWorker?.register('/phone/sw.js', { scope: '/phone', type: 'module' }).catch(() => {})
  start()
}
