// What its owner said yes to and the node then could not do: told here, because its request is gone by then.
import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { Icon } from '../icons'
import { notDone } from '../review'
import type { RpcError } from '../rpc'
import { troubleOf } from '../trouble'
import { CopyCode } from './Copy'
import { Note } from './Notes'

// Opens a dialog over the page with the focus on its title.
export function useDialog(): { dialog: RefObject<HTMLDialogElement | null>; title: RefObject<HTMLHeadingElement | null> } {
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    const d = dialog.current
    d?.showModal()
    title.current?.focus()
    return () => d?.close() // gives the focus back to where it was
  }, [])
  return { dialog, title }
}

export function NotDone({ error }: { error: RpcError }) {
  const { dialog, title } = useDialog()
  const close = (): void => void (notDone.value = null)
  return (
    <dialog class="sheet" ref={dialog} aria-labelledby="sheet-h" onCancel={event => { event.preventDefault(); close() }}>
      <header>
        <h2 id="sheet-h" tabIndex={-1} ref={title}>
          The token was not added
        </h2>
      </header>
      <section aria-label="Why">
        <Note tone="bad" icon="failed" title={troubleOf(error)}>
          <span>The page that asked was told so.</span>
          <span class="line">
            <CopyCode code={error.code} />
          </span>
        </Note>
      </section>
      <footer>
        <button class="btn wide" type="button" onClick={close}>
          <Icon name="x" />
          Close
        </button>
      </footer>
    </dialog>
  )
}
