// One post: who signed it, what it says and shows, its poll, and what can be done about it.
import { useSignal } from '@preact/signals'
import type { Post } from '../contract-posts'
import { Tile } from '../icons'
import { Compose } from './Compose'
import { Poll } from './Poll'
import { PostActs, type Doing } from './PostActs'
import { Head, nameOfKey, Quoted } from './PostHead'
import { PostText, whyFolded } from './PostText'

interface Props {
  p: Post
  reply?: boolean // drawn under the post before it
  asked?: boolean // the one that the thread was opened for
  answered?: () => void // an answer was sent
}

export function PostView({ p, reply, asked, answered }: Props) {
  const doing = useSignal<Doing>('nothing')
  const name = nameOfKey(p.pubkey, p.name)
  const isRepost = (p.kind === 6 || p.kind === 16) && p.embedded
  const about = isRepost && p.embedded ? p.embedded : p
  const ended = (): void => {
    doing.value = 'nothing'
    answered?.()
  }
  return (
    <article class={`post${reply ? ' reply' : ''}${asked ? ' asked' : ''}`} aria-label={name}>
      <Tile of={p.pubkey} />
      <Head p={p}>{isRepost && <span class="small mute">passed this on</span>}</Head>
      {isRepost ? null : <PostText p={p} />}
      {p.embedded && (isRepost || !whyFolded(p)) && <Quoted p={p.embedded} />}
      <Poll p={p} />
      <PostActs p={about} name={name} doing={doing} own={p} />
      {doing.value !== 'nothing' && (
        <div class="stack full">
          {doing.value === 'reply' ? <Compose key="reply" replyTo={p.id} label={`Reply to ${name}`} done={ended} /> : <Compose key="quote" quote={about} label={`Quote ${nameOfKey(about.pubkey, about.name)}`} done={ended} />}
        </div>
      )}
    </article>
  )
}
