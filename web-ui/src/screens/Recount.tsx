// The recount answers: is every vote there, whose is it, what does it weigh and why, and how do I check that elsewhere?
import { signal, useSignal } from '@preact/signals'
import { readExport, readVotes, type Com, type Prop, type Vote } from '../contract-dao'
import { comOf, counted, dao, here, prop } from '../dao'
import { saveFile } from '../evidence'
import { count, group, reason } from '../format'
import { view } from '../got'
import { Icon } from '../icons'
import { plainLine } from '../plain'
import { route } from '../route'
import { Card, Pick } from '../parts/Card'
import { CopyText } from '../parts/Copy'
import { DaoPage, Do, isRight, titleOf, Votes, Whom } from '../parts/Dao'
import { Bar } from '../parts/Draw'
import { Trouble, useAct } from '../parts/Form'
import { BlockRef } from '../parts/Ref'
import { AskOthers, Badges, How, Progress, SIDE_NAMES } from '../parts/Tally'
import { Note } from '../parts/Notes'

const PAGE = 100
const sort = signal('weight')
const limit = signal(PAGE)
const votes = view('dao.votes', readVotes, () => (route.value.screen === 'recount' && here.value ? { ...here.value, offset: 0, limit: limit.value, sort: sort.value } : null), () => counted.value)

const FORMS = [['audit', 'Audit bundle', 'Receipts and proofs: “hearth verify” checks it without this node.'], ['csv', 'CSV', 'For a spreadsheet.'], ['json', 'JSON', 'For programs.']] as const

function Files({ p }: { p: Prop }) {
  const act = useAct()
  const path = useSignal('')
  const take = (format: string): void =>
    act.run(async () => {
      const file = await dao('export', { address: p.community, id: p.id, format }, readExport, 600_000)
      path.value = file.text === null ? (file.path ?? '') : ''
      if (file.text !== null) saveFile(plainLine(file.name, 80), file.text)
    })
  return (
    <Card id="files" title="Take it along">
      <ul class="rows sources">
        {FORMS.map(([format, name, what]) => (
          <li key={format}>
            <div>
              <b>{name}</b>
              <span class="sub">{what}</span>
            </div>
            <button class="btn s" type="button" aria-disabled={act.isBusy} onClick={() => take(format)}>
              <Icon name="save" />
              Save<span class="sr"> {name}</span>
            </button>
          </li>
        ))}
      </ul>
      <div class="body">
        {path.value && (
          <Note tone="ok" icon="save" title="Your node wrote the file itself">
            <span>It is too large for this page. It lies on the node’s computer:</span>
            <code class="raw">{plainLine(path.value, 600)}</code>
            <CopyText value={path.value} what="path" />
          </Note>
        )}
        <Trouble act={act} title="No file was made" />
      </div>
    </Card>
  )
}

const AT_ONCE = 50 // voters that the node weighs in one call

// The weight in a vote's log against what the voter had at the snapshot, by the token's own records.
function Weights() {
  const at = useSignal<number | null>(null)
  const v = votes.now.value.value
  if (!v) return null
  const told = v.weights
  const rest = v.votes.filter(x => x.weight_proven === null)
  const words = told ? `${group(told.done)} of ${count(told.total, 'weight')} proven${told.differ ? `, ${count(told.differ, 'differs', 'differ')}` : ''}` : ''
  const run = async (): Promise<void> => {
    const voters = [...new Set(rest.map(x => x.voter))]
    try {
      for (at.value = 0; at.value < voters.length; at.value += AT_ONCE) await dao('weights', { ...here.value, voters: voters.slice(at.value, at.value + AT_ONCE) }, undefined, 600_000)
    } finally {
      at.value = null
      votes.again()
    }
  }
  return (
    <>
      {told && (
        <div class="stack tight" role="status">
          <span class="small mute">{words}</span>
          {told.done < told.total && <Bar share={told.done / Math.max(1, told.total)} label={words} />}
        </div>
      )}
      {rest.length > 0 && (
        <>
          <p class="small mute">A governor writes down each weight itself. Whether the voter had as much at the snapshot is proven for each, from the token’s storage.</p>
          <Do failed="Not all weights were proven" run={run}>
            {at.value === null ? `Prove the weights of ${count(rest.length, 'vote')}` : `${group(at.value)} of ${group(rest.length)} asked for`}
          </Do>
        </>
      )}
    </>
  )
}

function Weighed({ x, c }: { x: Vote; c: Com | null }) {
  if (x.weight_proven === null || !isRight()) return null
  if (x.weight_proven) return <span class="small mute why">Weight proven</span>
  return <span class="small mute why"><span class="badge bad">Weight not proven</span> {x.weight_at_snapshot !== null ? <>Had <Votes n={x.weight_at_snapshot} c={c} /> at the snapshot.</> : reason(plainLine(x.weight_why?.text ?? '', 120))}</span>
}

function List({ c }: { c: Com | null }) {
  const got = votes.now.value
  const v = got.value
  return (
    <Card id="votes" title="Every vote" side={<span class="small mute">{v ? count(v.total, 'vote') : got.error ? plainLine(got.error.message, 200) : 'being asked'}</span>} busy={!v}>
      <div class="body">
        <Pick label="Order" value={sort.value} of={[['weight', 'Heaviest first'], ['time', 'In order of time']]} onPick={x => (sort.value = x)} />
        {v && !v.total ? <p class="mute">No vote was counted yet.</p> : <Weights />}
      </div>
      {v && v.total > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Votes">
          <table>
            <thead>
              <tr>
                <th scope="col">Voter and reason</th>
                <th scope="col">Choice</th>
                <th scope="col" class="num">Weight</th>
                <th scope="col" class="num">Block</th>
              </tr>
            </thead>
            <tbody>
              {v.votes.map((x, i) => (
                <tr key={i}>
                  <th scope="row">
                    <Whom a={x.voter} name={x.name} /> {x.is_mine && <span class="badge a">you</span>}
                    {x.reason && <span class="small mute why"> {plainLine(x.reason, 400)}</span>}
                    <Weighed x={x} c={c} />
                  </th>
                  <td>
                    <span class={x.support === 1 ? 'badge a' : 'badge'}>{x.split?.filter(n => n > 0n).length! > 1 ? 'Split' : (SIDE_NAMES[x.support] ?? 'Other')}</span>
                    {x.is_override && <span class="small mute why"> over a delegate</span>}
                  </td>
                  <td class="num">
                    <Votes n={x.weight} c={c} />{' '}
                    {x.flag_proven && isRight() && <span class="prov ok" title="Its receipt is proven, and the governor’s storage marks this voter"><Icon name="proven" /><span class="sr">Proven</span></span>}
                  </td>
                  <td class="num">
                    <BlockRef n={x.block} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {v && v.total > v.votes.length && (
        <footer>
          <button class="btn s" type="button" onClick={() => (limit.value = Math.min(500, limit.value + PAGE))}>
            Show more of {group(v.total)}
          </button>
        </footer>
      )}
    </Card>
  )
}

export function Recount() {
  const p = prop.now.value.value
  const c = comOf(here.value?.address ?? '')
  return (
    <DaoPage of={prop} tab="Recount" title={p ? `Counted again: ${titleOf(p)}` : 'Counted again'} what="the proposal" lede={p && <a href={`#/proposal/${p.community}.${p.id}`}>Back to the proposal</a>}>
      {p && (
        <div class="cols">
          <div class="stack">
            <Card id="count" title="Do the votes add up?" side={<Badges p={p} />}>
              <div class="body">
                {p.missing && <Note tone="bad" icon="failed" title="Votes are missing: what stands here is not all" />}
                <How p={p} />
                <Progress p={p} />
                <AskOthers p={p} />
                {!p.list_proven && (
                  <>
                    <p class="small mute">To prove the list of voters your node takes all receipts of {p.unchecked_blocks ? count(p.unchecked_blocks, 'more block') : 'the blocks of the whole window'}: up to about a megabyte for a busy block, so it can take long.</p>
                    <AskOthers p={p} full />
                  </>
                )}
              </div>
            </Card>
            <List c={c} />
          </div>
          <aside class="stack" aria-label="Files">
            <Files p={p} />
          </aside>
        </div>
      )}
    </DaoPage>
  )
}
