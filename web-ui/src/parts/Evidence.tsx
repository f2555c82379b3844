// Evidence against a provider whose answer failed its proof: what was asked, where it failed, what was
// done. Trusting it again is the person's act.
import { useRef } from 'preact/hooks'
import { bytes, count, group, sentence, stamp, upperFirst } from '../format'
import { Icon } from '../icons'
import { link, trustAgain } from '../node'
import type { Fault, Provider } from '../contract'
import { say } from '../say'
import { newestFault } from '../view'
import { CopyCode } from './Copy'
import { EvidenceOf } from './EvidenceFile'
import { Trouble, useAct } from './Form'
import { Note } from './Notes'

function Facts({ f }: { f: Fault }) {
  return (
    <dl class="kv">
      <dt>Asked</dt>
      <dd>{f.asked}</dd>
      <dt>It said</dt>
      <dd>
        <span class="lie">an answer of {bytes(f.answer_bytes)}</span>, never shown and never used
      </dd>
      <dt>Failed at</dt>
      <dd>{f.reason}</dd>
      {f.slot !== null && (
        <>
          <dt>Slot</dt>
          <dd>{group(f.slot)}</dd>
        </>
      )}
    </dl>
  )
}

function TrustAgain({ p, code, onDone }: { p: Provider; code: string; onDone(): void }) {
  const act = useAct()
  const cut = link.value.s !== 'open'
  const trust = (): void =>
    act.run(async () => {
      await trustAgain(p.id)
      say(`${p.name} is trusted again`)
      onDone()
    })
  return (
    <>
      <Trouble act={act} title="It is not trusted again" />
      <div class="line">
        <button class="btn s" type="button" aria-disabled={act.isBusy || cut} onClick={() => !cut && trust()}>
          Trust it again
        </button>
        <CopyCode code={code} />
        <span class="small mute">
          {cut ? 'Waits for the node.' : act.isBusy ? 'Asking the node.' : 'Its answers are still checked, as everyone’s.'}
        </span>
      </div>
    </>
  )
}

export function Evidence({ p, first }: { p: Provider; first: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null)
  const newest = newestFault(p)
  if (!newest) return null
  const earlier = p.faults.filter(f => f !== newest)
  const lied = p.state === 'lied'
  // The first card carries the id that links to "the evidence" point at.
  const id = first ? 'evidence-h' : `evidence-${String(p.id).replace(/[^A-Za-z0-9]/g, '-')}-h`
  return (
    <section class="card" aria-labelledby={id}>
      <header>
        <h2 id={id} tabIndex={-1} ref={heading} class="host">
          Evidence against {p.name}
        </h2>
        <time class="small mute" dateTime={new Date(newest.at_ms).toISOString()}>
          {stamp(newest.at_ms)}
        </time>
      </header>
      <div class="body">
        {lied ? (
          <Note tone="bad" icon="failed" title="It sent an answer that its own proof does not support">
            <span>{sentence(upperFirst(newest.reason))} The provider was dropped and the others were asked.</span>
          </Note>
        ) : (
          <Note icon="check" title="You trust it again">
            <span>The evidence is kept. One more false answer and it is dropped again.</span>
          </Note>
        )}
        <Facts f={newest} />
        <EvidenceOf id={newest.evidence} />
        {earlier.length > 0 && (
          <details>
            <summary>
              <Icon name="right" />
              {count(earlier.length, 'earlier fault')}
            </summary>
            <div class="stack">
              {earlier.map(f => (
                <div key={f.at_ms} class="stack tight">
                  <p class="small mute">{stamp(f.at_ms)}</p>
                  <Facts f={f} />
                  <EvidenceOf id={f.evidence} />
                </div>
              ))}
            </div>
          </details>
        )}
        {lied ? (
          <TrustAgain p={p} code={newest.code} onDone={() => heading.current?.focus()} />
        ) : (
          <div class="line">
            <CopyCode code={newest.code} />
          </div>
        )}
      </div>
    </section>
  )
}
