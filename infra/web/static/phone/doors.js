/* Before anything is shown: first set-up, the PIN, signing in. */
import { h } from './dom.js'
import { SHORTEST, TRIES, weak } from './vault.js'

const pinField = (id, label, autocomplete) => h('p', {}, h('label', { for: id }, label),
  h('input', { id, type: 'password', inputmode: 'numeric', autocomplete, required: true,
    minlength: SHORTEST, maxlength: 64 }))

/* Runs `work` with the form's button out of reach; says what went wrong. */
function form(fields, verb, work, ...after) {
  const said = h('p', { class: 'late', role: 'alert' })
  const button = h('button', { type: 'submit' }, verb)
  const made = h('form', { class: 'form' }, fields, said, h('p', {}, button), after)
  made.addEventListener('submit', async (event) => {
    event.preventDefault()
    button.disabled = true
    said.textContent = ''
    try {
      said.textContent = await work(made) || ''
    } catch {
      said.textContent = '手机上的数据打不开。请重新登录后再试;还不行,请联系管理员,先不要清除浏览器数据。'
    }
    button.disabled = false
  })
  return made
}

export const signInScreen = (waiting) => [
  h('h1', {}, '请先登录'),
  h('p', {}, '第一次在这部手机上使用,要在有网络的地方登录,并设一个 PIN。'),
  waiting ? h('p', { class: 'message' }, `手机上有 ${waiting} 条记录等登录后发送,都在。`) : null,
  h('p', { class: 'after' }, h('a', { class: 'button', href: '/sign-in?page=/phone' }, '登录')),
]

export const noNetworkScreen = (again) => [
  h('h1', {}, '没有网络'),
  h('p', {}, '手机上还没有清单。到有网络的地方打开一次,以后没有网络也能用。'),
  h('p', { class: 'after' }, h('button', { onclick: again }, '再试一次')),
]

export const otherRoleScreen = () => [
  h('h1', {}, '手机离线版'),
  h('p', {}, '离线清单供儿童主任和儿童督导员使用。'),
  h('p', { class: 'after' }, h('a', { class: 'button', href: '/' }, '到网页')),
]

/* `set(pin)` → what is wrong, or nothing. */
export const beginScreen = (session, set) => [
  h('h1', {}, '设一个 PIN'),
  h('p', {}, `本周清单会加密保存在这部手机上,没有网络时用 PIN 打开,7 天后自动删除。PIN 输错 ${TRIES} 次,`
    + '清单立即删除;还没发送的记录始终保留。'),
  form([pinField('pin', `PIN(至少 ${SHORTEST} 位)`, 'new-password'),
    pinField('again', '再输一次', 'new-password')], '设好,取本周清单', (made) => {
    const pin = made.elements.pin.value
    if (pin !== made.elements.again.value) return '两次输入的不一样。'
    return weak(pin) || set(pin)
  }),
]

/* `enter(pin)` → what is wrong, or nothing. */
export const pinScreen = (vault, waiting, enter, forgot) => [
  h('h1', {}, '输入 PIN'),
  h('p', { class: 'quiet' }, `${vault.person} 的清单`, waiting ? `,${waiting} 条记录等待发送` : ''),
  form([pinField('pin', 'PIN', 'current-password')], '打开', (made) => {
    const pin = made.elements.pin.value
    made.elements.pin.value = ''
    return enter(pin)
  }, h('p', {}, h('button', { type: 'button', class: 'plain', onclick: forgot }, '忘记 PIN'))),
]
