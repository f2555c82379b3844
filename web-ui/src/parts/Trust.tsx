// The trust pill: in one glance, may the values on this page be believed. A screen reader hears only
// the change of state; the running age is in a silent part, or it would speak each second.
import { brief, clockTime, group } from '../format'
import { Icon, type IconName } from '../icons'
import { link, status } from '../node'
import { headAge, mood, place, syncPercent, unseenLiars } from '../view'

interface Pill {
  s: 'ok' | 'syncing' | 'stale' | 'offline' | 'lied' | 'error'
  icon: IconName
  state: string // said aloud once when it changes
}

function usePill(): Pill {
  switch (mood.value) {
    case 'live':
      return unseenLiars.value.length
        ? { s: 'lied', icon: 'failed', state: 'Provider lied' }
        : { s: 'ok', icon: 'proven', state: 'Verified' }
    case 'syncing':
      return { s: 'syncing', icon: 'sync', state: 'Syncing' }
    case 'starting':
      return { s: 'syncing', icon: 'sync', state: 'Starting' }
    case 'stale':
      return { s: 'stale', icon: 'stale', state: 'Stale' }
    case 'error':
      return { s: 'error', icon: 'failed', state: 'Stopped' }
    case 'offline':
      return { s: 'offline', icon: 'off', state: 'Offline' }
    case 'lost':
      return { s: 'offline', icon: 'off', state: 'Offline' }
    case 'loading':
    case 'out':
      return { s: 'syncing', icon: 'sync', state: 'Connecting' }
  }
}

function Where({ before }: { before: string }) {
  const head = status.value?.head
  if (!head) return null
  const { word, n } = place(head)
  return (
    <>
      <span class="w-sr">
        {before} at {word}{' '}
      </span>
      <b>{group(n)}</b>
    </>
  )
}

function Visible({ pill }: { pill: Pill }) {
  const age = headAge.value
  const l = link.value
  switch (mood.value) {
    case 'live':
      if (pill.s === 'lied') {
        return (
          <>
            <b>Provider lied</b>
            <span class="mute w"> · <Where before="still verified" /></span>
          </>
        )
      }
      return (
        <>
          <Where before="Verified" />{' '}
          <span class="mute">
            · {brief(age ?? 0)}
            <span class="w"> ago</span>
          </span>
        </>
      )
    case 'syncing':
      return <b>Syncing{syncPercent.value === null ? '' : ` ${syncPercent.value} %`}</b>
    case 'stale':
      return (
        <>
          <b>Stale</b> {age === null ? '' : brief(age)}
        </>
      )
    case 'error':
      return (
        <>
          <b>Stopped</b>
          <span class="w">, needs you</span>
        </>
      )
    case 'lost':
      return (
        <>
          <b>Offline</b>
          {l.s === 'lost' && <span class="mute w"> · since {clockTime(l.since)}</span>}
        </>
      )
    case 'offline':
    case 'starting':
    case 'loading':
    case 'out':
      return <b>{pill.state}</b>
  }
}

export function TrustPill() {
  const pill = usePill()
  return (
    <div role="status" aria-label="Trust" aria-atomic="false">
      <span class="sr">{pill.state}</span>
      <a class="trust" data-s={pill.s} href={pill.s === 'lied' ? '#/network/evidence' : '#/network'} aria-live="off">
        <Icon name={pill.icon} />
        <span class="trust-words">
          <Visible pill={pill} />
        </span>
      </a>
    </div>
  )
}
