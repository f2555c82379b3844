// Signing in with an Ethereum account, for a page that has no session yet: the node gives a message for this address, a
// wallet of the browser signs it (EIP-1193, ERC-4361), and what the node gives for that opens a session, once.
import { bool, maybe, record, text } from './check'
import { RpcError } from './rpc'

interface Wallet {
  request(what: { method: string; params?: unknown[] }): Promise<unknown>
}

const DEADLINE_MS = 3000
const JUDGED_MS = 65_000 // an account that is a contract is asked, over proven state
const REJECTED = 4001 // EIP-1193

const readFact = record({ is_enabled: bool })
const readAsked = record({ message: text })
const readJudged = record({ verdict: text, may_sign_in: bool, ticket: maybe(text), reason: maybe(text) })

// Whether the node lets any account in. What cannot be told is no.
export async function takesAccounts(): Promise<boolean> {
  try {
    const answer = await fetch('/siwe', { cache: 'no-store', signal: AbortSignal.timeout(DEADLINE_MS) })
    return answer.ok && readFact(await answer.json(), 'siwe').is_enabled
  } catch {
    return false
  }
}

async function post(path: string, body: object, deadlineMs = DEADLINE_MS): Promise<unknown> {
  let answer: Response
  let got: { error?: { message?: unknown; code?: unknown; data?: { code?: unknown } | null }; result?: unknown } | null
  try {
    answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal: AbortSignal.timeout(deadlineMs) })
    got = answer.status === 204 ? null : await answer.json()
  } catch {
    throw new RpcError('The node did not answer.', 'no_answer')
  }
  if (answer.ok && !got?.error) return got?.result ?? null
  const { message, code, data } = got?.error ?? {}
  throw new RpcError(typeof message === 'string' ? message : 'The node refused without a reason.', String(data?.code ?? code ?? 'unknown'))
}

const ask = (method: string, params: object, deadlineMs?: number): Promise<unknown> => post('/siwe', { jsonrpc: '2.0', id: 1, method, params }, deadlineMs)

async function wish(wallet: Wallet, method: string, params?: unknown[]): Promise<unknown> {
  try {
    return await wallet.request(params ? { method, params } : { method })
  } catch (thrown) {
    const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown }
    if (code === REJECTED) throw new RpcError('You rejected it.', 'rejected')
    throw new RpcError(typeof message === 'string' ? `The wallet refused: ${message}` : 'The wallet refused.', 'wallet')
  }
}

const hexOf = (words: string): string => `0x${[...new TextEncoder().encode(words)].map(b => b.toString(16).padStart(2, '0')).join('')}`

// Ends when there is a session; every failure is an RpcError.
export async function enterWithAccount(): Promise<void> {
  const wallet = (window as { ethereum?: Wallet }).ethereum
  if (!wallet) throw new RpcError('This page sees no Ethereum wallet in this browser.', 'form')
  const [address] = ((await wish(wallet, 'eth_requestAccounts')) ?? []) as unknown[]
  if (typeof address !== 'string') throw new RpcError('The wallet gave no account.', 'form')
  const asked = await ask('siwe.challenge', { domain: location.host, uri: `${location.origin}/`, address, statement: 'Sign in to my Hearth node.' })
  const { message } = readAsked(asked, 'siwe.challenge')
  const signature = await wish(wallet, 'personal_sign', [hexOf(message), address])
  const judged = readJudged(await ask('siwe.verify', { message, signature }, JUDGED_MS), 'siwe.verify')
  if (judged.verdict !== 'valid') throw new RpcError(judged.reason ?? 'The signature does not hold.', `siwe_${judged.verdict}`)
  if (!judged.ticket) throw new RpcError('This account may not sign in to this node.', 'siwe_not_allowed')
  await post('/login', { ticket: judged.ticket })
}
