// The box to look things up: in the top bar of a wide window, and large on its own screen.
import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { Icon } from '../icons'
import { hrefOf } from '../look'
import { goTo } from '../route'

export function Find({ large, value = '' }: { large?: boolean; value?: string }) {
  const id = useId()
  const isEmpty = useSignal(false)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem('what') as HTMLInputElement
    const typed = input.value.trim()
    isEmpty.value = !typed
    if (!typed) return input.focus()
    goTo(hrefOf(typed))
    if (!large) input.value = ''
  }
  const box = (
    <input id={id} name="what" type="search" defaultValue={value} maxLength={90} autocomplete="off" autocapitalize="off"
      spellcheck={false} placeholder={large ? undefined : 'Address, transaction or block'}
      aria-describedby={large ? `${id}-help` : undefined} />
  )
  if (!large) {
    return (
      <form class="find" role="search" aria-label="Look up" onSubmit={submit}>
        <label class="sr" for={id}>
          Address, transaction or block
        </label>
        {box}
        <button class="btn quiet icon" type="submit" aria-label="Look up">
          <Icon name="look" />
        </button>
      </form>
    )
  }
  return (
    <form role="search" aria-label="Look up" class="field" onSubmit={submit}>
      <label for={id}>Address, transaction or block</label>
      <div class="join">
        {box}
        <button class="btn main" type="submit">
          Look up
        </button>
      </div>
      <small id={`${id}-help`}>
        {isEmpty.value ? 'Type or paste one first. ' : ''}0x and 40 digits, 0x and 64 digits, or a number; “latest” and “finalized” too.
      </small>
    </form>
  )
}
