// What the node pushes about identity: that something has changed, and as of which block. Part of the first load.
import { either, int, list, maybe, record, text, type Of } from './check'

const asOf = maybe(record({ number: int }))
export const readAttestNews = record({ count: either(int, 0), changes: either(int, 0), as_of: asOf })
export const readDidNews = record({ changes: either(int, 0), alerts: either(int, 0) })
export const readNews = record({ changes: either(int, 0), as_of: asOf })
export type AttestNews = Of<typeof readAttestNews>
export type DidNews = Of<typeof readDidNews>
export type News = Of<typeof readNews>

// Of peers: how many links there are, and of how many peers the node knows.
export const readPeersNews = record({ links: int, peers: int })
export type PeersNews = Of<typeof readPeersNews>

// Of governance: what closes soon, whose votes are being counted, and how many notices are new.
export const readDaoNews = record({ communities: int, active: int, closing: list(record({ address: text, id: text, title: maybe(text), end_s: int }), 1000), alerts: either(int, 0) })
export const readCounting = record({ counting: list(record({ address: text, id: text, done: int, total: int }), 1000) })
export const readUnread = record({ unread: int })
export type DaoNews = Of<typeof readDaoNews>
