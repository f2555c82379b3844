// What can be done with one key: rename, hide, export, remove. Each opens under its row; exporting and
// removing want the passphrase again.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Id } from '../contract-wallet'
import { saveFile } from '../evidence'
import { say } from '../say'
import { utf8 } from '../seal'
import { exportSecret, hide, KINDS, remove, rename, type Kind } from '../wallet'
import { Words } from './Backup'
import { Field, Pick } from './Card'
import { CopyText } from './Copy'
import { Go, onSubmit, SecretField, takeSecret, Trouble, useAct } from './Form'
import { Note } from './Notes'

export interface Keyed {
  id: Id
  label: string
  formats: Kind[] // in which its secret can leave; none when there is no secret here
  isHidden?: boolean
  canHide?: boolean
}

type Open = 'none' | 'rename' | 'export' | 'remove'
const NEEDS_PASSWORD: Kind[] = ['keystore', 'nip49']

function Rename({ k, done }: { k: Keyed; done(): void }) {
  const label = useRef<HTMLInputElement>(null)
  const act = useAct()
  const submit = (): void =>
    act.run(async () => {
      await rename(k.id, label.current?.value.trim() ?? '')
      say('Renamed')
      done()
    })
  return (
    <form class="stack" onSubmit={onSubmit(submit)}>
      <Field label="Name" input={label} value={k.label} max={32} />
      <Trouble act={act} title="Not renamed" />
      <div class="line">
        <Go act={act} busy="Saving">
          Rename
        </Go>
      </div>
    </form>
  )
}

function Secret({ format, text, done }: { format: Kind; text: string; done(): void }) {
  const isOpen = format !== 'keystore' && format !== 'nip49'
  return (
    <div class="stack">
      <Note tone="warn" icon="warn" title={isOpen ? 'Whoever sees this owns it' : 'Sealed with the password you gave it'}>
        <span>{isOpen ? 'It is shown here until you close it, and kept nowhere.' : 'It is as safe as that password.'}</span>
      </Note>
      {format === 'mnemonic' ? <Words words={text.split(' ')} /> : <code class="raw tall" tabIndex={0}>{text}</code>}
      <div class="line">
        {format === 'keystore' && (
          <button class="btn s" type="button" onClick={() => saveFile('hearth-keystore.json', text)}>
            Save the file
          </button>
        )}
        {format !== 'mnemonic' && <CopyText value={text} what={KINDS[format]} />}
        <button class="btn s" type="button" onClick={done}>
          Close it
        </button>
      </div>
    </div>
  )
}

function Export({ k, done }: { k: Keyed; done(): void }) {
  const passphrase = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)
  const format = useSignal<Kind>(k.formats[0] ?? 'raw')
  const secret = useSignal<string | null>(null)
  const act = useAct()
  const needsPassword = NEEDS_PASSWORD.includes(format.value)
  const submit = (): void => {
    if (needsPassword && (password.current?.value.length ?? 0) < 8) return act.fail('The password of the file has at least 8 characters.')
    act.run(async () => {
      secret.value = await exportSecret(k.id, format.value, takeSecret(passphrase), needsPassword ? takeSecret(password) : utf8(''))
    })
  }
  if (secret.value !== null) return <Secret format={format.value} text={secret.value} done={done} />
  return (
    <form class="stack" onSubmit={onSubmit(submit)}>
      <Pick label="As" value={format.value} of={k.formats.map(f => [f, KINDS[f]])} onPick={f => (format.value = f as Kind)} />
      <SecretField label="Your passphrase" input={passphrase} />
      {needsPassword && <SecretField label="Password of the file" input={password} fresh hint="The file opens with it anywhere." />}
      <Trouble act={act} title="Nothing left the vault" />
      <div class="line">
        <Go act={act} busy="Opening, about a second">
          Show it
        </Go>
      </div>
    </form>
  )
}

function Remove({ k, done }: { k: Keyed; done(): void }) {
  const passphrase = useRef<HTMLInputElement>(null)
  const act = useAct()
  const hasSecret = k.formats.length > 0
  const submit = (): void =>
    act.run(async () => {
      await remove(k.id, hasSecret ? takeSecret(passphrase) : null)
      say('Removed')
      done()
    })
  return (
    <form class="stack" onSubmit={onSubmit(submit)}>
      {hasSecret ? (
        <>
          <Note tone="bad" icon="warn" title="Its key leaves this computer for good">
            <span>Without its words or an export of it, what it holds is lost.</span>
          </Note>
          <SecretField label="Your passphrase" input={passphrase} />
        </>
      ) : (
        <p>Nothing is lost: there is no key of it here.</p>
      )}
      <Trouble act={act} title="It was not removed" />
      <div class="line">
        <button class="btn danger" type="submit" aria-disabled={act.isBusy}>
          Remove {k.label}
        </button>
      </div>
    </form>
  )
}

export function KeyActs({ k }: { k: Keyed }) {
  const open = useSignal<Open>('none')
  const act = useAct()
  const done = (): void => void (open.value = 'none')
  const toggle = (what: Open, name: string) => (
    <button class="btn s" type="button" aria-expanded={open.value === what} onClick={() => (open.value = open.value === what ? 'none' : what)}>
      {name}
      <span class="sr"> {k.label}</span>
    </button>
  )
  return (
    <div class="stack tight acts">
      <div class="line">
        {toggle('rename', 'Rename')}
        {k.canHide && (
          <button class="btn s" type="button" aria-disabled={act.isBusy} onClick={() => act.run(() => hide(k.id, !k.isHidden))}>
            {k.isHidden ? 'Show' : 'Hide'}
            <span class="sr"> {k.label}</span>
          </button>
        )}
        {k.formats.length > 0 && toggle('export', 'Export')}
        {toggle('remove', 'Remove')}
      </div>
      <Trouble act={act} title="Not changed" />
      {open.value === 'rename' && <Rename k={k} done={done} />}
      {open.value === 'export' && <Export k={k} done={done} />}
      {open.value === 'remove' && <Remove k={k} done={done} />}
    </div>
  )
}
