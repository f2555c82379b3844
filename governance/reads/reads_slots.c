/* Slots of one contract in parts as large as one proof takes: the first at the block that was asked
 * for, the others at the block that it turned out to be. */
#include "governance/reads/reads_slots.h"

#include <stdlib.h>

#include "governance/text.h"

void ht_gov_as_of_set(struct ht_gov_as_of *out, const struct ht_exec_header_verified *header,
                      bool is_final) {
    *out = (struct ht_gov_as_of){.number = header->header.number,
                                 .timestamp = header->header.timestamp,
                                 .hash = header->hash,
                                 .is_final = is_final};
}

json_t *ht_gov_as_of_json(const struct ht_gov_as_of *as_of) {
    return json_pack("{s:I, s:o, s:I, s:b}", "number", (json_int_t)as_of->number, "hash",
                     ht_gov_hex_json(HT_BYTES(as_of->hash.b)), "timestamp",
                     (json_int_t)as_of->timestamp, "is_final", as_of->is_final);
}

static void go_on(struct ht_gov_slots *read);

static enum ht_err take_first(struct ht_gov_slots *read, struct ht_state_read *part) {
    read->account = part->account;
    read->exists = part->exists;
    read->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = part->header.hash};
    ht_gov_as_of_set(&read->as_of, &part->header, part->is_final);
    memcpy(read->source, part->source, sizeof read->source);
    if (!read->wants_code || part->code.n == 0) return HT_OK;
    ht_buf_init(&read->code, HT_STATE_CODE_MAX);
    return ht_buf_add(&read->code, ht_buf_view(&part->code));
}

static void got_part(struct ht_state_read *part) {
    struct ht_gov_slots *read =
        (struct ht_gov_slots *)((char *)part - offsetof(struct ht_gov_slots, part));
    read->err = part->err;
    read->why = part->why;
    if (part->err == HT_OK && part->slot_count > 0) {
        memcpy(read->values + read->read_count, part->values,
               part->slot_count * sizeof *read->values);
    }
    if (part->err == HT_OK && read->read_count == 0) read->err = take_first(read, part);
    if (read->err == HT_ENOMEM) (void)ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory");
    read->read_count += part->slot_count;
    read->received += part->received;
    ht_state_read_fini(part);
    read->is_answered = true;
    if (!read->is_starting) go_on(read);
}

/* One part after the other; what is answered at once is not answered from within. */
static void go_on(struct ht_gov_slots *read) {
    bool is_first = read->read_count == 0 && read->as_of.timestamp == 0;
    while (read->is_answered && read->err == HT_OK &&
           (is_first || read->read_count < read->count)) {
        size_t left = read->count - read->read_count;
        read->is_answered = false;
        read->is_starting = true;
        read->part = (struct ht_state_read){
            .block = read->block,
            .address = read->address,
            .slots = read->slots + read->read_count,
            .slot_count = left < HT_STATE_SLOTS_MAX ? left : HT_STATE_SLOTS_MAX,
            .wants_code = read->wants_code && is_first,
            .done = got_part};
        if (left == 0) read->part.slots = NULL;
        ht_state_read(read->state, &read->part);
        read->is_starting = false;
        is_first = false;
    }
    if (read->is_answered) read->done(read);
}

void ht_gov_slots_read(struct ht_governance *governance, struct ht_gov_slots *read) {
    read->state = governance->host->state;
    read->is_answered = true;
    read->err = HT_OK;
    if (read->count > HT_GOV_SLOTS_MAX) {
        read->err = ht_fail(&read->why, HT_ELIMIT, "too_many_slots", "at most %u slots are read",
                            HT_GOV_SLOTS_MAX);
    } else if (read->count > 0) {
        read->values = calloc(read->count, sizeof *read->values);
        if (read->values == NULL)
            read->err = ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory");
    }
    go_on(read);
}

void ht_gov_slots_fini(struct ht_gov_slots *read) {
    free(read->values);
    read->values = NULL;
    ht_buf_fini(&read->code);
}
