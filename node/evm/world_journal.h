/* The journal of a world, for its own source files only: what each change has to take back.
 *
 * Its file is also where the writing functions of world.h stand. */
#ifndef HT_EVM_WORLD_JOURNAL_H
#define HT_EVM_WORLD_JOURNAL_H

#include "node/evm/world.h"

enum ht_evm_note {
    HT_EVM_NOTE_BALANCE,
    HT_EVM_NOTE_NONCE,
    HT_EVM_NOTE_CODE,
    HT_EVM_NOTE_SLOT,
    HT_EVM_NOTE_TRANSIENT,
    HT_EVM_NOTE_WARM,
    HT_EVM_NOTE_WARM_SLOT,
    HT_EVM_NOTE_TOUCH,
    HT_EVM_NOTE_CREATE,
    HT_EVM_NOTE_DESTROY,
    HT_EVM_NOTE_LOG,
    HT_EVM_NOTE_REFUND,
};

/* The code that an account had. */
struct ht_evm_code_before {
    const struct ht_evm_code *code;
    ht_bytes bytes;
    ht_hash32 hash;
};

struct ht_evm_entry {
    enum ht_evm_note note;
    bool was_touched, existed, was_storage_gone; /* of an object */
    union {
        struct ht_evm_object *object;
        struct ht_evm_slot *slot;
        struct ht_evm_transient *transient;
    } of;
    union {
        ht_u256 value;
        uint64_t nonce;
        int64_t refund;
        bool is_created;
        const struct ht_evm_code_before *code;
    } before;
};

struct ht_evm_journal {
    struct ht_evm_entry *entries;
    size_t count, cap;
    size_t newest_mark;     /* entries before it are not changed any more */
    size_t refund_noted_at; /* the refund's last entry, perhaps gone since */
};

#endif
