// What the two screens of peers share: title, places, and what stands in for them before the node has answered.
import type { ComponentChildren } from 'preact'
import { clockTime, reason } from '../format'
import { Icon } from '../icons'
import { lacking } from '../node'
import { peers } from '../peers'
import { mood } from '../view'
import { CopyCode } from './Copy'
import { Refused, Waiting } from './Facts'
import { NetworkNav } from './NetworkNav'
import { Note } from './Notes'
import { Title, usePart } from './Title'

function Old() {
  const got = peers.now.value
  if (!got.value) return null
  if (mood.value === 'lost') return <p class="small mute">This stands as of {clockTime(got.at)}. Links may be others by now.</p>
  if (!got.error) return null
  return (
    <Note tone="warn" icon="stale" title={`This has grown old: it is from ${clockTime(got.at)}`}>
      <span>{reason(got.error.message)}</span>
      <span class="line">
        <button class="btn s" type="button" onClick={() => peers.again()}>
          Try again
        </button>
        <CopyCode code={got.error.code} />
      </span>
    </Note>
  )
}

function Instead() {
  const got = peers.now.value
  if (lacking.value.has('peers.changed') || got.error?.code === 'no_method') {
    return (
      <section class="card" aria-label="No peers">
        <div class="empty">
          <Icon name="net" />
          <b>This node links with no peers</b>
          <p class="mute">It was built without the feeds, or is older than this page.</p>
        </div>
      </section>
    )
  }
  if (got.error) {
    return (
      <section class="card" aria-label="Not shown">
        <Refused error={got.error} again={() => peers.again()} words={{ title: 'Your node could not tell its peers', means: 'Nothing was changed.', tone: 'bad' }} />
      </section>
    )
  }
  return (
    <Waiting begun={got.begun || Date.now()} rows={4} label="Waiting for the peers">
      Asking your node for its peers.
    </Waiting>
  )
}

export function PeersPage({ tab, title, lede, children }: { tab: string; title: string; lede: ComponentChildren; children: ComponentChildren }) {
  usePart()
  const isHere = peers.now.value.value !== null && !lacking.value.has('peers.changed')
  return (
    <>
      <Title tab={tab} lede={isHere && mood.value !== 'lost' ? lede : null}>
        {title}
      </Title>
      <NetworkNav />
      {isHere ? (
        <div class="stack">
          <Old />
          {children}
        </div>
      ) : (
        <Instead />
      )}
    </>
  )
}
