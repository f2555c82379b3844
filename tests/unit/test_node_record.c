#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/mesh_world.h"

#define ONION "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwx.onion"

/* An event of the tags given, signed by user 101 for node 1; those that follow take their place. */
struct draft {
    struct ht_event_tag tags[24];
    ht_bytes items[24][3];
    char texts[24][3][300];
    size_t count;
    int64_t created_at;
    uint32_t kind;
};

static void tag(struct draft *draft, const char *name, const char *value, const char *third) {
    size_t t = draft->count++;
    const char *texts[3] = {name, value, third};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(draft->texts[t][i], 300, "%s", texts[i] != NULL ? texts[i] : "");
        draft->items[t][i] = ht_bytes_str(draft->texts[t][i]);
    }
    draft->tags[t] = (struct ht_event_tag){draft->items[t], third != NULL ? 3 : 2};
}

static void hex_of(char *out, const uint8_t *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* With the tags d, node and expiration. signer: whose node key signs. */
static void begin(struct draft *draft, uint8_t signer, const char *expires) {
    char node[65], signature[129];
    uint8_t key[32], bytes[HT_SCHNORR_SIZE];
    const ht_hash32 x = maker_pubkey(1), user = maker_pubkey(101);
    ht_hash32 claim;
    memset(draft, 0, sizeof *draft);
    draft->created_at = MAKER_TIME;
    draft->kind = HT_NODE_RECORD_KIND;
    maker_key(key, signer);
    ht_node_record_claim(&claim, &user, MAKER_TIME);
    assert_int_equal(ht_schnorr_sign(bytes, &claim, key, NULL, NULL), HT_OK);
    hex_of(node, x.b, 32);
    hex_of(signature, bytes, sizeof bytes);
    tag(draft, "d", node, NULL);
    tag(draft, "node", node, signature);
    if (expires != NULL) tag(draft, "expiration", expires, NULL);
}

static enum ht_err read_draft(struct ht_node_record *out, const struct draft *draft,
                              struct ht_why *why) {
    struct ht_event event = {.created_at = draft->created_at,
                             .kind = draft->kind,
                             .tags = draft->tags,
                             .tag_count = draft->count,
                             .json = {(const uint8_t *)"", 0}};
    event.pubkey = maker_pubkey(101);
    return ht_node_record_read(out, &event, MAKER_TIME, why);
}

static void refused(const struct draft *draft, enum ht_err wanted, const char *code,
                    const char *part) {
    struct ht_node_record record;
    struct ht_why why = {.code = ""};
    assert_int_equal(read_draft(&record, draft, &why), wanted);
    assert_string_equal(why.code, code);
    if (strstr(why.text, part) == NULL) fail_msg("expected \"%s\" in \"%s\"", part, why.text);
}

static void a_record_that_was_written_is_read_as_the_same(void **state) {
    (void)state;
    struct draft draft;
    struct ht_node_record record;
    begin(&draft, 1, "1780086400");
    tag(&draft, "addr", "wss://node.example:8443", NULL);
    tag(&draft, "addr", "ws://" ONION, NULL);
    tag(&draft, "pin", HEX64, NULL);
    tag(&draft, "name", "the shelf in the kitchen", NULL);
    tag(&draft, "pass", "1", NULL);
    assert_int_equal(read_draft(&record, &draft, NULL), HT_OK);
    assert_int_equal(record.address_count, 2);
    assert_string_equal(record.addresses[1], "ws://" ONION);
    assert_string_equal(record.name, "the shelf in the kitchen");
    assert_true(record.has_pin && record.has_user && record.may_pass);
    assert_int_equal(record.expires_at, 1780086400);
    const uint8_t signature[HT_SCHNORR_SIZE] = {1};
    json_t *tags = ht_node_record_tags(&record, signature);
    assert_int_equal(json_array_size(tags), draft.count);
    json_decref(tags);
    struct world *world = meshes_new(1);
    struct ht_arena arena;
    struct ht_event event;
    struct ht_node_record again;
    ht_arena_init(&arena, HT_EVENT_ARENA(4096));
    const char *text = meshes_record(world, 0, MAKER_TIME, true);
    assert_int_equal(ht_event_read(&event, &arena, ht_bytes_str(text), NULL), HT_OK);
    assert_int_equal(ht_event_verify(&event, NULL), HT_OK);
    assert_int_equal(ht_node_record_read(&again, &event, MAKER_TIME, NULL), HT_OK);
    assert_string_equal(again.addresses[0], "ws://10.0.0.1:7000");
    assert_true(again.may_pass);
    ht_arena_fini(&arena);
    meshes_free(world);
}

static void a_node_that_has_not_signed_for_the_user_is_nobodys(void **state) {
    (void)state;
    struct draft draft;
    begin(&draft, 2, "1780086400");
    refused(&draft, HT_EUNVERIFIED, "record_node", "not signed");
    begin(&draft, 1, "1780086400");
    draft.created_at++;
    refused(&draft, HT_EUNVERIFIED, "record_node", "not signed");
}

static void a_record_says_when_it_ends_and_that_within_ninety_days(void **state) {
    (void)state;
    struct draft draft;
    begin(&draft, 1, "1780000000");
    refused(&draft, HT_ESTALE, "record_expired", "expired");
    begin(&draft, 1, NULL);
    refused(&draft, HT_EINPUT, "bad_record", "90 days");
    begin(&draft, 1, "1787776001");
    refused(&draft, HT_EINPUT, "bad_record", "90 days");
    struct ht_node_record record;
    begin(&draft, 1, "1787776000");
    assert_int_equal(read_draft(&record, &draft, NULL), HT_OK);
    draft.created_at = MAKER_TIME + HT_NODE_RECORD_AHEAD_S + 1;
    refused(&draft, HT_EINPUT, "bad_record", "future");
}

static void a_record_with_what_does_not_fit_is_refused(void **state) {
    (void)state;
    struct draft draft;
    begin(&draft, 1, "1780086400");
    draft.kind++;
    refused(&draft, HT_EINPUT, "bad_record", "no node record");
    begin(&draft, 1, "1780086400");
    for (int i = 0; i < 9; i++) tag(&draft, "addr", "wss://a.example", NULL);
    refused(&draft, HT_EINPUT, "bad_record", "more than 8");
    begin(&draft, 1, "1780086400");
    tag(&draft, "addr", "https://a.example", NULL);
    refused(&draft, HT_EINPUT, "bad_record", "none of a node");
    begin(&draft, 1, "1780086400");
    tag(&draft, "pin", "abc", NULL);
    refused(&draft, HT_EINPUT, "bad_record", "pin");
    begin(&draft, 1, "1780086400");
    tag(&draft, "name", "two\nlines", NULL);
    refused(&draft, HT_EINPUT, "bad_record", "name");
    begin(&draft, 1, "1780086400");
    tag(&draft, "name", HEX64, NULL);
    refused(&draft, HT_EINPUT, "bad_record", "name");
    begin(&draft, 1, "1780086400");
    draft.items[0][1] = ht_bytes_str(HEX64);
    refused(&draft, HT_EINPUT, "bad_record", "d and node");
}

static void an_address_says_where_it_leads(void **state) {
    (void)state;
    static const struct {
        const char *url;
        enum ht_address_reach reach;
    } cases[] = {
        {"ws://127.0.0.1:7000", HT_REACH_LOOPBACK},
        {"wss://[::1]:7000/relay", HT_REACH_LOOPBACK},
        {"ws://localhost:1", HT_REACH_LOOPBACK},
        {"ws://10.1.2.3:7000", HT_REACH_LAN},
        {"ws://172.31.0.1", HT_REACH_LAN},
        {"ws://192.168.0.1:65535", HT_REACH_LAN},
        {"ws://169.254.1.1", HT_REACH_LAN},
        {"ws://100.64.0.1", HT_REACH_LAN},
        {"ws://[fe80::1]:7000", HT_REACH_LAN},
        {"ws://[fd00::1]", HT_REACH_LAN},
        {"ws://[::ffff:10.0.0.1]:80", HT_REACH_LAN},
        {"ws://shelf.local:7000", HT_REACH_LAN},
        {"ws://shelf:7000", HT_REACH_LAN},
        {"wss://172.32.0.1", HT_REACH_PUBLIC},
        {"wss://node.example:8443", HT_REACH_PUBLIC},
        {"wss://[2001:db8::1]:8443", HT_REACH_PUBLIC},
        {"ws://" ONION, HT_REACH_ONION},
        {"ws://" ONION ":7000/", HT_REACH_ONION},
        {"ws://node.example", HT_REACH_NONE}, /* nothing is encrypted */
        {"ws://8.8.8.8:7000", HT_REACH_NONE},
        {"ws://abc.onion", HT_REACH_NONE},
        {"wss://0.0.0.0:7000", HT_REACH_NONE},
        {"wss://[::]:7000", HT_REACH_NONE},
        {"wss://224.0.0.1", HT_REACH_NONE},
        {"wss://[ff02::1]", HT_REACH_NONE},
        {"wss://127.1:7000", HT_REACH_NONE},
        {"wss://2130706433", HT_REACH_NONE},
        {"wss://0x7f.0.0.0x1", HT_REACH_NONE},
        {"wss://user@node.example", HT_REACH_NONE},
        {"wss://node.example?x", HT_REACH_NONE},
        {"wss://node.example#x", HT_REACH_NONE},
        {"wss://node.example:0", HT_REACH_NONE},
        {"wss://node.example:65536", HT_REACH_NONE},
        {"wss://node.example:", HT_REACH_NONE},
        {"wss://node..example", HT_REACH_NONE},
        {"wss://[::1", HT_REACH_NONE},
        {"wss://[::1]x:1", HT_REACH_NONE},
        {"wss://[]", HT_REACH_NONE},
        {"wss://", HT_REACH_NONE},
        {"wss:///", HT_REACH_NONE},
        {"wss://:7000", HT_REACH_NONE},
        {"wss://no de", HT_REACH_NONE},
        {"https://node.example", HT_REACH_NONE},
        {"", HT_REACH_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (ht_address_reach_of(cases[i].url) != cases[i].reach) {
            fail_msg("%s: expected %d, got %d", cases[i].url, (int)cases[i].reach,
                     (int)ht_address_reach_of(cases[i].url));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_that_was_written_is_read_as_the_same),
        cmocka_unit_test(a_node_that_has_not_signed_for_the_user_is_nobodys),
        cmocka_unit_test(a_record_says_when_it_ends_and_that_within_ninety_days),
        cmocka_unit_test(a_record_with_what_does_not_fit_is_refused),
        cmocka_unit_test(an_address_says_where_it_leads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
