/* The rules of each fork for running code, as data: the next fork is another row.
 *
 * What a transaction needs before it runs stands in node/codec/transaction_rules.h, which `tx`
 * points to. Forks that only change how many blobs a block holds (BPO1, BPO2) are their parent
 * here: a block's blob base fee is given (vm.h). Sources: Yellow Paper appendix G and H, EIP-2929,
 * 2930, 3198, 3529, 3541, 3651, 3855, 3860, 4844, 5656, 1153, 6780, 7516, 2537, 7623, 7702, 7823,
 * 7883, 7825, 7939, 7951. Constant data; any thread. */
#ifndef HT_EVM_RULES_H
#define HT_EVM_RULES_H

#include "node/codec/transaction_rules.h"

enum ht_evm_fork {
    HT_EVM_BERLIN,
    HT_EVM_LONDON,
    HT_EVM_PARIS,
    HT_EVM_SHANGHAI,
    HT_EVM_CANCUN,
    HT_EVM_PRAGUE,
    HT_EVM_OSAKA,
    HT_EVM_FORK_COUNT,
};

/* One opcode. */
struct ht_evm_op {
    const char *name;    /* "PUSH1"; NULL when the fork has none here */
    uint16_t gas;        /* charged before it runs; what depends on operands is added by it */
    uint8_t stack_in;    /* words that must be there */
    int8_t stack_change; /* words after it less words before it */
    bool is_write;       /* refused in a static call */
};

/* How a precompile counts MODEXP's gas (EIP-198's is before Berlin). */
enum ht_evm_modexp { HT_EVM_MODEXP_EIP2565, HT_EVM_MODEXP_EIP7883 };

struct ht_evm_rules {
    enum ht_evm_fork fork;
    const char *name; /* as in the tests: "Cancun", "Osaka" */
    const struct ht_tx_rules *tx;
    struct ht_evm_op ops[256];
    uint32_t refund_quotient;       /* EIP-3529: 5, before London 2 */
    uint32_t sstore_clear_refund;   /* 4800, before London 15000 */
    uint32_t selfdestruct_refund;   /* 0, before London 24000 */
    uint32_t init_code_max;         /* bytes; 0 without EIP-3860 */
    uint32_t init_code_word_gas;    /* 2 with EIP-3860 */
    uint32_t code_max;              /* bytes, EIP-170 */
    bool refuses_ef_code;           /* EIP-3541 */
    bool has_base_fee;              /* EIP-3198; burnt, EIP-1559 */
    bool has_warm_coinbase;         /* EIP-3651 */
    bool has_selfdestruct_only_new; /* EIP-6780 */
    bool has_delegation;            /* EIP-7702 */
    bool has_block_history;         /* EIP-2935: blocks write their parent's hash to state */
    bool has_beacon_root;           /* EIP-4788 */
    uint32_t precompile_count;      /* 0x01 … this */
    bool has_p256verify;            /* 0x100 */
    enum ht_evm_modexp modexp;
    uint32_t modexp_length_max; /* bytes of each operand, EIP-7823; 0: no bound */
};

/* Never NULL for a fork below the count. The first call makes the tables; any thread. */
const struct ht_evm_rules *ht_evm_rules_of(enum ht_evm_fork fork);

/* By name as tests and configurations spell it, case ignored; "Merge", "BPO1" … "BPO5" and
 * "ConstantinopleFix"-like others of the past: NULL when this program does not run that fork. */
const struct ht_evm_rules *ht_evm_rules_find(const char *name);

/* Gas that no fork since Berlin has changed (EIP-2929). */
#define HT_GAS_COLD_ACCOUNT 2600U
#define HT_GAS_COLD_SLOT 2100U
#define HT_GAS_WARM 100U
#define HT_GAS_SSTORE_SET 20000U
#define HT_GAS_SSTORE_RESET 2900U
#define HT_GAS_SSTORE_SENTRY 2300U /* SSTORE needs more than this left (EIP-2200) */
#define HT_GAS_CALL_VALUE 9000U
#define HT_GAS_CALL_STIPEND 2300U
#define HT_GAS_NEW_ACCOUNT 25000U
#define HT_GAS_CODE_BYTE 200U
#define HT_GAS_LOG_TOPIC 375U
#define HT_GAS_LOG_BYTE 8U
#define HT_GAS_EXP_BYTE 50U
#define HT_GAS_KECCAK_WORD 6U
#define HT_GAS_COPY_WORD 3U
#define HT_GAS_MEMORY_WORD 3U
#define HT_GAS_AUTHORIZATION 25000U        /* PER_EMPTY_ACCOUNT_COST, EIP-7702 */
#define HT_GAS_AUTHORIZATION_REFUND 12500U /* when the authority exists */

#define HT_EVM_DEPTH_MAX 1024U
#define HT_EVM_STACK_MAX 1024U

#endif
