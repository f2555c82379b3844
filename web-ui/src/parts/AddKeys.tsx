// More keys: a next account of a seed, a secret from elsewhere, an address to watch, another seed.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Id } from '../contract-wallet'
import { accounts } from '../node'
import { say } from '../say'
import { addAccount, addNostr, importSecret, KINDS, lock, type Kind } from '../wallet'
import { FirstRun, MnemonicFields, takeWords, WatchForm, type FreshWords } from './FirstRun'
import { Go, onSubmit, SecretField, takeSecret, Trouble, useAct } from './Form'
import { utf8 } from '../seal'
import { UnlockForm } from './Unlock'
import { Card, Field, Pick } from './Card'

const HINTS: Record<Kind, string> = {
  mnemonic: '',
  raw: '64 hexadecimal digits.',
  keystore: 'The text of the file.',
  nip49: 'It begins with ncryptsec1.',
  nsec: 'It begins with nsec1.'
}

function AddAccount() {
  const seeds = accounts.value?.seeds ?? []
  const chosen = useSignal<string>(String(seeds[0]?.id ?? ''))
  const label = useRef<HTMLInputElement>(null)
  const act = useAct()
  const id = (): Id => seeds.find(s => String(s.id) === chosen.value)?.id ?? seeds[0]!.id
  if (!seeds.length) return <p class="mute">There is no seed here yet to derive one from.</p>
  const submit = (): void =>
    act.run(async () => {
      await addAccount(id(), label.current?.value.trim() ?? '')
      if (label.current) label.current.value = ''
      say('Account added')
    })
  const nostr = (): void => act.run(() => addNostr(id()).then(() => say('Nostr key added')))
  return (
    <form class="stack" onSubmit={onSubmit(submit)}>
      {seeds.length > 1 && (
        <Pick label="From" value={chosen.value} of={seeds.map(s => [String(s.id), s.label || String(s.id)])} onPick={s => (chosen.value = s)} />
      )}
      <Field label="Name" input={label} max={32} />
      <Trouble act={act} title="No account was added" />
      <div class="line">
        <Go act={act} busy="Deriving" main={false}>
          Add the next account
        </Go>
        <button class="btn" type="button" aria-disabled={act.isBusy} onClick={nostr}>
          Add a Nostr key (NIP-06)
        </button>
      </div>
    </form>
  )
}

function Import() {
  const kind = useSignal<Kind>('mnemonic')
  const secret = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)
  const label = useRef<HTMLInputElement>(null)
  const act = useAct()
  const hasPassword = kind.value === 'keystore' || kind.value === 'nip49'
  const submit = (): void =>
    act.run(async () => {
      const text = kind.value === 'mnemonic' ? takeWords(secret) : takeSecret(secret)
      await importSecret(kind.value, text, password.current ? takeSecret(password) : utf8(''), label.current?.value.trim() || 'Imported')
      if (label.current) label.current.value = ''
      say('Imported')
    })
  return (
    <form class="stack" key={kind.value} onSubmit={onSubmit(submit)}>
      <Pick label="What" value={kind.value} of={Object.entries(KINDS)} onPick={k => (kind.value = k as Kind)} />
      {kind.value === 'mnemonic' ? (
        <MnemonicFields words={secret} password={password} />
      ) : (
        <SecretField label={KINDS[kind.value]} input={secret} hint={HINTS[kind.value]} />
      )}
      {hasPassword && <SecretField label="Its password" input={password} />}
      <Field label="Name" input={label} max={32} />
      <Trouble act={act} title="Nothing was imported" />
      <div class="line">
        <Go act={act} busy="Opening, up to some seconds" main={false}>
          Import
        </Go>
      </div>
    </form>
  )
}

export function AddKeys({ onWords }: { onWords(fresh: FreshWords): void }) {
  if (lock.value === 'none') return <FirstRun onWords={onWords} />
  const isOpen = lock.value === 'open'
  const needsKey = <UnlockForm>Unlock to add keys</UnlockForm>
  return (
    <Card id="add" title="Add">
      <div class="body">
        <details>
          <summary>An account of a seed</summary>
          {isOpen ? <AddAccount /> : needsKey}
        </details>
        <details>
          <summary>A key from elsewhere</summary>
          {isOpen ? <Import /> : needsKey}
        </details>
        <details>
          <summary>An address to watch</summary>
          <WatchForm />
        </details>
      </div>
    </Card>
  )
}
