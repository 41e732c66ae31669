/* Elements from words. No HTML is ever made of text, so nothing typed can become a script. */
export function h(tag, given = {}, ...inner) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value)
    else if (value === true) made.setAttribute(name, '')
    else if (value !== false && value != null) made.setAttribute(name, value)
  }
  made.append(...inner.flat(2).filter((each) => each != null && each !== false && each !== ''))
  return made
}

/* Days and moments as they are in the village, whatever zone the phone believes in. */
const EAST = 8 * 3_600_000
export const moment = (at = Date.now()) => new Date(at + EAST).toISOString().slice(0, 16)
export const day = (at = Date.now()) => moment(at).slice(0, 10)
export const clock = (at) => moment(at).slice(5).replace('T', ' ')
export const daysSince = (date) => Math.round((Date.parse(day()) - Date.parse(date)) / 86_400_000)
