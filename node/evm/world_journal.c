/* Writing to a world, with a journal to take any of it back.
 *
 * Each change appends what was there before. A value that was noted since the newest mark is noted
 * once only, so that a loop that stores to one slot does not make the journal longer. */
#include "node/evm/world_journal.h"

#include "node/crypto/keccak.h"
#include "node/evm/world_impl.h"

static struct ht_evm_entry *add_entry(enum ht_err *err, struct ht_evm_world *world,
                                      enum ht_evm_note note) {
    struct ht_evm_journal *journal = &world->journal;
    *err = HT_OK;
    if (journal->count == journal->cap) {
        void *entries = journal->entries;
        *err = ht_evm_world_widen(&entries, &journal->cap, sizeof *journal->entries, world);
        if (*err != HT_OK) return NULL;
        journal->entries = entries;
    }
    struct ht_evm_entry *entry = &journal->entries[journal->count++];
    entry->note = note;
    return entry;
}

/* Whether the entry at `at` still stands there and is newer than every mark. */
static bool is_noted(const struct ht_evm_journal *journal, size_t at, enum ht_evm_note note,
                     const void *of) {
    return at < journal->count && at >= journal->newest_mark && journal->entries[at].note == note &&
           (of == NULL || (const void *)journal->entries[at].of.slot == of);
}

/* --- accounts ---------------------------------------------------------------------------------*/

static struct ht_evm_entry *note_object(enum ht_err *err, struct ht_evm_world *world,
                                        struct ht_evm_object *object, enum ht_evm_note note) {
    struct ht_evm_entry *entry = add_entry(err, world, note);
    if (entry == NULL) return NULL;
    entry->of.object = object;
    entry->was_touched = object->is_touched;
    entry->existed = object->account.exists;
    entry->was_storage_gone = object->is_storage_gone;
    return entry;
}

static void mark_changed(struct ht_evm_object *object) {
    object->is_touched = true;
    object->account.exists = true;
}

enum ht_err ht_evm_world_set_balance(struct ht_evm_world *world, struct ht_evm_object *object,
                                     const ht_u256 *wei) {
    enum ht_err err;
    struct ht_evm_entry *entry = note_object(&err, world, object, HT_EVM_NOTE_BALANCE);
    if (entry == NULL) return err;
    entry->before.value = object->account.balance;
    object->account.balance = *wei;
    mark_changed(object);
    return HT_OK;
}

enum ht_err ht_evm_world_set_nonce(struct ht_evm_world *world, struct ht_evm_object *object,
                                   uint64_t nonce) {
    enum ht_err err;
    struct ht_evm_entry *entry = note_object(&err, world, object, HT_EVM_NOTE_NONCE);
    if (entry == NULL) return err;
    entry->before.nonce = object->account.nonce;
    object->account.nonce = nonce;
    mark_changed(object);
    return HT_OK;
}

/* Code that the source gave is not to be asked for again. */
static void keep_first_code(struct ht_evm_object *object) {
    if (object->code_bytes.p != NULL &&
        ht_hash32_equal(&object->account.code_hash, &object->first.code_hash)) {
        object->first_bytes = object->code_bytes;
    }
}

enum ht_err ht_evm_world_set_code(struct ht_evm_world *world, struct ht_evm_object *object,
                                  ht_bytes code) {
    void *memory = NULL;
    enum ht_err err = ht_evm_world_take(&memory, world, &world->arena,
                                        sizeof(struct ht_evm_code_before) + code.n, NULL);
    if (err != HT_OK) return err;
    struct ht_evm_code_before *before = memory;
    uint8_t *copy = (uint8_t *)(before + 1);
    struct ht_evm_entry *entry = note_object(&err, world, object, HT_EVM_NOTE_CODE);
    if (entry == NULL) return err;
    *before =
        (struct ht_evm_code_before){object->code, object->code_bytes, object->account.code_hash};
    entry->before.code = before;
    if (code.n > 0) memcpy(copy, code.p, code.n);
    keep_first_code(object);
    object->code = NULL;
    object->code_bytes = ht_bytes_of(copy, code.n);
    ht_keccak256(&object->account.code_hash, code);
    mark_changed(object);
    return HT_OK;
}

void ht_evm_world_warm_from_start(struct ht_evm_world *world, uint32_t low, uint32_t extra,
                                  const ht_addr20 *coinbase) {
    world->warm_low = low;
    world->warm_extra = extra;
    world->has_warm_coinbase = coinbase != NULL;
    if (coinbase != NULL) world->coinbase = *coinbase;
}

static bool is_warm_from_start(const struct ht_evm_world *world, const ht_addr20 *address) {
    static const uint8_t zeros[16];
    if (memcmp(address->b, zeros, sizeof zeros) == 0) {
        uint32_t number = (uint32_t)address->b[16] << 24 | (uint32_t)address->b[17] << 16 |
                          (uint32_t)address->b[18] << 8 | address->b[19];
        if (number != 0 && (number <= world->warm_low || number == world->warm_extra)) return true;
    }
    return world->has_warm_coinbase &&
           memcmp(address->b, world->coinbase.b, sizeof address->b) == 0;
}

enum ht_err ht_evm_world_warm(bool *was_warm, struct ht_evm_world *world,
                              struct ht_evm_object *object) {
    enum ht_err err;
    *was_warm = object->is_warm || is_warm_from_start(world, &object->address);
    if (object->is_warm) return HT_OK;
    if (note_object(&err, world, object, HT_EVM_NOTE_WARM) == NULL) return err;
    object->is_warm = true;
    return HT_OK;
}

enum ht_err ht_evm_world_touch(struct ht_evm_world *world, struct ht_evm_object *object) {
    enum ht_err err;
    if (object->is_touched) return HT_OK;
    if (note_object(&err, world, object, HT_EVM_NOTE_TOUCH) == NULL) return err;
    object->is_touched = true;
    return HT_OK;
}

enum ht_err ht_evm_world_create(struct ht_evm_world *world, struct ht_evm_object *object) {
    enum ht_err err;
    struct ht_evm_entry *entry = note_object(&err, world, object, HT_EVM_NOTE_CREATE);
    if (entry == NULL) return err;
    entry->before.is_created = object->is_created;
    object->is_created = true;
    object->is_storage_gone = true;
    mark_changed(object);
    return HT_OK;
}

enum ht_err ht_evm_world_destroy(struct ht_evm_world *world, struct ht_evm_object *object) {
    enum ht_err err;
    if (object->is_destroyed) return HT_OK;
    if (note_object(&err, world, object, HT_EVM_NOTE_DESTROY) == NULL) return err;
    object->is_destroyed = true;
    return HT_OK;
}

/* --- storage ----------------------------------------------------------------------------------*/

enum ht_err ht_evm_world_set_slot(struct ht_evm_world *world, struct ht_evm_object *object,
                                  struct ht_evm_slot *slot, const ht_u256 *value) {
    if (!is_noted(&world->journal, slot->noted_at, HT_EVM_NOTE_SLOT, slot)) {
        enum ht_err err;
        struct ht_evm_entry *entry = add_entry(&err, world, HT_EVM_NOTE_SLOT);
        if (entry == NULL) return err;
        entry->of.slot = slot;
        entry->before.value = slot->value;
        slot->noted_at = world->journal.count - 1;
        object->is_storage_written = true;
    }
    slot->value = *value;
    return HT_OK;
}

enum ht_err ht_evm_world_warm_slot(bool *was_warm, struct ht_evm_world *world,
                                   struct ht_evm_slot *slot) {
    *was_warm = slot->is_warm;
    if (slot->is_warm) return HT_OK;
    enum ht_err err;
    struct ht_evm_entry *entry = add_entry(&err, world, HT_EVM_NOTE_WARM_SLOT);
    if (entry == NULL) return err;
    entry->of.slot = slot;
    slot->is_warm = true;
    return HT_OK;
}

enum ht_err ht_evm_world_set_transient(struct ht_evm_world *world, const ht_addr20 *address,
                                       const ht_u256 *key, const ht_u256 *value) {
    struct ht_evm_transient *transient = NULL;
    enum ht_err err = ht_evm_transient_place(&transient, world, address, key);
    if (err != HT_OK) return err;
    if (!is_noted(&world->journal, transient->noted_at, HT_EVM_NOTE_TRANSIENT, transient)) {
        struct ht_evm_entry *entry = add_entry(&err, world, HT_EVM_NOTE_TRANSIENT);
        if (entry == NULL) return err;
        entry->of.transient = transient;
        entry->before.value = transient->value;
        transient->noted_at = world->journal.count - 1;
    }
    transient->value = *value;
    return HT_OK;
}

/* --- logs and refund --------------------------------------------------------------------------*/

enum ht_err ht_evm_world_log(struct ht_evm_world *world, const ht_addr20 *address,
                             const ht_hash32 *topics, size_t topic_count, ht_bytes data) {
    ht_assert(topic_count <= 4);
    enum ht_err err = HT_OK;
    if (world->log_count == world->log_cap) {
        void *logs = world->logs;
        err = ht_evm_world_widen(&logs, &world->log_cap, sizeof *world->logs, world);
        if (err == HT_OK) world->logs = logs;
    }
    void *copy = NULL;
    if (err == HT_OK && data.n > 0) {
        err = ht_evm_world_take(&copy, world, &world->transaction, data.n, NULL);
    }
    if (err != HT_OK) return err;
    if (add_entry(&err, world, HT_EVM_NOTE_LOG) == NULL) return err;
    struct ht_evm_log *log = &world->logs[world->log_count++];
    *log = (struct ht_evm_log){
        .address = *address, .topic_count = topic_count, .data = ht_bytes_of(copy, data.n)};
    if (data.n > 0) memcpy(copy, data.p, data.n);
    if (topic_count > 0) memcpy(log->topics, topics, topic_count * sizeof *topics);
    return HT_OK;
}

const struct ht_evm_log *ht_evm_world_logs(const struct ht_evm_world *world, size_t *count) {
    *count = world->log_count;
    return world->logs;
}

enum ht_err ht_evm_world_refund(struct ht_evm_world *world, int64_t gas) {
    struct ht_evm_journal *journal = &world->journal;
    if (!is_noted(journal, journal->refund_noted_at, HT_EVM_NOTE_REFUND, NULL)) {
        enum ht_err err;
        struct ht_evm_entry *entry = add_entry(&err, world, HT_EVM_NOTE_REFUND);
        if (entry == NULL) return err;
        entry->before.refund = world->refund;
        journal->refund_noted_at = journal->count - 1;
    }
    world->refund += gas;
    return HT_OK;
}

int64_t ht_evm_world_refunded(const struct ht_evm_world *world) {
    return world->refund;
}

/* --- taking back ------------------------------------------------------------------------------*/

size_t ht_evm_world_mark(struct ht_evm_world *world) {
    world->journal.newest_mark = world->journal.count;
    return world->journal.count;
}

static void take_back_object(const struct ht_evm_entry *entry) {
    struct ht_evm_object *object = entry->of.object;
    object->is_touched = entry->was_touched;
    object->account.exists = entry->existed;
    object->is_storage_gone = entry->was_storage_gone;
}

static void take_back_code(const struct ht_evm_entry *entry) {
    struct ht_evm_object *object = entry->of.object;
    object->code = entry->before.code->code;
    object->code_bytes = entry->before.code->bytes;
    object->account.code_hash = entry->before.code->hash;
}

static void take_back(struct ht_evm_world *world, const struct ht_evm_entry *entry) {
    switch (entry->note) {
    case HT_EVM_NOTE_BALANCE: entry->of.object->account.balance = entry->before.value; break;
    case HT_EVM_NOTE_NONCE: entry->of.object->account.nonce = entry->before.nonce; break;
    case HT_EVM_NOTE_CODE: take_back_code(entry); break;
    case HT_EVM_NOTE_SLOT: entry->of.slot->value = entry->before.value; return;
    case HT_EVM_NOTE_TRANSIENT: entry->of.transient->value = entry->before.value; return;
    case HT_EVM_NOTE_WARM: entry->of.object->is_warm = false; break;
    case HT_EVM_NOTE_WARM_SLOT: entry->of.slot->is_warm = false; return;
    case HT_EVM_NOTE_TOUCH: break;
    case HT_EVM_NOTE_CREATE: entry->of.object->is_created = entry->before.is_created; break;
    case HT_EVM_NOTE_DESTROY: entry->of.object->is_destroyed = false; break;
    case HT_EVM_NOTE_LOG: world->log_count--; return;
    case HT_EVM_NOTE_REFUND: world->refund = entry->before.refund; return;
    }
    take_back_object(entry);
}

void ht_evm_world_revert(struct ht_evm_world *world, size_t mark) {
    struct ht_evm_journal *journal = &world->journal;
    ht_assert(mark <= journal->count);
    while (journal->count > mark) take_back(world, &journal->entries[--journal->count]);
    if (journal->newest_mark > mark) journal->newest_mark = mark;
}

/* --- around transactions ----------------------------------------------------------------------*/

static void delete_object(struct ht_evm_object *object) {
    for (struct ht_evm_slot *slot = object->all_slots; slot != NULL; slot = slot->next) {
        slot->original = slot->value = ht_u256_of(0);
    }
    keep_first_code(object);
    object->account = (struct ht_evm_account){.code_hash = ht_evm_no_code_hash};
    object->code = NULL;
    object->code_bytes = (ht_bytes){0};
    object->is_storage_gone = true;
}

/* What the entry's transaction made of its object or slot is how things are from now on. */
static void settle(const struct ht_evm_entry *entry, bool deletes) {
    switch (entry->note) {
    case HT_EVM_NOTE_LOG:
    case HT_EVM_NOTE_TRANSIENT:
    case HT_EVM_NOTE_REFUND: return;
    case HT_EVM_NOTE_SLOT:
    case HT_EVM_NOTE_WARM_SLOT:
        entry->of.slot->original = entry->of.slot->value;
        entry->of.slot->is_warm = false;
        return;
    case HT_EVM_NOTE_BALANCE:
    case HT_EVM_NOTE_NONCE:
    case HT_EVM_NOTE_CODE:
    case HT_EVM_NOTE_WARM:
    case HT_EVM_NOTE_TOUCH:
    case HT_EVM_NOTE_CREATE:
    case HT_EVM_NOTE_DESTROY: break;
    }
    struct ht_evm_object *object = entry->of.object;
    bool is_dead = object->is_destroyed || (object->is_touched && ht_evm_object_is_empty(object));
    if (deletes && is_dead) delete_object(object);
    object->is_warm = object->is_touched = object->is_created = object->is_destroyed = false;
}

static void settle_all(struct ht_evm_world *world, bool deletes) {
    struct ht_evm_journal *journal = &world->journal;
    for (size_t i = 0; i < journal->count; i++) settle(&journal->entries[i], deletes);
    journal->count = 0;
    journal->newest_mark = 0;
}

void ht_evm_world_begin(struct ht_evm_world *world) {
    settle_all(world, false);
    ht_evm_transients_clear(&world->transients);
    if (world->transaction.used > 0) ht_arena_fini(&world->transaction);
    world->log_count = 0;
    world->refund = 0;
    ht_evm_world_warm_from_start(world, 0, 0, NULL);
}

enum ht_err ht_evm_world_end(struct ht_evm_world *world) {
    settle_all(world, true);
    return HT_OK;
}

static void forget_object(struct ht_evm_object *object) {
    if (!ht_hash32_equal(&object->account.code_hash, &object->first.code_hash)) {
        object->code = NULL;
        object->code_bytes = object->first_bytes;
    }
    object->account = object->first;
    object->is_storage_gone = object->is_storage_cleared;
    object->is_storage_written = false;
    for (struct ht_evm_slot *slot = object->all_slots; slot != NULL; slot = slot->next) {
        slot->original = slot->value = slot->first;
    }
}

void ht_evm_world_forget(struct ht_evm_world *world) {
    ht_assert(world->journal.count == 0);
    for (struct ht_evm_object *object = world->objects; object != NULL; object = object->next) {
        forget_object(object);
    }
}
