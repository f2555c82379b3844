// The evidence that the node keeps against a provider: fetched when somebody wants to see it, kept for as
// long as the page is open, because evidence does not change.
import { signal } from '@preact/signals'
import { readEvidence, type EvidenceFile } from './contract-chain'
import { call } from './node'
import { RpcError } from './rpc'

export type Shown = { s: 'asking' } | { s: 'here'; file: EvidenceFile } | { s: 'refused'; error: RpcError }
export const shown = signal<ReadonlyMap<number, Shown>>(new Map())

function put(id: number, what: Shown): void {
  shown.value = new Map([...shown.value, [id, what]])
}

export function show(id: number): void {
  const before = shown.value.get(id)?.s
  if (before === 'asking' || before === 'here') return
  put(id, { s: 'asking' })
  call('l1.evidence', { id }, readEvidence).then(
    file => put(id, { s: 'here', file }),
    (error: unknown) => put(id, { s: 'refused', error: error instanceof RpcError ? error : new RpcError(String(error), 'unknown') })
  )
}

export function textOf(file: EvidenceFile): string {
  return JSON.stringify(file, null, 2)
}

export const save = (file: EvidenceFile): void => saveFile(`hearth-evidence-${file.id}.json`, textOf(file))

export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const a = document.createElement('a')
  a.href = url
  a.download = name
  a.click()
  // The browser has taken it over by then; the memory is given back.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
