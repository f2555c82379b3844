// Which Ethereum accounts may open this page without the address from the terminal. None, until the owner says so.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { bool, list, record, text, type Of } from '../check'
import { shortHash } from '../format'
import { view } from '../got'
import { Tile } from '../icons'
import { call } from '../node'
import { route } from '../route'
import { say } from '../say'
import { nameOf } from '../wallet'
import { Card, Field } from './Card'
import { Go, onSubmit, Trouble, useAct, type Act } from './Form'
import { Bones } from './Notes'

const readRule = record({ is_enabled: bool, takes_accounts: bool, addresses: list(text, 64) })
type Rule = Of<typeof readRule>

const rule = view('siwe.settings', readRule, () => (route.value.screen === 'settings' ? {} : null))

async function keep(change: Partial<Rule>): Promise<void> {
  const next = await call('siwe.set_settings', change, readRule)
  rule.patch(() => next)
  say('Kept')
}

function Row({ a, all, act }: { a: string; all: string[]; act: Act }) {
  const name = nameOf(a)
  return (
    <li>
      <Tile of={a} />
      <div>
        <b class="host">{name ?? 'An account elsewhere'}</b>
        <span class="sub addr" title={a}>{shortHash(a)}</span>
      </div>
      <button class="btn s" type="button" aria-disabled={act.isBusy} onClick={() => act.run(() => keep({ addresses: all.filter(one => one !== a) }))}>
        Take out<span class="sr"> {name ?? a}</span>
      </button>
    </li>
  )
}

function Tick({ on, act, set, children }: { on: boolean; act: Act; set(on: boolean): Promise<void>; children: string }) {
  return (
    <label class="check">
      <input
        type="checkbox" checked={on} aria-disabled={act.isBusy}
        onClick={e => {
          // The node decides what is ticked.
          e.preventDefault()
          act.run(() => set(!on))
        }}
      />
      {children}
    </label>
  )
}

function Adder({ all }: { all: string[] }) {
  const act = useAct()
  const typed = useRef<HTMLInputElement>(null)
  const isTyped = useSignal(false)
  const add = (): void => {
    const address = typed.current?.value.trim() ?? ''
    if (!/^0x[0-9a-fA-F]{40}$/.test(address)) return act.fail('An address is 0x and 40 hexadecimal digits.')
    act.run(async () => {
      await keep({ addresses: [...all, address] })
      if (typed.current) typed.current.value = ''
      isTyped.value = false
    })
  }
  return (
    <form class="stack" onSubmit={onSubmit(add)}>
      <Field label="Let an account in" input={typed} max={64} code onInput={() => (isTyped.value = Boolean(typed.current?.value))} />
      <Trouble act={act} title="It was not let in" />
      {isTyped.value && (
        <Go act={act} busy="Keeping" main={false}>
          Let it in
        </Go>
      )}
    </form>
  )
}

function Lists({ of, act }: { of: Rule; act: Act }) {
  return (
    <>
      {of.addresses.length > 0 && (
        <ul class="rows">
          {of.addresses.map(a => (
            <Row key={a} a={a} all={of.addresses} act={act} />
          ))}
        </ul>
      )}
      <div class="body stack">
        <Tick on={of.takes_accounts} act={act} set={takes_accounts => keep({ takes_accounts })}>
          The accounts of this wallet, too
        </Tick>
        {!of.takes_accounts && !of.addresses.length && <p class="mute">No account is let in yet.</p>}
        <Adder all={of.addresses} />
      </div>
    </>
  )
}

export function SignInRule() {
  const { value, error } = rule.now.value
  const act = useAct()
  if (error?.code === 'no_method') return null // of an older node
  return (
    <Card id="sign-in" title="Sign in with an account" busy={!value && !error} side={value && <span class={value.is_enabled ? 'badge a' : 'badge'}>{value.is_enabled ? 'on' : 'off'}</span>}>
      {value ? (
        <>
          <div class="body stack">
            <p class="mute">
              Whoever holds the key of an account that you let in can open this page on this computer, without the address from the
              terminal, and see and do here what you can. Keys in your vault still want your passphrase.
            </p>
            <Tick on={value.is_enabled} act={act} set={is_enabled => keep({ is_enabled })}>
              Ethereum accounts may sign in
            </Tick>
            <Trouble act={act} title="Nothing was changed" />
          </div>
          {value.is_enabled && <Lists of={value} act={act} />}
        </>
      ) : error ? (
        <div class="body">
          <p class="mute">Your node does not tell who may sign in ({error.code}).</p>
        </div>
      ) : (
        <Bones rows={1} />
      )}
    </Card>
  )
}
