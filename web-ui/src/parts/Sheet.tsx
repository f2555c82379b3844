// The sheet: the one place where anything is signed. It opens over the page with the focus on its title; Esc
// closes it and decides nothing.
import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { QueueItem } from '../contract-wallet'
import { nodeNow } from '../clock'
import { Icon } from '../icons'
import { reviewing, setAside, waiting } from '../review'
import { networkName } from '../view'
import { ChangeFee, changeable } from './ChangeFee'
import { CopyText } from './Copy'
import { Decide } from './Decide'
import { isDangerous, Leaves, Rows, Tree, Warnings, Who } from './Explained'
import { Age, Left } from './Time'

export function askerOf(item: QueueItem): string {
  if (item.is_own) return 'You, in your own page or command line'
  return item.origin || 'A program on this computer'
}

function Raw({ item }: { item: QueueItem }) {
  return (
    <>
      {item.explain.tree && (
        <details open={item.kind === 'typed'}>
          <summary>
            <Icon name="right" />
            {item.kind === 'typed' ? 'All that is signed' : 'The call, decoded'}
          </summary>
          <div class="deep" tabIndex={0} role="region" aria-label="Decoded">
            <Tree nodes={item.explain.tree} />
          </div>
        </details>
      )}
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

function SheetOf({ item }: { item: QueueItem }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useRef<HTMLHeadingElement>(null)
  const e = item.explain
  useLayoutEffect(() => {
    const d = dialog.current
    d?.showModal()
    title.current?.focus()
    return () => d?.close() // gives the focus back to where it was
  }, [])
  const isRed = isDangerous(e)
  const others = waiting.value.length - 1
  const isFeeOpen = useSignal(false)
  const feeButton = useRef<HTMLButtonElement>(null)
  const fees = changeable(item)
  const isChanging = fees !== null && isFeeOpen.value
  // Opening the fee and closing it moves what is below: that too holds the decision back anew.
  const shown = JSON.stringify([item.payload_hash, item.account, item.origin, e, item.raw, isChanging])
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
        {isRed && <Warnings e={e} />}
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
      {(item.kind !== 'permission' || (!isRed && e.warnings.length > 0)) && (
        <section aria-label="Warnings, most serious first, and what is signed">
          {!isRed && <Warnings e={e} />}
          {item.kind !== 'permission' && <Raw item={item} />}
        </section>
      )}
      <Decide item={item} shown={shown} isChanging={isChanging} />
    </dialog>
  )
}

export function Sheet() {
  const item = reviewing.value
  return item && <SheetOf key={String(item.id)} item={item} />
}
