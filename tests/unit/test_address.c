/* Which addresses belong to this computer or its network. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

#include "node/net/address.h"

static bool is_private(const char *text) {
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return ht_address_is_private((const struct sockaddr *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return ht_address_is_private((const struct sockaddr *)&v6);
}

static void addresses_of_this_network_are_private(void **state) {
    static const char *const list[] = {
        "127.0.0.1",
        "127.255.0.9",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.9.9",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::7f00:1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "2001::1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (!is_private(list[i])) fail_msg("%s is taken for public", list[i]);
    }
}

static void addresses_of_the_internet_are_public(void **state) {
    static const char *const list[] = {
        "1.1.1.1",          "9.255.255.255",   "11.0.0.1",     "172.15.0.1",      "172.32.0.1",
        "192.167.1.1",      "100.63.0.1",      "100.128.0.1",  "2606:4700::1111", "::ffff:8.8.8.8",
        "64:ff9b::808:808", "2002:808:808::1", "2a00:1450::1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (is_private(list[i])) fail_msg("%s is taken for private", list[i]);
    }
}

static void sockets_of_other_families_are_private(void **state) {
    const struct sockaddr_un un = {.sun_family = AF_UNIX};
    (void)state;
    assert_true(ht_address_is_private((const struct sockaddr *)&un));
}

static void names_that_cannot_be_public_are_private(void **state) {
    (void)state;
    assert_true(ht_address_is_private_host("localhost"));
    assert_true(ht_address_is_private_host("nas.local"));
    assert_true(ht_address_is_private_host("a.internal"));
    assert_true(ht_address_is_private_host("[::1]"));
    assert_true(ht_address_is_private_host("[nonsense"));
    assert_true(ht_address_is_private_host("example.org."));
    assert_false(ht_address_is_private_host("example.org"));
    assert_false(ht_address_is_private_host("[2606:4700::1111]"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_this_network_are_private),
        cmocka_unit_test(addresses_of_the_internet_are_public),
        cmocka_unit_test(sockets_of_other_families_are_private),
        cmocka_unit_test(names_that_cannot_be_public_are_private),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
