// A node with identity as the page sees it: attestations in every standing, schemas, DIDs with their history, links, the
// circle, bundles; in the form of identity/attest/attest.h, proof/bundle.h, didself.h, link.h and trust.h. All invented.
import { blockHash, bytesOf, FINAL, LUMEN, MARA, provenance, refusal } from './facts.mjs'
import { scriptedFeed } from './feed.mjs'
import { rich, SAVINGS, withWallet } from './wallet.mjs'

const seconds = (days = 0) => Math.floor(Date.now() / 1000) + Math.round(days * 86_400)
export const TOMAS = bytesOf('tomas', 20)
export const QUAY = bytesOf('quayside', 20)
export const JUN = bytesOf('jun', 20)
export const uidOf = name => bytesOf(`uid ${name}`)
export const schemaUid = name => bytesOf(`schema ${name}`)
const asOf = (over = {}) => ({ number: FINAL, hash: blockHash(FINAL), time: seconds() - 900, level: 'finalized', ...over })

const SCHEMAS = {
  met: [['metInPerson', 'bool'], ['how', 'string']],
  resident: [['livesAt', 'string'], ['since', 'uint16']],
  member: [['memberClass', 'string']],
  exam: [['course', 'string'], ['passed', 'bool'], ['grade', 'uint8'], ['topics', 'string[]']],
  private: [['privateData', 'bytes32']],
  vouch: [['knows', 'bool'], ['since', 'uint16'], ['offset', 'int8'], ['friend', 'address'], ['mark', 'bytes4'], ['tags', 'string[]'], ['place', '(string name,int64 depth)']]
}
const PARTS = { place: [{ name: 'name', type: 'string' }, { name: 'depth', type: 'int64' }] }
export const schema = (name, over = {}) => ({
  uid: schemaUid(name), text: SCHEMAS[name].map(([n, t]) => `${t} ${n}`).join(', '), resolver: '0x' + '0'.repeat(40), revocable: true,
  fields: SCHEMAS[name].map(([n, type]) => ({ name: n, type: PARTS[n] ? '(string,int64)' : type, ...(PARTS[n] && { parts: PARTS[n] }) })), ...over
})
export function attestation(name, of, values, over = {}) {
  const { text, fields } = schema(of)
  return {
    uid: uidOf(name), attester: TOMAS, recipient: MARA, schema: schemaUid(of), ref_uid: '0x' + '0'.repeat(64), data: bytesOf(name, 64), kind: 'offchain', time: seconds(-40), expiration_time: 0,
    revocation_time: 0, revocable: true, role: 'received', schema_text: text, values: fields.map((f, i) => ({ ...f, value: values[i] })), private: false, verdict: 'valid', code: null, why: null,
    as_of: asOf(), added_ms: Date.now() - 86_400_000, ...over
  }
}
export const RECEIVED = () => [
  attestation('resident', 'resident', ['Quayside', '2021'], { attester: QUAY, kind: 'onchain', expiration_time: seconds(6.2) }),
  attestation('met', 'met', [true, 'I met Mara and checked her npub']),
  attestation('member', 'member', ['B'], { attester: LUMEN, kind: 'onchain', verdict: 'revoked', revocation_time: seconds(-3), code: 'revoked', why: 'it was revoked' }),
  attestation('exam', 'exam', ['Tidal engineering', true, '7', ['tides', 'locks']], { verdict: 'unverified', code: 'no_provider', why: 'no provider answered', as_of: null, expiration_time: seconds(300) })
]
export const ISSUED = () => [
  attestation('jun', 'met', [true, 'in the harbour'], { attester: MARA, recipient: JUN, role: 'issued' }),
  attestation('private', 'private', [bytesOf('root')], { attester: MARA, recipient: JUN, role: 'issued', private: true, leaves: ['name', 'born', 'street'] }),
  attestation('okke', 'met', [true, 'at the lock'], { attester: MARA, recipient: bytesOf('okke', 20), role: 'issued', kind: 'onchain', verdict: 'revoked', revocation_time: seconds(-19), code: 'revoked' }),
  attestation('fresh', 'member', ['A'], { attester: MARA, recipient: JUN, role: 'issued', kind: 'onchain', verdict: 'pending', code: 'not_final', why: 'the block that has it is not final yet', as_of: asOf({ number: FINAL + 60, level: 'head' }) })
]
export const OTHERS = () => [
  attestation('old', 'member', ['C'], { recipient: JUN, role: 'other', verdict: 'expired', code: 'expired', expiration_time: seconds(-100), why: 'it has expired' }),
  attestation('odd', 'member', ['D'], { recipient: JUN, role: 'other', verdict: 'from_future', code: 'from_future', time: seconds(500), why: 'it is dated in the future' }),
  attestation('gone', 'member', ['E'], { recipient: JUN, role: 'other', kind: 'onchain', verdict: 'not_there', code: 'no_attestation', why: 'the contract holds none of that uid' }),
  attestation('false', 'member', ['F'], { recipient: JUN, role: 'other', verdict: 'invalid', code: 'eas_signer', why: 'the attester has not signed it' })
]

export const DID = `did:ethr:${MARA}`
const DIDS = () => [
  { account: MARA, did: DID, did_key: 'did:key:zQ3shX8n7Qk2Yv1Lf2VdTt4mMara5Qw9Zs3Hn6Jp8Rc1Bk', owner: MARA, is_deactivated: false, changed: FINAL - 900, alert: null, as_of: asOf() },
  { account: SAVINGS, did: `did:ethr:${SAVINGS}`, did_key: null, owner: TOMAS, is_deactivated: false, changed: FINAL - 90_000, alert: null, as_of: asOf() }
]
export const ALERT = { block: FINAL - 12, text: 'the controller became another account' }
const iso = days => new Date(seconds(days) * 1000).toISOString()
const HISTORY = () => [
  { block: FINAL - 90_000, time: iso(-300), kind: 'delegate', delegate: JUN, type: 'veriKey', valid_to: String(seconds(65)) },
  { block: FINAL - 80_000, time: iso(-200), kind: 'attribute', name: 'did/svc/Website', value: 'https://mara.example', valid_to: String(seconds(165)) },
  { block: FINAL - 70_000, time: iso(-100), kind: 'delegate', delegate: JUN, type: 'veriKey', valid_to: String(seconds(-100)) },
  { block: FINAL - 900, time: iso(-1), kind: 'owner', owner: SAVINGS }
]
const DOCUMENT = () => ({
  '@context': ['https://www.w3.org/ns/did/v1'], id: DID,
  verificationMethod: [{ id: `${DID}#controller`, type: 'EcdsaSecp256k1RecoveryMethod2020', controller: DID, blockchainAccountId: `eip155:1:${MARA}` }],
  authentication: [`${DID}#controller`], assertionMethod: [`${DID}#controller`], service: [{ id: `${DID}#service-1`, type: 'Website', serviceEndpoint: 'https://mara.example' }]
})

const step = (name, ok, text, code) => ({ step: name, ok, text, ...(code && { code }) })
export const STEPS = () => [
  step('uid', true, 'Its fields give its uid'), step('domain', true, 'It is for this chain and its attestation contract'), step('signature', true, "The attester's key signed it"),
  step('schema', true, 'Schema 0x12… is registered'), step('revocation', true, `It is not revoked as of finalized block ${FINAL}`), step('time', true, 'It does not expire, and is not from the future')
]
export const BUNDLE = { hearth_bundle: 1, network: { name: 'mainnet', chain_id: 1 }, claim: { kind: 'eas_onchain', uid: uidOf('resident') } }
export const OUTCOME = (over = {}) => ({
  verdict: 'valid', code: null, why: null, kind: 'eas_onchain', network: 'mainnet', period: 1916, block: { number: FINAL - 700, hash: blockHash(FINAL - 700), time: seconds(-0.1) }, age_s: 8820, age: '2 hours',
  claim: { attestation: { uid: uidOf('resident'), schema: schemaUid('resident'), attester: QUAY, recipient: MARA, time: '1770000000', expirationTime: '0', revocationTime: '0', revocable: true, data: '0x12' }, schema: { uid: schemaUid('resident'), text: 'string livesAt, uint16 since', revocable: true }, fields: [{ name: 'livesAt', type: 'string', value: 'Quayside' }, { name: 'since', type: 'uint16', value: '2021' }], disclosed: [{ type: 'string', name: 'street', value: 'Quay 4' }] },
  steps: [
    step('form', true, 'A bundle of version 1'), step('network', true, 'mainnet'), step('committee', true, 'The committee of period 1916 is known'), step('finality', true, '501 of 512 signed'),
    step('header', true, 'Its hash is in the finalized header'), step('state', true, 'The account and 9 slots are under its state root'), step('schema', true, 'The schema is registered'),
    step('claim', true, 'The contract holds the attestation'), step('disclosure', true, '1 private field'), step('now', true, 'Not revoked, not expired')
  ], ...over
})
export const TOKEN = (over = {}) => ({
  verdict: 'valid', code: null, why: null, claims: { vc: { credentialSubject: { id: `did:ethr:${MARA}`, member: 'Harbour' } } }, issuer: `did:ethr:${QUAY}`, holder: `did:ethr:${JUN}`, is_bound: false, as_of: asOf(),
  steps: [step('signature', true, 'It is signed by a key of the issuer'), step('time', true, 'It has not expired')], ...over
})
export const BROKEN = () => OUTCOME({ verdict: 'invalid', code: 'proof_root', why: 'the account is not under the state root', block: null, age: null, age_s: null, claim: null, steps: [step('form', true, 'A bundle of version 1'), step('network', true, 'mainnet'), step('state', false, 'the account is not under the state root', 'proof_root')] })

const PEOPLE = () => [
  { address: JUN, pubkey: bytesOf('jun key').slice(2), name: 'jun.eth', distance: 1, vouches: 2 },
  { address: TOMAS, pubkey: null, name: null, distance: 1, vouches: 1 }, { address: QUAY, pubkey: null, name: null, distance: 2, vouches: 1 }, { address: null, pubkey: bytesOf('far key').slice(2), name: null, distance: 4, vouches: 1 }
]

// `over`: what the node has; `wallet`: of its wallet. `sent` is what the page asked of it, `fails` what is refused.
export function scriptedIdentity(over = {}, wallet = {}) {
  const w = rich(wallet)
  const d = {
    list: [...RECEIVED(), ...ISSUED()], schemas: ['met', 'resident', 'member', 'exam', 'private', 'vouch'].map(n => schema(n)), dids: DIDS(), history: HISTORY(), document: DOCUMENT(), deactivated: false,
    links: [{ pubkey: scriptedFeed().me.pubkey, address: MARA, did: DID, state: 'linked', issued: seconds(-9), event_id: bytesOf('link'), is_mine: true, counts: true, code: null, why: null, as_of: asOf() }],
    people: PEOPLE(), me: scriptedFeed().me, outcome: OUTCOME(), verified: null, token: TOKEN(), news: { count: 8, changes: 1, as_of: asOf() }, sent: [], fails: {}, silent: [], contract: { eas: bytesOf('eas', 20), schema_registry: bytesOf('registry', 20), version: '0.26', chain_id: 1 },
    ...over
  }
  const answers = {
    'attest.list': ({ limit = 100, offset = 0 }) => ({ attestations: d.list.slice(offset, offset + limit), total: d.list.length, as_of: asOf(), scanned: FINAL }),
    'attest.schemas': () => ({ schemas: d.schemas }),
    'attest.schema': p => ({ ...schema('member'), uid: p.uid }),
    'attest.contract': () => d.contract,
    'attest.issue': p => {
      if (p.how === 'onchain') return { hash: bytesOf('issued') }
      const made = attestation('made', 'met', [true, 'x'], { attester: p.from, recipient: p.recipient ?? null, role: 'issued' })
      d.list = [made, ...d.list]
      return { attestation: made, package: { sig: {} }, url: 'https://easscan.org/offchain/url/#attestation=eNo' }
    },
    'attest.revoke': () => ({ hash: bytesOf('revoked') }),
    'attest.forget': p => { d.list = d.list.filter(a => a.uid !== p.uid); return {} },
    'attest.share': () => ({ id: bytesOf('shared').slice(2) }),
    'attest.export': p => ({ package: { sig: { uid: p.uid }, signer: p.attester }, url: 'https://easscan.org/offchain/url/#attestation=eNo' }),
    'attest.disclose': p => ({ disclosure: { leaves: p.fields.map(name => ({ name })), proof: [], proofFlags: [] }, package: { sig: {} } }),
    'attest.import': () => ({ attestation: attestation('met', 'met', [true, 'I met Mara and checked her npub']), steps: STEPS() }),
    'attest.verify': () => d.verified ?? { attestation: attestation('met', 'met', [true, 'I met Mara and checked her npub']), steps: STEPS(), verdict: 'valid', code: null, why: null },
    'attest.find': p => ({ found: 2, added: 1, gaps: [{ from: p.from, to: p.from + 3, why: 'no provider' }] }),
    'attest.schema_register': () => ({ hash: bytesOf('registered'), uid: schemaUid('made') }),
    'credential.verify': () => d.token,
    'bundle.make': p => ({ bundle: { ...BUNDLE, claim: p } }),
    'bundle.verify': () => d.outcome,
    'did.mine': () => ({ identities: d.dids }),
    'did.resolve': () => ({ didDocument: d.document, didDocumentMetadata: { deactivated: d.deactivated, versionId: String(FINAL - 900), updated: new Date().toISOString() }, didResolutionMetadata: {}, history: d.history, provenance: { ...provenance({ block: { number: FINAL, hash: blockHash(FINAL) }, level: 'finalized' }), complete: true, changes: 4, ...(d.missing && { complete: false, missing: d.missing }) } }),
    'did.rotate': () => ({ hash: bytesOf('rotated') }), 'did.delegate': () => ({ hash: bytesOf('delegated') }), 'did.attribute': () => ({ hash: bytesOf('attributed') }),
    'did.seen': p => { d.dids = d.dids.map(i => (i.did === p.did ? { ...i, alert: null } : i)); return {} },
    'link.list': () => ({ links: d.links }), 'link.make': () => ({ id: bytesOf('link'), link: {} }), 'link.end': () => { d.links = []; return { id: bytesOf('end') } },
    'trust.list': () => ({ people: d.people, is_complete: true }),
    'trust.who': () => ({ distance: 2, path: [{ from: MARA, to: JUN, uid: uidOf('jun') }, { from: JUN, to: QUAY, uid: uidOf('q') }], vouches: [{ from: JUN, uid: uidOf('q'), schema: schemaUid('vouch'), distance: 1 }], attestations: [{ from: JUN, uid: uidOf('r'), schema: schemaUid('resident'), distance: 1 }] })
  }
  d.install = node => {
    w.install(node)
    for (const [name, answer] of Object.entries(answers)) {
      node.methods.set(name, params => {
        if (d.silent.includes(name)) return null
        if (d.fails[name]) return refusal(...d.fails[name])
        d.sent.push({ name, params })
        return { result: answer(params) }
      })
    }
  }
  d.topics = scene => ({
    ...withWallet(w, scene), ...(d.me && { 'social.me': d.me }),
    ...(d.news && { 'attest.changed': d.news, 'did.changed': { changes: 1, alerts: d.dids.filter(i => i.alert).length }, 'link.changed': { changes: 1, as_of: asOf() }, 'trust.changed': { people: d.people.length, changes: 1 } })
  })
  d.calls = name => d.sent.filter(s => s.name === name).map(s => s.params)
  d.changed = node => { d.news = { ...d.news, changes: d.news.changes + 1 }; node.push('attest.changed', d.news) }
  return d
}
