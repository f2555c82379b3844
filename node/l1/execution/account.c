/* What the values in state and storage tries mean, and the keys they are under. */
#include "node/l1/execution/account.h"

#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/trie.h"

const ht_hash32 ht_account_empty_code_hash = {
    {0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d,
     0xb2, 0xdc, 0xc7, 0x03, 0xc0, 0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82,
     0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70},
};

void ht_account_init_empty(struct ht_account *out) {
    *out = (struct ht_account){.storage_root = ht_trie_empty_root,
                               .code_hash = ht_account_empty_code_hash};
}

enum ht_err ht_account_decode(struct ht_account *out, ht_bytes rlp, struct ht_why *why) {
    struct ht_account account = {.nonce = 0};
    struct ht_why cause = {.code = "", .text = ""};
    ht_bytes fields = {0};
    enum ht_err err = ht_rlp_read_list(&fields, &rlp, &cause);
    if (err == HT_OK) err = ht_rlp_end(rlp, &cause);
    if (err == HT_OK) err = ht_rlp_read_u64(&account.nonce, &fields, &cause);
    if (err == HT_OK) err = ht_rlp_read_u256(account.balance, &fields, &cause);
    if (err == HT_OK) err = ht_rlp_read_hash32(&account.storage_root, &fields, &cause);
    if (err == HT_OK) err = ht_rlp_read_hash32(&account.code_hash, &fields, &cause);
    if (err == HT_OK) err = ht_rlp_end(fields, &cause);
    if (err != HT_OK) {
        return ht_fail(why, HT_EINPUT, "account_malformed", "an account: %s", cause.text);
    }
    *out = account;
    return HT_OK;
}

/* An integer big-endian as an RLP string; returns the bytes written. */
static size_t put_uint(uint8_t *out, const uint8_t *big_endian, size_t n) {
    while (n > 0 && *big_endian == 0) {
        big_endian++;
        n--;
    }
    size_t at = n == 1 && *big_endian < 0x80 ? 0 : ht_rlp_header(out, false, n);
    memcpy(out + at, big_endian, n);
    return at + n;
}

size_t ht_account_encode(uint8_t out[static HT_ACCOUNT_RLP_MAX], const struct ht_account *account) {
    uint8_t fields[HT_ACCOUNT_RLP_MAX + HT_RLP_HEADER_MAX];
    uint8_t nonce[8];
    for (size_t i = 0; i < sizeof nonce; i++) nonce[7 - i] = (uint8_t)(account->nonce >> (8 * i));
    size_t n = put_uint(fields, nonce, sizeof nonce);
    n += put_uint(fields + n, account->balance, sizeof account->balance);
    const ht_hash32 *hashes[] = {&account->storage_root, &account->code_hash};
    for (size_t i = 0; i < 2; i++) {
        n += ht_rlp_header(fields + n, false, sizeof hashes[i]->b);
        memcpy(fields + n, hashes[i]->b, sizeof hashes[i]->b);
        n += sizeof hashes[i]->b;
    }
    uint8_t header[HT_RLP_HEADER_MAX];
    size_t header_n = ht_rlp_header(header, true, n);
    memcpy(out, header, header_n);
    memcpy(out + header_n, fields, n);
    return header_n + n;
}

static enum ht_err take_account(struct ht_account *out, bool *exists, ht_bytes value,
                                struct ht_why *why) {
    if (value.n == 0) {
        ht_account_init_empty(out);
    } else {
        enum ht_err err = ht_account_decode(out, value, why);
        if (err != HT_OK) return err;
    }
    *exists = value.n > 0;
    return HT_OK;
}

static enum ht_err take_slot(uint8_t out[static 32], ht_bytes rlp, struct ht_why *why) {
    if (rlp.n == 0) {
        memset(out, 0, 32);
        return HT_OK;
    }
    uint8_t value[32];
    if (ht_rlp_read_u256(value, &rlp, NULL) != HT_OK || rlp.n != 0) {
        return ht_fail(why, HT_EINPUT, "storage_malformed",
                       "a slot's value is no integer of at most 32 bytes");
    }
    memcpy(out, value, 32);
    return HT_OK;
}

enum ht_err ht_account_prove(struct ht_account *out, bool *exists, const ht_hash32 *state_root,
                             const ht_addr20 *address, const ht_bytes *nodes, size_t count,
                             struct ht_why *why) {
    ht_hash32 key;
    ht_bytes value = {0};
    ht_keccak256(&key, HT_BYTES(address->b));
    enum ht_err err = ht_trie_prove(&value, state_root, HT_BYTES(key.b), nodes, count, why);
    return err == HT_OK ? take_account(out, exists, value, why) : err;
}

enum ht_err ht_storage_prove(uint8_t value[static 32], const ht_hash32 *storage_root,
                             const ht_hash32 *slot, const ht_bytes *nodes, size_t count,
                             struct ht_why *why) {
    ht_hash32 key;
    ht_bytes rlp = {0};
    ht_keccak256(&key, HT_BYTES(slot->b));
    enum ht_err err = ht_trie_prove(&rlp, storage_root, HT_BYTES(key.b), nodes, count, why);
    return err == HT_OK ? take_slot(value, rlp, why) : err;
}

enum ht_err ht_account_prove_witness(struct ht_account *out, bool *exists,
                                     struct ht_witness *witness, const ht_hash32 *state_root,
                                     const ht_addr20 *address, struct ht_why *why) {
    ht_hash32 key;
    ht_bytes value = {0};
    ht_keccak256(&key, HT_BYTES(address->b));
    enum ht_err err = ht_witness_prove(&value, witness, state_root, HT_BYTES(key.b), why);
    return err == HT_OK ? take_account(out, exists, value, why) : err;
}

enum ht_err ht_storage_prove_witness(uint8_t value[static 32], struct ht_witness *witness,
                                     const ht_hash32 *storage_root, const ht_hash32 *slot,
                                     struct ht_why *why) {
    ht_hash32 key;
    ht_bytes rlp = {0};
    ht_keccak256(&key, HT_BYTES(slot->b));
    enum ht_err err = ht_witness_prove(&rlp, witness, storage_root, HT_BYTES(key.b), why);
    return err == HT_OK ? take_slot(value, rlp, why) : err;
}

enum ht_err ht_code_check(const ht_hash32 *code_hash, ht_bytes code, struct ht_why *why) {
    ht_hash32 hash;
    ht_keccak256(&hash, code);
    if (ht_hash32_equal(&hash, code_hash)) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "code_differs",
                   "%zu bytes of code do not have the account's code hash", code.n);
}
