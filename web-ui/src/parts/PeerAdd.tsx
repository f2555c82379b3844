// Taking an invitation: pasted, dropped, or read from a picture of its code. Whom it is from and where it leads is shown
// before the node calls anybody.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { readsCodes, textOfCode } from '../code'
import { nodeNow } from '../clock'
import { count, shortHash } from '../format'
import { Icon } from '../icons'
import { addPeer } from '../peers'
import { plainLine } from '../plain'
import { say } from '../say'
import { Card, Field } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'

const FILE_MAX = 20_000_000

interface Seen {
  node: string
  name: string
  hosts: string[]
  isOver: boolean
}

// What the link says of itself; the node is who checks it. null: no invitation.
function seenIn(link: string): Seen | null {
  if (!link.startsWith('hearth:peer?')) return null
  const query = new URLSearchParams(link.slice(link.indexOf('?') + 1))
  const node = query.get('node') ?? ''
  if (!/^[0-9a-f]{64}$/.test(node)) return null
  const expires = Number(query.get('expires'))
  return { node, name: query.get('name') ?? '', hosts: query.getAll('addr').map(a => a.replace(/^wss?:\/\//, '')), isOver: expires > 0 && expires * 1000 <= nodeNow.value }
}

function Preview({ of }: { of: Seen }) {
  return (
    <p class="small">
      It is from the node <span class="mono">{shortHash(of.node)}</span>
      {of.name && <>, “<bdi>{plainLine(of.name)}</bdi>”</>}.{' '}
      {of.isOver ? 'It is over: ask for a new one.' : of.hosts.length ? `Your node will call it at ${of.hosts.slice(0, 2).map(h => plainLine(h, 80)).join(' or ')}${of.hosts.length > 2 ? ` or ${count(of.hosts.length - 2, 'more address', 'more addresses')}` : ''}, and it learns from where you call.` : 'It names no address: its owner has to make it reachable first.'}
    </p>
  )
}

export function PeerAdd() {
  const act = useAct()
  const link = useRef<HTMLTextAreaElement>(null)
  const label = useRef<HTMLInputElement>(null)
  const choose = useRef<HTMLInputElement>(null)
  const typed = useSignal('')
  const isOver = useSignal(false)
  const seen = seenIn(typed.value)
  const put = (text: string): void => {
    if (link.current) link.current.value = text
    typed.value = text.trim()
    act.clear()
  }
  const picture = (file: File | undefined): void => {
    if (!file) return
    if (!file.type.startsWith('image/')) return act.fail('That is no picture. Paste the link instead.')
    if (file.size > FILE_MAX) return act.fail('That picture is too large to be looked at here.')
    act.run(async () => put(await textOfCode(file)))
  }
  const submit = (): void => {
    const text = typed.value
    if (!seen) return act.fail(text ? 'That is no invitation: one begins with hearth:peer? and is taken whole.' : 'Paste an invitation first.')
    act.run(async () => {
      await addPeer(text, label.current?.value.trim() ?? '')
      put('')
      if (label.current) label.current.value = ''
      say('Added, your node calls it')
    })
  }
  return (
    <Card id="add" title="Take an invitation">
      <form
        class={isOver.value ? 'body stack drop' : 'body stack'}
        onSubmit={onSubmit(submit)}
        onDragOver={e => {
          e.preventDefault()
          isOver.value = true
        }}
        onDragLeave={() => (isOver.value = false)}
        onDrop={e => {
          e.preventDefault()
          isOver.value = false
          const data = e.dataTransfer
          if (data?.files.length) picture(data.files[0])
          else if (data?.getData('text/plain')) put(data.getData('text/plain'))
        }}
      >
        <div class="field">
          <label for="invitation">Invitation that you were given</label>
          <textarea id="invitation" class="mono" ref={link} maxLength={4000} spellcheck={false} autocomplete="off" onInput={e => { typed.value = e.currentTarget.value.trim(); act.clear() }} />
          <small>Begins with hearth:peer?. {readsCodes ? 'A picture of its QR code can be dropped here.' : 'This browser reads no QR codes: paste the link that is in one.'}</small>
        </div>
        {seen && <Preview of={seen} />}
        {seen && <Field label="Your name for it" input={label} max={60} />}
        <Trouble act={act} title="It was not taken" />
        <div class="line">
          <Go act={act} busy="Asking your node">
            Take it
          </Go>
          {readsCodes && (
            <button class="btn" type="button" onClick={() => choose.current?.click()}>
              <Icon name="image" />
              Choose a picture
            </button>
          )}
          <input hidden type="file" accept="image/*" ref={choose} onChange={e => { picture(e.currentTarget.files?.[0]); e.currentTarget.value = '' }} />
        </div>
      </form>
    </Card>
  )
}
