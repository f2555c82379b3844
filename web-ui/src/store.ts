// What the node says, a signal a topic. Each value is checked before it is believed to have its form.
import { signal } from '@preact/signals'
import { Malformed, type Read } from './check'
import { hearNodeTime } from './clock'
import {
  topics,
  type Cache, type HeadAges, type NodeInfo, type Provider, type Sending, type Slots, type Status, type Topic
} from './contract'

export const info = signal<NodeInfo | null>(null)
export const status = signal<Status | null>(null)
export const providers = signal<Provider[] | null>(null)
export const slots = signal<Slots | null>(null)
export const headAges = signal<HeadAges | null>(null)
export const cache = signal<Cache | null>(null)
export const outbox = signal<Sending[] | null>(null)
export const lacking = signal<ReadonlySet<Topic>>(new Set()) // topics that this node does not have

// Checks a value and hands it on; a value that does not hold is logged and changes nothing.
export function accept<T>(what: string, read: Read<T>, value: unknown, use: (checked: T) => void): void {
  try {
    use(read(value, what))
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    console.warn(`hearth: ignored a malformed value, ${error.message}`)
  }
}

export function take(topic: string, value: unknown): void {
  switch (topic as Topic) {
    case 'l1.status':
      accept(topic, topics['l1.status'], value, v => {
        hearNodeTime(v.now_ms)
        status.value = v
      })
      break
    case 'l1.providers':
      accept(topic, topics['l1.providers'], value, v => (providers.value = v.providers))
      break
    case 'l1.slots':
      accept(topic, topics['l1.slots'], value, v => (slots.value = v))
      break
    case 'l1.head_ages':
      accept(topic, topics['l1.head_ages'], value, v => (headAges.value = v))
      break
    case 'l1.cache':
      accept(topic, topics['l1.cache'], value, v => (cache.value = v))
      break
    case 'l1.outbox':
      accept(topic, topics['l1.outbox'], value, v => (outbox.value = v.transactions))
      break
    // Any other topic is from a newer node and not for this page.
  }
}
