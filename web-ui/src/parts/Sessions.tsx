// Who is signed in to this node: each browser, since when, and its end.
import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { browserOf } from '../browser'
import { readEnded, type Session } from '../contract'
import { clockTime, count, day } from '../format'
import { Icon } from '../icons'
import { call, endSession, lacking, sessions } from '../node'
import { say } from '../say'
import { mood } from '../view'
import { Card } from './Card'
import { Trouble, useAct, type Act } from './Form'
import { Bones, Note } from './Notes'
import { Age } from './Time'

function Ender({ act, run, children }: { act: Act; run: () => Promise<unknown>; children: preact.ComponentChildren }) {
  return (
    <button class="btn s" type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={() => act.run(run)}>
      {children}
    </button>
  )
}

function Row({ s }: { s: Session }) {
  const act = useAct()
  const name = browserOf(s.user_agent)
  const end = (): Promise<unknown> => endSession(s.id, s.is_this).then(() => say('Signed out'))
  return (
    <li class={act.error ? 'over' : undefined}>
      <span class={s.is_this ? 'glyph a' : 'glyph'}>
        <Icon name={s.is_this ? 'check' : 'net'} />
      </span>
      <div>
        <b class="host" title={s.user_agent}>
          {name} {s.is_this && <span class="badge a">this one</span>}
        </b>
        <span class="sub">
          Since {day(s.created_ms)}, {clockTime(s.created_ms)}.{' '}
          {s.connections ? (
            `Open now${s.connections > 1 ? ` in ${count(s.connections, 'window')}` : ''}.`
          ) : (
            <>
              Last used <Age since={s.used_ms} short /> ago.
            </>
          )}
        </span>
      </div>
      <Ender act={act} run={end}>
        {s.is_this ? 'Sign out' : 'End'}
        <span class="sr"> {s.is_this ? 'of this browser' : name}</span>
      </Ender>
      {act.error && (
        <div class="acts">
          <Trouble act={act} title="It is still signed in" />
        </div>
      )}
    </li>
  )
}

// Ending all others is asked twice: nothing is lost by it but the way back in.
function EndOthers({ n }: { n: number }) {
  const isAsked = useSignal(false)
  const before = useRef(false)
  const place = useRef<HTMLElement>(null)
  const act = useAct()
  // The button that was pressed is gone: the focus goes to what stands in its place.
  useLayoutEffect(() => {
    if (before.current !== isAsked.value) place.current?.querySelector('button')?.focus()
    before.current = isAsked.value
  }, [isAsked.value])
  const others = n === 1 ? 'the other browser' : `the ${n} other browsers`
  const end = async (): Promise<void> => {
    const { ended } = await call('session.end_others', {}, readEnded)
    isAsked.value = false
    say(ended ? `${count(ended, 'browser')} signed out` : 'No other was signed in')
  }
  return (
    <footer ref={place}>
      {isAsked.value ? (
        <Note tone="warn" icon="warn" title={`Sign out ${others}?`}>
          <span>To come back, a browser needs a new address from the terminal of your node.</span>
          <span class="line">
            <Ender act={act} run={end}>
              Sign out {others}
            </Ender>
            <button class="btn s" type="button" onClick={() => (isAsked.value = false)}>
              Keep {n === 1 ? 'it' : 'them'}
            </button>
          </span>
        </Note>
      ) : (
        <div class="line">
          <button class="btn s" type="button" onClick={() => (isAsked.value = true)}>
            End all others
          </button>
        </div>
      )}
      <Trouble act={act} title="They are still signed in" />
    </footer>
  )
}

export function Sessions() {
  const list = sessions.value
  const others = list?.filter(s => !s.is_this).length ?? 0
  const isLacking = list === null && lacking.value.has('sessions')
  // This one first, then the one used last.
  const sorted = [...(list ?? [])].sort((a, b) => Number(b.is_this) - Number(a.is_this) || b.used_ms - a.used_ms)
  return (
    <Card id="sessions" title="Signed in" busy={list === null && !isLacking} side={list && <span class="small mute">{count(list.length, 'browser')}</span>}>
      {list ? (
        <>
          <ul class="rows">
            {sorted.map(s => (
              <Row key={s.id} s={s} />
            ))}
          </ul>
          {others ? <EndOthers n={others} /> : <footer>No other browser can see this node.</footer>}
        </>
      ) : isLacking ? (
        <div class="body">
          <p class="mute">Your node does not tell who is signed in. It is older than this page.</p>
        </div>
      ) : (
        <Bones rows={1} />
      )}
    </Card>
  )
}
