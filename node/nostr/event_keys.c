/* The cache of authors' keys: sets of four, the oldest of a set gives way. */
#include "node/nostr/event_keys.h"

#include <stdlib.h>

#define WAYS 4U

struct slot {
    ht_hash32 pubkey;
    struct ht_schnorr_key key;
    bool is_used;
};

struct set {
    struct slot slots[WAYS];
    unsigned next; /* to give way */
};

struct ht_event_keys {
    size_t mask; /* count of sets - 1 */
    uint64_t hits;
    struct set sets[];
};

enum ht_err ht_event_keys_new(struct ht_event_keys **out, size_t count) {
    size_t sets = 1;
    if (count > HT_EVENT_KEYS_MAX) count = HT_EVENT_KEYS_MAX;
    while (sets * WAYS < count) sets *= 2;
    struct ht_event_keys *keys = calloc(1, sizeof *keys + sets * sizeof *keys->sets);
    if (keys == NULL) return HT_ENOMEM;
    keys->mask = sets - 1;
    *out = keys;
    return HT_OK;
}

void ht_event_keys_free(struct ht_event_keys *keys) {
    free(keys);
}

uint64_t ht_event_keys_hits(const struct ht_event_keys *keys) {
    return keys->hits;
}

static struct set *set_of(struct ht_event_keys *keys, const ht_hash32 *pubkey) {
    return &keys->sets[(size_t)ht_read_u32_le(pubkey->b) & keys->mask];
}

static const struct ht_schnorr_key *find(const struct set *set, const ht_hash32 *pubkey) {
    for (size_t i = 0; i < WAYS; i++) {
        const struct slot *slot = &set->slots[i];
        if (slot->is_used && ht_hash32_equal(&slot->pubkey, pubkey)) return &slot->key;
    }
    return NULL;
}

enum ht_err ht_event_keys_verify(struct ht_event_keys *keys, const struct ht_event *event,
                                 struct ht_why *why) {
    struct slot fresh = {.pubkey = event->pubkey, .is_used = true};
    enum ht_err err = ht_event_check_id(event, why);
    if (err != HT_OK) return err;
    struct set *set = set_of(keys, &event->pubkey);
    const struct ht_schnorr_key *key = find(set, &event->pubkey);
    if (key != NULL) {
        keys->hits++;
        err = ht_schnorr_verify_key(event->sig, HT_BYTES(event->id.b), key, NULL);
    } else {
        err = ht_schnorr_key_read(&fresh.key, event->pubkey.b, NULL);
        if (err == HT_OK) {
            err = ht_schnorr_verify_key(event->sig, HT_BYTES(event->id.b), &fresh.key, NULL);
        }
    }
    if (err != HT_OK) {
        return ht_fail(why, HT_EUNVERIFIED, "event_signature", "the signature is not the author's");
    }
    if (key == NULL) {
        set->slots[set->next] = fresh;
        set->next = (set->next + 1) % WAYS;
    }
    return HT_OK;
}
