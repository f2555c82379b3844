/* Reading kept headers and receipts. */
#include "node/l1/kept_blocks.h"

#include "node/l1/blocks_sql.h"
#include "node/l1/chain_sql.h"

static struct ht_kept_read *read_of(struct ht_read *r) {
    return (struct ht_kept_read *)((char *)r - offsetof(struct ht_kept_read, read));
}

static enum ht_err load_receipts(struct ht_kept_read *read, sqlite3 *db, struct ht_why *why) {
    struct ht_buf encoded;
    ht_buf_init(&encoded, HT_BLOCKS_BODY_MAX);
    enum ht_err err = ht_blocks_sql_load(&encoded, db, &read->header.hash, why);
    if (err == HT_OK) {
        err = ht_receipts_decode(&read->receipts, &read->header, ht_buf_view(&encoded),
                                 HT_BLOCKS_BODY_MAX, why);
    }
    ht_buf_fini(&encoded);
    return err;
}

/* On a worker. */
static enum ht_err load(struct ht_read *r, sqlite3 *db, struct ht_why *why) {
    struct ht_kept_read *read = read_of(r);
    uint64_t number = read->number;
    size_t count = 0;
    enum ht_err err = HT_OK;
    if (!read->has_header && !read->by_number) {
        err = ht_chain_sql_find(&number, db, &read->hash, why);
    }
    if (err == HT_OK && !read->has_header) {
        err = ht_chain_sql_load(&read->header, &count, 1, db, number, why);
    }
    return err == HT_OK && read->wants_receipts ? load_receipts(read, db, why) : err;
}

static void loaded(struct ht_read *r) {
    struct ht_kept_read *read = read_of(r);
    read->err = r->err;
    read->why = r->why;
    read->done(read);
}

enum ht_err ht_kept_block_read(struct ht_reader *cache, struct ht_kept_read *read) {
    read->receipts = NULL;
    read->read = (struct ht_read){.read = load, .done = loaded};
    return ht_reader_submit(cache, &read->read);
}
