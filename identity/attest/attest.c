/* What is kept of attestations, in memory and on disk, and its topic. Methods are in attest_list.c,
 * attest_import.c, attest_issue.c and attest_scan.c; what follows finality in attest_watch.c. */
#include "identity/attest/attest.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/attest/attest_impl.h"
#include "identity/attest/attest_json.h"
#include "identity/attest/attest_scan.h"
#include "identity/attest/attest_watch.h"
#include "identity/eas/private_data.h"
#include "node/base/log.h"

#define KEEP_ARENA_MAX ((size_t)2 << 20)
#define LEAVES_TEXT_MAX ((size_t)1 << 20)

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- finding ---------------------------------------------------------------------------------- */

static bool is_one(const struct ht_attestation *a, const ht_addr20 *attester,
                   const ht_hash32 *uid) {
    return ht_hash32_equal(&a->uid, uid) && memcmp(a->attester.b, attester->b, 20) == 0;
}

struct ht_attest_item *ht_attest_get(const struct ht_identity *identity, const ht_addr20 *attester,
                                     const ht_hash32 *uid) {
    const struct ht_attest *attest = identity->attest;
    for (size_t i = 0; i < attest->count; i++) {
        if (is_one(&attest->items[i]->row.attestation, attester, uid)) return attest->items[i];
    }
    return NULL;
}

const struct ht_eas_schema_record *ht_attest_schema_of(const struct ht_identity *identity,
                                                       const ht_hash32 *uid) {
    const struct ht_attest *attest = identity->attest;
    for (size_t i = 0; i < attest->schema_count; i++) {
        if (ht_hash32_equal(&attest->schemas[i]->uid, uid)) return attest->schemas[i];
    }
    return NULL;
}

static const json_t *leaves_of_root(const struct ht_attest *attest, const uint8_t root[static 32]) {
    for (size_t i = 0; i < attest->leaves_count; i++) {
        if (memcmp(attest->leaves[i].root.b, root, 32) == 0) return attest->leaves[i].leaves;
    }
    return NULL;
}

const json_t *ht_attest_leaves_of(const struct ht_identity *identity,
                                  const struct ht_attestation *attestation) {
    if (attestation->data.n != 32) return NULL;
    return leaves_of_root(identity->attest, attestation->data.p);
}

/* --- memory ----------------------------------------------------------------------------------- */

static void free_item(struct ht_attest *attest, struct ht_attest_item *item) {
    if (item == NULL) return;
    attest->bytes -= item->row.attestation.data.n + item->row.package.n;
    free(item->bytes);
    free(item);
}

static struct ht_attest_item *new_item(const struct ht_attest_row *row) {
    struct ht_attest_item *item = calloc(1, sizeof *item);
    size_t n = row->attestation.data.n, m = row->package.n;
    uint8_t *bytes = malloc(n + m + 1);
    if (item == NULL || bytes == NULL) {
        free(item);
        free(bytes);
        return NULL;
    }
    if (n > 0) memcpy(bytes, row->attestation.data.p, n);
    if (m > 0) memcpy(bytes + n, row->package.p, m);
    item->row = *row;
    item->bytes = bytes;
    item->row.attestation.data = ht_bytes_of(bytes, n);
    item->row.package = ht_bytes_of(bytes + n, m);
    (void)snprintf(item->code, sizeof item->code, "%s", row->code);
    (void)snprintf(item->why, sizeof item->why, "%s", row->why);
    item->row.code = item->code;
    item->row.why = item->why;
    return item;
}

static size_t place_of(const struct ht_attest *attest, const struct ht_attestation *attestation) {
    size_t i = 0;
    while (i < attest->count &&
           !is_one(&attest->items[i]->row.attestation, &attestation->attester, &attestation->uid))
        i++;
    return i;
}

static enum ht_err put_item(struct ht_attest *attest, struct ht_attest_item *item) {
    size_t i = place_of(attest, &item->row.attestation);
    if (i == HT_ATTEST_MAX) return HT_ELIMIT;
    attest->bytes += item->row.attestation.data.n + item->row.package.n;
    if (i < attest->count) {
        free_item(attest, attest->items[i]);
    } else {
        attest->count++;
    }
    attest->items[i] = item;
    return HT_OK;
}

static void drop_item(struct ht_attest *attest, const struct ht_attestation *attestation) {
    size_t i = place_of(attest, attestation);
    if (i == attest->count) return;
    free_item(attest, attest->items[i]);
    attest->count--;
    memmove(attest->items + i, attest->items + i + 1,
            (attest->count - i) * sizeof attest->items[0]);
}

/* What finds no room, or no memory, can be asked of the chain again. */
static void put_record(struct ht_attest *attest, const struct ht_eas_schema_record *record) {
    if (attest->schema_count == HT_ATTEST_SCHEMAS_MAX ||
        ht_attest_schema_of(attest->identity, &record->uid) != NULL)
        return;
    struct ht_eas_schema_record *copy = malloc(sizeof *copy + record->text.n + 1);
    if (copy == NULL) return;
    *copy = *record;
    uint8_t *text = (uint8_t *)(copy + 1);
    if (record->text.n > 0) memcpy(text, record->text.p, record->text.n);
    text[record->text.n] = '\0';
    copy->text = ht_bytes_of(text, record->text.n);
    attest->schemas[attest->schema_count++] = copy;
}

static void put_leaves(struct ht_attest *attest, const ht_hash32 *root, json_t *leaves) {
    if (leaves == NULL || leaves_of_root(attest, root->b) != NULL ||
        attest->leaves_count == HT_ATTEST_LEAVES_MAX)
        return;
    attest->leaves[attest->leaves_count++] = (struct ht_attest_tree){*root, json_incref(leaves)};
}

/* --- the disk --------------------------------------------------------------------------------- */

struct keep {
    struct ht_write write;
    struct ht_identity *identity;
    struct ht_attest_item *item; /* the row's copy */
    bool is_delete, has_scanned;
    struct ht_eas_schema_record record;
    bool has_record;
    ht_hash32 root;
    json_t *leaves;
    struct ht_buf leaves_text;
    uint64_t scanned;
    struct ht_arena arena; /* the record's text */
    void (*told)(void *user, enum ht_err err, const struct ht_why *why,
                 const struct ht_attest_item *item);
    void *user;
};

/* On the writer's thread. */
static enum ht_err write_keep(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    const struct keep *keep = (struct keep *)write;
    enum ht_err err = HT_OK;
    if (keep->item != NULL) {
        const struct ht_attestation *its = &keep->item->row.attestation;
        err = keep->is_delete ? ht_attest_sql_delete(db, &its->attester, &its->uid, why)
                              : ht_attest_sql_save(db, &keep->item->row, why);
    }
    if (err == HT_OK && keep->has_record) {
        const struct ht_eas_schema_record *record = &keep->record;
        const struct ht_eas_schema_row row = {.uid = record->uid,
                                              .resolver = record->resolver,
                                              .is_revocable = record->is_revocable,
                                              .text = record->text};
        err = ht_eas_schema_sql_save(db, &row, why);
    }
    if (err == HT_OK && keep->leaves != NULL)
        err = ht_eas_leaves_sql_save(db, &keep->root, ht_buf_view(&keep->leaves_text), why);
    if (err == HT_OK && keep->has_scanned) err = ht_attest_sql_set_scanned(db, keep->scanned, why);
    return err;
}

static void free_keep(struct keep *keep) {
    if (keep->item != NULL) free(keep->item->bytes);
    free(keep->item);
    json_decref(keep->leaves);
    ht_buf_fini(&keep->leaves_text);
    ht_arena_fini(&keep->arena);
    free(keep);
}

/* Memory follows the disk. */
static enum ht_err apply(struct keep *keep, const struct ht_attest_item **item) {
    struct ht_attest *attest = keep->identity->attest;
    enum ht_err err = HT_OK;
    *item = NULL;
    if (keep->item != NULL && keep->is_delete) {
        drop_item(attest, &keep->item->row.attestation);
    } else if (keep->item != NULL) {
        err = put_item(attest, keep->item);
        if (err == HT_OK) {
            *item = keep->item;
            keep->item = NULL;
        }
    }
    if (keep->has_record) put_record(attest, &keep->record);
    if (keep->leaves != NULL) put_leaves(attest, &keep->root, keep->leaves);
    if (keep->has_scanned) {
        attest->has_scanned = true;
        attest->scanned = keep->scanned;
    }
    return err;
}

static void set_going(const struct keep *keep, bool is_going) {
    const struct ht_attestation *its = &keep->item->row.attestation;
    struct ht_attest_item *item = ht_attest_get(keep->identity, &its->attester, &its->uid);
    if (item != NULL) item->is_going = is_going;
}

static void wrote_keep(struct ht_write *write) {
    struct keep *keep = (struct keep *)write;
    struct ht_why why = write->why;
    const struct ht_attest_item *item = NULL;
    enum ht_err err = write->err;
    bool is_shown = keep->item != NULL || keep->has_record;
    if (err == HT_OK) err = apply(keep, &item);
    if (err == HT_ELIMIT && item == NULL)
        (void)ht_fail(&why, err, "too_many_attestations", "at most %u are kept", HT_ATTEST_MAX);
    if (err != HT_OK) ht_log(HT_LOG_WARN, "attest", "nothing was kept: %s", why.text);
    if (err == HT_OK && is_shown) ht_attest_changed(keep->identity);
    if (err != HT_OK && keep->is_delete) set_going(keep, false);
    if (keep->told != NULL) keep->told(keep->user, err, &why, item);
    free_keep(keep);
}

static enum ht_err check_room(const struct ht_attest *attest, const struct ht_attest_change *change,
                              struct ht_why *why) {
    const struct ht_attest_row *row = change->row;
    if (row == NULL || change->is_delete) return HT_OK;
    size_t more = row->attestation.data.n + row->package.n;
    bool is_there = place_of(attest, &row->attestation) < attest->count;
    if ((is_there || attest->count < HT_ATTEST_MAX) && attest->bytes + more <= HT_ATTEST_BYTES_MAX)
        return HT_OK;
    return ht_fail(why, HT_ELIMIT, "too_many_attestations",
                   "at most %u attestations of %zu bytes in all are kept", HT_ATTEST_MAX,
                   HT_ATTEST_BYTES_MAX);
}

static enum ht_err copy_change(struct keep *keep, const struct ht_attest_change *change,
                               struct ht_why *why) {
    const struct ht_attest *attest = keep->identity->attest;
    enum ht_err err = check_room(attest, change, why);
    if (err != HT_OK) return err;
    if (change->row != NULL) {
        keep->item = new_item(change->row);
        if (keep->item == NULL) return no_memory(why);
        keep->item->identity = keep->identity;
        size_t i = place_of(attest, &change->row->attestation);
        keep->item->row.added_ms = i < attest->count ? attest->items[i]->row.added_ms
                                                     : ht_wall_ms(keep->identity->host->clock);
    }
    if (change->record != NULL) {
        keep->record = *change->record;
        keep->has_record = true;
        uint8_t *text = ht_arena_alloc(&keep->arena, change->record->text.n + 1);
        if (text == NULL) return no_memory(why);
        if (change->record->text.n > 0)
            memcpy(text, change->record->text.p, change->record->text.n);
        keep->record.text = ht_bytes_of(text, change->record->text.n);
    }
    if (change->leaves != NULL) {
        keep->root = *change->root;
        keep->leaves = json_deep_copy(change->leaves);
        if (keep->leaves == NULL) return no_memory(why);
        err = ht_json_dump_compact(&keep->leaves_text, keep->leaves);
        if (err != HT_OK) return ht_fail(why, err, "private_too_large", "the leaves are too large");
    }
    keep->has_scanned = change->scanned != NULL;
    if (keep->has_scanned) keep->scanned = *change->scanned;
    return HT_OK;
}

void ht_attest_keep(struct ht_identity *identity, const struct ht_attest_change *change) {
    struct ht_why why = {0};
    struct keep *keep = calloc(1, sizeof *keep);
    enum ht_err err = keep != NULL ? HT_OK : no_memory(&why);
    if (err == HT_OK) {
        keep->identity = identity;
        keep->is_delete = change->is_delete;
        keep->told = change->told;
        keep->user = change->user;
        keep->write.write = write_keep;
        keep->write.done = wrote_keep;
        ht_arena_init(&keep->arena, KEEP_ARENA_MAX);
        ht_buf_init(&keep->leaves_text, LEAVES_TEXT_MAX);
        err = copy_change(keep, change, &why);
    }
    if (err == HT_OK) {
        err = ht_writer_submit(identity->host->writer, &keep->write);
        if (err != HT_OK) (void)ht_fail(&why, err, "busy", "the disk is too busy now");
    }
    if (err == HT_OK && keep->is_delete) set_going(keep, true);
    if (err == HT_OK) return;
    if (keep != NULL) free_keep(keep);
    if (change->told != NULL) change->told(change->user, err, &why, NULL);
}

void ht_attest_row_of(struct ht_attest_row *out, const struct ht_attest_check *check,
                      ht_bytes package) {
    *out = (struct ht_attest_row){
        .attestation = check->attestation,
        .is_onchain = check->is_onchain,
        .is_by_contract = check->asks_contract,
        .package = package,
        .standing = (int)check->standing,
        .code = check->standing != HT_ATTEST_HOLDS ? check->why.code : "",
        .why = check->standing != HT_ATTEST_HOLDS ? check->why.text : "",
        .has_block = check->has_block,
        .is_final = check->is_final,
    };
    out->attestation.revocation_time = check->revoked_s;
    if (!check->has_block) return;
    out->block = check->header.header.number;
    out->block_s = check->header.header.timestamp;
    out->block_hash = check->header.hash;
}

/* --- the topic, and life ---------------------------------------------------------------------- */

void ht_attest_changed(struct ht_identity *identity) {
    identity->attest->changes++;
    identity->host->publish(identity->host, "attest.changed");
}

enum ht_err ht_attest_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_identity *identity = self;
    const struct ht_attest *attest = identity->attest;
    json_t *value = json_pack("{s:I, s:I, s:o}", "count", (json_int_t)attest->count, "changes",
                              (json_int_t)attest->changes, "as_of", ht_attest_as_of_json(attest));
    if (value == NULL) return no_memory(why);
    *out = value;
    return HT_OK;
}

static enum ht_err load_item(void *user, const struct ht_attest_row *row) {
    struct ht_attest *attest = user;
    bool is_fine = row->standing >= HT_ATTEST_HOLDS && row->standing <= HT_ATTEST_UNVERIFIED &&
                   attest->count < HT_ATTEST_MAX && row->attestation.data.n <= HT_EAS_DATA_MAX;
    if (!is_fine) return HT_OK;
    struct ht_attest_item *item = new_item(row);
    if (item == NULL) return HT_ENOMEM;
    item->identity = attest->identity;
    return put_item(attest, item);
}

static enum ht_err load_record(void *user, const struct ht_eas_schema_row *row) {
    const struct ht_eas_schema_record record = {.uid = row->uid,
                                                .resolver = row->resolver,
                                                .is_revocable = row->is_revocable,
                                                .text = row->text};
    put_record(user, &record);
    return HT_OK;
}

static enum ht_err load_leaves(void *user, const ht_hash32 *root, ht_bytes text) {
    json_t *leaves = NULL;
    if (ht_json_parse(&leaves, text, LEAVES_TEXT_MAX, NULL) != HT_OK) return HT_OK;
    put_leaves(user, root, leaves);
    json_decref(leaves);
    return HT_OK;
}

enum ht_err ht_attest_new(struct ht_identity *identity, sqlite3 *db, struct ht_why *why) {
    struct ht_attest *attest = calloc(1, sizeof *attest);
    if (attest == NULL) return no_memory(why);
    attest->identity = identity;
    identity->attest = attest;
    enum ht_err err = ht_attest_sql_load(db, load_item, attest, why);
    if (err == HT_OK) err = ht_eas_schema_sql_load(db, load_record, attest, why);
    if (err == HT_OK) err = ht_eas_leaves_sql_load(db, load_leaves, attest, why);
    if (err == HT_OK) {
        err = ht_attest_sql_scanned(db, &attest->scanned, why);
        attest->has_scanned = err == HT_OK;
        if (err == HT_ENOTFOUND) err = HT_OK;
    }
    if (err != HT_OK) ht_attest_free(identity);
    return err;
}

void ht_attest_free(struct ht_identity *identity) {
    struct ht_attest *attest = identity->attest;
    ht_attest_drop_waiting(attest);
    for (size_t i = 0; i < attest->count; i++) free_item(attest, attest->items[i]);
    for (size_t i = 0; i < attest->schema_count; i++) free(attest->schemas[i]);
    for (size_t i = 0; i < attest->leaves_count; i++) json_decref(attest->leaves[i].leaves);
    free(attest);
    identity->attest = NULL;
}

void ht_attest_on_head(struct ht_identity *identity) {
    if (identity->attest->is_quitting) return;
    ht_attest_watch_on_head(identity);
}

void ht_attest_quit(struct ht_identity *identity) {
    identity->attest->is_quitting = true;
}
