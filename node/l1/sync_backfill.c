/* Recent headers by parent root, for the strip of slots. */
#include "node/l1/sync_backfill.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/codec/ssz_json.h"
#include "node/net/provider_http.h"

#define ANSWER_MAX 8192U
#define ANSWER_TIMEOUT_MS 5000
#define PAUSE_MS 150
#define LATER_SLOTS 8 /* after a provider did not have it */

static enum ht_err read_header(struct ht_beacon_block_header *out, ht_hash32 *root,
                               const struct ht_http_answer *answer) {
    const json_t *message;
    json_t *json = NULL;
    if (answer->err != HT_OK || answer->status != 200) return HT_ENET;
    enum ht_err err = ht_json_parse(&json, answer->body, ANSWER_MAX, NULL);
    if (err == HT_OK) err = ht_json_get(&message, json, "data.header.message", NULL);
    if (err == HT_OK) err = ht_ssz_from_json(out, &ht_beacon_block_header_type, message, NULL);
    json_decref(json);
    if (err == HT_OK) ht_ssz_hash_tree_root(root, &ht_beacon_block_header_type, out);
    return err;
}

static void on_timer(struct ht_timer *timer) {
    ht_sync_backfill((struct ht_sync *)((char *)timer - offsetof(struct ht_sync, backfill.timer)));
}

static void on_answer(void *user, const struct ht_http_answer *answer) {
    struct ht_sync *sync = user;
    struct ht_beacon_block_header header;
    ht_hash32 root;
    int64_t pause_ms = PAUSE_MS;
    sync->backfill.request = NULL;
    bool is_proven = read_header(&header, &root, answer) == HT_OK &&
                     ht_hash32_equal(&root, &sync->backfill.wanted);
    if (is_proven) {
        ht_view_add_block(&sync->chain, &header, &root);
        if (sync->host.kept != NULL) ht_light_kept_add_header(sync->host.kept, &header, &root);
        ht_sync_tell(sync, "l1.slots");
    } else {
        pause_ms = LATER_SLOTS * (int64_t)sync->network->slot_duration_ms;
    }
    sync->backfill.again_ms = ht_mono_ms(sync->host.clock) + pause_ms;
    ht_timer_set(sync->host.loop, &sync->backfill.timer, pause_ms + 1, on_timer);
}

void ht_sync_backfill(struct ht_sync *sync) {
    int64_t wait_ms;
    uint64_t head = sync->view.optimistic.beacon.slot;
    uint64_t oldest = head > HT_VIEW_SLOTS ? head - HT_VIEW_SLOTS + 1 : 1;
    if (sync->is_stopping || !sync->is_ready || sync->backfill.request != NULL ||
        ht_mono_ms(sync->host.clock) < sync->backfill.again_ms ||
        !ht_view_missing_parent(&sync->backfill.wanted, &sync->chain, oldest)) {
        return;
    }
    const struct ht_provider *provider =
        ht_providers_pick(&sync->providers, HT_PROVIDER_BEACON, NULL, &wait_ms);
    if (provider == NULL) return;
    char root[HT_HEX_SIZE(32)], url[700];
    ht_hex_write(root, HT_BYTES(sync->backfill.wanted.b));
    (void)snprintf(url, sizeof url, "%s/eth/v1/beacon/headers/%s", provider->url, root);
    struct ht_http_options options = {
        .url = url,
        .accept = "application/json",
        .max_bytes = ANSWER_MAX,
        .timeout_ms = ANSWER_TIMEOUT_MS,
    };
    ht_provider_fill(&options, provider);
    if (ht_http_start(&sync->backfill.request, sync->host.http, &options, on_answer, NULL, sync) !=
        HT_OK) {
        sync->backfill.request = NULL;
    }
}

void ht_sync_cancel_backfill(struct ht_sync *sync) {
    ht_timer_cancel(&sync->backfill.timer);
    if (sync->backfill.request != NULL) ht_http_cancel(sync->backfill.request);
    sync->backfill.request = NULL;
}
