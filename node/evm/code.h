/* Code made ready to run: padded, so that reading past its end is STOP and zero bytes, with a
 * bitmap of the places a jump may go to (Yellow Paper 9.4.3).
 *
 * Analysed codes are counted references, immutable, and may be shared between threads. A cache
 * keeps the ones used last by their hash, so that a warm call analyses nothing. */
#ifndef HT_EVM_CODE_H
#define HT_EVM_CODE_H

#include "node/base/bytes.h"

#define HT_EVM_CODE_PAD 33U        /* PUSH32's operand and a STOP */
#define HT_EVM_CODE_CACHE 8388608U /* bytes that the cache keeps at most */

struct ht_evm_code {
    size_t n;                  /* bytes of code, without padding */
    const uint8_t *bytes;      /* n + HT_EVM_CODE_PAD */
    const uint64_t *jumpdests; /* bit i % 64 of word i / 64: JUMPDEST and no operand */
    ht_hash32 hash;
    struct ht_evm_code_refs *refs; /* the file's own */
};

/* Copies and analyses. Linear in n. The hash is only noted: NULL, noted as zeros, for code that is
 * run once. HT_ENOMEM. */
enum ht_err ht_evm_code_new(const struct ht_evm_code **out, const ht_hash32 *hash,
                            ht_bytes code) HT_MUST_USE;
const struct ht_evm_code *ht_evm_code_hold(const struct ht_evm_code *code);
void ht_evm_code_release(const struct ht_evm_code *code); /* NULL is fine */

static inline bool ht_evm_code_is_jumpdest(const struct ht_evm_code *code, uint64_t at) {
    return at < code->n && (code->jumpdests[at / 64] >> (at % 64) & 1) != 0;
}

/* The target when the code is a delegation indicator, 0xef0100 and an address (EIP-7702). */
bool ht_evm_code_delegate(ht_addr20 *out, ht_bytes code);

/* The code of a hash, out of the program's cache (HT_EVM_CODE_CACHE, least recently used goes
 * first) or analysed now and kept. A reference of the caller's. Any thread. Code that does not have
 * that hash (a source that guesses answered it) is analysed for the caller alone. HT_ENOMEM. */
enum ht_err ht_evm_code_cached(const struct ht_evm_code **out, const ht_hash32 *hash,
                               ht_bytes code) HT_MUST_USE;

#endif
