/* Attestations that come from others: read, checked, kept. Also those of our own that were just
 * issued come this way, so that nothing is kept that would not verify. */
#include "identity/attest/attest_import.h"

#include <stdlib.h>

#include "identity/attest/attest_json.h"
#include "identity/eas/private_data.h"
#include "node/base/hex.h"
#include "node/base/log.h"

#define ARENA_MAX ((size_t)2 << 20)
#define TAKES_MAX 1024U /* packages of feeds that wait */
#define TAKES_AT_ONCE 8U

/* One that is being looked at. */
struct looking {
    struct ht_attest_check check; /* first */
    struct ht_identity *identity;
    struct ht_arena arena;
    struct ht_eas_offchain package;
    struct ht_buf json;       /* the package as it is kept */
    json_t *disclosure;       /* that came with it; NULL: none */
    ht_hash32 root;           /* that the disclosure is under, when it is */
    struct ht_rpc_call *call; /* of attest.verify */
    struct ht_attest_taken taken;
};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static struct looking *new_looking(struct ht_identity *identity) {
    struct looking *looking = calloc(1, sizeof *looking);
    if (looking == NULL) return NULL;
    looking->identity = identity;
    looking->check.identity = identity;
    ht_arena_init(&looking->arena, ARENA_MAX);
    ht_buf_init(&looking->json, HT_EAS_PACKAGE_MAX);
    return looking;
}

static void free_looking(struct looking *looking) {
    ht_attest_check_fini(&looking->check);
    ht_arena_fini(&looking->arena);
    ht_buf_fini(&looking->json);
    json_decref(looking->disclosure);
    free(looking);
}

/* --- reading what was given ------------------------------------------------------------------- */

static bool is_space(uint8_t c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static ht_bytes trim(ht_bytes text) {
    while (text.n > 0 && is_space(text.p[0])) text = ht_bytes_of(text.p + 1, text.n - 1);
    while (text.n > 0 && is_space(text.p[text.n - 1])) text.n--;
    return text;
}

/* {"package", "disclosure"} as attest.disclose gives it: the package goes to *inner. */
static enum ht_err unwrap(struct looking *looking, struct ht_buf *inner, ht_bytes text,
                          struct ht_why *why) {
    json_t *whole = NULL;
    if (text.n == 0 || text.p[0] != '{') return HT_OK;
    enum ht_err err = ht_json_parse(&whole, text, HT_EAS_PACKAGE_MAX, why);
    const json_t *package = ht_json_member(whole, "package");
    if (err == HT_OK && package != NULL) {
        const json_t *disclosure = ht_json_member(whole, "disclosure");
        if (disclosure != NULL && looking->disclosure == NULL)
            looking->disclosure = json_deep_copy(disclosure);
        err = ht_json_dump_compact(inner, package);
        if (err != HT_OK) (void)ht_fail(why, err, "eas_too_large", "the package is too large");
    }
    json_decref(whole);
    return err;
}

static enum ht_err read_package(struct looking *looking, ht_bytes text, struct ht_why *why) {
    enum ht_err err = ht_eas_offchain_read(&looking->package, &looking->arena, text, why);
    if (err != HT_OK) return err;
    looking->check.package = &looking->package;
    json_t *json = ht_eas_offchain_json(&looking->package);
    if (json == NULL) return no_memory(why);
    err = ht_json_dump_compact(&looking->json, json);
    json_decref(json);
    if (err != HT_OK) return ht_fail(why, err, "eas_too_large", "the package is too large");
    return HT_OK;
}

static enum ht_err read_text(struct looking *looking, ht_bytes given, struct ht_why *why) {
    ht_bytes text = trim(given);
    if (text.n == 0) return ht_fail(why, HT_EINPUT, "attest_text", "there is nothing to read");
    struct ht_attest_check *check = &looking->check;
    bool is_uid = text.n == 66 && ht_hex_read(check->uid.b, sizeof check->uid.b, text) == HT_OK;
    if (is_uid) {
        check->is_onchain = true;
        return HT_OK;
    }
    struct ht_buf inner;
    ht_buf_init(&inner, HT_EAS_PACKAGE_MAX);
    enum ht_err err = unwrap(looking, &inner, text, why);
    if (err == HT_OK) err = read_package(looking, inner.n > 0 ? ht_buf_view(&inner) : text, why);
    ht_buf_fini(&inner);
    return err;
}

/* --- keeping ---------------------------------------------------------------------------------- */

static void tell(struct looking *looking, enum ht_err err, const struct ht_why *why,
                 const struct ht_attest_item *item) {
    const struct ht_attest_taken taken = looking->taken;
    json_t *steps = json_incref(looking->check.steps);
    const struct ht_why reason = *why;
    free_looking(looking);
    taken.done(taken.user, err, &reason, item, steps);
    json_decref(steps);
}

static void on_kept(void *user, enum ht_err err, const struct ht_why *why,
                    const struct ht_attest_item *item) {
    tell(user, err, why, item);
}

/* A disclosure that does not hold makes all of it invalid. */
static void check_disclosure(struct looking *looking) {
    struct ht_attest_check *check = &looking->check;
    struct ht_why why = {0};
    if (looking->disclosure == NULL) return;
    bool has_root = check->has_attestation && check->attestation.data.n == sizeof looking->root.b;
    if (has_root) memcpy(looking->root.b, check->attestation.data.p, sizeof looking->root.b);
    enum ht_err err = has_root ? ht_private_verify(looking->disclosure, &looking->root, &why)
                               : ht_fail(&why, HT_EUNVERIFIED, "private_root",
                                         "the attestation holds no root of private data");
    ht_attest_step(check->steps, "disclosure", err == HT_OK, "%s",
                   err == HT_OK ? "What is disclosed is under the attestation's root" : why.text);
    if (err == HT_OK || check->standing == HT_ATTEST_INVALID) return;
    check->standing = HT_ATTEST_INVALID;
    check->why = why;
}

/* The leaves that were disclosed, when they are all there are: whoever has them can disclose, too.
 * Of some alone the tree cannot be made again. NULL else. */
static const json_t *all_leaves(const struct looking *looking) {
    struct ht_arena arena;
    struct ht_private_leaf *leaves;
    size_t count = 0;
    ht_hash32 root;
    const json_t *list = ht_json_member(looking->disclosure, "leaves");
    if (list == NULL) return NULL;
    ht_arena_init(&arena, ARENA_MAX);
    bool is_all = ht_private_leaves_read(&leaves, &count, &arena, list, NULL) == HT_OK &&
                  ht_private_root(&root, leaves, count, NULL) == HT_OK &&
                  memcmp(root.b, looking->root.b, sizeof root.b) == 0;
    ht_arena_fini(&arena);
    return is_all ? list : NULL;
}

/* What is known to be wrong is not kept, nor one on chain of which nothing could be read. */
static void on_taken(struct ht_attest_check *check) {
    struct looking *looking = (struct looking *)check;
    check_disclosure(looking);
    bool is_wrong = check->standing == HT_ATTEST_INVALID || check->standing == HT_ATTEST_NOT_THERE;
    if (is_wrong || !check->has_attestation) {
        tell(looking, is_wrong ? HT_EUNVERIFIED : HT_EAGAIN, &check->why, NULL);
        return;
    }
    struct ht_attest_row row;
    ht_attest_row_of(&row, check, ht_buf_view(&looking->json));
    const struct ht_attest_change change = {.row = &row,
                                            .record = check->has_record ? &check->record : NULL,
                                            .root = &looking->root,
                                            .leaves = all_leaves(looking),
                                            .told = on_kept,
                                            .user = looking};
    ht_attest_keep(looking->identity, &change);
}

static void begin_taking(struct ht_identity *identity, const ht_bytes *text, const ht_hash32 *uid,
                         const struct ht_attest_taken *taken) {
    struct ht_why why = {0};
    struct looking *looking = new_looking(identity);
    enum ht_err err = looking != NULL ? HT_OK : no_memory(&why);
    if (err == HT_OK && text != NULL) err = read_text(looking, *text, &why);
    if (err == HT_OK && uid != NULL) {
        looking->check.is_onchain = true;
        looking->check.uid = *uid;
    }
    if (err != HT_OK) {
        if (looking != NULL) free_looking(looking);
        taken->done(taken->user, err, &why, NULL, NULL);
        return;
    }
    looking->taken = *taken;
    looking->check.done = on_taken;
    ht_attest_check(&looking->check);
}

void ht_attest_take_text(struct ht_identity *identity, ht_bytes text,
                         const struct ht_attest_taken *taken) {
    begin_taking(identity, &text, NULL, taken);
}

void ht_attest_take_uid(struct ht_identity *identity, const ht_hash32 *uid,
                        const struct ht_attest_taken *taken) {
    begin_taking(identity, NULL, uid, taken);
}

/* --- those of feeds --------------------------------------------------------------------------- */

struct ht_attest_waiting {
    struct ht_attest_waiting *next;
    struct ht_identity *identity;
    size_t n;
    uint8_t text[];
};

static void go_on_taking(struct ht_attest *attest);

static void on_feed_taken(void *user, enum ht_err err, const struct ht_why *why,
                          const struct ht_attest_item *item, json_t *steps) {
    struct ht_attest *attest = user;
    (void)item;
    (void)steps;
    if (err != HT_OK) ht_log(HT_LOG_DEBUG, "attest", "one of a feed was not kept: %s", why->text);
    attest->taking--;
    go_on_taking(attest);
}

/* Those that end at once do not end from within. */
static void go_on_taking(struct ht_attest *attest) {
    if (attest->is_starting_takes) return;
    attest->is_starting_takes = true;
    while (attest->waiting != NULL && attest->taking < TAKES_AT_ONCE && !attest->is_quitting) {
        struct ht_attest_waiting *first = attest->waiting;
        attest->waiting = first->next;
        if (attest->waiting == NULL) attest->last_waiting = NULL;
        attest->waiting_count--;
        attest->taking++;
        const struct ht_attest_taken taken = {on_feed_taken, attest};
        ht_attest_take_text(attest->identity, ht_bytes_of(first->text, first->n), &taken);
        free(first);
    }
    attest->is_starting_takes = false;
}

static bool is_kept_already(struct ht_identity *identity, ht_bytes text) {
    struct ht_arena arena;
    struct ht_eas_offchain package;
    ht_arena_init(&arena, ARENA_MAX);
    bool is_kept =
        ht_eas_offchain_read(&package, &arena, text, NULL) == HT_OK &&
        ht_attest_get(identity, &package.attestation.attester, &package.attestation.uid) != NULL;
    ht_arena_fini(&arena);
    return is_kept;
}

void ht_attest_take(struct ht_identity *identity, ht_bytes package_json) {
    struct ht_attest *attest = identity->attest;
    if (package_json.n > HT_EAS_PACKAGE_MAX || is_kept_already(identity, package_json)) return;
    struct ht_attest_waiting *waiting = NULL;
    if (attest->waiting_count < TAKES_MAX) waiting = malloc(sizeof *waiting + package_json.n);
    if (waiting == NULL) {
        ht_log(HT_LOG_WARN, "attest", "too many attestations of feeds wait: one is dropped");
        return;
    }
    *waiting = (struct ht_attest_waiting){.identity = identity, .n = package_json.n};
    memcpy(waiting->text, package_json.p, package_json.n);
    if (attest->last_waiting != NULL) {
        attest->last_waiting->next = waiting;
    } else {
        attest->waiting = waiting;
    }
    attest->last_waiting = waiting;
    attest->waiting_count++;
    go_on_taking(attest);
}

void ht_attest_drop_waiting(struct ht_attest *attest) {
    while (attest->waiting != NULL) {
        struct ht_attest_waiting *first = attest->waiting;
        attest->waiting = first->next;
        free(first);
    }
    attest->last_waiting = NULL;
    attest->waiting_count = 0;
}

/* --- attest.import, attest.verify ------------------------------------------------------------- */

static void answer_import(void *user, enum ht_err err, const struct ht_why *why,
                          const struct ht_attest_item *item, json_t *steps) {
    struct ht_rpc_call *call = user;
    if (err != HT_OK) {
        ht_rpc_refuse_with(call,
                           &(struct ht_rpc_refusal){
                               .err = err,
                               .why = why,
                               .data = steps != NULL ? json_pack("{s:O}", "steps", steps) : NULL});
        return;
    }
    ht_rpc_finish(call, json_pack("{s:o, s:O}", "attestation",
                                  ht_attest_row_json(item->identity, &item->row), "steps", steps));
}

void ht_attest_import(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, params, "text", &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    const struct ht_attest_taken taken = {answer_import, call};
    ht_attest_take_text(self, text, &taken);
}

static void on_verified(struct ht_attest_check *check) {
    struct looking *looking = (struct looking *)check;
    check_disclosure(looking);
    ht_rpc_finish(looking->call, ht_attest_check_json(check, ht_buf_view(&looking->json)));
    free_looking(looking);
}

void ht_attest_verify(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    ht_bytes text;
    struct looking *looking = new_looking(self);
    enum ht_err err = looking != NULL ? HT_OK : no_memory(&why);
    if (err == HT_OK) err = ht_json_str(&text, params, "text", &why);
    if (err == HT_OK) {
        const json_t *disclosure = ht_json_member(params, "disclosure");
        if (disclosure != NULL) looking->disclosure = json_deep_copy(disclosure);
        err = read_text(looking, text, &why);
    }
    if (err != HT_OK) {
        if (looking != NULL) free_looking(looking);
        ht_rpc_refuse(call, err, &why);
        return;
    }
    looking->call = call;
    looking->check.done = on_verified;
    ht_attest_check(&looking->check);
}

/* --- attest.schema ---------------------------------------------------------------------------- */

static void on_schema(struct ht_attest_look *look) {
    struct ht_rpc_call *call = look->user;
    enum ht_err err = look->err != HT_OK ? look->err : look->schema_err;
    struct ht_why why = look->err != HT_OK ? look->why : look->schema_why;
    if (err == HT_OK) {
        struct ht_identity *identity = (struct ht_identity *)look->identity;
        const struct ht_attest_change change = {.record = &look->record};
        ht_attest_keep(identity, &change);
        json_t *schema = ht_attest_schema_json(&look->record);
        json_t *provenance = ht_chain_provenance_json(ht_state_chain(identity->host->state),
                                                      &look->header, look->is_final, look->source);
        (void)json_object_set_new(schema, "provenance", provenance);
        ht_rpc_finish(call, schema);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
    ht_attest_look_fini(look);
    free(look);
}

void ht_attest_schema(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_attest_look *look = calloc(1, sizeof *look);
    enum ht_err err = look != NULL ? HT_OK : no_memory(&why);
    if (err == HT_OK) err = ht_json_hex(look->schema.b, sizeof look->schema.b, params, "uid", &why);
    if (err != HT_OK) {
        free(look);
        ht_rpc_refuse(call, err, &why);
        return;
    }
    look->identity = self;
    look->block.kind = HT_BLOCK_LATEST;
    look->wants_schema = true;
    look->done = on_schema;
    look->user = call;
    ht_attest_look(look);
}
