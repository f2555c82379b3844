// Holds three promises of the web UI: the first load is at most 60 kB gzip and everything together 160 kB
// (bundle.cjs), and no source file is longer than 200 lines. Run after `vite build`; exit code 1 when one is broken.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import bundle from './bundle.cjs'

const root = import.meta.dirname
const MAX_LINES = 200

function files(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

let broken = 0
const { sizes, first, all } = bundle.measure(join(root, 'dist'))
for (const ending of ['.js', '.css']) {
  if (sizes.some(size => size.isFirst && size.name.endsWith(ending))) continue
  console.log(`budget: the first load has no ${ending}, run the build first`)
  process.exit(1)
}
for (const { name, gzip, isFirst } of sizes) console.log(`${String(gzip).padStart(7)} gzip  ${isFirst ? 'first' : 'later'}  ${name}`)
for (const [what, got, max] of [['first load', first, bundle.FIRST_MAX], ['everything', all, bundle.ALL_MAX]]) {
  if (got > max) broken++
  console.log(`budget: ${what} ${got} of ${max} bytes gzip${got > max ? ', TOO LARGE' : ''}`)
}

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
