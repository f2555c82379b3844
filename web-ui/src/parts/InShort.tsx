// Two cards for the side column: how late heads are proven here, and the providers in three lines.
import { millis } from '../format'
import { headAges, providers } from '../node'
import { answering, liars, mood } from '../view'
import { median, Sparkline } from './Draw'
import { BoneCard } from './Notes'
import { Age } from './Time'
import { Card } from './Card'

export function HeadDelay() {
  const ages = headAges.value
  if (!ages) return <BoneCard rows={1} />
  const first = ages.points[0]
  const delays = ages.points.map(([, delay]) => delay)
  return (
    <Card id="delay" title="Head delay" side={first && <span class="small mute">median {millis(median(delays))}</span>}>
      <div class="body">
        {first && delays.length > 1 ? (
          <>
            <Sparkline ages={ages} />
            <div class="line apart small mute">
              <span>
                <Age since={first[0]} short /> ago
              </span>
              <span>{mood.value === 'live' ? 'now' : 'newest'}</span>
            </div>
          </>
        ) : (
          <p class="mute">Drawn from the second proven head on.</p>
        )}
        <p class="small mute">From the start of a slot until its head was proven here.</p>
      </div>
    </Card>
  )
}

export function ProvidersInShort() {
  const list = providers.value
  if (!list) return <BoneCard rows={1} />
  const answers = list.flatMap(p => (p.median_ms === null || p.state === 'lied' ? [] : [p.median_ms]))
  const points = headAges.value?.points ?? []
  return (
    <Card id="short" title="Providers" side={<a class="small" href="#/network/providers">
          All {list.length}
        </a>}>
      <div class="body">
        <dl class="kv ends">
          <dt>Answering</dt>
          <dd>
            {answering(list).length} of {list.length}
          </dd>
          {liars.value.length > 0 && (
            <>
              <dt>Caught lying</dt>
              <dd>
                <a href="#/network/evidence">{liars.value.length}</a>
              </dd>
            </>
          )}
          {answers.length > 0 && (
            <>
              <dt>Median answer</dt>
              <dd>{millis(median(answers))}</dd>
            </>
          )}
          {points.length > 0 && (
            <>
              <dt>Head proven after</dt>
              <dd>{millis(median(points.map(([, delay]) => delay)))}</dd>
            </>
          )}
        </dl>
      </div>
    </Card>
  )
}
