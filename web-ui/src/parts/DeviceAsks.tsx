// What devices ask for and nobody ticked: each is read and decided, for five minutes.
import { useLayoutEffect, useRef } from 'preact/hooks'
import { decideFor, kindName } from '../devices'
import type { Asked } from '../contract-bunker'
import { shortHash } from '../format'
import { Icon } from '../icons'
import { bunker } from '../node'
import { plain, plainLine } from '../plain'
import { say } from '../say'
import { mood } from '../view'
import { lock } from '../wallet'
import { Card } from './Card'
import { Trouble, useAct } from './Form'
import { Left } from './Time'
import { UnlockForm } from './Unlock'

const HOLD_MS = 500

const titleOf = (a: Asked): string =>
  a.method === 'nip44_encrypt' ? 'Seal a message'
  : a.method === 'nip44_decrypt' ? 'Open a message'
  : `Sign: ${kindName(a.kind ?? -1)}`

function Row({ a, isReady }: { a: Asked; isReady(): boolean }) {
  const act = useAct()
  const cannot = act.isBusy || mood.value === 'lost' || lock.value !== 'open'
  const answer = (allow: boolean, always = false): void => {
    if (!cannot && isReady()) act.run(() => decideFor(a.request, allow, always).then(() => say(allow ? 'Allowed' : 'Refused')))
  }
  const who = plainLine(a.name)
  return (
    <li class="over">
      <span class={a.is_careful ? 'glyph bad' : 'glyph'}>
        <Icon name={a.is_careful ? 'warn' : 'pen'} />
      </span>
      <div class="stack tight acts">
        <b class="name">{titleOf(a)}</b>
        <span class="sub">
          <bdi>{who}</bdi> asks, device <span class="mono">{shortHash(a.device)}</span>. <Left until={a.until * 1000} /> left.
        </span>
        {a.is_careful && <span class="small">This can change or wipe what others see of you, or sign you in elsewhere. Allow it only if you are doing it just now.</span>}
        {a.content && <code class="raw">{plain(a.content)}</code>}
        {a.with && (
          <span class="small">
            With <span class="mono">{shortHash(a.with)}</span>.
          </span>
        )}
        {a.tags && a.tags.length > 0 && (
          <details>
            <summary>
              <Icon name="right" />
              Tags, {a.tags.length}
            </summary>
            <code class="raw">{a.tags.map(t => t.map(i => plainLine(i, 200)).join(' ')).join('\n')}</code>
          </details>
        )}
        {a.is_cut && <span class="small">There is more of it than is shown.</span>}
        <span class="line">
          <button class="btn s main" type="button" aria-disabled={cannot} onClick={() => answer(true)}>
            Allow once<span class="sr"> {titleOf(a)}, {who}</span>
          </button>
          {!a.is_careful && (
            <button class="btn s" type="button" aria-disabled={cannot} onClick={() => answer(true, true)}>
              Always allow this<span class="sr"> {titleOf(a)}, {who}</span>
            </button>
          )}
          <button class="btn s danger" type="button" aria-disabled={cannot} onClick={() => answer(false)}>
            Refuse<span class="sr"> {titleOf(a)}, {who}</span>
          </button>
        </span>
        <Trouble act={act} title="It was not decided" />
      </div>
    </li>
  )
}

export function DeviceAsks() {
  const list = bunker.value?.waiting ?? []
  // The rows move when one is gone: a click meant for the one before decides nothing.
  const since = useRef(0)
  useLayoutEffect(() => {
    since.current = performance.now()
  }, [list.map(a => a.request).join()])
  if (!list.length) return null
  return (
    <Card id="asks" title="Waiting for you" side={<span class="badge a">{list.length}</span>}>
      <ul class="rows">
        {list.map(a => (
          <Row key={a.request} a={a} isReady={() => performance.now() - since.current >= HOLD_MS} />
        ))}
      </ul>
      {lock.value === 'locked' && (
        <div class="body">
          <UnlockForm>Unlock to decide</UnlockForm>
        </div>
      )}
    </Card>
  )
}
