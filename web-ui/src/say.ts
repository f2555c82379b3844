// One polite live region for short answers to what the person just did ("Copied"). The frame draws it.
import { signal } from '@preact/signals'

export const said = signal('')

export function say(words: string): void {
  // The same words twice must be heard twice: empty the region first.
  said.value = ''
  setTimeout(() => (said.value = words), 50)
}
