// What people say about a proposal or a community, and the ballots that wait to be brought to the chain.
import { useRef } from 'preact/hooks'
import type { Com, Prop } from '../contract-dao'
import { ballots, signed, talk } from '../dao'
import { brief, count, shortHash } from '../format'
import { nodeNow } from '../clock'
import { call } from '../node'
import { plain, plainLine } from '../plain'
import { say } from '../say'
import { Card } from './Card'
import { Do, useAccount, Votes, Whom } from './Dao'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { SIDE_NAMES } from './Tally'

const KINDS: Record<string, string> = { rationale: 'reason of a voter', statement: 'statement of a delegate' }

export function Talk({ address, id }: { address: string; id: string | null }) {
  const act = useAct()
  const words = useRef<HTMLTextAreaElement>(null)
  const { value, error } = talk.now.value
  const post = (): void => {
    const text = words.current?.value.trim()
    if (!text) return act.fail('Write something first.')
    act.run(async () => {
      await call('talk.post', { address, ...(id && { id }), kind: id ? 'comment' : 'statement', text }, v => v, 30_000)
      if (words.current) words.current.value = ''
      talk.again()
      say('Published')
    })
  }
  return (
    <Card id="talk" title={id ? 'Reasons and discussion' : 'What delegates say'} side={value && <span class="small mute">{count(value.items.length, 'text')}, from your relays and peers</span>}>
      <ul class="rows plain">
        {value?.items.map(t => (
          <li key={t.id}>
            <div>
              <a class="ref name" href={`#/author/${t.author}`}>
                {plainLine(t.name ?? '') || shortHash(t.author)}
              </a>{' '}
              <span class="small mute">
                {KINDS[t.kind]} {brief(nodeNow.value - t.at_s * 1000)}
              </span>
              <p class="said">{plain(t.text)}</p>
            </div>
          </li>
        ))}
      </ul>
      <form class="body" onSubmit={onSubmit(post)}>
        {error && !value ? <p class="small mute">{plainLine(error.message, 200)}</p> : value && !value.items.length && <p class="mute">Nobody said anything that has reached your node.</p>}
        <div class="field">
          <label for="said">{id ? 'Your comment' : 'Your statement as a delegate'} <span class="help">public, signed with your Nostr key</span></label>
          <textarea id="said" ref={words} maxLength={8000} />
        </div>
        <span>
          <Go act={act} busy="Publishing" main={false}>
            Publish
          </Go>
        </span>
        <Trouble act={act} title="Nothing was published" />
      </form>
    </Card>
  )
}

export function Ballots({ p, c }: { p: Prop; c: Com | null }) {
  const account = useAccount()
  const got = ballots.now.value.value
  if (!p.ballots_waiting || !got) return null
  const good = got.ballots.filter(b => b.state === 'good')
  return (
    <Card id="ballots" title="Signed ballots" side={<span class="small mute">{count(good.length, 'waits', 'wait')} for the chain</span>}>
      <ul class="rows plain">
        {got.ballots.slice(0, 100).map((b, i) => (
          <li key={i}>
            <div>
              <span class="line">
                <Whom a={b.voter} /> <span class="badge">{SIDE_NAMES[b.support] ?? 'Other'}</span>
                {b.weight !== null ? <Votes n={b.weight} c={c} /> : <span class="small mute">weight unproven</span>}
                {b.state !== 'good' && <span class="badge warn">{b.state}</span>}
              </span>
              {(b.reason || b.why) && <span class="sub">{plainLine(b.reason || b.why || '', 300)}</span>}
            </div>
          </li>
        ))}
      </ul>
      {good.length > 0 && (
        <div class="body">
          <p class="small mute">Whoever brings them to the chain pays the fee and can neither change nor hide one. {got.public}</p>
          {account.pick}
          {account.address && (
            <Do tone="" failed="They were not brought" run={async () => { await signed('relay', { address: p.community, id: p.id, ballots: good.map(b => b.id), account: account.address }); say('Sent') }}>
              Bring {count(good.length, 'ballot')} to the chain
            </Do>
          )}
        </div>
      )}
    </Card>
  )
}
