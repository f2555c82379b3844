// The backup: the words shown once, in numbered cells, and then three of them asked for. They live in this
// part of the page alone and are gone with it; later they are shown again only for the passphrase.
import { useSignal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Seed } from '../contract-wallet'
import { say } from '../say'
import { utf8 } from '../seal'
import { checkBackup, exportSecret, lock } from '../wallet'
import type { FreshWords } from './FirstRun'
import { Go, onSubmit, SecretField, takeSecret, Trouble, useAct } from './Form'
import { Note } from './Notes'
import { UnlockForm } from './Unlock'
import { Card } from './Card'

export function Words({ words }: { words: string[] }) {
  return (
    <ol class="words" aria-label="The words, in order">
      {words.map((w, i) => (
        <li key={i}>
          <span class="mute">{i + 1}</span> <b>{w}</b>
        </li>
      ))}
    </ol>
  )
}

// Three places, in order, drawn anew each time.
function threeOf(n: number): number[] {
  const places = Array.from({ length: n }, (_, i) => i)
  const random = crypto.getRandomValues(new Uint32Array(3))
  return Array.from(random, r => places.splice(r % places.length, 1)[0] ?? 0).sort((a, b) => a - b)
}

function Check({ fresh, back, done }: { fresh: FreshWords; back(): void; done(): void }) {
  const [asked] = useState(() => threeOf(fresh.words.length))
  const fields = [useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null)]
  const act = useAct()
  const submit = (): void => {
    const wrong = asked.filter((place, i) => fields[i]?.current?.value.trim().toLowerCase() !== fresh.words[place])
    if (wrong.length) return act.fail(`Word ${wrong.map(w => w + 1).join(' and ')} is another. Look at your paper again.`)
    act.run(async () => {
      await checkBackup(fresh.seed, utf8(fresh.words.join(' ')))
      say('Backed up')
      done()
    })
  }
  return (
    <form class="stack" onSubmit={onSubmit(submit)}>
      <p>From your paper, not from memory:</p>
      {asked.map((place, i) => (
        <SecretField key={place} label={`Word ${place + 1}`} input={fields[i]!} />
      ))}
      <Trouble act={act} title="Not yet" />
      <div class="line">
        <Go act={act} busy="Checking">
          Check
        </Go>
        <button class="btn" type="button" onClick={back}>
          See the words again
        </button>
      </div>
    </form>
  )
}

function Ask({ seed, onWords }: { seed: Seed; onWords(fresh: FreshWords): void }) {
  const secret = useRef<HTMLInputElement>(null)
  const act = useAct()
  const submit = (): void =>
    act.run(async () => {
      const text = await exportSecret(seed.id, 'mnemonic', takeSecret(secret), utf8(''))
      onWords({ seed: seed.id, words: text.split(' ') })
    })
  return (
    <form class="stack" onSubmit={onSubmit(submit)}>
      <p>Until the words are on paper its accounts can receive, but nothing is signed with them.</p>
      <SecretField label="Passphrase, to show the words" input={secret} />
      <Trouble act={act} title="The words are not shown" />
      <Go act={act} busy="Opening">
        Show the {seed.words || ''} words
      </Go>
    </form>
  )
}

export function Backup({ seed, fresh, onWords, done }: { seed: Seed; fresh: FreshWords | null; onWords(fresh: FreshWords): void; done(): void }) {
  const isChecking = useSignal(false)
  const mine = fresh && fresh.seed === seed.id ? fresh : null
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (mine) heading.current?.focus()
  }, [mine !== null, isChecking.value])
  return (
    <Card id="backup" title={mine && !isChecking.value ? 'Write these words down' : 'Back up the words'} side={<span class="badge a">{mine ? `Step ${isChecking.value ? 3 : 2} of 3` : 'due'}</span>} narrow heading={heading}>
      <div class="body">
        {lock.value === 'locked' ? (
          <UnlockForm />
        ) : !mine ? (
          <Ask seed={seed} onWords={onWords} />
        ) : isChecking.value ? (
          <Check fresh={mine} back={() => (isChecking.value = false)} done={done} />
        ) : (
          <>
            <Note tone="warn" icon="warn" title="On paper, by hand, in this order">
              <span>Whoever reads them owns everything here. No photo, no file, no message. They are the only way back if this disk is lost.</span>
            </Note>
            <Words words={mine.words} />
            <div class="line">
              <button class="btn main" type="button" onClick={() => (isChecking.value = true)}>
                I wrote them down
              </button>
            </div>
          </>
        )}
      </div>
    </Card>
  )
}
