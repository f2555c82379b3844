/* Recognising our own contracts: immutables masked, all else byte for byte. */
#include "tests/unit/gov_contracts.h"

struct world {
    struct evm_bench bench;
    struct ht_gov_wishes wishes;
    struct ht_gov_made made;
};

static int set_up(void **state) {
    static struct world world;
    uint64_t gas;
    evm_bench_init(&world.bench, HT_EVM_OSAKA);
    world.wishes = gov_wishes(GOV_PEOPLE);
    world.made = gov_make(&world.bench, &gas, &world.wishes);
    *state = &world;
    return 0;
}

static int tear_down(void **state) {
    struct world *world = *state;
    evm_bench_fini(&world->bench);
    return 0;
}

static void every_part_that_stands_in_the_state_is_known_for_what_it_is(void **state) {
    struct world *w = *state;
    const struct {
        ht_addr20 address;
        enum ht_gov_ours part;
    } parts[] = {{w->made.treasury, HT_GOV_OURS_TREASURY},
                 {w->made.votes, HT_GOV_OURS_PEOPLE},
                 {w->made.governor, HT_GOV_OURS_GOVERNOR},
                 {w->made.maker, HT_GOV_OURS_OF_TOKEN}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        enum ht_gov_ours part = HT_GOV_OURS_COUNT;
        ht_bytes code = gov_code(&w->bench, &parts[i].address);
        assert_ptr_equal(ht_gov_code_ours(&part, code), &ht_gov_contracts[parts[i].part]);
        assert_int_equal(part, parts[i].part);
    }
}

static void a_byte_that_was_changed_makes_it_nobodys(void **state) {
    struct world *w = *state;
    static uint8_t copy[24576];
    ht_bytes code = gov_code(&w->bench, &w->made.governor);
    for (size_t at = 0; at < code.n; at += 97) {
        memcpy(copy, code.p, code.n);
        copy[at] ^= 1;
        bool is_ours = ht_gov_code_ours(NULL, ht_bytes_of(copy, code.n)) != NULL;
        const struct ht_gov_contract *governor = &ht_gov_contracts[HT_GOV_OURS_GOVERNOR];
        bool is_single = false; /* an immutable at one place only may be anything */
        for (size_t i = 0; i < governor->immutable_count; i++) {
            const struct ht_gov_immutable *one = &governor->immutables[i];
            is_single |= one->count == 1 && at >= one->at[0] && at < one->at[0] + 32U;
        }
        assert_int_equal(is_ours, is_single);
    }
    assert_null(ht_gov_code_ours(NULL, ht_bytes_of(code.p, code.n - 1)));
    assert_null(ht_gov_code_ours(NULL, ht_bytes_of(NULL, 0)));
}

static void an_immutable_that_differs_between_its_places_is_not_ours(void **state) {
    struct world *w = *state;
    static uint8_t copy[24576];
    ht_bytes code = gov_code(&w->bench, &w->made.governor);
    const struct ht_gov_contract *governor = &ht_gov_contracts[HT_GOV_OURS_GOVERNOR];
    unsigned tried = 0;
    for (size_t i = 0; i < governor->immutable_count; i++) {
        const struct ht_gov_immutable *one = &governor->immutables[i];
        if (one->count < 2) continue;
        memcpy(copy, code.p, code.n);
        copy[one->at[1] + 31] ^= 1;
        assert_null(ht_gov_code_ours(NULL, ht_bytes_of(copy, code.n)));
        for (size_t k = 0; k < one->count; k++) copy[one->at[k] + 31] = 7;
        assert_non_null(ht_gov_code_ours(NULL, ht_bytes_of(copy, code.n)));
        tried++;
    }
    assert_true(tried >= 1);
}

static void immutables_are_read_by_name(void **state) {
    struct world *w = *state;
    ht_addr20 found;
    uint8_t word[32];
    ht_bytes governor = gov_code(&w->bench, &w->made.governor);
    ht_bytes votes = gov_code(&w->bench, &w->made.votes);
    const struct ht_gov_contract *contract = ht_gov_code_ours(NULL, governor);
    assert_true(ht_gov_code_address(&found, contract, governor, "_token"));
    assert_memory_equal(&found, &w->made.votes, sizeof found);
    assert_false(ht_gov_code_address(&found, contract, governor, "_nothing"));
    assert_false(ht_gov_code_address(&found, contract, governor, "_hashedName"));
    contract = ht_gov_code_ours(NULL, votes);
    assert_true(ht_gov_code_immutable(word, contract, votes, "schema"));
    assert_memory_equal(word, w->wishes.schema.b, sizeof word);
    assert_true(ht_gov_code_address(&found, contract, votes, "treasury"));
    assert_memory_equal(&found, &w->made.treasury, sizeof found);
}

static void the_clock_of_votes_is_told_by_their_code(void **state) {
    struct world *w = *state;
    struct ht_gov_token_layout layout;
    ht_bytes votes = gov_code(&w->bench, &w->made.votes);
    assert_true(ht_gov_code_token_layout(&layout, &ht_gov_contracts[HT_GOV_OURS_PEOPLE], votes));
    assert_int_equal(layout.kind, HT_GOV_TOKEN_VOTES5);
    assert_int_equal(layout.clock, HT_GOV_TIME);
    assert_false(ht_gov_code_token_layout(&layout, &ht_gov_contracts[HT_GOV_OURS_GOVERNOR],
                                          gov_code(&w->bench, &w->made.governor)));
}

static void the_compilers_slots_hold_what_was_wished(void **state) {
    struct world *w = *state;
    struct ht_gov_layout layout;
    ht_gov_code_layout(&layout, HT_GOV_TIME);
    assert_int_equal(layout.kind, HT_GOV_OZ5);
    assert_int_equal(layout.counting, HT_GOV_FRACTIONAL);
    assert_int_equal(layout.clock, HT_GOV_TIME);
    ht_u256 word = gov_slot(&w->bench, &w->made.governor, &layout.base[HT_GOV_THRESHOLD]);
    assert_int_equal(word.limb[0], 1);
    word = gov_slot(&w->bench, &w->made.governor, &layout.base[HT_GOV_SETTINGS]);
    assert_int_equal(word.limb[0] & 0xffffffffffffU, 1);
    assert_int_equal(word.limb[0] >> 48 | (word.limb[1] & 0xffff) << 16, 40);
    word = gov_slot(&w->bench, &w->made.governor, &layout.base[HT_GOV_TIMELOCK]);
    uint8_t bytes[32];
    ht_u256_to_be(bytes, &word);
    assert_memory_equal(bytes + 12, w->made.treasury.b, 20);
    const struct ht_gov_contract *treasury = &ht_gov_contracts[HT_GOV_OURS_TREASURY];
    word = gov_slot(&w->bench, &w->made.treasury, &treasury->own[HT_GOV_TREASURY_MIN_DELAY]);
    assert_int_equal(word.limb[0], 2);
}

static void only_the_treasury_administers_itself_and_only_the_governor_proposes(void **state) {
    struct world *w = *state;
    static const ht_addr20 anyone;
    static const ht_hash32 admin;
    static const char *const names[] = {"PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE"};
    const ht_addr20 *const accounts[] = {&w->made.treasury, &w->made.governor, &anyone,
                                         &w->made.maker, &w->made.votes};
    static const uint64_t expected[4][5] = {
        {1, 0, 0, 0, 0}, {0, 1, 0, 0, 0}, {0, 1, 0, 0, 0}, {0, 0, 1, 0, 0}};
    for (unsigned role = 0; role < 4; role++) {
        ht_hash32 id = admin;
        if (role > 0) ht_keccak256(&id, ht_bytes_str(names[role - 1]));
        for (unsigned i = 0; i < 5; i++) {
            ht_hash32 slot;
            ht_gov_code_slot_role(&slot, &id, accounts[i]);
            ht_u256 word = gov_slot(&w->bench, &w->made.treasury, &slot);
            assert_int_equal(word.limb[0], expected[role][i]);
        }
    }
}

static void attesters_stand_in_their_slots(void **state) {
    struct world *w = *state;
    ht_hash32 slot;
    ht_addr20 nobody = evm_address(0xa8);
    ht_gov_code_slot_attester(&slot, &w->wishes.attesters[0]);
    assert_int_equal(gov_slot(&w->bench, &w->made.votes, &slot).limb[0], 1);
    ht_gov_code_slot_attester(&slot, &nobody);
    assert_int_equal(gov_slot(&w->bench, &w->made.votes, &slot).limb[0], 0);
    ht_gov_code_slot_person(&slot, &nobody);
    assert_int_equal(gov_slot(&w->bench, &w->made.votes, &slot).limb[0], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_that_stands_in_the_state_is_known_for_what_it_is),
        cmocka_unit_test(a_byte_that_was_changed_makes_it_nobodys),
        cmocka_unit_test(an_immutable_that_differs_between_its_places_is_not_ours),
        cmocka_unit_test(immutables_are_read_by_name),
        cmocka_unit_test(the_clock_of_votes_is_told_by_their_code),
        cmocka_unit_test(the_compilers_slots_hold_what_was_wished),
        cmocka_unit_test(only_the_treasury_administers_itself_and_only_the_governor_proposes),
        cmocka_unit_test(attesters_stand_in_their_slots),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
