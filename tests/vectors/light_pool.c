/* Finding light-client objects: which network a file belongs to, and what it holds. */
#include "tests/vectors/light_pool.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/l1/consensus/decode.h"
#include "tests/vectors/light_network.h"
#include "tests/vectors/light_store.h"

#define NETWORKS_MAX 64U
#define OBJECTS_MAX 16384U
#define FRAME_HEAD 12U /* length and digest */

/* --- networks --------------------------------------------------------------------------------- */

/* The object itself or what the Beacon API wraps it in, if it has that key. */
static const json_t *with_key(const json_t *json, const char *key) {
    if (ht_json_member(json, key) != NULL) return json;
    const json_t *data = ht_json_member(json, "data");
    return ht_json_member(data, key) != NULL ? data : NULL;
}

static void add_network(struct ht_lv_pool *pool, const struct ht_network *network,
                        const struct ht_lv_file *file) {
    ht_assert(pool->network_count < NETWORKS_MAX);
    struct ht_lv_network_at *at = &pool->networks[pool->network_count++];
    *at = (struct ht_lv_network_at){.network = *network};
    if (file == NULL) return;
    at->folder = file->path;
    at->folder_len = file->folder_len;
}

/* A folder with a spec (PRESET_BASE) and a genesis (genesis_validators_root) is a network. */
static void find_network(struct ht_lv_pool *pool, struct ht_lv_tree *tree, size_t first, size_t end,
                         struct ht_vec_report *report) {
    json_t *spec = NULL, *genesis = NULL;
    for (size_t i = first; i < end; i++) {
        struct ht_lv_file *file = &tree->files[i];
        if (file->is_used || !ht_lv_has_suffix(file->name, ".json")) continue;
        json_t *json = ht_lv_read_json(file);
        if (spec == NULL && with_key(json, "PRESET_BASE") != NULL) spec = json_incref(json);
        if (genesis == NULL && with_key(json, "genesis_validators_root") != NULL) {
            genesis = json_incref(json);
        }
        json_decref(json);
    }
    if (spec != NULL && genesis != NULL) {
        struct ht_network network;
        struct ht_why why;
        const char *root = json_string_value(ht_json_member(
            with_key(genesis, "genesis_validators_root"), "genesis_validators_root"));
        if (ht_lv_network(&network, with_key(spec, "PRESET_BASE"), root != NULL ? root : "",
                          &why) == HT_OK) {
            add_network(pool, &network, &tree->files[first]);
        } else {
            ht_vec_fail(report, ht_lv_name(tree, &tree->files[first]), "spec: %s", why.text);
        }
    }
    json_decref(spec);
    json_decref(genesis);
}

static bool holds(const struct ht_lv_network_at *at, const struct ht_lv_file *file) {
    if (at->folder == NULL || file->folder_len < at->folder_len) return false;
    if (memcmp(at->folder, file->path, at->folder_len) != 0) return false;
    return file->path[at->folder_len] == '/';
}

/* --- files ------------------------------------------------------------------------------------ */

struct reading {
    struct ht_lv_pool *pool;
    const struct ht_lv_file *file;
    const struct ht_lv_network_at *at;
};

static bool keep_object(void *user, size_t position, const struct ht_lc_object *object) {
    struct reading *reading = user;
    struct ht_lv_pool *pool = reading->pool;
    if (pool->count == OBJECTS_MAX) return false;
    struct ht_lc_object *kept = ht_lv_new_object();
    memcpy(kept, object, sizeof *kept);
    pool->objects[pool->count++] =
        (struct ht_lv_object){reading->file, position, reading->at, kept};
    return true;
}

static void drop_from(struct ht_lv_pool *pool, size_t count) {
    while (pool->count > count) free(pool->objects[--pool->count].object);
}

static bool looks_like_json_object(const json_t *json) {
    const json_t *data = ht_json_member(json, "data");
    if (data != NULL && !json_is_array(data)) json = data;
    const json_t *header = ht_json_member(json, "attested_header");
    if (header != NULL) return ht_json_member(header, "beacon") != NULL;
    return ht_json_member(json, "header") != NULL &&
           ht_json_member(json, "current_sync_committee") != NULL;
}

/* Frames that fill the file exactly, each of a length that an object can have. */
static bool looks_like_frames(ht_bytes bytes) {
    size_t at = 0;
    while (bytes.n - at >= FRAME_HEAD) {
        uint64_t length = ht_read_u64_le(bytes.p + at);
        if (length < 256 || length > HT_LC_SSZ_MAX + 4 || length > bytes.n - at - 8) return false;
        at += 8 + (size_t)length;
    }
    return at > 0 && at == bytes.n;
}

static bool looks_like_objects(ht_bytes bytes) {
    json_t *json = NULL;
    if (ht_json_parse(&json, bytes, HT_LV_FILE_MAX, NULL) != HT_OK) return looks_like_frames(bytes);
    const json_t *data = ht_json_member(json, "data");
    const json_t *list = json_is_array(data) ? data : json;
    bool is_object = looks_like_json_object(list);
    for (size_t i = 0; i < json_array_size(list); i++) {
        is_object = is_object || looks_like_json_object(json_array_get(list, i));
    }
    json_decref(json);
    return is_object;
}

/* Tries the file on one network; keeps what it holds only when all of it decodes. */
static bool read_as(struct ht_lv_pool *pool, const struct ht_lv_file *file, ht_bytes bytes,
                    const struct ht_lv_network_at *at, struct ht_why *why) {
    struct reading reading = {pool, file, at};
    size_t before = pool->count;
    enum ht_err err = ht_lc_decode_all(&at->network, bytes, keep_object, &reading, why);
    if (err == HT_OK && pool->count > before) return true;
    drop_from(pool, before);
    return false;
}

static void read_file(struct ht_lv_pool *pool, struct ht_lv_tree *tree, struct ht_lv_file *file,
                      struct ht_vec_report *report) {
    struct ht_buf bytes;
    struct ht_why first_why = {.code = NULL}, why;
    bool has_own_network = false;
    enum ht_err err = ht_lv_read(&bytes, file, &first_why);
    /* The network of the nearest folder around the file; later ones lie deeper. */
    for (size_t i = pool->network_count; err == HT_OK && !has_own_network && i > 0; i--) {
        if (!holds(&pool->networks[i - 1], file)) continue;
        has_own_network = true;
        file->is_used =
            read_as(pool, file, ht_buf_view(&bytes), &pool->networks[i - 1], &first_why);
    }
    for (size_t i = 0; err == HT_OK && !has_own_network && !file->is_used; i++) {
        if (i == pool->network_count || pool->networks[i].folder != NULL) break;
        file->is_used = read_as(pool, file, ht_buf_view(&bytes), &pool->networks[i],
                                i == 0 ? &first_why : &why);
    }
    if (err != HT_OK || (!file->is_used && looks_like_objects(ht_buf_view(&bytes)))) {
        file->is_used = true;
        ht_vec_fail(report, ht_lv_name(tree, file), "does not decode: %s", first_why.text);
    }
    ht_buf_fini(&bytes);
}

void ht_lv_pool_fill(struct ht_lv_pool *pool, struct ht_lv_tree *tree,
                     struct ht_vec_report *report) {
    *pool = (struct ht_lv_pool){.networks = calloc(NETWORKS_MAX, sizeof *pool->networks),
                                .objects = calloc(OBJECTS_MAX, sizeof *pool->objects)};
    ht_assert(pool->networks != NULL && pool->objects != NULL);
    for (size_t i = 0; ht_network_at(i) != NULL; i++) add_network(pool, ht_network_at(i), NULL);
    for (size_t first = 0, end; first < tree->count; first = end) {
        end = ht_lv_folder_end(tree, first);
        if (pool->network_count < NETWORKS_MAX) find_network(pool, tree, first, end, report);
    }
    for (size_t i = 0; i < tree->count; i++) {
        if (!tree->files[i].is_used) read_file(pool, tree, &tree->files[i], report);
    }
}

void ht_lv_pool_free(struct ht_lv_pool *pool) {
    drop_from(pool, 0);
    free(pool->networks);
    free(pool->objects);
    *pool = (struct ht_lv_pool){0};
}

bool ht_lv_has_next_committee(const struct ht_lc_object *object) {
    static const ht_hash32 none[HT_STATE_BRANCH_MAX];
    return object->kind == HT_LC_UPDATE &&
           memcmp(object->update.next_sync_committee_branch, none, sizeof none) != 0;
}

const struct ht_sync_committee *ht_lv_committee(const struct ht_lv_pool *pool,
                                                const struct ht_lv_network_at *at, uint64_t period,
                                                size_t *cursor) {
    while (*cursor < pool->count) {
        const struct ht_lv_object *candidate = &pool->objects[(*cursor)++];
        const struct ht_lc_object *object = candidate->object;
        if (candidate->at != at) continue;
        uint64_t its_period = ht_period_at_slot(&at->network, ht_lc_object_slot(object));
        if (object->kind == HT_LC_BOOTSTRAP && its_period == period) {
            return &object->bootstrap.current_sync_committee;
        }
        if (its_period + 1 == period && ht_lv_has_next_committee(object)) {
            return &object->update.next_sync_committee;
        }
    }
    return NULL;
}

void ht_lv_object_name(char *out, const struct ht_lv_tree *tree,
                       const struct ht_lv_object *object) {
    int n = snprintf(out, HT_LV_NAME_MAX, "%s", ht_lv_name(tree, object->file));
    if (object->position > 0 && n > 0 && n < (int)HT_LV_NAME_MAX) {
        (void)snprintf(out + n, HT_LV_NAME_MAX - (size_t)n, "#%zu", object->position);
    }
}
