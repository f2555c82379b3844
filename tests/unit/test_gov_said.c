/* Texts about one proposal or community, out of feeds that a test fills. */
#include "governance/methods_talk.h"
#define GW_HAS_BLOCKS
#include "tests/unit/gov_world.h"

static struct {
    json_t *events;
    enum ht_err err;
    unsigned done, each;
    char first[64];
} at;

static void query(void *self, const json_t *filter, ht_feed_found done, void *user) {
    struct ht_why why = {0};
    (void)self;
    assert_true(json_is_array(json_object_get(filter, "kinds")));
    if (at.err != HT_OK) (void)ht_fail(&why, at.err, "busy", "busy");
    done(user, at.err, &why, at.err == HT_OK ? at.events : NULL);
}
static const struct ht_feed FEED = {.query = query};

static const struct ht_feed *feed(const struct ht_host *host) {
    (void)host;
    return &FEED;
}

static int start(void **state) {
    memset(&at, 0, sizeof at);
    at.events = json_array();
    int rc = gw_start(state);
    gw.host.feed = feed;
    return rc;
}

static int end(void **state) {
    json_decref(at.events);
    return gw_end(state);
}

static struct ht_talk_about about(uint64_t proposal) {
    return (struct ht_talk_about){.chain_id = 1,
                                  .governor = {{0xda}},
                                  .has_proposal = proposal > 0,
                                  .proposal = ht_u256_of(proposal)};
}

static void add(const struct ht_talk_about *of, enum ht_talk_kind kind, const char *text) {
    static const char ID[] = "abababababababababababababababababababababababababababababababab";
    char sig[129];
    memset(sig, 'c', 128);
    sig[128] = '\0';
    int number = (int)(kind == HT_TALK_STATEMENT ? HT_TALK_STATEMENT_KIND : HT_TALK_KIND);
    json_array_append_new(at.events,
                          json_pack("{s:s, s:s, s:i, s:i, s:o, s:s, s:s}", "id", ID, "pubkey", ID,
                                    "created_at", 5, "kind", number, "tags", ht_talk_tags(of, kind),
                                    "content", text, "sig", sig));
}

static void on_each(struct ht_gov_said *said, const struct ht_event *event,
                    const struct ht_talk_item *item) {
    (void)said, (void)event;
    if (at.each++ == 0)
        (void)snprintf(at.first, sizeof at.first, "%.*s", (int)item->text.n,
                       (const char *)item->text.p);
}

static void on_done(struct ht_gov_said *said) {
    (void)said;
    at.done++;
}

static void only_texts_about_that_proposal_are_counted(void **state) {
    const struct ht_talk_about nine = about(9), eight = about(8);
    struct ht_gov_said said = {.about = nine, .each = on_each, .done = on_done};
    (void)state;
    add(&nine, HT_TALK_COMMENT, "newest");
    add(&eight, HT_TALK_COMMENT, "of another");
    add(&nine, HT_TALK_RATIONALE, "a reason");
    ht_gov_said_read(&gw.governance, &said);
    assert_int_equal(said.err, HT_OK);
    assert_int_equal(said.count, 2);
    assert_int_equal(at.done, 1);
    assert_string_equal(at.first, "newest");
}

static void statements_are_those_of_the_community(void **state) {
    const struct ht_talk_about community = about(0), nine = about(9);
    struct ht_gov_said said = {.about = community, .each = on_each, .done = on_done};
    (void)state;
    add(&nine, HT_TALK_COMMENT, "a comment");
    add(&community, HT_TALK_STATEMENT, "what I stand for");
    ht_gov_said_read(&gw.governance, &said);
    assert_int_equal(said.count, 1);
    assert_string_equal(at.first, "what I stand for");
}

static void feeds_that_cannot_be_read_end_with_the_reason(void **state) {
    struct ht_gov_said said = {.about = about(9), .done = on_done};
    (void)state;
    at.err = HT_EAGAIN;
    ht_gov_said_read(&gw.governance, &said);
    assert_int_equal(said.err, HT_EAGAIN);
    assert_string_equal(said.why.code, "busy");
    assert_int_equal(at.done, 1);
}

static void without_feeds_it_ends_at_once(void **state) {
    struct ht_gov_said said = {.about = about(9), .done = on_done};
    (void)state;
    gw.host.feed = NULL;
    ht_gov_said_read(&gw.governance, &said);
    assert_int_equal(said.err, HT_EAGAIN);
    assert_string_equal(said.why.code, "no_feed");
    assert_int_equal(at.done, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(only_texts_about_that_proposal_are_counted),
        TEST(statements_are_those_of_the_community),
        TEST(feeds_that_cannot_be_read_end_with_the_reason),
        TEST(without_feeds_it_ends_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
