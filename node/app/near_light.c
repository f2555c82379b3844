/* Light-client objects, genesis and recent headers for those who ask: the Beacon API's paths, as
 * SSZ or JSON (beacon-APIs, types/altair and apis/beacon/light_client). */
#include "node/app/near_light.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/ssz_json.h"
#include "node/l1/sync.h"

#define SSZ "application/octet-stream"
#define JSON_UPDATES_AT_ONCE 4U /* each has a thousand strings; whoever wants more takes SSZ */

static const struct ht_network *network_of(const struct ht_near_call *call) {
    return ht_sync_network(call->serve->host.eth->sync);
}

static void not_found(struct ht_near_call *call, const char *text) {
    struct ht_why why;
    ht_near_fail(call, ht_fail(&why, HT_ENOTFOUND, "not_kept", "%s", text), &why);
}

/* --- objects ---------------------------------------------------------------------------------- */

/* {"version", "data"}; NULL without memory. */
static json_t *object_json(const struct ht_network *network, const struct ht_light_object *object) {
    struct ht_lc_object *decoded = malloc(sizeof *decoded);
    json_t *data = NULL;
    if (decoded != NULL && ht_lc_decode_ssz(decoded, network, object->kind, object->fork,
                                            ht_buf_view(&object->ssz), NULL) == HT_OK) {
        const void *value =
            object->kind == HT_LC_BOOTSTRAP ? (const void *)&decoded->bootstrap : &decoded->update;
        data = ht_ssz_to_json(ht_lc_type(network->preset, object->fork, object->kind), value);
    }
    free(decoded);
    return data == NULL
               ? NULL
               : json_pack("{s:s, s:o}", "version", ht_fork_specs[object->fork].name, "data", data);
}

static void give_object(struct ht_near_call *call, const struct ht_light_object *object) {
    const char *fork = ht_fork_specs[object->fork].name;
    call->serve->counts.light++;
    if (call->request.wants_bytes) {
        ht_near_answer(call, SSZ, fork, ht_buf_view(&object->ssz));
    } else {
        ht_near_answer_json(call, object_json(network_of(call), object), fork);
    }
}

/* The Beacon API's framing: length, fork digest, object. */
static enum ht_err add_frame(struct ht_buf *out, const struct ht_network *network,
                             const struct ht_light_object *object) {
    uint8_t head[12];
    uint64_t length = object->ssz.n + 4;
    for (size_t i = 0; i < 8; i++) head[i] = (uint8_t)(length >> (8 * i));
    ht_fork_digest(head + 8, network, ht_epoch_at_slot(network, object->slot));
    enum ht_err err = ht_buf_add(out, HT_BYTES(head));
    return err == HT_OK ? ht_buf_add(out, ht_buf_view(&object->ssz)) : err;
}

static void give_frames(struct ht_near_call *call) {
    struct ht_buf body;
    struct ht_why why;
    enum ht_err err = HT_OK;
    ht_buf_init(&body, HT_LIGHT_UPDATES_AT_ONCE * (size_t)(HT_LC_SSZ_MAX + 12));
    for (const struct ht_light_object *one = call->light.objects; one != NULL && err == HT_OK;
         one = one->next) {
        err = add_frame(&body, network_of(call), one);
        call->serve->counts.light++;
    }
    if (err == HT_OK) {
        ht_near_answer(call, SSZ, NULL, ht_buf_view(&body));
    } else {
        ht_near_fail(call, ht_fail(&why, err, "no_memory", "out of memory"), &why);
    }
    ht_buf_fini(&body);
}

static void give_list(struct ht_near_call *call) {
    json_t *list = json_array();
    for (const struct ht_light_object *one = call->light.objects; one != NULL; one = one->next) {
        json_array_append_new(list, object_json(network_of(call), one));
        call->serve->counts.light++;
    }
    ht_near_answer_json(call, list, NULL);
}

static void got(struct ht_light_read *read) {
    struct ht_near_call *call =
        (struct ht_near_call *)((char *)read - offsetof(struct ht_near_call, light));
    if (read->err != HT_OK) {
        ht_near_fail(call, read->err, &read->why);
    } else if (!read->is_updates) {
        give_object(call, read->objects);
    } else if (call->request.wants_bytes) {
        give_frames(call);
    } else {
        give_list(call);
    }
}

static void read_kept(struct ht_near_call *call) {
    struct ht_near_request *request = &call->request;
    struct ht_why why;
    bool is_updates = request->what == HT_NEAR_UPDATES;
    uint64_t max = request->wants_bytes ? HT_LIGHT_UPDATES_AT_ONCE : JSON_UPDATES_AT_ONCE;
    call->light = (struct ht_light_read){.is_updates = is_updates,
                                         .root = request->root,
                                         .first_period = request->first_period,
                                         .count = request->count < max ? request->count : max,
                                         .done = got};
    enum ht_err err = ht_light_kept_read(call->serve->host.kept, &call->light);
    if (err != HT_OK) ht_near_fail(call, ht_fail(&why, err, "busy", "too busy now"), &why);
}

/* --- the rest --------------------------------------------------------------------------------- */

static json_t *number(uint64_t value) {
    char text[24];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return json_string(text);
}

static json_t *hex(ht_bytes bytes) {
    char text[HT_HEX_SIZE(96)];
    ht_assert(bytes.n <= 96);
    ht_hex_write(text, bytes);
    return json_string(text);
}

static json_t *genesis_json(const struct ht_network *network) {
    return json_pack("{s:{s:o, s:o, s:o}}", "data", "genesis_time",
                     number(network->genesis_time_ms / 1000), "genesis_validators_root",
                     hex(HT_BYTES(network->genesis_validators_root.b)), "genesis_fork_version",
                     hex(HT_BYTES(network->forks[HT_PHASE0].version)));
}

/* What a light client needs of it, in the specification's own names. */
static json_t *spec_json(const struct ht_network *network) {
    json_t *data =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "PRESET_BASE", network->preset->name,
                  "SECONDS_PER_SLOT", number(network->slot_duration_ms / 1000), "SLOTS_PER_EPOCH",
                  number(network->preset->slots_per_epoch), "EPOCHS_PER_SYNC_COMMITTEE_PERIOD",
                  number(network->preset->epochs_per_sync_committee_period), "SYNC_COMMITTEE_SIZE",
                  number(network->preset->sync_committee_size), "DEPOSIT_CHAIN_ID",
                  number(network->chain_id));
    for (enum ht_fork fork = HT_ALTAIR; data != NULL && fork < HT_FORK_COUNT; fork++) {
        char name[32], key[64];
        size_t n = 0;
        for (; ht_fork_specs[fork].name[n] != '\0' && n + 1 < sizeof name; n++)
            name[n] = (char)(ht_fork_specs[fork].name[n] - 'a' + 'A');
        name[n] = '\0';
        (void)snprintf(key, sizeof key, "%s_FORK_EPOCH", name);
        json_object_set_new(data, key, number(network->forks[fork].epoch));
        (void)snprintf(key, sizeof key, "%s_FORK_VERSION", name);
        json_object_set_new(data, key, hex(HT_BYTES(network->forks[fork].version)));
    }
    return json_pack("{s:o}", "data", data);
}

static void give_header(struct ht_near_call *call) {
    const struct ht_beacon_block_header *header =
        ht_light_kept_header(call->serve->host.kept, &call->request.root);
    if (header == NULL) {
        not_found(call, "that block's header is not known here");
        return;
    }
    json_t *json = json_pack("{s:{s:o, s:b, s:{s:o}}}", "data", "root",
                             hex(HT_BYTES(call->request.root.b)), "canonical", 1, "header",
                             "message", ht_ssz_to_json(&ht_beacon_block_header_type, header));
    ht_near_answer_json(call, json, NULL);
}

/* The newest finalized block that one can also start from here. A skipped slot at the start of an
 * epoch leaves the block before it as the checkpoint. */
static void give_checkpoints(struct ht_near_call *call) {
    uint64_t slot;
    ht_hash32 root;
    if (!ht_light_kept_start(call->serve->host.kept, &slot, &root)) {
        not_found(call, "nothing is kept yet that one can start from");
        return;
    }
    uint64_t per_epoch = network_of(call)->preset->slots_per_epoch;
    ht_near_answer_json(call,
                        json_pack("{s:b, s:b, s:{s:{s:o, s:o}}}", "execution_optimistic", 0,
                                  "finalized", 1, "data", "finalized", "epoch",
                                  number((slot + per_epoch - 1) / per_epoch), "root",
                                  hex(HT_BYTES(root.b))),
                        NULL);
}

static void give_newest(struct ht_near_call *call) {
    bool is_finality = call->request.what == HT_NEAR_FINALITY;
    const struct ht_light_object *object = ht_light_kept_newest(
        call->serve->host.kept, is_finality ? HT_LC_FINALITY_UPDATE : HT_LC_OPTIMISTIC_UPDATE);
    if (object != NULL) {
        give_object(call, object);
    } else {
        not_found(call, "none has come since this node was started");
    }
}

void ht_near_light(struct ht_near_call *call) {
    if (call->serve->host.kept == NULL) {
        not_found(call, "nothing is kept here");
        return;
    }
    switch (call->request.what) {
    case HT_NEAR_BOOTSTRAP:
    case HT_NEAR_UPDATES: read_kept(call); break;
    case HT_NEAR_FINALITY:
    case HT_NEAR_OPTIMISTIC: give_newest(call); break;
    case HT_NEAR_BEACON_HEADER: give_header(call); break;
    case HT_NEAR_CHECKPOINTS: give_checkpoints(call); break;
    case HT_NEAR_GENESIS: ht_near_answer_json(call, genesis_json(network_of(call)), NULL); break;
    case HT_NEAR_SPEC: ht_near_answer_json(call, spec_json(network_of(call)), NULL); break;
    case HT_NEAR_HEADER:
    case HT_NEAR_RECEIPTS:
    case HT_NEAR_EXECUTION: not_found(call, "there is nothing at this address"); break;
    }
}
