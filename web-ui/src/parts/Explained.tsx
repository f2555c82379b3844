// What a signature would do, in words: the parts that the review sheet and the form for sending share. Text
// from outside comes with its invisible characters written out (identity/explain.h) and is drawn as text.
import type { Explain, TreeNode } from '../contract-wallet'
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

export function Leaves({ e, account }: { e: Explain; account: string | null }) {
  return (
    <>
      {e.leaves.map((l, i) => (
        <div class="flow" key={i}>
          <span class="glyph">
            <Icon name="out" />
          </span>
          <div>
            <span class="small mute">
              {l.what || 'Leaves'} {account && nameOf(account) && `from ${nameOf(account)}`}
            </span>
            <div class="big">
              {l.amount} {l.unit}
            </div>
            {l.to && (
              <span class="small">
                <span class="mute">to </span>
                <Who address={l.to} />
              </span>
            )}
          </div>
          <span />
        </div>
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
