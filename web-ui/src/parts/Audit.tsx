// The log of what happened to keys and permissions: append-only, its rows chained by hash.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { walletAudit, type AuditEntry } from '../contract-wallet'
import { shortHash, stamp, upperFirst } from '../format'
import { Icon, type IconName } from '../icons'
import { auditTail, call, isAuditWhole, lacking } from '../node'
import { nameOf } from '../wallet'
import { Trouble, useAct } from './Form'
import { Bones, Note } from './Notes'
import { Card } from './Card'

const ICONS: Record<string, IconName> = {
  unlocked: 'unlock', locked: 'lock', wrong_passphrase: 'warn', exported: 'save', signed: 'pen', rejected: 'x', granted: 'check', token_added: 'check', revoked: 'x'
}

function Row({ e }: { e: AuditEntry }) {
  const who = e.account && (nameOf(e.account) ?? shortHash(e.account))
  return (
    <li>
      <span class={e.event === 'wrong_passphrase' ? 'glyph bad' : 'glyph'}>
        <Icon name={ICONS[e.event] ?? 'key'} />
      </span>
      <div>
        <b>{upperFirst(e.event.replace(/_/g, ' '))}</b>
        <span class="sub host">{[who, e.origin, e.detail].filter(Boolean).join(' · ')}</span>
      </div>
      <span class="small mute nowrap">{stamp(e.at_ms)}</span>
    </li>
  )
}

export function Audit() {
  const older = useSignal<AuditEntry[]>([])
  const isEnd = useSignal(false)
  const act = useAct()
  const list = auditTail.value
  const ids = new Set(list?.map(e => e.id))
  const all = [...(list ?? []), ...older.value.filter(e => !ids.has(e.id))]
  const more = (): void =>
    act.run(async () => {
      const answer = await call('wallet.audit', { ...(all.length && { before: all.at(-1)?.id }), limit: 50 }, walletAudit)
      older.value = [...older.value, ...answer.entries]
      isEnd.value = answer.entries.length < 50
      isAuditWhole.value = answer.is_whole
    })
  // What follows the newest ones, and the node's word on whether the chain of hashes holds.
  useEffect(() => {
    if (list) more()
  }, [list === null])
  return (
    <Card id="audit" title="What happened" side={list !== null && isAuditWhole.value && <span class="small mute">chained by hash, whole</span>} busy={list === null}>
      {isAuditWhole.value === false && (
        <div class="body">
          <Note tone="bad" icon="failed" title="This log was changed from outside">
            <span>Its chain of hashes does not hold: rows were altered or taken out. Move what matters to new keys.</span>
          </Note>
        </div>
      )}
      {all.length ? (
        <ul class="rows">
          {all.map(e => (
            <Row key={String(e.id)} e={e} />
          ))}
        </ul>
      ) : list || lacking.value.has('wallet.audit_tail') ? (
        <div class="body">
          <p class="mute">Nothing happened to your keys yet.</p>
        </div>
      ) : (
        <Bones rows={2} />
      )}
      {list !== null && list.length >= 50 && !isEnd.value && (
        <footer class="line">
          <button class="btn s" type="button" aria-disabled={act.isBusy} onClick={more}>
            Show older
          </button>
          <Trouble act={act} title="Older ones cannot be shown" />
        </footer>
      )}
    </Card>
  )
}
