// What an account sent, followed to finality; what waits can be sent again with a higher fee, or taken back by
// a transaction that uses up its nonce.
import { brieflyEther, count } from '../format'
import type { Moving, WalletAccount } from '../contract-wallet'
import { activity, lacking } from '../node'
import { replace } from '../wallet'
import { Card } from './Card'
import { Trouble, useAct } from './Form'
import { Bones } from './Notes'
import { AddressRef } from './Ref'
import { SendRow } from './SendRow'

function Row({ t }: { t: Moving }) {
  const act = useAct()
  const button = (how: 'speed_up' | 'cancel', name: string) => (
    <button class="btn s" type="button" aria-disabled={act.isBusy} onClick={() => act.run(() => replace(how, t.hash))}>
      {name}
    </button>
  )
  const title = t.value === null || t.state === 'replaced' ? undefined : `${t.state === 'sent' ? 'Sending' : 'Sent'} ${brieflyEther(t.value)} ETH`
  return (
    <SendRow
      t={t} {...(title && { title })}
      more={
        <>
          {t.to && (
            <>
              To <AddressRef a={t.to} />.{' '}
            </>
          )}
          {t.state === 'included' && `${count(t.confirmations, 'confirmation')}.`}
        </>
      }
    >
      {t.can_replace && (
        <div class="line">
          {button('speed_up', 'Speed up')}
          {button('cancel', 'Cancel')}
        </div>
      )}
      <Trouble act={act} title="It was not replaced" />
    </SendRow>
  )
}

export function Activity({ account }: { account: WalletAccount }) {
  const mine = activity.value?.filter(t => t.from.toLowerCase() === account.address.toLowerCase()) ?? null
  return (
    <Card id="act" title="Activity">
      {mine?.length ? (
        <ul class="rows">
          {mine.map(t => (
            <Row key={t.hash} t={t} />
          ))}
        </ul>
      ) : mine || lacking.value.has('wallet.activity') ? (
        <div class="body">
          <p class="mute">Nothing was sent from here yet. What you send stands here until it is final, and after.</p>
        </div>
      ) : (
        <Bones rows={1} />
      )}
    </Card>
  )
}
