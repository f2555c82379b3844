// A browser for UI tests, shared by the scripted-node test and the end-to-end test: launch, watch a page
// for errors and policy violations, run axe, measure overflow, count results.
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'

export const CHROMIUM = process.env.HEARTH_CHROMIUM ?? '/usr/bin/chromium'

// So many times slower than this machine runs the page: finds what a test reads too early.
const SLOW = Number(process.env.HEARTH_UI_SLOW ?? 1)

const ARGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'
]

// The strict policy of the node, header by header. A test server sends the same.
export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin'
}

// Starts Chromium with an empty profile of its own. close() ends it and removes the profile.
export async function launch(options = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'hearth-ui-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: ARGS,
    viewport: { width: 1280, height: 860 },
    locale: 'en-GB',
    ...options
  })
  return {
    context,
    async close() {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    }
  }
}

// Opens a page that remembers everything that should not happen: console errors, uncaught exceptions,
// policy violations and requests to any other origin. `expected` are patterns of console errors that the
// test causes on purpose (a refused socket logs one, and no page can prevent that).
export async function openPage(context, { expected = [] } = {}) {
  const page = await context.newPage()
  if (SLOW > 1) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: SLOW })
  const troubles = []
  const allowed = [...expected]
  page.on('console', message => {
    const text = message.text()
    if (message.type() === 'error' && !allowed.some(pattern => pattern.test(text))) troubles.push(`console: ${text}`)
  })
  page.on('pageerror', error => troubles.push(`exception: ${error.message}`))
  page.on('request', request => {
    const { protocol, hostname } = new URL(request.url())
    if (/^(http|ws)s?:$/.test(protocol) && hostname !== '127.0.0.1') troubles.push(`foreign request: ${request.url()}`)
  })
  await page.exposeFunction('hearthViolation', text => troubles.push(`policy: ${text}`))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event => {
      window.hearthViolation(`${event.violatedDirective} blocked ${event.blockedURI} ${event.sample}`)
    })
  })
  return {
    page,
    allow: pattern => allowed.push(pattern),
    // What happened since the last call, in words; empty when all is well.
    troubles: () => troubles.splice(0)
  }
}

// The window as high as the page, so that nothing is scrolled out of sight or lies under a sticky bar.
async function whole(page, run) {
  const size = page.viewportSize()
  const height = await page.evaluate(() => document.documentElement.scrollHeight)
  await page.setViewportSize({ width: size.width, height: Math.min(Math.max(height, size.height), 6000) })
  try {
    return await run()
  } finally {
    await page.setViewportSize(size)
  }
}

// axe at WCAG 2.2 AA. Returns one line a violation, with the first element it concerns.
export async function axe(page) {
  const { violations } = await whole(page, () => new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze())
  return violations.map(v => `${v.id}: ${v.help} (${v.nodes.length}, first ${v.nodes[0]?.html.slice(0, 160)}: ${v.nodes[0]?.failureSummary?.replace(/\s+/g, ' ').slice(0, 200)})`)
}

// How far the page is wider than its window, in CSS pixels, and the elements that cause it.
export function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const over = document.documentElement.scrollWidth - width
    const sheet = document.querySelector('dialog[open]')
    if (sheet && sheet.scrollWidth > sheet.clientWidth) return [`the sheet is ${sheet.scrollWidth - sheet.clientWidth} px wider than it shows`]
    if (over <= 0) return []
    return [...document.querySelectorAll('body *')]
      .filter(e => e.getBoundingClientRect().right > width + 0.5 && !e.closest('.scroll') && !e.closest('.sr'))
      .slice(0, 3)
      .map(e => `${over} px too wide: <${e.tagName.toLowerCase()} class="${e.getAttribute('class')}">`)
      .concat(`${over} px too wide`)
  })
}

// Waits for a condition on this side, with a deadline; for what page.waitForFunction cannot see.
export async function until(what, condition, deadlineMs = 15000) {
  const end = Date.now() + deadlineMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > end) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

export async function screenshot(page, dir, name) {
  if (!dir) return
  await mkdir(dir, { recursive: true })
  // A capture of the full page scrolls, which would draw the sticky rail in the middle.
  await whole(page, () => page.screenshot({ path: join(dir, `${name}.png`) }))
}

// Judges again and again until it holds, and throws its last word when the deadline is over: what a page draws after
// a push or a click is drawn a moment later, and in pieces. Only for what stays so once it is true.
export async function eventually(judge, deadlineMs = 15000) {
  const end = Date.now() + deadlineMs
  for (;;) {
    try {
      return await judge()
    } catch (error) {
      if (Date.now() > end) throw error
    }
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

// Counts what passed. A failure prints what was expected and what came, and the run goes on.
export function counter() {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  return {
    counts,
    async check(name, run) {
      try {
        await run()
        counts.passed++
      } catch (error) {
        counts.failed++
        console.log(`FAILED ${name}\n       ${String(error?.message ?? error).split('\n').join('\n       ')}`)
      }
    },
    // For a group of checks: what breaks between them is a failure too, and the next group still runs.
    async guard(name, run) {
      try {
        await run()
      } catch (error) {
        counts.failed++
        console.log(`FAILED ${name}: broke off\n       ${String(error?.message ?? error).split('\n').join('\n       ')}`)
      }
    },
    skip(name, why) {
      counts.skipped++
      console.log(`skipped ${name}: ${why}`)
    },
    finish() {
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
      process.exitCode = counts.failed || !counts.passed ? 1 : 0
    }
  }
}

export function expectEqual(got, expected, what) {
  const [a, b] = [JSON.stringify(got), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`)
}

export function expectEmpty(list, what) {
  if (list.length) throw new Error(`${what}: expected none, got ${list.length}:\n${list.join('\n')}`)
}

export function expectWords(text, words, what) {
  const flat = text.replace(/\s+/g, ' ')
  const missing = words.filter(w => (w instanceof RegExp ? !w.test(flat) : !flat.includes(w)))
  if (missing.length) throw new Error(`${what}: expected ${missing.map(String).join(' and ')}, got: ${flat.slice(0, 1500)}`)
}

export function expectNoWords(text, words, what) {
  const flat = text.replace(/\s+/g, ' ')
  const present = words.filter(w => (w instanceof RegExp ? w.test(flat) : flat.includes(w)))
  if (present.length) throw new Error(`${what}: expected not to see ${present.map(String).join(' or ')}, got: ${flat.slice(0, 1500)}`)
}
