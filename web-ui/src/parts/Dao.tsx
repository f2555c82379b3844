// Pieces that the screens of governance share: the page with its places, what stands in for what is not here, the marks of
// provenance and state, votes as amounts, and who acts.
import { useSignal, type ReadonlySignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { ADDRESS, route, type Screen } from '../route'
import type { Com, Warned } from '../contract-dao'
import { inVotes, isLacking, signers } from '../dao'
import { clockTime, decimals, shortHash } from '../format'
import type { Got } from '../got'
import { Icon, type IconName } from '../icons'
import { plainLine } from '../plain'
import { mood } from '../view'
import { nameOf } from '../wallet'
import { Pick as Choose } from './Card'
import { Aged, Missing } from './Facts'
import { Trouble, useAct } from './Form'
import { Note } from './Notes'
import { Title, usePart } from './Title'

const TABS: [Screen, string][] = [['governance', 'Communities'], ['polls', 'Polls'], ['notices', 'Notices'], ['found', 'Create one'], ['check', 'Check a file']]

function Nav() {
  return (
    <nav class="tabs" aria-label="Governance">
      {TABS.map(([screen, name]) => (
        <a key={screen} class="btn s quiet" href={`#/${screen}`} aria-current={route.value.screen === screen ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  )
}

// A node that was built without the module.
const NONE = (
  <section class="card" aria-label="No governance">
    <div class="empty">
      <Icon name="gov" />
      <b>This node has no governance</b>
      <p class="mute">It was built without it, or is older than this page.</p>
    </div>
  </section>
)

interface PageProps {
  of: { now: ReadonlySignal<Got<unknown>>; again(): void }
  tab: string
  title: ComponentChildren
  lede?: ComponentChildren
  what: string
  children: ComponentChildren
}
export function DaoPage({ of, tab, title, lede, what, children }: PageProps) {
  usePart()
  const isHere = of.now.value.value !== null && !isLacking.value
  return (
    <>
      <Title tab={tab} lede={isHere && mood.value !== 'lost' ? lede : null}>
        {title}
      </Title>
      <Nav />
      {isHere ? (
        <div class="stack">
          {mood.value === 'lost' ? <p class="small mute">This stands as of {clockTime(of.now.value.at)}. It may have changed since.</p> : <Aged fact={of} />}
          {children}
        </div>
      ) : isLacking.value ? (
        NONE
      ) : (
        <Missing fact={of} what={what} asking={`Asking your node for ${what}.`} />
      )}
    </>
  )
}

const PROOFS: Record<string, [string, IconName, string]> = { proven: ['ok', 'proven', 'Proven'], called: ['ok', 'proven', 'Run on proven state'], unverified: ['', 'unproven', 'Unproven'] }

// What is here and was proven, but may be old by now, says so.
export function By({ how, of }: { how: string; of: string }) {
  const isOld = how !== 'unverified' && mood.value !== 'live'
  const [tone, icon, word] = isOld ? ['stale', 'stale' as const, 'Proven before'] : (PROOFS[how] ?? PROOFS.unverified!)
  return (
    <span class={`prov ${tone}`}>
      <Icon name={icon} />
      <span class="sr">{of}: </span>
      {word}
    </span>
  )
}

export const isRight = (): boolean => mood.value === 'live'

const STATES: Record<string, string> = { Active: 'a', Pending: '', Succeeded: 'ok', Queued: 'a', Executed: 'ok', Defeated: '', Canceled: '', Expired: '' }
export const StateBadge = ({ state }: { state: string }) => <span class={`badge ${STATES[state] ?? ''}`}>{state}</span>

export function Votes({ n, c }: { n: bigint; c: Pick<Com, 'token_decimals'> | null }) {
  const places = c?.token_decimals ?? 18
  return <span title={decimals(n, places)}>{inVotes(n, places)}</span>
}

// Named by the wallet, else by those whom the owner trusts, else by itself.
export function Whom({ a, name }: { a: string; name?: string | null }) {
  const known = nameOf(a) ?? (name ? plainLine(name) : null)
  return (
    <a class={known ? 'ref name' : 'addr ref'} href={ADDRESS.test(a) ? `#/account/${a}` : '#/governance'} title={a} aria-label={known ? undefined : `Account ${a}`}>
      {known ? <bdi>{known}</bdi> : shortHash(a)}
    </a>
  )
}

export function Warnings({ of }: { of: Warned }) {
  return (
    <>
      {of.map((w, i) => (
        <Note key={i} tone={w.severity === 'danger' ? 'bad' : w.severity === 'note' ? '' : 'warn'} icon={w.severity === 'danger' ? 'failed' : w.severity === 'note' ? 'unproven' : 'warn'} title={plainLine(w.text, 300)} />
      ))}
    </>
  )
}

export const titleOf = (p: { title: string | null; id: string }): string => plainLine(p.title ?? '', 160) || `Proposal ${p.id.length > 12 ? `${p.id.slice(0, 6)}…${p.id.slice(-4)}` : p.id}`
export const nameOfCom = (c: Com | null, address = ''): string => (c && (plainLine(c.label) || plainLine(c.name))) || shortHash(c?.address ?? address)

// A button that does one thing, and what came of it.
export function Do({ run, children, failed, tone = 's' }: { run(): Promise<unknown>; children: ComponentChildren; failed: string; tone?: string }) {
  const act = useAct()
  return (
    <>
      <span>
        <button class={`btn ${tone}`} type="button" aria-disabled={act.isBusy} aria-busy={act.isBusy} onClick={() => act.run(run)}>
          {children}
        </button>
      </span>
      <Trouble act={act} title={failed} />
    </>
  )
}

// Which account acts. Those that are only watched sign nothing.
export function useAccount(): { address: string | null; pick: ComponentChildren } {
  const picked = useSignal<string | null>(null)
  const list = signers.value
  const address = (list.find(a => a.address === picked.value) ?? list[0])?.address ?? null
  const pick = address ? (
    list.length > 1 && <Choose label="Account" value={address} of={list.map(a => [a.address, a.label || shortHash(a.address)] as const)} onPick={v => (picked.value = v)} />
  ) : (
    <p class="small mute">
      No account here can sign. <a href="#/wallet">Make or bring one</a> first.
    </p>
  )
  return { address, pick }
}
