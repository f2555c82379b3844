// What is on its way: transactions that wallets gave to this node, followed until they are final.
import { count } from '../format'
import { lacking, outbox } from '../node'
import { mood } from '../view'
import { Card } from './Card'
import { Bones } from './Notes'
import { SendRow } from './SendRow'

export function Outbox() {
  const list = outbox.value
  const isLacking = lacking.value.has('l1.outbox')
  return (
    <Card id="outbox" title="Sending now" busy={list === null && !isLacking} side={list !== null && list.length > 0 && <span class="small mute">{count(list.length, 'transaction')}</span>}>
      {list?.length ? (
        <ul class="rows">
          {list.map(t => (
            <SendRow key={t.hash} t={t} more={t.providers.length > 0 && <span class="host">Given to {t.providers.join(', ')}.</span>} />
          ))}
        </ul>
      ) : list || isLacking ? (
        <div class="body">
          <p class="mute">
            {isLacking
              ? 'Your node does not tell what it sends. It is older than this page; nothing is known to be under way.'
              : mood.value === 'lost'
                ? 'Nothing was under way when the page lost your node.'
                : 'Nothing is under way. What a wallet sends through this node stands here until it is final.'}
          </p>
        </div>
      ) : (
        <Bones rows={1} />
      )}
    </Card>
  )
}
