// Who may sign in with an Ethereum account, on Settings: the states of its card. Used by states.mjs. The way in itself is
// driven against the real node, in tests/system/sign_in.mjs.
import { refusal } from './facts.mjs'
import { SCENES } from './scenes.mjs'
import { balances, rich, withWallet } from './wallet.mjs'

const HEADING = 'section[aria-labelledby="sign-in-h"]'
const ELSEWHERE = '0x52908400098527886E0F7030069857D2E4169EE7'

const state = (name, words, { rule = {}, answer = null, hasWallet = true, scene = 'live', ...more } = {}) => ({
  name: `sign-in${name}`, route: '#/settings/sign-in', words, inside: HEADING, ...more,
  start(node) {
    const w = rich()
    if (hasWallet) w.install(node)
    node.methods.set('wallet.balances', params => ({ result: balances(params) }))
    let now = { is_enabled: false, takes_accounts: false, addresses: [], ...rule }
    node.methods.set('siwe.settings', () => answer ?? { result: now })
    node.methods.set('siwe.set_settings', more.set ?? (params => ({ result: (now = { ...now, ...params }) })))
    this.topics = () => (hasWallet ? withWallet(w, scene) : SCENES[scene]())
  }
})
const tick = name => page => page.getByRole('checkbox', { name }).click()

export const SIGN_IN_STATES = [
  state('-off', ['Sign in with an account', 'off', 'Whoever holds the key of an account that you let in', 'Ethereum accounts may sign in'], { not: ['Let an account in'] }),
  state('-empty', ['on', 'No account is let in yet.', 'Let an account in'], { rule: { is_enabled: true } }),
  state('', ['on', 'An account elsewhere', 'Take out', 'The accounts of this wallet, too'], { rule: { is_enabled: true, takes_accounts: true, addresses: [ELSEWHERE] } }),
  state('-no-wallet', ['An account elsewhere'], { rule: { is_enabled: true, addresses: [ELSEWHERE] }, hasWallet: false }),
  state('-stale', ['An account elsewhere'], { rule: { is_enabled: true, addresses: [ELSEWHERE] }, scene: 'stale' }),
  state('-lost', ['An account elsewhere'], { rule: { is_enabled: true, addresses: [ELSEWHERE] }, isLost: true }),
  state('-error', ['Your node does not tell who may sign in (store_locked).'], { answer: refusal('store_locked', 'the store is read-only') }),
  state('-refused', ['Nothing was changed', 'Code store_locked'], { set: () => refusal('store_locked', 'the store is read-only'), prepare: tick('Ethereum accounts may sign in') }),
  state('-put-on', ['on', 'No account is let in yet.'], { prepare: tick('Ethereum accounts may sign in') }),
  state('-no-address', ['It was not let in', 'An address is 0x and 40 hexadecimal digits.'], {
    rule: { is_enabled: true },
    async prepare(page) {
      await page.getByLabel('Let an account in').fill('0x12')
      await page.getByRole('button', { name: 'Let it in' }).click()
    }
  })
]
