// What is done about a post, a person or a relay; what is on the screen says so once the node has answered.
import * as c from './contract-posts'
import type { Post } from './contract-posts'
import { ASK_MS, type View } from './got'
import { call } from './node'
import { route } from './route'
import { feed, messages, moderation, profile, settings, thread } from './social'

const lists = [feed, thread] as unknown as View<{ posts: Post[] }>[]
function change(id: string, how: (p: Post) => Post): void {
  const one = (p: Post): Post => (p.id === id ? how(p) : p.embedded ? { ...p, embedded: p.embedded.id === id ? how(p.embedded) : p.embedded } : p)
  for (const l of lists) l.patch(v => ({ ...v, posts: v.posts.map(one) }))
}
function drop(lost: (p: Post) => boolean): void {
  for (const l of lists) l.patch(v => ({ ...v, posts: v.posts.filter(p => !lost(p)) }))
}

const act = (method: string, params: Record<string, unknown>): Promise<unknown> => call(`social.${method}`, params, c.readAny, ASK_MS)
export async function react(id: string): Promise<void> {
  await act('react', { id, content: '+' })
  change(id, p => ({ ...p, reactions: p.reactions + 1, mine: { ...p.mine, reaction: '+' } }))
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
  for (const l of lists) l.patch(v => ({ ...v, posts: v.posts.map(p => (p.pubkey === pubkey ? { ...p, muted: on } : p)) }))
  profile.patch(v => (v.pubkey === pubkey ? { ...v, muted: on } : v))
}
export async function follow(pubkey: string, on: boolean): Promise<void> {
  await act('follow', { pubkey, on })
  profile.patch(v => (v.pubkey === pubkey ? { ...v, followed: on } : v))
}
export async function bookmark(id: string, on: boolean): Promise<void> {
  await act('bookmark', { id, on })
  if (!on && route.peek().arg === 'bookmarks') drop(p => p.id === id)
}
export async function vote(id: string, option: string): Promise<void> {
  await act('vote', { id, options: [option] })
  change(id, p => (p.poll ? { ...p, poll: { ...p.poll, mine: option, options: p.poll.options.map(o => (o.id === option ? { ...o, votes: o.votes + 1 } : o)) } } : p))
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
export const setProfile = (fields: Record<string, string>) => act('set_profile', fields).then(() => profile.again())
export const sendMessage = (who: string, content: string) => call('social.message_send', { with: who, content }, c.readPosted, ASK_MS).then(() => messages.again())

export interface Writing {
  content: string
  reply_to?: string
  kind?: number
  title?: string
  warning?: string
  expires?: number
  poll?: { options: string[] }
}
export const post = (w: Writing) => call('social.post', { ...w }, c.readPosted, ASK_MS)
export const draftPut = (content: string, reply_to: string | null, draft: c.DraftId | null) =>
  call('social.draft_put', { content, ...(draft !== null && { draft }), ...(reply_to && { reply_to }) }, c.readDraft).then(d => d.draft)
export const draftDelete = (draft: c.DraftId) => act('draft_delete', { draft })
