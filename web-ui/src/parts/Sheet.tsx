// The sheet: the one place where anything is signed. It opens over the page with the focus on its title; Esc
// closes it and decides nothing.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import type { DecodedCall, TreeNode } from '../contract-explain'
import type { QueueItem } from '../contract-wallet'
import { nodeNow } from '../clock'
import { count } from '../format'
import { Icon } from '../icons'
import { notDone, reviewing, setAside, waiting } from '../review'
import { networkName } from '../view'
import { Call, countCalls, isBlind } from './Calls'
import { ChangeFee, changeable } from './ChangeFee'
import { CopyText } from './Copy'
import { Decide, isSigned } from './Decide'
import { actsOf, riskOf, WouldDo, wordsOf } from './Effects'
import { isDangerous, Leaves, Rows, Tree, Warnings, Who } from './Explained'
import { NotDone, useDialog } from './NotDone'
import { Age, Left } from './Time'

export function askerOf(item: QueueItem): string {
  if (item.is_own) return 'You, in your own page or command line'
  return item.origin || 'A program on this computer'
}

const WHOLE_MAX = 16

// Few calls stand in the sheet whole; what is long is scrolled in a place of its own.
function Deep({ open, title, isLong = true, children }: { open: boolean; title: string; isLong?: boolean; children: ComponentChildren }) {
  return (
    <details open={open}>
      <summary>
        <Icon name="right" />
        {title}
      </summary>
      {isLong ? (
        <div class="deep" tabIndex={0} role="region" aria-label={title}>
          {children}
        </div>
      ) : (
        children
      )}
    </details>
  )
}

function Decoded({ tree, isTyped }: { tree: TreeNode[] | DecodedCall; isTyped: boolean }) {
  if (Array.isArray(tree)) {
    return (
      <Deep open={isTyped} title={isTyped ? 'All that is signed' : 'Decoded'}>
        <Tree nodes={tree} />
      </Deep>
    )
  }
  const n = countCalls(tree)
  // One known call is what the sentence says; more than that has to be read.
  return (
    <Deep open={n > 1 || isBlind(tree)} isLong={n > WHOLE_MAX} title={n > 1 ? `The call and ${count(n - 1, 'call')} that it makes` : 'The call, decoded'}>
      <Call c={tree} />
    </Deep>
  )
}

function Raw({ item }: { item: QueueItem }) {
  const { tree } = item.explain
  return (
    <>
      {tree && <Decoded tree={tree} isTyped={item.kind === 'typed'} />}
      <details>
        <summary>
          <Icon name="right" />
          Raw bytes and hash
        </summary>
        <p class="small mute">The hash of exactly what would be signed</p>
        <code class="raw">{item.payload_hash}</code>
        {item.raw && <code class="raw tall" tabIndex={0}>{item.raw}</code>}
        {item.raw && <CopyText value={item.raw} what="raw bytes" />}
      </details>
    </>
  )
}

// Amounts in calls are no JSON of their own.
const bigText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

function SheetOf({ item }: { item: QueueItem }) {
  const { dialog, title } = useDialog()
  const e = wordsOf(item)
  const isRed = riskOf(item) !== null
  const isFirst = isDangerous(e) // then the warnings stand before anything else
  const others = waiting.value.length - 1
  const isFeeOpen = useSignal(false)
  const feeButton = useRef<HTMLButtonElement>(null)
  const fees = changeable(item)
  const isChanging = fees !== null && isFeeOpen.value
  // Opening the fee and closing it moves what is below: that too holds the decision back anew.
  const shown = JSON.stringify([item.payload_hash, item.account, item.origin, e, actsOf(item.effects), item.raw, isChanging], bigText)
  const closeFee = (): void => {
    isFeeOpen.value = false
    feeButton.current?.focus()
  }
  return (
    <dialog class={isRed ? 'sheet red' : 'sheet'} ref={dialog} aria-labelledby="sheet-h" onCancel={event => { event.preventDefault(); setAside(item.id) }}>
      <header class="stack tight">
        <div class="line apart small mute">
          <span class="line asker">
            <Icon name={item.is_own ? 'wallet' : item.origin ? 'net' : 'hearth'} />
            {askerOf(item)}
          </span>
          <button class="btn quiet icon s" type="button" aria-label="Close, decide later" onClick={() => setAside(item.id)}>
            <Icon name="x" />
          </button>
        </div>
        <h2 id="sheet-h" tabIndex={-1} ref={title}>
          {e.title}
        </h2>
        <p class="line small mute">
          {isRed && (
            <span class="badge bad">
              <Icon name="failed" />
              Danger
            </span>
          )}
          <span>
            asked <Age since={Math.min(item.created_ms, nodeNow.value)} short /> ago, waits <Left until={item.expires_ms} /> more
            {others > 0 && `, ${others} more after it`}
          </span>
        </p>
      </header>
      <section aria-label="What it does">
        {e.sentence && <p>{e.sentence}</p>}
        {isFirst && <Warnings e={e} />}
        <Leaves e={e} account={item.account} />
        <Rows e={e}>
          {item.account && (
            <>
              <dt>{item.kind === 'permission' ? 'Account' : 'Signs'}</dt>
              <dd>
                <Who address={item.account} />
              </dd>
            </>
          )}
          {item.kind === 'transaction' && (
            <>
              <dt>Network</dt>
              <dd>{networkName.value ?? 'not known'}</dd>
            </>
          )}
        </Rows>
        {fees && (
          <div class="line">
            <button class="btn s" type="button" ref={feeButton} aria-expanded={isChanging} onClick={() => (isFeeOpen.value = !isChanging)}>
              Change fee
            </button>
          </div>
        )}
        {isChanging && <ChangeFee item={item} fees={fees} done={closeFee} />}
      </section>
      <WouldDo item={item} />
      {(isSigned(item) || (!isFirst && e.warnings.length > 0)) && (
        <section aria-label={isSigned(item) ? 'Warnings, most serious first, and what is signed' : 'Warnings, most serious first'}>
          {!isFirst && <Warnings e={e} />}
          {isSigned(item) && <Raw item={item} />}
        </section>
      )}
      <Decide item={item} shown={shown} isChanging={isChanging} />
    </dialog>
  )
}

export function Sheet() {
  const item = reviewing.value
  if (item) return <SheetOf key={String(item.id)} item={item} />
  return notDone.value && <NotDone error={notDone.value.error} />
}
