/* What is shown of the week: the list, a child, the outbox. */
import { clock, day, daysSince, h } from './dom.js'

const VISIT = 'visit.completed.v1', CONTACT = 'contact.logged.v1'

const WHY = {
  child_unknown: '这个孩子已不在您负责的地方,或台账里没有了。请先留着,并告诉督导员。',
  child_forgotten: '这个孩子的信息已按规定删除,不能再登记。',
  not_authorised: '您的账号不能登记这一类记录,请告诉督导员。',
  id_reused: '县里已有一条同号而内容不同的记录。两条都在,请核对后修改再发,或先留着。',
  in_future: '时间在将来。请核对手机的时钟,修改时间后再发。',
}

export const reason = (why) =>
  WHY[why.code] ?? why.said ?? `没有被接收:${[why.field, why.message].filter(Boolean).join(' ')}`

/* Two visits of one child on one day: both stand; a person says whether they are the same. */
export function sameDay(week, record) {
  if (record.event.type !== VISIT || record.event.corrects) return ''
  const at = record.event.time.slice(0, 10)
  const child = week?.children.find((each) => each.id === record.event.subject)
  const others = (child?.seen ?? []).filter((each) => each.day === at && !each.own)
  return others.length === 0 ? '' : `同一天 ${others.map((each) => each.who).join('、')} `
    + '也登记了走访。两条都保留;如果是同一次,请在网页的档案里撤销一条。'
}

/* What is known of visits of today, before another one is recorded. */
export function seenToday(child, kept) {
  const today = day()
  const here = [...kept.waiting, ...kept.sent.filter((each) => !each.void)].filter((each) =>
    each.event.type === VISIT && each.event.subject === child.id && each.event.time.startsWith(today))
  const said = child.seen.filter((each) => each.day === today).map((each) => each.who)
  if (here.length > 0) said.push('您在这部手机上')
  return said.length === 0 ? '' : `今天 ${said.join('、')} 已登记过这个孩子的走访。`
}

export function listScreen({ week, kept, notice }, act) {
  return [
    h('h1', {}, week.place, h('span', { class: 'light' }, ' 本周清单')),
    h('p', { class: 'sub' }, `${week.week} · ${week.monday} 至 ${week.sunday} · ${clock(week.from)} 更新`),
    notice ? h('p', { class: 'message saved', role: 'status' }, notice) : null,
    week.children.length ? h('ol', { class: 'list' }, week.children.map((c) => line(c, kept)))
      : h('p', { class: 'message' }, '本周还没有排出清单。'),
    week.left_out ? h('p', { class: 'after' }, `清单另有 ${week.left_out} 名没有带到手机上。`) : null,
    h('p', { class: 'after' }, `清单加密保存在手机上,${clock(week.until)} 后自动删除。`
      + '先后只供安排走访,不是结论;以上门看到的为准。'),
    h('p', { class: 'row' },
      h('button', { class: 'plain', onclick: act.refresh }, '更新清单'),
      h('button', { class: 'plain', onclick: act.lock }, '锁上'),
      h('button', { class: 'plain', onclick: act.leave }, '退出')),
  ]
}

function line(child, kept) {
  const mine = [...kept.waiting, ...kept.refused, ...kept.sent]
    .filter((each) => each.event.subject === child.id && !each.void)
  // a week that was fetched before lists said so has no task
  const call = child.task === 'contact'
  return h('li', { class: `line duty-${child.duty}${child.ahead ? ' ahead' : ''}` },
    h('span', { class: 'rank' }, child.rank),
    h('div', { class: 'child' },
      h('h2', { class: 'name' }, h('a', { href: `#/child/${child.id}` }, child.name), ' ',
        h('span', { class: 'light' }, child.about), tier(child)),
      h('p', { class: 'quiet' }, child.categories)),
    h('p', { class: 'badge' },
      child.task_label ? [h('b', { class: `task task-${child.task}` }, child.task_label), ' '] : null,
      child.badge.split(' · ').map((each) => [h('span', {}, each), ' ']),
      child.band ? h('span', { class: 'band' }, child.band) : null),
    h('ul', { class: 'reasons' }, child.reasons.map((each) => h('li', {}, each))),
    h('div', { class: 'facts' }, lastVisit(child), phone(child),
      child.address ? h('p', { class: 'quiet' }, child.address) : null),
    mine.length ? h('p', { class: 'kept' }, mine.map((each) => h('span', { class: each.state ?? 'sent' },
      `${each.label} ${each.event.time.slice(5, 10)} ${STATE[each.state ?? 'sent']}${shot(kept, each)}`)))
      : null,
    h('p', { class: 'row' },
      call ? h('a', { class: 'button', href: `#/record/${CONTACT}/${child.id}` }, '登记联系') : null,
      h('a', { class: call ? 'button plain' : 'button', href: `#/record/${VISIT}/${child.id}` },
        '登记走访'),
      h('a', { class: 'button plain', href: `#/child/${child.id}` }, '其他')))
}

const STATE = { waiting: '待发送', refused: '未被接收', sent: '已发送', void: '已作废' }

const GONE = '没有被接收:这个孩子的信息已按规定删除,手机上写的也删除了。'

/* What became of a record's photo. */
const shot = (kept, { event }) => {
  const photo = kept.photos.find((each) => each.event === event.id)
  return photo ? `,照片${STATE[photo.state]}` : ''
}

const tier = (child) => child.tier
  ? [' ', h('span', { class: `tier tier-${child.tier}` }, child.tier_label)] : null
const phone = (child) => child.phone
  ? h('p', {}, h('a', { class: 'phone', href: `tel:${child.phone}` }, child.phone)) : null
const lastVisit = (child) => h('p', {}, '上次走访 ', child.last_visit
  ? [h('b', {}, child.last_visit), h('span', { class: 'quiet' }, ` ${daysSince(child.last_visit)} 天前`)]
  : h('b', {}, '从未'))

export function childScreen({ week }, child) {
  return [
    h('p', { class: 'crumb' }, h('a', { href: '#/' }, '本周清单')),
    h('h1', {}, child.name, h('span', { class: 'light' }, ` ${child.about}`), tier(child)),
    h('div', { class: 'message' }, lastVisit(child), phone(child),
      h('p', {}, child.address || '没有登记住址'), h('p', { class: 'quiet' }, child.categories)),
    h('h2', {}, '登记'),
    h('div', { class: 'choices' }, week.forms.map((form) =>
      h('a', { class: 'choice', href: `#/record/${form.type}/${child.id}` }, form.label))),
    h('h2', {}, '最近的记录'),
    child.file.length ? h('ol', { class: 'timeline' }, child.file.map((each) =>
      h('li', { class: `event${each.undone ? ' undone' : ''}` }, h('time', {}, each.day),
        h('div', {}, h('p', { class: 'what' }, h('b', {}, each.what),
          each.undone ? h('span', { class: 'mark-undone' }, each.undone) : null),
        each.text ? h('p', { class: 'details' }, each.text) : null))))
      : h('p', { class: 'quiet' }, '没有带到手机上的记录。'),
  ]
}

/* Photos that the server did not take: a person sends them again, or gives them up. */
const badPhotos = (photos, act) => photos.length === 0 ? [] : [
  h('h2', {}, '照片没有被接收', h('span', { class: 'light' }, ` ${photos.length}`)),
  h('ol', { class: 'list' }, photos.map((each) => h('li', { class: 'line entry' },
    h('h3', { class: 'name' }, `照片 ${each.label} ${each.name}`),
    h('p', { class: 'late' }, each.why.said || PHOTO_WHY[each.why.status] || '照片没有被接收。'),
    h('p', { class: 'quiet' }, '记录本身不受影响。'),
    h('p', { class: 'row' },
      each.why.code === 'forgotten' ? null
        : h('button', { class: 'plain', onclick: () => act.resend(each) }, '再发一次'),
      h('button', { class: 'plain', onclick: () => act.drop(each) }, '不要这张'))))),
]

const PHOTO_WHY = {
  404: '这个孩子已不在您负责的地方,或台账里没有了。请先留着,并告诉督导员。',
  413: '照片太大。请重新拍一张小一些的,到网页的附件里添加。',
}

export function outboxScreen({ week, kept }, act) {
  const shown = (each, more) => h('li', { class: 'line entry' },
    h('div', {}, h('h3', { class: 'name' }, `${each.label} ${each.name}`),
      h('p', { class: 'quiet' }, each.event.time.slice(0, 16).replace('T', ' '), shot(kept, each))), more)
  const part = (title, entries, more) => entries.length === 0 ? [] : [
    h('h2', {}, title, h('span', { class: 'light' }, ` ${entries.length}`)),
    h('ol', { class: 'list' }, entries.map((each) => shown(each, more(each))))]
  const hint = (each) => {
    const text = sameDay(week, each)
    return text ? h('p', { class: 'late' }, text) : null
  }
  return [
    h('p', { class: 'crumb' }, h('a', { href: '#/' }, '本周清单')),
    h('h1', {}, '登记的记录'),
    badPhotos(kept.photos.filter((each) => each.state === 'refused'), act),
    part('没有被接收', kept.refused, (each) => [
      h('p', { class: 'late' }, reason(each.why)),
      h('p', { class: 'row' },
        h('a', { class: 'button', href: `#/again/${each.id}` }, '修改再发'),
        h('button', { class: 'plain', onclick: () => act.give(each) }, '作废'))]),
    part('等待发送', kept.waiting, hint),
    part('已发送', kept.sent, (each) => each.void
      ? h('p', { class: 'quiet' }, each.gone ? GONE : STATE.void) : hint(each)),
    kept.waiting.length + kept.refused.length + kept.sent.length === 0
      ? h('p', { class: 'message' }, '这部手机上还没有登记。') : null,
    kept.others ? h('p', { class: 'message' },
      `另有 ${kept.others} 条是别人在这部手机上登记的,等本人登录后发送。`) : null,
    h('p', { class: 'row' }, h('button', { class: 'plain', onclick: act.send }, '现在发送')),
  ]
}
