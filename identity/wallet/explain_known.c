/* What a known function does, in words: title, sentence, leaves and warnings of one call.
 *
 * The title and the sentence are the outer call's. Warnings come from all calls. What leaves the
 * account comes from calls in its own name, and from those that move tokens out of it by an
 * allowance. */
#include "identity/wallet/explain_known.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/address.h"

/* --- arguments --------------------------------------------------------------------------------*/

const json_t *ht_call_argument(const json_t *args, const char *name) {
    size_t index = 0;
    json_t *node = NULL;
    json_array_foreach((json_t *)(uintptr_t)args, index, node) {
        const char *own = json_string_value(json_object_get(node, "name"));
        if (own != NULL && strcmp(own, name) == 0) return node;
    }
    return NULL;
}

const char *ht_call_text(const json_t *args, const char *name) {
    const json_t *node = ht_call_argument(args, name);
    const char *text = json_string_value(json_object_get(node, "value"));
    return text != NULL ? text : "?";
}

bool ht_call_address(ht_addr20 *out, const json_t *node) {
    const json_t *value = json_object_get(node, "value");
    if (!json_is_string(value)) return false;
    return ht_hex_read(out->b, sizeof out->b, ht_bytes_str(json_string_value(value))) == HT_OK;
}

ht_u256 ht_call_number(const json_t *node) {
    ht_u256 number = {{0}};
    const char *text = json_string_value(json_object_get(node, "value"));
    if (text == NULL || ht_u256_from_decimal(&number, ht_bytes_str(text)) != HT_OK) {
        return (ht_u256){{0}};
    }
    return number;
}

static bool is_true(const json_t *args, const char *name) {
    return json_is_true(json_object_get(ht_call_argument(args, name), "value"));
}

/* --- words -------------------------------------------------------------------------------------*/

void ht_call_warn(struct ht_call_walk *walk, const struct ht_call_task *task,
                  const struct ht_known_call *call, enum ht_warning warning, const char *fmt, ...) {
    char text[400];
    char contract[HT_ADDRESS_TEXT_SIZE] = "an unknown address";
    va_list ap;
    if (task->is_undone) return;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (task->depth == 0) {
        ht_explain_warn(walk->explanation, warning, "%s", text);
        return;
    }
    if (task->has_contract) ht_address_checksum(contract, &task->contract);
    const char *name = call != NULL ? call->signature : "an unknown function(";
    ht_explain_warn(walk->explanation, warning, "In call %s, %.*s of %s: %s", task->path,
                    (int)strcspn(name, "("), name, contract, text);
}

/* --- what each kind means ---------------------------------------------------------------------*/

/* The kind and the sentence are those of the outer call. */
HT_PRINTF(3, 4)
static void say(const struct ht_call_known *known, const char *kind, const char *fmt, ...) {
    char text[sizeof known->walk->explanation->sentence];
    va_list ap;
    if (known->task->depth > 0) return;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    known->walk->explanation->kind = kind;
    ht_explain_sentence(known->walk->explanation, "%s", text);
}

/* The token of the context, for calls to the contract that the context is about. */
static const char *symbol_of(const struct ht_call_known *known) {
    const struct ht_call_task *task = known->task;
    const ht_addr20 *outer = &known->walk->tasks[0].contract;
    bool is_same = task->has_contract && memcmp(task->contract.b, outer->b, sizeof outer->b) == 0;
    return is_same ? known->walk->context->token_symbol : NULL;
}

/* "5 DAI", or the number alone when the token's decimals are not known. */
static void amount_words(char *out, size_t size, const struct ht_call_known *known,
                         const ht_u256 *amount) {
    char text[HT_AMOUNT_SIZE];
    char symbol[HT_SHORT_SIZE] = "base units of the token";
    const char *name = symbol_of(known);
    if (name != NULL) ht_short_text(symbol, ht_bytes_str(name));
    ht_amount_text(text, amount, name != NULL ? known->walk->context->token_decimals : 0);
    (void)snprintf(out, size, "%s %s", text, symbol);
}

static bool is_account(const struct ht_call_known *known, const char *name) {
    ht_addr20 address;
    if (!ht_call_address(&address, ht_call_argument(known->args, name))) return false;
    return memcmp(address.b, known->walk->context->account.b, sizeof address.b) == 0;
}

/* Whose tokens a call speaks of. */
static const char *holder_of(const struct ht_call_known *known) {
    return known->task->is_ours ? "you" : "the contract that makes this call";
}

#define WARN(known, warning, ...) \
    ht_call_warn((known)->walk, (known)->task, (known)->call, warning, __VA_ARGS__)

static void warn_recipient(const struct ht_call_known *known, const char *name) {
    ht_addr20 to;
    if (!ht_call_address(&to, ht_call_argument(known->args, name))) return;
    if (known->task->has_contract && memcmp(to.b, known->task->contract.b, sizeof to.b) == 0) {
        WARN(known, HT_WARN_TOKEN_TO_ITSELF,
             "The recipient is the token's own contract: what is sent there is lost.");
    }
    if (is_account(known, name)) {
        WARN(known, HT_WARN_OWN_ADDRESS, "The recipient is your own address.");
    }
}

static void explain_transfer(const struct ht_call_known *known) {
    char words[HT_AMOUNT_SIZE + HT_SHORT_SIZE];
    ht_u256 amount = ht_call_number(ht_call_argument(known->args, "amount"));
    const char *to = ht_call_text(known->args, "to");
    bool is_from = known->call->kind == HT_CALL_TRANSFER_FROM;
    amount_words(words, sizeof words, known, &amount);
    warn_recipient(known, "to");
    /* By an allowance any contract could move the account's tokens. */
    bool leaves = is_from ? is_account(known, "from") : known->task->is_ours;
    if (is_from && !leaves) {
        say(known, "token", "Moves %.300s of %s to %s, as far as that is allowed.", words,
            ht_call_text(known->args, "from"), to);
    } else {
        say(known, "token", "Sends %.300s to %s.", words, to);
    }
    if (!leaves || known->task->is_undone) return;
    ht_explain_leaf(known->walk->explanation, "token", &known->task->contract, symbol_of(known),
                    known->walk->context->token_decimals, &amount, to);
}

static void explain_nft(const struct ht_call_known *known) {
    const char *to = ht_call_text(known->args, "to");
    const json_t *id = ht_call_argument(known->args, "tokenId");
    warn_recipient(known, "to");
    if (id == NULL) id = ht_call_argument(known->args, "id");
    ht_u256 number = ht_call_number(id);
    say(known, "token", "Sends %s %.80s to %s.", id != NULL ? "token" : "tokens",
        id != NULL ? json_string_value(json_object_get(id, "value")) : "", to);
    if (id == NULL || !is_account(known, "from") || known->task->is_undone) return;
    ht_explain_leaf(known->walk->explanation, "nft", &known->task->contract, symbol_of(known), 0,
                    &number, to);
}

static void explain_approve(const struct ht_call_known *known, const char *name, unsigned bits) {
    char words[HT_AMOUNT_SIZE + HT_SHORT_SIZE];
    const char *spender = ht_call_text(known->args, "spender");
    ht_u256 amount = ht_call_number(ht_call_argument(known->args, name));
    bool is_unlimited = ht_is_unlimited(&amount, bits);
    amount_words(words, sizeof words, known, &amount);
    if (ht_u256_is_zero(&amount)) {
        WARN(known, HT_WARN_REVOKES, "Takes an allowance back from %s.", spender);
        say(known, "approval", "%s may no longer spend this token.", spender);
        return;
    }
    if (is_unlimited) {
        WARN(known, HT_WARN_APPROVAL_UNLIMITED,
             "%s could take all of this token from %s, now and at any time later.", spender,
             holder_of(known));
    } else {
        WARN(known, HT_WARN_APPROVAL, "%s could take up to %.200s from %s at any time later.",
             spender, words, holder_of(known));
    }
    say(known, "approval", "Allows %s to spend %.300s.", spender,
        is_unlimited ? "any amount of this token" : words);
}

static void explain_approve_all(const struct ht_call_known *known) {
    const char *who = ht_call_text(known->args, "operator");
    if (!is_true(known->args, "approved")) {
        WARN(known, HT_WARN_REVOKES, "Takes control back from %s.", who);
        say(known, "approval", "%s may no longer move your tokens of this contract.", who);
        return;
    }
    WARN(known, HT_WARN_APPROVAL_FOR_ALL,
         "%s could take all tokens of this contract from %s, now and at any time later.", who,
         holder_of(known));
    say(known, "approval", "Gives %s control of all your tokens of this contract.", who);
}

static void explain_permit_all(const struct ht_call_known *known) {
    const char *spender = ht_call_text(known->args, "spender");
    if (!is_true(known->args, "allowed")) return;
    say(known, "approval", "Allows %s to spend any amount of this token.", spender);
    WARN(known, HT_WARN_APPROVAL_UNLIMITED,
         "%s could take all of this token from its holder, now and at any time later.", spender);
}

static void explain_control(const struct ht_call_known *known) {
    WARN(known, HT_WARN_CONTROL,
         "%s: this changes who commands a contract, a name or an identity, or what it does.",
         known->call->title);
}

void ht_call_explain(const struct ht_call_known *known) {
    struct ht_explanation *explanation = known->walk->explanation;
    if (known->task->depth == 0) {
        ht_explain_title(explanation, "%s", known->call->title);
        ht_explain_sentence(explanation, "Calls %.*s of the contract: %s.",
                            (int)strcspn(known->call->signature, "("), known->call->signature,
                            known->call->title);
    }
    switch (known->call->kind) {
    case HT_CALL_TRANSFER:
    case HT_CALL_TRANSFER_FROM: explain_transfer(known); break;
    case HT_CALL_NFT_TRANSFER: explain_nft(known); break;
    case HT_CALL_APPROVE: {
        bool is_set = ht_call_argument(known->args, "amount") != NULL;
        explain_approve(known, is_set ? "amount" : "addedValue", 256);
        break;
    }
    case HT_CALL_PERMIT: explain_approve(known, "value", 256); break;
    case HT_CALL_PERMIT2_APPROVE: explain_approve(known, "amount", 160); break;
    case HT_CALL_APPROVE_ALL: explain_approve_all(known); break;
    case HT_CALL_PERMIT_ALL: explain_permit_all(known); break;
    case HT_CALL_UPGRADE:
    case HT_CALL_CONTROL: explain_control(known); break;
    case HT_CALL_DELEGATE: /* told of with the inner call */
    case HT_CALL_CALLS:
    case HT_CALL_CALLS_SELF:
    case HT_CALL_CALLS_UNDONE:
    case HT_CALL_MULTISEND:
    case HT_CALL_EXECUTION: break;
    case HT_CALL_PACKED:
        WARN(known, HT_WARN_PACKED,
             "%s: the contract acts on packed data that cannot be shown in words.",
             known->call->title);
        break;
    case HT_CALL_OTHER: break;
    }
}
