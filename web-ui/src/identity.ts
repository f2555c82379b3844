// What the screens of identity share: attestations, DIDs, the link and the circle as the node tells them, asked for again
// when it says that they have changed; and what their owner does about them.
import { readDelegation, readSnapshot, type Delegation, type Snapshot } from './contract-dao'
import { computed, effect, signal } from '@preact/signals'
import {
  readAttestations, readBundle, readCircle, readContract, readDisclosed, readFound, readHash, readIdentities, readImported, readIssued, readLinks, readOutcome, readPackage,
  readResolution, readSchema, readSchemas, readToken, readVerified, readWho, type Attestation, type Outcome, type Token, type Verified
} from './contract-identity'
import { readAny } from './contract-wallet'
import { saveFile } from './evidence'
import { view } from './got'
import { attestNews, call, didNews, linkNews, socialMe, status, trustNews } from './node'
import { route, type Screen } from './route'
import { RpcError } from './rpc'
import { shown } from './wallet'

// What waits for its owner's decision, and what is proven by many answers of providers.
const DECIDED_MS = 11 * 60_000
const PROVEN_MS = 60_000

const PAGE = 200 // HT_ATTEST_LIST_MAX
const isOn = (...screens: Screen[]): boolean => screens.includes(route.value.screen)
const news = (): string => JSON.stringify([attestNews.value?.changes, attestNews.value?.as_of?.number])

export const attestations = view('attest.list', readAttestations, () => (isOn('identity', 'attestation') ? { role: 'all', limit: PAGE } : null), news)
// Those behind the newest 200, once somebody wants to see them; told anew whenever those are.
const older = signal<Attestation[]>([])
export const all = computed<Attestation[]>(() => {
  const newest = attestations.now.value.value?.attestations ?? []
  const known = new Set(newest.map(hrefOf))
  return [...newest, ...older.value.filter(a => !known.has(hrefOf(a)))]
})
export const leftOut = computed(() => Math.max(0, (attestations.now.value.value?.total ?? 0) - all.value.length))
export async function showOlder(upTo = all.peek().length + PAGE): Promise<void> {
  const list: Attestation[] = []
  const from = attestations.now.peek().value?.attestations.length ?? 0
  while (from + list.length < upTo) {
    const { attestations: page } = await call('attest.list', { role: 'all', limit: PAGE, offset: from + list.length }, readAttestations)
    if (!page.length) break
    list.push(...page)
  }
  older.value = list
}
effect(() => {
  if (attestations.now.value.value && older.peek().length) void showOlder(all.peek().length).catch(() => {})
})

export const schemas = view('attest.schemas', readSchemas, () => (isOn('issue', 'schemas') ? {} : null), news)
export const contract = view('attest.contract', readContract, () => (isOn('identity', 'issue', 'schemas') ? {} : null))
export const identities = view('did.mine', readIdentities, () => (isOn('identity', 'did') ? {} : null), () => JSON.stringify([didNews.value, attestNews.value?.as_of?.number, shown.value.length]))
export const didOf = (arg: string | null): string | null => arg ?? identities.now.value.value?.identities[0]?.did ?? null
export const resolved = view(
  'did.resolve',
  readResolution,
  () => {
    const did = isOn('did') ? didOf(route.value.arg) : null
    return did ? { did } : null
  },
  () => JSON.stringify(didNews.value)
)
export const links = view('link.list', readLinks, () => (isOn('identity') ? {} : null), () => JSON.stringify([linkNews.value, attestNews.value?.as_of?.number, socialMe.value?.pubkey]))
export const CIRCLE_DEEP = 4
export const circle = view('trust.list', readCircle, () => (isOn('circle') ? { distance: CIRCLE_DEEP } : null), () => JSON.stringify(trustNews.value))
export const who = view(
  'trust.who',
  readWho,
  () => {
    const arg = isOn('circle') ? route.value.arg : null
    return arg ? (/^0x/.test(arg) ? { address: arg } : { pubkey: arg }) : null
  },
  () => JSON.stringify(trustNews.value)
)

// An attestation is known by its attester and its uid.
export const hrefOf = (a: Pick<Attestation, 'attester' | 'uid'>): string => `#/attestation/${a.attester}.${a.uid}`
export const here = (): Attestation | null => {
  const [attester, uid] = (route.value.arg ?? '').toLowerCase().split('.')
  return all.value.find(a => a.attester.toLowerCase() === attester && a.uid.toLowerCase() === uid) ?? null
}

const keyOf = ({ attester, uid }: Attestation) => ({ attester, uid })
export const issue = (what: Record<string, unknown>) => call('attest.issue', what, readIssued, DECIDED_MS)
export const revokeIt = (a: Attestation) => call('attest.revoke', keyOf(a), readHash, DECIDED_MS)
export const forget = (a: Attestation) => call('attest.forget', keyOf(a), readAny)
export const share = (a: Attestation) => call('attest.share', keyOf(a), readAny, DECIDED_MS)
export const exportIt = (a: Attestation) => call('attest.export', keyOf(a), readPackage)
export const disclose = (a: Attestation, fields: string[]) => call('attest.disclose', { ...keyOf(a), fields }, readDisclosed)
export const keep = (text: string) => call('attest.import', { text }, readImported, PROVEN_MS)
export const findIn = (from: number, to: number) => call('attest.find', { from, to }, readFound, PROVEN_MS)
export const schemaOf = (uid: string) => call('attest.schema', { uid }, readSchema, PROVEN_MS)
export const registerSchema = (schema: string, from: string, revocable: boolean) => call('attest.schema_register', { schema, from, revocable }, readHash, DECIDED_MS)

export const makeBundle = (what: Record<string, unknown>) => call('bundle.make', what, readBundle, PROVEN_MS).then(answer => answer.bundle)
// The claim of a bundle: an attestation off chain goes in whole, of one on chain the uid says which.
export async function bundleOf(a: Attestation, disclosure?: unknown): Promise<unknown> {
  const more = disclosure === undefined ? {} : { disclosure }
  if (a.kind === 'onchain') return makeBundle({ kind: 'eas_onchain', uid: a.uid, ...more })
  return makeBundle({ kind: 'eas_offchain', package: (await exportIt(a)).package, ...more })
}

export const rotate = (did: string, owner: string) => call('did.rotate', { did, owner }, readHash, DECIDED_MS)
export const delegate = (what: Record<string, unknown>) => call('did.delegate', what, readHash, DECIDED_MS)
export const attribute = (what: Record<string, unknown>) => call('did.attribute', what, readHash, DECIDED_MS)
export const seen = (did: string) => call('did.seen', { did }, readAny)
export const linkKey = (account: string) => call('link.make', { account }, readAny, DECIDED_MS)
export const endLink = (account: string) => call('link.end', { account }, readAny, DECIDED_MS)

// The SDK's link has no host. Where a public page reads it, its address goes before it; nothing is sent there.
const PAGES: Record<string, string> = { mainnet: 'https://easscan.org', sepolia: 'https://sepolia.easscan.org' }
export const linkOf = (url: string): string => (url.startsWith('/') ? (PAGES[status.peek()?.network.name ?? ''] ?? '') + url : url)

// --- verifying what one was given -----------------------------------------------------------------------

// Of governance, by any of their forms: a count of votes, somebody's signed delegation, what snapshot.org gives out.
const isCount = (j: Json): boolean => j.format === 'hearth-audit' || ('target' in j && 'anchor' in j && 'provided' in j)
const delegationIn = (j: Json): unknown => (j.form === 'delegation' ? j : (j.delegation as Json | undefined)?.form === 'delegation' ? j.delegation : null)
const ITEMS = ['proposal', 'proposals', 'votes']
const holds = (j: unknown): boolean => typeof j === 'object' && j !== null && ITEMS.some(k => k in j)
const isSnapshot = (j: Json): boolean => Array.isArray(j) || ('sig' in j && 'data' in j && 'address' in j) || holds(j) || holds(j.data)
const snapshot = async (what: Json): Promise<Found> => ({ s: 'snapshot', snapshot: await call('snapshot.read', what, readSnapshot, PROVEN_MS) })
export const askSnapshot = (what: Json) => snapshot({ fetch: true, ...what })

export type Found = { s: 'delegation'; d: Delegation; file: unknown } | { s: 'snapshot'; snapshot: Snapshot } | { s: 'bundle'; outcome: Outcome; file: unknown } | { s: 'attestation'; verified: Verified; text: string } | { s: 'token'; token: Token }

// HT_RPC_REQUEST_MAX of the node, less what goes around it.
const REQUEST_MAX = 250 * 1024
// A credential or a presentation as a signed token (VC-JWT).
const TOKEN = /^[\w-]{4,}\.[\w-]{4,}\.[\w-]*$/
type Json = Record<string, unknown>
const fail = (words: string): never => {
  throw new RpcError(words, 'form')
}

function parsed(text: string): Json | null {
  if (!/^[{[]/.test(text)) return null
  try {
    return JSON.parse(text) as Json
  } catch {
    return fail('That begins like a file of JSON and is none: it may have been cut.')
  }
}

// Whatever it is: a proof bundle, a disclosure saved here, a package or link of the EAS SDK, a uid.
export async function verify(typed: string): Promise<Found> {
  const text = typed.trim()
  if (!text) return fail('Paste something first, or choose a file.')
  if (new Blob([text]).size > REQUEST_MAX) return fail('That is larger than the page may hand over. On this computer “hearth verify FILE” checks it.')
  const json = parsed(text)
  if (json && 'hearth_bundle' in json) return { s: 'bundle', outcome: await call('bundle.verify', { bundle: json }, readOutcome, PROVEN_MS), file: json }
  if (json && 'disclosure' in json) {
    // One on chain has no package; its uid says which it is.
    const { package: of, disclosure, uid } = json
    const given = of ? { text: JSON.stringify({ package: of, disclosure }) } : { text: String(uid), disclosure }
    return { s: 'attestation', text: given.text, verified: await call('attest.verify', given, readVerified, PROVEN_MS) }
  }
  if (json && isCount(json)) return { s: 'bundle', outcome: await call('dao.audit', { bundle: json }, readOutcome, PROVEN_MS), file: json }
  const file = json && delegationIn(json)
  if (file) return { s: 'delegation', file, d: await call('dao.delegation', { delegation: file }, readDelegation, PROVEN_MS) }
  if (json && isSnapshot(json)) return snapshot({ json })
  if (TOKEN.test(text)) return { s: 'token', token: await call('credential.verify', { token: text }, readToken, PROVEN_MS) }
  return { s: 'attestation', text, verified: await call('attest.verify', { text }, readVerified, PROVEN_MS) }
}

export const saveJson = (name: string, what: unknown): void => saveFile(name, JSON.stringify(what, null, 1))
