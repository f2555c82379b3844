// The states of the wallet's screens and of the review sheet, drawn by states.mjs. Each makes its own wallet.
import { refusal } from './facts.mjs'
import { scriptedWallet } from './scripted-signer.mjs'
import { balances, REQUESTS, rich, withWallet } from './wallet.mjs'

const NOT_LIVE = [/\bProven\b/]
const asked = { 'wallet.balances': params => ({ result: balances(params) }) }
const state = (name, route, make, words, more = {}) => ({
  name, route, words, ...more,
  start(node) {
    const w = make()
    w.install(node)
    for (const [method, answer] of Object.entries({ ...asked, ...more.methods })) node.methods.set(method, answer)
    this.wallet = w
    this.topics = () => withWallet(w, more.scene)
  }
})

// A request that waits when the page is opened, so that its sheet stands over it.
export const sheet = (name, item, words, more = {}) => state(`sheet-${name}`, '#/wallet', () => {
  const w = rich(more.wallet)
  w.queue.push({ id: '7', origin: '', is_own: false, created_ms: Date.now() - 121_000, expires_ms: Date.now() + 479_000, payload_hash: '0x05f1' + 'c2'.repeat(30), state: 'waiting', ...item })
  return w
}, words, { inside: 'dialog', ...more })

const click = name => page => page.getByRole('button', { name }).first().click()

export const WALLET_STATES = [
  state('wallet', '#/wallet', rich, ['Mara, daily', '4.2137 ETH and 2 tokens. 1 send on its way. Unlocked.', '3 accounts', 'Savings', 'watched', 'Balances', '18,400', 'TDL', 'Unproven', 'no storage layout known', 'Activity', 'Sending 0.85 ETH to The co-op', 'Sent 0.85 ETH to The co-op', 'Speed up', '4 confirmations', 'Final', 'Undone: nothing moved but the fee', 'It was to move 0.85 ETH to The co-op.', 'Replaced by another', 'See what it costs', 'Receive', 'No prices', 'Proven']),
  state('wallet-first', '#/wallet', () => scriptedWallet(), ['Begin your wallet', 'Make a new wallet', 'Restore from words', 'Watch an address', 'Passphrase, again', 'How many words', 'Make the keys and show the words']),
  state('wallet-restore', '#/wallet', () => scriptedWallet(), ['Begin your wallet', 'The words, in order', '0 typed', 'BIP-39', 'Restore'], { prepare: page => page.getByText('Restore from words').click() }),
  state('wallet-backup', '#/wallet', () => rich({ accounts: [{ ...rich().accounts[0] }], seeds: [{ id: 'seed-1', label: 'Seed', is_backed_up: false, words: 24 }] }), ['Back up your wallet', 'Back up the words', 'due', 'nothing is signed with them', 'Show the 24 words']),
  state('wallet-locked', '#/wallet', () => rich({ vault: 'locked' }), ['Locked: you can look, not sign.', 'keys sealed', 'Balances are public', 'Passphrase', 'Unlock', 'Proven']),
  state('wallet-empty', '#/wallet', () => rich({ accounts: rich().accounts.slice(0, 1), activity: [] }), ['0 ETH. Unlocked.', 'Nothing was sent from here yet.'],
    { methods: { 'wallet.balances': p => { const b = balances(p); b.tokens = []; b.ether.balance = '0'; return { result: b } } } }),
  state('wallet-activity', '#/wallet', () => rich({ activity: [{ ...rich().activity[0], to: '0x' + 'ab'.repeat(20) }, { ...rich().activity[1], to: null, value: '0' }, { ...rich().activity[2], to: null, value: null }] }),
    ['Sending 0.85 ETH to 0xabab…abab', 'Sent 0 ETH to a new contract', 'Final']),
  state('wallet-watch', '#/wallet', () => rich({ accounts: rich().accounts.slice(2) }), ['The co-op', 'Watched only.', 'Its key is not here']),
  state('wallet-gone', '#/wallet', () => rich({ hasSigner: false }), ['The process that holds the keys is not running', 'It was ended by the system.', 'Your keys are safe on disk', 'Code signer_gone']),
  state('wallet-refused', '#/wallet', rich, ['Nobody gave an answer that holds', 'Code no_provider', 'Activity'], { methods: { 'wallet.balances': () => refusal('no_provider', 'asked 2 providers, none answered') } }),
  state('wallet-stale', '#/wallet', rich, ['4.2137', 'old'], { scene: 'stale', not: [/: Proven/] }),
  state('wallet-lost', '#/wallet', rich, ['4.2137', 'as of', 'Node unreachable since'], { isLost: true, not: [/: Proven/] }),
  { name: 'wallet-none', route: '#/wallet', methods: {}, words: ['This node has no wallet', 'Connect a wallet'] },
  { name: 'wallet-loading', route: '#/wallet', methods: { 'node.subscribe': ({ topics }, ordinary) => (topics[0].startsWith('wallet') ? null : ordinary()) }, words: ['Wallet'], not: NOT_LIVE },

  state('permissions', '#/permissions', rich, ['Two sites or programs see an account.', 'http://127.0.0.1:5173', 'Programs on this computer', 'Sees Mara, daily, Savings', 'Never used.', 'in 11 days', 'Revoke all 2', 'What happened', 'Signed', 'Wrong passphrase', 'chained by hash, whole']),
  state('permissions-empty', '#/permissions', () => rich({ permissions: [], audit: [] }), ['No page and no program sees your accounts.', 'Nobody may ask you for anything', 'Nothing happened to your keys yet.']),
  state('permissions-changed', '#/permissions', () => rich({ isWhole: false }), ['This log was changed from outside']),
  state('permissions-lost', '#/permissions', rich, ['http://127.0.0.1:5173', 'Node unreachable since'], { isLost: true }),

  state('settings', '#/settings', rich, ['Settings', 'Accounts and keys', 'from a seed', 'm/44', 'watched only', 'Seed of 24 words, backed up', 'Feed key', 'Locks itself after', 'Change the passphrase', 'Lock now', 'unlocked', 'process 4712', 'Opens no file and no connection', 'Memory never written to disk: not on this system', 'Add the next account', 'Keystore', 'Watch it'], { isUnfolded: true }),
  state('settings-locked', '#/settings', () => rich({ vault: 'locked' }), ['locked', 'Unlock']),
  state('settings-export', '#/settings', rich, ['Your passphrase', 'Password of the file', 'Keystore file', 'Show it', 'Its key leaves this computer for good'], { prepare: async page => { await click('Export Mara, daily')(page); await click('Remove Savings')(page) } }),
  state('settings-first', '#/settings', () => scriptedWallet(), ['How to begin', 'Make a new wallet']),
  state('settings-lost', '#/settings', rich, ['Accounts and keys', 'Node unreachable since'], { isLost: true }),

  sheet('transfer', REQUESTS.transfer(), ['You, in your own page or command line', 'Send 0.25 ETH', 'asked 2 min ago, waits 7 min more', 'Leaves from Mara, daily', '0.25 ETH', 'Mainnet', 'You have never sent to this address', 'Raw bytes and hash', 'Reject', 'Sign and send']),
  sheet('fee', REQUESTS.transfer(), ['Change fee', 'Highest fee', 'Highest tip', 'gwei, part of it', 'Gas limit', 'Fee, at most 0.000069999999993 ETH', 'Leaves, at most 0.250069999999993 ETH', 'Apply', 'Keep the fee', 'Apply the fee, or keep it, before you sign.'], { prepare: click('Change fee') }),
  sheet('fee-refused', REQUESTS.transfer(), ['The fee was not changed', 'below what the next block asks at least', 'Code fee_too_low'], {
    prepare: async page => {
      await click('Change fee')(page)
      await page.getByLabel('Highest fee').fill('0.1')
      await page.getByLabel('Highest tip').fill('0.1')
      await click('Apply')(page)
    }
  }),
  sheet('fee-old-kind', REQUESTS.transfer({ raw: '0x' + 'e8'.repeat(40) }), ['Send 0.25 ETH', 'Sign and send'], { not: ['Change fee'] }),
  sheet('typed', REQUESTS.typed(), ['http://127.0.0.1:5173', 'Sign an order at Lumen', 'All that is signed', 'Item[]', '18400000000000000000000', 'empty', /An order can be carried out later.*is a claim of the site/, '0x05f1'], { isUnfolded: true }),
  sheet('danger', REQUESTS.danger(), ['https://claim-lumen.example', 'Danger', /This contract could take everything.*The site is not the one it names/, 'I understand the risk: This contract could take everything, at any time', 'Sign in spite of this']),
  sheet('permission', REQUESTS.permission(), ['Let a page see an account', 'Account Mara, daily', 'Allow', 'Reject']),
  sheet('locked', REQUESTS.transfer(), ['Send 0.25 ETH', 'Unlock to decide', 'Reject'], { wallet: { vault: 'locked' }, not: ['Sign and send'] }),
  sheet('hostile', REQUESTS.hostile(), ['<script>alert(4)</script>', 'Sign'], { isUnfolded: true }),
  sheet('lost', REQUESTS.transfer(), ['Send 0.25 ETH', 'Sign and send'], { isLost: true })
]
