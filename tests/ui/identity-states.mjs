// The screens of identity in every state, drawn by states.mjs.
import { LUMEN, MARA } from './facts.mjs'
import { ALERT, attestation, BROKEN, BUNDLE, DID, JUN, OTHERS, schema, schemaUid, scriptedIdentity, STEPS, TOKEN, TOMAS, uidOf } from './identity.mjs'

const state = (name, route, make, words, more = {}) => ({
  name, route, words, ...more,
  start(node) {
    const d = make()
    d.install(node)
    this.topics = () => d.topics(more.scene)
  }
})
const at = (a, uid) => `#/attestation/${a}.${uidOf(uid)}`
const click = name => page => page.getByRole('button', { name }).first().click()
const paste = text => async page => {
  await page.getByLabel('Bundle, attestation, link, token or uid').fill(text)
  await page.getByRole('button', { name: 'Verify', exact: true }).click()
}
const evil = '<img src=x onerror=alert(1)>\u202e'
const hostile = () => attestation('evil', 'met', [true, evil + 'W'.repeat(500)], {
  values: [{ name: evil + 'n'.repeat(60), type: 'string', value: evil + '<script>'.repeat(80) }, { name: '', type: 'tuple'.repeat(9), value: { deep: [[[[[[[[1]]]]]]]] } }, { name: 'far', type: 'uint256', value: '9'.repeat(78) }],
  why: evil + 'y'.repeat(400), schema_text: 'string ' + 'x'.repeat(4000), expiration_time: '18446744073709551615', verdict: 'unverified', code: 'x'
})

export const IDENTITY_STATES = [
  state('identity', '#/identity', () => scriptedIdentity(), [
    'Two accounts vouch for you today. One expires soon. One was revoked. One could not be told.', 'Who vouches for you', 'Lives at, since', 'expires in 6 days', 'Lives at Quayside', 'Since 2021', 'Valid as of finalized block 26,214,839.',
    'Met in person, how', 'I met Mara and checked her npub', 'No expiry.', 'Member class', 'said, on chain', 'Revoked as of finalized block 26,214,839. On', 'Unverified', 'Could not be told, as of no block yet.', 'No provider answered.',
    'For whom you vouch', 'In a block that is not final yet as of block 26,214,899.', 'Pending', 'Your DIDs', 'did:key:zQ3sh', 'Controller', 'Your feed key', 'both directions proven, as of finalized block 26,214,839', 'Look for older ones', 'Save proof bundle'
  ]),
  state('identity-others', '#/identity', () => scriptedIdentity({ list: OTHERS() }), ['Of others, kept here', 'Expired, and not revoked as of', 'Its date has not come yet as of', 'Proven not to be there as of', 'Proven to be false as of', 'The attester has not signed it.', 'Nobody has vouched for you yet', 'You vouch for nobody yet'], { not: ['Valid as of'] }),
  state('identity-empty', '#/identity', () => scriptedIdentity({ list: [], links: [], dids: [] }), ['Nobody vouches for you today.', 'Nobody has vouched for you yet', 'You vouch for nobody yet', 'begin your wallet', 'Link Mara, daily']),
  state('identity-alert', '#/identity', () => { const d = scriptedIdentity(); d.dids[0] = { ...d.dids[0], owner: TOMAS, alert: ALERT }; return d }, ['One of your identities changed without you.', 'Mara, daily changed without you', 'The controller became another account.', 'No act of this node made it.', 'See what changed', 'It was me']),
  state('identity-owner-changed', '#/identity', () => { const d = scriptedIdentity(); d.links[0] = { ...d.links[0], state: 'owner_changed', why: 'the owner is another' }; return d }, ['the owner changed on chain: the key does not speak for it any more', 'The owner is another.', 'Link Mara, daily'], { not: ['both directions proven'] }),
  state('identity-loading', '#/identity', () => scriptedIdentity({ silent: ['attest.list', 'did.mine', 'link.list'] }), ['Identity', 'Overview'], { isFresh: true, not: ['Nobody vouches'] }),
  state('identity-refused', '#/identity', () => scriptedIdentity({ fails: { 'attest.list': ['no_eas', 'no attestation contract is known on this network', 'not_found'], 'did.mine': ['store', 'the store is busy', 'again'] } }), ['There is no attestation contract on this network', 'Code no_eas', 'Not shown: your DIDs', 'The store is busy.', 'Ask again']),
  state('identity-none', '#/identity', () => scriptedIdentity({ news: null }), ['This node keeps no attestations']),
  state('identity-offline', '#/identity', () => scriptedIdentity(), ['Two accounts vouch for you today.', 'Valid as of finalized block 26,214,839.'], { scene: 'offline' }),
  state('identity-lost', '#/identity', () => scriptedIdentity(), ['Node unreachable since', 'Who vouches for you', 'as of finalized block 26,214,839'], { isLost: true }),
  state('identity-hostile', '#/identity', () => scriptedIdentity({ list: [hostile(), { ...hostile(), role: 'issued', attester: MARA }] }), ['<img src=x onerror=alert(1)>', '\\u202e', 'Expires after the year 9999.'], { not: ['\u202e', 'NaN'] }),

  state('attestation', at(TOMAS, 'met'), () => scriptedIdentity(), ['Met in person, how', 'What it says', 'Met in person yes', 'Valid as of finalized block', 'How that is known', 'See the proof', 'Take it along', 'Save proof bundle', 'Save the package', 'Share in your feed', 'From whom, to whom', 'Mara, daily', 'never', 'off chain, as a signed package'], { not: ['Revoke what'] }),
  state('attestation-proof', at(TOMAS, 'met'), () => scriptedIdentity(), ['The claim is whole', 'The attester signed it', 'Its schema is on chain', 'It is not revoked', 'What this does not say', 'Check again'], { prepare: click('See the proof') }),
  state('attestation-issued', at(MARA, 'jun'), () => scriptedIdentity(), ['You see first what that means.', 'Revoke']),
  state('attestation-revoke', at(MARA, 'jun'), () => scriptedIdentity(), ['It cannot be taken back, and everybody can see it', 'entered in the contract’s register', 'Review and revoke', 'Keep it'], { prepare: click('Revoke') }),
  state('attestation-private', at(MARA, 'private'), () => scriptedIdentity(), ['Disclose a part', 'Fields to disclose', 'name', 'born', 'street', 'As a proof bundle, which can be checked offline', 'Save the disclosure']),
  state('attestation-revoked', at(MARA, 'okke'), () => scriptedIdentity(), ['Revoked', 'Revoked as of finalized block'], { not: ['Review and revoke'] }),
  state('attestation-missing', at(MARA, 'nowhere'), () => scriptedIdentity(), ['Your node does not keep this attestation', 'Verify it']),
  state('attestation-hostile', at(TOMAS, 'evil'), () => scriptedIdentity({ list: [hostile()] }), ['<img src=x onerror=alert(1)>', 'after the year 9999'], { not: ['\u202e'] }),
  state('attestation-lost', at(TOMAS, 'met'), () => scriptedIdentity(), ['Node unreachable since', 'What it says'], { isLost: true }),

  state('verify', '#/verify', () => scriptedIdentity(), ['Verify something you were given', 'Nothing of it is believed', 'Choose a file', 'A proof bundle is checked without a network.']),
  state('verify-bundle', '#/verify', () => scriptedIdentity(), ['Valid as of finalized block 26,214,139, 2 hours ago', 'An attestation on chain.', 'The file is whole', 'Your node knows who signed', 'The sync committee signed that the block is final', '501 of 512 signed.', 'The block is the real one', 'It holds today', 'What was disclosed belongs to it', 'Street, disclosed Quay 4', 'Expiration time never', 'What this does not say'], { prepare: paste(JSON.stringify(BUNDLE)) }),
  state('verify-broken', '#/verify', () => scriptedIdentity({ outcome: BROKEN() }), ['Proven to be false', 'The account is not under the state root.', 'The storage is not of that block'], { prepare: paste(JSON.stringify(BUNDLE)), not: ['Valid as of'] }),
  state('verify-package', '#/verify', () => scriptedIdentity(), ['Valid as of finalized block 26,214,839', 'The attester signed it', 'Keep it here', 'It is about one of your accounts, or from one.'], { prepare: paste('https://easscan.org/offchain/url/#attestation=eNo') }),
  state('verify-unverified', '#/verify', () => scriptedIdentity({ verified: { attestation: attestation('exam', 'exam', ['T', true, '7', []], { verdict: 'unverified', as_of: null, role: 'other' }), steps: [...STEPS().slice(0, 3), { step: 'chain', ok: null, text: 'The chain could not be asked: no provider' }], verdict: 'unverified', code: 'no_provider', why: 'no provider answered' } }), ['Unverified', 'Unverified is never valid: do not rely on it.', 'Not told: the chain was asked', 'It is about none of your accounts.'], { prepare: paste(uidOf('exam')), not: ['Valid as of'] }),
  state('verify-refused', '#/verify', () => scriptedIdentity({ fails: { 'attest.verify': ['attest_text', 'that is no attestation', 'input'] } }), ['It could not be checked', 'That is no attestation.', 'Code attest_text'], { prepare: paste('hello') }),
  state('verify-token', '#/verify', () => scriptedIdentity(), ['Valid as of finalized block 26,214,839', 'a signed token', 'From did:ethr:', 'whom it is not about: they may have it from somebody else', 'member: Harbour', 'It is signed by a key of the issuer.'], { prepare: paste('eyJhbGciOiJFUzI1NksifQ.eyJpc3MiOiJ4In0.c2ln') }),
  state('verify-token-early', '#/verify', () => scriptedIdentity({ token: TOKEN({ verdict: 'not_yet', code: 'not_yet', why: 'it begins tomorrow', holder: null, is_bound: null }) }), ['Its date has not come yet', 'It begins tomorrow.'], { prepare: paste('eyJhbGciOiJFUzI1NksifQ.eyJpc3MiOiJ4In0.c2ln'), not: ['Valid as of'] }),
  state('verify-cut', '#/verify', () => scriptedIdentity(), ['begins like a file of JSON and is none'], { prepare: paste('{"hearth_bundle": 1, "net') }),

  state('issue', '#/issue', () => scriptedIdentity(), ['Issue an attestation', 'First choose a schema', 'Met here', 'Or by its uid']),
  state('issue-form', `#/issue/${schemaUid('vouch')}`, () => scriptedIdentity(), ['What you attest', 'About whom', 'Knows bool', 'Since uint16', 'A whole number from 0 to 65535.', 'Offset int8', 'from -128 to 127', 'Friend address', 'Mark bytes4', '0x and 8 hexadecimal digits.', 'Any number, one a line.', 'Place', 'Depth int64', 'Off chain', 'On chain', 'It can be revoked later', 'Review and sign', 'The schema']),
  state('issue-private', `#/issue/${schemaUid('private')}`, () => scriptedIdentity(), ['Private fields', 'Only a fingerprint of them is signed.', 'Add a private field']),
  state('issue-misfit', `#/issue/${schemaUid('vouch')}`, () => scriptedIdentity(), ['Some fields do not fit their type yet. Nothing was signed.', 'Not so: yes or no.', 'Not so: at most 65535.'], { prepare: async page => { await page.getByLabel('Since uint16').fill('70000'); await page.getByRole('button', { name: 'Review and sign' }).click() } }),
  state('issue-locked', `#/issue/${schemaUid('met')}`, () => scriptedIdentity({}, { vault: 'locked' }), ['Locked', 'Passphrase'], { not: ['Review and sign'] }),
  state('issue-unread', `#/issue/${schemaUid('met')}`, () => scriptedIdentity({ schemas: [schema('met', { fields: null, why: 'a type is not known' })] }), ['The schema cannot be read', 'a type is not known']),
  state('issue-unknown', `#/issue/${schemaUid('nowhere')}`, () => scriptedIdentity({ fails: { 'attest.schema': ['no_schema', 'no such schema is registered', 'not_found'] } }), ['The schema cannot be shown', 'No such schema is registered.', 'Code no_schema']),

  state('did', '#/did', () => scriptedIdentity(), ['Mara, daily’s DID', 'Document', 'the document: Proven', '#controller', 'EcdsaSecp256k1RecoveryMethod2020', '#service-1 Website', 'History', '4 changes, none left out', 'The controller became Savings.', 'may no longer sign claims.', 'Added: the service Website, until', 'may sign claims, until', 'Prove who owns it', 'Rotate the owner']),
  state('did-rotate', '#/did', () => scriptedIdentity(), ['After this you cannot take it back yourself', 'That account is none of yours', 'Type its last 6 digits', 'Read them from where you got the address', 'Review and rotate'], { prepare: async page => { await page.getByLabel('New owner').fill(TOMAS); await page.getByRole('button', { name: 'See what that means' }).click() } }),
  state('did-acts', '#/did', () => scriptedIdentity(), ['Delegates', 'Another account signs for this DID', 'Keys and services', 'did/svc/Website'], { prepare: click('Delegates, keys and services') }),
  state('did-other', `#/did/did:ethr:${LUMEN}`, () => scriptedIdentity({ history: [] }), ['Nothing was ever changed, which is proven', 'no change ever'], { not: ['Rotate the owner'] }),
  state('did-over', `#/did/${DID}`, () => scriptedIdentity({ deactivated: true, history: [{ block: 1, time: 1, kind: 'owner', owner: '0x' + '0'.repeat(40) }] }), ['It was given up', 'nobody controls it any more']),
  state('did-incomplete', '#/did', () => scriptedIdentity({ document: null, history: null, missing: { from: 0, to: 26_000_000, why: 'no provider keeps the receipts' } }), ['There is no document.', 'What happened up to block 26,000,000 could not be proven: no provider keeps the receipts.', 'so none is shown'], { not: ['none left out'] }),
  state('did-refused', '#/did/did:ethr:zz', () => scriptedIdentity({ fails: { 'did.resolve': ['did_syntax', 'that is no DID', 'input'] } }), ['That is no DID', 'Code did_syntax']),
  state('did-loading', '#/did', () => scriptedIdentity({ silent: ['did.resolve'] }), ['Which DID'], { isFresh: true }),
  state('did-hostile', '#/did', () => scriptedIdentity({ history: [{ block: 5, time: 1, kind: 'attribute', name: `did/pub/${evil}/${'p'.repeat(300)}`, value: evil + 'v'.repeat(900), valid_to: '99999999999999999999' }, { block: 6, time: 2, kind: 'delegate', delegate: 'x'.repeat(90), type: evil, valid_to: 3 }], document: { verificationMethod: [{ id: evil, type: 'T'.repeat(400) }, null, 7], service: [{ id: {}, type: [evil] }] } }), ['<img src=x onerror=alert(1)>', 'may act as <img'], { not: ['\u202e'] }),

  state('circle', '#/circle', () => scriptedIdentity(), ['Four people are in your circle, at most 4 steps away.', 'One step: you vouch for them', 'jun.eth', '2 attestations from your circle.', 'Two steps: somebody for whom you vouch does', 'Four steps away', 'What is revoked or expired does not count.', 'See the way']),
  state('circle-way', `#/circle/${JUN}`, () => scriptedIdentity(), ['How you know them', 'somebody for whom you vouch does', 'Mara, daily vouches for', 'Vouched for by', 'Your circle also gave them 1 attestation of other kinds.']),
  state('circle-empty', '#/circle', () => scriptedIdentity({ people: [] }), ['Nobody is in your circle yet.', 'Vouch for somebody']),
  state('circle-refused', '#/circle', () => scriptedIdentity({ fails: { 'trust.list': ['store', 'the store is busy', 'again'] } }), ['Not shown: your circle', 'Code store']),

  state('schemas', '#/schemas', () => scriptedIdentity(), ['Met here', 'bool metInPerson, string how', '2 fields. Revocable.', 'Register one', 'Attestation contract', 'version 0.26']),
  state('schemas-empty', '#/schemas', () => scriptedIdentity({ schemas: [] }), ['No schema yet'])
]
