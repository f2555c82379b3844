/* What a relay says to a catch-up, from any bytes: lines are messages. It ends once, with a reason,
 * and takes nothing that was not asked for. */
#include <stdlib.h>

#include "node/crypto/sha256.h"
#include "node/p2p/catchup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct world {
    unsigned dones;
    size_t takes, offers;
    int64_t now_ms;
};

static void must(bool claim) {
    if (!claim) abort();
}

static int64_t now_of(void *self) {
    return ((const struct world *)self)->now_ms;
}

static bool say(void *user, ht_bytes text) {
    (void)user;
    must(text.n > 0 && text.p[0] == '[' && text.n <= 2 * HT_CATCHUP_FRAME + 1000);
    return true;
}

static void take(void *user, ht_bytes event) {
    must(event.n > 0 && event.p[0] == '{');
    ((struct world *)user)->takes++;
}

static void offer(void *user, const ht_hash32 *id) {
    (void)id;
    ((struct world *)user)->offers++;
}

static void done(void *user, enum ht_err err, const struct ht_why *why) {
    must(err == HT_OK || (why->code != NULL && why->code[0] != '\0'));
    ((struct world *)user)->dones++;
}

static struct ht_fp_tree *tree_of_few(void) {
    struct ht_fp_tree *tree = NULL;
    must(ht_fp_tree_new(&tree) == HT_OK);
    for (uint32_t i = 0; i < 40; i++) {
        bool is_new = false;
        struct ht_neg_item item = {.created_at = UINT64_C(1800000000) - i * i * 4000};
        uint8_t text[4];
        ht_write_u32_le(text, i);
        ht_sha256(&item.id, HT_BYTES(text));
        must(ht_fp_tree_insert(&is_new, tree, &item) == HT_OK);
    }
    return tree;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct world world = {.now_ms = INT64_C(1800000000000)};
    const struct ht_clock clock = {.wall_ms = now_of, .mono_ms = now_of, .self = &world};
    struct ht_fp_tree *tree = tree_of_few();
    json_t *filter = json_object();
    struct ht_catchup *catchup = NULL;
    const struct ht_catchup_options options = {
        .clock = &clock,
        .name = "c",
        .filter = filter,
        .ours = tree,
        .offers = n > 0 && (data[0] & 1) != 0,
        .io = {.send = say, .take = take, .offer = offer, .done = done, .user = &world},
    };
    must(filter != NULL && ht_catchup_new(&catchup, &options, NULL) == HT_OK);
    ht_catchup_begin(catchup);
    for (size_t at = 0; at < n;) {
        const uint8_t *end = memchr(data + at, '\n', n - at);
        size_t size = end != NULL ? (size_t)(end - data) - at : n - at;
        (void)ht_catchup_received(catchup, ht_bytes_of(data + at, size));
        world.now_ms += 100;
        int64_t next_ms = ht_catchup_tick(catchup);
        must((next_ms < 0) == (world.dones > 0));
        at += size + 1;
    }
    const struct ht_catchup_counts counts = ht_catchup_counts(catchup);
    must(counts.taken == world.takes && counts.offered == world.offers && world.takes <= n);
    ht_catchup_cut(catchup);
    must(world.dones == 1);
    ht_catchup_free(catchup);
    ht_fp_tree_free(tree);
    json_decref(filter);
    return 0;
}
