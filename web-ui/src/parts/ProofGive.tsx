// Where what is to be verified is given: typed, pasted, dropped, chosen as a file, or read from a picture of a QR code
// where the browser can do that.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { textOfCode } from '../code'
import { Icon } from '../icons'
import { verify, type Found } from '../identity'
import { Card } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'

const FILE_MAX = 1_000_000

export function ProofGive({ onFound, label, children }: { onFound(found: Found | null): void; label: string; children: ComponentChildren }) {
  const act = useAct()
  const field = useRef<HTMLTextAreaElement>(null)
  const choose = useRef<HTMLInputElement>(null)
  const isOver = useSignal(false)
  const run = (read: () => Promise<string>): void => {
    onFound(null)
    act.run(async () => onFound(await verify(await read())))
  }
  const give = (file: File | undefined): void => {
    if (!file) return
    if (file.size > FILE_MAX) return act.fail('That file is larger than any proof that your node takes. Nothing was read.')
    run(async () => {
      const text = file.type.startsWith('image/') ? await textOfCode(file) : await file.text()
      if (field.current) field.current.value = text.length > 20_000 ? '' : text
      return text
    })
  }
  return (
    <Card id="give" title="What you were given">
      <form
        class={isOver.value ? 'body drop' : 'body'}
        onSubmit={onSubmit(() => run(() => Promise.resolve(field.current?.value ?? '')))}
        onDragOver={e => {
          e.preventDefault()
          isOver.value = true
        }}
        onDragLeave={() => (isOver.value = false)}
        onDrop={e => {
          e.preventDefault()
          isOver.value = false
          const data = e.dataTransfer
          const text = data?.getData('text/plain')
          if (data?.files.length) give(data.files[0])
          else if (text) {
            if (field.current) field.current.value = text
            run(() => Promise.resolve(text))
          }
        }}
      >
        <div class="field">
          <label for="given">
            {label} <span class="help">paste it, or drop a file here</span>
          </label>
          <textarea id="given" class="mono" ref={field} spellcheck={false} autocomplete="off" onInput={() => act.clear()} />
        </div>
        <Trouble act={act} title="It could not be checked" />
        <div class="line">
          <Go act={act} busy="Checking each step">
            Verify
          </Go>
          <button class="btn" type="button" onClick={() => choose.current?.click()}>
            <Icon name="in" />
            Choose a file
          </button>
          <input hidden type="file" ref={choose} onChange={e => { give(e.currentTarget.files?.[0]); e.currentTarget.value = '' }} />
        </div>
        <p class="small mute">
          {children}
        </p>
      </form>
    </Card>
  )
}
