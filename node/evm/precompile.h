/* The contracts that are part of the protocol: 0x01 … 0x11 and 0x100.
 *
 * 0x01 ECRECOVER, 02 SHA256, 03 RIPEMD160, 04 IDENTITY (Yellow Paper appendix E), 05 MODEXP
 * (EIP-198, 2565, 7823, 7883), 06 BN254_ADD, 07 BN254_MUL, 08 BN254_PAIRING (EIP-196, 197, 1108),
 * 09 BLAKE2F (EIP-152), 0a POINT_EVALUATION (EIP-4844), 0b … 11 BLS12-381 (EIP-2537), 0x100
 * P256VERIFY (EIP-7951). Pure but for the output's memory; any thread. */
#ifndef HT_EVM_PRECOMPILE_H
#define HT_EVM_PRECOMPILE_H

#include "node/evm/rules.h"

/* The number of the precompile at an address under these rules; 0 when there is none. */
unsigned ht_precompile_at(const struct ht_evm_rules *rules, const ht_addr20 *address);

/* The gas that it takes for this input; UINT64_MAX for input that is refused at any price. Does no
 * work that the gas has not paid for. number: of ht_precompile_at, not 0. */
uint64_t ht_precompile_gas(const struct ht_evm_rules *rules, unsigned number, ht_bytes input);

/* Runs it; the gas has been paid. Replaces what `output` holds; the input must not be its bytes.
 * HT_EINPUT "precompile_input": the call fails and burns its gas (P256VERIFY and ECRECOVER answer
 * nothing instead, with HT_OK). HT_ELIMIT or HT_ENOMEM "precompile_output", "precompile_memory",
 * "precompile_operand": it could not be carried through, whatever the gas; a maximum of 1 MiB in
 * `output` is enough for each but IDENTITY, which gives back its input. */
enum ht_err ht_precompile_run(struct ht_buf *output, const struct ht_evm_rules *rules,
                              unsigned number, ht_bytes input, struct ht_why *why) HT_MUST_USE;

#endif
