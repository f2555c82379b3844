/* The forks as rows of data. Opcodes are listed in ops.h with the fork that brought them. */
#include "node/evm/rules.h"

#include <pthread.h>
#include <strings.h>

#include "node/evm/ops.h"

struct listed_op {
    uint8_t code;
    enum ht_evm_fork since;
    struct ht_evm_op op;
};

#define LISTED(code_, name_, since_, gas_, in_, out_, is_write_, body, detail) \
    {.code = (code_),                                                          \
     .since = HT_EVM_##since_,                                                 \
     .op = {.name = #name_,                                                    \
            .gas = (gas_),                                                     \
            .stack_in = (in_),                                                 \
            .stack_change = (int8_t)((out_) - (in_)),                          \
            .is_write = (is_write_)}},

static const struct listed_op LISTED_OPS[] = {HT_EVM_OPS(LISTED)};
#define LISTED_COUNT (sizeof LISTED_OPS / sizeof *LISTED_OPS)

#define BERLIN                                                                        \
    .refund_quotient = 2, .sstore_clear_refund = 15000, .selfdestruct_refund = 24000, \
    .code_max = 24576, .precompile_count = 9
#define LONDON                                                                                     \
    .refund_quotient = 5, .sstore_clear_refund = 4800, .code_max = 24576, .refuses_ef_code = true, \
    .has_base_fee = true
#define SHANGHAI LONDON, .init_code_max = 49152, .init_code_word_gas = 2, .has_warm_coinbase = true
#define CANCUN SHANGHAI, .has_selfdestruct_only_new = true, .has_beacon_root = true
#define PRAGUE CANCUN, .precompile_count = 17, .has_delegation = true, .has_block_history = true

/* Made complete by make_tables: the opcodes, and the rules for transactions by the same name. */
static struct ht_evm_rules forks[HT_EVM_FORK_COUNT] = {
    [HT_EVM_BERLIN] = {.name = "Berlin", BERLIN},
    [HT_EVM_LONDON] = {.name = "London", LONDON, .precompile_count = 9},
    [HT_EVM_PARIS] = {.name = "Paris", LONDON, .precompile_count = 9},
    [HT_EVM_SHANGHAI] = {.name = "Shanghai", SHANGHAI, .precompile_count = 9},
    [HT_EVM_CANCUN] = {.name = "Cancun", CANCUN, .precompile_count = 10},
    [HT_EVM_PRAGUE] = {.name = "Prague", PRAGUE},
    [HT_EVM_OSAKA] = {.name = "Osaka",
                      PRAGUE,
                      .has_p256verify = true,
                      .modexp = HT_EVM_MODEXP_EIP7883,
                      .modexp_length_max = 1024},
};

static void make_tables(void) {
    for (unsigned fork = 0; fork < HT_EVM_FORK_COUNT; fork++) {
        struct ht_evm_rules *rules = &forks[fork];
        rules->fork = (enum ht_evm_fork)fork;
        rules->tx = ht_tx_rules_find(rules->name);
        ht_assert(rules->tx != NULL);
        for (size_t i = 0; i < LISTED_COUNT; i++) {
            const struct listed_op *listed = &LISTED_OPS[i];
            if (listed->since <= rules->fork) rules->ops[listed->code] = listed->op;
        }
    }
    for (unsigned fork = 0; fork < HT_EVM_PARIS; fork++) forks[fork].ops[0x44].name = "DIFFICULTY";
}

const struct ht_evm_rules *ht_evm_rules_of(enum ht_evm_fork fork) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, make_tables);
    ht_assert((unsigned)fork < HT_EVM_FORK_COUNT);
    return &forks[fork];
}

const struct ht_evm_rules *ht_evm_rules_find(const char *name) {
    static const struct {
        const char *name;
        enum ht_evm_fork fork;
    } OTHER_NAMES[] = {
        {"Merge", HT_EVM_PARIS}, {"BPO1", HT_EVM_OSAKA}, {"BPO2", HT_EVM_OSAKA},
        {"BPO3", HT_EVM_OSAKA},  {"BPO4", HT_EVM_OSAKA}, {"BPO5", HT_EVM_OSAKA},
    };
    for (unsigned fork = 0; fork < HT_EVM_FORK_COUNT; fork++) {
        if (strcasecmp(forks[fork].name, name) == 0) {
            return ht_evm_rules_of((enum ht_evm_fork)fork);
        }
    }
    for (size_t i = 0; i < sizeof OTHER_NAMES / sizeof *OTHER_NAMES; i++) {
        if (strcasecmp(OTHER_NAMES[i].name, name) == 0) return ht_evm_rules_of(OTHER_NAMES[i].fork);
    }
    return NULL;
}
