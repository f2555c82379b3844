// Messages answers: who wrote to me alone? They are sealed to the key (NIP-17), so the vault must be open to read them.
import { Icon } from '../icons'
import { socialMe } from '../node'
import { Card } from '../parts/Card'
import { Conversations } from '../parts/Conversations'
import { FeedPage } from '../parts/FeedNav'
import { nameOfKey } from '../parts/PostHead'
import { Talk } from '../parts/Talk'
import { UnlockForm } from '../parts/Unlock'
import { route } from '../route'
import { conversations, partner } from '../talk'

function Locked() {
  return (
    <Card id="locked" narrow title="Locked" side={<span class="badge">
          <Icon name="lock" />
          keys sealed
        </span>}>
      <div class="body">
        <p class="mute">Messages are sealed to your key and lie here sealed. Your node opens them while the vault is open, and forgets what they say when it closes.</p>
        <UnlockForm />
      </div>
    </Card>
  )
}

export function Messages() {
  const who = partner.value
  const isOpen = socialMe.value?.is_open === true
  const known = conversations.now.value.value?.conversations.find(c => who && c.with === who.with)
  return (
    <FeedPage tab="Messages" title="Messages" lede="Sealed: relays carry them and see neither who wrote nor what." needsKey>
      {!isOpen ? (
        <Locked />
      ) : who === null ? (
        <div class="narrow stack">
          {route.value.arg && conversations.now.value.value && <p class="mute">No such conversation is known here.</p>}
          <Conversations />
        </div>
      ) : (
        <div class="cols">
          <div class="stack">
            <Talk who={who} name={nameOfKey(who.with, known?.name ?? null)} />
          </div>
          <aside class="stack" aria-label="All conversations">
            <Conversations />
          </aside>
        </div>
      )}
    </FeedPage>
  )
}
