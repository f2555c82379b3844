// Thread answers: what was said before, what was said to it?
import type { Post } from '../contract-posts'
import { count } from '../format'
import { FeedPage, NotYet, Old } from '../parts/FeedNav'
import { PostView } from '../parts/Post'
import { Nothing, SourceCard } from '../parts/Source'
import { route } from '../route'
import { thread } from '../social'

// What answers the root directly begins a branch; what answers something in it is drawn under it.
function isUnder(p: Post, root: string | null): boolean {
  return p.id !== root && p.reply_to !== null
}

export function Thread() {
  const got = thread.now.value
  const { arg } = route.value
  const posts = got.value?.posts ?? []
  const replies = Math.max(0, posts.length - 1)
  const hasRoot = got.value?.root === null || posts.some(p => p.id === got.value?.root)
  return (
    <FeedPage tab="Thread" title="Thread" lede={posts.length ? `${count(replies, 'reply', 'replies')} seen, oldest first.` : null}>
      <div class="cols">
        <div class="stack">
          <Old got={got} again={thread.again} />
          <NotYet got={got} again={thread.again} what="this thread" />
          {got.value && (
            <section class="card" aria-label="Thread" aria-busy={got.isBusy}>
              {posts.length === 0 ? (
                <Nothing source={got.value.source} title="This post was not found" more="Its author may have deleted it." />
              ) : (
                <>
                  {!hasRoot && (
                    <div class="body">
                      <p class="small mute">The post that began this thread was not found on any relay that answered.</p>
                    </div>
                  )}
                  {posts.map(p => (
                    <PostView key={p.id} p={p} reply={isUnder(p, got.value?.root ?? null)} asked={p.id === arg && p.id !== got.value?.root} answered={thread.again} />
                  ))}
                </>
              )}
            </section>
          )}
          {got.value && !got.value.is_complete && posts.length > 0 && <p class="small mute wide link">There may be more replies than these. Ask again to look for them.</p>}
        </div>
        <aside class="stack" aria-label="Where posts come from">
          {got.value && posts.length > 0 && <SourceCard source={got.value.source} />}
        </aside>
      </div>
    </FeedPage>
  )
}
