// The first run of the wallet: make a new seed, restore one, or only watch an address. Until there is a vault
// the passphrase that will seal it is part of the form.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Id } from '../contract-wallet'
import { say } from '../say'
import { create, importSecret, lock, newSeed, watch } from '../wallet'
import { ADDRESS, strengthOf } from '../units'
import { utf8 } from '../seal'
import { ScoreBar } from './Draw'
import { Go, onSubmit, SecretField, takeSecret, Trouble, useAct, type Act, type SecretRef } from './Form'
import { Card, Field, Pick } from './Card'

export interface FreshWords {
  seed: Id
  words: string[]
}

const WAYS = [
  ['new', 'Make a new wallet', 'a few minutes, with paper and pen'],
  ['restore', 'Restore from words', '12 to 24 of them'],
  ['watch', 'Watch an address', 'no key, nothing to sign with']
] as const
const COUNTS = [12, 15, 18, 21, 24] // BIP-39's
type Way = (typeof WAYS)[number][0]

interface NewPassphrase {
  first: SecretRef
  again: SecretRef
}

export function PassphraseTwice({ p, label = 'Passphrase' }: { p: NewPassphrase; label?: string }) {
  const length = useSignal(0)
  const { score, words } = strengthOf(length.value)
  const hint = length.value ? (
    <span class="line">
      <ScoreBar score={score} bad={length.value < 8} />
      <span>{words}</span>
    </span>
  ) : (
    'It seals the keys on this disk. Without it, only the words bring the wallet back.'
  )
  return (
    <>
      <SecretField label={label} input={p.first} fresh hint={hint} onLength={n => (length.value = n)} />
      <SecretField label={`${label}, again`} input={p.again} fresh />
    </>
  )
}

// Whether both fields hold the same, long enough; says so when they do not.
export function isTwice(p: NewPassphrase, act: Act): boolean {
  const a = p.first.current?.value ?? ''
  if (a.length < 8) act.fail('A passphrase has at least 8 characters. Nothing was made.')
  else if (a !== p.again.current?.value) act.fail('The two passphrases differ. Type them again.')
  else return true
  return false
}

// Makes the vault when there is none yet. An earlier try may have got so far.
async function withVault(p: NewPassphrase): Promise<void> {
  if (p.again.current) p.again.current.value = ''
  if (lock.peek() === 'none') await create(takeSecret(p.first))
}

export function MnemonicFields({ words, password }: { words: SecretRef; password: SecretRef }) {
  const count = useSignal(0)
  const onLength = (): void => {
    count.value = (words.current?.value ?? '').trim().split(/\s+/).filter(Boolean).length
  }
  const isWhole = COUNTS.includes(count.value)
  return (
    <>
      <SecretField label="The words, in order" input={words} onLength={onLength} hint={`${count.value} typed${isWhole ? '' : '; a seed has 12, 15, 18, 21 or 24'}.`} />
      <details>
        <summary>These words have a passphrase of their own (BIP-39)</summary>
        <SecretField label="Passphrase of the words" input={password} optional />
      </details>
    </>
  )
}

// Words come in any spacing and case; the list has none but small letters.
export function takeWords(ref: SecretRef): ReturnType<typeof utf8> {
  if (ref.current) ref.current.value = ref.current.value.trim().toLowerCase().replace(/\s+/g, ' ')
  return takeSecret(ref)
}

// Both ways to a seed: a new one, whose words are handed on to be shown, or one that is typed in.
function SeedForm({ onWords }: { onWords: ((fresh: FreshWords) => void) | null }) {
  const p = { first: useRef<HTMLInputElement>(null), again: useRef<HTMLInputElement>(null) }
  const words = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)
  const count = useSignal(24)
  const act = useAct()
  const needsVault = lock.value === 'none'
  const submit = (): void => {
    if (needsVault && !isTwice(p, act)) return
    act.run(async () => {
      await withVault(p)
      if (onWords) return onWords(await newSeed(count.value))
      await importSecret('mnemonic', takeWords(words), takeSecret(password), 'Restored')
      say('Restored')
    })
  }
  return (
    <form class="stack" onSubmit={onSubmit(submit)}>
      {onWords ? (
        <Pick label="How many words" value={String(count.value)} of={COUNTS.map(n => [String(n), String(n)])} onPick={n => (count.value = Number(n))} />
      ) : (
        <MnemonicFields words={words} password={password} />
      )}
      {needsVault && <PassphraseTwice p={p} />}
      <Trouble act={act} title="No wallet was made" />
      <Go act={act} busy="Making keys, about a second">
        {onWords ? 'Make the keys and show the words' : 'Restore'}
      </Go>
    </form>
  )
}

export function WatchForm({ done }: { done?: () => void }) {
  const address = useRef<HTMLInputElement>(null)
  const label = useRef<HTMLInputElement>(null)
  const act = useAct()
  const submit = (): void => {
    const a = address.current?.value.trim() ?? ''
    if (!ADDRESS.test(a)) return act.fail('An address is 0x and 40 digits.')
    act.run(async () => {
      await watch(a, label.current?.value.trim() || 'Watched')
      say('Watching it')
      done?.()
    })
  }
  return (
    <form class="stack" onSubmit={onSubmit(submit)}>
      <Field label="Address" input={address} required code />
      <Field label="Name for it" input={label} max={32} />
      <Trouble act={act} title="It is not watched" />
      <Go act={act} busy="Adding">
        Watch it
      </Go>
    </form>
  )
}

export function FirstRun({ onWords }: { onWords(fresh: FreshWords): void }) {
  const way = useSignal<Way>('new')
  return (
    <Card id="first" title="How to begin" narrow>
      <div class="body">
        <fieldset class="choice">
          <legend class="sr">How to begin</legend>
          {WAYS.map(([value, name, note]) => (
            <label key={value}>
              <input type="radio" name="way" value={value} checked={way.value === value} onChange={() => (way.value = value)} />
              {name}
              <span class="end small hide-s">{note}</span>
            </label>
          ))}
        </fieldset>
        {way.value === 'watch' ? <WatchForm /> : <SeedForm key={way.value} onWords={way.value === 'new' ? onWords : null} />}
      </div>
    </Card>
  )
}
