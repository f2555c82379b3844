// Notifications answers: who wrote to me, and what became of what I wrote?
import type { Post } from '../contract-posts'
import { plainLine } from '../plain'
import { Tile } from '../icons'
import { FeedPage } from '../parts/FeedNav'
import { PostView } from '../parts/Post'
import { Head, Quoted } from '../parts/PostHead'
import { ListSource, PostList } from '../parts/PostList'

// A reaction is no text to read: one line, and what it is about.
function Reaction({ p }: { p: Post }) {
  const about = p.embedded?.id ?? p.reply_to ?? p.root ?? p.tags.findLast(([name]) => name === 'e')?.[1] ?? null
  const sign = plainLine(p.content, 12)
  return (
    <article class="post" aria-label="Reaction">
      <Tile of={p.pubkey} />
      <Head p={p} thread={about ?? p.id}>
        <span class="small mute">{sign === '+' || sign === '' ? 'likes this' : sign === '-' ? 'dislikes this' : <>reacted with <bdi>{sign}</bdi></>}</span>
      </Head>
      {p.embedded ? (
        <Quoted p={p.embedded} />
      ) : (
        about && (
          <p>
            <a class="by small" href={`#/thread/${about}`}>
              See the post
            </a>
          </p>
        )
      )}
    </article>
  )
}

export function Notifications() {
  return (
    <FeedPage tab="Notifications" title="Notifications" lede="Replies, mentions, reactions and reposts that concern you." needsKey>
      <div class="cols">
        <PostList what="your notifications" empty="Nobody wrote to you yet" news="notifications" label="Notifications" draw={p => (p.kind === 7 ? <Reaction key={p.id} p={p} /> : <PostView key={p.id} p={p} />)} />
        <aside class="stack" aria-label="Where posts come from">
          <ListSource />
        </aside>
      </div>
    </FeedPage>
  )
}
