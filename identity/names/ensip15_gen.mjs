#!/usr/bin/env node
// Writes ensip15_gen.c and ensip15_gen.h: the data of ENSIP-15 (and of NFC, as far as it needs it).
//   node identity/names/ensip15_gen.mjs
// The source is the npm package @adraffy/ens-normalize (MIT), the reference implementation, as
// tests/package-lock.json pins it; its tables are not exported, so that the module is loaded with
// one more line. The result is committed, since it changes with Unicode only and is small, and so
// that neither that package nor Node is needed to build the program.
//
// The form: a stream of numbers, each in groups of 7 bits, the low ones first, the high bit set in
// all but the last; numbers with a sign as 2n or -2n-1. ensip15.c reads it back, in this order:
//   group sets   for each: how many groups, and each as what it is more than the one before
//   classes      for each: flags, rank of the combining class, group set
//   ranges       for each: what its first character is more than the one before, class
//   unchecked    how many groups do without the check for marks, and each as above
//   twin sets    as group sets
//   twins        for each: character as above, twin set
//   mapped       for each: character as above, how many it becomes, each with sign from the one before
//   emoji        states, for each: 2 * edges + (does a sequence end here); then its edges: first
//                character as above, how many more, where they lead
//   pairs        for each: first as above, second and composite with sign from the ones before
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { deflateSync, constants } from 'node:zlib'

const here = dirname(fileURLToPath(import.meta.url))
const home = join(here, '../../tests/node_modules/@adraffy/ens-normalize')
const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))

async function load() {
    const folder = mkdtempSync(join(tmpdir(), 'ensip15-'))
    const path = join(folder, 'all.mjs')
    const inside = 'init, MAPPED, IGNORED, CM, NSM, GROUPS, WHOLE_MAP, VALID, EMOJI_ROOT, SHIFTED_RANK, DECOMP, RECOMP, FENCED, NSM_MAX'
    writeFileSync(path, readFileSync(join(home, 'dist/index.mjs'), 'utf8') + `\nexport { ${inside} }\n`)
    try {
        const all = await import(pathToFileURL(path))
        all.nfc([0x301])
        all.init()
        return all
    } finally {
        rmSync(folder, { recursive: true })
    }
}
const must = (claim, text) => { if (!claim) throw new Error(text) }
const all = await load()
const groupNumber = new Map(all.GROUPS.map((group, i) => [group, i]))
must([...all.FENCED.keys()].join() === '8217,8260,12539' && all.NSM_MAX === 4, 'ens_normal.c has other constants')

// --- the stream --------------------------------------------------------------------------------
const bytes = []
function put(number) {
    must(Number.isInteger(number) && number >= 0, `cannot write ${number}`)
    for (; number > 127; number = Math.floor(number / 128)) bytes.push(number % 128 + 128)
    bytes.push(number)
}
const putSigned = number => put(number < 0 ? -2 * number - 1 : 2 * number)
function putList(list) {
    put(list.length)
    list.forEach((one, i) => put(one - (list[i - 1] ?? 0)))
}
// Numbers what it is given by what it is.
function numbering() {
    const known = new Map()
    return { known, of: list => known.get(list.join()) ?? (known.set(list.join(), known.size), known.size - 1) }
}
const listsOf = ({ known }) => [...known.keys()].map(key => key === '' ? [] : key.split(',').map(Number))

// --- characters --------------------------------------------------------------------------------
const CHARACTERS = 0x110000
const groupsOf = Array.from({ length: CHARACTERS }, () => [])
all.GROUPS.forEach((group, i) => { for (const c of new Set([...group.P, ...group.Q])) groupsOf[c].push(i) })

const groupSets = numbering(), classes = numbering(), ranges = []
groupSets.of([])
classes.of([0, 0, 0])
for (let c = 0, last = 0; c < CHARACTERS; c++) {
    const rank = all.VALID.has(c) ? (all.SHIFTED_RANK.get(c) ?? 0) / 2 ** 24 : 0
    const flags = all.VALID.has(c) + 2 * all.CM.has(c) + 4 * all.NSM.has(c) + 8 * all.IGNORED.has(c)
    const own = classes.of([flags, rank, groupSets.of(groupsOf[c])])
    if (own !== last) ranges.push([c, own])
    last = own
}
listsOf(groupSets).forEach(putList)
listsOf(classes).forEach(list => list.forEach(put))
ranges.forEach(([c, own], i) => { put(c - (ranges[i - 1]?.[0] ?? 0)); put(own) })
putList([...groupNumber].filter(([group]) => !group.M).map(([, i]) => i))

const twinSets = numbering()
const isTwin = ([, whole]) => typeof whole === 'object'
const twins = [...all.WHOLE_MAP].filter(isTwin).sort(([a], [b]) => a - b)
    .map(([c, { M }]) => [c, twinSets.of([...M.get(c)].map(group => groupNumber.get(group)).sort((a, b) => a - b))])
listsOf(twinSets).forEach(putList)
twins.forEach(([c, set], i) => { put(c - (twins[i - 1]?.[0] ?? 0)); put(set) })

const mapped = [...all.MAPPED].sort(([a], [b]) => a - b)
let before = 0
mapped.forEach(([c, to], i) => {
    put(c - (mapped[i - 1]?.[0] ?? 0))
    put(to.length)
    for (const one of to) { putSigned(one - before); before = one }
    must(to.every(one => all.VALID.has(one)), 'a character is mapped to one that is not valid')
})

// --- emoji -------------------------------------------------------------------------------------
// The smallest automaton that accepts the sequences; its states are numbered so that the start is 0.
const states = new Map()
function stateOf(node) {
    const edges = [...node].map(([c, next]) => [c, stateOf(next)]).sort(([a], [b]) => a - b)
    const runs = []
    for (const [c, next] of edges) {
        const run = runs.at(-1)
        if (run && run[0] + run[1] + 1 === c && run[2] === next) run[1]++
        else runs.push([c, 0, next])
    }
    const key = `${node.V ? 1 : 0};${runs.join(';')}`
    if (!states.has(key)) states.set(key, { number: states.size, ends: !!node.V, runs })
    return states.get(key).number
}
stateOf(all.EMOJI_ROOT)
const numberFromEnd = number => states.size - 1 - number
const ordered = [...states.values()].reverse()
for (const { ends, runs } of ordered) {
    put(2 * runs.length + (ends ? 1 : 0))
    runs.forEach(([c, more, next], i) => { put(c - (runs[i - 1]?.[0] ?? 0)); put(more); put(numberFromEnd(next)) })
}

// --- NFC ---------------------------------------------------------------------------------------
const pairs = []
for (const [first, seconds] of all.RECOMP) {
    for (const [second, whole] of seconds) {
        if (all.VALID.has(first) && all.VALID.has(second)) pairs.push([first, second, whole])
    }
}
pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1])
const wholes = new Set(pairs.map(pair => pair[2]))
for (const [c, to] of all.DECOMP) {
    if (!all.VALID.has(c)) continue
    must(to.length === 2 && wholes.has(c), 'a valid character has a decomposition that does not compose')
    must(!all.DECOMP.has(to[0]), 'the second of a pair is a composite') // DECOMP is stored reversed
}
let lastSecond = 0, lastWhole = 0
pairs.forEach(([first, second, whole], i) => {
    put(first - (pairs[i - 1]?.[0] ?? 0))
    putSigned(second - lastSecond)
    putSigned(whole - lastWhole)
    lastSecond = second, lastWhole = whole
})

// --- files -------------------------------------------------------------------------------------
const packed = deflateSync(Uint8Array.from(bytes), { level: 9, memLevel: 9, strategy: constants.Z_DEFAULT_STRATEGY })
const lines = packed.toString('base64').match(/.{1,120}/g)
const sizes = {
    GROUPS: all.GROUPS.length, GROUP_SETS: groupSets.known.size, CLASSES: classes.known.size,
    RANGES: ranges.length, TWIN_SETS: twinSets.known.size, TWINS: twins.length, MAPPED: mapped.length,
    MAPPED_TO: mapped.reduce((sum, [, to]) => sum + to.length, 0), STATES: states.size,
    EDGES: ordered.reduce((sum, { runs }) => sum + runs.length, 0), PAIRS: pairs.length,
    BYTES: bytes.length, PACKED: packed.length, LINES: lines.length,
}
const origin = `Generated by ensip15_gen.mjs from @adraffy/ens-normalize ${version} (MIT).`
writeFileSync(join(here, 'ensip15_gen.h'), `/* The data of ENSIP-15. ${origin}
 * What it looks like inside is said there; ensip15.h is how to use it. */
#ifndef HT_IDENTITY_NAMES_ENSIP15_GEN_H
#define HT_IDENTITY_NAMES_ENSIP15_GEN_H

${Object.entries(sizes).map(([name, size]) => `#define HT_ENSIP15_${name} ${size}U`).join('\n')}

/* Base64 of HT_ENSIP15_PACKED bytes of zlib's, HT_ENSIP15_BYTES when inflated; 90 a line. */
extern const char *const ht_ensip15_data[HT_ENSIP15_LINES];

#endif
`)
writeFileSync(join(here, 'ensip15_gen.c'), `/* ${origin} */
#include "identity/names/ensip15_gen.h"

const char *const ht_ensip15_data[HT_ENSIP15_LINES] = {
${lines.map(line => `    "${line}",`).join('\n')}
};
`)
console.log(JSON.stringify(sizes))
