// What the node holds ready, and how often that spared a question.
import { bytes, count, group, percent } from '../format'
import { cache } from '../node'
import { Bar } from './Draw'
import { Card } from './Card'

function Part({ name, holds, hits, misses, room }: { name: string; holds: string[]; hits: number; misses: number; room?: [number, number] }) {
  const asked = hits + misses
  return (
    <div class="stack tight">
      <div class="line apart">
        <h3>{name}</h3>
        <span class="small mute">{asked ? `${percent(hits, asked)} at hand` : 'not asked yet'}</span>
      </div>
      {room && room[1] > 0 && (
        <Bar share={room[0] / room[1]} label={`${name}: ${percent(room[0], room[1])} of the memory in use`} />
      )}
      <p class="small mute">
        {holds.join(', ')}
        {room && <>. {bytes(room[0])} of {bytes(room[1])}</>}
      </p>
    </div>
  )
}

export function Kept() {
  const c = cache.value
  if (!c) return null
  const { headers: h, blocks: b, state: s } = c
  return (
    <Card id="kept" title="Held ready" side={<span class="small mute">proven once, not asked again</span>}>
      <div class="body">
        <Part name="Headers" hits={h.hits} misses={h.misses}
          holds={[`${group(h.recent)} recent`, `${group(h.cached)} older`, `${group(h.kept)} on disk`]} />
        <Part name="Blocks" hits={b.hits} misses={b.misses} room={[b.bytes, b.bytes_max]}
          holds={[count(b.bodies, 'body', 'bodies'), `receipts of ${group(b.receipts)}`, `${group(b.kept)} on disk`]} />
        <Part name="State" hits={s.hits} misses={s.misses} room={[s.bytes, s.bytes_max]}
          holds={[count(s.accounts, 'account'), count(s.slots, 'slot'), count(s.codes, 'code')]} />
      </div>
    </Card>
  )
}
