// A list of posts with all its states: on its way, nothing there and who was asked, here, older ones, grown old.
import type { ComponentChildren } from 'preact'
import type { Post } from '../contract-posts'
import { count } from '../format'
import { feed, older, showNew, withMuted } from '../social'
import { socialNew } from '../node'
import { mood } from '../view'
import { NotYet, Old } from './FeedNav'
import { Trouble, useAct } from './Form'
import { PostView } from './Post'
import { Nothing, SourceCard } from './Source'

function Older() {
  const act = useAct()
  if (feed.now.value.value?.is_complete !== false) return <p class="small mute wide link">That is all your node has.</p>
  return (
    <>
      <button class="btn wide" type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={() => act.run(older)}>
        {act.isBusy ? 'Asking for older ones' : 'Older posts'}
      </button>
      <Trouble act={act} title="No older ones came" />
    </>
  )
}

function NewPosts({ of }: { of: 'following' | 'notifications' }) {
  const n = socialNew.value?.[of] ?? 0
  return (
    <div role="status">
      {n > 0 && feed.now.value.value && (
        <button class="btn wide" type="button" aria-disabled={mood.value === 'lost'} onClick={() => mood.value !== 'lost' && showNew(of)}>
          {of === 'following' ? count(n, 'new post') : count(n, 'new notification')}
        </button>
      )}
    </div>
  )
}

function Hidden() {
  const n = feed.now.value.value?.hidden ?? 0
  if (!n && !withMuted.value) return null
  return (
    <p class="small mute wide link">
      {withMuted.value ? 'What you muted is among these, folded. ' : `${count(n, 'post')} left out, because you muted who wrote it, its thread or a word in it. `}
      <button class="btn s" type="button" onClick={() => (withMuted.value = !withMuted.value)}>
        {withMuted.value ? 'Leave it out' : 'Show it folded'}
      </button>
    </p>
  )
}

interface Props {
  what: string // for "waiting for …"
  empty: string
  more?: ComponentChildren // beside what the relays said
  news?: 'following' | 'notifications'
  label?: string
  draw?: (p: Post) => ComponentChildren
}

export function PostList({ what, empty, more, news, label = 'Posts', draw }: Props) {
  const got = feed.now.value
  const posts = got.value?.posts
  return (
    <div class="stack">
      {news && <NewPosts of={news} />}
      <Old got={got} again={feed.again} />
      <NotYet got={got} again={feed.again} what={what} />
      {posts && got.value && (
        <section class="card" aria-label={label} aria-busy={got.isBusy}>
          {posts.length === 0 ? <Nothing source={got.value.source} title={empty} more={more} /> : posts.map((p, i) => draw?.(p) ?? <PostView key={p.id} p={p} reply={isUnder(p, posts[i - 1])} />)}
        </section>
      )}
      {posts && <Hidden />}
      {posts && posts.length > 0 && <Older />}
    </div>
  )
}

// An answer that follows what it answers is drawn as one thread.
function isUnder(p: Post, before: Post | undefined): boolean {
  return before !== undefined && p.reply_to !== null && (p.reply_to === before.id || (p.root !== null && p.reply_to === before.reply_to && p.root === before.root))
}

export function ListSource() {
  const { value } = feed.now.value
  return value?.posts.length ? <SourceCard source={value.source} /> : null
}
