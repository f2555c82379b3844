// The one store of what the node says. It keeps a websocket open, subscribes to every topic, checks
// each value and puts it into a signal. Screens read signals and never fetch.
import { effect, signal } from '@preact/signals'
import { Malformed, type Read } from './check'
import { hearNodeTime, now } from './clock'
import {
  nodeInfo, providers as readProviders, topics,
  type HeadAges, type NodeInfo, type Provider, type Slots, type Status, type Topic
} from './contract'
import { openRpc, RpcError, type Rpc } from './rpc'
import { sessionState, signIn, takeToken } from './session'

export type Link =
  | { s: 'connecting' }
  | { s: 'open' }
  | { s: 'lost'; since: number; retry_at: number | null } // null: trying at this moment
  | { s: 'out'; refused: boolean } // not signed in; refused: a token was given and not accepted

export const link = signal<Link>({ s: 'connecting' })
export const info = signal<NodeInfo | null>(null)
export const status = signal<Status | null>(null)
export const providers = signal<Provider[] | null>(null)
export const slots = signal<Slots | null>(null)
export const headAges = signal<HeadAges | null>(null)

const BACKOFF_MS = [1000, 2000, 4000, 8000, 10_000]
const PING_AFTER_MS = 20_000

let current: Rpc | null = null
let token: string | null = null
let busy = false
let tries = 0
let timer: ReturnType<typeof setTimeout> | undefined
let lastFrame = 0
let pinging = false

// Checks a value and hands it on; a value that does not hold is logged and changes nothing.
function accept<T>(what: string, read: Read<T>, value: unknown, use: (checked: T) => void): void {
  try {
    use(read(value, what))
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    console.warn(`hearth: ignored a malformed value, ${error.message}`)
  }
}

function take(topic: string, value: unknown): void {
  lastFrame = Date.now()
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
    // Any other topic is from a newer node and not for this page.
  }
}

async function begin(rpc: Rpc): Promise<void> {
  try {
    const [about, first] = await Promise.all([
      rpc.call('node.info'),
      rpc.call('node.subscribe', { topics: Object.keys(topics) })
    ])
    if (rpc !== current) return
    accept('node.info', nodeInfo, about, v => (info.value = v))
    const values = (first as { topics?: Record<string, unknown> } | null)?.topics ?? {}
    for (const [topic, value] of Object.entries(values)) take(topic, value)
    tries = 0
    link.value = { s: 'open' }
  } catch (error) {
    console.warn('hearth: the node did not accept the subscription', error)
    rpc.close()
  }
}

function lost(): void {
  const before = link.value
  const wait = BACKOFF_MS[Math.min(tries++, BACKOFF_MS.length - 1)] ?? 10_000
  const at = Date.now()
  link.value = { s: 'lost', since: before.s === 'lost' ? before.since : at, retry_at: at + wait }
  clearTimeout(timer)
  timer = setTimeout(() => void connect(), wait)
}

function signedOut(refused: boolean): void {
  clearTimeout(timer)
  token = null
  link.value = { s: 'out', refused }
}

async function onClosed(rpc: Rpc): Promise<void> {
  if (rpc !== current) return
  current = null
  busy = false
  // A page that showed values must not show them as live while it asks why the socket closed.
  const first = link.value.s === 'connecting' || link.value.s === 'out'
  if (!first) lost()
  const session = await sessionState()
  if (current || busy) return
  if (session === 'refused') signedOut(false)
  else if (first) lost()
}

async function connect(): Promise<void> {
  if (current || busy) return
  busy = true
  clearTimeout(timer)
  if (link.value.s === 'lost') link.value = { ...link.value, retry_at: null }
  if (token) {
    const answer = await signIn(token)
    if (answer !== 'ok') {
      busy = false
      if (answer === 'refused') signedOut(true)
      else lost()
      return
    }
    token = null
  }
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  lastFrame = Date.now()
  pinging = false
  current = openRpc(`${scheme}://${location.host}/api`, {
    open: rpc => void begin(rpc),
    push: take,
    closed: rpc => void onClosed(rpc)
  })
  busy = false
}

// The person, or the browser, says that now is a good moment.
export function retryNow(): void {
  if (link.value.s === 'lost' || link.value.s === 'out') void connect()
}

export async function trustAgain(provider: string | number): Promise<void> {
  if (!current) throw new RpcError('The page has no connection to the node.', 'not_connected')
  const answer = await current.call('l1.trust_again', { provider })
  accept('l1.trust_again', readProviders, answer, v => (providers.value = v.providers))
}

// A node that hangs keeps its socket open and says nothing: ask it whether it is there.
function ping(): void {
  const rpc = current
  if (!rpc || pinging || link.value.s !== 'open' || Date.now() - lastFrame < PING_AFTER_MS) return
  pinging = true
  rpc.call('node.info').then(
    () => {
      pinging = false
      lastFrame = Date.now()
    },
    () => rpc.close()
  )
}

export function startNode(): void {
  token = takeToken()
  addEventListener('hashchange', () => {
    const fresh = takeToken()
    if (!fresh) return
    token = fresh
    retryNow()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') retryNow()
  })
  addEventListener('online', retryNow)
  addEventListener('pageshow', retryNow)
  effect(() => {
    void now.value
    ping()
  })
  void connect()
}
