// The shapes of identity: attestations, schemas, proof bundles, DIDs, links and trust (identity/attest/attest.h, proof/bundle.h,
// didself.h, link.h and trust.h of the node are the contract). Strangers write most of it, so all of it is bounded here.
import { bool, either, int, list, Malformed, maybe, record, text, word, type Of, type Read } from './check'
import { provenance } from './contract'

const asIs: Read<unknown> = value => value

// Seconds as strangers may have written them: beyond what a calendar knows they stay far away and exact no more.
export const FAR_S = 253_402_300_799
const seconds: Read<number> = (value, at) => {
  // Digits, or a date as documents have it.
  const n = typeof value !== 'string' ? value : /^\d{1,20}$/.test(value) ? Number(value) : Math.floor(Date.parse(value) / 1000)
  if (typeof n !== 'number' || !(n >= 0)) throw new Malformed(`${at}: expected seconds`)
  return Math.min(n, FAR_S + 1)
}

export interface SchemaField {
  name: string
  type: string
  parts: SchemaField[] // of a tuple, or of a list of them
}
export interface FieldValue extends SchemaField {
  value: unknown
}

const DEEP = 8 // HT_SCHEMA_DEPTH_MAX
const FIELDS_MAX = 64
function schemaField(deep: number): Read<SchemaField> {
  return (value, at) => {
    const v = record({ name: either(text, ''), type: text, parts: asIs })(value, at)
    return { name: v.name, type: v.type, parts: deep > 0 ? either(list(schemaField(deep - 1), FIELDS_MAX), [])(v.parts, `${at}.parts`) : [] }
  }
}
const fieldValue: Read<FieldValue> = (value, at) => ({ ...schemaField(DEEP)(value, at), value: record({ value: asIs })(value, at).value })

const schema = record({
  uid: text,
  text: maybe(text),
  resolver: maybe(text),
  revocable: either(bool, true),
  fields: maybe(list(schemaField(DEEP), FIELDS_MAX)),
  why: maybe(text)
})
export const readSchema = schema
export const readSchemas = record({ schemas: list(schema, 4096) })

const asOf = record({ number: int, hash: either(text, ''), timestamp: either(seconds, 0), level: either(text, 'finalized') })
const verdict = word('valid', 'revoked', 'expired', 'from_future', 'pending', 'not_there', 'invalid', 'unverified')

const attestation = record({
  uid: text,
  attester: either(text, ''),
  recipient: maybe(text),
  schema: either(text, ''),
  ref_uid: maybe(text),
  data: either(text, '0x'),
  kind: word('offchain', 'onchain'),
  time: either(seconds, 0),
  expiration_time: either(seconds, 0), // 0: never
  revocation_time: either(seconds, 0),
  revocable: either(bool, false),
  role: either(word('received', 'issued', 'both', 'other'), 'other'),
  schema_text: maybe(text),
  values: maybe(list(fieldValue, FIELDS_MAX)),
  private: either(bool, false),
  leaves: either(list(text, 1024), []), // names of fields that can be disclosed, when the node tells them
  verdict,
  code: maybe(text),
  why: maybe(text),
  as_of: maybe(asOf),
  added_ms: either(int, 0)
})
export const readAttestations = record({ attestations: list(attestation, 200), total: either(int, 0), as_of: maybe(asOf), scanned: maybe(int) })
export const readIssued = record({ attestation: maybe(attestation), package: asIs, url: maybe(text), hash: maybe(text) })
export const readHash = record({ hash: text, uid: maybe(text) })
export const readPackage = record({ package: asIs, url: maybe(text), uid: maybe(text) })
export const readDisclosed = record({ disclosure: asIs, package: asIs })
export const readFound = record({ found: int, added: int, gaps: either(list(record({ from: int, to: int, why: either(text, '') }), 4096), []) })
export const readContract = record({ eas: maybe(text), schema_registry: maybe(text), version: maybe(text), chain_id: either(int, 0) })

const step = record({ step: text, ok: maybe(bool), text: either(text, ''), code: maybe(text) })
export const readVerified = record({ attestation: maybe(attestation), steps: list(step, 64), verdict, code: maybe(text), why: maybe(text) })
export const readImported = record({ attestation, steps: either(list(step, 64), []) })
export const readOutcome = record({
  verdict,
  code: maybe(text),
  why: maybe(text),
  kind: maybe(text),
  network: either(text, ''),
  period: maybe(int),
  block: maybe(record({ number: int, hash: either(text, ''), time: either(seconds, 0) })),
  age: maybe(text),
  claim: asIs,
  steps: list(step, 64)
})
export const readBundle = record({ bundle: asIs })
export const readToken = record({
  verdict: (value: unknown, at: string) => verdict(value === 'not_yet' ? 'from_future' : value, at),
  code: maybe(text),
  why: maybe(text),
  claims: asIs,
  issuer: maybe(text),
  holder: maybe(text),
  is_bound: maybe(bool),
  as_of: maybe(asOf),
  steps: either(list(step, 64), [])
})

export type Schema = Of<typeof schema>
export type Attestation = Of<typeof attestation>
export type Verdict = Attestation['verdict']
export type AsOf = Of<typeof asOf>
export type Step = Of<typeof step>
export type Verified = Of<typeof readVerified>
export type Outcome = Of<typeof readOutcome>
export type Token = Of<typeof readToken>
export type Issued = Of<typeof readIssued>

// --- DIDs, the link to the feed key, and who vouches for whom -----------------------------------------

const identity = record({
  account: text,
  did: text,
  did_key: maybe(text),
  owner: maybe(text),
  is_deactivated: either(bool, false),
  changed: either(int, 0), // block of the newest change; 0: none
  alert: maybe(record({ block: either(int, 0), text: either(text, '') })),
  as_of: maybe(asOf)
})
export const readIdentities = record({ identities: list(identity, 512) })

const change = record({
  block: int,
  time: either(seconds, 0),
  kind: either(text, ''),
  owner: maybe(text),
  delegate: maybe(text),
  type: maybe(text),
  name: maybe(text),
  value: maybe(text),
  valid_to: maybe(seconds)
})
export const readResolved = record({
  didDocument: asIs,
  didDocumentMetadata: either(record({ deactivated: either(bool, false), versionId: maybe(text), updated: maybe(text) }), { deactivated: false, versionId: null, updated: null }),
  didResolutionMetadata: either(record({ error: maybe(text), message: maybe(text) }), { error: null, message: null }),
  history: maybe(list(change, 10_000)), // null: none, or not known back to its beginning
  provenance: maybe(provenance),
  missing: maybe(record({ to: either(int, 0), why: either(text, '') }))
})
// Where the history breaks off stands beside where the rest comes from.
export const readResolution: Read<Of<typeof readResolved>> = (value, at) => {
  const p = record({ provenance: asIs })(value, at).provenance
  const missing = typeof p === 'object' && p !== null ? (p as Record<string, unknown>).missing : null
  return readResolved({ ...(value as object), missing }, at)
}

const linkState = word('linked', 'owner_changed', 'not_signed', 'unverified', 'none')
const bond = record({ pubkey: text, address: text, did: maybe(text), state: linkState, issued: either(seconds, 0), is_mine: either(bool, false), why: maybe(text), as_of: maybe(asOf) })
export const readLinks = record({ links: list(bond, 512) })

const person = record({ address: maybe(text), pubkey: maybe(text), name: maybe(text), distance: int, vouches: either(int, 0) })
export const readCircle = record({ people: list(person, 1000), is_complete: either(bool, true) })
const hop = record({ from: text, to: text, uid: either(text, '') })
export const readWho = record({
  distance: maybe(int), // null, or 255: none that is known
  path: either(list(hop, 16), []),
  vouches: either(list(record({ from: text, uid: either(text, '') }), 1000), []),
  attestations: either(list(record({ from: text, uid: either(text, ''), schema: either(text, '') }), 1000), []) // of other schemas, by the circle
})

export type Identity = Of<typeof identity>
export type Change = Of<typeof change>
export type Resolved = Of<typeof readResolved>
export type Bond = Of<typeof bond>
export type Person = Of<typeof person>
export type Who = Of<typeof readWho>
