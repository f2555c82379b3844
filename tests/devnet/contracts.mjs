// The contracts of identities on a devnet: EAS 1.4.0 with its schema registry, and the DID registry (ERC-1056), from
// their publishers' own packages of npm, byte for byte.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const MODULES = join(dirname(fileURLToPath(import.meta.url)), '../node_modules');
const REQUIRED = createRequire(import.meta.url);
const EAS_VERSION = '1.4.0';
/** Of an account that no test uses, so that none finds a nonce or a balance of its own changed. */
const DEPLOYER_KEY = `0x${'de'.repeat(32)}`;
const GAS = 10_000_000n;
const GWEI = 1_000_000_000n;

function artifact(name, file) {
  return JSON.parse(readFileSync(join(MODULES, name, 'artifacts/contracts', `${file}.sol`, `${file}.json`), 'utf8'));
}

/** {abi, bytecode} of each. */
export const artifacts = () => ({
  eas: artifact('@ethereum-attestation-service/eas-contracts', 'EAS'),
  schemaRegistry: artifact('@ethereum-attestation-service/eas-contracts', 'SchemaRegistry'),
  didRegistry: artifact('ethr-did-registry', 'EthereumDIDRegistry'),
});

const word = (address) => address.slice(2).toLowerCase().padStart(64, '0');

/**
 * Puts the transactions that make them into anvil's next block, and says where they will be: the network file's
 * "contracts". An address follows from the sender and its nonce, so nothing has to be mined for that.
 */
export async function deployContracts(anvil, chainId) {
  const {Wallet, getCreateAddress} = REQUIRED('ethers');
  const {eas, schemaRegistry, didRegistry} = artifacts();
  const deployer = new Wallet(DEPLOYER_KEY);
  const at = (nonce) => getCreateAddress({from: deployer.address, nonce}).toLowerCase();
  const codes = [schemaRegistry.bytecode, eas.bytecode + word(at(0)), didRegistry.bytecode];
  await anvil.rpc('anvil_setBalance', [deployer.address, '0xde0b6b3a7640000']);
  for (const [nonce, data] of codes.entries()) {
    const raw = await deployer.signTransaction({chainId, nonce, data, gasLimit: GAS, type: 2, value: 0n,
      maxFeePerGas: 10n * GWEI, maxPriorityFeePerGas: GWEI});
    await anvil.rpc('eth_sendRawTransaction', [raw]);
  }
  return {schema_registry: at(0), eas: at(1), eas_version: EAS_VERSION, did_registry: at(2)};
}
