// Private messages: the list of conversations, one talk with its older messages, what was read, what became of what
// was sent.
import { computed, effect, signal } from '@preact/signals'
import type { Source } from './contract-posts'
import * as c from './contract-talk'
import { ASK_MS, view } from './got'
import { call, socialMe, socialNew } from './node'
import { namedBy } from './plain'
import { route } from './route'

const PAGE = 50

const isOpen = computed(() => socialMe.value?.is_open === true)
const news = (): unknown => socialNew.value?.messages ?? 0
export const conversations = view('social.conversations', c.readConversations, () => (route.value.screen === 'messages' && socialMe.value ? {} : null), () => `${news()} ${isOpen.value}`)

export const argOf = (with_: string, others: string[]): string => [with_, ...others.map(o => o.slice(0, 8))].join('.')

// What one talk is called towards the node.
export interface Partner {
  with: string
  others?: string[]
}
// Whom the route names: by key, by an npub that somebody typed, or a group of the list. By its text: a list that comes
// anew is no other partner.
const partnerText = computed(() => {
  const { screen, arg } = route.value
  if (screen !== 'messages' || !arg) return null
  if (arg.startsWith('npub1')) return JSON.stringify({ with: namedBy(arg) })
  if (!arg.includes('.')) return JSON.stringify({ with: arg })
  const group = conversations.now.value.value?.conversations.find(one => argOf(one.with, one.others) === arg)
  return group ? JSON.stringify({ with: group.with, others: group.others }) : null
})
export const partner = computed(() => (partnerText.value === null ? null : (JSON.parse(partnerText.value) as Partner)))
export const messages = view('social.messages', c.readMessages, () => (partner.value && isOpen.value ? { ...partner.value, limit: PAGE } : null), news)

// What was asked for before, older than the newest page.
const older = signal<{ who: Partner | null; list: c.Message[]; isComplete: boolean }>({ who: null, list: [], isComplete: false })
// When the vault closes, what it opened is forgotten here too.
effect(() => {
  if (!isOpen.value || older.peek().who !== partner.value) older.value = { who: partner.value, list: [], isComplete: false }
})

export interface Talk {
  list: c.Message[] // oldest first
  isComplete: boolean
  source: Source
}
export const talk = computed<Talk | null>(() => {
  const page = messages.now.value.value
  if (!page) return null
  const before = older.value
  const byId = new Map([...before.list, ...page.messages].map(m => [m.id, m]))
  const list = [...byId.values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  return { list, isComplete: page.is_complete || before.isComplete, source: page.source }
})

export async function olderMessages(): Promise<void> {
  const who = partner.peek()
  const list = talk.peek()?.list ?? []
  const first = list[0]
  if (!who || !first) return
  const more = await call('social.messages', { ...who, until: first.at, limit: PAGE }, c.readMessages, ASK_MS)
  if (partner.peek() !== who || !isOpen.peek()) return
  const has = new Set(list.map(m => m.id))
  // A second that holds more than a page would be asked for for ever.
  const isStuck = more.messages.every(m => has.has(m.id))
  older.value = { who, list: [...list, ...more.messages], isComplete: more.is_complete || isStuck }
}

export const keyOf = (p: Partner): string => argOf(p.with, p.others ?? [])

// Up to where each talk was under the reader's eyes in this page.
const seen = new Map<string, number>()

export async function markRead(partner: Partner, at: number): Promise<void> {
  const who = keyOf(partner)
  if ((seen.get(who) ?? 0) >= at) return
  const before = seen.get(who)
  seen.set(who, at)
  try {
    await call('social.message_read', { ...partner, at }, v => v)
    conversations.again()
  } catch {
    // Not read as far as the node knows: the next message, or the next visit, says it again.
    if (before === undefined) seen.delete(who)
    else seen.set(who, before)
  }
}

// What became of messages that this page sent, by their id.
export const sentTo = signal<ReadonlyMap<string, c.SentTo>>(new Map())
export async function sendMessage(who: Partner, content: string, replyTo: string | null): Promise<void> {
  const { id, sent } = await call('social.message_send', { ...who, content, ...(replyTo && { reply_to: replyTo }) }, c.readSent, ASK_MS)
  sentTo.value = new Map(sentTo.peek()).set(id, sent)
  messages.again()
  conversations.again()
}

// Text that was not sent when the screen changed, by whom it is to.
export const unsentTo = new Map<string, { text: string; replyTo: string | null }>()
