// A proposal answers: what would it do, how stands the vote and is that proven, and what can I do?
import { comOf, dao, prop } from '../dao'
import { shortHash } from '../format'
import { Icon } from '../icons'
import { plain } from '../plain'
import { route } from '../route'
import { say } from '../say'
import { Actions } from '../parts/Actions'
import { Card } from '../parts/Card'
import { By, DaoPage, Do, isRight, nameOfCom, titleOf, Warnings, Whom } from '../parts/Dao'
import { Ballots, Talk } from '../parts/DaoTalk'
import { NextStep } from '../parts/NextStep'
import { Tally, SIDE_NAMES } from '../parts/Tally'
import { Left } from '../parts/Time'
import { VoteForm } from '../parts/VoteForm'

export function Proposal() {
  const p = prop.now.value.value
  const [address = '', id = ''] = (route.value.arg ?? '').split('.')
  const c = comOf(address)
  const isOpen = p?.state === 'Active'
  return (
    <DaoPage
      of={prop} tab="Proposal" title={p ? titleOf(p) : 'A proposal'} what="the proposal"
      lede={p && (
        <>
          <a href={`#/community/${address}`}>{nameOfCom(c, address)}</a>, proposal {id.length > 12 ? shortHash(id) : id}
          {p.proposer && <> by <Whom a={p.proposer} name={p.proposer_name} /></>}. {isOpen && p.end_s !== null && <>Closes in {p.is_estimate && 'about '}<Left until={p.end_s * 1000} />. </>}
          {p.my_vote ? `You voted ${SIDE_NAMES[p.my_vote.support] ?? ''}.` : isOpen && 'You have not voted.'}
        </>
      )}
    >
      {p && (
        <div class="cols">
          <div class="stack">
            <Tally p={p} c={c} />
            {p.hidden_power.length > 0 && (
              <Card id="hidden" title="Power that no vote gave">
                <div class="body">
                  <Warnings of={p.hidden_power} />
                </div>
              </Card>
            )}
            <Card id="says" title="What it says" side={p.description !== null && (p.is_text_proven ? <span class={isRight() ? 'prov ok' : 'prov stale'}><Icon name="proven" />Text matches its id</span> : <By how="unverified" of="the text" />)}>
              <div class="body">{p.description === null ? <p class="mute">Nobody has handed out its text yet.</p> : <p class="prose said">{plain(p.description).replace(/^# .*\n+(?=.)/, '')}</p>}</div>
              {p.is_text_proven && (
                <footer class="line">
                  <Do failed="It was not handed out" run={async () => { await dao('share', { address, id }); say('Handed out') }}>
                    Hand it out to others
                  </Do>
                  <span class="small mute">Text and actions, signed with your Nostr key. Whoever gets them checks them against the id.</span>
                </footer>
              )}
            </Card>
            <Actions p={p} />
            <Ballots p={p} c={c} />
            <Talk address={address} id={id} />
          </div>
          <aside class="stack" aria-label="Vote and timeline">
            {isOpen && <VoteForm p={p} c={c} />}
            <NextStep p={p} hasLock={!!c?.timelock} />
          </aside>
        </div>
      )}
    </DaoPage>
  )
}
