// Things to take along: an error code, a block root. The word changes to "Copied" so that the act is
// confirmed without colour or motion.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { shortHash } from '../format'
import { Icon } from '../icons'
import { say } from '../say'

type Done = 'no' | 'copied' | 'refused'

function useCopy(value: string): [Done, () => void] {
  const done = useSignal<Done>('no')
  useEffect(() => {
    if (done.value === 'no') return
    const timer = setTimeout(() => (done.value = 'no'), 4000)
    return () => clearTimeout(timer)
  }, [done.value])
  const copy = (): void => {
    // The clipboard can be forbidden by the browser; then the whole text is shown to copy by hand.
    const asked = navigator.clipboard?.writeText(value) ?? Promise.reject(new Error('no clipboard'))
    asked.then(
      () => {
        done.value = 'copied'
        say('Copied')
      },
      () => (done.value = 'refused')
    )
  }
  return [done.value, copy]
}

export function CopyCode({ code }: { code: string }) {
  const [done, copy] = useCopy(code)
  return (
    <button class="btn s" type="button" onClick={copy}>
      <Icon name={done === 'copied' ? 'check' : 'copy'} />
      <span>
        Code <span class="mono">{code}</span>
        {done === 'copied' && ', copied'}
      </span>
    </button>
  )
}

// Something to take along whole, under a name: an address, a line to type.
export function CopyText({ value, what, label = 'Copy' }: { value: string; what: string; label?: string }) {
  const [done, copy] = useCopy(value)
  return (
    <span class="line">
      <button class="btn s" type="button" onClick={copy}>
        <Icon name={done === 'copied' ? 'check' : 'copy'} />
        <span>
          {done === 'copied' ? 'Copied' : label}
          <span class="sr"> {what}</span>
        </span>
      </button>
      {done === 'refused' && <span class="small mute">The browser forbids copying; mark the text by hand.</span>}
    </span>
  )
}

// A block root or hash: short to look at, whole when focused by a reader, whole when copied.
export function Hash({ value, what, label }: { value: string; what: string; label?: string }) {
  const [done, copy] = useCopy(value)
  return (
    <button class="hash addr" type="button" title={label ? undefined : value} aria-label={label ? `${what}, ${label}` : `${what} ${value}, copy`} onClick={copy}>
      {done === 'refused' ? value : (label ?? shortHash(value))}
      {done === 'copied' && ' copied'}
    </button>
  )
}
