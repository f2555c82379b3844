// Holds two promises of the web UI: the whole bundle is at most 60 kB gzip, and no source file is
// longer than 200 lines. Run after `vite build`; exit code 1 when a promise is broken.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'

const root = import.meta.dirname
const MAX_GZIP = 60_000
const MAX_LINES = 200

function files(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

let broken = 0
let total = 0
// What other pages may load (eth/) is no part of this one.
const dist = files(join(root, 'dist')).filter(file => !relative(root, file).startsWith(join('dist', 'eth')))
if (!dist.some(file => file.endsWith('.js')) || !dist.some(file => file.endsWith('.css'))) {
  console.log('budget: dist holds no script or no stylesheet, run the build first')
  process.exit(1)
}
for (const file of dist) {
  const gzip = gzipSync(readFileSync(file), { level: 9 }).length
  total += gzip
  console.log(`${String(gzip).padStart(7)} gzip  ${relative(root, file)}`)
}
if (total > MAX_GZIP) broken++
console.log(`budget: ${total} of ${MAX_GZIP} bytes gzip${total > MAX_GZIP ? ', TOO LARGE' : ''}`)

// The two stylesheets of the design are taken over whole and exempt.
const sources = files(join(root, 'src')).filter(file => /\.tsx?$/.test(file))
// What the Content-Security-Policy would refuse at run time is refused here by name.
const FORBIDDEN = /innerHTML|outerHTML|dangerouslySet|\bstyle=|\beval\(|new Function|document\.write/
let longest = 0
for (const file of sources) {
  const source = readFileSync(file, 'utf8')
  const lines = source.split('\n').length - 1
  const found = FORBIDDEN.exec(source)
  if (found) {
    broken++
    console.log(`budget: ${relative(root, file)} uses ${found[0]}`)
  }
  longest = Math.max(longest, lines)
  if (lines > MAX_LINES) {
    broken++
    console.log(`budget: ${relative(root, file)} has ${lines} lines, at most ${MAX_LINES} are allowed`)
  }
}
console.log(`budget: longest of ${sources.length} sources has ${longest} of ${MAX_LINES} lines`)
process.exit(broken ? 1 : 0)
