// Votes that close soon, on Home and among the communities.
import { nodeNow } from '../clock'
import { daoNews } from '../node'
import { plainLine } from '../plain'
import { Icon } from '../icons'
import { Card } from './Card'
import { Left } from './Time'

export function Closing() {
  const list = (daoNews.value?.closing ?? []).filter(c => c.end_s * 1000 > nodeNow.value).sort((a, b) => a.end_s - b.end_s)
  if (!list.length) return null
  return (
    <Card id="closing" title="Votes that close soon">
      <ul class="rows">
        {list.slice(0, 5).map(c => (
          <li key={c.address + c.id}>
            <span class="glyph a">
              <Icon name="gov" />
            </span>
            <a class="ref name" href={`#/proposal/${c.address}.${c.id}`}>
              {plainLine(c.title ?? '') || 'A proposal without a title'}
            </a>
            <span class="small mute">
              <Left until={c.end_s * 1000} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
