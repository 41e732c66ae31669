/* A form from its description (infra/web/forms.py), and the event's data from its answers. */
import { h } from './dom.js'

const TYPES = { date: 'date', moment: 'datetime-local', number: 'number' }

/* The questions as elements. `said`: what was answered before, by name. */
export const questions = (fields, said = {}) => {
  const asked = fields.filter((each) => each.kind !== 'hidden')
  const inner = asked.filter((each) => each.name.includes('.'))
  const first = inner.length ? asked.indexOf(inner[0]) : -1
  return asked.flatMap((field, i) => {
    if (i === first) return [h('fieldset', { class: 'pairs' }, h('legend', {}, '七项'),
      inner.map((each) => question(each, said[each.name])))]
    return inner.includes(field) ? [] : [question(field, said[field.name])]
  })
}

function question(field, said) {
  const { name, label, kind, required, options, most } = field
  const id = `f-${name}`
  const value = said ?? field.value
  if (kind === 'yes') {
    const on = said === undefined ? field.value === 'true' : said === true
    return h('p', {}, h('label', { class: 'tick' },
      h('input', { type: 'checkbox', name, value: 'true', checked: on }), ` ${label}`))
  }
  if (kind === 'many') {
    return h('fieldset', {}, h('legend', {}, label), options.map(([key, word]) =>
      h('label', { class: 'tick' }, h('input', { type: 'checkbox', name, value: key,
        checked: (said ?? []).includes(key) }), ` ${word}`)))
  }
  return h('p', {}, h('label', { for: id }, label), control(field, id, value, required, most))
}

function control({ name, kind, options, value: usual }, id, value, required, most) {
  if (kind === 'choice') {
    return h('select', { id, name, required }, usual ? null : h('option', { value: '' }, '请选择'),
      options.map(([key, word]) => h('option', { value: key, selected: key === value }, word)))
  }
  const given = { id, name, required, maxlength: most || null }
  if (kind === 'long') return h('textarea', { ...given, rows: 3 }, value ?? '')
  const number = kind === 'number' ? { inputmode: 'numeric', min: 0 } : {}
  return h('input', { ...given, ...number, type: TYPES[kind] ?? 'text', value: value ?? '' })
}

/* The event's data. `known`: what the page says itself, by name of a hidden question. */
export function dataOf(fields, answers, known) {
  const data = {}
  for (const field of fields) {
    const value = field.kind === 'hidden' ? known[field.name] ?? field.value
      : answered(field, answers.getAll(field.name).map((each) => each.trim()).filter(Boolean))
    if (value === undefined) continue
    const steps = field.name.split('.')
    const inside = steps.slice(0, -1).reduce((into, step) => (into[step] ??= {}), data)
    inside[steps.at(-1)] = value
  }
  return data
}

function answered({ kind }, said) {
  if (kind === 'yes') return said.length > 0
  if (said.length === 0) return undefined
  if (kind === 'many') return said
  if (kind === 'number') return Number(said[0])
  if (kind === 'moment') return `${said[0]}:00+08:00`
  return said[0]
}

/* An event's data as answers by name: to edit what was refused. */
export function saidOf(data, before = '') {
  return Object.assign({}, ...Object.entries(data).map(([name, value]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? saidOf(value, `${before}${name}.`) : { [before + name]: value }))
}
