// Where the node started, and whether its sources name the same block. Two roots that differ are shown
// side by side: choosing between them is the person's act, not the node's.
import { count, group } from '../format'
import { Icon } from '../icons'
import { status } from '../node'
import type { Checkpoint } from '../contract'
import { Hash } from './Copy'
import { Note } from './Notes'
import { Card } from './Card'

type Source = Checkpoint['sources'][number]

function SourceBadge({ source, split }: { source: Source; split: boolean }) {
  if (source.root === null) {
    return (
      <span class="badge warn">
        <Icon name="stale" />
        no answer
      </span>
    )
  }
  return source.agrees ? (
    <span class="badge a">
      <Icon name="check" />
      agrees
    </span>
  ) : (
    <span class="badge bad">
      <Icon name="failed" />
      {split ? 'differs' : 'disagrees'}
    </span>
  )
}

function Verdict({ c }: { c: Checkpoint }) {
  const answered = c.sources.filter(x => x.root !== null)
  const roots = new Set(answered.map(x => x.root))
  if (roots.size > 1) {
    const refused = status.value?.code === 'checkpoint_disagreement'
    return (
      <Note tone="bad" icon="failed" title={`The sources name ${roots.size} different blocks`}>
        <span>
          {refused
            ? 'Your node started from none of them. Compare with someone you trust.'
            : `${c.agreed} of ${c.asked} agree on the root above. One that differs is wrong, or on another chain.`}
        </span>
      </Note>
    )
  }
  if (answered.length < c.sources.length) {
    return (
      <p class="mute">
        Asked {count(c.sources.length, 'source')}, {answered.length || 'none'} answered{answered.length > 1 && ' and agree'}.
      </p>
    )
  }
  return null
}

export function CheckpointCard() {
  const c = status.value?.checkpoint
  if (!c) return null
  const split = status.value?.code === 'checkpoint_disagreement'
  // Until a head is proven, an error means that the node started from no root at all.
  const isChosen = !(status.value?.state === 'error' && !status.value.head)
  const said = !isChosen ? 'none chosen' : c.origin === 'user' ? 'given by you' : c.origin === 'kept' ? 'kept from an earlier run' : `${c.agreed} of ${c.asked} agree`
  return (
    <Card id="checkpoint" title="Checkpoint" side={<span class="small mute">{said}</span>}>
      <div class="body">
        {isChosen && c.root !== null && (
          <dl class="kv">
            <dt>Root</dt>
            <dd>
              <Hash value={c.root} what="Checkpoint root" />
            </dd>
            {c.slot !== null && (
              <>
                <dt>Slot</dt>
                <dd>{group(c.slot)}</dd>
              </>
            )}
          </dl>
        )}
        <Verdict c={c} />
      </div>
      {c.sources.length > 0 && (
        <ul class="rows sources">
          {c.sources.map(source => (
            <li key={source.name}>
              <div>
                <b>{source.name}</b>
                <div class="sub">
                  {source.root !== null && <Hash value={source.root} what={`Root from ${source.name}`} />}
                  {source.slot !== null && ` slot ${group(source.slot)}`}
                  {source.error}
                </div>
              </div>
              <SourceBadge source={source} split={split} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
