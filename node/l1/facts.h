/* What was proven of the state at one block for a run of code, and what the run missed.
 *
 * The source of the run's world (node/evm/world.h). What it does not hold yet it notes as missing
 * and answers with a guess (nothing there), so that one run finds more than one thing to fetch; the
 * outcome of such a run counts for nothing. After HT_FACTS_GUESSES of them it answers HT_EAGAIN
 * "missing". Bounded in entries and bytes. One thread at a time. */
#ifndef HT_L1_FACTS_H
#define HT_L1_FACTS_H

#include "node/base/arena.h"
#include "node/evm/world.h"
#include "node/l1/execution/account.h"

#define HT_FACTS_ACCOUNTS_MAX 1024U
#define HT_FACTS_SLOTS_MAX 16384U
#define HT_FACTS_BLOCKS_MAX 256U
#define HT_FACTS_BYTES_MAX ((size_t)32 << 20) /* of entries and code */
#define HT_FACTS_GUESSES 256U                 /* in one run */

struct ht_fact_account {
    ht_addr20 address;
    bool is_known; /* account and exists are proven */
    bool exists;
    struct ht_account account;
    bool wants_code;
    bool has_code; /* code is proven; of an account without code at once */
    ht_bytes code;
};

struct ht_fact_slot {
    ht_addr20 address;
    ht_hash32 slot;
    bool is_known;
    uint8_t value[32]; /* big-endian */
};

struct ht_fact_block {
    uint64_t number;
    bool is_known;
    ht_hash32 hash;
};

struct ht_facts {
    struct ht_arena arena;
    /* In the order in which they were first wanted; entries stay where they are. */
    struct ht_fact_account **accounts;
    struct ht_fact_slot **slots;
    struct ht_fact_block *blocks;
    size_t account_count, slot_count, block_count;
    uint32_t *account_table, *slot_table; /* indices plus one, open addressing */
    size_t missing; /* things that are wanted and not known, codes among them */
    size_t guesses; /* since ht_facts_begin_run */
};

void ht_facts_init(struct ht_facts *facts);
void ht_facts_fini(struct ht_facts *facts);

/* Wants something; what is known already stays known. HT_ELIMIT "too_much_state", HT_ENOMEM. */
enum ht_err ht_facts_want_account(struct ht_fact_account **out, struct ht_facts *facts,
                                  const ht_addr20 *address, bool wants_code,
                                  struct ht_why *why) HT_MUST_USE;
enum ht_err ht_facts_want_slot(struct ht_fact_slot **out, struct ht_facts *facts,
                               const ht_addr20 *address, const ht_hash32 *slot,
                               struct ht_why *why) HT_MUST_USE;
enum ht_err ht_facts_want_block(struct ht_fact_block **out, struct ht_facts *facts, uint64_t number,
                                struct ht_why *why) HT_MUST_USE;

/* Something that was wanted is proven now. An account that does not exist has no code and only
 * zero slots: those of its slots that were wanted are known with it. Code is copied. */
void ht_facts_know_account(struct ht_facts *facts, struct ht_fact_account *fact,
                           const struct ht_account *account, bool exists);
enum ht_err ht_facts_know_code(struct ht_facts *facts, struct ht_fact_account *fact, ht_bytes code,
                               struct ht_why *why) HT_MUST_USE;
void ht_facts_know_slot(struct ht_facts *facts, struct ht_fact_slot *fact,
                        const uint8_t value[static 32]);
void ht_facts_know_block(struct ht_facts *facts, struct ht_fact_block *fact, const ht_hash32 *hash);

/* The fact of an address; NULL when it was never wanted. */
struct ht_fact_account *ht_facts_find_account(const struct ht_facts *facts,
                                              const ht_addr20 *address);

/* What a world is to be made over; facts outlive it. Sets guesses to 0. */
void ht_facts_begin_run(struct ht_facts *facts, struct ht_evm_source *source);

/* For a person: the first few things that are missing, "account 0x12…, slot 0x00… of 0x34…". */
void ht_facts_tell_missing(const struct ht_facts *facts, char *out, size_t n);

#endif
