/* Recording at the door: a form, an event with an id of its own, kept before it is called saved. */
import { h, moment } from './dom.js'
import { dataOf, questions, saidOf } from './forms.js'
import { keep } from './outbox.js'
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
  const made = h('form', { class: 'form', 'data-id': id, autocomplete: 'off' },
    h('p', {}, h('label', { for: 'time' }, '什么时候'), h('input', { id: 'time', name: 'time',
      type: 'datetime-local', required: true, value: before?.event.time.slice(0, 16) ?? moment() })),
    questions(form.fields, said), wrong, h('p', {}, button))
  made.addEventListener('submit', async (submitted) => {
    submitted.preventDefault()
    button.disabled = true
    const answers = new FormData(made)
    const event = { id, type: form.type, subject: child.id, time: `${answers.get('time')}:00+08:00`,
      data: dataOf(form.fields, answers, known) }
    const record = { event, name: child.name, label: form.label }
    try {
      await keep(person, key, record, before?.event.id)
      done(record)
    } catch {
      wrong.textContent = '没有保存成:手机存储可能已满。请先不要离开这一页,腾出空间后再按保存。'
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

/* What was refused keeps its id, for the server may still take it in; but where another record has
   that id, this one needs a new one. */
const idOf = (before) =>
  before && before.why.code !== 'id_reused' ? before.event.id : crypto.randomUUID()

const token = () => crypto.randomUUID().replaceAll('-', '').slice(0, 12)
