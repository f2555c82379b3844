/* The store as a whole: opening it, its hashes and places, counts. Putting, removing and asking are
 * in files of their own. */
#include "social/store/store.h"

#include <sodium.h>
#include <stdlib.h>

#include "node/crypto/sha256.h"
#include "social/store/store_impl.h"
#include "social/store/store_text.h"

#define TIME_BITS 35
#define ID_BITS 28
#define TIME_MAX (((int64_t)1 << TIME_BITS) - 1)
#define HASHED_MAX 320U

_Static_assert(HT_STORE_SECRET_SIZE == crypto_shorthash_KEYBYTES, "the secret is a key");

enum ht_err ht_store_new(struct ht_store **out, sqlite3 *db, struct ht_why *why) {
    struct ht_store *store = calloc(1, sizeof *store);
    if (store == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the store");
    enum ht_err err = ht_store_sql_init(&store->sql, db, why);
    if (err != HT_OK) {
        free(store);
        return err;
    }
    ht_buf_init(&store->text, HT_STORE_TEXT_MAX);
    *out = store;
    return HT_OK;
}

void ht_store_set_watch(struct ht_store *store, const struct ht_store_watch *watch) {
    store->watch = watch;
}

void ht_store_free(struct ht_store *store) {
    if (store == NULL) return;
    ht_store_sql_fini(&store->sql);
    ht_buf_fini(&store->text);
    free(store->shares);
    free(store);
}

/* Hash of a domain and two texts, of which the first has a length that the domain tells. A long
 * second is hashed down before, in a domain of its own. */
static int64_t hash(const struct ht_store *store, char domain, ht_bytes a, ht_bytes b) {
    uint8_t text[HASHED_MAX];
    ht_hash32 digest;
    text[0] = (uint8_t)domain;
    if (1 + a.n + b.n > sizeof text) {
        ht_sha256(&digest, b);
        b = HT_BYTES(digest.b);
        text[0] |= 0x80;
    }
    if (a.n > 0) memcpy(text + 1, a.p, a.n);
    if (b.n > 0) memcpy(text + 1 + a.n, b.p, b.n);
    uint8_t out[crypto_shorthash_BYTES];
    (void)crypto_shorthash(out, text, 1 + a.n + b.n, store->sql.secret);
    int64_t number;
    memcpy(&number, out, sizeof number);
    return number != 0 ? number : 1;
}

static ht_bytes view(const ht_hash32 *value) {
    return HT_BYTES(value->b);
}

int64_t ht_store_tag_hash(const struct ht_store *store, char name, ht_bytes value) {
    return hash(store, 't', ht_bytes_of(&name, 1), value);
}

int64_t ht_store_address_hash(const struct ht_store *store, uint32_t kind, const ht_hash32 *pubkey,
                              ht_bytes d) {
    uint8_t author[4 + sizeof pubkey->b];
    ht_write_u32_le(author, kind);
    memcpy(author + 4, pubkey->b, sizeof pubkey->b);
    if (ht_event_class_of(kind) != HT_EVENT_ADDRESSABLE) d.n = 0;
    return hash(store, 'a', HT_BYTES(author), d);
}

int64_t ht_store_gone_event(const struct ht_store *store, const ht_hash32 *pubkey,
                            const ht_hash32 *id) {
    return hash(store, 'e', view(pubkey), view(id));
}

int64_t ht_store_gone_removed(const struct ht_store *store, const ht_hash32 *id) {
    return hash(store, 'r', view(id), (ht_bytes){0});
}

int64_t ht_store_gone_author(const struct ht_store *store, const ht_hash32 *pubkey) {
    return hash(store, 'v', view(pubkey), (ht_bytes){0});
}

int64_t ht_store_gone_address(const struct ht_store *store, int64_t address) {
    return hash(store, 'g', ht_bytes_of(&address, sizeof address), (ht_bytes){0});
}

int64_t ht_store_place_floor(int64_t created_at) {
    if (created_at < 0) return 0;
    return (created_at > TIME_MAX ? TIME_MAX : created_at) << ID_BITS;
}

int64_t ht_store_place_ceiling(int64_t created_at) {
    if (created_at < 0) return -1;
    return ht_store_place_floor(created_at) | (((int64_t)1 << ID_BITS) - 1);
}

int64_t ht_store_place(int64_t created_at, const ht_hash32 *id) {
    int64_t prefix = (int64_t)id->b[0] << 20 | (int64_t)id->b[1] << 12 | (int64_t)id->b[2] << 4 |
                     (int64_t)(id->b[3] >> 4);
    return ht_store_place_ceiling(created_at) - prefix;
}

char ht_store_tag_name(const struct ht_event_tag *tag) {
    if (tag->count < 2 || tag->items[0].n != 1) return 0;
    char name = (char)tag->items[0].p[0];
    bool is_letter = (name >= 'a' && name <= 'z') || (name >= 'A' && name <= 'Z');
    return is_letter ? name : 0;
}

bool ht_store_has(struct ht_store *store, const ht_hash32 *id) {
    int64_t seq = 0;
    return ht_store_sql_find_id(&seq, &store->sql, id, NULL) == HT_OK && seq != 0;
}

enum ht_err ht_store_counts(struct ht_store_counts *out, struct ht_store *store,
                            struct ht_why *why) {
    struct ht_store_totals totals;
    int64_t bytes = 0;
    enum ht_err err = ht_store_sql_totals(&totals, &store->sql, why);
    if (err == HT_OK) err = ht_store_sql_file_bytes(&bytes, &store->sql, why);
    if (err != HT_OK) return err;
    *out = (struct ht_store_counts){
        .events = (uint64_t)totals.events,
        .authors = (uint64_t)totals.authors,
        .bytes = (uint64_t)bytes,
        .tombstones = (uint64_t)totals.tombstones,
        .oldest = totals.oldest,
        .newest = totals.newest,
    };
    return HT_OK;
}

enum ht_err ht_store_tidy(bool *did, struct ht_store *store, struct ht_why *why) {
    uint64_t bytes = 0, unused = 0;
    *did = false;
    enum ht_err err = ht_store_sql_room(&bytes, &unused, &store->sql, why);
    if (err != HT_OK || unused < HT_STORE_UNUSED_MIN || unused < bytes / 4) return err;
    err = ht_store_sql_compact(&store->sql, why);
    *did = err == HT_OK;
    return err;
}

enum ht_err ht_store_compact(struct ht_store *store, struct ht_why *why) {
    return ht_store_sql_compact(&store->sql, why);
}
