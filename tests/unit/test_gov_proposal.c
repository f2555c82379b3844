/* Proposals from their logs, their ids, what words say of them, and every state of every kind. */
#include "node/codec/abi.h"
#include "tests/unit/gov_words.h"

#define LOG_TYPES "(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)"
#define LOG_VALUES                                                                               \
    "[\"7\", \"0xac00000000000000000000000000000000000001\", "                                   \
    "[\"0xac00000000000000000000000000000000000002\", "                                          \
    "\"0xac00000000000000000000000000000000000003\"], [\"5\", \"6\"], [\"\", \"go(uint256)\"], " \
    "[\"0x1234\", \"0x\"], \"100\", \"200\", \"# Title\\n\\nText\"]"

struct world {
    struct ht_arena arena;
    struct ht_buf data;
    struct ht_gov_proposal proposal;
    struct ht_why why;
};

static int set_up(void **state) {
    static struct world world;
    world = (struct world){.why = {.code = "", .text = ""}};
    ht_arena_init(&world.arena, 1 << 20);
    ht_buf_init(&world.data, 1 << 20);
    *state = &world;
    return 0;
}

static int tear_down(void **state) {
    struct world *world = *state;
    ht_arena_fini(&world->arena);
    ht_buf_fini(&world->data);
    return 0;
}

static void encode(struct world *w, const char *values) {
    struct ht_abi_type type;
    json_t *json = json_loads(values, 0, NULL);
    ht_buf_clear(&w->data);
    assert_non_null(json);
    assert_int_equal(ht_abi_type_read(&type, &w->arena, ht_bytes_str(LOG_TYPES), NULL), HT_OK);
    assert_int_equal(ht_abi_encode(&w->data, &type, json, NULL), HT_OK);
    json_decref(json);
}

static enum ht_err read(struct world *w, ht_bytes data) {
    return ht_gov_proposal_read(&w->proposal, &w->arena, data, &w->why);
}

static void a_proposal_is_read_from_its_log(void **state) {
    struct world *w = *state;
    encode(w, LOG_VALUES);
    assert_int_equal(read(w, ht_buf_view(&w->data)), HT_OK);
    const struct ht_gov_proposal *p = &w->proposal;
    assert_int_equal(p->id.limb[0], 7);
    assert_int_equal(p->proposer.b[19], 1);
    assert_int_equal(p->action_count, 2);
    assert_int_equal(p->actions[1].target.b[19], 3);
    assert_int_equal(p->actions[1].value.limb[0], 6);
    assert_true(ht_bytes_equal(p->actions[1].signature, ht_bytes_str("go(uint256)")));
    assert_true(ht_bytes_equal(p->actions[0].calldata, HT_BYTES(((uint8_t[]){0x12, 0x34}))));
    assert_int_equal(p->start, 100);
    assert_int_equal(p->end, 200);
    assert_true(ht_bytes_equal(p->description, ht_bytes_str("# Title\n\nText")));
}

static void a_text_that_is_no_utf8_is_read_all_the_same(void **state) {
    struct world *w = *state;
    encode(w, LOG_VALUES);
    uint8_t *at = memmem(w->data.p, w->data.n, "Title", 5);
    assert_non_null(at);
    at[0] = 0xff;
    assert_int_equal(read(w, ht_buf_view(&w->data)), HT_OK);
    assert_int_equal(w->proposal.description.p[2], 0xff);
}

static void a_log_that_is_cut_off_anywhere_is_refused(void **state) {
    struct world *w = *state;
    encode(w, LOG_VALUES);
    size_t whole = w->data.n;
    for (size_t n = 0; n + 32 <= whole; n += 32) {
        assert_int_equal(read(w, ht_bytes_of(w->data.p, n)), HT_EINPUT);
        assert_string_equal(w->why.code, "bad_proposal_log");
    }
}

/* Puts a number into a word of the log. */
static void patch(struct world *w, size_t word, uint64_t value) {
    ht_hash32 bytes = gov_word(value);
    memcpy(w->data.p + 32 * word, bytes.b, 32);
}

static void lists_of_different_lengths_are_refused(void **state) {
    struct world *w = *state;
    encode(w, LOG_VALUES);
    patch(w, 9, 1);
    assert_int_equal(read(w, ht_buf_view(&w->data)), HT_EINPUT);
    assert_non_null(strstr(w->why.text, "not equally long"));
}

static void an_offset_out_of_the_data_is_refused(void **state) {
    struct world *w = *state;
    for (size_t i = 2; i < 9; i++) {
        if (i == 6 || i == 7) continue;
        encode(w, LOG_VALUES);
        memset(w->data.p + 32 * i, 0xff, 32);
        assert_int_equal(read(w, ht_buf_view(&w->data)), HT_EINPUT);
    }
}

static void an_end_before_its_start_is_refused(void **state) {
    struct world *w = *state;
    encode(w, LOG_VALUES);
    patch(w, 7, 99);
    assert_int_equal(read(w, ht_buf_view(&w->data)), HT_EINPUT);
    assert_non_null(strstr(w->why.text, "times"));
}

static void too_many_actions_are_a_limit(void **state) {
    struct world *w = *state;
    json_t *json = json_loads(LOG_VALUES, 0, NULL);
    for (size_t list = 2; list < 6; list++) {
        json_t *array = json_array_get(json, list);
        while (json_array_size(array) <= HT_GOV_ACTIONS_MAX) {
            assert_int_equal(json_array_append(array, json_array_get(array, 0)), 0);
        }
    }
    char *text = json_dumps(json, 0);
    encode(w, text);
    free(text);
    json_decref(json);
    assert_int_equal(read(w, ht_buf_view(&w->data)), HT_ELIMIT);
    assert_string_equal(w->why.code, "proposal_too_large");
}

static void too_small_an_arena_is_no_memory(void **state) {
    struct world *w = *state;
    struct ht_arena small;
    encode(w, LOG_VALUES);
    ht_arena_init(&small, 8);
    assert_int_equal(ht_gov_proposal_read(&w->proposal, &small, ht_buf_view(&w->data), &w->why),
                     HT_ENOMEM);
    ht_arena_fini(&small);
}

/* --- ids --------------------------------------------------------------------------------------*/

static struct ht_gov_proposal one_action(void) {
    struct ht_gov_proposal out = {.action_count = 1, .description = ht_bytes_str("# Bravo one")};
    out.actions[0].signature = out.actions[0].calldata = ht_bytes_str("");
    out.description_hash =
        gov_hash("9fa1d708762d87b36d16de81865b1e27755fd00887380a88db5e22833368575d");
    return out;
}

static void an_id_changes_with_every_part_of_the_actions(void **state) {
    (void)state;
    struct ht_gov_proposal proposal = one_action();
    ht_u256 ids[5];
    assert_int_equal(ht_gov_proposal_hash(&ids[0], &proposal), HT_OK);
    proposal.actions[0].value = ht_u256_of(1);
    assert_int_equal(ht_gov_proposal_hash(&ids[1], &proposal), HT_OK);
    proposal.actions[0].target.b[0] = 1;
    assert_int_equal(ht_gov_proposal_hash(&ids[2], &proposal), HT_OK);
    proposal.actions[0].calldata = ht_bytes_str("a");
    assert_int_equal(ht_gov_proposal_hash(&ids[3], &proposal), HT_OK);
    proposal.description_hash.b[0] ^= 1;
    assert_int_equal(ht_gov_proposal_hash(&ids[4], &proposal), HT_OK);
    for (size_t i = 0; i < 5; i++) {
        for (size_t k = 0; k < i; k++) assert_false(ht_u256_equal(&ids[i], &ids[k]));
    }
}

static void a_timelock_id_has_the_governor_in_it_since_5(void **state) {
    (void)state;
    struct ht_gov_proposal proposal = one_action();
    ht_addr20 one = gov_account(1), other = gov_account(2);
    ht_hash32 ids[4];
    assert_int_equal(ht_gov_timelock_id(&ids[0], &proposal, &one, false), HT_OK);
    assert_int_equal(ht_gov_timelock_id(&ids[1], &proposal, &other, false), HT_OK);
    assert_int_equal(ht_gov_timelock_id(&ids[2], &proposal, &one, true), HT_OK);
    assert_int_equal(ht_gov_timelock_id(&ids[3], &proposal, &other, true), HT_OK);
    assert_false(ht_hash32_equal(&ids[0], &ids[1]));
    assert_false(ht_hash32_equal(&ids[0], &ids[2]));
    assert_true(ht_hash32_equal(&ids[2], &ids[3]));
}

static void only_a_whole_marker_at_the_end_restricts_who_may_submit(void **state) {
    (void)state;
    ht_addr20 who;
    assert_true(ht_gov_proposal_guard(
        &who, ht_bytes_str("x#proposer=0xAC000000000000000000000000000000000000fF")));
    assert_int_equal(who.b[0], 0xac);
    assert_int_equal(who.b[19], 0xff);
    assert_false(ht_gov_proposal_guard(
        &who, ht_bytes_str("#proposer=0xac000000000000000000000000000000000000ff ")));
    assert_false(ht_gov_proposal_guard(
        &who, ht_bytes_str("#proposer=0xac000000000000000000000000000000000000fg")));
    assert_false(ht_gov_proposal_guard(&who, ht_bytes_str("#proposer=0x")));
}

/* --- words ------------------------------------------------------------------------------------*/

static struct ht_gov_layout layout_of(enum ht_gov_kind kind) {
    struct ht_gov_layout layout = {.kind = kind};
    ht_hash32 base = gov_word(4);
    ht_gov_set_base(&layout, HT_GOV_PROPOSALS, &base);
    base = gov_word(9);
    if (kind != HT_GOV_BRAVO) ht_gov_set_base(&layout, HT_GOV_PROPOSAL_VOTES, &base);
    return layout;
}

static struct ht_gov_words words_of(const struct ht_gov_layout *layout) {
    struct ht_gov_words words;
    ht_u256 id = ht_u256_of(7);
    ht_gov_words_of(&words, layout, &id);
    return words;
}

static void put(struct ht_gov_words *words, size_t i, uint64_t value) {
    ht_hash32 word = gov_word(value);
    memcpy(words->value[i], word.b, 32);
}

static void wrong(const struct ht_gov_layout *layout, const struct ht_gov_words *words,
                  const char *text) {
    struct ht_gov_facts facts;
    struct ht_why why = {.code = "", .text = ""};
    assert_int_equal(ht_gov_words_read(&facts, layout, words, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "wrong_layout");
    if (strstr(why.text, text) == NULL) fail_msg("%s", why.text);
}

static void nothing_stored_is_no_proposal(void **state) {
    (void)state;
    for (int kind = HT_GOV_OZ5; kind <= HT_GOV_BRAVO; kind++) {
        struct ht_gov_layout layout = layout_of((enum ht_gov_kind)kind);
        struct ht_gov_words words = words_of(&layout);
        struct ht_gov_facts facts;
        struct ht_gov_state_input input = {.clock = 1000};
        assert_int_equal(ht_gov_words_read(&facts, &layout, &words, NULL), HT_OK);
        assert_false(facts.exists);
        assert_int_equal(ht_gov_state_of(&layout, &facts, &input), HT_GOV_NONE);
    }
}

static void words_of_5_are_unpacked(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_OZ5);
    ht_hash32 base = gov_word(12);
    ht_gov_set_base(&layout, HT_GOV_TIMELOCK_IDS, &base);
    ht_gov_set_base(&layout, HT_GOV_EXTENDED_DEADLINES, &base);
    ht_gov_set_base(&layout, HT_GOV_PROPOSAL_IDS, &base);
    struct ht_gov_words words = words_of(&layout);
    assert_int_equal(words.count, 8);
    struct ht_gov_facts facts;
    ht_addr20 proposer = gov_account(1);
    ht_hash32 core = gov_core5(&proposer, 0x010203040506, 100);
    memcpy(words.value[0], core.b, 32);
    words.value[0][1] = 1;
    put(&words, 1, 77);
    put(&words, 2, 10);
    put(&words, 3, 11);
    put(&words, 4, 12);
    put(&words, 5, 13);
    put(&words, 6, 0x010203040506 + 150);
    put(&words, 7, 3);
    assert_int_equal(ht_gov_words_read(&facts, &layout, &words, NULL), HT_OK);
    assert_true(facts.exists && facts.has_proposer && facts.is_executed && !facts.is_canceled);
    assert_memory_equal(facts.proposer.b, proposer.b, 20);
    assert_int_equal(facts.start, 0x010203040506);
    assert_int_equal(facts.end, 0x010203040506 + 100);
    assert_int_equal(facts.deadline, 0x010203040506 + 150);
    assert_int_equal(facts.eta, 77);
    assert_int_equal(facts.against.limb[0], 10);
    assert_int_equal(facts.in_favour.limb[0], 11);
    assert_int_equal(facts.abstain.limb[0], 12);
    assert_int_equal(facts.timelock_operation.b[31], 13);
    assert_int_equal(facts.proposal_count, 3);
}

static void words_that_5_cannot_have_are_a_wrong_layout(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_OZ5);
    ht_addr20 proposer = gov_account(1);
    ht_hash32 core = gov_core5(&proposer, 100, 100);
    struct ht_gov_words words = words_of(&layout);
    memcpy(words.value[0], core.b, 32);
    words.value[0][0] = 2;
    wrong(&layout, &words, "flag");
    words.value[0][0] = 0;
    words.value[1][25] = 1;
    wrong(&layout, &words, "time of execution");
    words.value[1][25] = 0;
    memset(words.value[0] + 12, 0, 20);
    wrong(&layout, &words, "no proposer");
    memset(words.value[0], 0, 32);
    words.value[0][31] = 1;
    wrong(&layout, &words, "no start");
    words.value[0][31] = 0;
    put(&words, 3, 5);
    wrong(&layout, &words, "votes without a start");
    words.count--;
    wrong(&layout, &words, "not the words");
}

static void words_of_4_are_in_three(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_OZ4);
    struct ht_gov_words words = words_of(&layout);
    struct ht_gov_facts facts;
    assert_int_equal(words.count, 6);
    put(&words, 0, 100);
    put(&words, 1, 200);
    put(&words, 2, 1 << 8);
    put(&words, 4, 9);
    assert_int_equal(ht_gov_words_read(&facts, &layout, &words, NULL), HT_OK);
    assert_true(facts.exists && !facts.has_proposer && facts.is_canceled && !facts.is_executed);
    assert_int_equal(facts.deadline, 200);
    assert_int_equal(facts.in_favour.limb[0], 9);
    words.value[0][23] = 5;
    assert_int_equal(ht_gov_words_read(&facts, &layout, &words, NULL), HT_OK);
    assert_true(facts.has_proposer);
    words.value[0][3] = 1;
    wrong(&layout, &words, "first word");
    words.value[0][3] = 0;
    words.value[1][8] = 1;
    wrong(&layout, &words, "its end");
    words.value[1][8] = 0;
    put(&words, 1, 99);
    wrong(&layout, &words, "end before its start");
}

static void flexible_tallies_share_a_word(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_OZ4);
    layout.counting = HT_GOV_FLEXIBLE;
    struct ht_gov_words words = words_of(&layout);
    struct ht_gov_facts facts;
    assert_int_equal(words.count, 5);
    put(&words, 0, 100);
    put(&words, 1, 200);
    put(&words, 3, 3);
    words.value[3][15] = 4;
    put(&words, 4, 5);
    assert_int_equal(ht_gov_words_read(&facts, &layout, &words, NULL), HT_OK);
    assert_int_equal(facts.against.limb[0], 3);
    assert_int_equal(facts.in_favour.limb[0], 4);
    assert_int_equal(facts.abstain.limb[0], 5);
    words.value[4][15] = 1;
    wrong(&layout, &words, "tallies");
}

static struct ht_gov_words bravo_words(const struct ht_gov_layout *layout) {
    static const uint64_t values[13] = {7, 0xac01, 0, 2, 2, 2, 2, 100, 200, 60, 50, 5, 0};
    struct ht_gov_words words = words_of(layout);
    assert_int_equal(words.count, 13);
    for (size_t i = 0; i < 13; i++) put(&words, i, values[i]);
    return words;
}

static void bravos_words_have_for_before_against(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_BRAVO);
    struct ht_gov_words words = bravo_words(&layout);
    struct ht_gov_facts facts;
    assert_int_equal(ht_gov_words_read(&facts, &layout, &words, NULL), HT_OK);
    assert_int_equal(facts.in_favour.limb[0], 60);
    assert_int_equal(facts.against.limb[0], 50);
    assert_int_equal(facts.action_count, 2);
    put(&words, 12, 1);
    assert_int_equal(ht_gov_words_read(&facts, &layout, &words, NULL), HT_OK);
    assert_true(facts.is_canceled && !facts.is_executed);
}

static void words_that_bravo_cannot_have_are_a_wrong_layout(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_BRAVO);
    struct ht_gov_words words = bravo_words(&layout);
    put(&words, 4, 3);
    wrong(&layout, &words, "equally long");
    words = bravo_words(&layout);
    put(&words, 8, 99);
    wrong(&layout, &words, "times");
    words = bravo_words(&layout);
    put(&words, 12, 2);
    wrong(&layout, &words, "flag");
    words = bravo_words(&layout);
    put(&words, 0, 0);
    wrong(&layout, &words, "no id");
    words = bravo_words(&layout);
    words.value[1][0] = 1;
    wrong(&layout, &words, "proposer");
}

static void a_counter_of_the_next_id_is_one_ahead(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_OZ5);
    ht_hash32 base = gov_word(20);
    ht_gov_set_base(&layout, HT_GOV_SEQUENCE, &base);
    struct ht_gov_words words = words_of(&layout);
    struct ht_gov_facts facts;
    put(&words, words.count - 1, 341);
    assert_int_equal(ht_gov_words_read(&facts, &layout, &words, NULL), HT_OK);
    assert_int_equal(facts.proposal_count, 341);
    layout.counts_next = true;
    assert_int_equal(ht_gov_words_read(&facts, &layout, &words, NULL), HT_OK);
    assert_int_equal(facts.proposal_count, 340);
    memset(words.value[words.count - 1], 0xff, 32);
    assert_int_equal(ht_gov_words_read(&facts, &layout, &words, NULL), HT_OK);
    assert_int_equal(facts.proposal_count, 0);
}

static void a_log_that_is_not_the_stored_proposal_is_told(void **state) {
    struct world *w = *state;
    struct ht_gov_layout layout = layout_of(HT_GOV_BRAVO);
    struct ht_gov_facts facts = {.exists = true, .has_proposer = true, .start = 100, .end = 200};
    encode(w, LOG_VALUES);
    assert_int_equal(read(w, ht_buf_view(&w->data)), HT_OK);
    facts.proposer = w->proposal.proposer;
    facts.action_count = 2;
    assert_int_equal(ht_gov_proposal_is(&w->proposal, &layout, &facts, &w->why), HT_OK);
    facts.action_count = 1;
    assert_int_equal(ht_gov_proposal_is(&w->proposal, &layout, &facts, &w->why), HT_EUNVERIFIED);
    assert_non_null(strstr(w->why.text, "number of actions"));
    facts.proposer.b[0] ^= 1;
    assert_int_equal(ht_gov_proposal_is(&w->proposal, &layout, &facts, &w->why), HT_EUNVERIFIED);
    assert_non_null(strstr(w->why.text, "proposer"));
    facts.end = 201;
    assert_int_equal(ht_gov_proposal_is(&w->proposal, &layout, &facts, &w->why), HT_EUNVERIFIED);
    assert_non_null(strstr(w->why.text, "times"));
    facts.exists = false;
    assert_int_equal(ht_gov_proposal_is(&w->proposal, &layout, &facts, &w->why), HT_EUNVERIFIED);
    assert_string_equal(w->why.code, "proposal_state");
}

/* --- states -----------------------------------------------------------------------------------*/

static struct ht_gov_facts passed(void) {
    return (struct ht_gov_facts){.exists = true,
                                 .start = 100,
                                 .end = 200,
                                 .deadline = 200,
                                 .against = ht_u256_of(50),
                                 .in_favour = ht_u256_of(60),
                                 .abstain = ht_u256_of(40)};
}

static void is(const struct ht_gov_layout *layout, const struct ht_gov_facts *facts,
               struct ht_gov_state_input input, enum ht_gov_state want) {
    enum ht_gov_state got = ht_gov_state_of(layout, facts, &input);
    assert_string_equal(ht_gov_state_name(got), ht_gov_state_name(want));
}

static struct ht_gov_state_input at(uint64_t clock, uint64_t quorum) {
    return (struct ht_gov_state_input){.clock = clock,
                                       .time_s = 5000000,
                                       .quorum = ht_u256_of(quorum),
                                       .quorum_counts_abstain = true};
}

static void voting_is_open_behind_the_start_and_up_to_the_deadline(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_OZ5);
    struct ht_gov_facts facts = passed();
    is(&layout, &facts, at(100, 0), HT_GOV_PENDING);
    is(&layout, &facts, at(101, 0), HT_GOV_ACTIVE);
    is(&layout, &facts, at(200, 0), HT_GOV_ACTIVE);
    is(&layout, &facts, at(201, 0), HT_GOV_SUCCEEDED);
    layout.is_window_early = true;
    is(&layout, &facts, at(99, 0), HT_GOV_PENDING);
    is(&layout, &facts, at(100, 0), HT_GOV_ACTIVE);
    is(&layout, &facts, at(199, 0), HT_GOV_ACTIVE);
    is(&layout, &facts, at(200, 0), HT_GOV_SUCCEEDED);
}

static void the_quorum_counts_what_its_mode_says(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_OZ5);
    struct ht_gov_facts facts = passed();
    is(&layout, &facts, at(201, 100), HT_GOV_SUCCEEDED);
    is(&layout, &facts, at(201, 101), HT_GOV_DEFEATED);
    struct ht_gov_state_input input = at(201, 61);
    input.quorum_counts_abstain = false;
    is(&layout, &facts, input, HT_GOV_DEFEATED);
    facts.against = facts.in_favour;
    is(&layout, &facts, at(201, 0), HT_GOV_DEFEATED);
}

static void flags_come_before_times(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_OZ5);
    struct ht_gov_facts facts = passed();
    facts.is_canceled = true;
    is(&layout, &facts, at(1, 0), HT_GOV_CANCELED);
    facts.is_executed = true;
    is(&layout, &facts, at(1, 0), HT_GOV_EXECUTED);
}

static void a_timelock_that_was_used_by_itself_is_seen(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_OZ5);
    struct ht_gov_facts facts = passed();
    struct ht_gov_state_input input = at(201, 0);
    layout.timelock = HT_GOV_TIMELOCK_CONTROLLER;
    is(&layout, &facts, input, HT_GOV_SUCCEEDED);
    facts.eta = 7000;
    is(&layout, &facts, input, HT_GOV_CANCELED);
    facts.timelock_operation.b[0] = 1;
    is(&layout, &facts, input, HT_GOV_QUEUED);
    input.has_timelock_stamp = true;
    is(&layout, &facts, input, HT_GOV_CANCELED);
    input.timelock_stamp = 1;
    is(&layout, &facts, input, HT_GOV_EXECUTED);
    input.timelock_stamp = 7000;
    is(&layout, &facts, input, HT_GOV_QUEUED);
}

static void in_4_the_operation_tells_that_it_is_queued(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_OZ4);
    struct ht_gov_facts facts = passed();
    struct ht_gov_state_input input = at(201, 0);
    layout.timelock = HT_GOV_TIMELOCK_CONTROLLER;
    is(&layout, &facts, input, HT_GOV_SUCCEEDED);
    facts.timelock_operation.b[0] = 1;
    input.has_timelock_stamp = true;
    input.timelock_stamp = 7000;
    is(&layout, &facts, input, HT_GOV_QUEUED);
    input.timelock_stamp = 0;
    is(&layout, &facts, input, HT_GOV_CANCELED);
}

static void with_compounds_timelock_a_proposal_expires(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_OZ5);
    struct ht_gov_facts facts = passed();
    struct ht_gov_state_input input = at(201, 0);
    layout.timelock = HT_GOV_TIMELOCK_COMPOUND;
    facts.eta = 1000;
    input.time_s = 1000 + 1209599;
    is(&layout, &facts, input, HT_GOV_QUEUED);
    input.time_s++;
    is(&layout, &facts, input, HT_GOV_EXPIRED);
    layout.kind = HT_GOV_OZ4;
    is(&layout, &facts, input, HT_GOV_EXPIRED);
}

static void bravos_order_is_its_own(void **state) {
    (void)state;
    struct ht_gov_layout layout = layout_of(HT_GOV_BRAVO);
    struct ht_gov_facts facts = passed();
    is(&layout, &facts, at(100, 0), HT_GOV_PENDING);
    is(&layout, &facts, at(200, 0), HT_GOV_ACTIVE);
    is(&layout, &facts, at(201, 60), HT_GOV_SUCCEEDED);
    is(&layout, &facts, at(201, 61), HT_GOV_DEFEATED);
    facts.eta = 5000000;
    is(&layout, &facts, at(201, 0), HT_GOV_QUEUED);
    facts.eta = 1;
    is(&layout, &facts, at(201, 0), HT_GOV_EXPIRED);
    facts.is_executed = true;
    is(&layout, &facts, at(201, 0), HT_GOV_EXECUTED);
    facts.is_canceled = true;
    is(&layout, &facts, at(201, 0), HT_GOV_CANCELED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_proposal_is_read_from_its_log),
        TEST(a_text_that_is_no_utf8_is_read_all_the_same),
        TEST(a_log_that_is_cut_off_anywhere_is_refused),
        TEST(lists_of_different_lengths_are_refused),
        TEST(an_offset_out_of_the_data_is_refused),
        TEST(an_end_before_its_start_is_refused),
        TEST(too_many_actions_are_a_limit),
        TEST(too_small_an_arena_is_no_memory),
        TEST(an_id_changes_with_every_part_of_the_actions),
        TEST(a_timelock_id_has_the_governor_in_it_since_5),
        TEST(only_a_whole_marker_at_the_end_restricts_who_may_submit),
        TEST(nothing_stored_is_no_proposal),
        TEST(words_of_5_are_unpacked),
        TEST(words_that_5_cannot_have_are_a_wrong_layout),
        TEST(words_of_4_are_in_three),
        TEST(flexible_tallies_share_a_word),
        TEST(bravos_words_have_for_before_against),
        TEST(words_that_bravo_cannot_have_are_a_wrong_layout),
        TEST(a_counter_of_the_next_id_is_one_ahead),
        TEST(a_log_that_is_not_the_stored_proposal_is_told),
        TEST(voting_is_open_behind_the_start_and_up_to_the_deadline),
        TEST(the_quorum_counts_what_its_mode_says),
        TEST(flags_come_before_times),
        TEST(a_timelock_that_was_used_by_itself_is_seen),
        TEST(in_4_the_operation_tells_that_it_is_queued),
        TEST(with_compounds_timelock_a_proposal_expires),
        TEST(bravos_order_is_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
