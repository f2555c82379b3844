// The sheet for tokens to be shown, for calls that make calls, and with what came of running them.
import { CALLS, RUN, swap, TOKEN, wouldFail } from './asked.mjs'
import { sheet } from './wallet-states.mjs'

const BLOCK = 'What it would do, run on block 26,214,907'
// What is being decided opens no sheet by itself.
const reopen = async page => {
  await page.getByRole('button', { name: '1 thing needs you' }).click()
  await page.getByRole('button', { name: 'Show a token' }).click()
}

export const ASKED_STATES = [
  sheet('token', TOKEN(), ['http://127.0.0.1:5173', 'Show a token', 'Symbol, unproven: what the page claims', 'TDL', 'compare the address', 'Reject', 'Add'], { not: ['Raw bytes', 'Mara, daily', 'Signs', 'Sign '] }),
  sheet('token-locked', TOKEN(), ['Show a token', 'Reject', 'Add'], { wallet: { vault: 'locked' }, not: ['Unlock', 'Passphrase'] }),
  sheet('token-adding', TOKEN({ state: 'signing' }), ['Being added: your node looks at the contract.'], { prepare: reopen, not: ['Being signed'] }),

  sheet('call', CALLS.one(), ['Leaves from Mara, daily', '18400 HRB', 'of 0x', 'to The co-op', 'The call, decoded', 'transfer(address,uint256)', '18400000000000000000000'], { isUnfolded: true }),
  sheet('calls', CALLS.nested(), [
    'In call 2.2', 'The call and 5 calls that it makes', 'Multicall', 'call 1', 'Transfer', 'call 2', 'Execute a transaction of a Safe', 'with 1.5 ETH', 'call 2.1', 'Approve', 'approve(address,uint256)', '1200000000',
    'call 2.2', 'A function that this wallet does not know', 'Selector 0xdeadbeef', 'Copy data', '3 more calls that call 2 makes are not shown: what they do cannot be told.', 'call 3', 'No function, no data', 'with 0.25 ETH', 'to The co-op'
  ]),
  sheet('calls-deep', CALLS.deepest(), ['The call and 8 calls that it makes', 'Level 1', 'call 1.1.1.1.1.1.1 Level 8', 'call 1.1.1.1.1.1.1.1', 'of an address that is not named', 'too long to stand here'], { not: ['not shown'] }),
  sheet('calls-many', CALLS.many(), ['The call and 255 calls that it makes', 'call 255 Transfer 255'], { not: ['not shown'] }),
  sheet('calls-hostile', CALLS.hostile(), ['<b>T</b>', 'ffff', 'Copy data'], { isUnfolded: true }),

  sheet('run', swap(RUN.done()), [BLOCK, 'Proven', 'Leaves 0.25 ETH', 'Arrives 612.402117 TDL of 0x', 'from 0x', 'Fee, at most 0.00007 ETH', 'Arrives token id 7719', 'Arrives 3 base units token id 42', 'Tokens are told by their contracts.', 'It took 184,203 gas.', 'Sign and send'], { not: ['Danger', 'fail'] }),
  sheet('run-running', swap(RUN.running()), ['What it would do', 'Running it on the proven state…', 'Sign and send'], { not: ['run on block', 'Arrives', 'Proven', 'Nothing of yours'] }),
  sheet('run-nothing', swap(RUN.nothing()), [BLOCK, 'Nothing of yours would move but the fee.', 'It took 184,203 gas.'], { not: ['Tokens are told'] }),
  sheet('run-approvals', swap(RUN.approvals()), [
    BLOCK, 'Another may take up to 1200 TDL', 'Another may take up to 77 base units', 'Another may take all of this token, for ever', 'Another may take token id 7719', 'Another may take all of these tokens, for ever', 'Takes back what another may take', 'Who', 'ERC-721 or ERC-1155', 'Tokens are told by their contracts.'
  ], { not: ['Nothing of yours'] }),
  sheet('run-fails', swap(RUN.fails()), ['Danger', BLOCK, 'It would fail: ERC20: transfer amount exceeds balance.', 'Its fee would be paid', 'I understand the risk: It would fail: ERC20: transfer amount exceeds balance.', 'Fee, at most', 'Sign and send in spite of this'], { not: ['Nothing of yours', 'Would fail:'] }),
  sheet('run-fails-mute', swap(RUN.fails('')), ['It would fail, and gives no reason.', 'Sign and send in spite of this']),
  sheet('run-fails-danger', swap(RUN.fails('paused'), {}, [wouldFail('paused'), { level: 'danger', code: 'approval_unlimited', text: 'It could take all of it' }]), ['I understand the risk: It could take all of it', 'It would fail: paused.'], { not: ['Would fail:'] }),
  sheet('run-words-only', swap(null, {}, [wouldFail('paused')]), ['Danger', 'Would fail: paused', 'Sign and send in spite of this'], { not: ['What it would do'] }),
  sheet('run-failed', swap(RUN.failed()), ['What it would do', 'Unproven', 'Could not be run: No provider has the state of this block.', 'what comes of them is not known', 'Code state_pruned', 'Sign and send'], { not: ['run on block', 'Proven', 'Danger'] }),
  sheet('run-unproven', swap(RUN.unproven()), [BLOCK, 'Unproven', 'Arrives 612.402117 TDL'], { not: [/: Proven/] }),
  sheet('run-many', swap(RUN.many()), ['28 more that leave', '18 more permissions to take tokens', 'There is more than is listed here'], { isUnfolded: true }),
  sheet('run-hostile', swap(RUN.hostile()), ['It would fail: <img src=x onerror=alert(5)>', 'rrrr']),
  sheet('run-other-form', swap(RUN.otherForm()), ['Swap 0.25 ETH', 'Could not be run: Your node tells it in another form than this page knows.', 'Sign and send'], { not: ['Danger'] }),
  sheet('run-stale', swap(RUN.done()), [BLOCK, 'old', 'Arrives 612.402117 TDL'], { scene: 'stale', not: [/: Proven/] }),
  sheet('run-lost', swap(RUN.done()), [BLOCK, 'as of'], { isLost: true, not: [/: Proven/] })
]
