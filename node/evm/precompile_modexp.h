/* MODEXP, 0x05: base to the power of exponent modulo modulus, of any length (EIP-198). The input is
 * three lengths of 32 bytes and the three numbers; what it lacks is zeros. Any thread. */
#ifndef HT_EVM_PRECOMPILE_MODEXP_H
#define HT_EVM_PRECOMPILE_MODEXP_H

#include "node/evm/rules.h"

/* Gas by the rules' formula (EIP-2565 or EIP-7883), exact for every declared length; UINT64_MAX
 * when it is that or more, or a length is above the rules' bound (EIP-7823). */
uint64_t ht_precompile_modexp_gas(const struct ht_evm_rules *rules, ht_bytes input);

/* Replaces what `output` holds by as many bytes as the modulus has. Asks nothing about gas.
 * HT_ELIMIT "precompile_operand" for a base or modulus above 1 MiB or an exponent above 16 MiB,
 * which no block's gas pays for; HT_ELIMIT or HT_ENOMEM "precompile_output". */
enum ht_err ht_precompile_modexp(struct ht_buf *output, ht_bytes input,
                                 struct ht_why *why) HT_MUST_USE;

#endif
