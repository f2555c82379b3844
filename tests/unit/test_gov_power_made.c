/* Whether a treasury's roles are proven to be all there are: from the making transaction on. */
#include "governance/power/power_made.h"

#include "governance/create/create.h"
#include "tests/unit/gov_world.h"

static const ht_addr20 SENDER = {{0x5e, [19] = 1}}, STRANGER = {{0x99}};
static uint8_t data[1 << 16];
static struct ht_gov_made made;
static struct ht_transaction tx;

/* A transaction that makes a community of that maker. */
static void make(enum ht_gov_ours part, enum ht_gov_electorate by) {
    struct ht_gov_wishes *wishes = calloc(1, sizeof *wishes);
    ht_addr20 maker;
    const struct ht_gov_contract *contract = &ht_gov_contracts[part];
    assert_true(contract->creation_len + 32 < sizeof data);
    memcpy(data, contract->creation, contract->creation_len);
    wishes->by = by;
    ht_gov_created_address(&maker, &SENDER, 7);
    ht_gov_made_by(&made, wishes, &maker);
    tx = (struct ht_transaction){
        .nonce = 7, .is_creation = true, .data = ht_bytes_of(data, contract->creation_len + 32)};
    free(wishes);
}

static bool is_by(void) {
    return ht_gov_power_made_by(&tx, &SENDER, &made.treasury, &made.governor);
}

static void each_maker_of_ours_is_recognised(void **state) {
    (void)state;
    make(HT_GOV_OURS_OF_TOKEN, HT_GOV_BY_TOKEN);
    assert_true(is_by());
    make(HT_GOV_OURS_OF_PEOPLE, HT_GOV_BY_PEOPLE);
    assert_true(is_by());
    make(HT_GOV_OURS_OF_HOLDERS, HT_GOV_BY_HOLDERS);
    assert_true(is_by());
}

static void another_sender_nonce_or_code_is_not_the_making(void **state) {
    (void)state;
    make(HT_GOV_OURS_OF_TOKEN, HT_GOV_BY_TOKEN);
    assert_false(ht_gov_power_made_by(&tx, &STRANGER, &made.treasury, &made.governor));
    tx.nonce = 8;
    assert_false(is_by());
    tx.nonce = 7;
    data[100] ^= 1;
    assert_false(is_by());
    data[100] ^= 1;
    tx.data.n = 20;
    assert_false(is_by());
    tx.data.n = ht_gov_contracts[HT_GOV_OURS_OF_TOKEN].creation_len;
    assert_true(is_by());
    tx.is_creation = false;
    assert_false(is_by());
}

static void a_treasury_of_elsewhere_is_not_made_by_it(void **state) {
    (void)state;
    make(HT_GOV_OURS_OF_TOKEN, HT_GOV_BY_TOKEN);
    assert_false(ht_gov_power_made_by(&tx, &SENDER, &STRANGER, &made.governor));
    assert_false(ht_gov_power_made_by(&tx, &SENDER, &made.treasury, &STRANGER));
    /* A maker of the other kind puts the governor elsewhere. */
    make(HT_GOV_OURS_OF_HOLDERS, HT_GOV_BY_TOKEN);
    assert_false(is_by());
}

/* --- actions ---------------------------------------------------------------------------------- */

static bool is_harmless(const ht_addr20 *target, const char *hex) {
    struct ht_gov_action action = {.target = *target};
    uint8_t bytes[8];
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned one;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &one), 1);
        bytes[i] = (uint8_t)one;
    }
    action.calldata = ht_bytes_of(bytes, n);
    return ht_gov_power_is_harmless(&action, &made.treasury, &made.governor);
}

static void only_what_cannot_change_roles_is_harmless(void **state) {
    (void)state;
    make(HT_GOV_OURS_OF_TOKEN, HT_GOV_BY_TOKEN);
    assert_true(is_harmless(&STRANGER, "2f2ff15d"));        /* grantRole, but of something else */
    assert_true(is_harmless(&made.treasury, ""));           /* money */
    assert_true(is_harmless(&made.treasury, "64d6235300")); /* updateDelay */
    assert_false(is_harmless(&made.treasury, "2f2ff15d"));  /* grantRole */
    assert_false(is_harmless(&made.treasury, "134008d3"));  /* execute */
    assert_false(is_harmless(&made.treasury, "64d623"));
    assert_true(is_harmless(&made.governor, "70b0f660"));  /* setVotingDelay */
    assert_false(is_harmless(&made.governor, "c28bc2fa")); /* relay: it speaks for itself */
    struct ht_gov_action named = {.target = made.treasury,
                                  .signature = ht_bytes_str("grantRole(bytes32,address)")};
    assert_false(ht_gov_power_is_harmless(&named, &made.treasury, &made.governor));
}

/* --- the whole -------------------------------------------------------------------------------- */

static unsigned answered;

static void on_made(struct ht_gov_power_made *read) {
    (void)read;
    answered++;
}

static struct ht_community *ours(struct ht_gov_power_made *read) {
    make(HT_GOV_OURS_OF_TOKEN, HT_GOV_BY_TOKEN);
    struct ht_community *community = gw_community(1);
    community->profile.address = made.governor;
    community->profile.timelock = made.treasury;
    community->profile.layout.has |= 1U << HT_GOV_PROPOSAL_IDS;
    community->profile.layout.base[HT_GOV_PROPOSAL_IDS].b[31] = 77;
    *read = (struct ht_gov_power_made){.community = community, .created = 5, .done = on_made};
    gw.body = (struct ht_body){.transactions = &tx, .senders = &SENDER, .count = 1};
    return community;
}

static void a_new_community_has_the_roles_of_its_making_and_no_others(void **state) {
    struct ht_gov_power_made read;
    (void)state;
    (void)ours(&read);
    ht_gov_power_made_start(&read);
    assert_true(read.is_made && read.is_complete);
}

static void without_the_making_transaction_nothing_is_complete(void **state) {
    struct ht_gov_power_made read;
    (void)state;
    (void)ours(&read);
    gw.body.count = 0;
    ht_gov_power_made_start(&read);
    assert_false(read.is_made || read.is_complete);
    assert_string_equal(read.why.code, "roles_open");
    assert_non_null(strstr(read.why.text, "the transaction that made it"));
}

static void a_block_that_nobody_has_proves_nothing(void **state) {
    struct ht_gov_power_made read;
    (void)state;
    (void)ours(&read);
    gw.block_err = HT_ENET;
    ht_gov_power_made_start(&read);
    assert_false(read.is_made || read.is_complete);
}

static void a_proposal_that_is_not_here_may_have_given_a_role(void **state) {
    const uint8_t one[32] = {[31] = 1};
    struct ht_gov_power_made read;
    (void)state;
    struct ht_community *community = ours(&read);
    gw_set(&community->profile.layout.base[HT_GOV_PROPOSAL_IDS], one);
    ht_gov_power_made_start(&read);
    assert_true(read.is_made);
    assert_false(read.is_complete);
    assert_non_null(strstr(read.why.text, "not all proposals are known"));
}

static void a_proposal_that_was_carried_out_must_have_its_text(void **state) {
    const uint8_t one[32] = {[31] = 1};
    const ht_u256 id = ht_u256_of(9);
    const struct ht_gov_seen seen = {.id = &id};
    struct ht_gov_power_made read;
    (void)state;
    struct ht_community *community = ours(&read);
    gw_set(&community->profile.layout.base[HT_GOV_PROPOSAL_IDS], one);
    struct ht_gov_item *item = ht_gov_item_see(community, &seen);
    item->provenance = HT_GOV_BY_PROOF;
    item->state = HT_GOV_EXECUTED;
    ht_gov_power_made_start(&read);
    assert_false(read.is_complete);
    assert_non_null(strstr(read.why.text, "carried out"));
    item->state = HT_GOV_DEFEATED;
    ht_gov_power_made_start(&read);
    assert_true(read.is_complete);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, gw_start, gw_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_maker_of_ours_is_recognised),
        cmocka_unit_test(another_sender_nonce_or_code_is_not_the_making),
        cmocka_unit_test(a_treasury_of_elsewhere_is_not_made_by_it),
        cmocka_unit_test(only_what_cannot_change_roles_is_harmless),
        TEST(a_new_community_has_the_roles_of_its_making_and_no_others),
        TEST(without_the_making_transaction_nothing_is_complete),
        TEST(a_block_that_nobody_has_proves_nothing),
        TEST(a_proposal_that_is_not_here_may_have_given_a_role),
        TEST(a_proposal_that_was_carried_out_must_have_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
