/* Slots in parts as large as one proof takes: the first at the block that was asked for, the others
 * at the block that it turned out to be. */
#include "identity/wallet/slots.h"

#include <stdlib.h>

static void go_on(struct ht_slots_read *read);

static void got_part(struct ht_state_read *part) {
    struct ht_slots_read *read =
        (struct ht_slots_read *)((char *)part - offsetof(struct ht_slots_read, part));
    read->err = part->err;
    read->why = part->why;
    if (part->err == HT_OK) {
        memcpy(read->values + read->read_count, part->values,
               part->slot_count * sizeof *read->values);
        read->read_count += part->slot_count;
        read->header = part->header;
        read->is_final = part->is_final;
        memcpy(read->source, part->source, sizeof read->source);
        read->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = part->header.hash};
    }
    ht_state_read_fini(part);
    read->is_answered = true;
    if (!read->is_starting) go_on(read);
}

/* One part after the other; what is answered at once is not answered from within. */
static void go_on(struct ht_slots_read *read) {
    while (read->is_answered && read->err == HT_OK && read->read_count < read->count) {
        size_t left = read->count - read->read_count;
        read->is_answered = false;
        read->is_starting = true;
        read->part = (struct ht_state_read){
            .block = read->block,
            .address = read->address,
            .slots = read->slots + read->read_count,
            .slot_count = left < HT_STATE_SLOTS_MAX ? left : HT_STATE_SLOTS_MAX,
            .done = got_part};
        ht_state_read(read->state, &read->part);
        read->is_starting = false;
    }
    if (read->is_answered) read->done(read);
}

void ht_slots_read(struct ht_state *state, struct ht_slots_read *read) {
    read->state = state;
    read->is_answered = true;
    if (read->count == 0 || read->count > HT_SLOTS_MAX) {
        read->err = ht_fail(&read->why, HT_ELIMIT, "too_many_slots", "1 to %u slots are read",
                            HT_SLOTS_MAX);
    } else {
        read->values = calloc(read->count, sizeof *read->values);
        if (read->values == NULL)
            read->err = ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory");
    }
    go_on(read);
}

void ht_slots_read_fini(struct ht_slots_read *read) {
    free(read->values);
    read->values = NULL;
}
