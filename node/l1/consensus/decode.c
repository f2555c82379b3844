/* Light-client objects from SSZ, framed SSZ and JSON. */
#include "node/l1/consensus/decode.h"

#include <stdlib.h>

#include "node/codec/ssz_json.h"

#define MAX_OBJECTS 1024U /* in one file or answer; the Beacon API gives at most 128 */

uint64_t ht_lc_object_slot(const struct ht_lc_object *object) {
    return object->kind == HT_LC_BOOTSTRAP ? object->bootstrap.header.beacon.slot
                                           : object->update.attested_header.beacon.slot;
}

static void *clear(struct ht_lc_object *out, enum ht_lc_kind kind, enum ht_fork fork) {
    memset(out, 0, sizeof *out);
    out->kind = kind;
    out->fork = fork;
    return kind == HT_LC_BOOTSTRAP ? (void *)&out->bootstrap : (void *)&out->update;
}

static enum ht_err check_fork(const struct ht_lc_object *object, const struct ht_network *network,
                              struct ht_why *why) {
    enum ht_fork expected = ht_fork_at_slot(network, ht_lc_object_slot(object));
    if (expected == object->fork) return HT_OK;
    return ht_fail(why, HT_EINPUT, "wrong_fork", "comes as %s, but slot %llu is in %s",
                   ht_fork_specs[object->fork].name, (unsigned long long)ht_lc_object_slot(object),
                   ht_fork_specs[expected].name);
}

enum ht_err ht_lc_decode_ssz(struct ht_lc_object *out, const struct ht_network *network,
                             enum ht_lc_kind kind, enum ht_fork fork, ht_bytes bytes,
                             struct ht_why *why) {
    if (fork < HT_ALTAIR) {
        return ht_fail(why, HT_EINPUT, "wrong_fork", "there are no light clients before Altair");
    }
    void *value = clear(out, kind, fork);
    enum ht_err err = ht_ssz_decode(value, ht_lc_type(network->preset, fork, kind), bytes, why);
    return err == HT_OK ? check_fork(out, network, why) : err;
}

enum ht_err ht_lc_decode_ssz_any(struct ht_lc_object *out, const struct ht_network *network,
                                 ht_bytes bytes, struct ht_why *why) {
    if (bytes.n <= HT_LC_SSZ_MAX) {
        for (enum ht_lc_kind kind = HT_LC_BOOTSTRAP; kind < HT_LC_KIND_COUNT; kind++) {
            for (enum ht_fork fork = HT_ALTAIR; fork < HT_FORK_COUNT; fork++) {
                if (ht_lc_decode_ssz(out, network, kind, fork, bytes, NULL) == HT_OK) return HT_OK;
            }
        }
    }
    return ht_fail(why, HT_EINPUT, "unknown_object", "no light-client object of this network");
}

enum ht_err ht_lc_next_frame(ht_bytes *object, enum ht_fork *fork, ht_bytes *rest,
                             const struct ht_network *network, struct ht_why *why) {
    const size_t length_size = 8, digest_size = 4;
    if (rest->n < length_size + digest_size) {
        return ht_fail(why, HT_EINPUT, "frame_truncated", "ends inside the head of a frame");
    }
    uint64_t length = ht_read_u64_le(rest->p);
    if (length < digest_size || length > rest->n - length_size) {
        return ht_fail(why, HT_EINPUT, "frame_truncated", "a frame of %llu bytes, %zu are there",
                       (unsigned long long)length, rest->n - length_size);
    }
    if (ht_fork_by_digest(fork, network, rest->p + length_size) != HT_OK) {
        const uint8_t *digest = rest->p + length_size;
        return ht_fail(why, HT_EINPUT, "wrong_network",
                       "fork digest 0x%02x%02x%02x%02x is not one of %s", digest[0], digest[1],
                       digest[2], digest[3], network->name);
    }
    *object = ht_bytes_of(rest->p + length_size + digest_size, (size_t)length - digest_size);
    *rest = ht_bytes_of(object->p + object->n, rest->n - length_size - (size_t)length);
    return HT_OK;
}

/* --- JSON ------------------------------------------------------------------------------------- */

static enum ht_err kind_of_json(enum ht_lc_kind *out, const json_t *data, struct ht_why *why) {
    if (json_object_get(data, "current_sync_committee") != NULL) {
        *out = HT_LC_BOOTSTRAP;
    } else if (json_object_get(data, "attested_header") == NULL) {
        return ht_fail(why, HT_EINPUT, "unknown_object", "no light-client object");
    } else if (json_object_get(data, "next_sync_committee") != NULL) {
        *out = HT_LC_UPDATE;
    } else if (json_object_get(data, "finalized_header") != NULL) {
        *out = HT_LC_FINALITY_UPDATE;
    } else {
        *out = HT_LC_OPTIMISTIC_UPDATE;
    }
    return HT_OK;
}

static enum ht_err fork_of_json(enum ht_fork *out, const struct ht_network *network,
                                const json_t *json, const json_t *data, enum ht_lc_kind kind,
                                struct ht_why *why) {
    const char *version = json_string_value(json_object_get(json, "version"));
    if (version != NULL) {
        if (ht_fork_by_name(out, version) == HT_OK) return HT_OK;
        return ht_fail(why, HT_EINPUT, "wrong_fork", "a version that is no fork");
    }
    uint64_t slot;
    const char *path =
        kind == HT_LC_BOOTSTRAP ? "header.beacon.slot" : "attested_header.beacon.slot";
    enum ht_err err = ht_json_u64(&slot, data, path, why);
    if (err == HT_OK) *out = ht_fork_at_slot(network, slot);
    return err;
}

enum ht_err ht_lc_decode_json(struct ht_lc_object *out, const struct ht_network *network,
                              const json_t *json, struct ht_why *why) {
    const json_t *inner = json_object_get(json, "data");
    const json_t *data = inner != NULL ? inner : json;
    enum ht_lc_kind kind = HT_LC_UPDATE;
    enum ht_fork fork;
    enum ht_err err = kind_of_json(&kind, data, why);
    if (err == HT_OK) err = fork_of_json(&fork, network, json, data, kind, why);
    if (err != HT_OK) return err;
    if (fork < HT_ALTAIR) {
        return ht_fail(why, HT_EINPUT, "wrong_fork", "there are no light clients before Altair");
    }
    void *value = clear(out, kind, fork);
    err = ht_ssz_from_json(value, ht_lc_type(network->preset, fork, kind), data, why);
    return err == HT_OK ? check_fork(out, network, why) : err;
}

/* --- whatever a file or an answer holds ------------------------------------------------------- */

static enum ht_err all_of_json(const struct ht_network *network, const json_t *json,
                               ht_lc_each *each, void *user, struct ht_lc_object *object,
                               struct ht_why *why) {
    const json_t *data = json_object_get(json, "data");
    const json_t *list = json_is_array(data) ? data : json;
    size_t count = json_is_array(list) ? json_array_size(list) : 1;
    if (count > MAX_OBJECTS)
        return ht_fail(why, HT_ELIMIT, "too_many_objects", "over %u objects", MAX_OBJECTS);
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        const json_t *item = json_is_array(list) ? json_array_get(list, i) : list;
        err = ht_lc_decode_json(object, network, item, why);
        if (err == HT_OK && !each(user, i, object)) break;
    }
    return err;
}

static enum ht_err all_of_ssz(const struct ht_network *network, ht_bytes bytes, ht_lc_each *each,
                              void *user, struct ht_lc_object *object, struct ht_why *why) {
    if (ht_lc_decode_ssz_any(object, network, bytes, why) == HT_OK) {
        (void)each(user, 0, object);
        return HT_OK;
    }
    /* Not one object; framed updates then, if the first frame's head makes sense. */
    ht_bytes frame;
    enum ht_fork fork;
    ht_bytes rest = bytes;
    struct ht_why frame_why;
    enum ht_err err = ht_lc_next_frame(&frame, &fork, &rest, network, &frame_why);
    uint64_t length = bytes.n >= sizeof length ? ht_read_u64_le(bytes.p) : 0;
    bool has_length = length > 0 && length <= HT_LC_SSZ_MAX;
    if (err != HT_OK && has_length && why != NULL) *why = frame_why;
    if (err != HT_OK && strcmp(frame_why.code, "wrong_network") != 0) return HT_EINPUT;
    if (err != HT_OK && !has_length) return HT_EINPUT;
    rest = bytes;
    for (size_t i = 0; rest.n > 0 && i < MAX_OBJECTS; i++) {
        err = ht_lc_next_frame(&frame, &fork, &rest, network, why);
        if (err == HT_OK) err = ht_lc_decode_ssz(object, network, HT_LC_UPDATE, fork, frame, why);
        if (err != HT_OK || !each(user, i, object)) return err;
    }
    if (rest.n == 0) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "too_many_objects", "over %u objects", MAX_OBJECTS);
}

enum ht_err ht_lc_decode_all(const struct ht_network *network, ht_bytes bytes, ht_lc_each *each,
                             void *user, struct ht_why *why) {
    struct ht_lc_object *object = malloc(sizeof *object);
    if (object == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    size_t first = 0;
    while (first < bytes.n && strchr(" \t\r\n", bytes.p[first]) != NULL && bytes.p[first] != 0) {
        first++;
    }
    bool is_json = first < bytes.n && (bytes.p[first] == '{' || bytes.p[first] == '[');
    /* An SSZ object can start with any byte, but none of them is JSON to its end; text, in turn,
     * can have the length of an SSZ object. */
    json_t *json = NULL;
    enum ht_err err = HT_EINPUT;
    if (is_json) err = ht_json_parse(&json, bytes, 128UL * HT_LC_JSON_MAX, why);
    if (json != NULL) {
        err = all_of_json(network, json, each, user, object, why);
    } else if (!is_json) {
        err = all_of_ssz(network, bytes, each, user, object, why);
    } else if (all_of_ssz(network, bytes, each, user, object, NULL) == HT_OK) {
        err = HT_OK;
    }
    json_decref(json);
    free(object);
    return err;
}
