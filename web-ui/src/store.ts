// What the node says, a signal a topic. Each value is checked before it is believed to have its form.
import { signal } from '@preact/signals'
import { Malformed, type Of, type Read } from './check'
import { hearNodeTime } from './clock'
import * as c from './contract'
import { readBunker, type Bunker } from './contract-bunker'
import * as n from './contract-news'
import * as f from './contract-social'
import * as w from './contract-wallet'

export const info = signal<c.NodeInfo | null>(null)
export const status = signal<c.Status | null>(null)
export const providers = signal<c.Provider[] | null>(null)
export const slots = signal<c.Slots | null>(null)
export const headAges = signal<c.HeadAges | null>(null)
export const cache = signal<c.Cache | null>(null)
export const outbox = signal<c.Sending[] | null>(null)
export const sessions = signal<c.Session[] | null>(null)
export const wallet = signal<w.WalletStatus | null>(null)
export const accounts = signal<w.WalletAccounts | null>(null)
export const queue = signal<w.QueueItem[] | null>(null)
export const permissions = signal<w.Permission[] | null>(null)
export const auditTail = signal<w.AuditEntry[] | null>(null)
export const isAuditWhole = signal<boolean | null>(null) // null: nobody checked it yet
export const activity = signal<w.Moving[] | null>(null)
export const socialMe = signal<f.Me | null>(null)
export const socialNew = signal<f.NewCounts | null>(null)
export const socialRelays = signal<f.RelayState[] | null>(null)
export const bunker = signal<Bunker | null>(null)
export const attestNews = signal<n.AttestNews | null>(null)
export const didNews = signal<n.DidNews | null>(null)
export const linkNews = signal<n.News | null>(null)
export const trustNews = signal<n.News | null>(null)
export const daoNews = signal<n.DaoNews | null>(null)
export const counting = signal<Of<typeof n.readCounting>['counting']>([])
export const unread = signal(0)
export const pollNews = signal<n.News | null>(null)
export const peersNews = signal<n.PeersNews | null>(null)

// Checks a value and hands it on; a value that does not hold is logged and changes nothing.
export function accept<T>(what: string, read: Read<T>, value: unknown, use: (checked: T) => void): void {
  try {
    use(read(value, what))
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    console.warn(`hearth: ignored a malformed value, ${error.message}`)
  }
}

type Taker = (topic: string, value: unknown) => void
const into = <T>(read: Read<T>, use: (checked: T) => void): Taker => (topic, value) => accept(topic, read, value, use)

// One reader a topic. A topic that is not listed here is from a newer node and not for this page.
export const topics = {
  'l1.status': into(c.status, v => {
    hearNodeTime(v.now_ms)
    status.value = v
  }),
  'l1.providers': into(c.providers, v => (providers.value = v.providers)),
  'l1.slots': into(c.slots, v => (slots.value = v)),
  'l1.head_ages': into(c.headAges, v => (headAges.value = v)),
  'l1.cache': into(c.cache, v => (cache.value = v)),
  'l1.outbox': into(c.outbox, v => (outbox.value = v.transactions)),
  sessions: into(c.readSessions, v => (sessions.value = v.sessions)),
  'wallet.status': into(w.walletStatus, v => (wallet.value = v)),
  'wallet.accounts': into(w.walletAccounts, v => (accounts.value = v)),
  'wallet.queue': into(w.walletQueue, v => (queue.value = v.items)),
  'wallet.permissions': into(w.walletPermissions, v => (permissions.value = v.permissions)),
  'wallet.audit_tail': into(w.walletAudit, v => (auditTail.value = v.entries)),
  'wallet.activity': into(w.walletActivity, v => (activity.value = v.transactions)),
  'social.me': into(f.readMe, v => (socialMe.value = v)),
  'social.new': into(f.readNew, v => (socialNew.value = v)),
  'social.relays': into(f.readRelays, v => (socialRelays.value = v.relays)),
  'social.bunker': into(readBunker, v => (bunker.value = v)),
  'attest.changed': into(n.readAttestNews, v => (attestNews.value = v)),
  'did.changed': into(n.readDidNews, v => (didNews.value = v)),
  'link.changed': into(n.readNews, v => (linkNews.value = v)),
  'trust.changed': into(n.readNews, v => (trustNews.value = v)),
  'peers.changed': into(n.readPeersNews, v => (peersNews.value = v)),
  'dao.changed': into(n.readDaoNews, v => (daoNews.value = v)),
  'dao.counting': into(n.readCounting, v => (counting.value = v.counting)),
  'dao.notified': into(n.readUnread, v => (unread.value = v.unread)),
  'polls.changed': into(n.readNews, v => (pollNews.value = v))
}
export type Topic = keyof typeof topics

// Topics that an older node, or one without a wallet or feeds, does not have: asked for one by one, so that its
// refusal costs nothing else.
export const LATER = (Object.keys(topics) as Topic[]).filter(t => /^(l1\.cache|l1\.outbox|sessions|wallet\..*|social\..*|dao\..*|.*\.changed)$/.test(t))
export const lacking = signal<ReadonlySet<Topic>>(new Set()) // those that this node does not have

export function take(topic: string, value: unknown): void {
  if (Object.hasOwn(topics, topic)) topics[topic as Topic](topic, value)
}
