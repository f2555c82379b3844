/* Picking an account's movements and approvals out of a simulation, and putting them as the sheet
 * shows them. Numbers come from our own simulation; a row that cannot be read is left out and
 * counts as cut. */
#include "identity/wallet/effects_rows.h"

#include "identity/wallet/effects.h"
#include "identity/wallet/explain_part.h"
#include "identity/wallet/tokens.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

/* From here on an allowance is not one for a sum. */
#define UNLIMITED_BITS 255U

struct moved {
    const char *what;
    bool is_token;
    ht_addr20 contract, from, to;
    ht_u256 amount;
    bool has_id;
    ht_u256 id;
};

static bool is_ours(const struct ht_effect_rows *rows, const ht_addr20 *address) {
    return memcmp(rows->account.b, address->b, sizeof address->b) == 0;
}

static bool read_address(ht_addr20 *out, const json_t *row, const char *name) {
    return ht_json_hex(out->b, sizeof out->b, row, name, NULL) == HT_OK;
}

static bool read_number(ht_u256 *out, bool *has, const json_t *row, const char *name) {
    const json_t *value = ht_json_member(row, name);
    *has = json_is_string(value);
    if (!*has) return true;
    return ht_u256_from_decimal(out, ht_bytes_str(json_string_value(value))) == HT_OK;
}

static void put(struct ht_effect_rows *rows, json_t *row, const char *name, json_t *value) {
    if (json_object_set_new(row, name, value) != 0) rows->is_short = true;
}

/* row is taken over. */
static void append(struct ht_effect_rows *rows, json_t *list, json_t *row) {
    if (json_array_size(list) >= HT_EFFECTS_ROWS_MAX) {
        rows->is_cut = true;
        json_decref(row);
    } else if (json_array_append_new(list, row) != 0) {
        rows->is_short = true;
    }
}

static void put_decimal(struct ht_effect_rows *rows, json_t *row, const char *name,
                        const ht_u256 *value) {
    char text[HT_U256_DECIMAL_SIZE];
    (void)ht_u256_to_decimal(text, value);
    put(rows, row, name, json_string(text));
}

/* amount, unit and raw, as the wallet knows the token; ether without one. */
static void put_amount(struct ht_effect_rows *rows, json_t *row, const ht_addr20 *contract,
                       const ht_u256 *amount) {
    char text[HT_AMOUNT_SIZE];
    const struct ht_token_info *token =
        contract != NULL ? ht_tokens_find(rows->identity, contract) : NULL;
    const char *unit = contract == NULL ? "ETH" : token != NULL ? token->symbol : "base units";
    ht_amount_text(text, amount, contract == NULL ? 18 : token != NULL ? token->decimals : 0);
    put(rows, row, "amount", json_string(text));
    put(rows, row, "unit", ht_explain_safe_text(ht_bytes_str(unit)));
    put_decimal(rows, row, "raw", amount);
}

static json_t *moved_json(struct ht_effect_rows *rows, const struct moved *moved) {
    json_t *row = json_pack("{s:s}", "what", moved->what);
    bool is_nft = strcmp(moved->what, "nft") == 0;
    if (is_nft) {
        put_decimal(rows, row, "amount", &moved->id);
        put(rows, row, "unit", json_string("token id"));
        put_decimal(rows, row, "raw", &moved->id);
    } else {
        put_amount(rows, row, moved->is_token ? &moved->contract : NULL, &moved->amount);
    }
    if (moved->is_token) put(rows, row, "token", ht_address_json(&moved->contract));
    if (moved->has_id) put_decimal(rows, row, "id", &moved->id);
    put(rows, row, "told_by_contract", json_boolean(moved->is_token));
    return row;
}

static void add_moved(struct ht_effect_rows *rows, const struct moved *moved) {
    bool leaves = is_ours(rows, &moved->from), arrives = is_ours(rows, &moved->to);
    if (leaves == arrives || (ht_u256_is_zero(&moved->amount) && !moved->has_id)) return;
    json_t *row = moved_json(rows, moved);
    put(rows, row, leaves ? "to" : "from", ht_address_json(leaves ? &moved->to : &moved->from));
    append(rows, leaves ? rows->leaves : rows->arrives, row);
}

static void add_ether(struct ht_effect_rows *rows, const json_t *row) {
    struct moved moved = {.what = "ether"};
    bool has_wei = false;
    if (read_address(&moved.from, row, "from") && read_address(&moved.to, row, "to") &&
        read_number(&moved.amount, &has_wei, row, "wei") && has_wei) {
        add_moved(rows, &moved);
    } else {
        rows->is_cut = true;
    }
}

static void add_token(struct ht_effect_rows *rows, const json_t *row) {
    struct moved moved = {.is_token = true};
    const char *standard = json_string_value(ht_json_member(row, "standard"));
    bool has_amount = false;
    moved.what = standard != NULL && strcmp(standard, "ERC-721") == 0 ? "nft" : "token";
    if (read_address(&moved.contract, row, "contract") && read_address(&moved.from, row, "from") &&
        read_address(&moved.to, row, "to") &&
        read_number(&moved.amount, &has_amount, row, "amount") && has_amount &&
        read_number(&moved.id, &moved.has_id, row, "id")) {
        add_moved(rows, &moved);
    } else {
        rows->is_cut = true;
    }
}

static void add_fee(struct ht_effect_rows *rows, const ht_u256 *fee) {
    const struct moved moved = {.what = "fee", .amount = *fee};
    json_t *row = moved_json(rows, &moved);
    put(rows, row, "to", json_null());
    append(rows, rows->leaves, row);
}

static void add_approval(struct ht_effect_rows *rows, const json_t *from) {
    ht_addr20 contract, owner, spender;
    ht_u256 amount, id;
    bool has_amount = false, has_id = false;
    if (!read_address(&contract, from, "contract") || !read_address(&owner, from, "owner") ||
        !read_address(&spender, from, "spender") ||
        !read_number(&amount, &has_amount, from, "amount") ||
        !read_number(&id, &has_id, from, "id")) {
        rows->is_cut = true;
        return;
    }
    if (!is_ours(rows, &owner)) return;
    json_t *row = json_pack(
        "{s:O?, s:o, s:o, s:n, s:n, s:b, s:b, s:b, s:b}", "standard",
        ht_json_member(from, "standard"), "contract", ht_address_json(&contract), "spender",
        ht_address_json(&spender), "amount", "id", "all", !has_amount && !has_id, "is_unlimited",
        has_amount && ht_u256_bit_length(&amount) >= UNLIMITED_BITS, "is_revoked",
        json_is_true(ht_json_member(from, "revoked")), "told_by_contract", true);
    if (has_amount) {
        json_t *shown = json_object();
        put_amount(rows, shown, &contract, &amount);
        put(rows, row, "shown", shown);
        put_decimal(rows, row, "amount", &amount);
    }
    if (has_id) put_decimal(rows, row, "id", &id);
    append(rows, rows->approvals, row);
}

static bool is_told_cut(const json_t *result) {
    const json_t *name;
    size_t i;
    bool is_cut = false;
    json_array_foreach(ht_json_member(result, "cut"), i, name) {
        const char *text = json_string_value(name);
        is_cut |= text != NULL && (strcmp(text, "ether") == 0 || strcmp(text, "tokens") == 0 ||
                                   strcmp(text, "approvals") == 0);
    }
    return is_cut;
}

void ht_effect_rows_read(struct ht_effect_rows *rows, const json_t *result, const ht_u256 *fee) {
    const json_t *row;
    size_t i;
    rows->leaves = json_array();
    rows->arrives = json_array();
    rows->approvals = json_array();
    rows->is_short = rows->leaves == NULL || rows->arrives == NULL || rows->approvals == NULL;
    rows->is_cut = is_told_cut(result);
    json_array_foreach(ht_json_member(result, "ether"), i, row) add_ether(rows, row);
    add_fee(rows, fee);
    json_array_foreach(ht_json_member(result, "tokens"), i, row) add_token(rows, row);
    json_array_foreach(ht_json_member(result, "approvals"), i, row) add_approval(rows, row);
}

void ht_effect_rows_fini(struct ht_effect_rows *rows) {
    json_decref(rows->leaves);
    json_decref(rows->arrives);
    json_decref(rows->approvals);
}
