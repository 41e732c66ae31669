/* Recording at the door: a form, an event with an id of its own, kept before it is called saved. */
import { h, moment } from './dom.js'
import { dataOf, questions, saidOf } from './forms.js'
import { keep } from './outbox.js'
import { shrink } from './photos.js'
import { reason, seenToday } from './view.js'

/* The form of one event. `before`: the record that is to be mended, if any. `done(record)`: saved. */
export function recordScreen({ person, key, kept }, form, child, before, done) {
  const id = idOf(before)
  const reference = before?.event.data[form.begins] ?? `${form.prefix}-${token()}`
  const said = before ? saidOf(before.event.data) : {}
  const known = { ...(form.begins ? { [form.begins]: reference } : {}), selection: child.selection }
  const wrong = h('p', { class: 'late', role: 'alert' }, before ? reason(before.why) : '')
  const button = h('button', { type: 'submit' }, '保存')
  // autocomplete off: else a browser writes what is typed, readable, to restore its tabs with
  const photo = form.photo ? photoField(kept.photos, before) : { field: null, taken: () => null }
  const made = h('form', { class: 'form', 'data-id': id, autocomplete: 'off' },
    h('p', {}, h('label', { for: 'time' }, '什么时候'), h('input', { id: 'time', name: 'time',
      type: 'datetime-local', required: true, value: before?.event.time.slice(0, 16) ?? moment() })),
    questions(form.fields, said), photo.field, wrong, h('p', {}, button))
  made.addEventListener('submit', async (submitted) => {
    submitted.preventDefault()
    button.disabled = true
    const bytes = await photo.taken()
    const answers = new FormData(made)
    const event = { id, type: form.type, subject: child.id, time: `${answers.get('time')}:00+08:00`,
      data: dataOf(form.fields, answers, known) }
    const record = { event, name: child.name, label: form.label }
    try {
      await keep(person, key, record, before?.event.id, bytes)
      done(record)
    } catch {
      wrong.textContent = '没有保存成:手机存储可能已满。请先不要离开这一页,腾出空间后再按保存'
        + (bytes ? ';也可以先去掉照片。' : '。')
      button.disabled = false
    }
  })
  const hint = form.type === 'visit.completed.v1' && !before ? seenToday(child, kept) : ''
  return [
    h('p', { class: 'crumb' }, h('a', { href: `#/child/${child.id}` }, child.name)),
    h('h1', {}, form.label, h('span', { class: 'light' }, ` ${child.name}`)),
    hint ? h('p', { class: 'message due' }, hint) : null,
    made,
  ]
}

/* The question for a photo. → {field, taken}: taken() gives the small picture's bytes, or nothing.
   What a record that is mended has already is kept. */
function photoField(photos, before) {
  if (before && photos.some((each) => each.event === before.event.id)) {
    return { field: h('p', { class: 'quiet' }, '照片:已有一张,随这条记录一起发送。'), taken: () => null }
  }
  let taking = null
  const input = h('input', { id: 'photo', type: 'file', accept: 'image/*' })
  const said = h('p', { class: 'quiet', role: 'status' })
  const shown = h('div', { class: 'shot' })
  const clear = (text = '') => {
    taking = null
    input.value = ''
    shown.replaceChildren()
    said.textContent = text
  }
  const away = h('button', { type: 'button', class: 'plain', onclick: () => clear() }, '不要这张')
  input.addEventListener('change', () => {
    const [file] = input.files
    if (!file) return clear()
    said.textContent = '正在缩小照片…'
    const own = taking = shrink(file).then(({ bytes, canvas }) => {
      if (taking !== own) return null
      canvas.setAttribute('role', 'img')
      canvas.setAttribute('aria-label', '照片预览')
      shown.replaceChildren(canvas, away)
      said.textContent = `已缩小为 ${Math.ceil(bytes.length / 1024)} KB,和记录一起加密保存。`
      return bytes
    }).catch(() => {
      if (taking === own) clear('这张照片打不开,请重新拍一张,或换一张。')
      return null
    })
  })
  return { field: h('div', { class: 'photo' }, h('label', { for: 'photo' }, '照片 ',
    h('span', { class: 'quiet' }, '可以不拍')), input, said, shown), taken: () => taking }
}

/* What was refused keeps its id, for the server may still take it in; but where another record has
   that id, this one needs a new one. */
const idOf = (before) =>
  before && before.why.code !== 'id_reused' ? before.event.id : crypto.randomUUID()

const token = () => crypto.randomUUID().replaceAll('-', '').slice(0, 12)
