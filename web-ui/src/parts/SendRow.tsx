// One transaction on its way, from the outbox or from an account's activity: what it is, how far it has come.
import type { ComponentChildren } from 'preact'
import { clockTime, group, shortHash } from '../format'
import type { Sending } from '../contract'
import { Icon } from '../icons'
import { Prov } from './Prov'
import { AddressRef, BlockRef, TxRef } from './Ref'
import { Steps } from './Steps'

type Sent = Omit<Sending, 'providers'>

const TITLES: Record<Sending['state'], string> = {
  sent: 'Waits for a block',
  included: 'In a block, could still change',
  finalized: 'Final',
  replaced: 'Replaced by another'
}

export function SendRow({ t, title, more, children }: { t: Sent; title?: ComponentChildren; more?: ComponentChildren; children?: ComponentChildren }) {
  const bad = t.state === 'replaced' || t.succeeded === false
  const level = t.state === 'finalized' ? 'finalized' : 'head'
  return (
    <li>
      <span class={bad ? 'glyph bad' : t.state === 'sent' ? 'glyph a' : 'glyph'}>
        <Icon name={bad ? 'failed' : 'out'} />
      </span>
      <div class="stack tight">
        <div>
          <b>{t.succeeded === false ? 'Undone: nothing moved but the fee' : (title ?? TITLES[t.state])}</b>
          <span class="sub">
            {title && `${TITLES[t.state]}. `}
            <TxRef hash={t.hash} /> from <AddressRef a={t.from} />, nonce {group(t.nonce)}.{' '}
            {t.block && (
              <>
                Block <BlockRef n={t.block.number} />.{' '}
              </>
            )}
            {more}
            {t.state === 'replaced' && ' Its nonce was used by another, which is proven. Nothing of this one happened.'}
          </span>
        </div>
        {t.state !== 'replaced' && (
          <Steps of={shortHash(t.hash)} stage={t.state} notes={{ sent: clockTime(t.sent_ms), included: t.block ? group(t.block.number) : 'next block', finalized: t.state === 'finalized' ? null : 'about 15 min' }} />
        )}
        {children}
      </div>
      {t.block ? (
        <Prov p={{ verdict: 'proven', block: t.block, level, age_ms: 0, sources: [], why: 'Followed here, block by block.' }} since={null} of={`transaction ${shortHash(t.hash)}`} />
      ) : (
        <span />
      )}
    </li>
  )
}
