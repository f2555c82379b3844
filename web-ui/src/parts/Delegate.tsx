// Whom one's votes are given to. Tokens vote only when they are delegated, if only to oneself.
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Whole } from '../contract-dao'
import { giveTo, signed } from '../dao'
import { saveFile } from '../evidence'
import { Icon } from '../icons'
import { plainLine } from '../plain'
import { ADDRESS } from '../route'
import { say } from '../say'
import { Card, Field, Pick } from './Card'
import { CopyText } from './Copy'
import { useAccount, Votes, Whom } from './Dao'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { Note } from './Notes'

// A delegation that is signed and not sent: whoever has it can send it.
function Made({ text }: { text: string }) {
  return (
    <Note tone="ok" icon="check" title="Signed, and not sent">
      <span>Give it to whoever is to send it. They check it under “Check a file” and pay the fee.</span>
      <code class="raw tall" tabIndex={0} role="region" aria-label="The signed delegation">{text}</code>
      <CopyText value={text} what="signed delegation" />
      <span>
        <button class="btn s" type="button" onClick={() => saveFile('delegation.json', text)}>
          <Icon name="save" />
          Save it
        </button>
      </span>
    </Note>
  )
}

export function Delegate({ c }: { c: Whole }) {
  const act = useAct()
  const account = useAccount()
  const to = useRef<HTMLInputElement>(null)
  const by = useSignal('transaction')
  const hours = useRef<HTMLInputElement>(null)
  const made = useSignal('')
  const a = account.address
  // Somebody was picked from the list of delegates.
  useEffect(() => {
    if (!giveTo.value || !to.current) return
    to.current.value = giveTo.value
    to.current.focus()
    giveTo.value = ''
  }, [giveTo.value])
  const isSigned = by.value === 'signature'
  const give = (target: string): void => {
    if (!ADDRESS.test(target)) return act.fail('An address begins with 0x and has 40 digits.')
    const n = Number(hours.current?.value)
    if (isSigned && !(Number.isInteger(n) && n > 0)) return act.fail('It is good for whole hours.')
    made.value = ''
    act.run(async () => {
      const done = await signed('delegate', { address: c.address, account: a, to: target, by: by.value, ...(isSigned && { hours: n }) })
      if (done.delegation) made.value = JSON.stringify(done.delegation, null, 1)
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
            {isSigned && (
              <>
                <Field label="Hours it is good for" input={hours} value="168" inputMode="numeric" />
                <p class="small mute">Whoever has it can send it until then. Permits of this token use the same nonce: a permit that is used first makes it void, and the other way round.</p>
              </>
            )}
            <span class="line">
              <Go act={act} busy="Waits for your signature" main={false}>
                Give
              </Go>
              <button class="btn" type="button" aria-disabled={act.isBusy} onClick={() => give(a)}>
                Give to myself
              </button>
            </span>
            <Trouble act={act} title="Nothing was given" />
            {made.value && <Made text={made.value} />}
          </>
        )}
      </form>
    </Card>
  )
}
