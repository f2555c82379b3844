/* ERC-20 balances: found by a hint, told by a proof, and never the one taken for the other. */
#include "tests/unit/identity_fakes.h"

#include "identity/wallet/tokens_slots.h"
#include "identity/wallet/tokens_sql.h"

#define TOKEN "0x7777777777777777777777777777777777777777"
#define OWNER "0x1111111111111111111111111111111111111111"
#define SYMBOL_DAI                                                       \
    "0x0000000000000000000000000000000000000000000000000000000000000020" \
    "0000000000000000000000000000000000000000000000000000000000000003"   \
    "4441490000000000000000000000000000000000000000000000000000000000"
#define WORD(hex2) "0x00000000000000000000000000000000000000000000000000000000000000" hex2

static const ht_addr20 owner = {{0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11}};

static struct ht_ib_contract *contract(void) {
    struct ht_ib_contract *made = &ht_ib_now.contracts[ht_ib_now.contract_count++];
    memset(made->address.b, 0x77, sizeof made->address.b);
    made->count = 1;
    return made;
}

static void put(struct ht_ib_contract *to, const ht_hash32 *slot, uint8_t value) {
    to->slots[to->count] = *slot;
    memset(to->values[to->count], 0, 32);
    to->values[to->count++][31] = value;
}

/* The owner has `value` of it, in that place of HT_TOKEN_PLACES. */
static void put_balance(struct ht_ib_contract *to, size_t i, uint8_t value) {
    struct ht_token_place place;
    ht_hash32 slot;
    ht_token_place(&place, i);
    ht_token_slot(&slot, &place, &owner);
    put(to, &slot, value);
}

static void add_token(void) {
    (void)ht_ib_call("wallet.add_token",
                     json_pack("{s:s, s:s, s:i}", "token", TOKEN, "symbol", "DAI", "decimals", 18));
}

static const json_t *token(void) {
    const json_t *result = ht_ib_call("wallet.balances", json_pack("{s:s}", "address", OWNER));
    const json_t *first = NULL;
    assert_int_equal(ht_json_get(&first, result, "tokens[0]", NULL), HT_OK);
    return first;
}

static void expect_balance(const char *verdict, const char *balance) {
    const json_t *found = token();
    assert_string_equal(ht_ib_text(found, "provenance.verdict"), verdict);
    if (balance != NULL) {
        assert_string_equal(ht_ib_text(found, "balance"), balance);
    } else {
        assert_true(json_is_null(ht_json_member(found, "balance")));
    }
}

static void expect_slot(const struct ht_token_place *place, const char *wanted) {
    char text[HT_HEX_SIZE(32)];
    ht_hash32 slot;
    ht_token_slot(&slot, place, &owner);
    ht_hex_write(text, HT_BYTES(slot.b));
    assert_string_equal(text, wanted);
}

static void tokens_slots_are_those_that_compilers_use(void **state) {
    (void)state;
    struct ht_token_place place;
    ht_token_place(&place, 3);
    expect_slot(&place, "0xfc40ea33816453f766ebc0872d4b5152b468882abe7b6b35528069db4d6e41c4");
    ht_token_place(&place, HT_TOKEN_SLOTS);
    expect_slot(&place, "0x1d71aecb7d0688f097f24a3c9e2db1a4bcfddc6f627e76835baf8a6a2195e460");
    ht_token_place(&place, HT_TOKEN_SLOTS + 1 + 3);
    expect_slot(&place, "0x8d880ad96f277cf5638a19b870e892186320934ff5ede8fb56daeccc05010c06");
}

static void tokens_places_are_all_different(void **state) {
    (void)state;
    ht_hash32 slots[HT_TOKEN_PLACES];
    assert_true(HT_TOKEN_PLACES <= HT_STATE_SLOTS_MAX && HT_TOKEN_WORDS <= HT_STATE_SLOTS_MAX);
    for (size_t i = 0; i < HT_TOKEN_PLACES; i++) {
        struct ht_token_place place;
        ht_token_place(&place, i);
        ht_token_slot(&slots[i], &place, &owner);
        for (size_t j = 0; j < i; j++) assert_false(ht_hash32_equal(&slots[i], &slots[j]));
    }
}

static void tokens_balance_is_found_in_every_place(void **state) {
    for (size_t i = 0; i < HT_TOKEN_PLACES; i++) {
        struct ht_ib_contract *made = contract();
        made->balance = WORD("2a");
        put_balance(made, i, 42);
        add_token();
        expect_balance("proven", "42");
        assert_int_equal(ht_ib_tear_down(state), 0);
        assert_int_equal(ht_ib_set_up(state), 0);
    }
}

static void tokens_place_is_found_once_and_kept(void **state) {
    (void)state;
    struct ht_ib_contract *made = contract();
    made->balance = WORD("2a");
    put_balance(made, 9, 42);
    add_token();
    expect_balance("proven", "42");
    assert_int_equal(ht_ib_now.questions, 1);
    made->balance = WORD("ff"); /* a lie that nobody asks for any more */
    made->values[1][31] = 43;
    ht_ib_settle();
    ht_ib_restart();
    expect_balance("proven", "43");
    assert_int_equal(ht_ib_now.questions, 1);
}

static void tokens_hint_without_a_slot_is_told_as_unproven(void **state) {
    (void)state;
    struct ht_ib_contract *made = contract();
    made->balance = WORD("2a");
    put_balance(made, 9, 41);
    add_token();
    expect_balance("unproven", "42");
    assert_string_equal(ht_ib_text(token(), "provenance.code"), "balance_not_found");
    assert_string_equal(ht_ib_text(token(), "provenance.sources[0]"), "gossip");
    made->balance = WORD("29");
    expect_balance("proven", "41");
}

static void tokens_hint_of_nothing_finds_no_place(void **state) {
    (void)state;
    struct ht_ib_contract *made = contract();
    made->balance = WORD("00");
    add_token();
    expect_balance("unproven", "0");
    assert_string_equal(ht_ib_text(token(), "provenance.code"), "balance_not_found");
}

static void tokens_value_in_two_places_is_told_but_not_learned_from(void **state) {
    (void)state;
    struct ht_ib_contract *made = contract();
    made->balance = WORD("2a");
    put_balance(made, 2, 42);
    put_balance(made, 5, 42);
    add_token();
    expect_balance("proven", "42");
    made->values[1][31] = 1; /* the first was another mapping after all */
    expect_balance("proven", "42");
    ht_ib_restart();
    expect_balance("proven", "42");
    assert_int_equal(ht_ib_now.questions, 2);
}

static void tokens_that_do_not_answer_are_unavailable_and_ether_is_told(void **state) {
    (void)state;
    (void)contract();
    add_token();
    expect_balance("unavailable", NULL);
    assert_string_equal(ht_ib_text(token(), "provenance.code"), "refused");
    const json_t *result = ht_ib_call("wallet.balances", json_pack("{s:s}", "address", OWNER));
    uint64_t ether = 0;
    assert_int_equal(ht_json_u64(&ether, result, "ether.balance", NULL), HT_OK);
    assert_int_equal(ether, 7);
}

static void tokens_answer_of_another_length_is_no_balance(void **state) {
    (void)state;
    contract()->balance = "0x2a";
    add_token();
    expect_balance("unavailable", NULL);
    assert_string_equal(ht_ib_text(token(), "provenance.code"), "token_balance");
}

static void tokens_whose_state_cannot_be_read_are_unavailable(void **state) {
    (void)state;
    struct ht_ib_contract *made = contract();
    made->balance = WORD("2a");
    put_balance(made, 0, 42);
    add_token();
    expect_balance("proven", "42");
    ht_ib_now.state_err = HT_ENET;
    expect_balance("unavailable", NULL);
    assert_string_equal(ht_ib_text(token(), "provenance.code"), "no_provider");
}

static void tokens_symbol_is_proven_when_it_stands_in_storage(void **state) {
    (void)state;
    struct ht_ib_contract *made = contract();
    ht_hash32 slot;
    ht_token_word_slot(&slot, 4);
    put(made, &slot, 6);
    memcpy(made->values[1], "DAI", 3);
    made->symbol = SYMBOL_DAI;
    made->decimals = WORD("12");
    const json_t *result = ht_ib_call("wallet.add_token", json_pack("{s:s}", "token", TOKEN));
    uint64_t decimals = 0;
    assert_string_equal(ht_ib_text(result, "symbol"), "DAI");
    assert_int_equal(ht_json_u64(&decimals, result, "decimals", NULL), HT_OK);
    assert_int_equal(decimals, 18);
    assert_true(json_is_true(ht_json_member(result, "is_symbol_proven")));
    ht_addr20 address;
    memset(address.b, 0x77, sizeof address.b);
    ht_ib_restart();
    assert_string_equal(ht_tokens_find(&ht_ib_now.identity, &address)->symbol, "DAI");
}

static void tokens_symbol_that_is_only_said_is_not_proven(void **state) {
    (void)state;
    struct ht_ib_contract *made = contract();
    made->symbol = SYMBOL_DAI;
    made->decimals = WORD("12");
    const json_t *result = ht_ib_call("wallet.add_token", json_pack("{s:s}", "token", TOKEN));
    assert_true(json_is_false(ht_json_member(result, "is_symbol_proven")));
}

static void tokens_that_are_none_are_refused(void **state) {
    (void)state;
    ht_ib_refused("wallet.add_token",
                  json_pack("{s:s, s:s, s:i}", "token", TOKEN, "symbol", "DAI", "decimals", 18),
                  "no_code");
    ht_ib_refused("wallet.add_token", json_pack("{s:s}", "token", TOKEN), "refused");
    contract()->symbol = WORD("00");
    ht_ib_refused("wallet.add_token", json_pack("{s:s}", "token", TOKEN), "token_symbol");
    ht_ib_now.contracts[0].symbol = SYMBOL_DAI;
    ht_ib_now.contracts[0].decimals = WORD("4e");
    ht_ib_refused("wallet.add_token", json_pack("{s:s}", "token", TOKEN), "token_decimals");
    ht_ib_refused("wallet.add_token",
                  json_pack("{s:s, s:s}", "token", TOKEN, "symbol", "D\xc3\x84I"), "token_symbol");
    ht_ib_refused("wallet.add_token",
                  json_pack("{s:s, s:s, s:i}", "token", TOKEN, "symbol", "D", "decimals", 78),
                  "token_decimals");
    ht_ib_refused("wallet.remove_token", json_pack("{s:s}", "token", TOKEN), "no_such_token");
}

static void tokens_removed_stay_away(void **state) {
    (void)state;
    (void)contract();
    add_token();
    (void)ht_ib_call("wallet.remove_token", json_pack("{s:s}", "token", TOKEN));
    ht_ib_restart();
    const json_t *result = ht_ib_call("wallet.balances", json_pack("{s:s}", "address", OWNER));
    assert_int_equal(json_array_size(ht_json_member(result, "tokens")), 0);
}

static void tokens_are_at_most_so_many(void **state) {
    (void)state;
    (void)contract();
    for (unsigned i = 0; i < HT_TOKENS_MAX; i++) {
        struct ht_token_row row = {.address = {{0xee, (uint8_t)i}}, .symbol = "X"};
        assert_int_equal(ht_token_sql_save(ht_ib_now.db, &row, NULL), HT_OK);
    }
    ht_ib_restart();
    ht_ib_refused("wallet.add_token",
                  json_pack("{s:s, s:s, s:i}", "token", TOKEN, "symbol", "DAI", "decimals", 18),
                  "too_many_tokens");
}

static void check_symbol(ht_bytes answer, const char *wanted) {
    char symbol[HT_TOKEN_SYMBOL_SIZE];
    struct ht_why why = {0};
    enum ht_err err = ht_token_symbol_read(symbol, answer, &why);
    if (wanted != NULL) {
        assert_int_equal(err, HT_OK);
        assert_string_equal(symbol, wanted);
    } else {
        assert_int_equal(err, HT_EINPUT);
        assert_string_equal(why.code, "token_symbol");
    }
}

static void tokens_symbol_is_read_from_both_kinds_of_answers(void **state) {
    (void)state;
    uint8_t old[32] = "MKR", answer[96] = {[31] = 32, [63] = 15};
    memcpy(answer + 64, "ABCDEFGHIJKLMNOPQ", 17);
    check_symbol(HT_BYTES(old), "MKR");
    check_symbol(HT_BYTES(answer), "ABCDEFGHIJKLMNO");
    answer[63] = 16;
    check_symbol(HT_BYTES(answer), NULL); /* longer than a symbol */
    answer[63] = 15;
    check_symbol(ht_bytes_of(answer, 78), NULL); /* cut off */
    answer[32] = 1;
    check_symbol(HT_BYTES(answer), NULL); /* a length of 2^248 and 15 */
    answer[32] = 0;
    answer[31] = 64;
    check_symbol(HT_BYTES(answer), NULL); /* another offset */
    answer[31] = 32;
    answer[66] = 0x1b;
    check_symbol(HT_BYTES(answer), NULL); /* a control character */
    check_symbol(ht_bytes_of(answer, 0), NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(tokens_slots_are_those_that_compilers_use),
        TEST(tokens_places_are_all_different),
        TEST(tokens_balance_is_found_in_every_place),
        TEST(tokens_place_is_found_once_and_kept),
        TEST(tokens_hint_without_a_slot_is_told_as_unproven),
        TEST(tokens_hint_of_nothing_finds_no_place),
        TEST(tokens_value_in_two_places_is_told_but_not_learned_from),
        TEST(tokens_that_do_not_answer_are_unavailable_and_ether_is_told),
        TEST(tokens_answer_of_another_length_is_no_balance),
        TEST(tokens_whose_state_cannot_be_read_are_unavailable),
        TEST(tokens_symbol_is_proven_when_it_stands_in_storage),
        TEST(tokens_symbol_that_is_only_said_is_not_proven),
        TEST(tokens_that_are_none_are_refused),
        TEST(tokens_removed_stay_away),
        TEST(tokens_are_at_most_so_many),
        TEST(tokens_symbol_is_read_from_both_kinds_of_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
