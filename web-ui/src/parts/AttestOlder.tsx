// What is kept beyond the newest page of attestations: how many, and showing them.
import { count } from '../format'
import { leftOut, showOlder } from '../identity'
import { mood } from '../view'
import { Trouble, useAct } from './Form'

export function AttestOlder() {
  const act = useAct()
  if (!leftOut.value) return null
  return (
    <>
      <div class="line">
        <button class="btn s" type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={() => act.run(showOlder)}>
          {act.isBusy ? 'Loading' : 'Show older'}
        </button>
        <span class="small mute">{count(leftOut.value, 'more is', 'more are')} kept here.</span>
      </div>
      <Trouble act={act} title="They were not loaded" />
    </>
  )
}
