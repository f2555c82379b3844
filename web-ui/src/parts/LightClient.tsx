// Network's first card: the slots, the period, and the four facts that everything else rests on.
import { count, group, span } from '../format'
import { slots, status } from '../node'
import { place } from '../view'
import type { Checkpoint, Header, Status } from '../contract'
import { Bar, SlotStrip } from './Draw'
import { BoneCard, MoodBadge } from './Notes'
import { HeaderProv } from './Prov'
import { Age, Left } from './Time'
import { Hash } from './Copy'
import { Card } from './Card'

function HeaderFact({ name, header, signed }: { name: string; header: Header | null; signed: boolean }) {
  if (!header) {
    return (
      <div>
        <dt>{name}</dt>
        <dd class="big">None yet</dd>
        <dd class="small mute">nothing proven so far</dd>
      </div>
    )
  }
  const { word, n } = place(header)
  return (
    <div>
      <dt>
        {name}
        {word === 'slot' && ', slot'}
      </dt>
      <dd class="big">{group(n)}</dd>
      <dd class="small mute">
        <Age since={header.slot_ms} /> ago{signed && header.participants !== null && `, ${header.participants} of ${header.committee_size}`}
      </dd>
      <dd>
        <HeaderProv header={header} of={`${name.toLowerCase()} ${word} ${group(n)}`} />
      </dd>
    </div>
  )
}

function CheckpointAge({ c, now_ms }: { c: Checkpoint | null; now_ms: number }) {
  if (!c) return <>None</>
  if (c.age_ms === null) return <>Age unknown</>
  return (
    <>
      <Age since={now_ms - c.age_ms} short /> old
    </>
  )
}

function Facts({ s }: { s: Status }) {
  const { period } = s
  // Before a root is chosen the node reports what was offered; that is no checkpoint yet.
  const checkpoint = s.state === 'error' && !s.head ? null : s.checkpoint
  return (
    <dl class="stats">
      <HeaderFact name="Head" header={s.head} signed />
      <HeaderFact name="Finalized" header={s.finalized} signed={false} />
      <div>
        <dt>Checkpoint</dt>
        <dd class="big"><CheckpointAge c={checkpoint} now_ms={s.now_ms} /></dd>
        <dd class="small mute">{checkpoint ? `trusted up to ${span(checkpoint.max_age_ms)}` : 'none chosen yet'}</dd>
      </div>
      <div>
        <dt>Next committee</dt>
        <dd class="big">{period?.next_committee_known ? 'Known' : 'Not yet'}</dd>
        <dd class="small mute">{period ? `period ${period.number + 1}` : 'no period proven'}</dd>
      </div>
    </dl>
  )
}

function origin(c: Checkpoint): string {
  if (c.origin === 'user') return ', the one you gave.'
  if (c.origin === 'kept') return ', proven here before and kept.'
  return c.agreed === c.asked && c.asked > 1
    ? `, the same from ${c.agreed} of ${c.asked} sources.`
    : `, named by ${c.agreed} of ${count(c.asked, 'source')}.`
}

export function LightClient() {
  const s = status.value
  if (!s) return <BoneCard rows={4} />
  const { period } = s
  const done = period && period.slots_total > 0 ? period.slots_done / period.slots_total : 0
  return (
    <Card id="lc" title="Light client" side={<MoodBadge />}>
      <div class="body">
        <SlotStrip slots={slots.value} slotMs={s.network.slot_duration_ms} />
        {period && (
          <div class="stack tight">
            <div class="line apart">
              <b>Sync committee period {period.number}</b>
              <span class="small mute">
                {group(period.slots_done)} of {count(period.slots_total, 'slot')}, <Left until={period.ends_ms} /> to go
              </span>
            </div>
            <Bar share={done} label={`Period ${Math.floor(done * 100)} percent done`} />
          </div>
        )}
      </div>
      <Facts s={s} />
      {s.checkpoint?.root && s.state !== 'error' && (
        <footer>
          Started from root <Hash value={s.checkpoint.root} what="Checkpoint root" />
          {origin(s.checkpoint)}
        </footer>
      )}
    </Card>
  )
}
