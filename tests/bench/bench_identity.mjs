// The other side of `bench identity`: the EAS SDK verifies off-chain attestations when it is asked to.
//
//   node tests/bench/bench_identity.mjs
//
// Prints {"peer", "packages": [text, …]}, and for every line that comes in {"ms"}: what reading and verifying all of them
// took. The smaller of wall clock and CPU time counts, so that neither others on the machine nor the compiler's threads do.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { Wallet, hexlify, id, toUtf8Bytes } from 'ethers'

// What the package has for `import` names members of a CommonJS module that Node does not find; its other half works.
const require = createRequire(import.meta.url)
const sdk = require('@ethereum-attestation-service/eas-sdk')
const file = require.resolve('@ethereum-attestation-service/eas-sdk').replace(/dist\/.*$/, 'package.json')

const COUNT = 16
const WARM_UPS = 40
const contract = { address: '0xA1207F3BBa224E2c9c3c6D5aF63D0eb1582Ce587', version: '0.26', chainId: 1n }
const offchain = new sdk.Offchain(contract, sdk.OffchainAttestationVersion.Version2, {})

async function make(i) {
  const signer = new Wallet(id(`bench ${i}`))
  const sig = await offchain.signOffchainAttestation({
    schema: id('string name,uint8 age'), recipient: new Wallet(id(`recipient ${i}`)).address, time: BigInt(1700000000 + i), expirationTime: 0n,
    revocable: true, refUID: sdk.ZERO_BYTES32, data: hexlify(toUtf8Bytes(`attestation ${i}`.padEnd(128, '.'))), salt: id(`salt ${i}`),
  }, signer)
  return JSON.stringify({ sig, signer: signer.address }, (_, value) => typeof value === 'bigint' ? value.toString() : value)
}

const packages = []
for (let i = 0; i < COUNT; i++) packages.push(await make(i))

function sample() {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  for (const text of packages) {
    const { sig, signer } = JSON.parse(text)
    if (!offchain.verifyOffchainAttestationSignature(signer, sig)) throw new Error('the SDK refuses its own attestation')
  }
  const wall = performance.now() - begun
  const { user, system } = process.cpuUsage(cpu)
  return Math.min(wall, (user + system) / 1000)
}
for (let i = 0; i < WARM_UPS; i++) sample()
console.log(JSON.stringify({ peer: `eas-sdk ${JSON.parse(readFileSync(file, 'utf8')).version}`, packages }))
for await (const _ of createInterface({ input: process.stdin })) console.log(JSON.stringify({ ms: sample() }))
