// The recount answers: is every vote there, whose is it, what does it weigh and why, and how do I check that elsewhere?
import { signal } from '@preact/signals'
import { readExport, readVotes, type Com, type Prop } from '../contract-dao'
import { comOf, counted, dao, here, prop } from '../dao'
import { saveFile } from '../evidence'
import { count, group } from '../format'
import { view } from '../got'
import { Icon } from '../icons'
import { plainLine } from '../plain'
import { route } from '../route'
import { Card, Pick } from '../parts/Card'
import { DaoPage, isRight, titleOf, Votes, Whom } from '../parts/Dao'
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
  const take = (format: string): void =>
    act.run(async () => {
      const file = await dao('export', { address: p.community, id: p.id, format }, readExport, 600_000)
      saveFile(plainLine(file.name, 80), file.text)
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
        <Trouble act={act} title="No file was made" />
      </div>
    </Card>
  )
}

function List({ c }: { c: Com | null }) {
  const got = votes.now.value
  const v = got.value
  return (
    <Card id="votes" title="Every vote" side={<span class="small mute">{v ? count(v.total, 'vote') : got.error ? plainLine(got.error.message, 200) : 'being asked'}</span>} busy={!v}>
      <div class="body">
        <Pick label="Order" value={sort.value} of={[['weight', 'Heaviest first'], ['time', 'In order of time']]} onPick={x => (sort.value = x)} />
        {v && !v.total && <p class="mute">No vote was counted yet.</p>}
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
                  </th>
                  <td>
                    <span class={x.support === 1 ? 'badge a' : 'badge'}>{x.split?.filter(n => n > 0n).length! > 1 ? 'Split' : (SIDE_NAMES[x.support] ?? 'Other')}</span>
                    {x.is_override && <span class="sub"> over a delegate</span>}
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
                {!p.list_proven && <AskOthers p={p} full />}
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
