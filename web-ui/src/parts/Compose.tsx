// Writing: a post, a reply. What is typed is kept by the node as a draft while it is typed, and it is the person who
// signs and sends it.
import { useSignal } from '@preact/signals'
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import { draftDelete, draftPut, post, type Writing } from '../acts'
import type { DraftId, Posted } from '../contract-posts'
import { count, shortHash } from '../format'
import { Icon } from '../icons'
import { socialMe } from '../node'
import { plainLine } from '../plain'
import { say } from '../say'
import { mood } from '../view'
import { Field, Pick } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { Note } from './Notes'
import { UnlockForm } from './Unlock'

const KEEP_MS = 1500
const MAX = 65_536
const ENDS = [['', 'never'], ['86400', 'in a day'], ['604800', 'in a week'], ['2592000', 'in 30 days']] as const
const TAKEN = ['ok', 'sent', 'accepted', 'stored', 'answered', 'duplicate']

// Text that is on its way when the screen changes: by what it replies to.
const unsent = new Map<string, { text: string; draft: DraftId | null }>()

interface Props {
  label?: string
  replyTo?: string
  start?: { text: string; draft: DraftId }
  done?: () => void
}

function Locked() {
  const isOpen = useSignal(false)
  return (
    <div class="stack tight full">
      <button class="btn s" type="button" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
        <Icon name="lock" />
        Unlock to sign
      </button>
      {isOpen.value && <UnlockForm />}
    </div>
  )
}

function Sent({ posted }: { posted: Posted }) {
  const n = posted.sent.filter(s => TAKEN.includes(s.state)).length
  const others = posted.sent.filter(s => !TAKEN.includes(s.state))
  return (
    <div role="status">
      <Note tone={others.length && !n ? 'warn' : 'ok'} icon={others.length && !n ? 'warn' : 'check'} title="Signed and kept here">
        <span>
          {posted.sent.length === 0 ? 'Relays that ask your node find it.' : `${n} of ${count(posted.sent.length, 'relay')} took it.`}
          {others.map(s => ` ${plainLine(s.url.replace(/^wss?:\/\//, ''))}: ${plainLine(s.state)}.`)}
        </span>
      </Note>
    </div>
  )
}

// Kept a moment after the last key; what is emptied is forgotten.
function useDraft(text: string, key: string, draft: { value: DraftId | null }, isReply: string | null) {
  const state = useSignal<'' | 'kept' | 'here'>('')
  useEffect(() => {
    if (!text.trim()) return
    unsent.set(key, { text, draft: draft.value })
    const timer = setTimeout(() => {
      draftPut(text, isReply, draft.value).then(
        id => {
          draft.value = id
          state.value = 'kept'
          if (unsent.has(key)) unsent.set(key, { text, draft: id })
        },
        () => (state.value = 'here')
      )
    }, KEEP_MS)
    return () => clearTimeout(timer)
  }, [text])
  return state
}

export function Compose({ label, replyTo, start, done }: Props) {
  const id = useId()
  const act = useAct()
  const key = String(start?.draft ?? replyTo ?? '')
  const before = start ?? unsent.get(key)
  const text = useSignal(before?.text ?? '')
  const draft = useSignal<DraftId | null>(before?.draft ?? null)
  const posted = useSignal<Posted | null>(null)
  const kept = useDraft(text.value, key, draft, replyTo ?? null)
  const ends = useSignal('')
  const area = useRef<HTMLTextAreaElement>(null)
  const title = useRef<HTMLInputElement>(null)
  const warning = useRef<HTMLInputElement>(null)
  const poll = useRef<HTMLTextAreaElement>(null)
  // Before the next key, which may be the first of the answer.
  useLayoutEffect(() => {
    if (replyTo) area.current?.focus()
  }, [])
  const me = socialMe.value
  if (!me) return null

  const forget = (): void => {
    if (draft.value !== null) void draftDelete(draft.value).catch(() => undefined)
    unsent.delete(key)
    draft.value = null
    text.value = ''
    kept.value = ''
  }
  const submit = (): void => {
    const content = text.value.trim()
    const bytes = new TextEncoder().encode(content).length
    if (!content) return act.fail('Nothing is written yet.')
    if (bytes > MAX) return act.fail(`It is ${bytes - MAX} bytes too long.`)
    const written = (ref: { current: HTMLInputElement | HTMLTextAreaElement | null }): string => ref.current?.value.trim() ?? ''
    const options = written(poll).split('\n').map(o => o.trim()).filter(Boolean)
    if (options.length === 1) return act.fail('A poll has two choices at least, each on a line of its own.')
    const w: Writing = {
      content,
      ...(replyTo && { reply_to: replyTo }),
      ...(written(title) && { kind: 30023, title: written(title) }),
      ...(written(warning) && { warning: written(warning) }),
      ...(ends.value && { expires: Math.floor(Date.now() / 1000) + Number(ends.value) }),
      ...(options.length > 1 && { poll: { options } })
    }
    act.run(async () => {
      posted.value = await post(w)
      say('Signed and sent')
      // What was typed meanwhile is another text.
      if (text.peek().trim() !== content) return
      forget()
      for (const ref of [title, warning, poll]) if (ref.current) ref.current.value = ''
      done?.()
    })
  }
  const words = kept.value === 'kept' ? 'Draft kept.' : kept.value === 'here' ? 'Kept on this page only.' : ''
  const form = (
    <form class="stack tight full" onSubmit={onSubmit(submit)} aria-label={label ?? 'Write a post'}>
      <div class="field">
        <label for={id}>{label ?? `Post as ${plainLine(me.profile?.name ?? '') || shortHash(me.npub ?? me.pubkey ?? '')}`}</label>
        <textarea id={id} ref={area} dir="auto" placeholder={replyTo ? undefined : 'What is on your mind?'} value={text.value} onInput={e => (text.value = e.currentTarget.value)} />
      </div>
      {!replyTo && (
        <details>
          <summary>Warning, end, title, poll</summary>
          <div class="stack tight">
            <Field label="Content warning: why it is folded" input={warning} max={120} />
            <Pick label="It goes" value={ends.value} of={ENDS} onPick={v => (ends.value = v)} />
            <Field label="Title: makes it an article" input={title} max={200} />
            <div class="field">
              <label for={`${id}-poll`}>Choices of a poll, each on a line</label>
              <textarea id={`${id}-poll`} ref={poll} dir="auto" />
            </div>
          </div>
        </details>
      )}
      <Trouble act={act} title="It was not sent" />
      {posted.value && !text.value && <Sent posted={posted.value} />}
      {me.is_open ? (
        <div class="line apart">
          <span class="small mute">
            Signed by <span class="nowrap mono">{shortHash(me.npub ?? me.pubkey ?? '')}</span>, sent to {count(me.relays.filter(r => r.write).length, 'relay')}. {words}
          </span>
          <span class="line">
            {text.value && (
              <button class="btn quiet" type="button" onClick={forget}>
                Discard
              </button>
            )}
            <Go act={act} busy="Signing and sending">
              Sign and post
            </Go>
          </span>
        </div>
      ) : (
        <div class="line apart">
          <span class="small mute">
            {mood.value === 'lost' ? 'Kept on this page until your node is back.' : `Your keys are sealed. ${words}`}
          </span>
        </div>
      )}
    </form>
  )
  if (me.is_open) return form
  return (
    <div class="stack tight full">
      {form}
      <Locked />
    </div>
  )
}
