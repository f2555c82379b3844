/* Files of a recorded chain into what executing wants. */
#include "tests/vectors/chain_read.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/rlp.h"
#include "node/l1/execution/rpc_json.h"
#include "tests/vectors/vectors.h"

#define FILE_MAX_BYTES ((size_t)512 << 20)
#define ITEMS_MAX 65536U

static enum ht_err bad(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "case", "%s", what);
}

/* --- forks ------------------------------------------------------------------------------------*/

/* A block's number or time in the configuration; never without it. */
static uint64_t when(const struct ht_chain_file *file, const char *name) {
    uint64_t at = 0;
    return ht_json_u64(&at, file->config, name, NULL) == HT_OK ? at : UINT64_MAX;
}

static enum ht_evm_fork fork_at(const struct ht_chain_file *file,
                                const struct ht_exec_header *header) {
    static const struct {
        const char *name;
        enum ht_evm_fork fork;
    } times[] = {{"osakaTime", HT_EVM_OSAKA},
                 {"pragueTime", HT_EVM_PRAGUE},
                 {"cancunTime", HT_EVM_CANCUN},
                 {"shanghaiTime", HT_EVM_SHANGHAI}};
    if (!ht_u256_is_zero(&header->difficulty)) {
        return header->number >= when(file, "londonBlock") ? HT_EVM_LONDON : HT_EVM_BERLIN;
    }
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        if (header->timestamp >= when(file, times[i].name)) return times[i].fork;
    }
    return HT_EVM_PARIS;
}

static void blobs_at(struct ht_blob_rules *out, const struct ht_chain_file *file, uint64_t time) {
    static const char *const names[] = {"cancun", "prague", "osaka", "bpo1",
                                        "bpo2",   "bpo3",   "bpo4",  "bpo5"};
    *out = (struct ht_blob_rules){.has_reserve_price = time >= when(file, "osakaTime")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char key[24];
        (void)snprintf(key, sizeof key, "%sTime", names[i]);
        const json_t *schedule =
            ht_json_member(ht_json_member(file->config, "blobSchedule"), names[i]);
        if (time < when(file, key) || schedule == NULL) continue;
        (void)!ht_json_u64(&out->target, schedule, "target", NULL);
        (void)!ht_json_u64(&out->max, schedule, "max", NULL);
        (void)!ht_json_u64(&out->update_fraction, schedule, "baseFeeUpdateFraction", NULL);
    }
}

void ht_chain_rules_at(struct ht_block_rules *out, const struct ht_chain_file *file,
                       const struct ht_exec_header *header) {
    *out = (struct ht_block_rules){.evm = ht_evm_rules_of(fork_at(file, header)),
                                   .chain_id = when(file, "chainId")};
    blobs_at(&out->blobs, file, header->timestamp);
    ht_addr20 *contract = ht_arena_alloc(&((struct ht_chain_file *)file)->arena, sizeof *contract);
    if (contract != NULL && ht_json_hex(contract->b, sizeof contract->b, file->config,
                                        "depositContractAddress", NULL) == HT_OK) {
        out->deposit_contract = contract;
    }
}

/* --- blocks -----------------------------------------------------------------------------------*/

/* An array for the items of a list, and how many there are. */
static enum ht_err make_room(void **out, size_t *count, struct ht_chain_file *file, ht_bytes items,
                             size_t size, struct ht_why *why) {
    enum ht_err err = ht_rlp_count(count, items, ITEMS_MAX, why);
    return err == HT_OK ? ht_arena_array(out, &file->arena, *count, size, why) : err;
}

/* A legacy transaction is a list, any other a string. */
static enum ht_err read_transactions(struct ht_chain_block *out, struct ht_chain_file *file,
                                     ht_bytes items, struct ht_why *why) {
    void *list = NULL, *senders = NULL;
    enum ht_err err = make_room(&list, &out->count, file, items, sizeof *out->transactions, why);
    if (err == HT_OK) {
        err = ht_arena_array(&senders, &file->arena, out->count, sizeof *out->senders, why);
    }
    out->transactions = list;
    out->senders = senders;
    for (size_t i = 0; i < out->count && err == HT_OK; i++) {
        struct ht_rlp_item item;
        err = ht_rlp_read_item(&item, &items, why);
        if (err != HT_OK) break;
        err =
            ht_tx_decode(&out->transactions[i], &file->arena,
                         item.is_list ? item.whole : item.payload, HT_TX_NETWORK_FORM_REFUSE, why);
        if (err == HT_OK) {
            err = ht_tx_sender(&out->senders[i], &out->transactions[i], HT_ECDSA_ANY_S, why);
        }
    }
    return err;
}

static enum ht_err read_uncles(struct ht_chain_block *out, struct ht_chain_file *file,
                               ht_bytes items, struct ht_why *why) {
    void *list = NULL;
    enum ht_err err = make_room(&list, &out->uncle_count, file, items, sizeof *out->uncles, why);
    out->uncles = list;
    for (size_t i = 0; i < out->uncle_count && err == HT_OK; i++) {
        struct ht_rlp_item item;
        err = ht_rlp_read_item(&item, &items, why);
        if (err == HT_OK) err = ht_exec_header_decode(&out->uncles[i], item.whole, why);
    }
    return err;
}

static enum ht_err read_withdrawals(struct ht_chain_block *out, struct ht_chain_file *file,
                                    ht_bytes items, struct ht_why *why) {
    void *list = NULL;
    enum ht_err err =
        make_room(&list, &out->withdrawal_count, file, items, sizeof *out->withdrawals, why);
    out->withdrawals = list;
    for (size_t i = 0; i < out->withdrawal_count && err == HT_OK; i++) {
        struct ht_withdrawal *one = &out->withdrawals[i];
        ht_bytes fields;
        err = ht_rlp_read_list(&fields, &items, why);
        if (err == HT_OK) err = ht_rlp_read_u64(&one->index, &fields, why);
        if (err == HT_OK) err = ht_rlp_read_u64(&one->validator_index, &fields, why);
        if (err == HT_OK) err = ht_rlp_read_addr20(&one->address, &fields, why);
        if (err == HT_OK) err = ht_rlp_read_u64(&one->amount, &fields, why);
    }
    return err;
}

static enum ht_err read_block(struct ht_chain_block *out, struct ht_chain_file *file,
                              ht_bytes *rest, struct ht_why *why) {
    ht_bytes parts = {0}, items = {0};
    struct ht_rlp_item header;
    enum ht_err err = ht_rlp_read_list(&parts, rest, why);
    if (err == HT_OK) err = ht_rlp_read_item(&header, &parts, why);
    if (err == HT_OK) err = ht_exec_header_decode(&out->claimed, header.whole, why);
    if (err == HT_OK) err = ht_rlp_read_list(&items, &parts, why);
    if (err == HT_OK) err = read_transactions(out, file, items, why);
    if (err == HT_OK) err = ht_rlp_read_list(&items, &parts, why);
    if (err == HT_OK) err = read_uncles(out, file, items, why);
    if (err == HT_OK && parts.n > 0) {
        err = ht_rlp_read_list(&items, &parts, why);
        if (err == HT_OK) err = read_withdrawals(out, file, items, why);
    }
    return err;
}

static enum ht_err read_blocks(struct ht_chain_file *file, struct ht_why *why) {
    void *list = NULL;
    ht_bytes rest = ht_buf_view(&file->rlp);
    size_t count = 0;
    enum ht_err err = ht_rlp_count(&count, rest, HT_CHAIN_BLOCKS_MAX, why);
    if (err == HT_OK) {
        err = ht_arena_array(&list, &file->arena, count + 1, sizeof *file->blocks, why);
    }
    file->blocks = list;
    file->block_count = count + 1;
    for (size_t i = 1; i <= count && err == HT_OK; i++) {
        struct ht_chain_block *block = &file->blocks[i];
        err = read_block(block, file, &rest, why);
        if (i == 1) file->blocks[0].claimed.hash = block->claimed.header.parent_hash;
        if (err == HT_OK && block->claimed.header.number != i) err = bad(why, "a block is missing");
    }
    return err;
}

/* --- the state --------------------------------------------------------------------------------*/

static enum ht_err read_word(ht_u256 *out, const char *text, struct ht_why *why) {
    ht_hash32 word;
    if (text == NULL || strlen(text) != 66 || strncmp(text, "0x", 2) != 0 ||
        ht_hex_read(word.b, sizeof word.b, ht_bytes_str(text)) != HT_OK) {
        return bad(why, "a slot is not 32 bytes");
    }
    *out = ht_u256_from_be32(word.b);
    return HT_OK;
}

static enum ht_err read_account(struct ht_known_account *out, struct ht_arena *arena,
                                const char *address, const json_t *from, struct ht_why *why) {
    const json_t *storage = ht_json_member(from, "storage");
    void *slots = NULL;
    if (strlen(address) != 42 ||
        ht_hex_read(out->address.b, sizeof out->address.b, ht_bytes_str(address)) != HT_OK) {
        return bad(why, "an account's address is none");
    }
    enum ht_err err = ht_rpc_read_u64(&out->nonce, from, "nonce", why);
    if (err == HT_OK) err = ht_rpc_read_u256(&out->balance, from, "balance", why);
    if (err == HT_OK) err = ht_rpc_read_data(&out->code, arena, from, "code", why);
    if (err == HT_OK) {
        err = ht_arena_array(&slots, arena, json_object_size(storage), sizeof *out->slots, why);
    }
    out->slots = slots;
    void *at = json_object_iter((json_t *)storage);
    for (; at != NULL && err == HT_OK; at = json_object_iter_next((json_t *)storage, at)) {
        struct ht_known_slot *slot = &out->slots[out->slot_count++];
        err = read_word(&slot->key, json_object_iter_key(at), why);
        if (err == HT_OK) {
            err = read_word(&slot->value, json_string_value(json_object_iter_value(at)), why);
        }
    }
    return err;
}

static enum ht_err block_hash(void *user, ht_hash32 *out, uint64_t number, struct ht_why *why) {
    const struct ht_chain_file *file = user;
    if (number >= file->block_count) return bad(why, "the hash of a later block was asked for");
    *out = file->blocks[number].claimed.hash;
    return HT_OK;
}

static enum ht_err read_state(struct ht_chain_file *file, struct ht_why *why) {
    const json_t *alloc = ht_json_member(file->states, "alloc");
    void *accounts = NULL;
    enum ht_err err = ht_arena_array(&accounts, &file->arena, json_object_size(alloc),
                                     sizeof *file->state.accounts, why);
    file->state =
        (struct ht_known_state){.accounts = accounts, .block_hash = block_hash, .user = file};
    void *at = json_object_iter((json_t *)alloc);
    for (; at != NULL && err == HT_OK; at = json_object_iter_next((json_t *)alloc, at)) {
        err = read_account(&file->state.accounts[file->state.count++], &file->arena,
                           json_object_iter_key(at), json_object_iter_value(at), why);
    }
    return err == HT_OK ? ht_known_state_prepare(&file->state, why) : err;
}

/* --- files ------------------------------------------------------------------------------------*/

static enum ht_err read_json(json_t **out, const char *path, struct ht_why *why) {
    struct ht_buf text;
    ht_buf_init(&text, FILE_MAX_BYTES);
    enum ht_err err = ht_vec_read(&text, path);
    if (err != HT_OK) (void)ht_fail(why, err, "case", "cannot read a file of the chain");
    if (err == HT_OK) err = ht_json_parse(out, ht_buf_view(&text), FILE_MAX_BYTES, why);
    ht_buf_fini(&text);
    return err;
}

static enum ht_err read_folder(struct ht_chain_file *file, struct ht_why *why) {
    const char *folder = NULL, *title = NULL;
    char path[4096];
    uint64_t first = 0;
    enum ht_err err = ht_json_text(&folder, file->states, "folder", why);
    if (err == HT_OK) err = ht_json_text(&title, file->states, "title", why);
    if (err == HT_OK) err = ht_json_u64(&first, file->states, "first", why);
    if (err != HT_OK) return err;
    (void)snprintf(file->title, sizeof file->title, "%s", title);
    file->first = (size_t)first;
    (void)snprintf(path, sizeof path, "%s/genesis.json", folder);
    err = read_json(&file->genesis, path, why);
    file->config = ht_json_member(file->genesis, "config");
    (void)snprintf(path, sizeof path, "%s/chain.rlp", folder);
    if (err == HT_OK && ht_vec_read(&file->rlp, path) != HT_OK) err = bad(why, "no chain.rlp");
    return err;
}

enum ht_err ht_chain_file_read(struct ht_chain_file *out, const char *states_path,
                               struct ht_why *why) {
    *out = (struct ht_chain_file){.title = "chain"};
    ht_buf_init(&out->rlp, FILE_MAX_BYTES);
    ht_arena_init(&out->arena, FILE_MAX_BYTES);
    enum ht_err err = read_json(&out->states, states_path, why);
    if (err == HT_OK) err = read_folder(out, why);
    if (err == HT_OK) err = read_blocks(out, why);
    if (err == HT_OK) err = read_state(out, why);
    if (err == HT_OK && (out->first == 0 || out->first > out->block_count)) {
        err = bad(why, "the chain has no such block to begin with");
    }
    return err;
}

void ht_chain_file_free(struct ht_chain_file *file) {
    json_decref(file->states);
    json_decref(file->genesis);
    ht_buf_fini(&file->rlp);
    ht_arena_fini(&file->arena);
}
