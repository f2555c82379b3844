// The places of the feeds, and what stands in for them: no such module, no key, nothing here yet.
import type { ComponentChildren } from 'preact'
import { clockTime, reason } from '../format'
import type { Got } from '../got'
import { Icon } from '../icons'
import { lacking, socialMe, socialNew } from '../node'
import { route, type Screen } from '../route'
import { mood } from '../view'
import { troubleOf } from '../trouble'
import { CopyCode } from './Copy'
import { Refused, Waiting } from './Facts'
import { BoneCard, Note } from './Notes'
import { Title } from './Title'

const TABS: [Screen, string | null, string][] = [
  ['feed', null, 'Following'], ['notifications', null, 'Notifications'], ['messages', null, 'Messages'], ['search', null, 'Search'], ['feed', 'bookmarks', 'Bookmarks'],
  ['feed', 'media', 'Media'], ['feed', 'all', 'Everything here'], ['feed', 'drafts', 'Drafts'], ['moderation', null, 'Moderation']
]

function FeedNav() {
  const { screen, arg } = route.value
  const isHere = (s: Screen, a: string | null): boolean => screen === s && (s !== 'feed' || a === arg)
  const news = (s: Screen): number => (s === 'notifications' ? socialNew.value?.notifications : s === 'messages' ? socialNew.value?.messages : 0) ?? 0
  return (
    <nav class="tabs" aria-label="Feed">
      {TABS.filter(([s]) => s !== 'messages' || socialMe.value?.has_messages).map(([s, a, name]) => (
        <a key={name} class="btn s quiet" href={`#/${s}${a ? `/${a}` : ''}`} aria-current={isHere(s, a) ? 'page' : undefined}>
          {name}
          {news(s) > 0 && (
            <span class="count">
              {news(s)}
              <span class="sr"> new</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  )
}

// Title, places and content; in place of the content, why there can be none.
export function FeedPage({ tab, title, lede, needsKey, children }: { tab: string; title: ComponentChildren; lede?: ComponentChildren; needsKey?: boolean; children: ComponentChildren }) {
  const me = socialMe.value
  return (
    <>
      <Title tab={tab} lede={me ? lede : null}>
        {title}
      </Title>
      {me && <FeedNav />}
      {lacking.value.has('social.me') ? (
        <section class="card" aria-label="No feeds">
          <div class="empty">
            <Icon name="feed" />
            <b>This node has no feeds</b>
            <p class="mute">It was built without them, or is older than this page.</p>
          </div>
        </section>
      ) : !me ? (
        <BoneCard rows={4} />
      ) : needsKey && !me.pubkey ? (
        <section class="card" aria-label="No key">
          <div class="empty">
            <Icon name="key" />
            <b>No Nostr key yet</b>
            <p class="mute">Your key is who you are in the feeds: whom you follow hangs on it, and it signs what you write. Without one you can read all that your node keeps.</p>
            <span class="line">
              <a class="btn main" href="#/settings/add">
                Make or bring a key
              </a>
              <a class="btn" href="#/feed/all">
                Read without
              </a>
            </span>
          </div>
        </section>
      ) : (
        children
      )}
    </>
  )
}

// What is drawn before there is a value; `old` above one that could not be asked for again.
export function NotYet<T>({ got, again, what }: { got: Got<T>; again(): void; what: string }) {
  if (got.value !== null || got.key === null) return null
  if (!got.error) {
    return (
      <Waiting begun={got.begun} rows={4} label={`Waiting for ${what}`}>
        Asking your node for {what}. What it lacks it asks of relays, eight seconds at most.
      </Waiting>
    )
  }
  return (
    <section class="card" aria-label="Not shown">
      <Refused error={got.error} again={again} words={{ title: `Your node could not give ${what}`, means: troubleOf(got.error) === reason(got.error.message) ? '' : 'Nothing was changed.', tone: 'bad' }} />
    </section>
  )
}

export function Old<T>({ got, again }: { got: Got<T>; again(): void }) {
  if (got.value === null) return null
  if (mood.value === 'lost') return <p class="small mute">This stands as of {clockTime(got.at)}. New posts come when your node is back.</p>
  if (!got.error) return null
  return (
    <Note tone="warn" icon="stale" title={`This has grown old: it is from ${clockTime(got.at)}`}>
      <span>{reason(got.error.message)}</span>
      <span class="line">
        <button class="btn s" type="button" onClick={again}>
          Try again
        </button>
        <CopyCode code={got.error.code} />
      </span>
    </Note>
  )
}
