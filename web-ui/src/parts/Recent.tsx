// What happened since this page was opened.
import { happenings, type Happening } from '../events'
import { group, sentence } from '../format'
import { Icon } from '../icons'
import type { Header } from '../contract'
import { place } from '../view'
import { HeaderProv } from './Prov'
import { Ago } from './Time'
import { Card } from './Card'

function Value({ header }: { header: Header }) {
  const { word, n } = place(header)
  return (
    <>
      {` ${word} ${group(n)} `}
      <HeaderProv header={header} of={`${word} ${group(n)}`} />
    </>
  )
}

function Row({ h }: { h: Happening }) {
  return (
    <li>
      <span class={h.bad ? 'glyph bad' : 'glyph'}>
        <Icon name={h.icon} />
      </span>
      <div>
        <b>{h.title}</b>
        <div class="sub">
          {h.header ? (
            <>
              {h.detail}
              <Value header={h.header} />.
            </>
          ) : (
            sentence(h.detail)
          )}{' '}
          {h.href && <a href={h.href}>See the evidence</a>}
        </div>
      </div>
      <time class="small mute" dateTime={new Date(h.at).toISOString()}>
        <Ago since={h.at} />
      </time>
    </li>
  )
}

export function Recent() {
  const list = happenings.value.slice(0, 8)
  return (
    <Card id="recent" title="Recent" side={<span class="small mute">since you opened this page</span>}>
      {list.length ? (
        <ul class="rows">
          {list.map(h => (
            <Row key={h.id} h={h} />
          ))}
        </ul>
      ) : (
        <div class="body">
          <p class="mute">Nothing yet. New heads after a pause, new committees and caught lies stand here.</p>
        </div>
      )}
    </Card>
  )
}
