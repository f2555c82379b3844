// Writing a message: the text stays until it is sealed and stored, whatever happens in between.
import { useSignal, type Signal } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { Message } from '../contract-talk'
import { plainLine } from '../plain'
import { say } from '../say'
import { keyOf, sendMessage, talk, unsentTo, type Partner } from '../talk'
import { Go, onSubmit, Trouble, useAct } from './Form'

const MAX = 32_768 // HT_MESSAGE_TEXT_MAX

export function WriteMessage({ who, replyTo }: { who: Partner; replyTo: Signal<Message | null> }) {
  const id = useId()
  const act = useAct()
  const area = useRef<HTMLTextAreaElement>(null)
  const text = useSignal(unsentTo.get(keyOf(who))?.text ?? '')
  const about = replyTo.value
  useEffect(() => {
    const before = unsentTo.get(keyOf(who))?.replyTo
    if (before) replyTo.value = talk.peek()?.list.find(m => m.id === before) ?? null
  }, [])
  useEffect(() => {
    if (about) area.current?.focus()
    if (text.value) unsentTo.set(keyOf(who), { text: text.value, replyTo: about?.id ?? null })
    else unsentTo.delete(keyOf(who))
  }, [about, text.value])
  const submit = (): void => {
    const content = text.value.trim()
    const over = new TextEncoder().encode(content).length - MAX
    if (!content) return act.fail('Nothing is written yet.')
    if (over > 0) return act.fail(`It is ${over} bytes too long.`)
    act.run(async () => {
      await sendMessage(who, content, about?.id ?? null)
      say('Sealed and sent')
      // What was typed meanwhile is another text.
      if (text.peek().trim() !== content) return
      text.value = ''
      replyTo.value = null
    })
  }
  return (
    <form class="stack tight" onSubmit={onSubmit(submit)} aria-label="Write a message">
      {about && (
        <div class="line apart">
          <span class="small mute answered">
            Replying to <bdi>{plainLine(about.content, 80)}</bdi>
          </span>
          <button class="btn s" type="button" onClick={() => (replyTo.value = null)}>
            Do not reply
          </button>
        </div>
      )}
      <div class="field">
        <label for={id}>Your message</label>
        <textarea id={id} ref={area} dir="auto" value={text.value} onInput={e => (text.value = e.currentTarget.value)} />
      </div>
      <Trouble act={act} title="It was not sent, and your text is kept" />
      <div class="line apart">
        <span class="small mute">{who.others?.length ? 'Sealed to the key of each.' : 'Sealed to their key.'} A copy is kept here for you.</span>
        <Go act={act} busy="Sealing and sending">
          {act.error ? 'Seal and send again' : 'Seal and send'}
        </Go>
      </div>
    </form>
  )
}
