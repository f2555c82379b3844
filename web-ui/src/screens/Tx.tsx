// A transaction answers: did it happen, what did it move, what did it cost?
import { brieflyEther, count, decimals, ether, group, lengthOf, shortHash } from '../format'
import type { Transaction } from '../contract-chain'
import { transaction } from '../facts'
import { Icon, type IconName } from '../icons'
import { Hash } from '../parts/Copy'
import { Aged, Missing } from '../parts/Facts'
import { Logs } from '../parts/Logs'
import { Prov } from '../parts/Prov'
import { AddressRef, BlockRef, Bytes } from '../parts/Ref'
import { Steps } from '../parts/Steps'
import { Title } from '../parts/Title'
import { Cost, Row } from '../parts/TxCost'
import { route } from '../route'
import { Card } from '../parts/Card'

type Outcome = 'waits' | 'done' | 'undone' | 'included'

function outcomeOf(t: Transaction): Outcome {
  if (!t.receipt) return 'waits'
  if (t.receipt.status === null) return 'included'
  return t.receipt.status === 1n ? 'done' : 'undone'
}

const SAID: Record<Outcome, [string, IconName, string]> = {
  waits: ['', 'sync', 'waits'],
  done: ['a', 'check', 'done'],
  undone: ['bad', 'failed', 'undone'],
  included: ['', 'check', 'included']
}

function lede(t: Transaction): string {
  const end = t.provenance.level === 'finalized' ? 'is final' : 'could still change'
  switch (outcomeOf(t)) {
    case 'waits':
      return 'It is in no proven block yet. A provider showed it; whether it will ever be included nobody can prove.'
    case 'done':
      return `It was carried out and ${end}.`
    case 'undone':
      return `It was undone: nothing moved but the fee. That ${end}.`
    case 'included':
      return `It is in a block and ${end}. Blocks of that age do not say whether it was carried out.`
  }
}

function Moved({ t, since }: { t: Transaction; since: number }) {
  const x = t.transaction
  const [tone, icon, word] = SAID[outcomeOf(t)]
  const created = t.receipt?.contractAddress
  return (
    <Card id="moved" title={<>What it does
          <span class={`badge ${tone}`}>
            <Icon name={icon} />
            {word}
          </span></>} side={<Prov p={t.provenance} since={since} of="this transaction" />}>
      <div class="body">
        <div>
          <span class="huge">{brieflyEther(x.value)} ETH</span>
          {brieflyEther(x.value) !== decimals(x.value, 18) && <p class="small mute">{ether(x.value)}, every digit</p>}
          <p class="small mute">{outcomeOf(t) === 'undone' ? 'would have moved' : 'from the sender to the receiver'}</p>
        </div>
        <dl class="kv">
          <Row name="From">
            <AddressRef a={x.from} />
          </Row>
          <Row name="To">
            {x.to ? <AddressRef a={x.to} /> : created ? <>a new contract, <AddressRef a={created} /></> : 'a new contract'}
          </Row>
          <Row name="Block">{t.receipt ? <BlockRef n={t.receipt.blockNumber} /> : 'none yet'}</Row>
          {t.receipt && <Row name="Place in it">{group(t.receipt.transactionIndex)}</Row>}
          <Row name="Hash">
            <Hash value={x.hash} what="Transaction hash" />
          </Row>
        </dl>
        <Steps of="the transaction" stage={!t.receipt ? 'sent' : t.provenance.level === 'finalized' ? 'finalized' : 'included'}
          notes={{ sent: null, included: null, finalized: null }} />
      </div>
    </Card>
  )
}

function Input({ t, since }: { t: Transaction; since: number }) {
  const { input } = t.transaction
  return (
    <Card id="input" title="Input data" side={<Prov p={t.provenance} since={since} of="the input data" />}>
      <div class="body">
        {input === '0x' ? (
          <p class="mute">None: a plain transfer.</p>
        ) : (
          <div>
            <p class="small mute">{count(lengthOf(input), 'byte')}, not decoded: nobody proves what they mean.</p>
            <Bytes hex={input} what="input data" />
          </div>
        )}
      </div>
    </Card>
  )
}

export function Tx() {
  const { value: t, since } = transaction.now.value
  const hash = route.value.arg ?? ''
  return (
    <>
      <Title tab="Transaction" lede={t && lede(t)}>
        Transaction <span class="mono">{shortHash(hash)}</span>
      </Title>
      <Missing fact={transaction} what="the transaction" />
      {t && (
        <div class="cols">
          <div class="stack">
            <Aged fact={transaction} />
            <Moved t={t} since={since} />
            {t.receipt && (
              <Card id="logs" title={count(t.receipt.logs.length, 'log')} side={<Prov p={t.provenance} since={since} of="the logs" />}>
                {t.receipt.logs.length ? (
                  <Logs list={t.receipt.logs} />
                ) : (
                  <div class="body">
                    <p class="mute">It wrote none. That is proven by its receipt.</p>
                  </div>
                )}
              </Card>
            )}
            <Input t={t} since={since} />
          </div>
          <aside class="stack" aria-label="Cost">
            <Cost t={t} since={since} />
          </aside>
        </div>
      )}
    </>
  )
}
