/* Reading attestations and schemas out of the contracts' storage: four stages, each at the block of
 * the first, those left out that nobody asked for. */
#include "identity/attest/attest_look.h"

#include <stdlib.h>

#define ARENA_MAX ((size_t)1 << 20)

static void finish(struct ht_attest_look *look) {
    free(look->slots);
    look->slots = NULL;
    look->done(look);
}

static void got_stage(struct ht_slots_read *read);

/* look->slots has what is to be read; it is on the heap since a stage may have thousands. */
static void read_stage(struct ht_attest_look *look, const ht_addr20 *address, size_t count) {
    look->read = (struct ht_slots_read){.block = look->block,
                                        .address = *address,
                                        .slots = look->slots,
                                        .count = count,
                                        .done = got_stage};
    ht_slots_read(look->identity->host->state, &look->read);
}

static bool make_room(struct ht_attest_look *look, size_t count) {
    free(look->slots);
    look->slots = calloc(count, sizeof *look->slots);
    if (look->slots != NULL) return true;
    look->err = ht_fail(&look->why, HT_ENOMEM, "no_memory", "out of memory");
    return false;
}

static void start_record(struct ht_attest_look *look) {
    if (!look->wants_schema || !make_room(look, HT_EAS_SCHEMA_SLOTS)) {
        finish(look);
        return;
    }
    look->stage = HT_LOOK_RECORD;
    ht_eas_schema_slots(look->slots, &look->schema);
    read_stage(look, &look->contract.registry, HT_EAS_SCHEMA_SLOTS);
}

/* --- the attestation -------------------------------------------------------------------------- */

static void take_attestation(struct ht_attest_look *look, const uint8_t (*data)[32]) {
    look->attestation_err = ht_eas_from_storage(&look->attestation, &look->arena, &look->uid,
                                                (const uint8_t(*)[32])look->fields, data,
                                                look->more, &look->attestation_why);
    if (look->attestation_err == HT_OK) {
        look->schema = look->attestation.schema;
    } else {
        look->wants_schema = false;
    }
    start_record(look);
}

static void got_fields(struct ht_attest_look *look) {
    const struct ht_slots_read *read = &look->read;
    size_t at = look->wants_attestation ? HT_EAS_SLOTS : 0;
    if (look->wants_revocation) {
        const uint8_t *value = read->values[at];
        for (size_t i = 24; i < 32; i++) look->revoked_s = look->revoked_s << 8 | value[i];
    }
    if (!look->wants_attestation) {
        start_record(look);
        return;
    }
    memcpy(look->fields, read->values, sizeof look->fields);
    look->attestation_err =
        ht_eas_data_slots(&look->more, (const uint8_t(*)[32])look->fields, &look->attestation_why);
    if (look->attestation_err != HT_OK) {
        look->wants_schema = false;
        finish(look);
    } else if (look->more == 0) {
        take_attestation(look, NULL);
    } else if (!make_room(look, look->more)) {
        finish(look);
    } else {
        look->stage = HT_LOOK_DATA;
        for (size_t i = 0; i < look->more; i++)
            ht_eas_data_slot(&look->slots[i], look->contract.layout, &look->uid, i);
        read_stage(look, &look->contract.eas, look->more);
    }
}

/* --- the schema ------------------------------------------------------------------------------- */

static void take_record(struct ht_attest_look *look, const uint8_t (*text)[32]) {
    look->schema_err = ht_eas_schema_from_storage(&look->record, &look->arena, &look->schema,
                                                  (const uint8_t(*)[32])look->record_fields, text,
                                                  look->more, &look->schema_why);
    finish(look);
}

static void got_record(struct ht_attest_look *look) {
    memcpy(look->record_fields, look->read.values, sizeof look->record_fields);
    look->schema_err = ht_eas_schema_text_slots(
        &look->more, (const uint8_t(*)[32])look->record_fields, &look->schema_why);
    if (look->schema_err != HT_OK) {
        finish(look);
    } else if (look->more == 0) {
        take_record(look, NULL);
    } else if (!make_room(look, look->more)) {
        finish(look);
    } else {
        look->stage = HT_LOOK_TEXT;
        for (size_t i = 0; i < look->more; i++)
            ht_eas_schema_text_slot(&look->slots[i], &look->schema, i);
        read_stage(look, &look->contract.registry, look->more);
    }
}

/* --- going through ---------------------------------------------------------------------------- */

static void got_stage(struct ht_slots_read *read) {
    struct ht_attest_look *look =
        (struct ht_attest_look *)((char *)read - offsetof(struct ht_attest_look, read));
    struct ht_slots_read answer = *read;
    if (answer.err != HT_OK) {
        look->err = answer.err;
        look->why = answer.why;
        ht_slots_read_fini(&answer);
        finish(look);
        return;
    }
    look->header = answer.header;
    look->is_final = answer.is_final;
    memcpy(look->source, answer.source, sizeof look->source);
    look->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = answer.header.hash};
    /* What follows may start the next stage in the same struct, or free all of it. */
    uint8_t(*values)[32] = answer.values;
    switch (look->stage) {
    case HT_LOOK_FIELDS: got_fields(look); break;
    case HT_LOOK_DATA: take_attestation(look, (const uint8_t(*)[32])values); break;
    case HT_LOOK_RECORD: got_record(look); break;
    case HT_LOOK_TEXT: take_record(look, (const uint8_t(*)[32])values); break;
    }
    free(values);
}

void ht_attest_look(struct ht_attest_look *look) {
    ht_arena_init(&look->arena, ARENA_MAX);
    look->err = ht_contracts_eas(&look->contract, look->identity->host->network, &look->why);
    if (look->err != HT_OK || !make_room(look, HT_EAS_SLOTS + 1)) {
        finish(look);
        return;
    }
    size_t count = 0;
    if (look->wants_attestation) {
        ht_eas_slots(look->slots, look->contract.layout, &look->uid);
        count = HT_EAS_SLOTS;
    }
    if (look->wants_revocation) {
        ht_eas_revoked_slot(&look->slots[count], look->contract.layout, &look->revoker, &look->uid);
        count++;
    }
    if (count == 0) {
        start_record(look);
    } else {
        look->stage = HT_LOOK_FIELDS;
        read_stage(look, &look->contract.eas, count);
    }
}

void ht_attest_look_fini(struct ht_attest_look *look) {
    ht_arena_fini(&look->arena);
}
