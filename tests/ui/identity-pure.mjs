// The form that is made from a schema: what each type takes, and what it refuses. Used by pure.mjs.
import { expectEqual } from './browser.mjs'
import { load } from './seal.mjs'

const MAX = String(2n ** 256n - 1n)
const FITS = [
  ['bool', 'yes', true], ['bool', ' FALSE ', false], ['string', ' as it is\n', ' as it is\n'], ['string', '', ''], ['uint8', '255', '255'], ['uint8', '007', '7'], ['uint', MAX, MAX], ['int8', '-128', '-128'],
  ['int256', `-${2n ** 255n}`, `-${2n ** 255n}`], ['address', `0x${'aB'.repeat(20)}`, `0x${'aB'.repeat(20)}`], ['bytes', '0x', '0x'], ['bytes4', '0x0a0b0c0d', '0x0a0b0c0d'], ['ipfsHash', `0x${'11'.repeat(32)}`, `0x${'11'.repeat(32)}`],
  ['uint16[]', '1\n\n 2 \n', ['1', '2']], ['string[]', 'a\nb', ['a', 'b']], ['bool[2]', 'yes\nno', [true, false]], ['uint8[][]', '[["1"],[]]', [['1'], []]], ['string[]', '', []]
]
const MISFITS = [
  ['bool', ''], ['bool', '1'], ['uint8', '256'], ['uint8', '-1'], ['uint8', '1.5'], ['uint8', '1e2'], ['uint8', ''], ['uint8', '0x1'], ['int8', '128'], ['int8', '-129'], ['uint256', String(2n ** 256n)], ['uint256', '9'.repeat(79)], ['address', '0x12'],
  ['address', 'name.eth'], ['bytes', '12'], ['bytes', '0x1'], ['bytes4', '0x0a0b0c'], ['bytes32', '0x'], ['uint8[]', '1\n300'], ['bool[2]', 'yes'], ['uint8[][]', 'no'], ['(string,uint8)[]', '{']
]

export async function forms({ check }) {
  const { hintOf, kindOf, Unfit, valueOf } = await load('schema')
  const of = type => ({ type, parts: [] })
  for (const [type, typed, value] of FITS) await check(`form: ${type} takes ${JSON.stringify(typed).slice(0, 30)}`, async () => expectEqual(valueOf(of(type), typed), value, type))
  for (const [type, typed] of MISFITS) {
    await check(`form: ${type} refuses ${JSON.stringify(typed).slice(0, 30)} in words`, async () => {
      try {
        valueOf(of(type), typed)
      } catch (error) {
        expectEqual([error instanceof Unfit, error.message.length > 5], [true, true], 'the refusal')
        return
      }
      throw new Error('it was taken')
    })
  }
  await check('form: a tuple has fields of its own, a list of tuples is written as JSON', async () => {
    const parts = [{ name: 'a', type: 'string', parts: [] }]
    expectEqual([kindOf({ type: '(string)', parts }), kindOf({ type: '(string)[]', parts }), kindOf({ type: 'uint8[3]', parts: [] })], ['tuple', 'json', 'list'], 'kinds')
  })
  await check('form: what a field takes is said with its bounds', async () => {
    expectEqual([hintOf('uint8'), hintOf('int8'), hintOf('bytes4'), hintOf('uint256')], ['A whole number from 0 to 255.', 'A whole number from -128 to 127.', '0x and 8 hexadecimal digits.', 'A whole number, of at most 78 digits.'], 'hints')
  })
}
