// Look up answers: where is the thing I have the name of?
import { group } from '../format'
import { EmptyTile, Icon } from '../icons'
import { read, search } from '../look'
import { mood, place } from '../view'
import { status } from '../node'
import type { Header } from '../contract'
import { route } from '../route'
import { refusalOf } from '../refusals'
import { CopyCode } from '../parts/Copy'
import { Waiting } from '../parts/Facts'
import { Find } from '../parts/Find'
import { BoneCard, Note } from '../parts/Notes'
import { HeaderProv } from '../parts/Prov'
import { Age } from '../parts/Time'
import { Title } from '../parts/Title'
import { Card } from '../parts/Card'

function Answer() {
  const { arg } = route.value
  if (arg === null) return null
  const looked = read(arg)
  if (looked.s === 'unclear') {
    return (
      <Note tone="warn" icon="warn" title="This cannot be looked up">
        <span>{looked.why}</span>
      </Note>
    )
  }
  if (looked.s !== 'hash') return null
  const { errors, begun } = search.value
  if (!errors) return <Waiting begun={begun || Date.now()} rows={1}>Asking for a transaction and for a block of this hash.</Waiting>
  const isAbsent = errors.every(e => refusalOf(e).tone === 'none')
  return (
    <section class="card" aria-label="Result">
      <div class="empty">
        <EmptyTile />
        <b>{isAbsent ? 'Nobody knows this hash' : 'This hash could not be looked up'}</b>
        <p class="mute">
          {isAbsent
            ? 'It is neither a transaction nor a block that a provider knows. That cannot be proven: it may exist where nobody was asked.'
            : [...new Set(errors.map(e => refusalOf(e).title))].join('. ') + '.'}
        </p>
        <span class="line">
          {[...new Set(errors.map(e => e.code))].map(code => (
            <CopyCode key={code} code={code} />
          ))}
        </span>
      </div>
    </section>
  )
}

function Tip({ header, tag, name }: { header: Header | null; tag: string; name: string }) {
  if (!header) return null
  const { word, n } = place(header)
  return (
    <li>
      <span class="glyph">
        <Icon name="block" />
      </span>
      <div>
        <b>
          <a href={`#/block/${tag}`}>
            {name}, {word} {group(n)}
          </a>
        </b>
        <span class="sub">
          <Age since={header.slot_ms} /> old
        </span>
      </div>
      <HeaderProv header={header} of={`${name.toLowerCase()} ${word} ${group(n)}`} />
    </li>
  )
}

function Tips() {
  const s = status.value
  if (!s) return <BoneCard rows={2} />
  return (
    <Card id="tips" title="Newest">
      {s.head ?? s.finalized ? (
        <ul class="rows">
          <Tip header={s.head} tag="latest" name="Head" />
          <Tip header={s.finalized} tag="finalized" name="Finalized" />
        </ul>
      ) : (
        <div class="body">
          <p class="mute">No block is proven yet.{mood.value === 'error' && ' Your node stopped; Home says why.'}</p>
        </div>
      )}
    </Card>
  )
}

export function Look() {
  const { arg } = route.value
  return (
    <>
      <Title tab="Look up" lede="What you open here is proven by your node, or says that it is not.">
        Look something up
      </Title>
      <div class="stack narrow">
        <section class="card" aria-label="Search">
          <div class="body">
            <Find large value={arg ?? ''} />
            {arg !== null && read(arg).s === 'unclear' && <Answer />}
          </div>
        </section>
        {arg !== null && read(arg).s === 'hash' && <Answer />}
        <Tips />
      </div>
    </>
  )
}
