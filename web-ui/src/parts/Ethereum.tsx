// Home's card of the chain: the head, large, with its mark; the last slots; what is final.
import { group } from '../format'
import { slots, status } from '../node'
import { place } from '../view'
import { SlotStrip } from './Draw'
import { BoneCard, MoodBadge } from './Notes'
import { HeaderProv } from './Prov'
import { Age } from './Time'
import { Card } from './Card'

export function Ethereum() {
  const s = status.value
  if (!s) return <BoneCard rows={3} />
  const { head, finalized } = s
  return (
    <Card id="l1" title="Ethereum" side={<MoodBadge />}>
      <div class="body">
        {head ? (
          <div>
            <div class="line based">
              <span class="huge">{group(place(head).n)}</span>
              <HeaderProv header={head} of={`head ${place(head).word} ${group(place(head).n)}`} />
            </div>
            <p class="small mute">
              {place(head).word === 'slot' ? 'head slot' : 'head'}, <Age since={head.slot_ms} /> old
              {head.participants !== null && `, signed by ${head.participants} of ${head.committee_size}`}
            </p>
          </div>
        ) : (
          <p class="mute">No head is proven yet.</p>
        )}
        <SlotStrip slots={slots.value} />
        {finalized && (
          <dl class="kv ends">
            <dt>Finalized</dt>
            <dd>
              {group(place(finalized).n)}{' '}
              <HeaderProv header={finalized} of={`finalized ${place(finalized).word} ${group(place(finalized).n)}`} />
            </dd>
            <dt>Finality age</dt>
            <dd>
              <Age since={finalized.slot_ms} />
            </dd>
          </dl>
        )}
      </div>
    </Card>
  )
}
