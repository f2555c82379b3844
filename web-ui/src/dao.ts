// What the screens of governance show, asked for anew when the node says that something changed, and what the owner does.
// Acts that are signed wait in the owner's queue: their sheet opens by itself.
import { computed, signal } from '@preact/signals'
import type { Read } from './check'
import { now } from './clock'
import * as c from './contract-dao'
import { decimals, group } from './format'
import { view } from './got'
import { call, counting, daoNews, lacking, unread } from './node'
import { route, type Screen } from './route'
import { shown } from './wallet'

const DECIDED_MS = 11 * 60_000
const PROVEN_MS = 60_000
const on = (...screens: Screen[]): boolean => screens.includes(route.value.screen)
const minute = computed(() => Math.floor(now.value / 60_000))
const soon = computed(() => Math.floor(now.value / 4000))
// Of the proposal that the route names: address and id; of a community the address alone.
export const here = computed(() => {
  const [address, id] = (route.value.arg ?? '').split('.')
  return on('community', 'propose', 'proposal', 'recount') && address ? { address, ...(id && { id }) } : null
})
const moved = computed(() => ({ news: daoNews.value, minute: minute.value }))
export const counted = computed(() => ({ moved: moved.value, n: counting.value.find(x => x.id === here.value?.id)?.done }))
const proposalHere = (...screens: Screen[]) => (on(...screens) ? here.value : null)

export const isLacking = computed(() => lacking.value.has('dao.changed'))
export const coms = view('dao.list', c.readCommunities, () => (on('governance', 'community', 'propose', 'proposal', 'recount', 'found', 'notices', 'check') && !isLacking.value ? {} : null), () => moved.value)
export const com = view('dao.community', c.readCommunity, () => proposalHere('community', 'propose'), () => moved.value)
export const props = view('dao.proposals', c.readProposals, () => (on('governance') ? { limit: 100 } : on('community') ? { ...here.value, limit: 200 } : null), () => moved.value)
export const prop = view('dao.proposal', c.readProposal, () => proposalHere('proposal', 'recount'), () => counted.value)
export const ballots = view('dao.ballots', c.readBallots, () => (prop.now.value.value?.ballots_waiting ? proposalHere('proposal') : null), () => moved.value)
export const talk = view('talk.list', c.readTalk, () => proposalHere('proposal', 'community'), () => moved.value)
export const templates = view('dao.templates', c.readTemplates, () => (on('propose') ? {} : null))
export const creation = view('dao.created', c.readCreation, () => (on('found') && route.value.arg ? { id: route.value.arg } : null), () => soon.value)
export const notices = view('dao.notices', c.readNotices, () => (on('notices') ? {} : null), () => unread.value)

// Whom the page of a community is to fill in as the one who gets one's votes.
export const giveTo = signal('')

export const comOf = (address: string): c.Com | null => coms.now.value.value?.communities.find(x => x.address.toLowerCase() === address.toLowerCase()) ?? null
export const signers = computed(() => shown.value.filter(a => a.kind !== 'watch'))

const any = (value: unknown): unknown => value
export async function dao<T = unknown>(method: string, params: Record<string, unknown>, read: Read<T> = any as Read<T>, ms = PROVEN_MS): Promise<T> {
  const answer = await call(`dao.${method}`, params, read, ms)
  coms.again()
  if (here.value?.id) prop.again()
  return answer
}
export const signed = (method: string, params: Record<string, unknown>) => dao(method, params, c.readDone, DECIDED_MS)
export const found = (params: Record<string, unknown>) => dao('create', params, c.readCreation, DECIDED_MS)

// Votes as a person counts them: whole ones, and the first digits of what is less.
export function inVotes(n: bigint, places: number): string {
  const one = 10n ** BigInt(places)
  if (n >= 1000n * one) return group(n / one)
  const all = decimals(n, places)
  const [whole, rest = ''] = all.split('.')
  return /[1-9]/.test(rest.slice(0, 4)) ? `${whole}.${rest.slice(0, 4).replace(/0+$/, '')}` : n && whole === '0' ? '<0.0001' : (whole ?? all)
}
