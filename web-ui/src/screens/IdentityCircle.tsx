// Circle answers: who vouches for whom, starting from me, and why should I know this person?
import { useRef } from 'preact/hooks'
import type { Person } from '../contract-identity'
import { capitalWord, count, group } from '../format'
import { EmptyTile, Icon } from '../icons'
import { circle, CIRCLE_DEEP, who } from '../identity'
import { attestNews } from '../node'
import { AttestNav, Hold, isLacking, NoIdentity } from '../parts/AttestNav'
import { Card, Field } from '../parts/Card'
import { distanceWords, PersonRow, Way } from '../parts/ClaimCircle'
import { Go, onSubmit, Trouble, useAct } from '../parts/Form'
import { Title } from '../parts/Title'
import { namedBy } from '../plain'
import { goTo, PERSON, route } from '../route'
import { ADDRESS } from '../units'

function At({ d, people }: { d: number; people: Person[] }) {
  if (!people.length) return null
  return (
    <Card id={`at-${d}`} title={d < 3 ? `${capitalWord(d)} ${d === 1 ? 'step' : 'steps'}: ${distanceWords(d)}` : `${capitalWord(d)} steps away`} side={<span class="small mute">{count(people.length, 'person', 'people')}</span>}>
      <ul class="rows">
        {people.map(p => (
          <PersonRow key={`${p.address} ${p.pubkey}`} p={p} />
        ))}
      </ul>
    </Card>
  )
}

function Ask() {
  const act = useAct()
  const input = useRef<HTMLInputElement>(null)
  const submit = (): void => {
    const typed = input.current?.value.trim() ?? ''
    const key = PERSON.test(typed) ? (typed.startsWith('npub1') ? namedBy(typed) : typed) : null
    if (!ADDRESS.test(typed) && !key) return act.fail('An address, 0x and 40 digits, or an npub.')
    goTo(`#/circle/${key ?? typed}`)
  }
  return (
    <Card id="ask" title="Who is it">
      <form class="body" onSubmit={onSubmit(submit)}>
        <Field label="Address or npub" input={input} code required onInput={act.clear} />
        <Trouble act={act} title="Not looked up" />
        <div class="line">
          <Go act={act} busy="…" main={false}>
            <Icon name="look" />
            See the way
          </Go>
        </div>
      </form>
    </Card>
  )
}

const isOther = (p: Person): boolean => p.distance > 0

export function IdentityCircle() {
  const isThere = !isLacking() && attestNews.value !== null
  const v = circle.now.value.value
  const n = v?.people.filter(isOther).length ?? null
  const arg = route.value.arg
  return (
    <>
      <Title tab="Circle" lede={!isThere || n === null ? null : n === 0 ? 'Nobody is in your circle yet.' : `${capitalWord(n)} ${n === 1 ? 'person is' : 'people are'} in your circle, at most ${CIRCLE_DEEP} steps away.`}>
        Who vouches for whom
      </Title>
      {isThere ? (
        <>
          <AttestNav />
          <div class="cols">
            <div class="stack">
              <Hold of={circle} what="your circle" rows={4}>
                {c =>
                  n ? (
                    <>
                      {Array.from({ length: CIRCLE_DEEP }, (_, i) => (
                        <At key={i} d={i + 1} people={c.people.filter(p => p.distance === i + 1)} />
                      ))}
                      <p class="small mute">
                        {!c.is_complete && 'There are more than are shown. '}From valid attestations only
                        {attestNews.value?.as_of && `, as of finalized block ${group(attestNews.value.as_of.number)}`}. What is revoked or expired does not count.
                      </p>
                    </>
                  ) : (
                    <section class="card" aria-label="Nobody yet">
                      <div class="empty">
                        <EmptyTile />
                        <b>Nobody yet</b>
                        <p class="mute">Your circle begins with those for whom you vouch, and goes on with those for whom they do.</p>
                        <a class="btn" href="#/issue">
                          Vouch for somebody
                        </a>
                      </div>
                    </section>
                  )
                }
              </Hold>
            </div>
            <aside class="stack" aria-label="The way to somebody">
              {arg && (
                <Hold of={who} what="the way to them" rows={2}>
                  {w => (
                    <Card id="way" title="How you know them">
                      <Way who={w} arg={arg} />
                    </Card>
                  )}
                </Hold>
              )}
              <Ask />
            </aside>
          </div>
        </>
      ) : (
        <NoIdentity />
      )}
    </>
  )
}
