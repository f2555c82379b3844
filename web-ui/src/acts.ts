// What is done about a post, a person or a relay; what is on the screen says so once the node has answered.
import * as c from './contract-posts'
import type { Post } from './contract-posts'
import { readChecked } from './contract-talk'
import { ASK_MS, type View } from './got'
import { call } from './node'
import { route } from './route'
import { feed, lists, moderation, profile, settings, thread } from './social'

const shown = [feed, thread] as unknown as View<{ posts: Post[] }>[]
function change(id: string, how: (p: Post) => Post): void {
  const one = (p: Post): Post => (p.id === id ? how(p) : p.embedded ? { ...p, embedded: p.embedded.id === id ? how(p.embedded) : p.embedded } : p)
  for (const l of shown) l.patch(v => ({ ...v, posts: v.posts.map(one) }))
}
function drop(lost: (p: Post) => boolean): void {
  for (const l of shown) l.patch(v => ({ ...v, posts: v.posts.filter(p => !lost(p)) }))
}

const act = (method: string, params: Record<string, unknown>): Promise<unknown> => call(`social.${method}`, params, c.readAny, ASK_MS)
const counted = (all: Post['reacted'], content: string): Post['reacted'] =>
  all.some(r => r.content === content) ? all.map(r => (r.content === content ? { ...r, count: r.count + 1 } : r)) : [...all, { content, count: 1 }]
export async function react(id: string, content = '+'): Promise<void> {
  await act('react', { id, content })
  change(id, p => ({ ...p, reactions: p.reactions + 1, reacted: counted(p.reacted, content), mine: { ...p.mine, reaction: content } }))
}
export async function repost(id: string): Promise<void> {
  await act('repost', { id })
  change(id, p => ({ ...p, reposts: p.reposts + 1, mine: { ...p.mine, reposted: true } }))
}
export async function erase(id: string): Promise<void> {
  await act('delete', { id })
  drop(p => p.id === id)
}
export async function mute(pubkey: string, on: boolean): Promise<void> {
  await act('mute', { pubkey, on })
  for (const l of shown) l.patch(v => ({ ...v, posts: v.posts.map(p => (p.pubkey === pubkey ? { ...p, muted: on } : p)) }))
  profile.patch(v => (v.pubkey === pubkey ? { ...v, muted: on } : v))
  lists.again()
}
// A thread by its first post; a word wherever it stands.
export async function muteThread(root: string, on: boolean): Promise<void> {
  await act('mute', { id: root, on })
  for (const l of shown) l.patch(v => ({ ...v, posts: v.posts.map(p => (p.id === root || p.root === root ? { ...p, muted: on } : p)) }))
  lists.again()
}
export async function muteWord(word: string, on: boolean): Promise<void> {
  await act('mute', { word, on })
  lists.again()
}
export async function follow(pubkey: string, on: boolean): Promise<void> {
  await act('follow', { pubkey, on })
  profile.patch(v => (v.pubkey === pubkey ? { ...v, followed: on } : v))
}
export async function bookmark(id: string, on: boolean): Promise<void> {
  await act('bookmark', { id, on })
  if (!on && route.peek().arg === 'bookmarks') drop(p => p.id === id)
}
// The newest vote of a person counts, so that what was chosen before is taken back.
export async function vote(id: string, options: string[]): Promise<void> {
  await act('vote', { id, options })
  change(id, p => {
    if (!p.poll) return p
    const before = p.poll.chosen.length ? p.poll.chosen : p.poll.mine === null ? [] : [p.poll.mine]
    const by = (o: string): number => Number(options.includes(o)) - Number(before.includes(o))
    return { ...p, poll: { ...p.poll, mine: options[0] ?? null, chosen: options, options: p.poll.options.map(o => ({ ...o, votes: o.votes + by(o.id) })) } }
  })
}
export const report = (id: string, type: string, text: string) => act('report', { id, type, ...(text && { text }) })
export async function block(pubkey: string, on: boolean): Promise<void> {
  await act('block', { pubkey, on })
  moderation.again()
}
export async function remove(id: string): Promise<void> {
  await act('remove', { id })
  moderation.again()
}
export async function saveSettings(params: Record<string, unknown>): Promise<void> {
  await act('set_settings', params)
  settings.again()
}
// The owner's relays become public lists (NIP-65, NIP-17).
export const announce = () => call('social.announce', {}, c.readPosted, ASK_MS)
export const setProfile = (fields: Record<string, string>) => act('set_profile', fields).then(() => profile.again())
// Tells the host of a name which key the reader asks about; the node keeps what it said.
export async function checkName(pubkey: string): Promise<void> {
  const { nip05_state } = await call('social.name_check', { pubkey }, readChecked, ASK_MS)
  profile.patch(v => (v.pubkey === pubkey ? { ...v, nip05_state } : v))
}

export interface Writing {
  content: string
  reply_to?: string
  quote?: string
  kind?: number
  title?: string
  warning?: string
  expires?: number
  poll?: { options: string[]; ends?: number; multiple?: boolean }
  media?: { url: string; sha256: string; type: string; size: number; alt?: string }[]
}
export const post = (w: Writing) => call('social.post', { ...w }, c.readPosted, ASK_MS)
export const draftPut = (content: string, reply_to: string | null, draft: c.DraftId | null) =>
  call('social.draft_put', { content, ...(draft !== null && { draft }), ...(reply_to && { reply_to }) }, c.readDraft).then(d => d.draft)
export const draftDelete = (draft: c.DraftId) => act('draft_delete', { draft })
