// The lists of the feeds' screens, as the route wants them. A list is drawn anew only when its reader asks for it: what
// comes meanwhile is a count (socialNew).
import { computed, effect, signal } from '@preact/signals'
import * as c from './contract-posts'
import { ASK_MS, view } from './got'
import { call, socialMe, socialNew } from './node'
import { route, type Screen } from './route'
import type { RpcError } from './rpc'

const PAGE = 40

const argOf = (screen: string): string | null => (route.value.screen === screen ? route.value.arg : null)
const isOn = (...screens: Screen[]): boolean => screens.includes(route.value.screen)
const owner = computed(() => socialMe.value?.pubkey ?? null)

export const profile = view('social.profile', c.readProfile, () => {
  const person = argOf('author')
  return person && socialMe.value ? { pubkey: person } : null
})

// Which list the route shows, in the words of social.feed.
export const wanted = computed<Record<string, unknown> | null>(() => {
  const { screen, arg } = route.value
  if (!socialMe.value) return null
  if (screen === 'search') return arg ? { view: 'search', text: arg } : null
  if (screen === 'author') {
    const who = profile.now.value.value?.pubkey
    return who ? { view: 'author', author: who } : null
  }
  if (screen === 'notifications') return owner.value ? { view: 'notifications' } : null
  if (screen !== 'feed' || arg === 'drafts') return null
  return arg === null && !owner.value ? null : { view: arg ?? 'following' }
})
// Whether muted posts are asked for too, folded; each list begins without.
export const withMuted = signal(false)
effect(() => {
  void route.value.screen
  void route.value.arg
  withMuted.value = false
})
// A post of the owner's, from this window or another, is shown at once to who reads the list's beginning; further down
// nothing is moved.
const ownShown = signal(0)
export const feed = view('social.feed', c.readFeed, () => wanted.value && { ...wanted.value, ...(withMuted.value && { muted: true }), limit: PAGE }, () => ownShown.value)
effect(() => {
  const own = socialNew.value?.own ?? 0
  if (scrollY < innerHeight && (feed.now.peek().value?.posts.length ?? 0) <= PAGE) ownShown.value = own
})
export const thread = view('social.thread', c.readThread, () => {
  const id = argOf('thread')
  return id && socialMe.value ? { id } : null
})
export const drafts = view('social.drafts', c.readDrafts, () => (argOf('feed') === 'drafts' && socialMe.value ? {} : null))
export const moderation = view('social.moderation', c.readModeration, () => (isOn('moderation') && socialMe.value ? {} : null))
// What is muted says why a post is folded, so it is known on every screen of the feeds.
const FEEDS: Screen[] = ['feed', 'thread', 'author', 'search', 'notifications', 'messages', 'moderation']
export const lists = view('social.lists', c.readLists, () => (isOn(...FEEDS) && owner.value ? {} : null))
export const stats = view('social.stats', c.readStats, () => (isOn('moderation') && socialMe.value ? {} : null))
export const settings = view('social.settings', c.readSettings, () => (isOn('moderation') && socialMe.value ? {} : null))

// The new posts of the list that is read: from its beginning.
export function showNew(view: 'following' | 'notifications'): void {
  if (socialNew.peek()) socialNew.value = { ...socialNew.peek()!, [view]: 0 }
  feed.again()
}

export async function older(): Promise<void> {
  const params = wanted.peek()
  const { value, key } = feed.now.peek()
  const last = value?.posts.at(-1)
  if (!params || !last) return
  const more = await call('social.feed', { ...params, ...(withMuted.peek() && { muted: true }), until: last.created_at, limit: PAGE }, c.readFeed, ASK_MS)
  if (feed.now.peek().key !== key) return
  feed.patch(v => {
    const has = new Set(v.posts.map(p => p.id))
    const added = more.posts.filter(p => !has.has(p.id))
    // A second that holds more posts than a page would be asked for for ever.
    return { ...v, hidden: v.hidden + more.hidden, posts: [...v.posts, ...added], is_complete: more.is_complete || !added.length }
  })
}

// Asks the relays again, then shows what the store has.
export async function refresh(): Promise<void> {
  const about = route.peek().screen === 'thread' ? thread : feed
  const params = about === thread ? { view: 'thread', id: route.peek().arg } : wanted.peek()
  if (!params) return
  const { source } = await call('social.refresh', params, c.readRefresh, ASK_MS).catch((error: RpcError) => {
    // A node that refreshes no threads asks for one when it is read.
    if (error.code !== 'bad_view') throw error
    return { source: null }
  })
  if (!source) return about.again()
  if (about === thread) thread.patch(v => ({ ...v, source }))
  else feed.patch(v => ({ ...v, source }))
  about.again()
}
