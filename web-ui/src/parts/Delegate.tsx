// Whom one's votes are given to. Tokens vote only when they are delegated, if only to oneself.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Whole } from '../contract-dao'
import { signed } from '../dao'
import { plainLine } from '../plain'
import { ADDRESS } from '../route'
import { say } from '../say'
import { Card, Field, Pick } from './Card'
import { useAccount, Votes, Whom } from './Dao'
import { Go, onSubmit, Trouble, useAct } from './Form'

export function Delegate({ c }: { c: Whole }) {
  const act = useAct()
  const account = useAccount()
  const to = useRef<HTMLInputElement>(null)
  const by = useSignal('transaction')
  const a = account.address
  const give = (target: string): void => {
    if (!ADDRESS.test(target)) return act.fail('An address begins with 0x and has 40 digits.')
    act.run(async () => {
      const done = await signed('delegate', { address: c.address, account: a, to: target, by: by.value })
      say(done.hash ? 'Sent' : 'Signed')
    })
  }
  return (
    <Card id="delegate" title="Your votes">
      <form class="body" onSubmit={onSubmit(() => give(to.current?.value.trim() ?? ''))}>
        <p>
          {c.my_power !== null ? <>You have <b><Votes n={c.my_power} c={c} /> {plainLine(c.token_symbol ?? 'votes', 12)}</b>.</> : 'Your weight is not proven yet.'} {c.my_delegate ? <>Given to <Whom a={c.my_delegate} />.</> : 'Tokens that are given to nobody do not vote: give them to yourself to vote with them.'}
        </p>
        {account.pick}
        {a && (
          <>
            <Field label="Give your votes to" input={to} code max={42}>
              <small>It votes for you in all proposals made after. The tokens stay yours, and you can take the votes back at any time.</small>
            </Field>
            <Pick label="How" value={by.value} of={[['transaction', 'Send it myself, costs a fee'], ['signature', 'Sign it, somebody else sends it']]} onPick={v => (by.value = v)} />
            <span class="line">
              <Go act={act} busy="Waits for your signature" main={false}>
                Give
              </Go>
              <button class="btn" type="button" aria-disabled={act.isBusy} onClick={() => give(a)}>
                Give to myself
              </button>
            </span>
            <Trouble act={act} title="Nothing was given" />
          </>
        )}
      </form>
    </Card>
  )
}
