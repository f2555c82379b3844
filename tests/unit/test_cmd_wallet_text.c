/* Amounts, addresses and foreign text of the wallet's verbs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "node/app/cmd_wallet.h"

static void assert_wei(const char *ether, const char *wei) {
    ht_u256 value;
    char text[HT_U256_DECIMAL_SIZE];
    assert_int_equal(ht_wallet_wei(&value, ether, NULL), HT_OK);
    (void)ht_u256_to_decimal(text, &value);
    assert_string_equal(text, wei);
}

static void ether_becomes_exact_wei(void **state) {
    (void)state;
    assert_wei("1", "1000000000000000000");
    assert_wei("0.25", "250000000000000000");
    assert_wei("0.000000000000000001", "1");
    assert_wei("0", "0");
    assert_wei("000.0", "0");
    assert_wei("007.5", "7500000000000000000");
    assert_wei("115792089237316195423570985008687907853269984665640564039457.584007913129639935",
               "115792089237316195423570985008687907853269984665640564039457584007913129639935");
}

static void what_is_no_amount_is_refused(void **state) {
    static const char *const texts[] = {
        "",
        ".",
        "1.",
        ".5",
        "-1",
        "+1",
        "1e3",
        "1,5",
        " 1",
        "1 ",
        "0x1",
        "0.0000000000000000001",
        "115792089237316195423570985008687907853269984665640564039457.584007913129639936",
        "1157920892373161954235709850086879078532699846656405640394570"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ht_u256 value;
        struct ht_why why = {0};
        assert_int_equal(ht_wallet_wei(&value, texts[i], &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_amount");
    }
}

static void wei_becomes_ether_without_needless_zeros(void **state) {
    char ether[HT_WALLET_ETHER_SIZE];
    (void)state;
    ht_wallet_ether(ether, "1");
    assert_string_equal(ether, "0.000000000000000001");
    ht_wallet_ether(ether, "0");
    assert_string_equal(ether, "0");
    ht_wallet_ether(ether, "1500000000000000000");
    assert_string_equal(ether, "1.5");
    ht_wallet_ether(ether, "20000000000000000000");
    assert_string_equal(ether, "20");
}

static void addresses_in_one_case_or_with_their_checksum_are_read(void **state) {
    static const char *const texts[] = {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                                        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
                                        "0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        ht_addr20 address;
        assert_int_equal(ht_wallet_address(&address, texts[i], NULL), HT_OK);
        assert_int_equal(address.b[0], 0x5a);
        assert_int_equal(address.b[19], 0xed);
    }
}

static void address_with_another_checksum_is_refused(void **state) {
    ht_addr20 address;
    struct ht_why why = {0};
    (void)state;
    enum ht_err err =
        ht_wallet_address(&address, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", &why);
    assert_int_equal(err, HT_EINPUT);
    assert_string_equal(why.code, "bad_checksum");
}

static void what_is_no_address_is_refused(void **state) {
    static const char *const texts[] = {"",
                                        "0x",
                                        "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
                                        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
                                        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed00",
                                        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ht_addr20 address;
        struct ht_why why = {0};
        assert_int_equal(ht_wallet_address(&address, texts[i], &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_address");
    }
}

static void foreign_text_cannot_command_the_terminal(void **state) {
    char *text = NULL;
    size_t n = 0;
    (void)state;
    FILE *to = open_memstream(&text, &n);
    assert_non_null(to);
    ht_wallet_put(to, "a\033[2Jb\nc\x7f"
                      "d\xc2\x9b"
                      "e\xc3\xa9");
    assert_int_equal(fclose(to), 0);
    assert_string_equal(text, "a?[2Jb?c?d?e\xc3\xa9");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ether_becomes_exact_wei),
        cmocka_unit_test(what_is_no_amount_is_refused),
        cmocka_unit_test(wei_becomes_ether_without_needless_zeros),
        cmocka_unit_test(addresses_in_one_case_or_with_their_checksum_are_read),
        cmocka_unit_test(address_with_another_checksum_is_refused),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(foreign_text_cannot_command_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
