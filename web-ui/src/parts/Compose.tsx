// Writing: a post, a reply, a quote. What is typed is kept by the node as a draft while it is typed, and it is the
// person who signs and sends it.
import { useSignal } from '@preact/signals'
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import { draftDelete, draftPut, post, type Writing } from '../acts'
import { attachedTo, detach } from '../attach'
import type { DraftId, Post, Posted } from '../contract-posts'
import { count, shortHash } from '../format'
import { Icon } from '../icons'
import { socialMe } from '../node'
import { plainLine } from '../plain'
import { say } from '../say'
import { mood } from '../view'
import { addFiles, AttachButton, AttachList } from './Attach'
import { optionsOf, useExtras, WritingExtras } from './ComposeExtras'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { Quoted } from './PostHead'
import { Sent } from './Sent'
import { UnlockForm } from './Unlock'

const KEEP_MS = 1500
const MAX = 65_536

// Text that is on its way when the screen changes: by what it replies to or quotes.
const unsent = new Map<string, { text: string; draft: DraftId | null }>()

interface Props {
  label?: string
  replyTo?: string
  quote?: Post
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

// Kept a moment after the last key; what is emptied is forgotten. A draft of the node knows no quote: that one stays
// on the page.
function useDraft(text: string, key: string, draft: { value: DraftId | null }, isReply: string | null, isQuote: boolean) {
  const state = useSignal<'' | 'kept' | 'here'>('')
  useEffect(() => {
    if (!text.trim()) return
    unsent.set(key, { text, draft: draft.value })
    if (isQuote) {
      state.value = 'here'
      return
    }
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

export function Compose({ label, replyTo, quote, start, done }: Props) {
  const id = useId()
  const act = useAct()
  const key = String(start?.draft ?? (quote ? `quote ${quote.id}` : (replyTo ?? '')))
  const before = start ?? unsent.get(key)
  const text = useSignal(before?.text ?? '')
  const draft = useSignal<DraftId | null>(before?.draft ?? null)
  const posted = useSignal<Posted | null>(null)
  const kept = useDraft(text.value, key, draft, replyTo ?? null, quote !== undefined)
  const files = attachedTo(key)
  const isOver = useSignal(false)
  const area = useRef<HTMLTextAreaElement>(null)
  const extras = useExtras()
  // Before the next key, which may be the first of the answer.
  useLayoutEffect(() => {
    if (replyTo || quote) area.current?.focus()
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
  const discard = (): void => {
    forget()
    for (const a of files.value) detach(files, a.key)
  }
  const submit = (): void => {
    const typed = text.value.trim()
    const along = files.value
    const media = along.flatMap(a => (a.got ? [{ ...a.got, ...(a.alt.trim() && { alt: a.alt.trim() }) }] : []))
    // Clients find a file by its address in the text (NIP-92).
    const content = [typed, ...media.map(m => m.url)].filter(Boolean).join('\n')
    const over = new TextEncoder().encode(content).length - MAX
    const options = optionsOf(extras)
    if (along.length > media.length) return act.fail('A file is not at your door yet: wait for it, or take it off.')
    if (!content) return act.fail('Nothing is written yet.')
    if (over > 0) return act.fail(`It is ${over} bytes too long.`)
    if (options.length === 1) return act.fail('A poll has two choices at least, each on a line of its own.')
    const w: Writing = { content, ...(replyTo && { reply_to: replyTo }), ...(quote && { quote: quote.id }), ...extras.take(options), ...(media.length > 0 && { media }) }
    act.run(async () => {
      posted.value = await post(w)
      say('Signed and sent')
      for (const a of along) detach(files, a.key)
      // What was typed meanwhile is another text.
      if (text.peek().trim() !== typed) return
      forget()
      extras.empty()
      done?.()
    })
  }
  const dropped = (list: FileList | undefined, event: Event): void => {
    isOver.value = false
    if (!list?.length) return
    event.preventDefault()
    addFiles(files, list, act)
  }
  const words = kept.value === 'kept' ? `Draft kept${files.value.length ? ', without its files' : ''}.` : kept.value === 'here' ? 'Kept on this page only.' : ''
  const form = (
    <form
      class={isOver.value ? 'stack tight full drop' : 'stack tight full'} onSubmit={onSubmit(submit)} aria-label={label ?? 'Write a post'}
      onDragOver={e => {
        e.preventDefault()
        isOver.value = true
      }}
      onDragLeave={() => (isOver.value = false)} onDrop={e => dropped(e.dataTransfer?.files, e)}
    >
      <div class="field">
        <label for={id}>{label ?? `Post as ${plainLine(me.profile?.name ?? '') || shortHash(me.npub ?? me.pubkey ?? '')}`}</label>
        <textarea
          id={id} ref={area} dir="auto" placeholder={replyTo || quote ? undefined : 'What is on your mind?'} value={text.value}
          onInput={e => (text.value = e.currentTarget.value)} onPaste={e => dropped(e.clipboardData?.files, e)}
        />
      </div>
      {quote && <Quoted p={quote} />}
      <AttachList list={files} />
      {!replyTo && !quote && <WritingExtras of={extras} />}
      <Trouble act={act} title="It was not sent" />
      {posted.value && !text.value && <Sent posted={posted.value} title="Signed and kept here" />}
      <div class="line apart">
        {me.is_open && <AttachButton list={files} act={act} />}
        <span class="small mute">
          {me.is_open ? (
            <>
              Signed by <span class="nowrap mono">{shortHash(me.npub ?? me.pubkey ?? '')}</span>, sent to {count(me.relays.filter(r => r.write).length, 'relay')}. {words}
            </>
          ) : mood.value === 'lost' ? (
            'Kept on this page until your node is back.'
          ) : (
            `Your keys are sealed. ${words}`
          )}
        </span>
        {me.is_open && (
          <span class="line">
            {(text.value || files.value.length > 0) && (
              <button class="btn quiet" type="button" onClick={discard}>
                Discard
              </button>
            )}
            <Go act={act} busy="Signing and sending">
              Sign and post
            </Go>
          </span>
        )}
      </div>
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
