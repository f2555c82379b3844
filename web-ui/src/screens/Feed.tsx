// Feed answers: what did the people I follow say, and is it really from them? The other lists of posts are drawn here too.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { draftDelete } from '../acts'
import type { Draft } from '../contract-posts'
import { brief, count } from '../format'
import { nodeNow } from '../clock'
import { EmptyTile } from '../icons'
import { socialMe, socialRelays } from '../node'
import { Compose } from '../parts/Compose'
import { FeedPage, NotYet, Old } from '../parts/FeedNav'
import { Trouble, useAct } from '../parts/Form'
import { ListSource, PostList } from '../parts/PostList'
import { plainLine } from '../plain'
import { route } from '../route'
import { say } from '../say'
import { drafts, feed, lists } from '../social'

const ANSWERING = ['open', 'connected', 'answering', 'ready']

function lede(): string | null {
  const me = socialMe.value
  if (!me?.pubkey) return null
  const relays = socialRelays.value
  const words = `${count(me.follows, 'person', 'people')}, newest first.`
  if (!relays) return words
  if (!relays.length) return `${words} No relays are set.`
  const n = relays.filter(r => ANSWERING.includes(r.state)).length
  return `${words} ${n} of ${count(relays.length, 'relay')} ${n === 1 ? 'is' : 'are'} answering.`
}

function Why() {
  const me = socialMe.value
  const muted = lists.now.value.value?.muted
  const parts = muted ? [count(muted.people.length, 'person', 'people'), count(muted.words.length, 'word'), count(muted.threads.length, 'thread')].filter(words => !words.startsWith('0 ')) : []
  return (
    <section class="card" aria-labelledby="why-h">
      <header>
        <h2 id="why-h">Why you see this</h2>
      </header>
      <div class="body small">
        <p>You follow {count(me?.follows ?? 0, 'person', 'people')}. Nothing here is ranked: newest first, threads together.</p>
        <p>
          <a class="by" href="#/moderation/muted">
            {parts.length ? `Muted: ${parts.join(', ')}` : 'Muted, blocked and reported'}
          </a>
        </p>
      </div>
    </section>
  )
}

function Following() {
  const isEmpty = feed.now.value.value?.posts.length === 0
  return (
    <FeedPage tab="Feed" title="Following" lede={lede()} needsKey>
      <div class="cols">
        <div class="stack">
          <section class="card" aria-label="Write a post">
            <div class="body">
              <Compose />
            </div>
          </section>
          <PostList what="the posts of those you follow" empty="No posts seen yet" news="following" more={socialMe.value?.follows === 0 ? 'You follow nobody yet: look for somebody by npub in Search, or read everything that is here.' : null} />
        </div>
        <aside class="stack" aria-label="Where posts come from">
          {!isEmpty && <ListSource />}
          <Why />
        </aside>
      </div>
    </FeedPage>
  )
}

function DraftRow({ d }: { d: Draft }) {
  const act = useAct()
  const isOpen = useSignal(false)
  return (
    <li class="over">
      <EmptyTile />
      <div>
        <b class="name">
          <bdi>{plainLine(d.content, 80)}</bdi>
        </b>
        <span class="sub">
          {d.reply_to ? 'A reply' : 'A post'}
          {d.at_ms !== null && `, ${brief(nodeNow.value - d.at_ms)} ago`}
        </span>
        <Trouble act={act} title="It is still there" />
      </div>
      <span class="line">
        <button class="btn s" type="button" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
          Go on<span class="sr"> with {plainLine(d.content, 30)}</span>
        </button>
        <button class="btn s danger" type="button" aria-disabled={act.isBusy} onClick={() => act.run(() => draftDelete(d.draft).then(() => (say('Draft deleted'), drafts.again())))}>
          Delete<span class="sr"> {plainLine(d.content, 30)}</span>
        </button>
      </span>
      {isOpen.value && (
        <div class="acts">
          <Compose start={{ text: d.content, draft: d.draft }} {...(d.reply_to && { replyTo: d.reply_to })} label={d.reply_to ? 'Your reply' : 'Your post'} done={drafts.again} />
        </div>
      )}
    </li>
  )
}

function Drafts() {
  const got = drafts.now.value
  useEffect(() => {
    if (drafts.now.peek().value) drafts.again()
  }, [])
  return (
    <FeedPage tab="Drafts" title="Drafts" lede="What you began to write. It stays on this computer until you sign it." needsKey>
      <div class="narrow stack">
        <Old got={got} again={drafts.again} />
        <NotYet got={got} again={drafts.again} what="your drafts" />
        {got.value && (
          <section class="card" aria-label="Drafts">
            {got.value.drafts.length ? (
              <ul class="rows">
                {got.value.drafts.map(d => (
                  <DraftRow key={d.draft} d={d} />
                ))}
              </ul>
            ) : (
              <div class="empty">
                <EmptyTile />
                <b>No drafts</b>
                <p class="mute">What you type is kept here by itself, a moment after your last key.</p>
              </div>
            )}
          </section>
        )}
      </div>
    </FeedPage>
  )
}

const OTHERS: Record<string, [title: string, lede: string, empty: string]> = {
  all: ['Everything here', 'All posts that your node keeps, newest first, from whomever.', 'Your node keeps no posts yet'],
  bookmarks: ['Bookmarks', 'What you kept. The list is yours and lies in your own store.', 'No bookmarks yet'],
  media: ['Media', 'Posts with pictures, of those you follow. What lies elsewhere loads when you ask for it.', 'No posts with pictures seen yet']
}

export function Feed() {
  const { arg } = route.value
  if (arg === 'drafts') return <Drafts />
  const other = arg === null ? null : OTHERS[arg]
  if (!other) return <Following />
  const [title, words, empty] = other
  return (
    <FeedPage tab={title} title={title} lede={words} needsKey={arg !== 'all'}>
      <div class="cols">
        <PostList what="these posts" empty={empty} />
        <aside class="stack" aria-label="Where posts come from">
          <ListSource />
        </aside>
      </div>
    </FeedPage>
  )
}
