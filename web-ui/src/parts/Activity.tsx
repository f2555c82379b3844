// What an account sent, followed to finality; what waits can be sent again with a higher fee, or taken back by
// a transaction that uses up its nonce.
import { brieflyEther, count, ether } from '../format'
import type { Moving, WalletAccount } from '../contract-wallet'
import { activity, lacking } from '../node'
import { nameOf, replace } from '../wallet'
import { Card } from './Card'
import { Trouble, useAct } from './Form'
import { Bones } from './Notes'
import { AddressRef } from './Ref'
import { SendRow } from './SendRow'

// "Sent 0.85 ETH to 0x…"; a call that moves no ether, and a contract made, are named so.
function What({ t, wei }: { t: Moving; wei: bigint }) {
  const isDone = t.state !== 'replaced' && t.succeeded !== false
  const verb = !isDone ? '' : t.state === 'sent' ? 'Sending ' : 'Sent '
  return (
    <>
      {verb}
      <span title={ether(wei)}>{brieflyEther(wei)} ETH</span> to {t.to ? (nameOf(t.to) ?? <AddressRef a={t.to} />) : 'a new contract'}
    </>
  )
}

function Row({ t }: { t: Moving }) {
  const act = useAct()
  const button = (how: 'speed_up' | 'cancel', name: string) => (
    <button class="btn s" type="button" aria-disabled={act.isBusy} onClick={() => act.run(() => replace(how, t.hash))}>
      {name}
    </button>
  )
  const isDone = t.state !== 'replaced' && t.succeeded !== false
  return (
    <SendRow
      t={t} {...(isDone && t.value !== null && { title: <What t={t} wei={t.value} /> })}
      more={
        <>
          {!isDone && t.value !== null && (
            <>
              It was to move <What t={t} wei={t.value} />.{' '}
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
