/* Networks and forks: digests, domains, periods and slots against published values. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/crypto/sha256.h"
#include "node/l1/consensus/network.h"

static const struct ht_network *net(const char *name) {
    const struct ht_network *network = ht_network_find(name);
    assert_non_null(network);
    return network;
}

static void networks_are_found_by_name(void **state) {
    (void)state;
    assert_int_equal(net("mainnet")->chain_id, 1);
    assert_int_equal(net("sepolia")->chain_id, 11155111);
    assert_int_equal(net("hoodi")->chain_id, 560048);
    assert_null(ht_network_find("goerli"));
    assert_null(ht_network_find(""));
    size_t n = 0;
    while (ht_network_at(n) != NULL) n++;
    assert_int_equal(n, 3);
    assert_null(ht_network_at(1000));
}

/* Digests of the forks from Altair to Fulu, then of the two blob parameter changes after it. */
struct digests {
    const char *network;
    const char *digest[8];
    uint64_t blob_epochs[2];
};

static const struct digests published[] = {
    {"mainnet",
     {"afcaaba0", "4a26c58b", "bba4da96", "6a95a1a9", "ad532ceb", "cc2c5cdb", "cb0d1acc",
      "8c9f62fe"},
     {412672, 419072}},
    {"sepolia",
     {"60725ca1", "36fa5013", "47eb72b3", "d31f6191", "14045b5a", "7e0d3447", "fd32b622",
      "74d01459"},
     {274176, 275712}},
    {"hoodi",
     {"5bc37505", "92579de7", "72bbc370", "d2f1997f", "82556a32", "e2abcca4", "ae9f70a0",
      "c6ecb76c"},
     {52480, 54016}},
};

static void assert_digest(const struct ht_network *network, uint64_t epoch, const char *expected) {
    uint8_t digest[4];
    char text[HT_HEX_SIZE(4)];
    ht_fork_digest(digest, network, epoch);
    ht_hex_write(text, HT_BYTES(digest));
    assert_string_equal(text + 2, expected);
}

/* Forks that share an epoch share the later one's digest: hoodi starts in Deneb. */
static bool is_active(const struct ht_network *network, unsigned fork) {
    uint64_t epoch = network->forks[fork].epoch;
    return ht_fork_at_epoch(network, epoch) == (enum ht_fork)fork;
}

static void fork_digests_are_the_published_ones(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        const struct ht_network *network = net(published[i].network);
        for (unsigned fork = HT_ALTAIR; fork <= HT_FULU; fork++) {
            if (!is_active(network, fork)) continue;
            assert_digest(network, network->forks[fork].epoch, published[i].digest[fork - 1]);
        }
        for (size_t k = 0; k < 2; k++) {
            uint64_t epoch = published[i].blob_epochs[k];
            assert_digest(network, epoch, published[i].digest[6 + k]);
            assert_digest(network, epoch - 1, published[i].digest[5 + k]);
        }
    }
}

static void digests_of_forks_that_were_never_active_follow_from_their_version(void **state) {
    (void)state;
    for (unsigned fork = HT_ALTAIR; fork <= HT_CAPELLA; fork++) {
        struct ht_network hoodi = *net("hoodi");
        for (unsigned later = fork + 1; later < HT_FORK_COUNT; later++) {
            hoodi.forks[later].epoch = HT_FAR_FUTURE_EPOCH;
        }
        assert_digest(&hoodi, 0, published[2].digest[fork - 1]);
    }
}

/* A network that is not built in, by its own versions and schedule. */
static void digests_of_a_custom_network_follow_from_its_schedule(void **state) {
    (void)state;
    const char *root = "9143aa7c615a7f7115e2b6aac319c03529df8242ae705fba9df39b79c59fa8b1";
    const char *digests[8] = {"c4f705e4", "69b7d974", "17e2dad3", "69ae0e99",
                              "019e21ad", "84e8fde5", "c7022d55", "32db3f09"};
    const uint64_t epochs[] = {0, 0, 0, 256, 29696, 115968, 165120, HT_FAR_FUTURE_EPOCH};
    struct ht_network holesky = {.name = "holesky",
                                 .preset = &ht_preset_mainnet,
                                 .max_blobs_per_block_electra = 9,
                                 .blob_schedule = {{166400, 15}, {167936, 21}},
                                 .blob_schedule_count = 2};
    assert_int_equal(ht_hex_read(holesky.genesis_validators_root.b, 32, ht_bytes_str(root)), HT_OK);
    for (unsigned fork = HT_PHASE0; fork < HT_FORK_COUNT; fork++) {
        holesky.forks[fork].epoch = epochs[fork];
        memcpy(holesky.forks[fork].version, (const uint8_t[4]){(uint8_t)(fork + 1), 1, 0x70, 0}, 4);
    }
    for (unsigned fork = HT_BELLATRIX; fork <= HT_FULU; fork++) {
        assert_digest(&holesky, epochs[fork], digests[fork - 1]);
    }
    assert_digest(&holesky, 166400, digests[6]);
    assert_digest(&holesky, 200000, digests[7]);
    holesky.forks[HT_BELLATRIX].epoch = 1;
    assert_digest(&holesky, 0, digests[0]);
}

static void digest_lasts_until_the_next_fork(void **state) {
    (void)state;
    assert_digest(net("mainnet"), 269567, "bba4da96");
    assert_digest(net("mainnet"), 269568, "6a95a1a9");
    assert_digest(net("mainnet"), 364031, "6a95a1a9");
    assert_digest(net("mainnet"), 364032, "ad532ceb");
}

static void fork_is_found_by_each_of_its_digests(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        const struct ht_network *network = net(published[i].network);
        for (unsigned k = 0; k < 8; k++) {
            unsigned expected = k < 5 ? k + 1 : HT_FULU;
            uint8_t digest[4];
            enum ht_fork fork = HT_PHASE0;
            assert_int_equal(ht_hex_read(digest, 4, ht_bytes_str(published[i].digest[k])), HT_OK);
            enum ht_err err = ht_fork_by_digest(&fork, network, digest);
            if (expected != HT_FULU && !is_active(network, expected)) {
                assert_int_equal(err, HT_ENOTFOUND);
                continue;
            }
            assert_int_equal(err, HT_OK);
            assert_int_equal(fork, expected);
        }
    }
}

static void digest_of_another_network_is_not_found(void **state) {
    (void)state;
    const uint8_t sepolia[4] = {0xd3, 0x1f, 0x61, 0x91}, none[4] = {0};
    enum ht_fork fork = HT_PHASE0;
    assert_int_equal(ht_fork_by_digest(&fork, net("mainnet"), sepolia), HT_ENOTFOUND);
    assert_int_equal(ht_fork_by_digest(&fork, net("mainnet"), none), HT_ENOTFOUND);
    assert_int_equal(ht_fork_by_digest(&fork, net("sepolia"), sepolia), HT_OK);
    assert_int_equal(fork, HT_DENEB);
}

static void forks_are_found_by_name(void **state) {
    (void)state;
    enum ht_fork fork = HT_PHASE0;
    assert_int_equal(ht_fork_by_name(&fork, "gloas"), HT_OK);
    assert_int_equal(fork, HT_GLOAS);
    assert_int_equal(ht_fork_by_name(&fork, "Gloas"), HT_ENOTFOUND);
    assert_int_equal(ht_fork_by_name(&fork, ""), HT_ENOTFOUND);
    assert_int_equal(fork, HT_GLOAS);
}

static void fork_starts_at_the_first_slot_of_its_epoch(void **state) {
    (void)state;
    const struct ht_network *mainnet = net("mainnet");
    assert_int_equal(ht_fork_at_slot(mainnet, 0), HT_PHASE0);
    assert_int_equal(ht_fork_at_slot(mainnet, 74240 * 32 - 1), HT_PHASE0);
    assert_int_equal(ht_fork_at_slot(mainnet, 74240 * 32), HT_ALTAIR);
    assert_int_equal(ht_fork_at_slot(mainnet, 11649023), HT_DENEB);
    assert_int_equal(ht_fork_at_slot(mainnet, 11649024), HT_ELECTRA);
    assert_int_equal(ht_fork_at_slot(mainnet, 411392 * 32), HT_FULU);
    assert_int_equal(ht_fork_at_epoch(mainnet, HT_FAR_FUTURE_EPOCH - 1), HT_FULU);
}

static void generalized_indices_are_those_of_the_specification(void **state) {
    (void)state;
    const uint32_t expected[HT_FORK_COUNT][5] = {
        {0, 0, 0, 0, 0},        {105, 54, 55, 0, 0},           {105, 54, 55, 0, 0},
        {105, 54, 55, 25, 412}, {105, 54, 55, 25, 812},        {169, 86, 87, 25, 812},
        {169, 86, 87, 25, 812}, {735, 2945, 2946, 2856, 2856},
    };
    for (unsigned fork = HT_PHASE0; fork < HT_FORK_COUNT; fork++) {
        const struct ht_fork_spec *spec = &ht_fork_specs[fork];
        assert_int_equal(spec->finalized_root_gindex, expected[fork][0]);
        assert_int_equal(spec->current_sync_committee_gindex, expected[fork][1]);
        assert_int_equal(spec->next_sync_committee_gindex, expected[fork][2]);
        assert_int_equal(spec->execution_gindex, expected[fork][3]);
        assert_int_equal(spec->block_hash_gindex, expected[fork][4]);
    }
}

static void periods_have_8192_slots_on_mainnet_and_64_in_the_minimal_preset(void **state) {
    (void)state;
    struct ht_network minimal = *net("mainnet");
    minimal.preset = &ht_preset_minimal;
    assert_int_equal(ht_slots_per_period(net("mainnet")), 8192);
    assert_int_equal(ht_slots_per_period(&minimal), 64);
    assert_int_equal(ht_period_at_slot(net("mainnet"), 8191), 0);
    assert_int_equal(ht_period_at_slot(net("mainnet"), 11403328), 1392);
    assert_int_equal(ht_period_at_slot(&minimal, 64), 1);
    assert_int_equal(ht_epoch_at_slot(net("mainnet"), 63), 1);
    assert_int_equal(ht_epoch_at_slot(&minimal, 63), 7);
}

/* The domain is its type and 28 bytes of the fork data root. */
static void assert_domain(const struct ht_network *network, uint64_t signature_slot,
                          const uint8_t version[static 4]) {
    ht_hash32 padded = {{0}}, root, domain;
    memcpy(padded.b, version, 4);
    ht_sha256_pair(&root, &padded, &network->genesis_validators_root);
    ht_sync_committee_domain(&domain, network, signature_slot);
    const uint8_t type[4] = {7, 0, 0, 0};
    assert_memory_equal(domain.b, type, 4);
    assert_memory_equal(domain.b + 4, root.b, 28);
}

static void domain_is_that_of_the_slot_before_the_signature(void **state) {
    (void)state;
    const struct ht_network *mainnet = net("mainnet");
    const uint8_t deneb[4] = {4, 0, 0, 0}, electra[4] = {5, 0, 0, 0}, genesis[4] = {0};
    assert_domain(mainnet, 11649023, deneb);
    assert_domain(mainnet, 11649024, deneb);
    assert_domain(mainnet, 11649025, electra);
    assert_domain(mainnet, 0, genesis);
    assert_domain(mainnet, 1, genesis);
    const uint8_t hoodi_deneb[4] = {0x50, 0, 0x09, 0x10};
    assert_domain(net("hoodi"), 1, hoodi_deneb);
}

/* The digest changes with the blob parameters, the version and so the domain do not. */
static void domain_ignores_blob_parameters(void **state) {
    (void)state;
    const uint8_t fulu[4] = {6, 0, 0, 0};
    assert_domain(net("mainnet"), 412672 * 32 + 1, fulu);
    assert_domain(net("mainnet"), 419072 * 32 + 1, fulu);
}

static void slots_and_wall_time_convert_both_ways(void **state) {
    (void)state;
    const struct ht_network *mainnet = net("mainnet");
    assert_true(ht_slot_start_ms(mainnet, 0) == 1606824023000);
    assert_true(ht_slot_start_ms(mainnet, 10) == 1606824143000);
    assert_int_equal(ht_slot_at_ms(mainnet, 1606824143000), 10);
    assert_int_equal(ht_slot_at_ms(mainnet, 1606824142999), 9);
    assert_int_equal(ht_slot_at_ms(mainnet, 1606824023000), 0);
    assert_int_equal(ht_slot_at_ms(mainnet, 5), 0);
    assert_int_equal(ht_slot_at_ms(mainnet, -5), 0);
}

static void slot_far_beyond_all_time_does_not_overflow(void **state) {
    (void)state;
    int64_t last = ht_slot_start_ms(net("mainnet"), UINT64_MAX);
    assert_true(last > 0);
    assert_true(last >= ht_slot_start_ms(net("mainnet"), UINT64_MAX / 12000));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_are_found_by_name),
        cmocka_unit_test(fork_digests_are_the_published_ones),
        cmocka_unit_test(digests_of_forks_that_were_never_active_follow_from_their_version),
        cmocka_unit_test(digests_of_a_custom_network_follow_from_its_schedule),
        cmocka_unit_test(digest_lasts_until_the_next_fork),
        cmocka_unit_test(fork_is_found_by_each_of_its_digests),
        cmocka_unit_test(digest_of_another_network_is_not_found),
        cmocka_unit_test(forks_are_found_by_name),
        cmocka_unit_test(fork_starts_at_the_first_slot_of_its_epoch),
        cmocka_unit_test(generalized_indices_are_those_of_the_specification),
        cmocka_unit_test(periods_have_8192_slots_on_mainnet_and_64_in_the_minimal_preset),
        cmocka_unit_test(domain_is_that_of_the_slot_before_the_signature),
        cmocka_unit_test(domain_ignores_blob_parameters),
        cmocka_unit_test(slots_and_wall_time_convert_both_ways),
        cmocka_unit_test(slot_far_beyond_all_time_does_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
