// What a signature would do, in words: the parts that the review sheet and the form for sending share. Text
// from outside comes with its invisible characters written out (identity/wallet/explain.h) and is drawn as text.
import type { ComponentChildren } from 'preact'
import type { Explain, TreeNode } from '../contract-explain'
import { Icon, type IconName } from '../icons'
import { ADDRESS } from '../units'
import { nameOf } from '../wallet'
import { Note } from './Notes'
import { Grouped } from './Ref'

const ORDER = { danger: 0, warn: 1, note: 2 } as const
type Level = keyof typeof ORDER
const TONES: Record<Level, [string, IconName]> = { danger: ['bad', 'failed'], warn: ['warn', 'warn'], note: ['', 'unproven'] }

export const worst = (e: Explain): Explain['warnings'] => [...e.warnings].sort((a, b) => ORDER[a.level] - ORDER[b.level])
export const isDangerous = (e: Explain): boolean => e.is_red || e.warnings.some(w => w.level === 'danger')

export function Warnings({ e }: { e: Explain }) {
  return (
    <>
      {worst(e).map((w, i) => {
        const [tone, icon] = TONES[w.level]
        return <Note key={w.code + i} tone={i === 0 && e.is_red ? `${tone} hard` : tone} icon={icon} title={w.text} />
      })}
    </>
  )
}

export function Who({ address }: { address: string }) {
  const name = nameOf(address)
  return (
    <>
      {name && (
        <>
          <b>{name}</b>
          <br />
        </>
      )}
      {ADDRESS.test(address) ? <Grouped hex={address} /> : address}
    </>
  )
}

// An address behind its preposition.
export function Way({ word, address }: { word: string; address: string }) {
  return (
    <div class="way small">
      <span class="mute">{word} </span>
      <div>
        <Who address={address} />
      </div>
    </div>
  )
}

interface FlowProps {
  icon: IconName
  over: ComponentChildren
  amount: string
  unit: string
  token: string | null // the contract, when it is not ether
  id?: string | null // of a token of which there are several
  way: 'to' | 'from'
  end: string | null
}

// Something that moves: how much of what, and where to or where from.
export function Flow({ icon, over, amount, unit, token, id, way, end }: FlowProps) {
  return (
    <div class="flow">
      <span class="glyph">
        <Icon name={icon} />
      </span>
      <div>
        <span class="small mute">{over}</span>
        <div class="big">{unit === 'token id' ? `${unit} ${amount}` : `${amount} ${unit}`}</div>
        {id && <div class="small">token id {id}</div>}
        {token && <Way word="of" address={token} />}
        {end && <Way word={way} address={end} />}
      </div>
      <span />
    </div>
  )
}

export function Leaves({ e, account }: { e: Explain; account: string | null }) {
  const name = account && nameOf(account)
  return (
    <>
      {e.leaves.map((l, i) => (
        <Flow key={i} icon="out" over={name ? `Leaves from ${name}` : 'Leaves'} amount={l.amount} unit={l.unit} token={l.token} way="to" end={l.to} />
      ))}
    </>
  )
}

export function Rows({ e, children }: { e: Explain; children?: preact.ComponentChildren }) {
  return (
    <dl class="kv">
      {children}
      {e.rows.map((r, i) => [
        <dt key={`t${i}`}>{r.label}</dt>,
        <dd key={`d${i}`} class={r.mono && !ADDRESS.test(r.value) ? 'mono' : undefined}>
          {ADDRESS.test(r.value) ? <Who address={r.value} /> : r.value}
        </dd>
      ])}
    </dl>
  )
}

// The depth is bounded where the tree is read.
export function Tree({ nodes }: { nodes: TreeNode[] }) {
  return (
    <ul class="tree">
      {nodes.map((n, i) => (
        <li key={i}>
          <span class="call">
            <b>{n.name}</b> <span class="mute">{n.type}</span>
          </span>
          {n.value !== null && <div class="leaf">{ADDRESS.test(n.value) ? <Who address={n.value} /> : n.value === '' ? <span class="mute">empty</span> : n.value}</div>}
          {n.children.length > 0 && <Tree nodes={n.children} />}
        </li>
      ))}
    </ul>
  )
}
