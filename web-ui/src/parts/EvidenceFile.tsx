// What a provider was asked and what it answered, word for word, to judge, to save and to pass on.
import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import type { EvidenceFile as File } from '../contract-chain'
import { save, show, shown, textOf } from '../evidence'
import { bytes, dated } from '../format'
import { Icon } from '../icons'
import { link } from '../node'
import type { Refusal } from '../refusals'
import { CopyText } from './Copy'
import { Refused } from './Facts'

const SHOW = 4000 // characters of an answer that are drawn; all of it is saved

const NOT_SHOWN: Refusal = { title: 'The evidence cannot be shown', means: 'What is said above still holds.', tone: 'warn' }

function Header({ header }: { header: unknown }) {
  if (typeof header !== 'object' || header === null) return null
  return (
    <>
      <p class="small mute">The block header that it was held against</p>
      <code class="raw tall" tabIndex={0} role="region" aria-label="Block header">{JSON.stringify(header, null, 2)}</code>
    </>
  )
}

function Whole({ file }: { file: File }) {
  const cut = file.answer.length > SHOW
  return (
    <div class="stack tight">
      <p class="small mute">Asked on {dated(file.at_ms)}, of a provider for {file.kind} data</p>
      <code class="raw tall" tabIndex={0} role="region" aria-label="What was asked">{file.request || 'The question was not kept.'}</code>
      <p class="small mute">
        It answered {bytes(file.answer_bytes)}
        {file.answer_is_cut ? ', of which the beginning was kept' : ''}
        {cut ? '; the beginning is shown here' : ''}
      </p>
      <code class="raw tall" tabIndex={0} role="region" aria-label="What it answered">
        {file.answer ? file.answer.slice(0, SHOW) + (cut ? '…' : '') : 'Nothing.'}
      </code>
      <Header header={file.header} />
      <div class="line">
        <button class="btn s" type="button" onClick={() => save(file)}>
          <Icon name="save" />
          Save the evidence
        </button>
        <CopyText value={textOf(file)} what="evidence" label="Copy it" />
      </div>
    </div>
  )
}

export function EvidenceOf({ id }: { id: number | null }) {
  const box = useId()
  const isOpen = useSignal(false)
  if (id === null) return <p class="small mute">No copy of its answer was kept.</p>
  const what = shown.value.get(id)
  const isCut = link.value.s !== 'open' && what?.s !== 'here'
  const toggle = (): void => {
    if (isCut && !isOpen.value) return
    isOpen.value = !isOpen.value
    if (isOpen.value) show(id)
  }
  return (
    <div class="stack tight">
      <div class="line">
        <button class="btn s" type="button" aria-expanded={isOpen.value} aria-controls={box} aria-disabled={isCut && !isOpen.value} onClick={toggle}>
          {isOpen.value ? 'Hide evidence' : 'Show evidence'}
        </button>
        {isCut && <span class="small mute">Waits for the node.</span>}
      </div>
      <div id={box} hidden={!isOpen.value}>
        {what?.s === 'asking' && <p class="small mute" role="status">Fetching the evidence.</p>}
        {what?.s === 'here' && <Whole file={what.file} />}
        {what?.s === 'refused' && <Refused error={what.error} again={() => show(id)} words={NOT_SHOWN} />}
      </div>
    </div>
  )
}
