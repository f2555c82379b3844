// Who signed a post, whether the signature holds, and when it was, as its author dated it; and a post inside of another.
import type { ComponentChildren } from 'preact'
import { nodeNow } from '../clock'
import type { Post } from '../contract-posts'
import { brief, dated, shortHash } from '../format'
import { Icon, Tile } from '../icons'
import { plainLine } from '../plain'
import { PostText } from './PostText'

export const nameOfKey = (pubkey: string, name: string | null): string => (name && plainLine(name)) || shortHash(pubkey)

// Verified by this node, or not at all: there is no third.
function Signature({ p }: { p: Post }) {
  const isGood = p.signature === 'verified'
  return (
    <span class={`prov ${isGood ? 'ok' : 'bad'}`} title={isGood ? 'Your node checked the signature itself: the holder of this key wrote it, and nothing was changed' : 'Your node checked the signature, and it does not hold'}>
      <Icon name={isGood ? 'proven' : 'failed'} />
      {isGood ? 'Signed' : 'Not signed by this key'}
    </span>
  )
}

// The time is the author's word: one from the future is told as such.
function When({ p, thread }: { p: Post; thread: string }) {
  const ms = p.created_at * 1000
  const age = nodeNow.value - ms
  return (
    <a class="small mute by" href={`#/thread/${thread}`} title={`${dated(ms)}, as its author dated it`}>
      <time dateTime={Number.isFinite(new Date(ms).getTime()) ? new Date(ms).toISOString() : undefined}>{age < -60_000 ? `dated ${brief(-age)} ahead` : brief(age)}</time>
      <span class="sr">, open the thread</span>
    </a>
  )
}

// `thread`: where its time leads, when that is not the post itself.
export function Head({ p, thread = p.id, children }: { p: Post; thread?: string; children?: ComponentChildren }) {
  const name = nameOfKey(p.pubkey, p.name)
  return (
    <header class="line">
      <a href={`#/author/${p.pubkey}`}>
        <b class={p.signature === 'verified' ? undefined : 'lie'}>
          <bdi>{name}</bdi>
        </b>
      </a>
      {p.nip05 && (
        <span class="small mute host" title="A name that this key claims for itself. Its page says whether it holds.">
          claims <bdi>{plainLine(p.nip05)}</bdi>
        </span>
      )}
      <Signature p={p} />
      <When p={p} thread={thread} />
      {p.expires !== null && <span class="small mute">{p.expires * 1000 > nodeNow.value ? `goes in ${brief(p.expires * 1000 - nodeNow.value)}` : 'has expired'}</span>}
      {children}
    </header>
  )
}

export function Quoted({ p }: { p: Post }) {
  return (
    <div class="stack full">
      <div class="quote">
        <span class="line">
          <Tile of={p.pubkey} small />
          <Head p={p} />
        </span>
        <PostText p={p} />
      </div>
    </div>
  )
}
