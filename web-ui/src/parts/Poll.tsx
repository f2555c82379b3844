// A poll: what can be chosen, the votes seen here, and the reader's own, which can be cast anew until it closes.
import { useSignal } from '@preact/signals'
import { vote } from '../acts'
import { nodeNow } from '../clock'
import type { Post } from '../contract-posts'
import { brief, count } from '../format'
import { plainLine } from '../plain'
import { say } from '../say'
import { mood } from '../view'
import { Trouble, useAct } from './Form'

export function Poll({ p }: { p: Post }) {
  const act = useAct()
  const ticked = useSignal<string[] | null>(null)
  const isAgain = useSignal(false)
  if (!p.poll) return null
  const { options, ends, mine, multiple, chosen, voters } = p.poll
  const own = chosen.length ? chosen : mine === null ? [] : [mine]
  const all = options.reduce((n, o) => n + o.votes, 0)
  const isOver = ends !== null && ends * 1000 < nodeNow.value
  const canVote = !isOver && (own.length === 0 || isAgain.value)
  const held = act.isBusy || mood.value === 'lost'
  const now = ticked.value ?? own
  const cast = (ids: string[]): void =>
    act.run(async () => {
      await vote(p.id, ids)
      say('Voted')
      isAgain.value = false
      ticked.value = null
    })
  return (
    <div class="stack tight full">
      <ul class="poll" aria-label="Poll">
        {options.map(o => {
          const label = plainLine(o.label, 120)
          return (
            <li key={o.id}>
              <div class="line apart">
                {multiple && canVote ? (
                  <label class="check name">
                    <input type="checkbox" checked={now.includes(o.id)} onChange={e => (ticked.value = e.currentTarget.checked ? [...now, o.id] : now.filter(id => id !== o.id))} />
                    <bdi>{label}</bdi>
                  </label>
                ) : (
                  <bdi class="name">{label}</bdi>
                )}
                <span class="line">
                  <span class="small mute">{count(o.votes, 'vote')}</span>
                  {own.includes(o.id) && <span class="badge a">yours</span>}
                  {canVote && !multiple && !own.includes(o.id) && (
                    <button class="btn s" type="button" aria-disabled={held} onClick={() => cast([o.id])}>
                      Vote<span class="sr"> for {label}</span>
                    </button>
                  )}
                </span>
              </div>
              <progress max={Math.max(1, all)} value={o.votes} aria-label={`${label}, share of the votes seen`} />
            </li>
          )
        })}
      </ul>
      <div class="line apart">
        <span class="small mute">
          {count(all, 'vote')} {multiple && voters > 0 && `of ${count(voters, 'person', 'people')} `}seen here{multiple && ', several choices allowed'}. {isOver ? 'It is over.' : ends !== null ? `Ends in ${brief(ends * 1000 - nodeNow.value)}.` : ''}
        </span>
        {multiple && canVote && (
          <button class="btn s" type="button" aria-disabled={held} onClick={() => (now.length ? cast(now) : act.fail('Tick a choice first.'))}>
            Cast your votes
          </button>
        )}
        {own.length > 0 && !isOver && !isAgain.value && (
          <button class="btn quiet s" type="button" onClick={() => (isAgain.value = true)}>
            Change your vote
          </button>
        )}
      </div>
      <Trouble act={act} title="Your vote was not cast" />
    </div>
  )
}
