/* The official consensus-spec `light_client/sync` cases (tests/formats/light_client/sync.md):
 * steps.yaml is followed to the letter, with every check after each step. */
#include <snappy-c.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/l1/consensus/decode.h"
#include "tests/vectors/light_kinds.h"
#include "tests/vectors/light_network.h"
#include "tests/vectors/light_store.h"
#include "tests/vectors/light_yaml.h"

struct sync_case {
    const struct ht_lv_tree *tree;
    size_t first, end; /* files of its folder */
    struct ht_network network;
    struct ht_lc_store *store;
    struct ht_lc_object *object;
    struct ht_why why;
};

/* Reads NAME.ssz_snappy (raw snappy, not framed) in the container that its digest stands for. */
static enum ht_err read_object(struct sync_case *c, enum ht_lc_kind kind, const char *name,
                               const char *digest_text) {
    char file_name[HT_LV_NAME_MAX];
    (void)snprintf(file_name, sizeof file_name, "%s.ssz_snappy", name);
    const struct ht_lv_file *file = ht_lv_find(c->tree, c->first, c->end, file_name);
    if (file == NULL) return ht_fail(&c->why, HT_ENOTFOUND, "no_file", "%s is missing", file_name);
    uint8_t digest[4];
    enum ht_fork fork;
    if (digest_text == NULL || ht_hex_read(digest, 4, ht_bytes_str(digest_text)) != HT_OK ||
        ht_fork_by_digest(&fork, &c->network, digest) != HT_OK) {
        return ht_fail(&c->why, HT_EINPUT, "wrong_network", "digest %s is not one of the config",
                       digest_text != NULL ? digest_text : "(none)");
    }
    struct ht_buf packed;
    uint8_t plain[HT_LC_SSZ_MAX];
    size_t n = 0;
    enum ht_err err = ht_lv_read(&packed, file, &c->why);
    if (err == HT_OK) {
        const char *p = (const char *)packed.p;
        bool is_good = snappy_uncompressed_length(p, packed.n, &n) == SNAPPY_OK &&
                       n <= sizeof plain &&
                       snappy_uncompress(p, packed.n, (char *)plain, &n) == SNAPPY_OK;
        err = is_good ? ht_lc_decode_ssz(c->object, &c->network, kind, fork, ht_bytes_of(plain, n),
                                         &c->why)
                      : ht_fail(&c->why, HT_EINPUT, "snappy", "no snappy block of an object");
    }
    ht_buf_fini(&packed);
    if (err != HT_OK) ht_why_context(&c->why, "%s", file_name);
    return err;
}

static const char *text_at(const json_t *object, const char *key) {
    return json_string_value(ht_json_member(object, key));
}

static enum ht_err check_root(struct sync_case *c, const json_t *checks, const char *key,
                              const ht_hash32 *got) {
    ht_hash32 expected;
    enum ht_err err = ht_json_hex(expected.b, 32, checks, key, &c->why);
    if (err != HT_OK || ht_hash32_equal(&expected, got)) return err;
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(got->b));
    return ht_fail(&c->why, HT_EUNVERIFIED, "check", "%s is %s", key, text);
}

static enum ht_err check_header(struct sync_case *c, const json_t *checks, const char *name,
                                const struct ht_header_verified *header) {
    const json_t *expected = ht_json_member(checks, name);
    if (expected == NULL) return ht_fail(&c->why, HT_EINPUT, "check", "no check of %s", name);
    uint64_t slot;
    enum ht_err err = ht_json_u64(&slot, expected, "slot", &c->why);
    if (err == HT_OK && slot != header->beacon.slot) {
        err = ht_fail(&c->why, HT_EUNVERIFIED, "check", "slot is %llu, not %llu",
                      (unsigned long long)header->beacon.slot, (unsigned long long)slot);
    }
    if (err == HT_OK) err = check_root(c, expected, "beacon_root", &header->root);
    /* Checks of a store from before Capella have none. */
    if (err == HT_OK && ht_json_member(expected, "execution_root") != NULL) {
        err = check_root(c, expected, "execution_root", &header->execution_root);
    }
    if (err != HT_OK) ht_why_context(&c->why, "%s", name);
    return err;
}

static enum ht_err run_step(struct sync_case *c, const json_t *step) {
    const char *kind = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)step));
    if (kind == NULL) return ht_fail(&c->why, HT_EINPUT, "step", "no step");
    const json_t *body = ht_json_member(step, kind);
    uint64_t current_slot = 0;
    enum ht_err err = HT_OK;
    if (strcmp(kind, "process_update") == 0) {
        err = ht_json_u64(&current_slot, body, "current_slot", &c->why);
        const char *name = text_at(body, "update");
        if (err == HT_OK && name == NULL) {
            err = ht_fail(&c->why, HT_EINPUT, "step", "names no update");
        }
        if (err == HT_OK) {
            err = read_object(c, HT_LC_UPDATE, name, text_at(body, "update_fork_digest"));
        }
        if (err == HT_OK) err = ht_lc_process(c->store, NULL, c->object, current_slot, &c->why);
    } else if (strcmp(kind, "force_update") == 0) {
        err = ht_json_u64(&current_slot, body, "current_slot", &c->why);
        if (err == HT_OK) (void)ht_lc_force_update(c->store, current_slot);
    } else if (strcmp(kind, "upgrade_store") != 0) { /* our store is the same in every fork */
        err = ht_fail(&c->why, HT_EINPUT, "step", "an unknown kind of step");
    }
    const json_t *checks = ht_json_member(body, "checks");
    if (err == HT_OK) err = check_header(c, checks, "finalized_header", &c->store->finalized);
    if (err == HT_OK) err = check_header(c, checks, "optimistic_header", &c->store->optimistic);
    if (err != HT_OK) ht_why_context(&c->why, "%s", kind);
    return err;
}

static enum ht_err start_store(struct sync_case *c, const json_t *meta, const json_t *config) {
    const char *genesis_root = text_at(meta, "genesis_validators_root");
    if (genesis_root == NULL) {
        return ht_fail(&c->why, HT_EINPUT, "meta", "no genesis_validators_root");
    }
    enum ht_err err = ht_lv_network(&c->network, config, genesis_root, &c->why);
    ht_hash32 trusted;
    if (err == HT_OK) err = ht_json_hex(trusted.b, 32, meta, "trusted_block_root", &c->why);
    if (err == HT_OK) {
        err = read_object(c, HT_LC_BOOTSTRAP, "bootstrap", text_at(meta, "bootstrap_fork_digest"));
    }
    if (err == HT_OK) {
        err = ht_lc_store_init(c->store, &c->network, &trusted, c->object, &c->why);
    }
    if (err != HT_OK) ht_why_context(&c->why, "bootstrap");
    return err;
}

static enum ht_err run_steps(struct sync_case *c, const json_t *meta, const json_t *config,
                             const json_t *steps) {
    if (meta == NULL || config == NULL || !json_is_array(steps) || json_array_size(steps) == 0) {
        return ht_fail(&c->why, HT_EINPUT, "yaml", "a YAML file is not readable");
    }
    enum ht_err err = start_store(c, meta, config);
    for (size_t i = 0; err == HT_OK && i < json_array_size(steps); i++) {
        err = run_step(c, json_array_get(steps, i));
        if (err != HT_OK) ht_why_context(&c->why, "step %zu", i);
    }
    return err;
}

static void run_folder(struct ht_lv_tree *tree, size_t first, size_t end,
                       struct ht_vec_report *report) {
    struct sync_case c = {.tree = tree, .first = first, .end = end};
    c.store = ht_lv_new_store();
    c.object = ht_lv_new_object();
    json_t *meta = ht_lv_read_yaml(ht_lv_find(tree, first, end, "meta.yaml"));
    json_t *config = ht_lv_read_yaml(ht_lv_find(tree, first, end, "config.yaml"));
    json_t *steps = ht_lv_read_yaml(ht_lv_find(tree, first, end, "steps.yaml"));
    char name[HT_LV_NAME_MAX];
    ht_lv_folder_name(name, tree, &tree->files[first]);
    if (run_steps(&c, meta, config, steps) == HT_OK) {
        ht_vec_pass(report, name);
    } else {
        ht_vec_fail(report, name, "%s", c.why.text);
    }
    json_decref(meta);
    json_decref(config);
    json_decref(steps);
    free(c.store);
    free(c.object);
}

void ht_lv_run_sync(struct ht_lv_tree *tree, struct ht_vec_report *report) {
    for (size_t first = 0, end; first < tree->count; first = end) {
        end = ht_lv_folder_end(tree, first);
        bool has_all = ht_lv_find(tree, first, end, "meta.yaml") != NULL &&
                       ht_lv_find(tree, first, end, "config.yaml") != NULL &&
                       ht_lv_find(tree, first, end, "steps.yaml") != NULL;
        size_t snappy_count = 0;
        for (size_t i = first; has_all && i < end; i++) {
            snappy_count += ht_lv_has_suffix(tree->files[i].name, ".ssz_snappy");
        }
        if (snappy_count == 0) continue;
        for (size_t i = first; i < end; i++) tree->files[i].is_used = true;
        run_folder(tree, first, end, report);
    }
}
