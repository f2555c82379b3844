// What a post may have besides its text: a warning that folds it, an end, a title that makes it an article, a poll.
import { useSignal, type Signal } from '@preact/signals'
import { useId, useRef } from 'preact/hooks'
import type { RefObject } from 'preact'
import type { Writing } from '../acts'
import { nodeNow } from '../clock'
import { Field, Pick } from './Card'

const ENDS = [['', 'never'], ['86400', 'in a day'], ['604800', 'in a week'], ['2592000', 'in 30 days']] as const

interface Extras {
  warning: RefObject<HTMLInputElement | null>
  title: RefObject<HTMLInputElement | null>
  poll: RefObject<HTMLTextAreaElement | null>
  fold: RefObject<HTMLDetailsElement | null>
  goes: Signal<string>
  closes: Signal<string>
  several: Signal<boolean>
  take(options: string[]): Partial<Writing>
  empty(): void
}

const typed = (ref: RefObject<HTMLInputElement | HTMLTextAreaElement | null>): string => ref.current?.value.trim() ?? ''
export const optionsOf = (e: Extras): string[] => typed(e.poll).split('\n').map(o => o.trim()).filter(Boolean)
const inSeconds = (s: string): number => Math.floor(nodeNow.peek() / 1000) + Number(s)

export function useExtras(): Extras {
  const warning = useRef<HTMLInputElement>(null)
  const title = useRef<HTMLInputElement>(null)
  const poll = useRef<HTMLTextAreaElement>(null)
  const fold = useRef<HTMLDetailsElement>(null)
  const goes = useSignal('')
  const closes = useSignal('')
  const several = useSignal(false)
  return {
    warning, title, poll, fold, goes, closes, several,
    take: options => ({
      ...(typed(title) && { kind: 30023, title: typed(title) }),
      ...(typed(warning) && { warning: typed(warning) }),
      ...(goes.value && { expires: inSeconds(goes.value) }),
      ...(options.length > 1 && { poll: { options, ...(closes.value && { ends: inSeconds(closes.value) }), ...(several.value && { multiple: true }) } })
    }),
    empty() {
      for (const ref of [title, warning, poll]) if (ref.current) ref.current.value = ''
      goes.value = ''
      closes.value = ''
      several.value = false
      if (fold.current) fold.current.open = false
    }
  }
}

export function WritingExtras({ of }: { of: Extras }) {
  const id = useId()
  return (
    <details ref={of.fold}>
      <summary>Warning, end, title, poll</summary>
      <div class="stack tight">
        <Field label="Content warning: why it is folded" input={of.warning} max={120} />
        <Pick label="It goes" value={of.goes.value} of={ENDS} onPick={v => (of.goes.value = v)} />
        <Field label="Title: makes it an article" input={of.title} max={200} />
        <div class="field">
          <label for={id}>Choices of a poll, each on a line</label>
          <textarea id={id} ref={of.poll} dir="auto" />
        </div>
        <label class="check">
          <input type="checkbox" checked={of.several.value} onChange={e => (of.several.value = e.currentTarget.checked)} />
          Several choices allowed
        </label>
        <Pick label="The poll closes" value={of.closes.value} of={ENDS} onPick={v => (of.closes.value = v)} />
      </div>
    </details>
  )
}
