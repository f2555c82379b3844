/* Which slot holds which hash, and the hash out of a proven slot. */
#include "node/l1/execution/history.h"

const ht_addr20 ht_history_address = {{0x00, 0x00, 0xf9, 0x08, 0x27, 0xf1, 0xc5, 0x3a, 0x10, 0xcb,
                                       0x7a, 0x02, 0x33, 0x5b, 0x17, 0x53, 0x20, 0x00, 0x29, 0x35}};

static bool is_in_window(const struct ht_exec_header_verified *at, uint64_t number) {
    return number < at->header.number && at->header.number - number <= HT_HISTORY_WINDOW;
}

bool ht_history_covers(const struct ht_exec_header_verified *at, uint64_t number) {
    return at->header.layout >= HT_EXEC_LAYOUT_PRAGUE && is_in_window(at, number);
}

void ht_history_slot(ht_hash32 *out, uint64_t number) {
    const uint64_t slot = number % HT_HISTORY_WINDOW;
    *out = (ht_hash32){{0}};
    for (size_t i = 0; i < 8; i++) out->b[31 - i] = (uint8_t)(slot >> (8 * i));
}

static enum ht_err no_history(uint64_t number, struct ht_why *why) {
    return ht_fail(why, HT_ENOTFOUND, "no_history", "this state has no hash of block %llu",
                   (unsigned long long)number);
}

enum ht_err ht_exec_hash_of_history(struct ht_exec_hash_proven *out,
                                    const struct ht_exec_header_verified *at, uint64_t number,
                                    const struct ht_get_proof *answer, struct ht_why *why) {
    struct ht_account account;
    bool exists = false;
    ht_hash32 slot;
    ht_hash32 hash;
    /* The slot of a number outside the window holds another block's hash. */
    if (!is_in_window(at, number)) {
        return ht_fail(why, HT_ENOTFOUND, "out_of_window",
                       "block %llu is none of the %u before block %llu", (unsigned long long)number,
                       HT_HISTORY_WINDOW, (unsigned long long)at->header.number);
    }
    /* Before Prague anybody could have put a contract there. */
    if (!ht_history_covers(at, number)) return no_history(number, why);
    ht_history_slot(&slot, number);
    enum ht_err err = ht_get_proof_check(&account, &exists, answer, &at->header.state_root,
                                         &ht_history_address, &slot, 1, why);
    if (err != HT_OK) return err;
    memcpy(hash.b, answer->slots[0].value, sizeof hash.b);
    if (!exists || ht_hash32_is_zero(&hash)) return no_history(number, why);
    out->hash = hash;
    return HT_OK;
}
