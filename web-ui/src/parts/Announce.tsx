// Telling others which relays are the owner's, once the owner wants that: without it nobody knows where to send.
import { useSignal } from '@preact/signals'
import { announce } from '../acts'
import type { Posted } from '../contract-posts'
import { count } from '../format'
import { socialMe } from '../node'
import { say } from '../say'
import { mood } from '../view'
import { Trouble, useAct } from './Form'
import { Sent } from './Sent'

export function Announce({ relays }: { relays: number }) {
  const act = useAct()
  const posted = useSignal<Posted | null>(null)
  if (!socialMe.value?.pubkey || relays === 0) return null
  const tell = (): void =>
    act.run(async () => {
      posted.value = await announce()
      say('Signed and published')
    })
  return (
    <div class="stack tight">
      <p class="small mute">Those who answer you, or write you a message, find your relays only if you tell which they are. {count(relays, 'address becomes', 'addresses become')} public then, signed by you.</p>
      <div class="line">
        <button class="btn" type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={tell}>
          {act.isBusy ? 'Signing and sending' : 'Tell others where I read and write'}
        </button>
      </div>
      <Trouble act={act} title="Nothing was published" />
      {posted.value && <Sent posted={posted.value} title="Published" />}
    </div>
  )
}
