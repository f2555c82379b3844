// The connection to the node. It keeps a websocket open, subscribes to every topic and hands what comes
// to the store. Screens read signals and never fetch.
import { effect, signal } from '@preact/signals'
import { Malformed, type Read } from './check'
import { now } from './clock'
import { nodeInfo, providers as readProviders } from './contract'
import { openRpc, RpcError, type Rpc } from './rpc'
import { sessionState, signIn, takeToken } from './session'
import { accept, info, lacking, LATER, providers, take, topics, type Topic } from './store'

export * from './store'

export type Link =
  | { s: 'connecting' }
  | { s: 'open' }
  | { s: 'lost'; since: number; retry_at: number | null } // null: trying at this moment
  | { s: 'out'; refused: boolean } // not signed in; refused: a token was given and not accepted

export const link = signal<Link>({ s: 'connecting' })

const BACKOFF_MS = [1000, 2000, 4000, 8000, 10_000]
const PING_AFTER_MS = 20_000

let current: Rpc | null = null
let token: string | null = null
let busy = false
let tries = 0
let timer: ReturnType<typeof setTimeout> | undefined
let lastFrame = 0
let pinging = false

async function subscribe(rpc: Rpc, names: Topic[]): Promise<void> {
  const first = await rpc.call('node.subscribe', { topics: names })
  if (rpc !== current) return
  const values = (first as { topics?: Record<string, unknown> } | null)?.topics ?? {}
  for (const [topic, value] of Object.entries(values)) take(topic, value)
}

async function subscribeLater(rpc: Rpc, name: Topic): Promise<void> {
  try {
    await subscribe(rpc, [name])
  } catch {
    if (rpc === current) lacking.value = new Set([...lacking.value, name])
  }
}

async function begin(rpc: Rpc): Promise<void> {
  try {
    const first = (Object.keys(topics) as Topic[]).filter(name => !LATER.includes(name))
    const [about] = await Promise.all([rpc.call('node.info'), subscribe(rpc, first)])
    if (rpc !== current) return
    accept('node.info', nodeInfo, about, v => (info.value = v))
    lacking.value = new Set()
    for (const name of LATER) void subscribeLater(rpc, name)
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
    push(topic, value) {
      lastFrame = Date.now()
      take(topic, value)
    },
    closed: rpc => void onClosed(rpc)
  })
  busy = false
}

// The person, or the browser, says that now is a good moment.
export function retryNow(): void {
  if (link.value.s === 'lost' || link.value.s === 'out') void connect()
}

// Asks the node and checks the answer. Every failure is an RpcError with words and a code.
export async function call<T>(method: string, params: Record<string, unknown>, read: Read<T>, deadlineMs?: number): Promise<T> {
  if (!current) throw new RpcError('The page has no connection to the node.', 'not_connected')
  const answer = await current.call(method, params, deadlineMs)
  try {
    return read(answer, method)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw new RpcError(`The node's answer has another form than this page knows (${error.message}).`, 'malformed')
  }
}

// Ends a session. That of this page takes its connection along, which says so by the way out.
export async function endSession(id: string, isThis: boolean): Promise<void> {
  try {
    await call('session.end', { id }, v => v)
  } catch (error) {
    if (!isThis || !(error instanceof RpcError) || error.code !== 'connection_lost') throw error
  }
  if (isThis) current?.close()
}

export async function trustAgain(provider: string | number): Promise<void> {
  providers.value = (await call('l1.trust_again', { provider }, readProviders)).providers
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
