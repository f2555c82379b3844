// Breaks every rule of .ci/lint on purpose in a small tree of its own and checks that exactly that
// rule reports it, at the right file and line. Prints "N passed, N failed, 0 skipped".
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const top = join(import.meta.dirname, '../..')
const lint = join(top, '.ci/lint')
const header = (guard, body = '') => `#ifndef ${guard}\n#define ${guard}\n${body}\n#endif\n`
const source = (own, body = '') => `/* Of this file. */\n#include "${own}"\n${body && `\n${body}\n`}`
const lines = (count, line) => Array.from({ length: count }, () => line).join('\n') + '\n'
const fn = (body, head = 'int ht_x(int a)') => `${head} {\n${body}\n}`

// A tree without a fault; each case lays its files over it.
const GOOD = {
    Makefile: 'all:\n',
    'node/base/err.h': header('HT_BASE_ERR_H', 'int ht_err_of(int a);'),
    'node/base/err.c': source('node/base/err.h', fn('    return a;', 'int ht_err_of(int a)')),
    'node/base/clock.h': header('HT_BASE_CLOCK_H'),
    'node/base/clock.c': source('node/base/clock.h', '#include <time.h>\n\n' + fn('    return (int)time(0) + a;', 'int ht_now(int a)')),
    'node/codec/rlp.h': header('HT_CODEC_RLP_H', '#include "node/base/err.h"'),
    'node/l1/consensus/light_client.h': header('HT_L1_CONSENSUS_LIGHT_CLIENT_H', 'struct ht_header_verified {\n    int slot;\n};'),
    'node/l1/consensus/light_client.c': source('node/l1/consensus/light_client.h', fn('    struct ht_header_verified header = {.slot = a};\n    header.slot = 2;\n    return header.slot;')),
    'node/p2p/link.h': header('HT_P2P_LINK_H'),
    'node/store/db_sql.h': header('HT_STORE_DB_SQL_H'),
    'node/store/db_sql.c': source('node/store/db_sql.h', 'const char *const ht_db_sql = "SELECT a FROM b";'),
    'node/module.h': header('HT_MODULE_H', '#include "node/base/err.h"'),
    'node/app/modules.h': header('HT_APP_MODULES_H'),
    'node/app/modules.c': source('node/app/modules.h', '#include "identity/did.h"'),
    'node/app/main.c': '#include "node/module.h"\n\n' + fn('    return 0;', 'int main(void)') + '\n',
    'identity/did.h': header('HT_IDENTITY_DID_H', '#include "node/codec/rlp.h"\n#include "node/module.h"'),
    'social/feed/feed.h': header('HT_SOCIAL_FEED_H'),
    'tests/unit/test_x.c': '#include "node/codec/rlp.h"\n\n' + fn('    return a;', 'int not_ours(int a)') + '\n',
    'web-ui/src/screens/Home.tsx': 'export const home = 1\n',
}

const X = 'node/codec/rlp.c'
const inX = (body, before = '') => ({ [X]: source('node/codec/rlp.h', (before && before + '\n\n') + body) })
const deep = open => open.map((text, i) => '    '.repeat(i + 1) + text + ' {\n').join('') + '    '.repeat(open.length + 1) + 'a++;\n' +
    open.map((_, i) => '    '.repeat(open.length - i) + '}\n').join('') + '    return a;'
const four = ['while (a < 9)', 'if (a > 1)', 'for (;;)', 'switch (a)']
const call = text => inX(fn(`    ${text}\n    return a;`))
const of = (...parts) => parts.join('')

const noise = count => Array.from({ length: count }, (_, i) => Math.sin(i)).join('')

// name, files, expected "file:line: rule" ('' when the tree must stay clean)
const CASES = [
    ['a good tree is clean', {}, ''],
    ['a layer does not include one above', { 'node/base/err.h': header('HT_BASE_ERR_H', '#include "node/codec/rlp.h"') }, 'node/base/err.h:3: layering'],
    ['crypto does not include loop', { 'node/crypto/k.h': header('HT_CRYPTO_K_H', '#include "node/loop/loop.h"') }, 'node/crypto/k.h:3: layering'],
    ['p2p does not include l1', { 'node/p2p/link.h': header('HT_P2P_LINK_H', '#include "node/l1/consensus/light_client.h"') }, 'node/p2p/link.h:3: layering'],
    ['l1 does not include p2p', { 'node/l1/a.h': header('HT_L1_A_H', '#include "node/p2p/link.h"') }, 'node/l1/a.h:3: layering'],
    ['a module sees base, codec, crypto', { 'social/feed/feed.h': header('HT_SOCIAL_FEED_H', '#include "node/store/db_sql.h"') }, 'social/feed/feed.h:3: layering'],
    ['the header for modules shows nothing of the app', { 'node/module.h': header('HT_MODULE_H', '#include "node/app/config.h"') }, 'node/module.h:3: layering'],
    ['modules do not include each other', { 'social/feed/feed.h': header('HT_SOCIAL_FEED_H', '#include "identity/did.h"') }, 'social/feed/feed.h:3: layering'],
    ['a folder of governance does not include one above', { 'governance/count/count.h': header('HT_GOVERNANCE_COUNT_H', '#include "governance/watch/watch.h"') }, 'governance/count/count.h:3: layering'],
    ['a new folder of governance needs a place', { 'governance/new/new.h': header('HT_GOVERNANCE_NEW_H', '#include "governance/count/count.h"') }, 'governance/new/new.h:3: layering'],
    ['the node does not include a module', { 'node/app/a.h': header('HT_APP_A_H', '#include "identity/did.h"') }, 'node/app/a.h:3: layering'],
    ['an include in a comment is none', { 'node/base/err.h': header('HT_BASE_ERR_H', '/*\n#include "node/codec/rlp.h"\n*/') }, ''],
    ['an include has a full path', { 'node/base/err.h': header('HT_BASE_ERR_H', '#include "clock.h"') }, 'node/base/err.h:3: include-path'],
    ['a source file has its header', { 'node/net/a.c': '/* a */\n' }, 'node/net/a.c:1: own-header'],
    ['the own header comes first', { 'node/base/err.c': '#include <stdio.h>\n#include "node/base/err.h"\n' }, 'node/base/err.c:1: own-header'],
    ['a source file ends at 800 lines', inX(lines(800, '/* a */').trimEnd()), `${X}:801: file-length`],
    ['a header ends at 250 lines', { 'node/codec/rlp.h': header('HT_CODEC_RLP_H', lines(250, '/* a */').trimEnd()) }, 'node/codec/rlp.h:251: file-length'],
    ['a script ends at 800 lines', { 'tests/a.mjs': lines(801, '1') }, 'tests/a.mjs:801: file-length'],
    ['a screen ends at 200 lines', { 'web-ui/src/screens/Home.tsx': lines(201, '1') }, 'web-ui/src/screens/Home.tsx:201: file-length'],
    ['a generated file may be long', { 'node/codec/t_gen.c': lines(900, '/* a */') }, ''],
    ['the Makefile stays under 200 lines', { Makefile: lines(200, '# a') }, 'Makefile:200: file-length'],
    ['a function has at most 60 lines', inX(fn(lines(59, '    a++;') + '    return a;')), `${X}:4: function-length`],
    ['a function of 60 lines is short enough', inX(fn(lines(57, '    a++;') + '    return a;')), ''],
    ['nesting stops at 3', inX(fn(deep(four))), `${X}:8: nesting`],
    ['nesting of 3 is flat enough', inX(fn(deep(four.slice(1)))), ''],
    ['initialisers do not nest', inX(fn(deep(four.slice(1)).replace('a++;', 'const int b[1][1] = {{1}};\n                a += b[0][0];'))), ''],
    ['a macro loop nests', inX(fn(deep(['list_each(a, b)', ...four.slice(1)]))), `${X}:8: nesting`],
    ['strcpy is banned', call('strcpy(b, c);'), `${X}:5: banned-call`],
    ['sprintf is banned in tests too', { 'tests/unit/test_x.c': fn('    sprintf(b, c);\n    return a;') + '\n' }, 'tests/unit/test_x.c:2: banned-call'],
    ['a banned name in text or a member is none', call('b->time("strcpy(a)"); /* atoi(a) */'), ''],
    ['rand is banned', call('a = rand();'), `${X}:5: banned-call`],
    ['floating point is banned', call('double b = a;'), `${X}:5: floating-point`],
    ['time is asked of the clock', call('a = (int)time(0);'), `${X}:5: time`],
    ['clock_gettime too', call('clock_gettime(0, &b);'), `${X}:5: time`],
    ['random bytes come from base', call('getrandom(b, 1, 0);'), `${X}:5: random`],
    ['a function does not call itself', inX(fn('    return ht_x(a - 1);')), `${X}:5: recursion`],
    ['unless it says why that is bounded', inX('/* Recurses over our own types. */\n' + fn('    return ht_x(a - 1);')), ''],
    ['SQL stays in its files', inX('const char *const ht_a = "SELECT a FROM b";'), `${X}:4: sql`],
    ['SQL in lower case too', inX('const char *const ht_a = "insert into a values (1)";'), `${X}:4: sql`],
    ['an English sentence is no SQL', inX('const char *const ht_a = "update of period %u, select one";'), ''],
    ['SQL is not built by formatting', { 'node/store/db_sql.c': source('node/store/db_sql.h', 'const char *const ht_a = "SELECT %s FROM b";') }, 'node/store/db_sql.c:4: sql-format'],
    ['a verified header is not made elsewhere', call('b = (struct ht_header_verified){.slot = 1};'), `${X}:5: verified-header`],
    ['nor initialised', call('struct ht_header_verified b = {.slot = 1};'), `${X}:5: verified-header`],
    ['nor assigned into', inX(fn('    b->slot = a;\n    return a;', 'int ht_x(struct ht_header_verified *b, int a)')), `${X}:5: verified-header`],
    ['nor filled as memory', inX(fn('    memcpy(&b->slot, c, 1);\n    return a;', 'int ht_x(struct ht_header_verified *b, int a)')), `${X}:5: verified-header`],
    ['but copied and compared', inX(fn('    *b = *c;\n    return b->slot == 1;', 'int ht_x(struct ht_header_verified *b, const struct ht_header_verified *c)')), ''],
    ['external functions start with ht_', inX(fn('    return a;', 'int other(int a)')), `${X}:4: prefix`],
    ['static functions need no prefix', inX(fn('    return a;', 'static int other(int a)')), ''],
    ['include guards follow the path', { 'node/base/err.h': header('ERR_H') }, 'node/base/err.h:1: include-guard'],
    ['unfinished work is not left behind', inX(of('/* TO', 'DO later */')), `${X}:4: unfinished`],
    ['layout is clang-format\'s', inX('int  ht_a;'), `${X}:4: format`],
    ['no path of one machine', { 'a.md': of('see /ho', 'me/somebody/notes\n') }, 'a.md:1: machine-path'],
    ['no registry by name', { 'a.md': of('from https://regi', 'stry.example/a\n') }, 'a.md:1: registry'],
    ['lock files hold no addresses', { 'tests/package-lock.json': of('{\n  "resol', 'ved": "x"\n}\n') }, 'tests/package-lock.json:2: lock-file'],
    ['the first load keeps to its budget', { 'web-ui/dist/index.html': '<script src="/assets/a.js">', 'web-ui/dist/assets/a.js': 'import"./b.js"', 'web-ui/dist/assets/b.js': noise(9000) }, 'web-ui/dist:1: bundle: first load'],
    ['what is loaded later does not count for the first load', { 'web-ui/dist/index.html': '<script src="/assets/a.js">', 'web-ui/dist/assets/a.js': 'import("./b.js")', 'web-ui/dist/assets/b.js': noise(9000) }, ''],
    ['everything together keeps to its budget', { 'web-ui/dist/later.js': noise(22000) }, 'web-ui/dist:1: bundle: everything'],
    ['what pages of others load counts for neither', { 'web-ui/dist/eth/provider.js': noise(22000) }, ''],
]

function write(dir, files) {
    for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, name)), { recursive: true })
        writeFileSync(join(dir, name), text)
    }
}

function run(files, prepare) {
    const dir = mkdtempSync(join(tmpdir(), 'lint-'))
    try {
        write(dir, { ...GOOD, ...files })
        cpSync(join(top, '.clang-format'), join(dir, '.clang-format'))
        prepare?.(dir)
        return spawnSync(lint, [dir], { encoding: 'utf8' })
    } finally {
        rmSync(dir, { recursive: true })
    }
}

// Beside the rule asked for a broken file may also differ from clang-format's layout.
function verdict({ status, stdout }, expected) {
    const lines = stdout.trim().split('\n')
    if (!/^\d+ files checked, \d+ problems$/.test(lines.pop())) return 'no total line'
    const found = lines.filter(line => expected && line.startsWith(expected + ':'))
    const others = lines.filter(line => !found.includes(line) && !/: format: /.test(line))
    if (expected && !found.length) return `expected ${expected}, got:\n${stdout}`
    if (others.length) return `not asked for:\n${others.join('\n')}`
    return status === (lines.length ? 1 : 0) ? '' : `exit ${status}`
}

let passed = 0, failed = 0
function judge(name, why) {
    if (why) console.log(`  FAIL ${name}: ${why}`)
    why ? failed++ : passed++
}
for (const [name, files, expected] of CASES) judge(name, verdict(run(files), expected))

const compiled = run({ 'node/codec/rlp.c': source('node/codec/rlp.h', 'int other;') }, dir => {
    mkdirSync(join(dir, 'build/debug/node/codec'), { recursive: true })
    const object = join(dir, 'build/debug/node/codec/rlp.o')
    spawnSync('cc', ['-I', dir, '-c', '-o', object, join(dir, X)])
    const soon = Date.now() / 1000 + 5
    utimesSync(object, soon, soon)
})
judge('built objects export only ht_ names', verdict(compiled, `${X}:1: prefix`))

console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exit(failed ? 1 : 0)
