/* Getting a body or receipts: those that are kept, or a provider's, proven against the header. One
 * fetch serves all who wait for the same. */
#include "node/l1/blocks_fetch.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/l1/blocks_sql.h"
#include "node/l1/chain_span.h"

struct ht_blocks_fetch {
    struct ht_blocks_fetch *next;
    struct ht_blocks *blocks;
    struct ht_exec_header_verified header;
    bool is_receipts;
    struct ht_block_wait *waits;
    struct ht_read disk;
    struct ht_question question;
    struct ht_body *body; /* the result, one reference; the worker's until proven */
    struct ht_receipts *receipts;
};

struct keep {
    struct ht_write write;
    struct ht_blocks *blocks;
    ht_hash32 hash;
    struct ht_buf encoded;
    uint64_t kept;
};

/* --- keeping ---------------------------------------------------------------------------------- */

/* On the writer's thread. */
static enum ht_err write_receipts(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct keep *keep = (struct keep *)write;
    enum ht_err err = ht_blocks_sql_save(db, &keep->hash, ht_buf_view(&keep->encoded), why);
    return err == HT_OK ? ht_blocks_sql_prune(&keep->kept, db, HT_BLOCKS_RECEIPTS_KEPT, why) : err;
}

static void wrote_receipts(struct ht_write *write) {
    struct keep *keep = (struct keep *)write;
    if (write->err == HT_OK) keep->blocks->kept = keep->kept;
    ht_buf_fini(&keep->encoded);
    free(keep);
}

/* What cannot be kept now is asked for again some day; nobody has to know. */
static void keep_receipts(struct ht_blocks *blocks, const ht_hash32 *hash,
                          const struct ht_receipts *receipts) {
    if (blocks->options.writer == NULL || receipts->count == 0) return;
    struct keep *keep = calloc(1, sizeof *keep);
    if (keep == NULL) return;
    ht_buf_init(&keep->encoded, HT_BLOCKS_BODY_MAX);
    keep->blocks = blocks;
    keep->hash = *hash;
    keep->write.write = write_receipts;
    keep->write.done = wrote_receipts;
    if (ht_receipts_encode(&keep->encoded, receipts) == HT_OK &&
        ht_writer_submit(blocks->options.writer, &keep->write) == HT_OK) {
        return;
    }
    ht_buf_fini(&keep->encoded);
    free(keep);
}

/* --- the end of a fetch ----------------------------------------------------------------------- */

static void unlink_fetch(struct ht_blocks_fetch *fetch) {
    struct ht_blocks_fetch **at = &fetch->blocks->fetches;
    while (*at != NULL && *at != fetch) at = &(*at)->next;
    if (*at != NULL) *at = fetch->next;
}

static void finish(struct ht_blocks_fetch *fetch, enum ht_err err, const struct ht_why *why,
                   const char *source) {
    struct ht_blocks *blocks = fetch->blocks;
    struct ht_body *body = fetch->body;
    struct ht_receipts *receipts = fetch->receipts;
    unlink_fetch(fetch);
    if (err == HT_OK) {
        ht_blocks_keep(blocks, &fetch->header.hash, body == NULL ? NULL : ht_body_ref(body),
                       receipts == NULL ? NULL : ht_receipts_ref(receipts));
    }
    for (struct ht_block_wait *wait = fetch->waits; wait != NULL;) {
        struct ht_block_wait *next = wait->next;
        /* The last of those that wait began it. */
        wait->read->received += next == NULL ? fetch->question.received : 0;
        ht_blocks_got(wait->read, err, why, source, body, receipts);
        wait = next;
    }
    ht_body_unref(body);
    ht_receipts_unref(receipts);
    free(fetch);
}

/* --- by asking -------------------------------------------------------------------------------- */

static struct ht_blocks_fetch *fetch_of(struct ht_question *question) {
    return (struct ht_blocks_fetch *)((char *)question -
                                      offsetof(struct ht_blocks_fetch, question));
}

/* On a worker. */
static enum ht_err prove(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                         struct ht_why *why) {
    struct ht_blocks_fetch *fetch = fetch_of(question);
    const json_t *result = answers[0].result;
    if (json_is_null(result)) {
        return ht_fail(why, HT_ENOTFOUND, "block_not_found", "does not have that block");
    }
    return fetch->is_receipts
               ? ht_receipts_prove_json(&fetch->receipts, &fetch->header, result,
                                        HT_BLOCKS_BODY_MAX, why)
               : ht_body_from_json(&fetch->body, &fetch->header, result, HT_BLOCKS_BODY_MAX, why);
}

static void proved(struct ht_question *question) {
    struct ht_blocks_fetch *fetch = fetch_of(question);
    if (question->err == HT_OK && fetch->is_receipts) {
        keep_receipts(fetch->blocks, &fetch->header.hash, fetch->receipts);
    }
    finish(fetch, question->err, &question->why, question->source);
}

static void ask(struct ht_blocks_fetch *fetch) {
    struct ht_question *question = &fetch->question;
    json_t *hash = ht_chain_hash_json(&fetch->header.hash);
    *question = (struct ht_question){.max_bytes = HT_BLOCKS_BODY_MAX,
                                     .header = &fetch->header.header,
                                     .prove = prove,
                                     .done = proved};
    (void)snprintf(question->about, sizeof question->about, "%s of block %llu",
                   fetch->is_receipts ? "receipts" : "transactions",
                   (unsigned long long)fetch->header.header.number);
    enum ht_err err = fetch->is_receipts ? ht_question_add(question, "eth_getBlockReceipts",
                                                           json_pack("[{s:o}]", "blockHash", hash))
                                         : ht_question_add(question, "eth_getBlockByHash",
                                                           json_pack("[o, b]", hash, 1));
    ht_assert(err == HT_OK);
    ht_ask(ht_chain_asker(fetch->blocks->options.chain), question);
}

/* --- without asking --------------------------------------------------------------------------- */

static struct ht_blocks_fetch *fetch_of_disk(struct ht_read *disk) {
    return (struct ht_blocks_fetch *)((char *)disk - offsetof(struct ht_blocks_fetch, disk));
}

/* On a worker. */
static enum ht_err load(struct ht_read *disk, sqlite3 *db, struct ht_why *why) {
    struct ht_blocks_fetch *fetch = fetch_of_disk(disk);
    struct ht_buf encoded;
    ht_buf_init(&encoded, HT_BLOCKS_BODY_MAX);
    enum ht_err err = ht_blocks_sql_load(&encoded, db, &fetch->header.hash, why);
    if (err == HT_OK) {
        err = ht_receipts_decode(&fetch->receipts, &fetch->header, ht_buf_view(&encoded),
                                 HT_BLOCKS_BODY_MAX, why);
    }
    ht_buf_fini(&encoded);
    return err;
}

static void loaded(struct ht_read *disk) {
    struct ht_blocks_fetch *fetch = fetch_of_disk(disk);
    if (disk->err == HT_OK) {
        finish(fetch, HT_OK, NULL, "kept");
    } else {
        ask(fetch);
    }
}

/* An empty list has a root of its own: what the header says to be empty needs no answer. */
static bool is_known_empty(struct ht_blocks_fetch *fetch) {
    json_t *nothing = fetch->is_receipts ? json_array()
                                         : json_pack("{s:[], s:[], s:[]}", "transactions",
                                                     "withdrawals", "uncles");
    enum ht_err err = fetch->is_receipts ? ht_receipts_prove_json(&fetch->receipts, &fetch->header,
                                                                  nothing, HT_BLOCKS_BODY_MAX, NULL)
                                         : ht_body_from_json(&fetch->body, &fetch->header, nothing,
                                                             HT_BLOCKS_BODY_MAX, NULL);
    json_decref(nothing);
    return err == HT_OK;
}

void ht_blocks_fetch(struct ht_block_read *read, bool is_receipts) {
    struct ht_blocks *blocks = read->blocks;
    struct ht_blocks_fetch *fetch = blocks->fetches;
    struct ht_block_wait *wait = &read->waits[is_receipts ? 1 : 0];
    read->pending++;
    wait->read = read;
    while (fetch != NULL && !(fetch->is_receipts == is_receipts &&
                              ht_hash32_equal(&fetch->header.hash, &read->header.hash))) {
        fetch = fetch->next;
    }
    if (fetch != NULL) {
        wait->next = fetch->waits;
        fetch->waits = wait;
        return;
    }
    fetch = calloc(1, sizeof *fetch);
    ht_assert(fetch != NULL);
    *fetch = (struct ht_blocks_fetch){.next = blocks->fetches,
                                      .blocks = blocks,
                                      .header = read->header,
                                      .is_receipts = is_receipts,
                                      .waits = wait};
    wait->next = NULL;
    blocks->fetches = fetch;
    fetch->disk.read = load;
    fetch->disk.done = loaded;
    if (is_known_empty(fetch)) {
        finish(fetch, HT_OK, NULL, "");
    } else if (!is_receipts || blocks->options.reader == NULL ||
               ht_reader_submit(blocks->options.reader, &fetch->disk) != HT_OK) {
        ask(fetch);
    }
}
