// What a node with a wallet says: accounts, balances, requests for signatures with their explanations. All
// addresses, sites and amounts are invented.
import { account, blockHash, bytesOf, FINAL, HEAD, LUMEN, MARA, provenance } from './facts.mjs'
import { SCENES } from './scenes.mjs'
import { scriptedWallet, unsignedTransfer } from './scripted-signer.mjs'

export const SAVINGS = bytesOf('savings', 20)
const HARBOUR = bytesOf('harbour token', 20)
const TIDAL = bytesOf('tidal token', 20)
export const SITE = 'http://127.0.0.1:5173'

const person = (over = {}) => ({ id: 1, address: MARA, label: 'Mara, daily', kind: 'derived', path: "m/44'/60'/0'/0/0", seed: 'seed-1', is_hidden: false, ...over })
const tx = (i, state, over = {}) => ({
  hash: bytesOf(`moved ${i}`), from: MARA, to: LUMEN, value: '850000000000000000', nonce: 112 - i, state, sent_ms: Date.now() - 30_000 - i * 600_000, block: null, succeeded: null,
  providers: [], account: 1, confirmations: 0, can_replace: false, ...over
})
const mined = number => ({ block: { number, hash: blockHash(number) }, succeeded: true })
const entry = (id, event, over = {}) => ({ id, at_ms: Date.now() - id * 400_000, event, origin: null, account: null, detail: '', ...over })

export const rich = (over = {}) => scriptedWallet({
  vault: 'open', passphrase: 'a long enough passphrase',
  accounts: [person(), person({ id: 2, address: SAVINGS, label: 'Savings', kind: 'imported', path: null, seed: null }), person({ id: 3, address: LUMEN, label: 'The co-op', kind: 'watch', path: null, seed: null })],
  seeds: [{ id: 'seed-1', label: 'Seed', is_backed_up: true, words: 24 }],
  nostr: [{ id: 'nostr-1', pubkey: bytesOf('npub').slice(2), label: 'Feed key', kind: 'imported' }],
  secrets: { 'seed-1': 'harbour lantern maple quiet river silver timber umbrella velvet walnut yellow zebra' },
  permissions: [
    { origin: SITE, accounts: [MARA], granted_ms: Date.now() - 86_400_000, expires_ms: Date.now() + 29 * 86_400_000, used_ms: Date.now() - 200_000 },
    { origin: '', accounts: [MARA, SAVINGS], granted_ms: Date.now() - 86_400_000, expires_ms: Date.now() + 12 * 86_400_000, used_ms: null }
  ],
  audit: [entry(4, 'signed', { account: MARA, origin: SITE, detail: 'Send 0.85 ETH' }), entry(3, 'granted', { origin: SITE }), entry(2, 'wrong_passphrase'), entry(1, 'created', { detail: 'the vault' })],
  activity: [tx(0, 'sent', { can_replace: true }), tx(1, 'included', { ...mined(HEAD - 3), confirmations: 4 }), tx(2, 'finalized', mined(FINAL - 4)), tx(3, 'included', { ...mined(HEAD - 9), succeeded: false, confirmations: 10 }), tx(4, 'replaced')],
  ...over
})

export const balances = ({ address }) => ({
  ether: account('latest', { address }),
  tokens: [
    { token: HARBOUR, symbol: 'HRB', decimals: 18, balance: '18400000000000000000000', provenance: provenance() },
    { token: TIDAL, symbol: 'TDL', decimals: 6, balance: '1200000000', provenance: provenance({ verdict: 'unproven', why: 'no storage layout known, one provider’s word' }) }
  ]
})

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'
export const session = (over = {}) => ({ id: '00112233aabbccdd', created_ms: Date.now() - 86_400_000, used_ms: Date.now() - 1000, user_agent: chrome, connections: 1, is_this: true, ...over })
export const sessions = () => [
  session({ id: 'aa112233aabbccdd', is_this: false, connections: 0, used_ms: Date.now() - 7_200_000, user_agent: 'Mozilla/5.0 (Android 15; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0' }),
  session(),
  session({ id: 'bb112233aabbccdd', is_this: false, connections: 2, used_ms: Date.now() - 60_000, user_agent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15' }),
  session({ id: 'cc112233aabbccdd', is_this: false, connections: 0, used_ms: Date.now() - 400_000_000, user_agent: '<b>curl</b>/' + '8'.repeat(300) })
]

const explanation = over => ({ title: '', sentence: '', kind: 'transfer', leaves: [], rows: [], tree: null, warnings: [], is_red: false, ...over })
export const REQUESTS = {
  transfer: (over = {}) => ({
    kind: 'transaction', is_own: true, account: MARA, raw: unsignedTransfer({ tip: 1_000_000_000n, maxFee: 3_333_333_333n, gas: 21_000n, value: 250_000_000_000_000_000n }),
    explain: explanation({
      title: 'Send 0.25 ETH', sentence: 'Moves 0.25 ETH to an account that exists and has no code.',
      leaves: [{ what: 'Leaves', amount: '0.25', unit: 'ETH', to: LUMEN }],
      rows: [{ label: 'Fee', value: 'at most 0.00007 ETH', mono: false }, { label: 'Nonce', value: '113', mono: false }],
      warnings: [{ level: 'note', code: 'first_time', text: 'You have never sent to this address' }]
    }), ...over
  }),
  typed: (over = {}) => ({
    kind: 'typed', origin: SITE, account: MARA, raw: '{"types":{}}',
    explain: explanation({
      title: 'Sign an order at Lumen', kind: 'typed', sentence: 'Structured data of the kind Order, for Lumen, version 1.',
      rows: [{ label: 'Contract', value: LUMEN, mono: true }],
      tree: [{ name: 'maker', type: 'address', value: MARA }, { name: 'items', type: 'Item[]', children: [{ name: '0', type: 'Item', children: [{ name: 'token', type: 'address', value: LUMEN }, { name: 'amount', type: 'uint256', value: '18400000000000000000000' }, { name: 'note', type: 'string', value: '' }] }] }],
      warnings: [{ level: 'note', code: 'name_claimed', text: 'The name “Lumen” is a claim of the site' }, { level: 'warn', code: 'order', text: 'An order can be carried out later, without asking again' }]
    }), ...over
  }),
  danger: (over = {}) => ({
    kind: 'message', origin: 'https://claim-lumen.example', account: MARA, raw: '0x' + 'ab'.repeat(32),
    explain: explanation({
      title: 'Hand this whole account to a contract', kind: 'authorization', is_red: true, sentence: 'An EIP-7702 authorization lets its code act as you.',
      rows: [{ label: 'Gives power to', value: TIDAL, mono: true }, { label: 'Chain', value: 'every network (id 0)', mono: false }],
      warnings: [{ level: 'warn', code: 'other_site', text: 'The site is not the one it names' }, { level: 'danger', code: 'authorization', text: 'This contract could take everything, at any time' }]
    }), ...over
  }),
  permission: (over = {}) => ({
    kind: 'permission', origin: SITE, account: MARA, raw: '',
    explain: explanation({ title: 'Let a page see an account', kind: 'message', sentence: 'It sees the address, and may ask for signatures. Each is asked for here, for 30 days.', rows: [{ label: 'Until', value: '21 Dec', mono: false }] }), ...over
  }),
  hostile: (over = {}) => ({
    kind: 'message', origin: 'https://' + 'x'.repeat(180) + '.example', account: MARA, raw: '<img src=x onerror=alert(3)>' + 'r'.repeat(4000),
    explain: explanation({
      title: '<script>alert(4)</script>' + 'T'.repeat(200), sentence: 'S'.repeat(900), rows: [{ label: 'L'.repeat(60), value: 'V'.repeat(300), mono: true }],
      leaves: [{ what: 'W'.repeat(50), amount: '9'.repeat(78), unit: 'U'.repeat(20), to: 'not an address ' + 'n'.repeat(90) }],
      tree: [{ name: 'n'.repeat(100), type: 't'.repeat(100), value: '\\u202e' + 'v'.repeat(400) }],
      warnings: [{ level: 'warn', code: 'unicode', text: 'w'.repeat(300) }]
    }), ...over
  })
}

export const PREPARED = value => ({
  transaction: {}, fees: {}, gas: { limit: 21000, is_guess: false }, cost_max: String(BigInt(value) + 70_000_000_000_000n),
  explain: explanation({ title: 'Send', sentence: 'Moves it to an account that exists and has no code.' }), provenance: provenance()
})

// A scene of the node with a wallet's topics in it.
export const withWallet = (w, scene = 'live') => ({ ...SCENES[scene](), ...w.topics() })
