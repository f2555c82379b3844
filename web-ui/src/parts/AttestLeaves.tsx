// Fields that only their holder keeps: each with a name, a type and a value. The attestation holds a fingerprint of them.
import { kindOf, Unfit, valueOf } from '../schema'
import { Icon } from '../icons'
import { Pick } from './Card'

export interface Leaf {
  name: string
  type: string
  value: string
}
const TYPES = ['string', 'bool', 'uint256', 'int256', 'address', 'bytes32', 'bytes', 'uint8', 'uint64', 'string[]', 'address[]']

export function readLeaves(list: Leaf[]): { leaves: { type: string; name: string; value: unknown }[]; error: string | null } {
  const leaves: { type: string; name: string; value: unknown }[] = []
  for (const { name, type, value } of list) {
    if (!name.trim()) return { leaves, error: 'Each private field needs a name.' }
    if (leaves.some(l => l.name === name.trim())) return { leaves, error: `Two private fields are named ${name}.` }
    try {
      leaves.push({ type, name: name.trim(), value: valueOf({ type, parts: [] }, value) })
    } catch (error) {
      if (!(error instanceof Unfit)) throw error
      return { leaves, error: `${name}: ${error.message}.` }
    }
  }
  return { leaves, error: leaves.length ? null : 'Add at least one private field.' }
}

export function AttestLeaves({ list, put }: { list: Leaf[]; put(list: Leaf[]): void }) {
  const set = (at: number, over: Partial<Leaf>): void => put(list.map((leaf, i) => (i === at ? { ...leaf, ...over } : leaf)))
  return (
    <fieldset class="stack">
      <legend>Private fields</legend>
      <p class="small mute">Only a fingerprint of them is signed. Later you choose which of them somebody may see.</p>
      {list.map((leaf, i) => (
        <fieldset key={i} class="stack tight boxed leafs">
          <legend class="sr">Private field {i + 1}</legend>
          <div class="pair even">
            <label class="field">
              Name
              <input value={leaf.name} maxLength={128} autocomplete="off" onInput={e => set(i, { name: e.currentTarget.value })} />
            </label>
            <Pick label="Type" value={leaf.type} of={TYPES.map(t => [t, t] as const)} onPick={type => set(i, { type })} />
          </div>
          <label class="field">
            Value
            {kindOf({ type: leaf.type, parts: [] }) === 'list' ? (
              <textarea value={leaf.value} onInput={e => set(i, { value: e.currentTarget.value })} />
            ) : (
              <input value={leaf.value} autocomplete="off" onInput={e => set(i, { value: e.currentTarget.value })} />
            )}
          </label>
          <div class="line">
            <button class="btn s quiet" type="button" onClick={() => put(list.filter((_, at) => at !== i))}>
              Remove<span class="sr"> private field {i + 1}</span>
            </button>
          </div>
        </fieldset>
      ))}
      <div class="line">
        <button class="btn s" type="button" onClick={() => put([...list, { name: '', type: 'string', value: '' }])}>
          <Icon name="pen" />
          Add a private field
        </button>
      </div>
    </fieldset>
  )
}
