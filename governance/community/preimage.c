/* What was proposed, out of our own database. */
#include "governance/community/preimage.h"

#include <stdlib.h>

#include "governance/community/community_sql.h"

static struct ht_gov_preimage *preimage_of(struct ht_read *read) {
    return (struct ht_gov_preimage *)((char *)read - offsetof(struct ht_gov_preimage, read));
}

/* On a worker. */
static enum ht_err read_data(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct ht_gov_preimage *preimage = preimage_of(read);
    enum ht_err err =
        ht_gov_item_sql_data(db, &preimage->data, &preimage->community, &preimage->id, why);
    if (err != HT_OK) return err;
    preimage->proposal = ht_arena_alloc(&preimage->arena, sizeof *preimage->proposal);
    if (preimage->proposal == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    return ht_gov_proposal_read(preimage->proposal, &preimage->arena, ht_buf_view(&preimage->data),
                                why);
}

static void done(struct ht_read *read) {
    struct ht_gov_preimage *preimage = preimage_of(read);
    preimage->err = read->err;
    preimage->why = read->why;
    preimage->done(preimage);
}

void ht_gov_preimage_read(struct ht_gov_preimage *read) {
    read->community = read->item->community->address;
    read->id = read->item->id;
    ht_buf_init(&read->data, HT_GOV_PREIMAGE_MAX);
    ht_arena_init(&read->arena, 4 * HT_GOV_PREIMAGE_MAX);
    read->read = (struct ht_read){.read = read_data, .done = done};
    enum ht_err err =
        ht_reader_submit(read->item->community->governance->host->reader, &read->read);
    if (err == HT_OK) return;
    read->err = ht_fail(&read->why, err, "busy", "too much work waits already");
    read->done(read);
}

void ht_gov_preimage_fini(struct ht_gov_preimage *read) {
    ht_buf_fini(&read->data);
    ht_arena_fini(&read->arena);
    read->proposal = NULL;
}

/* Bravo's, and sequential ones. */
static bool has_numbers(const struct ht_community *community) {
    const struct ht_gov_profile *profile = &community->profile;
    return profile->layout.kind == HT_GOV_BRAVO || profile->is_sequential ||
           ht_gov_has(&profile->layout, HT_GOV_SEQUENCE);
}

enum ht_err ht_gov_preimage_check(struct ht_gov_proposal *out, bool *is_certified,
                                  struct ht_arena *arena, const struct ht_community *community,
                                  ht_bytes data, struct ht_why *why) {
    ht_u256 hash;
    *is_certified = false;
    if (data.n > HT_GOV_PREIMAGE_MAX) {
        return ht_fail(why, HT_ELIMIT, "proposal_too_large", "a proposal of over %zu bytes",
                       HT_GOV_PREIMAGE_MAX);
    }
    enum ht_err err = ht_gov_proposal_read(out, arena, data, why);
    if (err != HT_OK || has_numbers(community)) return err;
    err = ht_gov_proposal_hash(&hash, out);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "out of memory");
    *is_certified = ht_u256_equal(&hash, &out->id);
    bool must_be = community->standing > HT_GOV_STANDS_BY_CALL;
    if (*is_certified || !must_be) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "proposal_hash",
                   "actions and text are not those of that id");
}
