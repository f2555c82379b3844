/* Two small kinds of cases: signatures outside of the subgroup, and recorded event streams. */
#include <stdlib.h>

#include "node/net/sse.h"
#include "tests/vectors/light_kinds.h"
#include "tests/vectors/light_store.h"

/* --- signatures outside of the subgroup ------------------------------------------------------- */

/* A compressed point of the curve that is not in G2. */
static bool read_point(uint8_t out[static HT_BLS_SIGNATURE_SIZE], const struct ht_lv_file *file) {
    struct ht_buf bytes;
    blst_p2_affine point;
    bool is_point = ht_lv_read(&bytes, file, NULL) == HT_OK && bytes.n == HT_BLS_SIGNATURE_SIZE &&
                    blst_p2_uncompress(&point, bytes.p) == BLST_SUCCESS &&
                    !blst_p2_affine_in_g2(&point);
    if (is_point) memcpy(out, bytes.p, HT_BLS_SIGNATURE_SIZE);
    ht_buf_fini(&bytes);
    return is_point;
}

static enum ht_err process_with_point(struct ht_lc_store *store, const struct ht_lv_pool *pool,
                                      const struct ht_lv_object *pooled, const uint8_t *point,
                                      struct ht_why *why) {
    const struct ht_network *network = &pooled->at->network;
    const struct ht_lc_update *update = &pooled->object->update;
    static struct ht_sync_committee strange;
    size_t cursor = 0;
    const struct ht_sync_committee *committee = ht_lv_committee(
        pool, pooled->at, ht_period_at_slot(network, update->signature_slot), &cursor);
    if (committee == NULL) {
        ht_lv_strange_committee(&strange);
        committee = &strange;
    }
    ht_lv_store_of_committee(store, network, committee, update->attested_header.beacon.slot,
                             update->signature_slot);
    struct ht_lc_object *forged = ht_lv_new_object();
    memcpy(forged, pooled->object, sizeof *forged);
    memcpy(forged->update.sync_aggregate.sync_committee_signature, point, HT_BLS_SIGNATURE_SIZE);
    enum ht_err err = ht_lc_process(store, NULL, forged, update->signature_slot, why);
    free(forged);
    return err;
}

static void run_point(const struct ht_lv_tree *tree, const struct ht_lv_pool *pool,
                      const struct ht_lv_file *file, const uint8_t *point,
                      struct ht_vec_report *report) {
    struct ht_lc_store *store = ht_lv_new_store();
    size_t tries = 0;
    bool is_refused = true;
    for (size_t i = 0; i < pool->count && is_refused; i++) {
        const struct ht_lv_object *pooled = &pool->objects[i];
        if (pooled->object->kind == HT_LC_BOOTSTRAP) continue;
        struct ht_why why = {.code = "accepted", .text = "the signature was accepted"};
        tries++;
        is_refused = process_with_point(store, pool, pooled, point, &why) == HT_EUNVERIFIED &&
                     strcmp(why.code, "signature_not_in_subgroup") == 0;
        if (!is_refused) {
            ht_vec_fail(report, ht_lv_name(tree, file), "in %s: %s: %s",
                        ht_lv_name(tree, pooled->file), why.code, why.text);
        }
    }
    if (tries == 0) ht_vec_fail(report, ht_lv_name(tree, file), "no update to put it into");
    if (tries > 0 && is_refused) ht_vec_pass(report, ht_lv_name(tree, file));
    free(store);
}

void ht_lv_run_points(struct ht_lv_tree *tree, struct ht_lv_pool *pool,
                      struct ht_vec_report *report) {
    for (size_t i = 0; i < tree->count; i++) {
        struct ht_lv_file *file = &tree->files[i];
        uint8_t point[HT_BLS_SIGNATURE_SIZE];
        if (file->is_used || !ht_lv_has_suffix(file->name, ".bin") || !read_point(point, file)) {
            continue;
        }
        file->is_used = true;
        run_point(tree, pool, file, point, report);
    }
}

/* --- event streams ---------------------------------------------------------------------------- */

#define EVENT_MAX (1024U * 1024U)

static enum ht_err count_event(void *user, ht_bytes name, ht_bytes data) {
    size_t *count = user;
    json_t *json = NULL;
    enum ht_err err = name.n > 0 ? ht_json_parse(&json, data, EVENT_MAX, NULL) : HT_EINPUT;
    json_decref(json);
    if (err == HT_OK) ++*count;
    return err;
}

static void run_stream(const struct ht_lv_tree *tree, const struct ht_lv_file *file,
                       struct ht_vec_report *report) {
    struct ht_buf bytes;
    struct ht_why why = {.code = NULL};
    size_t counts[3] = {0};
    enum ht_err err = ht_lv_read(&bytes, file, &why);
    for (size_t run = 0; err == HT_OK && run < 3; run++) {
        static const size_t pieces[3] = {1, 7, 1021};
        struct ht_sse sse;
        ht_sse_init(&sse, EVENT_MAX, EVENT_MAX, count_event, &counts[run]);
        for (size_t at = 0; err == HT_OK && at < bytes.n; at += pieces[run]) {
            size_t left = bytes.n - at;
            size_t n = left < pieces[run] ? left : pieces[run];
            err = ht_sse_feed(&sse, ht_bytes_of(bytes.p + at, n), &why);
        }
        ht_sse_fini(&sse);
    }
    if (err == HT_OK && counts[0] > 0 && counts[0] == counts[1] && counts[0] == counts[2]) {
        ht_vec_pass(report, ht_lv_name(tree, file));
    } else {
        ht_vec_fail(report, ht_lv_name(tree, file), "%zu, %zu and %zu events, %s", counts[0],
                    counts[1], counts[2], err != HT_OK ? ht_err_name(err) : "no error");
    }
    ht_buf_fini(&bytes);
}

void ht_lv_run_streams(struct ht_lv_tree *tree, struct ht_vec_report *report) {
    for (size_t i = 0; i < tree->count; i++) {
        struct ht_lv_file *file = &tree->files[i];
        if (file->is_used || !ht_lv_has_suffix(file->name, ".sse")) continue;
        file->is_used = true;
        run_stream(tree, file, report);
    }
}
