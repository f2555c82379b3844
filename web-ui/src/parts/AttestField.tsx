// One field of a form that was made from a schema. What was typed is read when the form is sent; what does not fit is said
// beside it.
import { useId } from 'preact/hooks'
import type { SchemaField } from '../contract-identity'
import { plainLine } from '../plain'
import { hintOf, kindOf, Unfit, valueOf } from '../schema'
import { wordsOf } from '../schema-text'

// By the path of a field ("who.age"): what was typed.
export type Typed = Record<string, string>

// The values of a whole form for the node, in the schema's order; errors by path when something does not fit.
export function read(fields: SchemaField[], typed: Typed, at = ''): { values: unknown[]; errors: Typed } {
  const errors: Typed = {}
  const values = fields.map((field, i) => {
    const path = `${at}${i}`
    if (kindOf(field) === 'tuple') {
      const inner = read(field.parts, typed, `${path}.`)
      Object.assign(errors, inner.errors)
      return inner.values
    }
    try {
      return valueOf(field, typed[path] ?? '')
    } catch (error) {
      if (!(error instanceof Unfit)) throw error
      errors[path] = error.message
      return null
    }
  })
  return { values, errors }
}

interface Props {
  field: SchemaField
  path: string
  typed: Typed
  errors: Typed
  put(path: string, value: string): void
}

export function AttestField({ field, path, typed, errors, put }: Props) {
  const id = useId()
  const kind = kindOf(field)
  const name = wordsOf(field.name)
  if (kind === 'tuple') {
    return (
      <fieldset class="stack">
        <legend>{name}</legend>
        {field.parts.map((part, i) => (
          <AttestField key={i} field={part} path={`${path}.${i}`} typed={typed} errors={errors} put={put} />
        ))}
      </fieldset>
    )
  }
  const error = errors[path]
  const hint = hintOf(field.type)
  const common = {
    id, value: typed[path] ?? '', 'aria-describedby': `${id}-h`, 'aria-invalid': error ? true : undefined,
    onInput: (e: { currentTarget: { value: string } }) => put(path, e.currentTarget.value)
  }
  return (
    <div class="field">
      <label for={id}>
        {name} <span class="help mono">{plainLine(field.type)}</span>
      </label>
      {kind === 'bool' ? (
        <select {...common}>
          <option value="">Choose</option>
          <option value="true">Yes</option>
          <option value="false">No</option>
        </select>
      ) : kind === 'list' || kind === 'json' || kind === 'string' ? (
        <textarea {...common} class={kind === 'string' ? undefined : 'mono'} spellcheck={kind === 'string'} />
      ) : (
        <input {...common} class={kind === 'int' ? undefined : 'mono'} inputMode={kind === 'int' ? 'numeric' : undefined} autocomplete="off" spellcheck={false} />
      )}
      <small id={`${id}-h`}>
        {error && <b>Not so: {error}. </b>}
        {hint}
      </small>
    </div>
  )
}
