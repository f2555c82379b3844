// Small acts on a community: a name of one's own for it, and the register of a community of people.
import { useRef } from 'preact/hooks'
import type { Whole } from '../contract-dao'
import { com, dao, signed } from '../dao'
import { Icon } from '../icons'
import { ADDRESS, HASH } from '../route'
import { say } from '../say'
import { Card, Field } from './Card'
import { useAccount } from './Dao'
import { Go, onSubmit, Trouble, useAct } from './Form'

export function Rename({ c }: { c: Whole }) {
  const act = useAct()
  const name = useRef<HTMLInputElement>(null)
  const save = (): void =>
    act.run(async () => {
      await dao('label', { address: c.address, label: name.current?.value.trim() ?? '' })
      com.again()
      say('Renamed')
    })
  return (
    <details>
      <summary>
        <Icon name="right" />
        Your name for it
      </summary>
      <form class="stack tight" onSubmit={onSubmit(save)}>
        <Field label="Name" input={name} value={c.label} max={64}>
          <small>Only you see it. Left empty, its own name stands.</small>
        </Field>
        <span>
          <Go act={act} busy="Saving" main={false}>
            Save
          </Go>
        </span>
        <Trouble act={act} title="It keeps its name" />
      </form>
    </details>
  )
}

const MAX = 64 // in one transaction (governance/create/create_methods.h)

// One person, one vote: whoever an attestation vouches for is registered, by anybody; who has none any more is struck out.
export function People({ c }: { c: Whole }) {
  const act = useAct()
  const account = useAccount()
  const uids = useRef<HTMLTextAreaElement>(null)
  const person = useRef<HTMLInputElement>(null)
  const send = (method: string, what: Record<string, unknown>): void =>
    act.run(async () => {
      await signed(method, { address: c.token, account: account.address, ...what })
      say('Sent')
    })
  const register = (): void => {
    const list = (uids.current?.value ?? '').split(/[\s,;]+/).filter(Boolean)
    if (!list.length || list.length > MAX || !list.every(u => HASH.test(u))) return act.fail(`Name 1 to ${MAX} attestations. A uid is 0x and 64 digits.`)
    send('register', { uids: list })
  }
  const strike = (): void => {
    const who = person.current?.value.trim() ?? ''
    if (!ADDRESS.test(who)) return act.fail('An address begins with 0x and has 40 digits.')
    send('strike', { person: who })
  }
  return (
    <Card id="people" title="Who is a member">
      <form class="body" onSubmit={onSubmit(register)}>
        <p class="small mute">One person, one vote, while an attestation by whom the community trusts vouches for them. Anybody may register one, and strike out whom none vouches for any more: until then the vote stays.</p>
        {account.pick}
        {account.address && (
          <>
            <div class="field">
              <label for="uids">Uids of attestations</label>
              <textarea id="uids" ref={uids} class="mono" spellcheck={false} />
              <small>One on each line. Whom each is about becomes a member.</small>
            </div>
            <span>
              <Go act={act} busy="Waits for your signature" main={false}>
                Register
              </Go>
            </span>
            <Field label="Whom nobody vouches for any more" input={person} code max={42} />
            <span>
              <button class="btn s" type="button" aria-disabled={act.isBusy} onClick={strike}>
                Strike out
              </button>
            </span>
            <Trouble act={act} title="Nothing was sent" />
          </>
        )}
      </form>
    </Card>
  )
}
