// What a proposal would do: its calls down to the last one, with the alarms of each, the bytes always within reach; and
// what came of running it on proven state.
import { useSignal } from '@preact/signals'
import type { DaoCall, Prop } from '../contract-dao'
import { readSimulation } from '../contract-dao'
import { dao } from '../dao'
import { count, ether, lengthOf } from '../format'
import { Icon } from '../icons'
import { plain, plainLine } from '../plain'
import type { Of } from '../check'
import { Card } from './Card'
import { Do, Whom } from './Dao'
import { Tree, Warnings } from './Explained'
import { Note } from './Notes'
import { Bytes } from './Ref'

const TONES: Record<string, ['bad' | 'warn' | '', 'failed' | 'warn' | 'unproven']> = { danger: ['bad', 'failed'], warn: ['warn', 'warn'], note: ['', 'unproven'] }

function Raw({ hex, what }: { hex: string; what: string }) {
  if (hex === '0x') return null
  return (
    <details>
      <summary>
        <Icon name="right" />
        Raw, {count(lengthOf(hex), 'byte')}
        <span class="sr"> of {what}</span>
      </summary>
      <Bytes hex={hex} what={`Raw bytes of ${what}`} />
    </details>
  )
}

// The depth is bounded where it is read.
function One({ c, path }: { c: DaoCall; path: string }) {
  const e = c.explain
  const call = e?.tree && !Array.isArray(e.tree) ? e.tree : null
  const what = `call ${path}`
  return (
    <li class="stack tight">
      <p>
        <b>{path}</b> {plainLine(e?.sentence || e?.title || (c.calldata === '0x' ? 'A call without data' : 'A function that nobody here knows'), 300)} {c.guess && <span class="badge warn">guess</span>}{' '}
        {c.operation === 'delegate' && <span class="badge bad">runs as its caller</span>}
      </p>
      <p class="call">
        {call?.signature || c.signature ? <b>{plainLine(call?.signature || c.signature, 200)}</b> : null} on {c.target ? <Whom a={c.target} name={c.target_name} /> : 'an address that is not named'}
        {c.wei > 0n && `, with ${ether(c.wei)}`}
      </p>
      {c.guess && <p class="small mute">The name is a guess from its first 4 bytes. Nobody has shown the source of this contract.</p>}
      {c.alarms.length ? c.alarms.map((a, i) => {
        const [tone, icon] = TONES[a.level] ?? TONES.warn!
        return <Note key={i} tone={tone} icon={icon} title={`${a.path && a.path !== path ? `${a.path}: ` : ''}${plainLine(a.text, 300)}`} />
      }) : e && path.indexOf('.') < 0 && <Warnings e={e} />}
      {call && call.args.length > 0 && (
        <details open={c.calls.length === 0}>
          <summary>
            <Icon name="right" />
            {count(call.args.length, 'argument')}
            <span class="sr"> of {what}</span>
          </summary>
          <Tree nodes={call.args} />
        </details>
      )}
      <Raw hex={c.calldata} what={what} />
      {c.calls.length > 0 && <List of={c.calls} under={path} />}
      {c.left_out > 0 && <p class="small">{count(c.left_out, 'more call')} within it stand in its raw bytes alone.</p>}
    </li>
  )
}

const List = ({ of, under }: { of: DaoCall[]; under: string }) => (
  <ol class="tree">
    {of.map((c, i) => (
      <One key={i} c={c} path={c.path || `${under && `${under}.`}${i + 1}`} />
    ))}
  </ol>
)

function Rehearsal({ p }: { p: Prop }) {
  const got = useSignal<Of<typeof readSimulation> | null>(null)
  const s = got.value
  const [first = 'nothing to tell', ...rest] = s?.words ?? []
  const isBad = /fail|revert|undone|cannot/i.test(first)
  return (
    <>
      {s && (
        <Note tone={isBad ? 'bad' : 'ok'} icon={isBad ? 'failed' : 'proven'} title={`Rehearsed on proven state: ${plainLine(first, 300)}`}>
          {[...rest, ...[...s.roles, ...s.owners, ...s.balances].map(x => x.text)].map((t, i) => (
            <span key={i}>{plain(t)}</span>
          ))}
          <span class="small">The result can change before it runs.</span>
        </Note>
      )}
      <Do failed="It could not be rehearsed" run={async () => (got.value = await dao('simulate', { address: p.community, id: p.id }, readSimulation))}>
        Rehearse it on proven state
      </Do>
    </>
  )
}

export function Actions({ p }: { p: Prop }) {
  const list = p.actions
  const inner = (c: DaoCall): number => c.calls.reduce((n, x) => n + 1 + inner(x), 0)
  const within = list?.reduce((n, c) => n + inner(c), 0) ?? 0
  return (
    <Card id="does" title="What it does" side={list && <span class="small mute">{count(list.length, 'action')}{within > 0 && `, ${count(within, 'call')} inside`}</span>}>
      <div class="body">
        {!list ? (
          <p class="mute">Nobody has handed out its actions yet in a form whose hash is the proposal’s id.</p>
        ) : list.length ? (
          <>
            <List of={list} under="" />
            <Rehearsal p={p} />
          </>
        ) : (
          <p class="mute">Nothing: it is a statement only.</p>
        )}
      </div>
    </Card>
  )
}
