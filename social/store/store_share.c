/* Shares of the disk: how much an author has, how much all have. Summed up once for an author and
 * followed from there; forgotten whenever a transaction may have been undone. */
#include "social/store/store_share.h"

#include <stdlib.h>

#define PUTS_BETWEEN_LOOKS 64U

/* By a keyed hash, so that nobody can choose keys that share a slot. */
static struct ht_store_share *slot_of(struct ht_store *store, const ht_hash32 *pubkey) {
    uint64_t hash = (uint64_t)ht_store_gone_author(store, pubkey);
    return &store->shares[hash % HT_STORE_QUOTA_SLOTS];
}

void ht_store_share_add(struct ht_store *store, const ht_hash32 *pubkey, int64_t bytes) {
    if (store->shares == NULL) return;
    struct ht_store_share *share = slot_of(store, pubkey);
    if (share->is_known && ht_hash32_equal(&share->pubkey, pubkey)) share->bytes += bytes;
}

void ht_store_share_forget(struct ht_store *store) {
    store->puts_until_look = 0;
    if (store->shares == NULL) return;
    for (size_t i = 0; i < HT_STORE_QUOTA_SLOTS; i++) store->shares[i].is_known = false;
}

static enum ht_err author_bytes(int64_t *out, struct ht_store *store, const ht_hash32 *pubkey,
                                struct ht_why *why) {
    if (store->shares == NULL) {
        store->shares = calloc(HT_STORE_QUOTA_SLOTS, sizeof *store->shares);
        if (store->shares == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    struct ht_store_share *share = slot_of(store, pubkey);
    if (!share->is_known || !ht_hash32_equal(&share->pubkey, pubkey)) {
        share->is_known = false;
        enum ht_err err = ht_store_sql_author_bytes(&share->bytes, &store->sql, pubkey, why);
        if (err != HT_OK) return err;
        share->pubkey = *pubkey;
        share->is_known = true;
    }
    *out = share->bytes;
    return HT_OK;
}

static bool is_over(int64_t bytes, uint64_t limit) {
    return limit > 0 && bytes > 0 && (uint64_t)bytes > limit;
}

enum ht_err ht_store_share_check(bool *has_room, struct ht_store *store, const ht_hash32 *pubkey,
                                 int64_t more, const struct ht_store_limits *limits,
                                 struct ht_why *why) {
    *has_room = true;
    if (limits->author_bytes > 0) {
        int64_t bytes = 0;
        enum ht_err err = author_bytes(&bytes, store, pubkey, why);
        if (err != HT_OK) return err;
        *has_room = !is_over(bytes + more, limits->author_bytes);
    }
    if (limits->total_bytes > 0) {
        if (store->puts_until_look == 0) {
            enum ht_err err = ht_store_sql_file_bytes(&store->file_bytes, &store->sql, why);
            if (err != HT_OK) return err;
            store->puts_until_look = PUTS_BETWEEN_LOOKS;
        }
        store->puts_until_look--;
        *has_room = *has_room && !is_over(store->file_bytes, limits->total_bytes);
    }
    return HT_OK;
}
