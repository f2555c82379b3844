// Search answers: who wrote about this? Names of people and posts lead straight to them.
import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { FeedPage } from '../parts/FeedNav'
import { ListSource, PostList } from '../parts/PostList'
import { namedBy } from '../plain'
import { goTo, route } from '../route'

const ENTITY = /^(?:nostr:)?((npub|nprofile|note|nevent)1[02-9ac-hj-np-z]{38,1000})$/i

function hrefOf(typed: string): string {
  const [, entity, kind] = ENTITY.exec(typed) ?? []
  if (entity && kind) {
    // The node checks the checksum of an npub; of the others only the key or the id inside goes on.
    if (/^npub/i.test(kind) && entity.length === 63) return `#/author/${entity.toLowerCase()}`
    const hex = namedBy(entity.toLowerCase())
    if (hex) return `#/${/^np/i.test(kind) ? 'author' : 'thread'}/${hex}`
  }
  return `#/search/${encodeURIComponent(typed)}`
}

function Box({ value }: { value: string }) {
  const id = useId()
  const isEmpty = useSignal(false)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem('words') as HTMLInputElement
    const typed = input.value.trim()
    isEmpty.value = !typed
    if (typed) goTo(hrefOf(typed))
    else input.focus()
  }
  return (
    <form role="search" aria-label="Posts" class="field narrow" onSubmit={submit}>
      <label for={id}>Words, or somebody’s npub</label>
      <div class="join">
        <input id={id} name="words" type="search" defaultValue={value} maxLength={200} autocomplete="off" dir="auto" aria-describedby={`${id}-help`} />
        <button class="btn main" type="submit">
          Search
        </button>
      </div>
      <small id={`${id}-help`}>{isEmpty.value ? 'Type something first. ' : ''}In the posts that your node keeps. Nobody else learns what you look for.</small>
    </form>
  )
}

export function Search() {
  const { arg } = route.value
  return (
    <FeedPage tab="Search" title="Search">
      <div class="stack">
        <Box value={arg ?? ''} />
        {arg && (
          <div class="cols">
            <PostList what="what was found" empty="Nothing found" label="Found" />
            <aside class="stack" aria-label="Where posts come from">
              <ListSource />
            </aside>
          </div>
        )}
      </div>
    </FeedPage>
  )
}
