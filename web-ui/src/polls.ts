// Community polls: what the screens show of them, and what the owner does.
import type { Read } from './check'
import * as c from './contract-polls'
import { view } from './got'
import { call, pollNews } from './node'
import { route } from './route'

const SLOW_MS = 60_000
export const polls = view('polls.list', c.readPolls, () => (route.value.screen === 'polls' ? {} : null), () => pollNews.value)
export const poll = view('polls.poll', c.readPoll, () => (route.value.screen === 'poll' ? { id: route.value.arg } : null), () => pollNews.value)

const any = (value: unknown): unknown => value
async function act<T = unknown>(method: string, params: Record<string, unknown>, read: Read<T> = any as Read<T>): Promise<T> {
  const answer = await call(`polls.${method}`, params, read, SLOW_MS)
  polls.again()
  poll.again()
  return answer
}
export const makePoll = (params: Record<string, unknown>) => act('make', params, c.readMade)
export const votePoll = (params: Record<string, unknown>) => act('vote', params, c.readCast)
export const countPoll = (id: string) => act('count', { id })
export const closePoll = (id: string) => act('close', { id })
