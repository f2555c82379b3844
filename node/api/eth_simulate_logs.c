/* Collecting logs, frame by frame. */
#include "node/api/eth_simulate_logs.h"

#define CAP_MIN 16U

/* ERC-7528 */
static const ht_addr20 ether_address = {{0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee,
                                         0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee,
                                         0xee, 0xee, 0xee, 0xee, 0xee, 0xee}};
/* keccak256("Transfer(address,address,uint256)") */
static const ht_hash32 transfer_topic = {{0xdd, 0xf2, 0x52, 0xad, 0x1b, 0xe2, 0xc8, 0x9b,
                                          0x69, 0xc2, 0xb0, 0x68, 0xfc, 0x37, 0x8d, 0xaa,
                                          0x95, 0x2b, 0xa7, 0xf1, 0x63, 0xc4, 0xa1, 0x16,
                                          0x28, 0xf5, 0x5a, 0x4d, 0xf5, 0x23, 0xb3, 0xef}};

static struct ht_eth_sim_log *add(struct ht_eth_sim_logs *logs, ht_bytes data) {
    if (logs->count == logs->cap) {
        size_t cap = logs->cap == 0 ? CAP_MIN : 2 * logs->cap;
        struct ht_eth_sim_log *list = ht_arena_alloc(logs->arena, cap * sizeof *list);
        if (list != NULL && logs->count > 0) memcpy(list, logs->list, logs->count * sizeof *list);
        logs->has_failed |= list == NULL;
        if (list == NULL) return NULL;
        logs->list = list;
        logs->cap = cap;
    }
    char *copy = ht_arena_copy_str(logs->arena, data);
    logs->has_failed |= copy == NULL;
    if (copy == NULL) return NULL;
    struct ht_eth_sim_log *log = &logs->list[logs->count++];
    *log = (struct ht_eth_sim_log){.log = {.data = ht_bytes_of(copy, data.n)},
                                   .index = logs->next_index++};
    return log;
}

static void add_transfer(struct ht_eth_sim_logs *logs, const ht_addr20 *from, const ht_addr20 *to,
                         const ht_u256 *wei) {
    uint8_t data[32];
    if (!logs->traces_transfers || ht_u256_is_zero(wei)) return;
    ht_u256_to_be(data, wei);
    struct ht_eth_sim_log *entry = add(logs, HT_BYTES(data));
    if (entry == NULL) return;
    entry->log.address = ether_address;
    entry->log.topic_count = 3;
    entry->log.topics[0] = transfer_topic;
    memcpy(entry->log.topics[1].b + 12, from->b, sizeof from->b);
    memcpy(entry->log.topics[2].b + 12, to->b, sizeof to->b);
}

static void on_enter(void *user, unsigned depth, const struct ht_evm_message *message) {
    struct ht_eth_sim_logs *logs = user;
    logs->open[depth] = logs->count;
    if (message->kind == HT_EVM_DELEGATECALL) return;
    add_transfer(logs, &message->sender, &message->to, &message->value);
}

static void on_leave(void *user, unsigned depth, const struct ht_evm_result *result,
                     uint64_t gas_used) {
    struct ht_eth_sim_logs *logs = user;
    (void)gas_used;
    if (result->status != HT_EVM_SUCCESS) logs->count = logs->open[depth];
}

static void on_log(void *user, unsigned depth, const struct ht_evm_log *log) {
    (void)depth;
    struct ht_eth_sim_log *entry = add(user, log->data);
    if (entry == NULL) return;
    entry->log.address = log->address;
    entry->log.topic_count = log->topic_count;
    memcpy(entry->log.topics, log->topics, sizeof entry->log.topics);
}

static void on_destroy(void *user, unsigned depth, const ht_addr20 *account,
                       const ht_addr20 *beneficiary, const ht_u256 *wei) {
    (void)depth;
    add_transfer(user, account, beneficiary, wei);
}

void ht_eth_sim_logs_clear(struct ht_eth_sim_logs *logs) {
    logs->list = NULL;
    logs->count = logs->cap = 0;
}

struct ht_evm_observer ht_eth_sim_logs_observer(struct ht_eth_sim_logs *logs) {
    return (struct ht_evm_observer){
        .enter = on_enter, .leave = on_leave, .log = on_log, .destroy = on_destroy, .user = logs};
}
