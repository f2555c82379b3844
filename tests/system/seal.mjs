// Sealing to the signer process as the owner's page does it, in few words: HPKE (RFC 9180) over node:crypto. All bytes
// are hex with 0x.
import { makePair, openSealed, sealTo } from '../ui/scripted-signer.mjs'

const hex = text => `0x${text.replace(/^0x/, '')}`

// Parts sealed to the signer's key for one request, "unlock".
export const seal = (signerKey, request, ...parts) => hex(sealTo(hex(signerKey), request, ...parts))

// The aad of a request whose reply is sealed to a key: nobody on the way can put in another.
export const boundTo = (request, key) => Buffer.concat([Buffer.from(request), Buffer.from(key.slice(2), 'hex')])

// A key pair for one answer: .key goes along with the request, .open(sealed, request) gives the parts.
export function replyKey() {
  const pair = makePair()
  return { key: hex(pair.getPublicKey('hex')), open: (sealed, request) => openSealed(pair, request, hex(sealed)) }
}
