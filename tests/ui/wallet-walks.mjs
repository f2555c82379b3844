// What a person does with the wallet: makes it, locks and unlocks it, sends, decides, revokes, exports; and what
// must not be possible meanwhile. The signer is a script that opens what the page seals. Used by states.mjs.
import { axe, eventually, expectEmpty, expectEqual, expectNoWords, expectWords, openPage, overflow, screenshot, until } from './browser.mjs'
import { LUMEN, MARA, TX } from './facts.mjs'
import { scriptedWallet } from './scripted-signer.mjs'
import { balances, PREPARED, REQUESTS, rich, SAVINGS, SITE, withWallet } from './wallet.mjs'

const PASSPHRASE = 'correct horse battery é staple'
const main = async page => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
const shows = (page, words) => until(`"${words}" is drawn`, async () => (await main(page)).includes(words))
const sheet = page => page.locator('dialog[open]')
const button = (page, name) => page.getByRole('button', { name, exact: true })
const field = (page, name) => page.getByLabel(name, { exact: true })
// Once the half second of the sheet is over.
const armed = (page, name) => until(`"${name}" can be pressed`, async () => (await button(page, name).getAttribute('aria-disabled')) === 'false')

// Presses a button of the sheet by script, in the moment in which it is drawn and held back: a click from here could
// come after the half second on a slow machine. `without`: something that has to be gone first.
async function pressesAtOnce(page, name, without = 'form[hidden]') {
  await page.evaluate(([words, gone]) => {
    window.wasPressed = false
    const watch = new MutationObserver(() => {
      const found = [...document.querySelectorAll('dialog[open] button')].find(b => b.textContent === words)
      if (window.wasPressed || found?.getAttribute('aria-disabled') !== 'true' || document.querySelector(gone)) return
      window.wasPressed = true
      watch.disconnect()
      found.click()
    })
    watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
  }, [name, without])
  return () => until(`"${name}" was pressed at once`, () => page.evaluate(() => window.wasPressed))
}

async function start({ browser, node }, wallet, route) {
  wallet.install(node)
  node.methods.set('wallet.balances', params => ({ result: balances(params) }))
  node.scene(withWallet(wallet))
  const opened = await openPage(browser.context)
  await opened.page.setViewportSize({ width: 1280, height: 860 })
  await opened.page.goto(`${node.url}/#token=${node.token}`)
  await opened.page.locator('a.trust[data-s="ok"]').waitFor()
  await opened.page.evaluate(to => { location.hash = to }, route)
  return opened
}

// Nothing that was typed or shown as a secret is in what the node was sent, in storage, in the address or in the log.
async function leaksNothing(page, node, secrets) {
  const where = {
    calls: JSON.stringify(node.calls),
    page: await page.evaluate(() => JSON.stringify([location.href, document.title, { ...localStorage }, { ...sessionStorage }, history.state, [...document.querySelectorAll('input')].map(i => i.value)]))
  }
  for (const [place, text] of Object.entries(where)) expectNoWords(text, secrets, place)
}

async function firstRun(all) {
  const { node, results: { check }, screensDir } = all
  const w = scriptedWallet()
  const { page, troubles } = await start(all, w, '#/wallet')
  await shows(page, 'Begin your wallet')
  await check('create: a short passphrase and two that differ are refused before anything is asked', async () => {
    await field(page, 'Passphrase').fill('short')
    await shows(page, 'Too short: at least 8 characters.')
    await field(page, 'Passphrase, again').fill('short')
    await button(page, 'Make the keys and show the words').click()
    await shows(page, 'A passphrase has at least 8 characters.')
    await field(page, 'Passphrase').fill(PASSPHRASE)
    await field(page, 'Passphrase, again').fill(PASSPHRASE + 'x')
    await button(page, 'Make the keys and show the words').click()
    await shows(page, 'The two passphrases differ.')
    expectEqual(node.calls.filter(c => c.method.startsWith('wallet.')).length, 0, 'wallet calls')
  })
  await check('create: fields for secrets are of type password and kept by no browser, shown or not', async () => {
    await page.getByRole('button', { name: 'Show Passphrase', exact: true }).click()
    await shows(page, PASSPHRASE)
    for (const input of await page.locator('main form input').all()) {
      expectEqual([await input.getAttribute('type'), await input.getAttribute('spellcheck'), await input.getAttribute('autocapitalize')], ['password', 'false', 'off'], 'the field')
      expectWords(await input.getAttribute('autocomplete'), [/^(new-password|one-time-code)$/], 'autocomplete')
    }
    await page.getByRole('button', { name: 'Hide Passphrase', exact: true }).click()
  })
  let words = []
  await check('keyboard: create makes the keys and shows 24 numbered words', async () => {
    await page.getByLabel('How many words').selectOption('24')
    await field(page, 'Passphrase, again').fill(PASSPHRASE)
    await field(page, 'Passphrase, again').press('Enter')
    await shows(page, 'Write these words down')
    words = (await page.locator('.words b').allInnerTexts())
    expectEqual(words.join(' '), w.secrets['seed-1'], 'the words')
    expectEqual(w.opened[0], ['create', [PASSPHRASE]], 'what the signer opened')
    await until('focus', () => page.evaluate(() => document.activeElement.id === 'backup-h'))
    await screenshot(page, screensDir, 'walk-words-1280')
    expectEmpty(await axe(page), 'violations')
    await page.setViewportSize({ width: 320, height: 640 })
    expectEmpty(await overflow(page), 'overflow')
    await screenshot(page, screensDir, 'walk-words-320')
    await page.setViewportSize({ width: 1280, height: 860 })
  })
  const asked = async () => (await page.locator('form label').allInnerTexts()).filter(t => /^Word \d+$/.test(t))
  await check('backup: a wrong word is found, three right ones end it', async () => {
    await button(page, 'I wrote them down').click()
    const labels = await eventually(async () => {
      expectEqual((await asked()).length, 3, 'words asked for')
      return asked()
    })
    for (const label of labels) await field(page, label).fill('zoo')
    await button(page, 'Check').click()
    await shows(page, 'is another. Look at your paper again.')
    expectEqual(node.calls.some(c => c.method === 'wallet.check_backup'), false, 'a call before they are right')
    for (const label of labels) await field(page, label).fill(words[Number(label.slice(5)) - 1])
    await button(page, 'Check').click()
    await shows(page, 'Unlocked.')
    expectEqual(w.opened.at(-1), ['check_seed', [w.secrets['seed-1']]], 'what the signer opened')
    await until('the name', async () => (await page.locator('h1').innerText()) === 'Account 1')
  })
  await check('create: passphrase and words are nowhere but in sealed fields', async () => leaksNothing(page, node, [PASSPHRASE, w.secrets['seed-1'].slice(0, 30), 'correct horse']))
  await check('create: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function restoring(all) {
  const { node, results: { check } } = all
  const w = scriptedWallet()
  const { page, troubles } = await start(all, w, '#/wallet')
  await check('restore: words in any spacing and case, with a passphrase of their own', async () => {
    await page.getByText('Restore from words').click()
    await field(page, 'The words, in order').fill('  Maple river\tQUIET   silver lantern harbour timber umbrella velvet walnut yellow zebra ')
    await shows(page, '12 typed.')
    await page.getByText('These words have a passphrase of their own').click()
    await field(page, 'Passphrase of the words').fill('thirteenth')
    await field(page, 'Passphrase').fill(PASSPHRASE)
    await field(page, 'Passphrase, again').fill(PASSPHRASE)
    await button(page, 'Restore').click()
    await shows(page, 'Unlocked.')
    expectEqual(w.imported, { kind: 'mnemonic', secret: 'maple river quiet silver lantern harbour timber umbrella velvet walnut yellow zebra', password: 'thirteenth' }, 'what was imported')
  })
  await check('restore: nothing of it is anywhere', async () => leaksNothing(page, node, [PASSPHRASE, 'maple river', 'Maple', 'thirteenth']))
  await check('restore: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function locking(all) {
  const { node, results: { check } } = all
  const w = rich({ vault: 'locked', passphrase: PASSPHRASE })
  const { page, troubles } = await start(all, w, '#/wallet')
  await shows(page, 'Locked: you can look, not sign.')
  await check('keyboard: a wrong passphrase is told, empties the field and changes nothing', async () => {
    await field(page, 'Passphrase').fill('not the passphrase')
    await field(page, 'Passphrase').press('Enter')
    await shows(page, 'That is not the passphrase. Nothing was changed.')
    await shows(page, 'Code wrong_passphrase')
    expectEqual(await field(page, 'Passphrase').inputValue(), '', 'the field')
  })
  await check('keyboard: the right one unlocks, and the bar says so', async () => {
    await field(page, 'Passphrase').fill(PASSPHRASE)
    await field(page, 'Passphrase').press('Enter')
    await shows(page, 'See what it costs')
    await eventually(async () => expectEqual(await page.locator('a.who').getAttribute('aria-label'), 'Mara, daily, unlocked', 'the bar'))
  })
  await check('lock now locks', async () => {
    await page.evaluate(() => { location.hash = '#/settings' })
    await button(page, 'Lock now').click()
    await until('the bar', async () => (await page.locator('a.who').getAttribute('aria-label')) === 'Mara, daily, locked')
    await leaksNothing(page, node, [PASSPHRASE, 'not the passphrase'])
  })
  await check('locking: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function sending(all) {
  const { node, results: { check } } = all
  const w = rich()
  const { page, troubles } = await start(all, w, '#/wallet')
  node.methods.set('wallet.prepare', ({ value }) => ({ result: PREPARED(BigInt(value)) }))
  node.methods.set('wallet.send', () => ({
    later: new Promise(resolve => w.enqueue(REQUESTS.transfer(), yes => resolve(yes ? { result: { hash: TX } } : { error: { code: -32000, message: 'rejected', data: { code: 'rejected' } } })))
  }))
  await shows(page, 'See what it costs')
  const type = async (to, amount) => {
    await field(page, 'To').fill(to)
    await field(page, 'Amount').fill(amount)
  }
  await check('send: what is no address and no amount is told before the node is asked', async () => {
    await type('mara.eth', '1')
    await button(page, 'See what it costs').click()
    await shows(page, 'An address is 0x and 40 digits.')
    await type(LUMEN, '1.0000000000000000001')
    await button(page, 'See what it costs').click()
    await shows(page, 'An amount is a number like 0.25')
    expectEqual(node.calls.some(c => c.method === 'wallet.prepare'), false, 'a call')
  })
  await check('send: the cost stands before anything is signed', async () => {
    await type(LUMEN, '0.25')
    await button(page, 'See what it costs').click()
    await shows(page, 'Fee, at most 0.00007 ETH Leaves, at most 0.25007 ETH')
    await eventually(async () => expectEqual(node.calls.find(c => c.method === 'wallet.prepare').params, { from: MARA, to: LUMEN, value: '0x3782dace9d90000' }, 'the call'))
  })
  await check('keyboard: a second Enter, at once, opens the sheet and does not approve it', async () => {
    await button(page, 'Review and sign').focus()
    const wasPressed = await pressesAtOnce(page, 'Sign and send')
    await page.keyboard.press('Enter')
    await sheet(page).waitFor()
    for (let i = 0; i < 3; i++) await page.keyboard.press('Enter')
    await wasPressed()
    expectEqual(await page.evaluate(() => document.activeElement.closest('dialog') !== null), true, 'focus inside of the sheet')
    expectEqual(w.decisions, [], 'decisions')
  })
  await check('keyboard: Escape closes the sheet and decides nothing; it waits in the bell', async () => {
    await page.keyboard.press('Escape')
    await until('closed', async () => (await sheet(page).count()) === 0)
    expectEqual(w.decisions, [], 'decisions')
    await page.getByRole('button', { name: '1 thing needs you' }).click()
    await page.getByRole('button', { name: /Send 0.25 ETH/ }).click()
    await sheet(page).waitFor()
  })
  await check('approving takes the half second, names the hash that was shown, and sends', async () => {
    await armed(page, 'Sign and send')
    await button(page, 'Sign and send').click()
    await until('decided', async () => w.decisions.length === 1)
    expectEqual(w.decisions[0].approve, true, 'approved')
    await shows(page, 'Sent: ')
    await until('closed', async () => (await sheet(page).count()) === 0)
  })
  await check('reject: nothing is sent, and the form says so', async () => {
    await type(LUMEN, '1')
    await button(page, 'See what it costs').click()
    await button(page, 'Review and sign').click()
    await sheet(page).waitFor()
    await button(page, 'Reject').click()
    await shows(page, 'You rejected it. Nothing was signed and nothing was sent.')
    expectEqual(w.decisions.at(-1).approve, false, 'the decision')
  })
  await check('send: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function deciding(all) {
  const { node, results: { check } } = all
  const w = rich()
  const { page, troubles } = await start(all, w, '#/permissions')
  await shows(page, 'Who may ask')
  await check('a request of a page opens by itself, and a change of it starts the half second anew', async () => {
    const item = w.enqueue(REQUESTS.permission({ origin: 'https://new.example' }))
    await sheet(page).waitFor()
    await armed(page, 'Allow')
    const wasPressed = await pressesAtOnce(page, 'Allow')
    item.payload_hash = '0x' + '99'.repeat(32)
    w.tell()
    await wasPressed()
    expectEqual(w.decisions, [], 'decisions')
    await armed(page, 'Allow')
    await sheet(page).getByLabel('Savings').check()
    await button(page, 'Allow').click()
    await until('decided', async () => w.decisions.at(-1)?.payload_hash === item.payload_hash)
    await eventually(async () => expectEqual(node.calls.filter(c => c.method === 'wallet.decide').at(-1).params.accounts, [MARA, SAVINGS], 'the accounts allowed'))
    await until('closed', async () => (await sheet(page).count()) === 0)
  })
  await check('it does not open over a field in which somebody types, but when that is left', async () => {
    await page.locator('.find input').focus()
    w.enqueue(REQUESTS.typed())
    await page.getByRole('button', { name: '1 thing needs you' }).waitFor()
    expectEqual(await sheet(page).count(), 0, 'sheets')
    await page.locator('.find input').blur()
    await sheet(page).waitFor()
    await button(page, 'Reject').click()
    await until('closed', async () => (await sheet(page).count()) === 0)
  })
  await check('danger: approving needs the box that names the risk, and each change empties it', async () => {
    const item = w.enqueue(REQUESTS.danger())
    await sheet(page).waitFor()
    const go = button(page, 'Sign in spite of this')
    await go.click({ force: true })
    expectEqual(w.decisions.length, 2, 'decisions')
    const box = page.getByLabel('I understand the risk: This contract could take everything, at any time')
    await box.check()
    await armed(page, 'Sign in spite of this')
    await box.uncheck()
    await until('closed without the box', async () => (await go.getAttribute('aria-disabled')) === 'true')
    await go.click({ force: true })
    expectEqual(w.decisions.length, 2, 'decisions without the box')
    await box.check()
    item.raw += '00'
    w.tell()
    await until('emptied', async () => !(await box.isChecked()))
    await page.keyboard.press('Enter')
    expectEqual(w.decisions.length, 2, 'decisions after Enter')
    await box.check()
    await armed(page, 'Sign in spite of this')
    await go.click()
    await until('decided', async () => w.decisions.length === 3)
  })
  await check('approving twice is refused, in words', async () => {
    await until('closed', async () => (await sheet(page).count()) === 0)
    const item = w.enqueue(REQUESTS.typed())
    await sheet(page).waitFor()
    await armed(page, 'Sign')
    w.decisions.push({ id: item.id }) // in another window
    await button(page, 'Sign').click()
    await until('told', async () => (await sheet(page).innerText()).includes('This request was decided already. Nothing was signed a second time.'))
    w.queue = []
    w.tell()
    await until('closed', async () => (await sheet(page).count()) === 0)
  })
  await check('what the node made anew is not decided: it stands there again, and that is said', async () => {
    const item = w.enqueue(REQUESTS.transfer())
    await sheet(page).waitFor()
    await armed(page, 'Sign and send')
    const before = w.decisions.length
    node.methods.set('wallet.decide', () => {
      item.payload_hash = '0x' + '55'.repeat(32)
      w.tell()
      return { result: { state: 'waiting', payload_hash: item.payload_hash } }
    })
    const wasPressed = await pressesAtOnce(page, 'Sign and send')
    await button(page, 'Sign and send').click()
    await wasPressed()
    await until('said', async () => (await page.locator('p[role=status]').last().textContent()).startsWith('Nothing was signed: the transaction had to be made anew.'))
    expectEqual(w.decisions.length, before, 'decisions')
    expectEqual(await sheet(page).count(), 1, 'sheets')
    w.install(node)
    node.methods.set('wallet.balances', params => ({ result: balances(params) }))
    w.queue = []
    w.tell()
    await until('closed', async () => (await sheet(page).count()) === 0)
  })
  await check('what is gone closes its sheet, and that is said', async () => {
    w.enqueue(REQUESTS.typed())
    await sheet(page).waitFor()
    w.queue = []
    w.tell()
    await until('said', async () => (await page.locator('p[role=status]').last().textContent()) === 'The request ended before you decided. Nothing was signed.')
  })
  await check('a locked vault asks for the passphrase in the sheet', async () => {
    w.vault = 'locked'
    w.enqueue(REQUESTS.typed())
    await sheet(page).waitFor()
    const before = w.decisions.length
    // Longer open than a decision is held back: coming by the passphrase, it is held back anew.
    const opened = Date.now()
    await until('it has been open for a while', () => Date.now() - opened > 700)
    const wasPressed = await pressesAtOnce(page, 'Sign')
    await field(page, 'Passphrase').fill(w.passphrase)
    await button(page, 'Unlock to decide').click()
    await wasPressed()
    expectEqual(w.decisions.length, before, 'decisions')
    await page.keyboard.press('Escape')
    w.queue = []
    w.tell()
  })
  await check('revoke takes one, revoke all the rest', async () => {
    await page.getByRole('button', { name: `Revoke ${SITE}` }).click()
    await until('one left', async () => !(await main(page)).includes(`Revoke ${SITE}`))
    await eventually(async () => expectEqual(node.calls.find(c => c.method === 'wallet.revoke').params, { origin: SITE }, 'the call'))
    w.permissions = rich().permissions
    w.tell()
    await button(page, 'Revoke all 2').click()
    await shows(page, 'Nobody may ask you for anything')
  })
  await check('deciding: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

// The fee in the sheet: what is typed is told in full before it is asked for, and the decision is armed anew.
async function changingFee(all) {
  const { node, results: { check }, screensDir } = all
  const w = rich()
  const { page, troubles } = await start(all, w, '#/wallet')
  await shows(page, 'See what it costs')
  const inSheet = async () => (await sheet(page).innerText()).replace(/\s+/g, ' ')
  const says = words => eventually(async () => expectWords(await inSheet(), words, 'the sheet'))
  const fill = async (maxFee, tip, gas) => {
    await field(page, 'Highest fee').fill(maxFee)
    await field(page, 'Highest tip').fill(tip)
    await field(page, 'Gas limit').fill(gas)
  }
  const isClosed = async () => (await button(page, 'Sign and send').getAttribute('aria-disabled')) === 'true'
  const item = w.enqueue(REQUESTS.transfer())
  const first = item.payload_hash
  await sheet(page).waitFor()
  await check('fee: it opens with the numbers of what would be signed, and holds the decision back', async () => {
    await button(page, 'Change fee').click()
    expectEqual(await field(page, 'Highest fee').inputValue(), '3.333333333', 'the fee')
    expectEqual(await field(page, 'Highest tip').inputValue(), '1', 'the tip')
    expectEqual(await field(page, 'Gas limit').inputValue(), '21000', 'the gas')
    await until('closed while it is being changed', isClosed)
    await button(page, 'Sign and send').click({ force: true })
    expectEqual(w.decisions, [], 'decisions')
  })
  await check('fee: the highest cost follows what is typed', async () => {
    await fill('10', '2', '30000')
    await says(['Fee, at most 0.0003 ETH', 'Leaves, at most 0.2503 ETH'])
    await fill('10', '2', '')
    await says(['Fee, at most not known'])
    await page.setViewportSize({ width: 320, height: 640 })
    expectEmpty(await overflow(page), 'overflow')
    await screenshot(page, screensDir, 'walk-fee-320')
    await page.setViewportSize({ width: 1280, height: 860 })
  })
  await check('fee: what is no number, and a tip above the fee, are told before the node is asked', async () => {
    await fill('ten', '2', '30000')
    await button(page, 'Apply').click()
    await says(['Fees are numbers like 1.5'])
    await fill('10', '2', '30000.5')
    await button(page, 'Apply').click()
    await says(['Gas is a whole number.'])
    await fill('1', '2', '30000')
    await button(page, 'Apply').click()
    await says(['The tip is part of the fee and cannot be above it.'])
    expectEqual(node.calls.some(c => c.method === 'wallet.amend'), false, 'a call')
  })
  for (const [code, typed, words] of [['fee_too_low', ['0.1', '0.1', '30000'], 'below what the next block asks'], ['gas_too_low', ['10', '2', '20999'], 'cannot be enough']]) {
    await check(`fee: ${code} is told in words, and nothing has changed`, async () => {
      await fill(...typed)
      await button(page, 'Apply').click()
      await says([words, `Code ${code}`])
      expectEqual(item.payload_hash, first, 'the hash')
    })
  }
  await check('keyboard: applied, the sheet shows the new numbers and the half second begins anew', async () => {
    await fill('10', '2', '30000')
    const wasPressed = await pressesAtOnce(page, 'Sign and send', 'form[aria-label="Change fee"]')
    await field(page, 'Gas limit').press('Enter')
    await wasPressed()
    expectEqual(w.decisions, [], 'decisions at once')
    await says(['at most 300000000000000 wei'])
    await eventually(async () => expectEqual(node.calls.filter(c => c.method === 'wallet.amend').at(-1).params, { id: item.id, payload_hash: first, max_fee_per_gas: '10000000000', max_priority_fee_per_gas: '2000000000', gas_limit: '30000' }, 'the call'))
    await until('focus', () => page.evaluate(() => document.activeElement.textContent === 'Change fee'))
  })
  await check('fee: a request that changed meanwhile is not overwritten', async () => {
    await button(page, 'Change fee').click()
    expectEqual(await field(page, 'Highest fee').inputValue(), '10', 'the fee')
    item.payload_hash = '0x' + '77'.repeat(32)
    w.tell()
    await until('the new hash', async () => (await sheet(page).locator('code').first().textContent()) === item.payload_hash)
    await fill('11', '2', '30000')
    await button(page, 'Apply').click()
    await says(['This request has changed since you opened its fee.', 'Code payload_changed'])
  })
  await check('fee: one that does not wait any more is not changed', async () => {
    node.methods.set('wallet.amend', () => ({ error: { code: -32000, message: 'it is being signed', data: { code: 'not_waiting' } } }))
    await button(page, 'Apply').click()
    await says(['This request does not wait any more', 'Code not_waiting'])
    await button(page, 'Keep the fee').click()
  })
  await check('fee: what was shown last is what is decided', async () => {
    await armed(page, 'Sign and send')
    await button(page, 'Sign and send').click()
    await until('decided', async () => w.decisions.length === 1)
    expectEqual(w.decisions[0].payload_hash, item.payload_hash, 'the hash')
  })
  await check('fee: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function exporting(all) {
  const { node, results: { check } } = all
  const w = rich({ passphrase: PASSPHRASE })
  const { page, troubles } = await start(all, w, '#/settings')
  await shows(page, 'Accounts and keys')
  await check('export: each key in each of its formats, only with the passphrase', async () => {
    const tries = [['Mara, daily', 'keystore', 'file password', 'keystore of 1 under file password'], ['Savings', 'raw', null, 'raw of 2'], ['Seed', 'mnemonic', null, 'harbour'], ['Feed key', 'nip49', 'file password', 'nip49 of nostr-1 under file password'], ['Feed key', 'nsec', null, 'nsec of nostr-1']]
    for (const [name, format, password, expected] of tries) {
      await page.getByRole('button', { name: `Export ${name}`, exact: true }).click()
      await page.getByLabel('As', { exact: true }).selectOption(format)
      await field(page, 'Your passphrase').fill(PASSPHRASE)
      if (password) await field(page, 'Password of the file').fill(password)
      await button(page, 'Show it').click()
      await shows(page, expected)
      await button(page, 'Close it').click()
      await eventually(async () => expectNoWords(await main(page), [expected], 'after closing'))
    }
  })
  await check('export: without the passphrase nothing leaves', async () => {
    await page.getByRole('button', { name: 'Export Seed', exact: true }).click()
    await field(page, 'Your passphrase').fill('wrong one here')
    await button(page, 'Show it').click()
    await shows(page, 'That is not the passphrase.')
    expectNoWords(await main(page), ['harbour'], 'the page')
  })
  await check('export: nothing of it is anywhere', async () => leaksNothing(page, node, [PASSPHRASE, 'harbour lantern', 'file password', 'wrong one here']))
  await check('change of passphrase and of the time until it locks itself', async () => {
    await button(page, 'Change the passphrase').click()
    await field(page, 'Passphrase now').fill(PASSPHRASE)
    await field(page, 'New passphrase').fill('another long passphrase')
    await field(page, 'New passphrase, again').fill('another long passphrase')
    await button(page, 'Change it').click()
    await until('changed', async () => w.passphrase === 'another long passphrase')
    await page.getByLabel('Locks itself after').selectOption('300000')
    await until('set', async () => w.autoLock === 300_000)
  })
  await check('import and watch: a keystore with its password, an address', async () => {
    await page.getByText('A key from elsewhere').click()
    await page.getByLabel('What', { exact: true }).selectOption('keystore')
    await field(page, 'Keystore file').fill('{"version":3}')
    await field(page, 'Its password').fill('file password')
    await button(page, 'Import').click()
    await until('imported', async () => w.imported?.kind === 'keystore')
    expectEqual(w.imported, { kind: 'keystore', secret: '{"version":3}', password: 'file password' }, 'the import')
  })
  await check('exporting: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

export const WALLET_WALKS = [firstRun, restoring, locking, sending, deciding, changingFee, exporting]
