/* Tokens that pages ask to be shown: read, put into words that say whose they are, and queued. */
#include "identity/doors/doors_watch.h"

#include <stdlib.h>

#include "identity/doors/permissions.h"
#include "identity/wallet/send_call.h"
#include "identity/wallet/tokens.h"
#include "node/codec/address.h"
#include "node/codec/json.h"
#include "node/codec/safe_text.h"

/* --- what is asked for ------------------------------------------------------------------------ */

/* Tokens of another chain would be looked for at the same address here. */
static enum ht_err check_chain(const struct ht_identity *identity, const json_t *options,
                               struct ht_why *why) {
    uint64_t named = identity->host->network->chain_id, ours = named;
    const json_t *value = ht_json_member(options, "chainId");
    if (value == NULL || json_is_null(value)) return HT_OK;
    enum ht_err err = ht_json_u64(&named, options, "chainId", why);
    if (err != HT_OK || named == ours) return err;
    return ht_fail(why, HT_EINPUT, "wrong_chain", "the token is on chain %llu, and this is %llu",
                   (unsigned long long)named, (unsigned long long)ours);
}

static enum ht_err read_asset(struct ht_token_claim *out, const struct ht_identity *identity,
                              const json_t *params, struct ht_why *why) {
    const char *type;
    const json_t *options = NULL;
    const json_t *asset = json_is_array(params) ? json_array_get(params, 0) : params;
    if (!json_is_object(asset))
        return ht_fail(why, HT_EINPUT, "bad_params", "it takes {type, options}");
    enum ht_err err = ht_json_text(&type, asset, "type", why);
    if (err == HT_OK && strcmp(type, "ERC20") != 0)
        return ht_fail(why, HT_EDENIED, "unsupported", "only tokens of type ERC20 are shown");
    if (err == HT_OK) err = ht_json_get(&options, asset, "options", why);
    if (err == HT_OK && !json_is_object(options))
        err = ht_fail(why, HT_EINPUT, "bad_params", "options is no object");
    if (err == HT_OK) err = check_chain(identity, options, why);
    return err == HT_OK ? ht_token_claim_read(out, options, "address", why) : err;
}

/* --- in words --------------------------------------------------------------------------------- */

static json_t *asker(const char *origin) {
    if (origin == NULL) return json_string("Your own page");
    if (*origin == '\0') return json_string("A program on this computer");
    return ht_explain_safe_text(ht_bytes_str(origin));
}

static int add_row(json_t *rows, const char *label, json_t *value, bool is_mono) {
    return json_array_append_new(
        rows, json_pack("{s:s, s:o, s:b}", "label", label, "value", value, "mono", (int)is_mono));
}

static json_t *rows_of(const struct ht_token_claim *claim, const char *origin) {
    json_t *rows = json_array();
    int failed = add_row(rows, "Asked by", asker(origin), true);
    failed |= add_row(rows, "Token", ht_address_json(&claim->address), true);
    if (claim->has_symbol) {
        failed |= add_row(rows, "Symbol, unproven: what the page claims",
                          json_string(claim->symbol), false);
    }
    if (claim->has_decimals) {
        failed |= add_row(rows, "Decimals, unproven: what the page claims",
                          json_sprintf("%u", claim->decimals), false);
    }
    if (failed == 0) return rows;
    json_decref(rows);
    return NULL;
}

static int warn(json_t *warnings, const char *level, const char *code, json_t *text) {
    return json_array_append_new(
        warnings, json_pack("{s:s, s:s, s:o}", "level", level, "code", code, "text", text));
}

static json_t *warnings_of(const struct ht_identity *identity, const struct ht_token_claim *claim) {
    const struct ht_token_info *known = ht_tokens_find(identity, &claim->address);
    json_t *warnings = json_array();
    int failed = 0;
    if (known != NULL) {
        failed |= warn(warnings, "warn", "token_replaced",
                       json_sprintf("Your wallet shows this token already, as %s with %u decimals. "
                                    "That would be replaced.",
                                    known->symbol, known->decimals));
    }
    failed |= warn(warnings, "note", "token_unproven",
                   json_string("Symbol and decimals are what the page claims; nothing proves them. "
                               "Any contract can take any name: compare the address."));
    if (failed == 0) return warnings;
    json_decref(warnings);
    return NULL;
}

/* The members of explain.h; NULL without memory. */
static json_t *explain_asset(const struct ht_identity *identity, const struct ht_token_claim *claim,
                             const char *origin) {
    char address[HT_ADDRESS_TEXT_SIZE];
    ht_address_checksum(address, &claim->address);
    json_t *who = asker(origin);
    const char *name = json_string_value(who);
    json_t *sentence =
        json_sprintf("%s asks to show %s%s at %s in your wallet.", name != NULL ? name : "",
                     claim->has_symbol ? "token " : "a token", claim->symbol, address);
    json_decref(who);
    return json_pack("{s:s, s:o, s:s, s:[], s:o, s:n, s:o, s:b}", "title", "Show a token",
                     "sentence", sentence, "kind", "token", "leaves", "rows",
                     rows_of(claim, origin), "tree", "warnings", warnings_of(identity, claim),
                     "is_red", 0);
}

/* --- the method ------------------------------------------------------------------------------- */

static json_t *answer_true(const struct ht_identity *identity, const char *origin) {
    (void)identity;
    (void)origin;
    return json_true();
}

void ht_doors_watch_asset(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    struct ht_token_claim claim;
    char text[HT_TOKEN_CLAIM_TEXT_SIZE];
    const char *origin = ht_rpc_call_origin(call);
    enum ht_err err = HT_OK;
    if (origin != NULL && !ht_permission_has(identity, origin))
        err = ht_fail(&why, HT_EDENIED, "unauthorized", "this origin has no permission");
    if (err == HT_OK) err = read_asset(&claim, identity, params, &why);
    if (err != HT_OK) {
        ht_refuse_ethereum(call, err, &why);
        return;
    }
    if (origin != NULL) ht_permission_use(identity, origin);
    ht_token_claim_text(text, &claim);
    const struct ht_queue_request wanted = {.kind = HT_QUEUE_TOKEN,
                                            .payload = ht_bytes_str(text),
                                            .token = &claim,
                                            .explain = explain_asset(identity, &claim, origin),
                                            .raw = strdup(text)};
    ht_ask_owner(identity, call, &wanted, answer_true);
}
