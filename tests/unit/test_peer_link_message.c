/* Messages of a peer link: read, written, refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdlib.h>

#include "node/p2p/peer_message.h"

#define HEX16 "0123456789abcdef"
#define HEX64 HEX16 HEX16 HEX16 HEX16

static struct ht_peer_link_message message;
static struct ht_why why;

static enum ht_err read(const char *text) {
    why = (struct ht_why){.code = NULL};
    return ht_peer_link_read(&message, ht_bytes_str(text), &why);
}

static void reads(enum ht_peer_verb verb, const char *rest, const char *text) {
    assert_int_equal(read(text), HT_OK);
    assert_int_equal(message.verb, verb);
    assert_int_equal(message.rest.n, strlen(rest));
    assert_memory_equal(message.rest.p, rest, strlen(rest));
}

static void refuses(enum ht_err err, const char *code, const char *text) {
    assert_int_equal(read(text), err);
    assert_string_equal(why.code, code);
}

static void verbs_are_read_with_what_follows(void **state) {
    (void)state;
    reads(HT_PEER_VERB_PEER, "{\"v\":1}", "[\"PEER\",{\"v\":1}]");
    reads(HT_PEER_VERB_AUTH_EVENT, "{}", "[\"AUTH\",{}]");
    reads(HT_PEER_VERB_STATE, "{\"a\":[]}", " [ \"STATE\" , {\"a\":[]} ] ");
    reads(HT_PEER_VERB_PUSH, "{\"id\":\"]\"}", "[\"PUSH\",{\"id\":\"]\"}]");
    reads(HT_PEER_VERB_BYE, "\"flood\",\"too much\"", "[\"BYE\",\"flood\",\"too much\"]");
}

static void messages_of_nostr_are_none(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "[",
        "[\"",
        "[\"EVENT\",{}]",
        "[\"AUTH\",\"challenge\"]",
        "[\"OK\"]",
        "[\"PUSHY\"]",
        "[\"PUS\",{}]",
        "[\"push\",{}]",
        "[\"AUTH\"]",
        "{\"PUSH\"}",
        "[\"PUSH",
        "[1,\"PUSH\"]",
        "[\"NEG-OPEN\",\"a\"]",
        "nothing",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(read(texts[i]), HT_OK);
        assert_int_equal(message.verb, HT_PEER_VERB_NONE);
        assert_int_equal(message.id_count, 0);
    }
}

static void ids_are_read(void **state) {
    (void)state;
    static const enum ht_peer_verb verbs[] = {HT_PEER_VERB_HAVE, HT_PEER_VERB_WANT,
                                              HT_PEER_VERB_GONE};
    static const char *const texts[] = {"[\"HAVE\",\"" HEX64 HEX64 "\"]",
                                        "[\"WANT\",\"" HEX64 HEX64 "\"]",
                                        "[\"GONE\",\"" HEX64 HEX64 "\"]"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(read(texts[i]), HT_OK);
        assert_int_equal(message.verb, verbs[i]);
        assert_int_equal(message.id_count, 2);
        assert_int_equal(message.ids[1].b[0], 0x01);
        assert_int_equal(message.ids[1].b[31], 0xef);
    }
}

static void ids_that_are_none_are_refused(void **state) {
    (void)state;
    refuses(HT_EINPUT, "peer_malformed", "[\"HAVE\",\"\"]");
    refuses(HT_EINPUT, "peer_malformed", "[\"HAVE\",[\"" HEX64 "\"]]");
    refuses(HT_EINPUT, "peer_malformed", "[\"HAVE\",\"" HEX64 "00\"]");
    refuses(HT_EINPUT, "peer_malformed", "[\"WANT\",\"" HEX16 HEX16 HEX16 "0123456789ABCDEF\"]");
    refuses(HT_EINPUT, "peer_malformed", "[\"WANT\",\"" HEX64 "\",\"" HEX64 "\"]");
    refuses(HT_EINPUT, "peer_malformed", "[\"GONE\",\"]");
}

static void what_is_cut_or_empty_is_refused(void **state) {
    (void)state;
    refuses(HT_EINPUT, "peer_malformed", "[\"PUSH\"]");
    refuses(HT_EINPUT, "peer_malformed", "[\"PUSH\",");
    refuses(HT_EINPUT, "peer_malformed", "[\"PUSH\",]");
    refuses(HT_EINPUT, "peer_malformed", "[\"PUSH\",{}");
    refuses(HT_EINPUT, "peer_malformed", "[\"PUSH\",\"text\"]");
    refuses(HT_EINPUT, "peer_malformed", "[\"STATE\",[]]");
    refuses(HT_EINPUT, "peer_malformed", "[\"PEER\" {}]");
}

static void more_ids_or_bytes_than_the_most_are_refused(void **state) {
    (void)state;
    struct ht_buf text;
    ht_buf_init(&text, (size_t)1 << 20);
    static ht_hash32 ids[HT_GOSSIP_IDS_MAX];
    assert_int_equal(ht_peer_link_ids(&text, HT_PEER_VERB_HAVE, ids, HT_GOSSIP_IDS_MAX), HT_OK);
    assert_int_equal(ht_peer_link_read(&message, ht_buf_view(&text), &why), HT_OK);
    assert_int_equal(message.id_count, HT_GOSSIP_IDS_MAX);
    text.n -= 2;
    assert_int_equal(ht_buf_add_str(&text, HEX64 "\"]"), HT_OK);
    assert_int_equal(ht_peer_link_read(&message, ht_buf_view(&text), &why), HT_ELIMIT);
    assert_string_equal(why.code, "peer_too_large");
    ht_buf_clear(&text);
    assert_int_equal(ht_buf_add_str(&text, "[\"PUSH\",{\"a\":\""), HT_OK);
    while (text.n <= HT_PEER_LINK_MESSAGE_MAX)
        assert_int_equal(ht_buf_add_str(&text, HEX64), HT_OK);
    assert_int_equal(ht_buf_add_str(&text, "\"}]"), HT_OK);
    assert_int_equal(ht_peer_link_read(&message, ht_buf_view(&text), &why), HT_ELIMIT);
    assert_string_equal(why.code, "peer_too_large");
    ht_buf_fini(&text);
}

static void what_is_written_is_read_again(void **state) {
    (void)state;
    struct ht_buf text;
    ht_buf_init(&text, 4096);
    assert_int_equal(ht_peer_link_push(&text, ht_bytes_str("{\"id\":1}")), HT_OK);
    assert_memory_equal(text.p, "[\"PUSH\",{\"id\":1}]", text.n);
    ht_buf_clear(&text);
    json_t *what = json_pack("{s:i}", "v", 1);
    assert_int_equal(ht_peer_link_json(&text, HT_PEER_VERB_PEER, what), HT_OK);
    json_decref(what);
    assert_memory_equal(text.p, "[\"PEER\",{\"v\":1}]", text.n);
    ht_buf_clear(&text);
    assert_int_equal(ht_peer_link_bye(&text, "flood", "a \"lot\""), HT_OK);
    assert_memory_equal(text.p, "[\"BYE\",\"flood\",\"a \\\"lot\\\"\"]", text.n);
    ht_buf_clear(&text);
    assert_int_equal(ht_peer_link_bye(&text, "flood", "\xff"), HT_OK);
    assert_memory_equal(text.p, "[\"BYE\",\"flood\",\"\"]", text.n);
    ht_buf_fini(&text);
}

static void what_does_not_fit_leaves_nothing_behind(void **state) {
    (void)state;
    struct ht_buf text;
    ht_buf_init(&text, 20);
    assert_int_equal(ht_buf_add_str(&text, "before"), HT_OK);
    ht_hash32 id = {.b = {0}};
    assert_int_equal(ht_peer_link_ids(&text, HT_PEER_VERB_HAVE, &id, 1), HT_ELIMIT);
    assert_int_equal(ht_peer_link_push(&text, ht_bytes_str("{\"a\":1}")), HT_ELIMIT);
    assert_int_equal(ht_peer_link_bye(&text, "flood", "too much"), HT_ELIMIT);
    assert_int_equal(text.n, 6);
    ht_buf_fini(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verbs_are_read_with_what_follows),
        cmocka_unit_test(messages_of_nostr_are_none),
        cmocka_unit_test(ids_are_read),
        cmocka_unit_test(ids_that_are_none_are_refused),
        cmocka_unit_test(what_is_cut_or_empty_is_refused),
        cmocka_unit_test(more_ids_or_bytes_than_the_most_are_refused),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(what_does_not_fit_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
