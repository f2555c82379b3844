/* bundle_verify: a proof bundle of an attestation on chain, from its text to the outcome, with a
 * committee of 512 whose keys are decompressed already, against the bare check of the committee's
 * signature by itself. Contracts have so many slots that proofs are as deep as on mainnet, near
 * enough (5 nodes to a slot). */
#include "tests/bench/bench_identity_bundle.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "node/crypto/sha256.h"
#include "node/l1/consensus/types.h"
#include "tests/bench/bench.h"
#include "tests/unit/bundle_world.h"

#define CROWD 60000U
#define ROUNDS 101U
#define LIMIT_MS 3.0

static bool verify(const struct bundle_world *world, ht_bytes text) {
    json_t *bundle = NULL, *outcome = NULL;
    bool is_good = ht_json_parse(&bundle, text, HT_BUNDLE_TEXT_MAX, NULL) == HT_OK &&
                   ht_bundle_verify(&outcome, &world->judge, bundle, NULL) == HT_OK;
    const char *verdict = json_string_value(json_object_get(outcome, "verdict"));
    is_good = is_good && strcmp(verdict, "valid") == 0;
    json_decref(outcome);
    json_decref(bundle);
    return is_good;
}

/* What is signed: the root of the attested header under the domain. */
static bool verify_bare(struct bundle_world *world) {
    const struct ht_lc_update *update = &world->update->update;
    ht_hash32 root, domain;
    ht_ssz_hash_tree_root(&root, &ht_beacon_block_header_type, &update->attested_header.beacon);
    ht_sync_committee_domain(&domain, world->judge.network, update->signature_slot);
    ht_sha256_pair(&root, &root, &domain);
    return ht_bls_committee_verify(&world->committee, update->sync_aggregate.sync_committee_bits,
                                   &root, update->sync_aggregate.sync_committee_signature,
                                   NULL) == HT_OK;
}

static bool run(struct bundle_world *world, ht_bytes text) {
    static struct ht_bench_pair pair;
    char more[96];
    pair.count = 0;
    /* The first decompresses. */
    bool is_good = verify(world, text) && verify_bare(world);
    for (size_t i = 0; is_good && i < ROUNDS; i++) {
        double start_ms = ht_bench_now_ms();
        is_good = verify(world, text);
        double between_ms = ht_bench_now_ms();
        is_good = verify_bare(world) && is_good;
        ht_bench_add(&pair, between_ms - start_ms, ht_bench_now_ms() - between_ms);
    }
    if (!is_good) {
        fprintf(stderr, "bench identity: the bundle does not verify\n");
        return false;
    }
    (void)snprintf(more, sizeof more, ",\"limit_ms\":%.0f,\"is_within\":%s,\"bytes\":%zu", LIMIT_MS,
                   ht_bench_median_ours(&pair) < LIMIT_MS ? "true" : "false", text.n);
    ht_bench_print("bundle_verify", &pair, more);
    return true;
}

bool ht_bench_bundle(void) {
    static struct bundle_world world;
    struct ht_buf text;
    bundle_world_open(&world, true, CROWD);
    json_t *bundle = bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN);
    ht_buf_init(&text, HT_BUNDLE_TEXT_MAX);
    bool is_good = ht_json_dump_compact(&text, bundle) == HT_OK && run(&world, ht_buf_view(&text));
    ht_buf_fini(&text);
    json_decref(bundle);
    bundle_world_close(&world);
    return is_good;
}
