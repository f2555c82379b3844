// A card with its heading, and a field with its label: the shapes that most screens are put together from.
import type { ComponentChildren, Ref } from 'preact'
import { useId } from 'preact/hooks'

interface CardProps {
  id: string // of the heading, without its "-h"
  title: ComponentChildren
  side?: ComponentChildren // at the end of the header
  busy?: boolean
  narrow?: boolean
  heading?: Ref<HTMLHeadingElement> | null
  children: ComponentChildren
}

export function Card({ id, title, side, busy, narrow, heading = null, children }: CardProps) {
  return (
    <section class={narrow ? 'card narrow' : 'card'} aria-labelledby={`${id}-h`} aria-busy={busy}>
      <header>
        <h2 id={`${id}-h`} tabIndex={-1} ref={heading}>
          {title}
        </h2>
        {side}
      </header>
      {children}
    </section>
  )
}

interface FieldProps {
  label: string
  input: Ref<HTMLInputElement>
  value?: string
  max?: number
  required?: boolean
  code?: boolean // an address or the like: no spelling, in the fixed face
  inputMode?: 'decimal' | 'numeric'
  onInput?: () => void
  children?: ComponentChildren // under it, or beside it when it is a choice
}

export function Field({ label, input, value, max, required, code, inputMode, onInput, children }: FieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id} class={code ? 'mono' : undefined} ref={input} defaultValue={value} maxLength={max} required={required} inputMode={inputMode}
        autocomplete="off" spellcheck={!code} onInput={onInput}
      />
      {children}
    </div>
  )
}

interface PickProps {
  label: string
  value: string
  of: readonly (readonly [string, string])[] // value and name
  onPick(value: string): void
  children?: ComponentChildren
}

export function Pick({ label, value, of, onPick, children }: PickProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={e => onPick(e.currentTarget.value)}>
        {of.map(([v, name]) => (
          <option key={v} value={v}>
            {name}
          </option>
        ))}
      </select>
      {children}
    </div>
  )
}
