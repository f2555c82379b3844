// The sizes of the built web UI, for budget.mjs and for .ci/lint. "First" is what a browser fetches before it draws:
// index.html and all it names, and what those scripts import statically. "All" is every file but those
// of eth/, which other pages may load. Sizes are bytes after gzip -9, as embed.sh packs them.
'use strict'
const { existsSync, readdirSync, readFileSync } = require('node:fs')
const { basename, join, relative } = require('node:path')
const { gzipSync } = require('node:zlib')

const FIRST_MAX = 60_000
const ALL_MAX = 160_000

// Names of files of dist that a text holds, leaving out scripts inside of import().
function named(text, files) {
  const quoted = [...text.matchAll(/(\bimport\s*\(\s*)?["'`](?:\.{0,2}\/)?((?:[\w.-]+\/)*[\w.-]+\.\w+)["'`]/g)]
  const names = new Set(quoted.filter(([, isLater]) => !isLater).map(([, , path]) => basename(path)))
  return files.filter(file => names.has(basename(file)))
}

function firstOf(dist, files) {
  const page = join(dist, 'index.html')
  const first = new Set(existsSync(page) ? [page] : [])
  for (const file of first) {
    if (/\.(html|js)$/.test(file)) for (const next of named(readFileSync(file, 'utf8'), files)) first.add(next)
  }
  return first
}

// [{ name, gzip, isFirst }] with the two sums.
function measure(dist) {
  const files = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .filter(file => !relative(dist, file).startsWith(join('eth', '/')))
    .sort()
  const first = firstOf(dist, files)
  const sizes = files.map(file => ({ name: relative(dist, file), gzip: gzipSync(readFileSync(file), { level: 9 }).length, isFirst: first.has(file) }))
  const sum = list => list.reduce((n, size) => n + size.gzip, 0)
  return { sizes, first: sum(sizes.filter(size => size.isFirst)), all: sum(sizes) }
}

module.exports = { ALL_MAX, FIRST_MAX, measure }
