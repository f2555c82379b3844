/* The handshake of two nodes in memory: what is said in which order, and every way to be somebody
 * else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/codec/json.h"
#include "node/p2p/handshake.h"
#include "tests/unit/event_maker.h"

#define PIN "3f" HEX16 HEX16 HEX16 "0123456789abcd"
#define OTHER_PIN "4f" HEX16 HEX16 HEX16 "0123456789abcd"

static int64_t wall_ms, mono_ms;

static int64_t read_wall(void *self) {
    (void)self;
    return wall_ms;
}

static int64_t read_mono(void *self) {
    (void)self;
    return mono_ms;
}

static const struct ht_clock clock_now = {.wall_ms = read_wall, .mono_ms = read_mono};

struct side {
    uint8_t who;
    struct ht_handshake_self self;
    struct ht_handshake shake;
    struct ht_buf out, ends;
};

static struct side dialler, listener;
static struct ht_why why;

static void sign(void *user, uint8_t signature[static HT_SCHNORR_SIZE], const ht_hash32 *id) {
    const struct side *side = user;
    uint8_t key[32];
    maker_key(key, side->who);
    assert_int_equal(ht_schnorr_sign(signature, id, key, NULL, NULL), HT_OK);
}

static void make(struct side *side, uint8_t who, bool is_dialler, const ht_hash32 *expected,
                 const char *channel) {
    ht_buf_fini(&side->out);
    ht_buf_fini(&side->ends);
    *side = (struct side){.who = who};
    side->self = (struct ht_handshake_self){.node = maker_pubkey(who),
                                            .sign = sign,
                                            .user = side,
                                            .clock = &clock_now,
                                            .random = &ht_system_random};
    ht_buf_init(&side->out, 65536);
    ht_buf_init(&side->ends, 4096);
    ht_handshake_init(&side->shake, &side->self, is_dialler, expected, channel);
}

static int end(void **state) {
    (void)state;
    ht_buf_fini(&dialler.out);
    ht_buf_fini(&dialler.ends);
    ht_buf_fini(&listener.out);
    ht_buf_fini(&listener.ends);
    return 0;
}

/* Anew, also within a test. */
static int start(void **state) {
    (void)end(state);
    wall_ms = MAKER_TIME * 1000;
    mono_ms = 5000;
    const ht_hash32 expected = maker_pubkey(2);
    make(&dialler, 1, true, &expected, PIN);
    make(&listener, 2, false, NULL, PIN);
    return 0;
}

/* As peer_message.c reads it: the value behind the verb. */
static struct ht_peer_link_message message_of(ht_bytes text) {
    struct ht_peer_link_message message = {.verb = HT_PEER_VERB_PEER};
    const char *comma = memchr(text.p, ',', text.n);
    assert_non_null(comma);
    if (memcmp(text.p, "[\"AUTH\"", 7) == 0) message.verb = HT_PEER_VERB_AUTH_EVENT;
    size_t at = (size_t)(comma - (const char *)text.p) + 1;
    message.rest = ht_bytes_of(text.p + at, text.n - at - 1);
    return message;
}

static enum ht_err tell(struct side *to, ht_bytes text) {
    const struct ht_peer_link_message message = message_of(text);
    return ht_handshake_said(&to->out, &to->ends, &to->shake, &message, &why);
}

/* What a side has to say, once. */
static void take(char out[static 4096], struct side *from) {
    assert_true(from->out.n > 0 && from->out.n < 4096);
    memcpy(out, from->out.p, from->out.n);
    out[from->out.n] = '\0';
    ht_buf_clear(&from->out);
    ht_buf_clear(&from->ends);
}

static enum ht_err pass(struct side *from, struct side *to) {
    char text[4096];
    take(text, from);
    return tell(to, ht_bytes_str(text));
}

static void assert_failed(const struct side *side, enum ht_err err, enum ht_err want,
                          const char *code) {
    assert_int_equal(err, want);
    assert_string_equal(why.code, code);
    assert_int_equal(side->shake.step, HT_HANDSHAKE_FAILED);
    assert_int_equal(side->out.n, 0);
    assert_int_equal(side->ends.n, 0);
}

/* Both offers are made; the dialler's proof waits in its out. */
static void offer(void) {
    assert_int_equal(ht_handshake_begin(&dialler.out, &dialler.shake), HT_OK);
    assert_int_equal(pass(&dialler, &listener), HT_OK);
    assert_int_equal(pass(&listener, &dialler), HT_OK);
}

static void two_nodes_prove_themselves_to_each_other(void **state) {
    (void)state;
    assert_int_equal(listener.shake.step, HT_HANDSHAKE_IDLE);
    assert_int_equal(ht_handshake_begin(&dialler.out, &dialler.shake), HT_OK);
    assert_int_equal(dialler.shake.step, HT_HANDSHAKE_OFFERED);
    mono_ms += 60000;
    assert_int_equal(pass(&dialler, &listener), HT_OK);
    assert_int_equal(listener.shake.step, HT_HANDSHAKE_OFFERED);
    assert_true(listener.shake.since_ms == mono_ms);
    assert_int_equal(pass(&listener, &dialler), HT_OK);
    assert_int_equal(dialler.shake.step, HT_HANDSHAKE_PROVING);
    assert_int_equal(pass(&dialler, &listener), HT_OK);
    assert_int_equal(listener.shake.step, HT_HANDSHAKE_DONE);
    assert_int_equal(pass(&listener, &dialler), HT_OK);
    assert_int_equal(dialler.shake.step, HT_HANDSHAKE_DONE);
    assert_int_equal(dialler.out.n, 0);
    assert_true(ht_hash32_equal(&dialler.shake.peer, &listener.self.node));
    assert_true(ht_hash32_equal(&listener.shake.peer, &dialler.self.node));
}

static void the_end_of_each_message_is_told(void **state) {
    (void)state;
    size_t end_at = 0;
    assert_int_equal(ht_handshake_begin(&dialler.out, &dialler.shake), HT_OK);
    assert_int_equal(ht_buf_add_str(&listener.out, "before"), HT_OK);
    assert_int_equal(tell(&listener, ht_buf_view(&dialler.out)), HT_OK);
    assert_int_equal(listener.ends.n, sizeof end_at);
    memcpy(&end_at, listener.ends.p, sizeof end_at);
    assert_int_equal(end_at, listener.out.n);
}

static void a_proof_is_an_event_that_any_nostr_program_verifies(void **state) {
    (void)state;
    char text[4096];
    struct ht_arena arena;
    struct ht_event event;
    offer();
    take(text, &dialler);
    ht_arena_init(&arena, HT_EVENT_ARENA(4096));
    const struct ht_peer_link_message message = message_of(ht_bytes_str(text));
    assert_true(ht_handshake_owns(&message));
    assert_int_equal(ht_event_read(&event, &arena, message.rest, NULL), HT_OK);
    assert_int_equal(ht_event_verify(&event, NULL), HT_OK);
    assert_int_equal(event.kind, 22242);
    assert_true(event.created_at == MAKER_TIME);
    ht_arena_fini(&arena);
}

static void a_clients_auth_is_none_of_the_handshakes(void **state) {
    (void)state;
    static const char tags[] = WITH_TAGS("[[\"relay\",\"ws://a\"],[\"challenge\",\"x\"]]");
    struct ht_peer_link_message message = {.verb = HT_PEER_VERB_AUTH_EVENT,
                                           .rest = ht_bytes_str(tags)};
    assert_false(ht_handshake_owns(&message));
    message.rest = ht_bytes_str("nonsense");
    assert_false(ht_handshake_owns(&message));
    message.verb = HT_PEER_VERB_PUSH;
    assert_false(ht_handshake_owns(&message));
}

static void another_node_than_was_dialled_is_refused_before_anything_is_proven(void **state) {
    (void)state;
    make(&listener, 3, false, NULL, PIN);
    assert_int_equal(ht_handshake_begin(&dialler.out, &dialler.shake), HT_OK);
    assert_int_equal(pass(&dialler, &listener), HT_OK);
    assert_failed(&dialler, pass(&listener, &dialler), HT_EUNVERIFIED, "peer_identity");
}

static void a_node_that_dials_itself_notices(void **state) {
    (void)state;
    make(&dialler, 2, true, NULL, PIN);
    assert_int_equal(ht_handshake_begin(&dialler.out, &dialler.shake), HT_OK);
    assert_failed(&listener, pass(&dialler, &listener), HT_EUNVERIFIED, "peer_identity");
}

static void whoever_is_in_between_is_seen_by_the_channel(void **state) {
    (void)state;
    make(&listener, 2, false, NULL, OTHER_PIN);
    offer();
    assert_failed(&listener, pass(&dialler, &listener), HT_EUNVERIFIED, "peer_channel");
}

static void a_proof_of_another_connection_is_a_replay(void **state) {
    (void)state;
    char old[4096];
    offer();
    take(old, &dialler);
    start(state);
    offer();
    assert_failed(&listener, tell(&listener, ht_bytes_str(old)), HT_EUNVERIFIED, "peer_challenge");
}

static void a_proof_that_is_thrown_back_is_refused(void **state) {
    (void)state;
    char text[4096];
    offer();
    take(text, &dialler);
    assert_failed(&dialler, tell(&dialler, ht_bytes_str(text)), HT_EUNVERIFIED, "peer_identity");
}

static void a_clock_may_be_ten_minutes_off_and_no_more(void **state) {
    (void)state;
    offer();
    wall_ms += INT64_C(601) * 1000;
    assert_failed(&listener, pass(&dialler, &listener), HT_EUNVERIFIED, "peer_clock");
    start(state);
    offer();
    wall_ms -= INT64_C(600) * 1000;
    assert_int_equal(pass(&dialler, &listener), HT_OK);
}

static void a_signature_of_another_key_is_refused(void **state) {
    (void)state;
    dialler.who = 9;
    offer();
    assert_failed(&listener, pass(&dialler, &listener), HT_EUNVERIFIED, "peer_signature");
}

static bool says_no(void *user, const struct ht_event *event) {
    assert_ptr_equal(user, &listener);
    assert_int_equal(event->kind, 22242);
    return false;
}

static void the_callers_own_verifier_is_asked(void **state) {
    (void)state;
    listener.self.verify = says_no;
    offer();
    assert_failed(&listener, pass(&dialler, &listener), HT_EUNVERIFIED, "peer_signature");
}

static void the_listener_proves_nothing_before_the_dialler_has(void **state) {
    (void)state;
    char text[4096];
    assert_int_equal(ht_handshake_begin(&dialler.out, &dialler.shake), HT_OK);
    take(text, &dialler);
    assert_int_equal(tell(&listener, ht_bytes_str(text)), HT_OK);
    assert_memory_equal(listener.out.p, "[\"PEER\"", 7);
    ht_buf_clear(&listener.out);
    ht_buf_clear(&listener.ends);
    assert_failed(&listener, tell(&listener, ht_bytes_str(text)), HT_EINPUT, "peer_order");
}

static void messages_out_of_turn_end_it(void **state) {
    (void)state;
    char text[4096];
    offer();
    take(text, &dialler);
    start(state);
    assert_failed(&listener, tell(&listener, ht_bytes_str(text)), HT_EINPUT, "peer_order");
    start(state);
    assert_failed(&dialler, tell(&dialler, ht_bytes_str("[\"PEER\",{}]")), HT_EINPUT, "peer_order");
    const struct ht_peer_link_message have = {.verb = HT_PEER_VERB_HAVE};
    start(state);
    assert_failed(&listener,
                  ht_handshake_said(&listener.out, &listener.ends, &listener.shake, &have, &why),
                  HT_EINPUT, "peer_order");
}

static void offers_that_are_none_are_malformed(void **state) {
    static const char *const offers[] = {
        "[\"PEER\",{}]",
        "[\"PEER\",7]",
        "[\"PEER\",{\"v\":1,\"node\":\"" HEX64 "\"}]",
        "[\"PEER\",{\"v\":0,\"node\":\"" HEX64 "\",\"challenge\":\"" HEX64 "\"}]",
        "[\"PEER\",{\"v\":1,\"node\":\"" HEX64 "00\",\"challenge\":\"" HEX64 "\"}]",
        "[\"PEER\",{\"v\":1,\"node\":\"" HEX64 "\",\"challenge\":\"short\"}]",
        "[\"PEER\",{\"v\":1,\"node\":\"" HEX64 "\",\"challenge\":\"with a space in it\"}]",
        "[\"PEER\",{\"v\":1,\"node\":\"" HEX64 "\",\"challenge\":\"" HEX64 HEX64 "0\"}]",
    };
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
        start(state);
        assert_failed(&listener, tell(&listener, ht_bytes_str(offers[i])), HT_EINPUT,
                      "peer_malformed");
    }
}

static void members_that_are_not_known_do_no_harm(void **state) {
    (void)state;
    assert_int_equal(
        tell(&listener, ht_bytes_str("[\"PEER\",{\"v\":2,\"node\":\"" HEX64
                                     "\",\"challenge\":\"" HEX64 HEX64 "\",\"more\":[1]}]")),
        HT_OK);
    assert_string_equal(listener.shake.theirs, HEX64 HEX64);
}

/* The dialler's proof, with some of its words others and a good signature. */
static void say_instead(char out[static 4096], const char *find, const char *instead) {
    char text[4096];
    struct ht_arena arena;
    struct ht_event event;
    struct ht_buf buf;
    take(text, &dialler);
    char *at = strstr(text, find);
    assert_non_null(at);
    char rest[4096];
    (void)snprintf(rest, sizeof rest, "%s", at + strlen(find));
    (void)snprintf(at, sizeof text - (size_t)(at - text), "%s%s", instead, rest);
    ht_arena_init(&arena, HT_EVENT_ARENA(4096));
    const struct ht_peer_link_message message = message_of(ht_bytes_str(text));
    assert_int_equal(ht_event_read(&event, &arena, message.rest, NULL), HT_OK);
    maker_sign(&event, 1);
    ht_buf_init(&buf, 4096);
    assert_int_equal(ht_event_write(&buf, &event), HT_OK);
    (void)snprintf(out, 4096, "[\"AUTH\",%.*s]", (int)buf.n, (const char *)buf.p);
    ht_buf_fini(&buf);
    ht_arena_fini(&arena);
}

static void every_word_of_a_proof_counts(void **state) {
    static const struct {
        const char *find, *instead, *code;
        enum ht_err err;
    } lies[] = {
        {"\"dialler\"", "\"listener\"", "peer_challenge", HT_EUNVERIFIED},
        {PIN, "plain", "peer_channel", HT_EUNVERIFIED},
        {"\"kind\":22242", "\"kind\":22243", "peer_malformed", HT_EINPUT},
        {"\"side\"", "\"mine\"", "peer_malformed", HT_EINPUT},
        {"[\"side\",\"dialler\"]", "[\"side\"]", "peer_malformed", HT_EINPUT},
        {"[\"side\",", "[\"more\",\"x\"],[\"side\",", "peer_malformed", HT_EINPUT},
        {"[\"mine\",\"", "[\"mine\",\"0", "peer_challenge", HT_EUNVERIFIED},
        {"[\"challenge\",\"", "[\"challenge\",\"0", "peer_challenge", HT_EUNVERIFIED},
        {"[\"peer\",\"", "[\"peer\",\"0", "peer_identity", HT_EUNVERIFIED},
    };
    char text[4096];
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        start(state);
        offer();
        say_instead(text, lies[i].find, lies[i].instead);
        assert_failed(&listener, tell(&listener, ht_bytes_str(text)), lies[i].err, lies[i].code);
    }
}

static void a_proof_is_bounded(void **state) {
    (void)state;
    static char text[70000];
    offer();
    size_t n = (size_t)snprintf(text, sizeof text, "[\"AUTH\",");
    memset(text + n, ' ', 65536);
    (void)snprintf(text + n + 65536, 16, "{}]");
    assert_failed(&listener, tell(&listener, ht_bytes_str(text)), HT_EINPUT, "peer_malformed");
}

static void what_does_not_fit_is_not_half_said(void **state) {
    (void)state;
    ht_buf_fini(&listener.out);
    ht_buf_init(&listener.out, 100);
    assert_int_equal(ht_handshake_begin(&dialler.out, &dialler.shake), HT_OK);
    assert_int_not_equal(pass(&dialler, &listener), HT_OK);
    assert_int_equal(listener.out.n, 0);
    assert_int_equal(listener.shake.step, HT_HANDSHAKE_FAILED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(two_nodes_prove_themselves_to_each_other),
        TEST(the_end_of_each_message_is_told),
        TEST(a_proof_is_an_event_that_any_nostr_program_verifies),
        TEST(a_clients_auth_is_none_of_the_handshakes),
        TEST(another_node_than_was_dialled_is_refused_before_anything_is_proven),
        TEST(a_node_that_dials_itself_notices),
        TEST(whoever_is_in_between_is_seen_by_the_channel),
        TEST(a_proof_of_another_connection_is_a_replay),
        TEST(a_proof_that_is_thrown_back_is_refused),
        TEST(a_clock_may_be_ten_minutes_off_and_no_more),
        TEST(a_signature_of_another_key_is_refused),
        TEST(the_callers_own_verifier_is_asked),
        TEST(the_listener_proves_nothing_before_the_dialler_has),
        TEST(messages_out_of_turn_end_it),
        TEST(offers_that_are_none_are_malformed),
        TEST(members_that_are_not_known_do_no_harm),
        TEST(every_word_of_a_proof_counts),
        TEST(a_proof_is_bounded),
        TEST(what_does_not_fit_is_not_half_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
