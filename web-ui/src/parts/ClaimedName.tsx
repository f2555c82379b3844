// The name at a host that a key claims (NIP-05): what the host said about it, what that means, and asking it.
import { checkName } from '../acts'
import type { Profile } from '../contract-posts'
import { Icon } from '../icons'
import { plainLine } from '../plain'
import { say } from '../say'
import { mood } from '../view'
import { Trouble, useAct } from './Form'

export function ClaimedName({ p }: { p: Profile }) {
  const name = p.nip05 && plainLine(p.nip05)
  if (!name) return <span class="prov">No name claimed</span>
  if (p.nip05_state === 'verified') {
    return (
      <span class="prov ok">
        <Icon name="proven" />
        <bdi>{name}</bdi> <span class="sr">verified</span>
      </span>
    )
  }
  if (p.nip05_state === 'differs') {
    return (
      <span class="line">
        <span class="lie">
          <bdi>{name}</bdi>
        </span>
        <span class="prov bad">
          <Icon name="failed" />
          Name not theirs
        </span>
      </span>
    )
  }
  return (
    <span class="line">
      <bdi>{name}</bdi>
      <span class="prov">
        <Icon name="unproven" />
        {p.nip05_state === 'no_answer' ? 'No answer' : 'Not checked'}
      </span>
    </span>
  )
}

const hostOf = (name: string): string => plainLine(name.slice(name.lastIndexOf('@') + 1), 80)

function meaning(state: string, host: string): string {
  if (state === 'verified') return `${host} says that this name is this key’s. That is as good as ${host} is.`
  if (state === 'differs') return `${host} does not give this name to this key. Take it for nobody’s.`
  if (state === 'no_answer') return `${host} did not answer, so nothing is known about the name.`
  return `Anybody can claim a name. Only ${host} can say whose it is.`
}

export function NameCheck({ p }: { p: Profile }) {
  const act = useAct()
  if (!p.nip05) return null
  const host = hostOf(p.nip05)
  const isNew = p.nip05_state === 'unchecked' || p.nip05_state === 'none'
  return (
    <div class="stack tight">
      <p class="small mute">
        {meaning(p.nip05_state, host)} {isNew && 'Asking tells it that your node wants to know.'}
      </p>
      <div class="line">
        <button class="btn s" type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={() => act.run(() => checkName(p.pubkey).then(() => say('Asked')))}>
          <Icon name="sync" />
          {act.isBusy ? 'Asking' : isNew ? `Ask ${host}` : 'Ask again'}
        </button>
      </div>
      <Trouble act={act} title="The name was not checked" />
    </div>
  )
}
