/* Typed data: the tree for the screen, and warnings of what signatures like it have been used for.
 *
 * The functions that build the tree call each other in turn down the types of a document that has
 * been read, which are bounded there; "recurses" means that. */
#include "identity/wallet/explain_typed.h"

#include <stdio.h>

#include "identity/wallet/explain_call.h"
#include "node/base/hex.h"
#include "node/codec/abi_word.h"
#include "node/codec/address.h"

#define ARENA_MAX ((size_t)4 << 20)

/* --- tree -------------------------------------------------------------------------------------*/

static json_t *children_of(const struct ht_eip712 *data, ht_bytes type, const json_t *value);

static json_t *leaf_of(ht_bytes type, const json_t *value) {
    struct ht_abi_type elementary;
    uint8_t word[HT_ABI_WORD];
    json_t *shown = NULL;
    ht_addr20 address;
    bool is_known = ht_abi_elementary_read(&elementary, type);
    if (!is_known || !ht_abi_is_word(&elementary)) {
        return ht_explain_safe_text(
            ht_bytes_of(json_string_value(value), json_string_length(value)));
    }
    if (ht_abi_word_write(word, &elementary, value, NULL) != HT_OK) return NULL;
    if (elementary.kind == HT_ABI_ADDRESS) {
        memcpy(address.b, word + HT_ABI_WORD - sizeof address.b, sizeof address.b);
        return ht_address_json(&address);
    }
    return ht_abi_word_read(&shown, &elementary, word, NULL) == HT_OK ? shown : NULL;
}

/* Recurses by way of children_of. */
static json_t *node_of(const struct ht_eip712 *data, const char *name, ht_bytes type,
                       const json_t *value) {
    json_t *node = json_object();
    bool is_inner = json_is_object(value) || json_is_array(value);
    json_t *content = is_inner ? children_of(data, type, value) : leaf_of(type, value);
    (void)json_object_set_new(node, "name", json_string(name));
    (void)json_object_set_new(node, "type", json_stringn((const char *)type.p, type.n));
    /* Without its content a node is not shown at all. */
    if (json_object_set_new(node, is_inner ? "children" : "value", content) == 0) return node;
    json_decref(node);
    return NULL;
}

static json_t *elements_of(const struct ht_eip712 *data, ht_bytes element, const json_t *list) {
    json_t *children = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "%zu", i);
        json_t *node = node_of(data, name, element, json_array_get(list, i));
        if (json_array_append_new(children, node) == 0) continue;
        json_decref(children);
        return NULL;
    }
    return children;
}

static json_t *children_of(const struct ht_eip712 *data, ht_bytes type, const json_t *value) {
    ht_bytes element = {0};
    bool is_fixed = false;
    size_t count = 0;
    char name[256];
    if (ht_eip712_element(&element, &is_fixed, &count, type)) {
        return elements_of(data, element, value);
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)type.n, (const char *)type.p);
    const struct ht_eip712_type *found = ht_eip712_find(data, name);
    if (found == NULL) return NULL;
    json_t *children = json_array();
    for (size_t i = 0; i < found->count; i++) {
        const struct ht_eip712_member *member = &found->members[i];
        json_t *node = node_of(data, member->name, ht_bytes_str(member->type),
                               json_object_get(value, member->name));
        if (json_array_append_new(children, node) == 0) continue;
        json_decref(children);
        return NULL;
    }
    return children;
}

json_t *ht_typed_tree(const struct ht_eip712 *data) {
    json_t *tree = json_array();
    json_t *domain = node_of(data, "domain", ht_bytes_str("EIP712Domain"), data->domain);
    json_t *message = node_of(data, "message", ht_bytes_str(data->primary_type), data->message);
    bool is_whole = json_array_append_new(tree, domain) == 0;
    is_whole = json_array_append_new(tree, message) == 0 && is_whole;
    if (is_whole) return tree;
    json_decref(tree);
    return NULL;
}

/* --- what is known ----------------------------------------------------------------------------*/

struct typed {
    struct ht_explanation *explanation;
    const struct ht_explain_context *context;
    const struct ht_eip712 *data;
    const char *domain_name; /* "" when there is none */
};

static const char *text_member(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

/* An address of the message with its checksum, "?" when there is none. */
static void address_member(char out[static HT_ADDRESS_TEXT_SIZE], const json_t *object,
                           const char *name) {
    ht_addr20 address;
    const char *text = text_member(object, name);
    (void)snprintf(out, HT_ADDRESS_TEXT_SIZE, "?");
    if (ht_hex_read(address.b, sizeof address.b, ht_bytes_str(text)) != HT_OK) return;
    ht_address_checksum(out, &address);
}

static bool number_member(ht_u256 *out, const json_t *object, const char *name) {
    uint8_t word[HT_ABI_WORD];
    const struct ht_abi_type number = {.kind = HT_ABI_UINT, .bits = 256};
    const json_t *value = json_object_get(object, name);
    if (value == NULL || ht_abi_word_write(word, &number, value, NULL) != HT_OK) return false;
    *out = ht_u256_from_be32(word);
    return true;
}

static void warn_permit(const struct typed *typed, const char *spender, const char *what,
                        const ht_u256 *amount, unsigned bits) {
    char text[HT_AMOUNT_SIZE];
    ht_amount_text(text, amount, 0);
    bool is_unlimited = ht_is_unlimited(amount, bits);
    ht_explain_warn(typed->explanation, HT_WARN_PERMIT,
                    "This signature alone lets %s take %s%.80s of %s from you, without any "
                    "transaction of yours.",
                    spender, is_unlimited ? "all" : "", is_unlimited ? "" : text, what);
    if (!is_unlimited) return;
    ht_explain_warn(typed->explanation, HT_WARN_APPROVAL_UNLIMITED,
                    "%s could take all of %s from you, now and at any time later.", spender, what);
}

static void permit_words(const struct typed *typed, const char *spender) {
    char name[HT_SHORT_SIZE];
    ht_short_text(name, ht_bytes_str(typed->domain_name));
    typed->explanation->kind = "approval";
    ht_explain_title(typed->explanation, "Allow spending by signature");
    ht_explain_sentence(typed->explanation, "Permit for %.200s: allows %s to spend your tokens.",
                        name[0] != '\0' ? name : "a token", spender);
}

/* EIP-2612, and DAI's of before it. */
static bool explain_permit(const struct typed *typed) {
    char spender[HT_ADDRESS_TEXT_SIZE];
    ht_u256 amount = {{0}};
    const json_t *message = typed->data->message;
    if (strcmp(typed->data->primary_type, "Permit") != 0) return false;
    address_member(spender, message, "spender");
    bool is_dai = json_is_boolean(json_object_get(message, "allowed"));
    if (is_dai && json_is_true(json_object_get(message, "allowed"))) {
        amount = (ht_u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    } else if (!is_dai && !number_member(&amount, message, "value")) {
        /* Tokens by id, ERC-4494. */
        (void)number_member(&amount, message, "tokenId");
    }
    permit_words(typed, spender);
    warn_permit(typed, spender, "this token", &amount, 256);
    return true;
}

/* One {"token", "amount"} of Permit2. */
static void explain_permitted(const struct typed *typed, const char *spender, const json_t *one) {
    char token[HT_ADDRESS_TEXT_SIZE];
    char what[64];
    ht_u256 amount = {{0}};
    address_member(token, one, "token");
    (void)snprintf(what, sizeof what, "token %s", token);
    (void)number_member(&amount, one, "amount");
    warn_permit(typed, spender, what, &amount, 160);
}

/* Uniswap's Permit2: PermitSingle, PermitBatch, PermitTransferFrom, PermitBatchTransferFrom and
 * those with a witness. */
static bool explain_permit2(const struct typed *typed) {
    char spender[HT_ADDRESS_TEXT_SIZE];
    const json_t *message = typed->data->message;
    const json_t *details = json_object_get(message, "details");
    if (details == NULL) details = json_object_get(message, "permitted");
    bool is_permit = strncmp(typed->data->primary_type, "Permit", 6) == 0;
    if (!is_permit || details == NULL) return false;
    address_member(spender, message, "spender");
    permit_words(typed, spender);
    if (json_is_object(details)) explain_permitted(typed, spender, details);
    for (size_t i = 0; i < json_array_size(details) && i < 16; i++) {
        explain_permitted(typed, spender, json_array_get(details, i));
    }
    return true;
}

/* Orders of markets: a signature that sells what its owner has approved to the market. */
static bool explain_order(const struct typed *typed) {
    static const struct {
        const char *domain, *type, *name;
    } orders[] = {{"Seaport", "OrderComponents", "Seaport (OpenSea)"},
                  {"Seaport", "BulkOrder", "Seaport (OpenSea)"},
                  {"Wyvern Exchange Contract", "Order", "Wyvern (OpenSea)"},
                  {"Blur Exchange", "Order", "Blur"},
                  {"Blur Exchange", "Root", "Blur"},
                  {"LooksRareProtocol", "Maker", "LooksRare"},
                  {"1inch Aggregation Router", "Order", "1inch"},
                  {"1inch Limit Order Protocol", "Order", "1inch"},
                  {"Gnosis Protocol", "Order", "CoW Swap"}};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (strcmp(typed->domain_name, orders[i].domain) != 0) continue;
        if (strcmp(typed->data->primary_type, orders[i].type) != 0) continue;
        ht_explain_title(typed->explanation, "Sign an order on %s", orders[i].name);
        ht_explain_sentence(typed->explanation,
                            "Offers what the order names on %s: who fills it takes that from you.",
                            orders[i].name);
        ht_explain_warn(typed->explanation, HT_WARN_ORDER,
                        "This signature alone can sell what you have approved to %s, at the price "
                        "in the order. Check what you get for it, and that you are who gets it.",
                        orders[i].name);
        return true;
    }
    return false;
}

/* Safe's transactions and meta-transactions that act in the signer's name. */
static void explain_account(const struct typed *typed) {
    ht_u256 operation = {{0}};
    const json_t *message = typed->data->message;
    if (strcmp(typed->data->primary_type, "SafeTx") != 0) return;
    ht_explain_title(typed->explanation, "Approve a Safe's transaction");
    ht_explain_sentence(typed->explanation,
                        "Your signature counts as an owner's for the Safe's transaction below.");
    ht_explain_warn(typed->explanation, HT_WARN_CONTROL,
                    "With the signatures of the other owners the Safe will do what is below. "
                    "Compare it with what you mean to approve.");
    if (number_member(&operation, message, "operation") && !ht_u256_is_zero(&operation)) {
        ht_explain_warn(typed->explanation, HT_WARN_DELEGATE_CALL,
                        "The Safe would run the other contract's code as its own: that code may do "
                        "anything with it.");
    }
}

/* Contracts that are at the same address on every chain, by the name that their domains give. */
static void warn_other_contract(const struct typed *typed) {
    static const struct {
        const char *domain, *address;
    } known[] = {{"Permit2", "0x000000000022D473030F116dDEE9F6B43aC78BA3"},
                 {"Seaport", "0x00000000006c3852cbEf3e08E8dF289169EdE581"},
                 {"Seaport", "0x00000000000001ad428e4906aE43D8F9852d0dD6"},
                 {"Seaport", "0x00000000000000ADc04C56Bf30aC9d3c0aAF14dC"},
                 {"Seaport", "0x0000000000000068F116a894984e2DB1123eB395"}};
    char contract[HT_ADDRESS_TEXT_SIZE];
    bool is_named = false;
    if (!typed->data->has_verifying_contract) return;
    ht_address_checksum(contract, &typed->data->verifying_contract);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(typed->domain_name, known[i].domain) != 0) continue;
        is_named = true;
        if (strcmp(contract, known[i].address) == 0) return;
    }
    if (!is_named) return;
    ht_explain_warn(typed->explanation, HT_WARN_OTHER_CONTRACT,
                    "The domain calls itself %s, but its contract is not one of that name.",
                    typed->domain_name);
}

static void warn_domain(const struct typed *typed) {
    char number[HT_U256_DECIMAL_SIZE];
    const struct ht_eip712 *data = typed->data;
    const ht_u256 ours = ht_u256_of(typed->context->chain_id);
    if (!data->has_chain_id) {
        ht_explain_warn(typed->explanation, HT_WARN_NO_CHAIN,
                        "It names no chain: the signature may hold on several.");
    } else if (!ht_u256_equal(&data->chain_id, &ours)) {
        (void)ht_u256_to_decimal(number, &data->chain_id);
        ht_explain_warn(typed->explanation, HT_WARN_OTHER_CHAIN,
                        "It is for chain id %s, not for this one (%llu).", number,
                        (unsigned long long)typed->context->chain_id);
    }
    if (data->has_verifying_contract && typed->context->has_recipient &&
        !typed->context->recipient_has_code) {
        ht_explain_warn(typed->explanation, HT_WARN_NO_CODE,
                        "There is no contract at the address that is to verify this signature.");
    }
    warn_other_contract(typed);
}

static void add_rows(const struct typed *typed) {
    char name[HT_SHORT_SIZE];
    char number[HT_U256_DECIMAL_SIZE];
    struct ht_explanation *explanation = typed->explanation;
    const struct ht_eip712 *data = typed->data;
    ht_short_text(name, ht_bytes_str(data->primary_type));
    ht_explain_row_address(explanation, "Signer", &typed->context->account);
    if (typed->domain_name[0] != '\0') {
        ht_explain_row_text(explanation, "Domain", ht_bytes_str(typed->domain_name));
    }
    ht_explain_row(explanation, "Type", true, "%.200s", name);
    if (data->has_verifying_contract) {
        ht_explain_row_address(explanation, "Contract", &data->verifying_contract);
    }
    if (data->has_chain_id) {
        (void)ht_u256_to_decimal(number, &data->chain_id);
        ht_explain_row(explanation, "Chain id", false, "%s", number);
    }
}

/* Warns of text anywhere in the document; a walk over what jansson holds, at most as deep as the
 * types allow. Recurses. */
static void warn_texts(const struct typed *typed, const json_t *value) {
    const char *key = NULL;
    json_t *member = NULL;
    size_t index = 0;
    if (json_is_string(value)) {
        ht_explain_text(typed->explanation, "The data",
                        ht_bytes_of(json_string_value(value), json_string_length(value)), false);
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, member) warn_texts(typed, member);
    json_array_foreach((json_t *)(uintptr_t)value, index, member) warn_texts(typed, member);
}

enum ht_err ht_explain_document(struct ht_explanation *explanation,
                                const struct ht_explain_context *context, const json_t *document,
                                struct ht_why *why) {
    struct ht_arena arena;
    struct ht_eip712 data;
    char name[HT_SHORT_SIZE];
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_eip712_read(&data, &arena, document, why);
    if (err != HT_OK) {
        ht_arena_fini(&arena);
        return err;
    }
    struct typed typed = {.explanation = explanation,
                          .context = context,
                          .data = &data,
                          .domain_name = text_member(data.domain, "name")};
    explanation->kind = "typed";
    ht_short_text(name, ht_bytes_str(typed.domain_name));
    ht_explain_title(explanation, "Sign typed data%s%.80s", name[0] != '\0' ? " for " : "", name);
    ht_explain_sentence(explanation,
                        "Signs the data below. What that allows is up to the contract or service "
                        "that reads it.");
    if (!explain_permit2(&typed) && !explain_permit(&typed) && !explain_order(&typed)) {
        explain_account(&typed);
    }
    add_rows(&typed);
    warn_domain(&typed);
    ht_explain_text(explanation, "The domain's name", ht_bytes_str(typed.domain_name), true);
    warn_texts(&typed, data.domain);
    warn_texts(&typed, data.message);
    json_t *tree = ht_typed_tree(&data);
    if (tree == NULL) err = ht_fail(why, HT_ENOMEM, "no_memory", "no memory to explain this");
    if (tree != NULL) {
        json_decref(explanation->tree);
        explanation->tree = tree;
    }
    ht_arena_fini(&arena);
    return err;
}
