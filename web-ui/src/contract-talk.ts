// The shapes of private messages (social/messages/messages.h), of media (social/media/media.h) and of names at hosts (social/links/nip05.h).
import { bool, either, int, list, maybe, record, text, type Of } from './check'
import { NOBODY, sent, source } from './contract-posts'

// others: of a group, whose messages have an answer of their own; `with` is one of them all the same.
const conversation = record({ with: text, others: either(list(text, 100), []), name: maybe(text), last: maybe(text), at: maybe(int), unread: either(int, 0) })
export const readConversations = record({
  conversations: list(conversation, 20_000),
  is_open: either(bool, false),
  opening: either(int, 0), // wraps that were not opened yet
  unreadable: either(int, 0) // wraps that hold no message, or one under another's name
})
const message = record({ id: text, from: text, at: int, content: text, reply_to: maybe(text), kind: either(int, 14) }) // 15: a sealed file
export const readMessages = record({ messages: list(message, 1000), is_complete: either(bool, true), is_open: either(bool, true), source: either(source, NOBODY) })
export const readSent = record({ id: either(text, ''), sent })

export const readAuthorized = record({ url: maybe(text), authorization: text })
const blob = record({ url: maybe(text), sha256: text, type: either(text, ''), size: either(int, 0) })
export const readBlob = blob
export const readFound = record({ found: list(record({ url: text, sha256: maybe(text), type: either(text, ''), here: maybe(text) }), 200) })

export const readChecked = record({ nip05: maybe(text), nip05_state: text })

export type Conversation = Of<typeof conversation>
export type Message = Of<typeof message>
export type SentTo = Of<typeof sent>
export type Blob = Of<typeof blob>
