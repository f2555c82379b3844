// Sending: what is typed is first prepared by the node from proven facts, which shows its cost and what it
// would do; then it is given to the queue, and the review sheet opens.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Prepared, Token, WalletAccount } from '../contract-wallet'
import { decimals, ether } from '../format'
import { Icon } from '../icons'
import { say } from '../say'
import { ADDRESS, hexQuantity, parseAmount, transferData } from '../units'
import { balances, lock, nameOf, prepare, seedDue, send, type Transfer } from '../wallet'
import { symbolOf } from './Balances'
import { Field } from './Card'
import { Warnings } from './Explained'
import { Go, onSubmit, Trouble, useAct, type Act } from './Form'
import { TxRef } from './Ref'

interface Typed {
  transfer: Transfer
  value: bigint // wei that leave beside the fee
}

function readForm(from: string, to: string, amount: string, token: Token | null, act: Act): Typed | null {
  if (!ADDRESS.test(to)) {
    act.fail('An address is 0x and 40 digits. Names are not proven yet.')
    return null
  }
  const places = token ? token.decimals : 18
  const units = parseAmount(amount, places)
  if (units === null) {
    act.fail(`An amount is a number like 0.25, with at most ${places} digits behind the point.`)
    return null
  }
  if (token) return { transfer: { from, to: token.token, value: '0x0', data: transferData(to, units) }, value: 0n }
  return { transfer: { from, to, value: hexQuantity(units) }, value: units }
}

function Cost({ p, value }: { p: Prepared; value: bigint }) {
  const balance = balances.now.value.value?.ether.balance
  const left = balance === undefined ? null : balance - p.cost_max
  return (
    <>
      {p.explain.sentence && <p>{p.explain.sentence}</p>}
      <Warnings e={p.explain} />
      <dl class="kv ends">
        <dt>Fee, at most</dt>
        <dd>{ether(p.cost_max - value)}</dd>
        {p.gas.is_guess && (
          <>
            <dt>Gas</dt>
            <dd>a guess, more than it likely takes</dd>
          </>
        )}
        <dt>Leaves, at most</dt>
        <dd>{ether(p.cost_max)}</dd>
        {left !== null && (
          <>
            <dt>You keep</dt>
            <dd>{left < 0n ? `${decimals(-left, 18)} ETH too little` : ether(left)}</dd>
          </>
        )}
      </dl>
    </>
  )
}

// Why this account cannot send now, with the way out.
export function whyNot(a: WalletAccount): string | null {
  if (a.kind === 'watch') return 'Its key is not here, so nothing can be sent from it.'
  if (lock.value !== 'open') return 'The process that holds the keys is not running.'
  if (a.seed !== null && seedDue.value?.id === a.seed) return 'The words of this account are not backed up yet. Do that first.'
  return null
}

export function Send({ account }: { account: WalletAccount }) {
  const to = useRef<HTMLInputElement>(null)
  const amount = useRef<HTMLInputElement>(null)
  const asset = useSignal('')
  const prepared = useSignal<{ p: Prepared; typed: Typed } | null>(null)
  const sent = useSignal<string | null>(null)
  const known = useSignal<string | null>(null)
  const act = useAct()
  const tokens = balances.now.value.value?.tokens ?? []
  const token = tokens.find(t => t.token === asset.value) ?? null
  const refusal = whyNot(account)
  const changed = (): void => {
    prepared.value = null
    sent.value = null
    act.clear()
    known.value = nameOf(to.current?.value.trim() ?? '')
  }
  const submit = (): void => {
    const ready = prepared.value
    if (ready) {
      act.run(async () => {
        const answer = await send(ready.typed.transfer)
        prepared.value = null
        sent.value = answer.hash
        for (const ref of [to, amount]) if (ref.current) ref.current.value = ''
        say('Sent')
      })
      return
    }
    const typed = readForm(account.address, to.current?.value.trim() ?? '', amount.current?.value ?? '', token, act)
    if (!typed) return
    act.run(async () => {
      prepared.value = { p: await prepare(typed.transfer), typed }
    })
  }
  return (
    <form class="card" id="send" aria-labelledby="send-h" onSubmit={onSubmit(submit)}>
      <header>
        <h2 id="send-h" tabIndex={-1}>
          Send
        </h2>
      </header>
      <div class="body">
        {refusal ? (
          <p class="mute">{refusal}</p>
        ) : (
          <>
            <Field label="To" input={to} required code onInput={changed}>
              {known.value && <small>Your own account {known.value}</small>}
            </Field>
            <div class="field">
              <label for="amount">Amount</label>
              <div class="join">
                <input id="amount" ref={amount} required inputMode="decimal" autocomplete="off" onInput={changed} />
                <select aria-label="Asset" class="fit" value={asset.value} onChange={e => { asset.value = e.currentTarget.value; changed() }}>
                  <option value="">ETH</option>
                  {tokens.map(t => (
                    <option key={t.token} value={t.token}>
                      {symbolOf(t)}
                    </option>
                  ))}
                </select>
              </div>
            </div>
            {prepared.value && <Cost p={prepared.value.p} value={prepared.value.typed.value} />}
            <Trouble act={act} title="Nothing was sent" />
            {sent.value && (
              <p role="status">
                <Icon name="check" /> Sent: <TxRef hash={sent.value} />. Its way to finality stands under Activity.
              </p>
            )}
            <Go act={act} busy={prepared.value ? 'Waits for your decision' : 'Asking for fees and proofs'} wide>
              {prepared.value ? 'Review and sign' : 'See what it costs'}
            </Go>
          </>
        )}
      </div>
    </form>
  )
}
