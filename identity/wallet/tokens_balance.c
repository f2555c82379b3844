/* What an address owns: ether and the watched tokens, all at one proven block.
 *
 * The account is read at the head first, the tokens then side by side at that block. A token whose
 * mapping is not known yet is asked for a hint, which only says what to look for. */
#include "identity/wallet/tokens_balance.h"

#include <stdlib.h>

#include "node/codec/json.h"

#define BALANCE_OF 0x70a08231U /* balanceOf(address) */

struct balances_call;

/* One token. */
struct part {
    struct ht_token_hint hint; /* first */
    struct ht_state_read read;
    struct balances_call *of;
    struct ht_token token; /* as it was at the beginning */
    ht_hash32 slots[HT_TOKEN_PLACES];
    ht_u256 hinted;
    json_t *json;
};

struct balances_call {
    struct ht_state_read ether; /* first */
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    json_t *ether_json;
    size_t waiting; /* parts that are not done, and one for who starts them */
    size_t count;
    struct part *parts;
};

static void finish(struct balances_call *balances) {
    json_t *tokens = json_array();
    int failed = 0;
    for (size_t i = 0; i < balances->count; i++) {
        failed |= json_array_append_new(tokens, balances->parts[i].json);
    }
    json_t *result = json_pack("{s:O, s:o}", "ether", balances->ether_json, "tokens", tokens);
    struct ht_why why = {0};
    if (result != NULL && failed == 0) {
        ht_rpc_finish(balances->call, result);
    } else {
        json_decref(result);
        (void)ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
        ht_rpc_refuse(balances->call, HT_ENOMEM, &why);
    }
    json_decref(balances->ether_json);
    free(balances->parts);
    free(balances);
}

static void part_done(struct balances_call *balances) {
    if (--balances->waiting == 0) finish(balances);
}

/* --- what is told of a token ------------------------------------------------------------------ */

static json_t *not_proven(const char *verdict, const char *source, const struct ht_why *why) {
    json_t *sources = source[0] != '\0' ? json_pack("[s]", source) : json_array();
    json_t *text = json_string(why->text);
    if (text == NULL) text = json_string("(not readable)");
    return json_pack("{s:s, s:n, s:n, s:n, s:o, s:o, s:s}", "verdict", verdict, "block", "level",
                     "age_ms", "sources", sources, "why", text, "code", why->code);
}

/* balance NULL: not known. Takes provenance over. */
static void tell(struct part *part, const ht_u256 *balance, json_t *provenance) {
    char text[HT_U256_DECIMAL_SIZE];
    struct balances_call *of = part->of;
    part->json = ht_token_json(&part->token);
    if (balance != NULL) (void)ht_u256_to_decimal(text, balance);
    (void)json_object_set_new(part->json, "balance",
                              balance != NULL ? json_string(text) : json_null());
    (void)json_object_set_new(part->json, "provenance", provenance);
    ht_buf_fini(&part->hint.answer);
    part_done(of);
}

static void tell_unavailable(struct part *part, const struct ht_why *why) {
    const struct ht_why unknown = {.code = "unavailable", .text = "no reason was given"};
    tell(part, NULL, not_proven("unavailable", "", why->code != NULL ? why : &unknown));
}

static void tell_hint(struct part *part, const char *text) {
    struct ht_why why;
    (void)ht_fail(&why, HT_EUNVERIFIED, "balance_not_found", "a provider said so; %s", text);
    tell(part, &part->hinted, not_proven("unproven", part->hint.question.source, &why));
}

/* Ends the read. */
static void tell_proven(struct part *part, const uint8_t value[static 32]) {
    const struct ht_state_read *read = &part->read;
    ht_u256 balance = ht_u256_from_be32(value);
    json_t *provenance = ht_chain_provenance_json(ht_state_chain(part->of->identity->host->state),
                                                  &read->header, read->is_final, read->source);
    ht_state_read_fini(&part->read);
    tell(part, &balance, provenance);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void read_slots(struct part *part, size_t count, void (*done)(struct ht_state_read *read)) {
    const struct balances_call *of = part->of;
    part->read = (struct ht_state_read){
        .block = {.kind = HT_BLOCK_HASH, .hash = of->ether.header.hash},
        .address = part->token.info.address,
        .slots = part->slots,
        .slot_count = count,
        .done = done,
    };
    ht_state_read(of->identity->host->state, &part->read);
}

static struct part *part_of(struct ht_state_read *read) {
    return (struct part *)((char *)read - offsetof(struct part, read));
}

static bool read_failed(struct part *part) {
    if (part->read.err == HT_OK) return false;
    struct ht_why why = part->read.why;
    ht_state_read_fini(&part->read);
    tell_unavailable(part, &why);
    return true;
}

static void got_balance(struct ht_state_read *read) {
    struct part *part = part_of(read);
    if (!read_failed(part)) tell_proven(part, read->values[0]);
}

/* The mapping is known from here on, when only one place has that value. */
static void keep_place(const struct part *part, size_t place) {
    struct ht_identity *identity = part->of->identity;
    struct ht_token *token = ht_tokens_get(identity, &part->token.info.address);
    if (token == NULL) return;
    ht_token_place(&token->place, place);
    ht_tokens_keep(identity, token);
}

static void got_candidates(struct ht_state_read *read) {
    struct part *part = part_of(read);
    size_t found = 0, place = 0;
    if (read_failed(part)) return;
    for (size_t i = HT_TOKEN_PLACES; i-- > 0;) {
        ht_u256 value = ht_u256_from_be32(read->values[i]);
        if (!ht_u256_equal(&value, &part->hinted)) continue;
        found++;
        place = i;
    }
    if (found == 0) {
        ht_state_read_fini(read);
        tell_hint(part, "no slot of the token's storage that is looked at holds it");
        return;
    }
    if (found == 1) keep_place(part, place);
    tell_proven(part, read->values[place]);
}

static void got_hint(struct ht_question *question) {
    struct part *part = (struct part *)question;
    ht_bytes answer = ht_buf_view(&part->hint.answer);
    if (question->err == HT_OK && answer.n != 32) {
        question->err = ht_fail(&question->why, HT_EINPUT, "token_balance",
                                "the token names no balance: is it one?");
    }
    if (question->err != HT_OK) {
        tell_unavailable(part, &question->why);
        return;
    }
    part->hinted = ht_u256_from_be32(answer.p);
    if (ht_u256_is_zero(&part->hinted)) {
        /* Nothing to look for: every other slot is zero too. */
        tell_hint(part, "where the token keeps balances is found with the first one above zero");
        return;
    }
    for (size_t i = 0; i < HT_TOKEN_PLACES; i++) {
        struct ht_token_place place;
        ht_token_place(&place, i);
        ht_token_slot(&part->slots[i], &place, &part->of->ether.address);
    }
    read_slots(part, HT_TOKEN_PLACES, got_candidates);
}

static void start_part(struct part *part) {
    const struct balances_call *of = part->of;
    if (part->token.place.layout == HT_TOKEN_NOWHERE) {
        ht_token_ask(of->identity, &part->hint, &part->token.info.address, BALANCE_OF,
                     &of->ether.address, of->ether.header.header.number, got_hint);
    } else {
        ht_token_slot(&part->slots[0], &part->token.place, &of->ether.address);
        read_slots(part, 1, got_balance);
    }
}

/* --- the account ------------------------------------------------------------------------------ */

static void got_ether(struct ht_state_read *read) {
    struct balances_call *balances = (struct balances_call *)read;
    const struct ht_tokens *tokens = balances->identity->tokens;
    enum ht_err err = read->err;
    if (err == HT_OK) err = ht_state_account_json(&balances->ether_json, read, &read->why);
    if (err == HT_OK && tokens->count > 0) {
        balances->parts = calloc(tokens->count, sizeof *balances->parts);
        if (balances->parts == NULL) {
            err = ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory");
        }
    }
    struct ht_why why = read->why;
    ht_state_read_fini(read);
    if (err != HT_OK) {
        ht_rpc_refuse(balances->call, err, &why);
        json_decref(balances->ether_json);
        free(balances);
        return;
    }
    balances->count = tokens->count;
    balances->waiting = balances->count + 1;
    for (size_t i = 0; i < balances->count; i++) {
        balances->parts[i].of = balances;
        balances->parts[i].token = tokens->list[i];
    }
    for (size_t i = 0; i < balances->count; i++) start_part(&balances->parts[i]);
    part_done(balances);
}

void ht_tokens_balances(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    ht_addr20 address;
    enum ht_err err = ht_json_hex(address.b, sizeof address.b, params, "address", &why);
    struct balances_call *balances = err == HT_OK ? calloc(1, sizeof *balances) : NULL;
    if (err == HT_OK && balances == NULL) {
        err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    }
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    balances->identity = identity;
    balances->call = call;
    balances->ether = (struct ht_state_read){
        .block = {.kind = HT_BLOCK_LATEST}, .address = address, .done = got_ether};
    ht_state_read(identity->host->state, &balances->ether);
}
