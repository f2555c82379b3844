// The bell of the top bar: what only the person can settle, problems of the node and requests for signatures;
// and beside it the account with its lock.
import { useId, useRef } from 'preact/hooks'
import { count } from '../format'
import { Icon, Tile } from '../icons'
import { bunker, didNews } from '../node'
import { plainLine } from '../plain'
import { problems } from '../problems'
import { needs, review, waiting } from '../review'
import { chosen, lock, type Lock } from '../wallet'
import { askerOf } from './Sheet'

// What waits to be decided, each a button that opens its sheet.
export function Requests({ before }: { before?: () => void }) {
  return (
    <>
      {waiting.value.map(i => (
        <li key={String(i.id)}>
          <button class="btn wide ask" type="button" onClick={() => { before?.(); review(i.id) }}>
            <Icon name="pen" />
            <span class="name">
              {i.explain.title}
              <span class="sub"> {askerOf(i)}</span>
            </span>
          </button>
        </li>
      ))}
      {(didNews.value?.alerts ?? 0) > 0 && (
        <li>
          <a class="btn wide ask" href="#/identity" onClick={before}>
            <Icon name="id" />
            <span class="name">A DID of yours changed without you</span>
          </a>
        </li>
      )}
      {bunker.value?.waiting.map(a => (
        <li key={`device ${a.request}`}>
          <a class="btn wide ask" href="#/devices/asks" onClick={before}>
            <Icon name="key" />
            <span class="name">
              {a.method === 'sign_event' ? 'Sign as you' : 'Use your key'}
              <span class="sub"> {plainLine(a.name)}, a device</span>
            </span>
          </a>
        </li>
      ))}
    </>
  )
}

export function NeedsYou() {
  const id = useId()
  const menu = useRef<HTMLDivElement>(null)
  const n = needs.value
  if (!n) return null
  return (
    <div class="bell">
      <button class="btn quiet" type="button" popovertarget={id} aria-label={`${count(n, 'thing')} ${n === 1 ? 'needs' : 'need'} you`}>
        <Icon name="inbox" />
        <span class="w">{n} {n === 1 ? 'needs' : 'need'} you</span>
        <span class="count hide-w">{n}</span>
      </button>
      <div class="prov-more menu" id={id} ref={menu} popover="auto" role="group" aria-label="Needs you">
        <ul>
          {problems.value.map(p => (
            <li key={p.code}>
              <a href={p.href ?? '#/'} onClick={() => menu.current?.hidePopover()}>
                {p.title}
              </a>
            </li>
          ))}
          <Requests before={() => menu.current?.hidePopover()} />
        </ul>
      </div>
    </div>
  )
}

const LOCKS: Partial<Record<Lock, string>> = { open: 'unlocked', locked: 'locked', none: 'no keys yet', gone: 'signer not running' }

export function AccountState() {
  const l = lock.value
  const a = chosen.value
  const state = LOCKS[l]
  if (!state) return null
  const name = a ? a.label || 'Unnamed account' : 'Wallet'
  return (
    <a class="btn quiet who" href="#/wallet" aria-label={`${name}, ${state}`} title={state}>
      {a && <Tile of={a.address} small />}
      <span class="w name">{name}</span>
      <Icon name={l === 'open' ? 'unlock' : l === 'gone' ? 'failed' : 'lock'} />
    </a>
  )
}
