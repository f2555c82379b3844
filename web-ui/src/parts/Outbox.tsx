// What is on its way: transactions that wallets gave to this node, followed until they are final.
import { clockTime, count, group, shortHash } from '../format'
import { Icon } from '../icons'
import { lacking, outbox } from '../node'
import type { Provenance, Sending } from '../contract'
import { mood } from '../view'
import { Bones } from './Notes'
import { Prov } from './Prov'
import { AddressRef, BlockRef, TxRef } from './Ref'
import { Steps } from './Steps'

const TITLES: Record<Sending['state'], string> = {
  sent: 'Waits for a block',
  included: 'In a block, could still change',
  finalized: 'Final',
  replaced: 'Replaced by another'
}

function provenanceOf(t: Sending): Provenance | null {
  if (!t.block) return null
  return { verdict: 'proven', block: t.block, level: t.state === 'finalized' ? 'finalized' : 'head', age_ms: 0, sources: [], why: 'Followed here, block by block.' }
}

function Row({ t }: { t: Sending }) {
  const bad = t.state === 'replaced' || t.succeeded === false
  const p = provenanceOf(t)
  return (
    <li>
      <span class={bad ? 'glyph bad' : t.state === 'sent' ? 'glyph a' : 'glyph'}>
        <Icon name={bad ? 'failed' : 'out'} />
      </span>
      <div class="stack tight">
        <div>
          <b>{t.succeeded === false ? 'Undone: nothing moved but the fee' : TITLES[t.state]}</b>
          <span class="sub">
            <TxRef hash={t.hash} /> from <AddressRef a={t.from} />, nonce {group(t.nonce)}.{' '}
            {t.block && (
              <>
                Block <BlockRef n={t.block.number} />.{' '}
              </>
            )}
            {t.providers.length > 0 && <span class="host">Given to {t.providers.join(', ')}.</span>}
            {t.state === 'replaced' && ' Its nonce was used by another, which is proven. Nothing of this one happened.'}
          </span>
        </div>
        {t.state !== 'replaced' && (
          <Steps of={shortHash(t.hash)} stage={t.state} notes={{ sent: clockTime(t.sent_ms), included: t.block ? group(t.block.number) : 'next block', finalized: t.state === 'finalized' ? null : 'about 15 min' }} />
        )}
      </div>
      {p ? <Prov p={p} since={null} of={`transaction ${shortHash(t.hash)}`} /> : <span />}
    </li>
  )
}

export function Outbox() {
  const list = outbox.value
  const isLacking = lacking.value.has('l1.outbox')
  return (
    <section class="card" aria-labelledby="outbox-h" aria-busy={list === null && !isLacking}>
      <header>
        <h2 id="outbox-h">Sending now</h2>
        {list !== null && list.length > 0 && <span class="small mute">{count(list.length, 'transaction')}</span>}
      </header>
      {list?.length ? (
        <ul class="rows">
          {list.map(t => (
            <Row key={t.hash} t={t} />
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
    </section>
  )
}
