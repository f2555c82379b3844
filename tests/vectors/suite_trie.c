/* The trie suite, three forms of cases in any JSON file (also packed as .json.gz):
 *   ethereum/tests TrieTests    {NAME: {"in": {KEY: VALUE} or [[KEY, VALUE]], "root"}}
 *   their order of keys         {NAME: {"in": [KEY], "tests": [[KEY, BEFORE, BEHIND]]}}
 *   recorded eth_getProof       {"block": {"stateRoot"}, "accounts": [ANSWER], "storageHash",
 *                                "storage": [{"key", "value", "proof"}]}
 * In the first two, text that begins with 0x is hex, null deletes, and a file whose name says
 * "secure" has keccak256 of the keys. There every key is also proven out of the trie that was
 * built, and in the third every proof is spoiled in all the ways of proof_attacks.h. */
#include <stdio.h>
#include <strings.h>

#include "node/base/hex.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/trie_build.h"
#include "tests/vectors/proof_attacks.h"
#include "tests/vectors/vectors.h"

#define FILE_MAX ((size_t)256 << 20)
#define ENTRIES_MAX 65536U
#define BYTES_MAX ((size_t)64 << 20)

struct run {
    struct ht_vec_report *report;
    size_t root_cases, order_cases, proof_cases;
};

/* One trie under construction. */
struct building {
    struct ht_trie trie;
    struct ht_arena arena; /* texts as bytes */
    struct ht_witness witness;
    ht_hash32 root;
    bool is_secure;
};

/* --- tries from entries ----------------------------------------------------------------------- */

static void building_init(struct building *building, bool is_secure) {
    building->is_secure = is_secure;
    ht_trie_init(&building->trie, ENTRIES_MAX);
    ht_arena_init(&building->arena, BYTES_MAX);
    ht_witness_init(&building->witness, 2 * ENTRIES_MAX, BYTES_MAX);
}

static void building_fini(struct building *building) {
    ht_trie_fini(&building->trie);
    ht_arena_fini(&building->arena);
    ht_witness_fini(&building->witness);
}

/* Text as it is, or what it says in hex; null is nothing. */
static enum ht_err read_text(ht_bytes *out, struct ht_arena *arena, const json_t *value,
                             struct ht_why *why) {
    ht_bytes text = {0};
    if (json_is_null(value)) {
        *out = text;
        return HT_OK;
    }
    enum ht_err err = ht_json_str(&text, value, "", why);
    if (err != HT_OK) return err;
    uint8_t *bytes = ht_arena_alloc(arena, text.n + 1);
    if (bytes == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory");
    size_t n = text.n;
    if (n >= 2 && memcmp(text.p, "0x", 2) == 0) {
        n = (n - 2) / 2;
        err = ht_hex_read(bytes, n, text);
        if (err != HT_OK) return ht_fail(why, err, "case", "0x without pairs of hex digits");
    } else if (n > 0) {
        memcpy(bytes, text.p, n);
    }
    *out = ht_bytes_of(bytes, n);
    return HT_OK;
}

static enum ht_err put(struct building *building, const json_t *key, const json_t *value,
                       struct ht_why *why) {
    ht_bytes key_bytes = {0};
    ht_bytes value_bytes = {0};
    enum ht_err err = read_text(&key_bytes, &building->arena, key, why);
    if (err == HT_OK) err = read_text(&value_bytes, &building->arena, value, why);
    if (err != HT_OK) return err;
    return building->is_secure ? ht_trie_put_hashed(&building->trie, key_bytes, value_bytes, why)
                               : ht_trie_put(&building->trie, key_bytes, value_bytes, why);
}

static enum ht_err keep_node(void *user, ht_bytes node, struct ht_why *why) {
    return ht_witness_add(user, node, why);
}

static enum ht_err make_root(struct building *building, struct ht_why *why) {
    const struct ht_trie_visitor visitor = {keep_node, &building->witness};
    return ht_trie_root(&building->root, &building->trie, &visitor, why);
}

/* Entries of a list in its order; of a map forwards or, since any order must do, backwards. */
static enum ht_err put_all(struct building *building, json_t *in, bool is_backwards,
                           struct ht_why *why) {
    enum ht_err err = HT_OK;
    const size_t count = json_is_array(in) ? json_array_size(in) : json_object_size(in);
    void *member = json_object_iter(in);
    const char *keys[1024];
    if (json_is_object(in) && count > sizeof keys / sizeof *keys) {
        return ht_fail(why, HT_ELIMIT, "case", "more keys than this suite reads");
    }
    for (size_t i = 0; member != NULL; i++) {
        keys[is_backwards ? count - 1 - i : i] = json_object_iter_key(member);
        member = json_object_iter_next(in, member);
    }
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        const json_t *pair = json_array_get(in, i);
        if (pair != NULL) {
            err = put(building, json_array_get(pair, 0), json_array_get(pair, 1), why);
            continue;
        }
        json_t *key = json_string(keys[i]);
        err = put(building, key, json_object_get(in, keys[i]), why);
        json_decref(key);
    }
    return err;
}

/* Each key that is there, by a single proof and from the witness; one that is not there. */
static enum ht_err prove_all(struct building *building, struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < building->trie.count && err == HT_OK; i++) {
        const struct ht_trie_entry *entry = &building->trie.entries[i];
        ht_bytes key = ht_bytes_of(entry->key, entry->key_n);
        ht_bytes value, nodes[HT_GET_PROOF_NODES_MAX];
        size_t count = 0;
        err = ht_witness_path(&value, nodes, &count, HT_GET_PROOF_NODES_MAX, &building->witness,
                              &building->root, key, why);
        if (err == HT_OK && !ht_bytes_equal(value, entry->value)) {
            err = ht_fail(why, HT_EBUG, "case", "entry %zu is proven with another value", i);
        }
        const struct ht_proof_nodes proof = {nodes, count};
        ht_hash32 hash;
        if (err == HT_OK && building->is_secure) {
            memcpy(hash.b, entry->key, sizeof hash.b);
            err = ht_vec_attack_proof(&building->root, &hash, &proof, why);
        }
    }
    ht_bytes value;
    if (err == HT_OK) {
        err = ht_witness_prove(&value, &building->witness, &building->root,
                               ht_bytes_str("\xff"
                                            "no such key"),
                               why);
    }
    if (err == HT_OK && value.n > 0) err = ht_fail(why, HT_EBUG, "case", "a key out of nowhere");
    return err == HT_OK ? ht_witness_check_used(&building->witness, why) : err;
}

static enum ht_err run_root_once(json_t *one, bool is_secure, bool is_backwards,
                                 struct ht_why *why) {
    struct building building;
    ht_hash32 want;
    building_init(&building, is_secure);
    enum ht_err err = ht_json_hex(want.b, sizeof want.b, one, "root", why);
    if (err == HT_OK) err = put_all(&building, json_object_get(one, "in"), is_backwards, why);
    if (err == HT_OK) err = make_root(&building, why);
    if (err == HT_OK && !ht_hash32_equal(&building.root, &want)) {
        char got[HT_HEX_SIZE(32)];
        ht_hex_write(got, HT_BYTES(building.root.b));
        err = ht_fail(why, HT_EUNVERIFIED, "case", "has the root %s", got);
    }
    if (err == HT_OK) err = prove_all(&building, why);
    building_fini(&building);
    return err;
}

static void report_case(struct run *run, const char *name, enum ht_err err,
                        const struct ht_why *why) {
    if (err == HT_OK) {
        ht_vec_pass(run->report, name);
    } else {
        ht_vec_fail(run->report, name, "%s", why->text);
    }
}

static void run_root_case(struct run *run, const char *name, json_t *one, bool is_secure) {
    struct ht_why why = {.code = "", .text = ""};
    run->root_cases++;
    enum ht_err err = run_root_once(one, is_secure, false, &why);
    if (err == HT_OK && json_is_object(json_object_get(one, "in"))) {
        err = run_root_once(one, is_secure, true, &why);
    }
    report_case(run, name, err, &why);
}

/* --- order of keys ---------------------------------------------------------------------------- */

static int compare(ht_bytes a, ht_bytes b) {
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    if (order != 0 || a.n == b.n) return order;
    return a.n < b.n ? -1 : 1;
}

/* [KEY, the key before it, the key behind it], "" for none. */
static enum ht_err check_neighbours(struct building *building, const json_t *test,
                                    struct ht_why *why) {
    ht_bytes key = {0};
    ht_bytes want[2] = {{0}, {0}};
    ht_bytes got[2] = {{0}, {0}};
    enum ht_err err = read_text(&key, &building->arena, json_array_get(test, 0), why);
    for (size_t i = 0; i < 2 && err == HT_OK; i++) {
        err = read_text(&want[i], &building->arena, json_array_get(test, i + 1), why);
    }
    if (err != HT_OK) return err;
    for (size_t i = building->trie.count; i > 0; i--) {
        const struct ht_trie_entry *entry = &building->trie.entries[i - 1];
        ht_bytes one = ht_bytes_of(entry->key, entry->key_n);
        if (compare(one, key) > 0) got[1] = one;
        if (compare(one, key) < 0 && got[0].n == 0) got[0] = one;
    }
    if (ht_bytes_equal(got[0], want[0]) && ht_bytes_equal(got[1], want[1])) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "case", "of \"%.*s\": \"%.*s\" and \"%.*s\"", (int)key.n,
                   (const char *)key.p, (int)got[0].n, (const char *)got[0].p, (int)got[1].n,
                   (const char *)got[1].p);
}

static void run_order_case(struct run *run, const char *name, const json_t *one) {
    struct ht_why why = {.code = "", .text = ""};
    struct building building;
    json_t *value = json_string("value");
    const json_t *keys = json_object_get(one, "in");
    const json_t *tests = json_object_get(one, "tests");
    enum ht_err err = HT_OK;
    run->order_cases++;
    building_init(&building, false);
    for (size_t i = 0; i < json_array_size(keys) && err == HT_OK; i++) {
        err = put(&building, json_array_get(keys, i), value, &why);
    }
    if (err == HT_OK) err = make_root(&building, &why);
    for (size_t i = 0; i < json_array_size(tests) && err == HT_OK; i++) {
        err = check_neighbours(&building, json_array_get(tests, i), &why);
    }
    report_case(run, name, err, &why);
    building_fini(&building);
    json_decref(value);
}

/* --- recorded proofs -------------------------------------------------------------------------- */

static void run_account(struct run *run, const char *name, const json_t *item,
                        const ht_hash32 *state_root) {
    struct ht_why why = {.code = "", .text = ""};
    struct ht_arena arena;
    struct ht_get_proof answer;
    struct ht_account account;
    bool exists = false;
    run->proof_cases++;
    ht_arena_init(&arena, BYTES_MAX);
    enum ht_err err = ht_get_proof_read(&answer, &arena, item, &why);
    ht_hash32 slots[HT_GET_PROOF_SLOTS_MAX];
    for (size_t i = 0; err == HT_OK && i < answer.slot_count; i++) slots[i] = answer.slots[i].slot;
    if (err == HT_OK) {
        err = ht_get_proof_check(&account, &exists, &answer, state_root, &answer.address, slots,
                                 answer.slot_count, &why);
    }
    if (err == HT_OK) err = ht_vec_attack_answer(state_root, &answer, &why);
    report_case(run, name, err, &why);
    ht_arena_fini(&arena);
}

static void run_slot(struct run *run, const char *name, const json_t *item,
                     const ht_hash32 *storage_root) {
    struct ht_why why = {.code = "", .text = ""};
    struct ht_arena arena;
    struct ht_slot_claim claim;
    ht_hash32 key;
    run->proof_cases++;
    ht_arena_init(&arena, BYTES_MAX);
    enum ht_err err = ht_get_proof_read_slot(&claim, &arena, item, &why);
    if (err == HT_OK) err = ht_get_proof_check_slot(&claim, storage_root, &why);
    if (err == HT_OK) {
        ht_keccak256(&key, HT_BYTES(claim.slot.b));
        err = ht_vec_attack_proof(storage_root, &key, &claim.proof, &why);
    }
    if (err == HT_OK) {
        claim.value[31] ^= 1;
        struct ht_why got = {.code = "accepted", .text = ""};
        (void)!ht_get_proof_check_slot(&claim, storage_root, &got);
        if (strcmp(got.code, "claim_differs") != 0) {
            err = ht_fail(&why, HT_EBUG, "attack", "a value that differs: %s", got.code);
        }
    }
    report_case(run, name, err, &why);
    ht_arena_fini(&arena);
}

static void run_proofs(struct run *run, const char *file, const json_t *document) {
    char name[300];
    ht_hash32 state_root, storage_root;
    const json_t *accounts = json_object_get(document, "accounts");
    const json_t *slots = json_object_get(document, "storage");
    const bool has_state =
        ht_json_hex(state_root.b, sizeof state_root.b, document, "block.stateRoot", NULL) == HT_OK;
    const bool has_storage =
        ht_json_hex(storage_root.b, sizeof storage_root.b, document, "storageHash", NULL) == HT_OK;
    for (size_t i = 0; i < json_array_size(accounts); i++) {
        (void)snprintf(name, sizeof name, "%s/accounts[%zu]", file, i);
        if (has_state)
            run_account(run, name, json_array_get(accounts, i), &state_root);
        else
            ht_vec_skip(run->report, name, "there is no block.stateRoot");
    }
    for (size_t i = 0; i < json_array_size(slots); i++) {
        (void)snprintf(name, sizeof name, "%s/storage[%zu]", file, i);
        if (has_storage)
            run_slot(run, name, json_array_get(slots, i), &storage_root);
        else
            ht_vec_skip(run->report, name, "there is no storageHash");
    }
}

/* --- files ------------------------------------------------------------------------------------ */

static bool is_root_case(const json_t *one) {
    const json_t *in = json_object_get(one, "in");
    return (json_is_array(in) || json_is_object(in)) &&
           json_is_string(json_object_get(one, "root"));
}

static bool is_order_case(const json_t *one) {
    return json_is_array(json_object_get(one, "in")) &&
           json_is_array(json_object_get(one, "tests"));
}

static bool holds_proofs(const json_t *document) {
    const json_t *account = json_array_get(json_object_get(document, "accounts"), 0);
    const json_t *slot = json_array_get(json_object_get(document, "storage"), 0);
    return json_object_get(account, "accountProof") != NULL ||
           json_object_get(slot, "proof") != NULL;
}

static void run_document(struct run *run, const char *file, json_t *document) {
    const char *key = NULL;
    json_t *one = NULL;
    char name[300];
    if (holds_proofs(document)) run_proofs(run, file, document);
    json_object_foreach(document, key, one) {
        (void)snprintf(name, sizeof name, "%s/%s", file, key);
        if (is_root_case(one)) run_root_case(run, name, one, strcasestr(file, "secure") != NULL);
        if (is_order_case(one)) run_order_case(run, name, one);
    }
}

/* Spares the parser the many large files of other suites. */
static bool may_hold_cases(ht_bytes text) {
    const bool has_in = memmem(text.p, text.n, "\"in\"", 4) != NULL;
    const bool has_more = memmem(text.p, text.n, "\"root\"", 6) != NULL ||
                          memmem(text.p, text.n, "\"tests\"", 7) != NULL;
    const bool has_proofs = memmem(text.p, text.n, "\"accounts\"", 10) != NULL ||
                            memmem(text.p, text.n, "\"storage\"", 9) != NULL;
    return (has_in && has_more) || (has_proofs && memmem(text.p, text.n, "roof\"", 5) != NULL);
}

static void run_file(const char *path, void *user) {
    struct run *run = user;
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    struct ht_buf text;
    ht_buf_init(&text, FILE_MAX);
    json_t *document = NULL;
    struct ht_why why = {.code = "", .text = ""};
    if (ht_vec_read(&text, path) != HT_OK) {
        ht_vec_note("trie: %s cannot be read", path);
    } else if (text.n > 0 && may_hold_cases(ht_buf_view(&text))) {
        if (ht_json_parse(&document, ht_buf_view(&text), FILE_MAX, &why) == HT_OK) {
            run_document(run, name, document);
        } else {
            ht_vec_skip(run->report, path, why.text);
        }
    }
    json_decref(document);
    ht_buf_fini(&text);
}

static void run_trie(const char *fixtures_dir, struct ht_vec_report *report) {
    struct run run = {.report = report};
    (void)ht_vec_walk(fixtures_dir, ".json", run_file, &run);
    (void)ht_vec_walk(fixtures_dir, ".json.gz", run_file, &run);
    if (run.root_cases == 0) ht_vec_note("trie: no roots in the form of ethereum/tests TrieTests");
    if (run.order_cases == 0) ht_vec_note("trie: no order of keys in the form of TrieTests");
    const struct ht_vec_flips flips = ht_vec_flips();
    ht_vec_note("trie: %zu bytes of proofs flipped in each bit: %zu lies told, %zu refused",
                flips.bytes, flips.flipped, flips.refused);
    if (run.proof_cases == 0) ht_vec_note("trie: no recorded answers to eth_getProof");
}

const struct ht_vec_suite ht_vec_suite_trie = {.name = "trie", .run = run_trie};
