// Notices answer: what changed in my communities since I looked?
import { dao, comOf, notices } from '../dao'
import { nodeNow } from '../clock'
import { brief, count } from '../format'
import { EmptyTile, Icon, type IconName } from '../icons'
import { plainLine } from '../plain'
import { Card } from '../parts/Card'
import { DaoPage, Do, nameOfCom } from '../parts/Dao'

const ICONS: Record<string, IconName> = { state: 'gov', deadline: 'stale', delegate_voted: 'id', alert: 'warn' }

export function Notices() {
  const list = notices.now.value.value?.notices ?? []
  const fresh = list.filter(n => !n.read).length
  return (
    <DaoPage of={notices} tab="Notices" title="What changed in your communities" lede={fresh ? `${count(fresh, 'notice')} you have not read.` : null} what="the notices">
      <Card
        id="notices" title="Notices"
        side={fresh > 0 && (
          <Do failed="They stay unread" run={async () => { await dao('notices_read', {}); notices.again() }}>
            Mark all as read
          </Do>
        )}
      >
        {list.length ? (
          <ul class="rows">
            {list.map(n => (
              <li key={n.id}>
                <span class={n.kind === 'alert' ? 'glyph bad' : n.read ? 'glyph' : 'glyph a'}>
                  <Icon name={ICONS[n.kind] ?? 'gov'} />
                </span>
                <div>
                  <a class="ref name" href={n.address ? (n.proposal ? `#/proposal/${n.address}.${n.proposal}` : `#/community/${n.address}`) : '#/governance'}>
                    {plainLine(n.text, 300)}
                  </a>
                  <span class="sub"> {n.address && nameOfCom(comOf(n.address), n.address)} {!n.read && <b class="sr">new</b>}</span>
                </div>
                <span class="small mute">{brief(nodeNow.value - n.at_s * 1000)}</span>
              </li>
            ))}
          </ul>
        ) : (
          <div class="empty">
            <EmptyTile />
            <b>No notices</b>
            <p class="mute">Here stands when a vote begins or closes, when your delegate votes, and when a community’s code changes.</p>
          </div>
        )}
      </Card>
    </DaoPage>
  )
}
