/* The state that code runs on: accounts, storage, transient storage, logs, what is warm, and a
 * journal to take any of it back.
 *
 * It begins empty and reads what it needs, once, from a source: proven state, a test's, a devnet's.
 * What the source answers is kept, so that a second run over the same world asks nothing. Writes
 * stay here. Belongs to one thread at a time. Sources: Yellow Paper 4.1 and 6, EIP-161, 1153,
 * 2200, 2929, 6780, 7702.
 *
 * Errors of the source end a run and come out as they are; HT_ELIMIT "state_too_large" when the
 * world would take more than its maximum of memory; HT_ENOMEM. */
#ifndef HT_EVM_WORLD_H
#define HT_EVM_WORLD_H

#include "node/base/arena.h"
#include "node/base/u256.h"

struct ht_evm_code;

struct ht_evm_account {
    uint64_t nonce;
    ht_u256 balance;     /* wei */
    ht_hash32 code_hash; /* keccak256 of nothing when there is none */
    bool exists;         /* in the state trie, also when it is empty */
    bool has_storage;    /* its storage root in the source is not that of nothing (EIP-7610) */
};

/* keccak256 of nothing. */
extern const ht_hash32 ht_evm_no_code_hash;

/* Where state comes from. Each is called at most once for the same thing, on the thread that runs.
 * An error ends the run with it: HT_EAGAIN "missing" when it has to be fetched first. A source may
 * also note what is missing and answer with a guess, so that a run finds more of what it needs;
 * then it is the caller who throws the outcome away. */
struct ht_evm_source {
    enum ht_err (*account)(void *user, struct ht_evm_account *out, const ht_addr20 *address,
                           struct ht_why *why);
    enum ht_err (*slot)(void *user, ht_u256 *out, const ht_addr20 *address, const ht_u256 *slot,
                        struct ht_why *why);
    /* Never asked for the code hash of nothing. The view must hold as long as the world does, and
     * have that hash. */
    enum ht_err (*code)(void *user, ht_bytes *out, const ht_addr20 *address,
                        const ht_hash32 *code_hash, struct ht_why *why);
    /* BLOCKHASH of one of the 256 blocks before this one. */
    enum ht_err (*block_hash)(void *user, ht_hash32 *out, uint64_t number, struct ht_why *why);
    void *user;
};

/* A slot of an account: what it was before the world (original over transactions too), at the start
 * of the transaction, and now. */
struct ht_evm_slot {
    ht_u256 key;
    ht_u256 first;    /* in the source */
    ht_u256 original; /* at the start of this transaction (EIP-2200) */
    ht_u256 value;
    bool is_loaded; /* `first` is the source's; else it is zero because the storage is gone */
    bool is_warm;
    size_t noted_at;          /* its last entry in the journal, perhaps gone since */
    struct ht_evm_slot *next; /* all slots of the account, in no order */
};

/* An account in the world. Pointers stay good until the world is freed. */
struct ht_evm_object {
    ht_addr20 address;
    struct ht_evm_account first;    /* in the source */
    struct ht_evm_account account;  /* now */
    const struct ht_evm_code *code; /* loaded and analysed, NULL until asked for */
    ht_bytes code_bytes;            /* of the account's code hash, once they are known */
    ht_bytes first_bytes;           /* of the first one, kept when a run sets other code */
    struct ht_evm_slot **slots;     /* open addressing by key */
    size_t slot_count, slot_cap;
    struct ht_evm_slot *all_slots;
    bool is_loaded, is_warm;
    bool is_touched;            /* EIP-161: deleted at the end of the transaction if empty */
    bool is_created;            /* in this transaction (EIP-6780) */
    bool is_destroyed;          /* at the end of this transaction */
    bool is_storage_gone;       /* created anew or destroyed: the source's slots count no more */
    bool is_storage_cleared;    /* it was so from the beginning: by an override */
    bool is_storage_written;    /* a slot of it was ever set; tells who compares where to look */
    struct ht_evm_object *next; /* all objects, in no order */
};

struct ht_evm_log {
    ht_addr20 address;
    size_t topic_count;
    ht_hash32 topics[4];
    ht_bytes data; /* the world's */
};

struct ht_evm_world;

/* bytes_max: what it may take in memory. HT_ENOMEM. */
enum ht_err ht_evm_world_new(struct ht_evm_world **out, const struct ht_evm_source *source,
                             size_t bytes_max) HT_MUST_USE;
void ht_evm_world_free(struct ht_evm_world *world);

/* --- reading ----------------------------------------------------------------------------------*/

/* The account, read from the source the first time. Never NULL on HT_OK, also when it does not
 * exist. Does not make it warm. */
enum ht_err ht_evm_world_find(struct ht_evm_object **out, struct ht_evm_world *world,
                              const ht_addr20 *address, struct ht_why *why) HT_MUST_USE;
/* Its slot, read from the source the first time; zero without asking for an account that the source
 * does not have or whose storage is gone. */
enum ht_err ht_evm_world_slot(struct ht_evm_slot **out, struct ht_evm_world *world,
                              struct ht_evm_object *object, const ht_u256 *key,
                              struct ht_why *why) HT_MUST_USE;
/* Its own code, analysed; of an account without code one of no bytes. A delegation (EIP-7702) is 23
 * bytes here as any other code; following it is the machine's work. */
enum ht_err ht_evm_world_code(const struct ht_evm_code **out, struct ht_evm_world *world,
                              struct ht_evm_object *object, struct ht_why *why) HT_MUST_USE;
/* Of this transaction. */
void ht_evm_world_transient(ht_u256 *out, const struct ht_evm_world *world,
                            const ht_addr20 *address, const ht_u256 *key);
enum ht_err ht_evm_world_block_hash(ht_hash32 *out, struct ht_evm_world *world, uint64_t number,
                                    struct ht_why *why) HT_MUST_USE;

/* Nonce 0, balance 0 and no code (EIP-161). */
bool ht_evm_object_is_empty(const struct ht_evm_object *object);
bool ht_evm_object_has_code(const struct ht_evm_object *object);
/* Has code or a nonce, or storage in the source: a contract cannot be created here (EIP-684, 7610).
 */
bool ht_evm_object_collides(const struct ht_evm_object *object);

/* --- writing, journalled. HT_ENOMEM, HT_ELIMIT only -------------------------------------------*/

/* Balance, nonce and code: the account exists from then on and counts as touched (EIP-161), also
 * when the value is the old one. */
enum ht_err ht_evm_world_set_balance(struct ht_evm_world *world, struct ht_evm_object *object,
                                     const ht_u256 *wei) HT_MUST_USE;
enum ht_err ht_evm_world_set_nonce(struct ht_evm_world *world, struct ht_evm_object *object,
                                   uint64_t nonce) HT_MUST_USE;
/* Copies the code. */
enum ht_err ht_evm_world_set_code(struct ht_evm_world *world, struct ht_evm_object *object,
                                  ht_bytes code) HT_MUST_USE;
enum ht_err ht_evm_world_set_slot(struct ht_evm_world *world, struct ht_evm_object *object,
                                  struct ht_evm_slot *slot, const ht_u256 *value) HT_MUST_USE;
enum ht_err ht_evm_world_set_transient(struct ht_evm_world *world, const ht_addr20 *address,
                                       const ht_u256 *key, const ht_u256 *value) HT_MUST_USE;
/* *was_warm says whether it was already (EIP-2929). */
enum ht_err ht_evm_world_warm(bool *was_warm, struct ht_evm_world *world,
                              struct ht_evm_object *object) HT_MUST_USE;
/* Warm from the start of a transaction although nobody has looked at them, and not read from the
 * source for that (EIP-2929, 3651): the protocol's contracts 1 … low and `extra` (0: none), and the
 * coinbase (NULL: not). After begin; holds until the next one. */
void ht_evm_world_warm_from_start(struct ht_evm_world *world, uint32_t low, uint32_t extra,
                                  const ht_addr20 *coinbase);
enum ht_err ht_evm_world_warm_slot(bool *was_warm, struct ht_evm_world *world,
                                   struct ht_evm_slot *slot) HT_MUST_USE;
/* Counts as touched; does not make the account exist. */
enum ht_err ht_evm_world_touch(struct ht_evm_world *world,
                               struct ht_evm_object *object) HT_MUST_USE;
/* Marks as created in this transaction: empty storage, nonce and code as set afterwards. */
enum ht_err ht_evm_world_create(struct ht_evm_world *world,
                                struct ht_evm_object *object) HT_MUST_USE;
/* Is to be deleted at the end of the transaction. Balance, code and storage stay until then. */
enum ht_err ht_evm_world_destroy(struct ht_evm_world *world,
                                 struct ht_evm_object *object) HT_MUST_USE;
/* Copies topics and data. */
enum ht_err ht_evm_world_log(struct ht_evm_world *world, const ht_addr20 *address,
                             const ht_hash32 *topics, size_t topic_count,
                             ht_bytes data) HT_MUST_USE;
/* Adds to the refund counter, which may go down again but not below zero in the end. */
enum ht_err ht_evm_world_refund(struct ht_evm_world *world, int64_t gas) HT_MUST_USE;

/* A place in the journal, and everything since then undone: also what is warm, logs, refund. Marks
 * nest; one is good until the journal was taken back to before it, or begin or end. What was read
 * from the source stays. O(changes since the mark). */
size_t ht_evm_world_mark(struct ht_evm_world *world);
void ht_evm_world_revert(struct ht_evm_world *world, size_t mark);

/* --- around transactions ----------------------------------------------------------------------*/

/* Nothing is warm, touched, created or destroyed; no logs, no transient storage, no refund; slots'
 * originals are their values. O(changes of the transaction before). */
void ht_evm_world_begin(struct ht_evm_world *world);
/* Deletes what was destroyed and what was touched and is empty; the journal is empty then. Cannot
 * fail today. */
enum ht_err ht_evm_world_end(struct ht_evm_world *world) HT_MUST_USE;

/* What all transactions did is undone: everything is as the source and the overrides said. What was
 * read stays, so that a call can be run again and again over one world. After begin or end, before
 * any change. O(accounts and slots of the world). */
void ht_evm_world_forget(struct ht_evm_world *world);

int64_t ht_evm_world_refunded(const struct ht_evm_world *world);
/* Of this transaction, in order; the world's, until the next begins. */
const struct ht_evm_log *ht_evm_world_logs(const struct ht_evm_world *world, size_t *count);
/* All accounts that were looked at, by `next`; what changed is told by `first` against `account`,
 * and slots by `first` against `value`, with is_storage_gone. */
struct ht_evm_object *ht_evm_world_objects(struct ht_evm_world *world);

/* --- overrides (eth_call): as if the source had said so ----------------------------------------*/

/* What `object` is from now on, before any run: sets first and account, and code when not NULL. */
enum ht_err ht_evm_world_override(struct ht_evm_world *world, struct ht_evm_object *object,
                                  const struct ht_evm_account *account,
                                  const ht_bytes *code) HT_MUST_USE;
/* all: every slot that is not named is zero (`state`); else only this slot is changed
 * (`stateDiff`). */
enum ht_err ht_evm_world_override_clear(struct ht_evm_world *world,
                                        struct ht_evm_object *object) HT_MUST_USE;
enum ht_err ht_evm_world_override_slot(struct ht_evm_world *world, struct ht_evm_object *object,
                                       const ht_u256 *key, const ht_u256 *value) HT_MUST_USE;

#endif
