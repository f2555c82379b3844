/* Follows creations: outbox, addresses, proven codes. What is sent and asked is create_methods.c's.
 */
#include "governance/create/create_follow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "governance/text.h"
#include "node/base/log.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define PARAMS_MAX ((size_t)64 << 10)

const ht_addr20 *ht_gov_eas(const struct ht_network *network) {
    static const ht_addr20 none;
    static const struct {
        uint64_t chain_id;
        ht_addr20 eas;
    } known[] = {
        {1, {{0xa1, 0x20, 0x7f, 0x3b, 0xba, 0x22, 0x4e, 0x2c, 0x9c, 0x3c,
              0x6d, 0x5a, 0xf6, 0x3d, 0x0e, 0xb1, 0x58, 0x2c, 0xe5, 0x87}}},
        {11155111, {{0xc2, 0x67, 0x9f, 0xbd, 0x37, 0xd5, 0x43, 0x88, 0xce, 0x49,
                     0x3f, 0x1d, 0xb7, 0x53, 0x20, 0xd2, 0x36, 0xe1, 0x81, 0x5e}}},
    };
    const ht_addr20 *named = &network->contracts.eas;
    if (memcmp(named, &none, sizeof none) != 0) return named;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].chain_id == network->chain_id) return &known[i].eas;
    }
    return NULL;
}

/* --- on disk ------------------------------------------------------------------------------------
 */

struct keeping {
    struct ht_write write; /* first */
    struct ht_gov_creation_row row;
    char *params, why[200];
    struct ht_gov_creation *creation; /* a new one, not on the list yet */
    ht_gov_creation_told told;
    void *user;
};

static void creation_free(struct ht_gov_creation *creation) {
    if (creation != NULL) json_decref(creation->params);
    free(creation);
}

static enum ht_err write_row(struct ht_write *w, sqlite3 *db, struct ht_why *why) {
    struct keeping *keeping = (struct keeping *)w;
    if (keeping->creation == NULL) return ht_gov_creation_sql_update(db, &keeping->row, why);
    return ht_gov_creation_sql_add(db, &keeping->row.id, &keeping->row, why);
}

static void keeping_free(struct keeping *keeping) {
    if (keeping != NULL) free(keeping->params);
    free(keeping);
}

static void kept(struct ht_write *w) {
    struct keeping *keeping = (struct keeping *)w;
    struct ht_gov_creation *creation = keeping->creation;
    if (w->err != HT_OK) ht_log(HT_LOG_ERROR, "governance", "a creation: %s", w->why.text);
    if (creation != NULL) {
        struct ht_governance *governance = creation->governance;
        struct ht_gov_create *create = governance->create;
        if (w->err != HT_OK || create == NULL) {
            creation_free(creation);
            creation = NULL;
        } else {
            creation->id = keeping->row.id;
            creation->next = create->list;
            create->list = creation;
        }
        keeping->told(keeping->user, creation, w->err, &w->why);
        if (creation != NULL) ht_gov_create_look(governance);
    }
    keeping_free(keeping);
}

static struct keeping *keeping_of(const struct ht_gov_creation *creation) {
    struct keeping *keeping = calloc(1, sizeof *keeping);
    if (keeping == NULL) return NULL;
    keeping->params = json_dumps(creation->params, JSON_COMPACT);
    if (creation->state == HT_GOV_CREATION_FAILED) {
        memcpy(keeping->why, creation->why.text, sizeof keeping->why);
    }
    keeping->write = (struct ht_write){.write = write_row, .done = kept};
    keeping->row = (struct ht_gov_creation_row){.id = creation->id,
                                                .params = keeping->params,
                                                .hash = creation->hash,
                                                .sender = creation->sender,
                                                .state = (int64_t)creation->state,
                                                .at_ms = creation->at_ms,
                                                .has_maker = creation->has_made,
                                                .maker = creation->made.maker,
                                                .why = keeping->why};
    if (keeping->params != NULL) return keeping;
    free(keeping);
    return NULL;
}

/* Told and kept; what cannot be kept is found out again after a restart. */
static void changed(struct ht_gov_creation *creation) {
    const struct ht_host *host = creation->governance->host;
    struct keeping *keeping = keeping_of(creation);
    if (keeping == NULL || ht_writer_submit(host->writer, &keeping->write) != HT_OK) {
        keeping_free(keeping);
        ht_log(HT_LOG_WARN, "governance", "the state of a creation was not kept");
    }
    host->publish(host, "dao.creations");
}

void ht_gov_creation_begin(struct ht_governance *governance,
                           const struct ht_gov_creation_sent *sent, ht_gov_creation_told told,
                           void *user) {
    struct ht_why why = {.code = "no_memory", .text = "out of memory"};
    enum ht_err err = HT_ENOMEM;
    struct keeping *keeping = NULL;
    struct ht_gov_creation *creation = calloc(1, sizeof *creation);
    if (creation != NULL) {
        creation->governance = governance;
        creation->params = json_deep_copy(sent->params);
        creation->wishes = *sent->wishes;
        creation->hash = sent->hash;
        creation->sender = sent->sender;
        creation->at_ms = ht_wall_ms(governance->host->clock);
        if (creation->params != NULL) keeping = keeping_of(creation);
    }
    if (keeping != NULL) {
        keeping->creation = creation;
        keeping->told = told;
        keeping->user = user;
        err = ht_writer_submit(governance->host->writer, &keeping->write);
        if (err == HT_OK) return;
        (void)ht_fail(&why, err, "busy", "too much waits to be written");
    }
    keeping_free(keeping);
    creation_free(creation);
    told(user, NULL, err, &why);
}

/* --- proof --------------------------------------------------------------------------------------
 */

static void fail(struct ht_gov_creation *creation, const struct ht_why *why) {
    creation->state = HT_GOV_CREATION_FAILED;
    creation->why = *why;
    changed(creation);
}

/* What stands at the addresses, by proof: nothing yet, a community as wished, or something else. */
static void judge(struct ht_gov_creation *creation) {
    struct ht_why why;
    const struct ht_buf *codes = creation->codes;
    const struct ht_gov_made_codes made = {.treasury = {codes[0].p, codes[0].n},
                                           .votes = {codes[1].p, codes[1].n},
                                           .governor = {codes[2].p, codes[2].n}};
    if (made.governor.n == 0) return;
    if (ht_gov_made_check(&creation->made, &creation->wishes, &made, &why) != HT_OK) {
        fail(creation, &why);
        return;
    }
    bool was_there = creation->state == HT_GOV_CREATION_THERE;
    creation->state = was_there ? HT_GOV_CREATION_FINAL : HT_GOV_CREATION_THERE;
    changed(creation);
}

static void drop_codes(struct ht_gov_creation *creation) {
    for (unsigned i = 0; i < 3; i++) ht_buf_fini(&creation->codes[i]);
}

static void read_part(struct ht_gov_creation *creation);

static void was_read(struct ht_state_read *read) {
    struct ht_gov_creation *creation =
        (struct ht_gov_creation *)(void *)((char *)read - offsetof(struct ht_gov_creation, read));
    enum ht_err err = read->err;
    if (err == HT_OK) {
        struct ht_buf *code = &creation->codes[creation->part];
        ht_buf_init(code, HT_STATE_CODE_MAX);
        err = ht_buf_add(code, ht_bytes_of(read->code.p, read->code.n));
    }
    /* All codes at one block: between two it may come to be there. */
    if (err == HT_OK) {
        creation->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = read->header.hash};
    }
    ht_state_read_fini(read);
    creation->is_reading = false;
    bool is_more = err == HT_OK && creation->part < 2;
    if (creation->governance->is_quitting) is_more = false;
    if (is_more) {
        creation->part++;
        read_part(creation);
        return;
    }
    /* What could not be read now is read at the next head. */
    if (err == HT_OK && creation->part == 2) judge(creation);
    drop_codes(creation);
}

static void read_part(struct ht_gov_creation *creation) {
    const ht_addr20 *const parts[] = {&creation->made.treasury, &creation->made.votes,
                                      &creation->made.governor};
    creation->is_reading = true;
    creation->read = (struct ht_state_read){.block = creation->block,
                                            .address = *parts[creation->part],
                                            .wants_code = true,
                                            .done = was_read};
    ht_state_read(creation->governance->host->state, &creation->read);
}

/* --- the outbox ---------------------------------------------------------------------------------
 */

static const json_t *find_sent(const json_t *outbox, const ht_hash32 *hash) {
    const json_t *list = ht_json_member(outbox, "transactions");
    for (size_t i = 0; i < json_array_size(list); i++) {
        ht_hash32 one;
        const json_t *item = json_array_get(list, i);
        if (ht_json_hex(one.b, sizeof one.b, item, "hash", NULL) != HT_OK) continue;
        if (ht_hash32_equal(&one, hash)) return item;
    }
    return NULL;
}

/* Its addresses follow from the transaction's nonce. */
static void take_nonce(struct ht_gov_creation *creation, const json_t *item) {
    uint64_t nonce;
    ht_addr20 maker;
    if (creation->has_made || ht_json_u64(&nonce, item, "nonce", NULL) != HT_OK) return;
    ht_gov_created_address(&maker, &creation->sender, nonce);
    ht_gov_made_by(&creation->made, &creation->wishes, &maker);
    creation->has_made = true;
    changed(creation);
}

/* False when there is nothing to prove: it is not in a block, or it has failed. */
static bool is_worth_a_look(struct ht_gov_creation *creation, const json_t *item) {
    struct ht_why why;
    bool succeeded = true;
    const char *state = "";
    if (item == NULL) return creation->has_made; /* forgotten by the outbox: the state tells */
    take_nonce(creation, item);
    if (!creation->has_made || ht_json_text(&state, item, "state", NULL) != HT_OK) return false;
    if (strcmp(state, "replaced") == 0) {
        (void)ht_fail(&why, HT_EDENIED, "replaced", "another transaction has taken its nonce");
        fail(creation, &why);
        return false;
    }
    if (strcmp(state, "sent") == 0) return false;
    if (ht_json_bool(&succeeded, item, "succeeded", NULL) == HT_OK && !succeeded) {
        (void)ht_fail(&why, HT_EDENIED, "reverted",
                      "the transaction failed: nothing was created (the fee is spent)");
        fail(creation, &why);
        return false;
    }
    return true;
}

void ht_gov_create_look(struct ht_governance *governance) {
    json_t *outbox = NULL;
    if (governance->create == NULL || governance->is_quitting) return;
    struct ht_gov_creation *creation = governance->create->list;
    for (; creation != NULL; creation = creation->next) {
        bool is_over = creation->state >= HT_GOV_CREATION_FINAL;
        if (is_over || creation->is_reading) continue;
        if (outbox == NULL && ht_outbox_json(governance->host->outbox, &outbox, NULL) != HT_OK) {
            return;
        }
        if (!is_worth_a_look(creation, find_sent(outbox, &creation->hash))) continue;
        bool was_there = creation->state == HT_GOV_CREATION_THERE;
        creation->part = 0;
        creation->block =
            (struct ht_block_id){.kind = was_there ? HT_BLOCK_FINALIZED : HT_BLOCK_LATEST};
        read_part(creation);
    }
    json_decref(outbox);
}

struct ht_gov_creation *ht_gov_creation_find(const struct ht_governance *governance, int64_t id) {
    struct ht_gov_creation *creation = governance->create->list;
    while (creation != NULL && creation->id != id) creation = creation->next;
    return creation;
}

/* --- as JSON ------------------------------------------------------------------------------------
 */

static json_t *step(const char *what, const char *state, const ht_hash32 *hash) {
    return json_pack("{s:s, s:o, s:s}", "what", what, "hash",
                     hash == NULL ? json_null() : ht_gov_hex_json(HT_BYTES(hash->b)), "state",
                     state);
}

static json_t *steps_of(const struct ht_gov_creation *creation) {
    static const char *const states[][3] = {
        [HT_GOV_CREATION_SENT] = {"now", "next", "next"},
        [HT_GOV_CREATION_THERE] = {"done", "done", "now"},
        [HT_GOV_CREATION_FINAL] = {"done", "done", "done"},
        [HT_GOV_CREATION_FAILED] = {"failed", "next", "next"},
    };
    const char *const *is = states[creation->state];
    return json_pack(
        "[o, o, o]",
        step("Create the treasury, the votes and the governor", is[0], &creation->hash),
        step("Prove that their code is what was compiled here", is[1], NULL),
        step("Wait until that is final", is[2], NULL));
}

json_t *ht_gov_creation_json(const struct ht_gov_creation *creation) {
    bool is_there =
        creation->state == HT_GOV_CREATION_THERE || creation->state == HT_GOV_CREATION_FINAL;
    const struct ht_gov_made *made = &creation->made;
    char id[24];
    (void)snprintf(id, sizeof id, "%" PRId64, creation->id);
    return json_pack(
        "{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:b, s:o}", "id", id, "name", creation->wishes.name,
        "at_ms", (json_int_t)creation->at_ms, "steps", steps_of(creation), "community",
        is_there ? ht_address_json(&made->governor) : json_null(), "treasury",
        is_there ? ht_address_json(&made->treasury) : json_null(), "votes",
        is_there ? ht_address_json(&made->votes) : json_null(), "is_final",
        creation->state == HT_GOV_CREATION_FINAL, "error",
        creation->state == HT_GOV_CREATION_FAILED ? json_string(creation->why.text) : json_null());
}

/* --- beginning and end --------------------------------------------------------------------------
 */

static enum ht_err load(void *user, const struct ht_gov_creation_row *row) {
    struct ht_governance *governance = user;
    struct ht_gov_creation *creation = calloc(1, sizeof *creation);
    if (creation == NULL) return HT_ENOMEM;
    creation->governance = governance;
    creation->id = row->id;
    creation->at_ms = row->at_ms;
    creation->hash = row->hash;
    creation->sender = row->sender;
    if (row->state >= 0 && row->state <= HT_GOV_CREATION_FAILED) {
        creation->state = (enum ht_gov_creation_state)row->state;
    }
    (void)ht_fail(&creation->why, HT_EDENIED, "failed", "%s", row->why);
    const ht_addr20 *eas = ht_gov_eas(governance->host->network);
    enum ht_err err = ht_json_parse(&creation->params, ht_bytes_str(row->params), PARAMS_MAX, NULL);
    if (err == HT_OK) {
        err = ht_gov_wishes_read(&creation->wishes, creation->params, eas, &creation->why);
    }
    if (err != HT_OK) {
        /* Of a version that had other wishes: nothing can be said of it. */
        creation_free(creation);
        return HT_OK;
    }
    creation->has_made = row->has_maker;
    if (row->has_maker) ht_gov_made_by(&creation->made, &creation->wishes, &row->maker);
    creation->next = governance->create->list;
    governance->create->list = creation;
    return HT_OK;
}

enum ht_err ht_gov_create_start(struct ht_governance *governance, sqlite3 *db, struct ht_why *why) {
    governance->create = calloc(1, sizeof *governance->create);
    if (governance->create == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    return ht_gov_creation_sql_load(db, load, governance, why);
}

void ht_gov_create_free(struct ht_governance *governance) {
    if (governance->create == NULL) return;
    struct ht_gov_creation *creation = governance->create->list;
    while (creation != NULL) {
        struct ht_gov_creation *next = creation->next;
        drop_codes(creation);
        creation_free(creation);
        creation = next;
    }
    free(governance->create);
    governance->create = NULL;
}
