/* A peer's transaction on its way to one of our own providers. */
#include "node/app/near_send.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/api/eth_params.h"
#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/l1/chain_span.h"
#include "node/l1/execution/rpc_json.h"
#include "node/l1/outbox.h"

#define ARENA_MAX ((size_t)2 << 20)
#define ANSWER_MAX 65536U

struct passing {
    struct ht_question question; /* first */
    struct ht_rpc_call *call;
    ht_hash32 hash;
};

static void refuse(struct ht_rpc_call *call, enum ht_err err, const struct ht_why *why) {
    static const char mark[] = "refused: ";
    bool is_rejected = err == HT_EDENIED || err == HT_EINPUT || err == HT_ELIMIT;
    /* The sender says of it that it was refused, too. */
    const char *words =
        strncmp(why->text, mark, sizeof mark - 1) == 0 ? why->text + sizeof mark - 1 : why->text;
    const struct ht_rpc_refusal refusal = {
        .err = err, .why = why, .number = is_rejected ? HT_NEAR_REJECTED : 0, .message = words};
    ht_rpc_refuse_with(call, &refusal);
}

static enum ht_err check(ht_hash32 *hash, const struct ht_eth *eth, ht_bytes raw,
                         struct ht_why *why) {
    struct ht_transaction tx;
    struct ht_arena arena;
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_tx_decode(&tx, &arena, raw, HT_TX_NETWORK_FORM_STRIP, why);
    if (err == HT_OK) err = ht_tx_hash(hash, &tx);
    if (err == HT_OK) {
        err = ht_tx_check(NULL, &tx, ht_outbox_rules(eth->outbox),
                          ht_sync_network(eth->sync)->chain_id, why);
    }
    ht_arena_fini(&arena);
    return err;
}

/* On a worker. */
static enum ht_err prove(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                         struct ht_why *why) {
    const struct passing *passing = (const struct passing *)(const void *)question;
    ht_hash32 hash;
    enum ht_err err = ht_json_hex(hash.b, sizeof hash.b, answers[0].result, "", why);
    if (err != HT_OK || ht_hash32_equal(&hash, &passing->hash)) return err;
    return ht_fail(why, HT_EUNVERIFIED, "tx_hash_differs",
                   "took it and named another transaction's hash");
}

static void done(struct ht_question *question) {
    struct passing *passing = (struct passing *)(void *)question;
    struct ht_why *why = &question->why;
    json_t *hash = question->err == HT_OK ? ht_rpc_data(HT_BYTES(passing->hash.b)) : NULL;
    bool is_refused = strcmp(why->code != NULL ? why->code : "", "refused") == 0;
    if (hash != NULL) {
        ht_rpc_finish(passing->call, hash);
    } else if (question->err == HT_OK) {
        ht_rpc_refuse(passing->call, ht_eth_no_memory(why), why);
    } else if (is_refused) {
        refuse(passing->call, HT_EDENIED, why);
    } else {
        ht_rpc_refuse(passing->call, question->err == HT_EDENIED ? HT_EAGAIN : question->err, why);
    }
    free(passing);
}

/* Everybody who is not the user's own, also who comes while it is asked. */
static uint32_t others(const struct ht_eth *eth) {
    const struct ht_providers *providers = ht_sync_providers(eth->sync);
    uint32_t avoid = UINT32_MAX;
    for (size_t i = 0; i < providers->count && i < 32; i++) {
        if (!providers->list[i].is_peer) avoid &= ~(UINT32_C(1) << i);
    }
    return avoid;
}

static enum ht_err pass_on(const struct ht_eth *eth, struct ht_rpc_call *call, ht_bytes raw,
                           const ht_hash32 *hash, struct ht_why *why) {
    struct passing *passing = calloc(1, sizeof *passing);
    char *text = malloc(HT_HEX_SIZE(raw.n));
    enum ht_err err = passing != NULL && text != NULL ? HT_OK : ht_eth_no_memory(why);
    if (err == HT_OK) {
        struct ht_question *question = &passing->question;
        *passing = (struct passing){.question = {.max_bytes = ANSWER_MAX,
                                                 .avoid = others(eth),
                                                 .takes_refusal = true,
                                                 .prove = prove,
                                                 .done = done},
                                    .call = call,
                                    .hash = *hash};
        char hex[HT_HEX_SIZE(32)];
        ht_hex_write(hex, HT_BYTES(hash->b));
        (void)snprintf(question->about, sizeof question->about, "a peer's transaction %s", hex);
        ht_hex_write(text, raw);
        err = ht_question_add(question, HT_NEAR_SEND, json_pack("[s]", text));
        if (err != HT_OK) err = ht_eth_no_memory(why);
    }
    free(text);
    if (err == HT_OK) {
        ht_ask(ht_chain_asker(eth->chain), &passing->question);
    } else {
        free(passing);
    }
    return err;
}

void ht_near_send(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_near_methods *methods = self;
    const struct ht_eth *eth = methods->eth;
    struct ht_why why = {0};
    struct ht_buf raw;
    ht_hash32 hash;
    ht_buf_init(&raw, HT_NEAR_SEND_MAX);
    enum ht_err err = ht_near_check_own(methods, &why);
    if (err == HT_OK) err = ht_eth_take_params(params, 1, 1, &why);
    if (err == HT_OK) err = ht_json_hex_buf(&raw, params, "[0]", &why);
    if (err == HT_OK && eth->outbox == NULL) err = ht_eth_no_service(&why);
    if (err == HT_OK) err = check(&hash, eth, ht_buf_view(&raw), &why);
    if (err == HT_OK) err = pass_on(eth, call, ht_buf_view(&raw), &hash, &why);
    if (err != HT_OK) refuse(call, err, &why);
    ht_buf_fini(&raw);
}
