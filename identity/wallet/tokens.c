/* The list of watched tokens: adding, removing, asking for hints. */
#include "identity/wallet/tokens.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/wallet/tokens_impl.h"
#include "identity/wallet/tokens_sql.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"

#define ANSWER_MAX 4096U
#define SYMBOL 0x95d89b41U   /* symbol() */
#define DECIMALS 0x313ce567U /* decimals() */

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- the list --------------------------------------------------------------------------------- */

struct ht_token *ht_tokens_get(const struct ht_identity *identity, const ht_addr20 *address) {
    struct ht_tokens *tokens = identity->tokens;
    for (size_t i = 0; i < tokens->count; i++) {
        if (memcmp(tokens->list[i].info.address.b, address->b, 20) == 0) return &tokens->list[i];
    }
    return NULL;
}

const struct ht_token_info *ht_tokens_find(const struct ht_identity *identity,
                                           const ht_addr20 *address) {
    const struct ht_token *token = ht_tokens_get(identity, address);
    return token != NULL ? &token->info : NULL;
}

enum ht_err ht_tokens_put(struct ht_identity *identity, const struct ht_token *token) {
    struct ht_tokens *tokens = identity->tokens;
    struct ht_token *place = ht_tokens_get(identity, &token->info.address);
    if (place == NULL && tokens->count == HT_TOKENS_MAX) return HT_ELIMIT;
    if (place == NULL) place = &tokens->list[tokens->count++];
    *place = *token;
    return HT_OK;
}

json_t *ht_token_json(const struct ht_token *token) {
    char address[HT_HEX_SIZE(20)];
    ht_hex_write(address, HT_BYTES(token->info.address.b));
    return json_pack("{s:s, s:s, s:I, s:b}", "token", address, "symbol", token->info.symbol,
                     "decimals", (json_int_t)token->info.decimals, "is_symbol_proven",
                     (int)token->is_symbol_proven);
}

static struct ht_token_row row_of(const struct ht_token *token) {
    return (struct ht_token_row){.address = token->info.address,
                                 .symbol = token->info.symbol,
                                 .decimals = token->info.decimals,
                                 .is_symbol_proven = token->is_symbol_proven,
                                 .layout = (int)token->place.layout,
                                 .slot = token->place.slot};
}

/* --- the disk --------------------------------------------------------------------------------- */

struct keep {
    struct ht_write write;
    struct ht_identity *identity;
    struct ht_token token;
    bool is_delete;
    struct ht_token_told told; /* done NULL: nobody waits for it */
};

/* On the writer's thread. */
static enum ht_err write_token(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    const struct keep *keep = (struct keep *)write;
    struct ht_token_row row = row_of(&keep->token);
    return keep->is_delete ? ht_token_sql_delete(db, &row.address, why)
                           : ht_token_sql_save(db, &row, why);
}

static void forget(struct ht_identity *identity, const ht_addr20 *address) {
    struct ht_tokens *tokens = identity->tokens;
    struct ht_token *token = ht_tokens_get(identity, address);
    if (token == NULL) return;
    size_t behind = (size_t)(tokens->list + tokens->count - (token + 1));
    memmove(token, token + 1, behind * sizeof *token);
    tokens->count--;
}

static void wrote_token(struct ht_write *write) {
    struct keep *keep = (struct keep *)write;
    enum ht_err err = write->err;
    if (err == HT_OK && keep->is_delete) {
        forget(keep->identity, &keep->token.info.address);
    } else if (err == HT_OK && keep->told.done != NULL) {
        err = ht_tokens_put(keep->identity, &keep->token);
        if (err != HT_OK) (void)ht_fail(&write->why, err, "too_many_tokens", "the list is full");
    }
    if (err != HT_OK) ht_log(HT_LOG_WARN, "wallet", "a token was not kept: %s", write->why.text);
    const struct ht_token_told told = keep->told;
    json_t *result = err == HT_OK && told.done != NULL ? ht_token_json(&keep->token) : NULL;
    if (err == HT_OK && told.done != NULL && result == NULL) err = no_memory(&write->why);
    const struct ht_why why = write->why;
    free(keep);
    if (told.done != NULL) told.done(told.user, err, &why, result);
}

/* told: see struct keep; it is told here of an error. NULL: nobody. */
static void submit(struct ht_identity *identity, const struct ht_token *token, bool is_delete,
                   const struct ht_token_told *told) {
    struct ht_why why = {0};
    struct keep *keep = calloc(1, sizeof *keep);
    enum ht_err err = keep != NULL ? HT_OK : no_memory(&why);
    if (err == HT_OK) {
        keep->identity = identity;
        keep->token = *token;
        keep->is_delete = is_delete;
        if (told != NULL) keep->told = *told;
        keep->write.write = write_token;
        keep->write.done = wrote_token;
        err = ht_writer_submit(identity->host->writer, &keep->write);
        if (err != HT_OK) (void)ht_fail(&why, err, "busy", "the disk is too busy now");
    }
    if (err == HT_OK) return;
    free(keep);
    if (told != NULL) told->done(told->user, err, &why, NULL);
}

void ht_tokens_keep(struct ht_identity *identity, const struct ht_token *token) {
    submit(identity, token, false, NULL);
}

/* --- hints ------------------------------------------------------------------------------------ */

/* On a worker. */
static enum ht_err take_hint(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                             struct ht_why *why) {
    struct ht_token_hint *hint = (struct ht_token_hint *)question;
    ht_buf_clear(&hint->answer);
    return ht_json_hex_buf(&hint->answer, answers[0].result, "", why);
}

void ht_token_ask(struct ht_identity *identity, struct ht_token_hint *hint, const ht_addr20 *token,
                  uint32_t selector, const ht_addr20 *argument, uint64_t block,
                  void (*done)(struct ht_question *question)) {
    struct ht_question *question = &hint->question;
    *question = (struct ht_question){
        .max_bytes = 65536, .takes_refusal = true, .prove = take_hint, .done = done};
    ht_buf_init(&hint->answer, ANSWER_MAX);
    uint8_t data[36] = {(uint8_t)(selector >> 24), (uint8_t)(selector >> 16),
                        (uint8_t)(selector >> 8), (uint8_t)selector};
    if (argument != NULL) memcpy(data + 16, argument->b, sizeof argument->b);
    char to[HT_HEX_SIZE(20)], input[HT_HEX_SIZE(sizeof data)], at[24] = "latest";
    ht_hex_write(to, HT_BYTES(token->b));
    ht_hex_write(input, ht_bytes_of(data, argument != NULL ? sizeof data : 4));
    if (block != 0) (void)snprintf(at, sizeof at, "0x%llx", (unsigned long long)block);
    (void)snprintf(question->about, sizeof question->about, "a token's word, %s", to);
    enum ht_err err = ht_question_add(question, "eth_call",
                                      json_pack("[{s:s, s:s}, s]", "to", to, "data", input, at));
    ht_assert(err == HT_OK);
    ht_ask(ht_chain_asker(ht_state_chain(identity->host->state)), question);
}

/* --- adding ----------------------------------------------------------------------------------- */

struct add_call {
    struct ht_token_hint hint; /* first */
    struct ht_state_read read;
    struct ht_identity *identity;
    struct ht_token_told told;
    struct ht_token token;
    bool has_symbol, has_decimals;
    ht_hash32 slots[HT_TOKEN_WORDS];
};

static void refuse_add(struct add_call *adding, enum ht_err err, const struct ht_why *why) {
    const struct ht_token_told told = adding->told;
    ht_buf_fini(&adding->hint.answer);
    free(adding);
    told.done(told.user, err, why, NULL);
}

static void got_words(struct ht_state_read *read) {
    struct add_call *adding = (struct add_call *)((char *)read - offsetof(struct add_call, read));
    enum ht_err err = read->err;
    bool has_code =
        err == HT_OK && !ht_hash32_equal(&read->account.code_hash, &ht_account_empty_code_hash);
    if (err == HT_OK && !has_code) {
        err = ht_fail(&read->why, HT_ENOTFOUND, "no_code", "there is no contract at this address");
    }
    for (size_t i = 0; err == HT_OK && i < HT_TOKEN_WORDS; i++) {
        adding->token.is_symbol_proven |=
            ht_token_word_is(read->values[i], adding->token.info.symbol);
    }
    struct ht_why why = read->why;
    ht_state_read_fini(read);
    if (err != HT_OK) {
        refuse_add(adding, err, &why);
        return;
    }
    submit(adding->identity, &adding->token, false, &adding->told);
    ht_buf_fini(&adding->hint.answer);
    free(adding);
}

static void read_words(struct add_call *adding) {
    for (size_t i = 0; i < HT_TOKEN_WORDS; i++) ht_token_word_slot(&adding->slots[i], i);
    adding->read = (struct ht_state_read){.block = {.kind = HT_BLOCK_LATEST},
                                          .address = adding->token.info.address,
                                          .slots = adding->slots,
                                          .slot_count = HT_TOKEN_WORDS,
                                          .done = got_words};
    ht_state_read(adding->identity->host->state, &adding->read);
}

static void got_word(struct ht_question *question);

/* What the owner did not say, the token is asked for. */
static void go_on(struct add_call *adding) {
    if (adding->has_symbol && adding->has_decimals) {
        read_words(adding);
        return;
    }
    ht_token_ask(adding->identity, &adding->hint, &adding->token.info.address,
                 adding->has_symbol ? DECIMALS : SYMBOL, NULL, 0, got_word);
}

static void got_word(struct ht_question *question) {
    struct add_call *adding = (struct add_call *)question;
    struct ht_token_info *info = &adding->token.info;
    struct ht_why *why = &question->why;
    ht_bytes answer = ht_buf_view(&adding->hint.answer);
    enum ht_err err = question->err;
    if (err == HT_OK && !adding->has_symbol) {
        err = ht_token_symbol_read(info->symbol, answer, why);
        adding->has_symbol = true;
    } else if (err == HT_OK) {
        err = ht_token_decimals_read(&info->decimals, answer, why);
        adding->has_decimals = true;
    }
    ht_buf_fini(&adding->hint.answer);
    if (err == HT_OK) {
        go_on(adding);
        return;
    }
    ht_why_context(why,
                   "no provider could say what token it is (symbol and decimals can be given)");
    struct ht_why reason = *why;
    refuse_add(adding, err, &reason);
}

void ht_tokens_add(struct ht_identity *identity, const struct ht_token_claim *claim,
                   const struct ht_token_told *told) {
    struct ht_why why = {0};
    struct add_call *adding = calloc(1, sizeof *adding);
    enum ht_err err = adding != NULL ? HT_OK : no_memory(&why);
    if (err == HT_OK && ht_tokens_find(identity, &claim->address) == NULL &&
        identity->tokens->count == HT_TOKENS_MAX) {
        err = ht_fail(&why, HT_ELIMIT, "too_many_tokens", "at most %u tokens", HT_TOKENS_MAX);
    }
    if (err != HT_OK) {
        free(adding);
        told->done(told->user, err, &why, NULL);
        return;
    }
    struct ht_token_info *info = &adding->token.info;
    adding->identity = identity;
    adding->told = *told;
    adding->has_symbol = claim->has_symbol;
    adding->has_decimals = claim->has_decimals;
    info->address = claim->address;
    info->decimals = claim->decimals;
    memcpy(info->symbol, claim->symbol, sizeof info->symbol);
    go_on(adding);
}

/* --- the methods ------------------------------------------------------------------------------ */

static void answer(void *user, enum ht_err err, const struct ht_why *why, json_t *token) {
    struct ht_rpc_call *call = user;
    if (err == HT_OK) {
        ht_rpc_finish(call, token);
    } else {
        ht_rpc_refuse(call, err, why);
    }
}

static void start_add(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_token_claim claim;
    const struct ht_token_told told = {answer, call};
    enum ht_err err = ht_token_claim_read(&claim, params, "token", &why);
    if (err == HT_OK) {
        ht_tokens_add(self, &claim, &told);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
}

static void start_remove(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    ht_addr20 address;
    const struct ht_token *token = NULL;
    enum ht_err err = ht_json_hex(address.b, sizeof address.b, params, "token", &why);
    if (err == HT_OK) token = ht_tokens_get(identity, &address);
    if (err == HT_OK && token == NULL) {
        err = ht_fail(&why, HT_ENOTFOUND, "no_such_token", "this token is not watched");
    }
    if (err == HT_OK) {
        const struct ht_token_told told = {answer, call};
        submit(identity, token, true, &told);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
}

/* --- life ------------------------------------------------------------------------------------- */

static enum ht_err load_token(void *user, const struct ht_token_row *row) {
    struct ht_identity *identity = user;
    bool is_fine = row->symbol != NULL && ht_token_symbol_is_fine(row->symbol) &&
                   row->decimals <= HT_TOKEN_DECIMALS_MAX && row->layout >= HT_TOKEN_NOWHERE &&
                   row->layout <= HT_TOKEN_VYPER;
    if (!is_fine) return HT_OK;
    struct ht_token token = {
        .info = {.address = row->address, .decimals = row->decimals},
        .is_symbol_proven = row->is_symbol_proven,
        .place = {(enum ht_token_layout)row->layout, row->slot},
    };
    memcpy(token.info.symbol, row->symbol, strlen(row->symbol) + 1);
    if (ht_tokens_put(identity, &token) != HT_OK) ht_log(HT_LOG_WARN, "wallet", "a token too many");
    return HT_OK;
}

enum ht_err ht_tokens_new(struct ht_identity *identity, sqlite3 *db, struct ht_why *why) {
    identity->tokens = calloc(1, sizeof *identity->tokens);
    if (identity->tokens == NULL) return no_memory(why);
    enum ht_err err = ht_token_sql_load(db, load_token, identity, why);
    if (err != HT_OK) ht_tokens_free(identity);
    return err;
}

void ht_tokens_free(struct ht_identity *identity) {
    free(identity->tokens);
    identity->tokens = NULL;
}

static const struct ht_rpc_method METHODS[] = {
    {.name = "wallet.balances", .start = ht_tokens_balances},
    {.name = "wallet.add_token", .start = start_add},
    {.name = "wallet.remove_token", .start = start_remove},
};
const struct ht_identity_methods ht_token_methods = {METHODS, sizeof METHODS / sizeof *METHODS};
_Static_assert(sizeof METHODS / sizeof *METHODS == HT_TOKEN_METHODS, "identity.h counts them");
