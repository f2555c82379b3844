/* The world of bundles. */
#include "tests/unit/bundle_world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "identity/did/did_ethr.h"
#include "identity/proof/bundle_read.h"
#include "node/codec/abi_word.h"

#define GENESIS_MS INT64_C(1699999000000)
#define TIME_S 1700000000U
static const char TEXT[] = "uint256 eventId,string name";
static const ht_addr20 EAS = {{0xea, 1}}, REGISTRY = {{0x5c, 2}}, DIDS = {{0xdd, 3}},
                       WALLET = {{0xca, 4}}, RECIPIENT = {{0x7e, 5}};
static const uint8_t CODE[] = {0x00};

static enum ht_err committee_of(void *user, struct ht_bls_committee **out, uint64_t period,
                                struct ht_why *why) {
    struct bundle_world *world = user;
    if (period != world->period) {
        return ht_fail(why, HT_ENOTFOUND, "committee_unknown", "that committee is not known");
    }
    *out = &world->committee;
    return HT_OK;
}

/* --- what is attested ------------------------------------------------------------------------- */

static void attest(struct bundle_world *world, enum bundle_world_what what) {
    struct ht_attestation *out = &world->onchain[what];
    ht_hash32 root;
    *out = (struct ht_attestation){.schema = world->schema,
                                   .time = TIME_S,
                                   .recipient = RECIPIENT,
                                   .attester = world->attester,
                                   .is_revocable = true,
                                   .data = ht_bytes_of(world->data, 128)};
    out->ref_uid.b[0] = (uint8_t)what;
    if (what == BUNDLE_WORLD_EXPIRED) out->expiration_time = TIME_S + 5;
    if (what == BUNDLE_WORLD_EARLY) out->time = BUNDLE_WORLD_NOW_S + 100;
    if (what == BUNDLE_WORLD_NO_SCHEMA) out->schema.b[0] ^= 1;
    if (what == BUNDLE_WORLD_PRIVATE) {
        struct ht_private_leaf *leaves;
        size_t count = 0, chosen = 1;
        assert_int_equal(
            ht_private_leaves_read(&leaves, &count, &world->arena, world->leaves, NULL), HT_OK);
        assert_int_equal(ht_private_root(&root, leaves, count, NULL), HT_OK);
        assert_int_equal(ht_private_disclose(&world->disclosure, leaves, count, &chosen, 1, NULL),
                         HT_OK);
        memcpy(world->data + 128, root.b, 32);
        out->schema = world->private_schema;
        out->data = ht_bytes_of(world->data + 128, 32);
    }
    ht_eas_uid(&out->uid, out, 0);
    if (what == BUNDLE_WORLD_REVOKED) out->revocation_time = TIME_S + 9;
}

static void sign(struct bundle_world *world, struct ht_eas_offchain *out,
                 const struct ht_attestation *attestation) {
    json_t *typed = NULL;
    ht_hash32 digest;
    *out = (struct ht_eas_offchain){.attestation = *attestation,
                                    .has_salt = true,
                                    .salt = {{0x5a}},
                                    .domain_version = "1.4.0",
                                    .chain_id = world->builder->network.chain_id,
                                    .contract = EAS};
    out->attestation.revocation_time = 0;
    assert_int_equal(ht_eas_offchain_typed(&typed, out, NULL), HT_OK);
    json_decref(typed);
    ht_eas_offchain_digest(&digest, out);
    assert_int_equal(ht_ecdsa_sign(&out->signature, &digest, world->secret, NULL), HT_OK);
}

static void fill(struct bundle_world *world) {
    uint8_t key[HT_SECP256K1_PUBKEY_SIZE];
    const ht_addr20 nobody = {{0}};
    memset(world->secret, 0x11, sizeof world->secret);
    assert_int_equal(ht_secp256k1_public_key(key, world->secret, NULL), HT_OK);
    ht_secp256k1_address(&world->attester, key);
    world->wallet = WALLET;
    ht_eas_schema_uid(&world->schema, ht_bytes_str(TEXT), &nobody, true);
    ht_eas_schema_uid(&world->private_schema, ht_bytes_str(HT_BUNDLE_PRIVATE_SCHEMA), &nobody,
                      true);
    /* abi.encode(7, "Ada") */
    world->data[31] = 7, world->data[63] = 0x40, world->data[95] = 3;
    memcpy(world->data + 96, "Ada", 3);
    world->leaves = json_array();
    for (int i = 0; i < (int)BUNDLE_WORLD_LEAVES; i++) {
        uint8_t salt[32] = {(uint8_t)(i + 1)};
        (void)json_array_append_new(
            world->leaves,
            json_pack("{s:s, s:s, s:s, s:o}", "type", "string", "name", i == 1 ? "city" : "street",
                      "value", i == 1 ? "Bern" : "x", "salt", ht_abi_hex(HT_BYTES(salt))));
    }
    for (unsigned i = 0; i < BUNDLE_WORLD_COUNT; i++) {
        attest(world, (enum bundle_world_what)i);
        sign(world, &world->offchain[i], &world->onchain[i]);
    }
}

/* --- the chain -------------------------------------------------------------------------------- */

static void put(struct ht_cw_account *account, const ht_hash32 *slot, const uint8_t *value) {
    ht_hash32 word;
    memcpy(word.b, value, sizeof word.b);
    if (!ht_hash32_is_zero(&word)) ht_cw_slot(account, slot, &word);
}

static void put_u64(uint8_t *end, uint64_t number) {
    for (size_t i = 0; i < 8; i++) end[-1 - (int)i] = (uint8_t)(number >> (8 * i));
}

/* Solidity's bytes: the head, and their own slots when there are more than 31. */
static void head_of(uint8_t out[static 32], ht_bytes bytes) {
    memset(out, 0, 32);
    if (bytes.n > 31) {
        put_u64(out + 32, 2 * bytes.n + 1);
    } else {
        memcpy(out, bytes.p, bytes.n);
        out[31] = (uint8_t)(2 * bytes.n);
    }
}

static void put_attestation(struct ht_cw_account *eas, const struct ht_attestation *attestation) {
    ht_hash32 slots[HT_EAS_SLOTS], slot;
    uint8_t values[HT_EAS_SLOTS][32] = {{0}};
    ht_eas_slots(slots, HT_EAS_1_4, &attestation->uid);
    memcpy(values[0], attestation->uid.b, 32);
    memcpy(values[1], attestation->schema.b, 32);
    put_u64(values[2] + 32, attestation->time);
    put_u64(values[2] + 24, attestation->expiration_time);
    put_u64(values[2] + 16, attestation->revocation_time);
    memcpy(values[3], attestation->ref_uid.b, 32);
    memcpy(values[4] + 12, attestation->recipient.b, 20);
    memcpy(values[5] + 12, attestation->attester.b, 20);
    values[5][11] = attestation->is_revocable;
    head_of(values[6], attestation->data);
    for (size_t i = 0; i < HT_EAS_SLOTS; i++) put(eas, &slots[i], values[i]);
    for (size_t i = 0; attestation->data.n > 31 && 32 * i < attestation->data.n; i++) {
        uint8_t piece[32] = {0};
        size_t left = attestation->data.n - 32 * i;
        memcpy(piece, attestation->data.p + 32 * i, left < 32 ? left : 32);
        ht_eas_data_slot(&slot, HT_EAS_1_4, &attestation->uid, i);
        put(eas, &slot, piece);
    }
}

static void put_schema(struct ht_cw_account *registry, const ht_hash32 *uid, const char *text) {
    ht_hash32 slots[HT_EAS_SCHEMA_SLOTS];
    uint8_t values[HT_EAS_SCHEMA_SLOTS][32] = {{0}};
    ht_eas_schema_slots(slots, uid);
    memcpy(values[0], uid->b, 32);
    values[1][11] = 1;
    head_of(values[2], ht_bytes_str(text));
    for (size_t i = 0; i < HT_EAS_SCHEMA_SLOTS; i++) put(registry, &slots[i], values[i]);
}

static void put_crowd(struct ht_cw_account *account, size_t count) {
    uint64_t random = 1;
    for (size_t i = 0; i < count; i++) {
        ht_hash32 both[2];
        ht_tm_random_fill(both[0].b, sizeof both, &random);
        both[1].b[0] |= 1;
        ht_cw_slot(account, &both[0], &both[1]);
    }
}

static void put_owners(struct ht_cw_account *dids) {
    const uint8_t changed[32] = {[31] = 9};
    uint8_t owner[32] = {[12] = 0x0f, [31] = 0x77};
    const ht_addr20 one = {{1}}, three = {{3}};
    ht_hash32 slot;
    ht_did_owner_slot(&slot, &one);
    put(dids, &slot, owner);
    ht_did_changed_slot(&slot, &one);
    put(dids, &slot, changed);
    ht_did_changed_slot(&slot, &three);
    put(dids, &slot, changed);
}

static void make_chain(struct bundle_world *world, size_t crowd) {
    const uint8_t revoked[32] = {[28] = 0x65, [29] = 0x53, [30] = 0xf1, [31] = 0x09};
    const struct ht_attestation *gone = &world->offchain[BUNDLE_WORLD_REVOKED].attestation;
    ht_hash32 slot;
    ht_cw_init(&world->chain);
    struct ht_cw_state *state = ht_cw_state(&world->chain);
    struct ht_cw_account *eas = ht_cw_account(state, &EAS, 1, 0);
    for (size_t i = 0; i < BUNDLE_WORLD_COUNT; i++) put_attestation(eas, &world->onchain[i]);
    ht_eas_revoked_slot(&slot, HT_EAS_1_4, &gone->attester, &gone->uid);
    put(eas, &slot, revoked);
    put_crowd(eas, crowd);
    struct ht_cw_account *registry = ht_cw_account(state, &REGISTRY, 1, 0);
    put_schema(registry, &world->schema, TEXT);
    put_schema(registry, &world->private_schema, HT_BUNDLE_PRIVATE_SCHEMA);
    put_crowd(registry, crowd);
    put_owners(ht_cw_account(state, &DIDS, 1, 0));
    ht_cw_code(ht_cw_account(state, &WALLET, 1, 5), ht_bytes_of(CODE, sizeof CODE));
    ht_cw_state_finish(state);
    world->block = ht_cw_add(&world->chain, NULL, 20, state, 0);
}

static void make_final(struct bundle_world *world) {
    const uint64_t start = 3 * ht_slots_per_period(&world->builder->network);
    const struct ht_lcb_plan plan = {.kind = HT_LC_FINALITY_UPDATE,
                                     .attested_slot = start + 20,
                                     .finalized_slot = start + 4,
                                     .has_finality = true,
                                     .block_hash = &world->block->verified.hash};
    world->update = ht_lcb_update(world->builder, &plan);
    world->period = 3;
    const struct ht_sync_committee *keys = &ht_lcb_committee(world->builder, 3)->keys;
    ht_bls_committee_init(&world->committee, keys->pubkeys[0],
                          world->builder->network.preset->sync_committee_size,
                          keys->aggregate_pubkey);
}

void bundle_world_open(struct bundle_world *world, bool is_mainnet, size_t crowd) {
    *world = (struct bundle_world){.period = 3};
    ht_arena_init(&world->arena, (size_t)1 << 20);
    world->builder =
        is_mainnet ? ht_lcb_new_mainnet(5, HT_ELECTRA) : ht_lcb_new_at(5, HT_ELECTRA, HT_ELECTRA);
    world->builder->network.genesis_time_ms = (uint64_t)GENESIS_MS;
    world->builder->network.slot_duration_ms = is_mainnet ? 100 : 6000;
    fill(world);
    make_chain(world, crowd);
    make_final(world);
    world->builder->network.contracts = (struct ht_network_contracts){
        .eas = EAS, .schema_registry = REGISTRY, .eas_version = "1.4.0", .did_registry = DIDS};
    world->judge = (struct ht_bundle_judge){
        .network = &world->builder->network,
        .now_ms = INT64_C(1000) * BUNDLE_WORLD_NOW_S,
        .committee = committee_of,
        .user = world,
    };
    ht_bundle_contracts_of(&world->judge.contracts, world->judge.network);
}

void bundle_world_close(struct bundle_world *world) {
    ht_cw_fini(&world->chain);
    ht_lcb_free(world->builder);
    free(world->update);
    json_decref(world->leaves);
    json_decref(world->disclosure);
    ht_arena_fini(&world->arena);
}

/* --- bundles ---------------------------------------------------------------------------------- */

/* The answer to eth_getProof in its two parts. */
static void prove(const struct bundle_world *world, json_t **account, json_t **storage,
                  const ht_addr20 *address, const ht_hash32 *slots, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(list, ht_abi_hex(HT_BYTES(slots[i].b)));
    }
    json_t *params = json_pack("[o, o, {s:o}]", ht_abi_hex(HT_BYTES(address->b)), list, "blockHash",
                               ht_abi_hex(HT_BYTES(world->block->verified.hash.b)));
    *account = ht_cw_answer(&world->chain, world->block, "eth_getProof", params);
    assert_non_null(*account);
    *storage = json_incref(json_object_get(*account, "storageProof"));
    (void)json_object_del(*account, "storageProof");
    json_decref(params);
}

/* A bundle of a claim, which is taken over, with the proof of its own contract. */
static json_t *bundle_of(struct bundle_world *world, json_t *claim, const ht_addr20 *address,
                         const ht_hash32 *slots, size_t count) {
    struct ht_buf rlp;
    struct ht_finality finality = {0};
    json_t *account, *storage;
    ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
    assert_int_equal(ht_exec_header_encode(&rlp, &world->block->verified.header), HT_OK);
    assert_int_equal(ht_finality_set(&finality, &world->builder->network, world->update,
                                     &world->block->verified.hash),
                     HT_OK);
    prove(world, &account, &storage, address, slots, count);
    json_t *out =
        json_pack("{s:i, s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "hearth_bundle", HT_BUNDLE_VERSION,
                  "network", ht_bundle_network_json(&world->builder->network), "made",
                  (json_int_t)BUNDLE_WORLD_NOW_S - 100, "claim", claim, "header",
                  ht_abi_hex(ht_buf_view(&rlp)), "account", account, "storage", storage, "finality",
                  ht_finality_json(&finality));
    assert_non_null(out);
    ht_finality_fini(&finality);
    ht_buf_fini(&rlp);
    return out;
}

static void add_schema(const struct bundle_world *world, json_t *bundle, const ht_hash32 *schema) {
    ht_hash32 slots[HT_EAS_SCHEMA_SLOTS];
    json_t *account, *storage;
    ht_eas_schema_slots(slots, schema);
    prove(world, &account, &storage, &REGISTRY, slots, HT_EAS_SCHEMA_SLOTS);
    assert_int_equal(
        json_object_set_new(bundle, "schema",
                            json_pack("{s:o, s:o}", "account", account, "storage", storage)),
        0);
}

json_t *bundle_world_onchain(struct bundle_world *world, enum bundle_world_what what) {
    const struct ht_attestation *attestation = &world->onchain[what];
    ht_hash32 slots[HT_EAS_SLOTS + 4];
    size_t more = attestation->data.n > 31 ? (attestation->data.n + 31) / 32 : 0;
    ht_eas_slots(slots, HT_EAS_1_4, &attestation->uid);
    for (size_t i = 0; i < more; i++) {
        ht_eas_data_slot(&slots[HT_EAS_SLOTS + i], HT_EAS_1_4, &attestation->uid, i);
    }
    json_t *claim = json_pack("{s:s, s:o, s:o}", "kind", "eas_onchain", "uid",
                              ht_abi_hex(HT_BYTES(attestation->uid.b)), "attestation",
                              ht_bundle_attestation_json(attestation));
    if (what == BUNDLE_WORLD_PRIVATE) json_object_set(claim, "disclosure", world->disclosure);
    json_t *out = bundle_of(world, claim, &EAS, slots, HT_EAS_SLOTS + more);
    add_schema(world, out, &attestation->schema);
    return out;
}

static json_t *package_bundle(struct bundle_world *world, const struct ht_eas_offchain *package) {
    const struct ht_attestation *attestation = &package->attestation;
    ht_hash32 slot;
    json_t *claim =
        json_pack("{s:s, s:o}", "kind", "eas_offchain", "package", ht_eas_offchain_json(package));
    ht_eas_revoked_slot(&slot, HT_EAS_1_4, &attestation->attester, &attestation->uid);
    json_t *out = bundle_of(world, claim, &EAS, &slot, 1);
    add_schema(world, out, &attestation->schema);
    return out;
}

json_t *bundle_world_offchain(struct bundle_world *world, enum bundle_world_what what) {
    json_t *out = package_bundle(world, &world->offchain[what]);
    if (what == BUNDLE_WORLD_PRIVATE) {
        json_object_set(json_object_get(out, "claim"), "disclosure", world->disclosure);
    }
    return out;
}

json_t *bundle_world_wallet(struct bundle_world *world) {
    struct ht_eas_offchain package;
    struct ht_attestation attestation = world->onchain[BUNDLE_WORLD_PLAIN];
    json_t *account, *storage;
    attestation.attester = world->wallet;
    sign(world, &package, &attestation);
    json_t *out = package_bundle(world, &package);
    prove(world, &account, &storage, &world->wallet, NULL, 0);
    json_decref(storage);
    json_object_set_new(out, "attester", account);
    return out;
}

json_t *bundle_world_owner(struct bundle_world *world, uint8_t identity) {
    const ht_addr20 address = {{identity}}, owner = {{0x0f, [19] = 0x77}};
    ht_hash32 slots[2];
    char did[96];
    json_t *hex = ht_abi_hex(HT_BYTES(address.b));
    (void)snprintf(did, sizeof did, "did:ethr:0x539:%s", json_string_value(hex));
    json_decref(hex);
    ht_did_owner_slot(&slots[0], &address);
    ht_did_changed_slot(&slots[1], &address);
    json_t *claim = json_pack("{s:s, s:s, s:o}", "kind", "did_ethr_owner", "did", did, "owner",
                              ht_abi_hex(identity == 1 ? HT_BYTES(owner.b) : HT_BYTES(address.b)));
    return bundle_of(world, claim, &DIDS, slots, 2);
}

json_t *bundle_world_storage(struct bundle_world *world) {
    ht_hash32 slots[2];
    uint8_t value[32] = {[12] = 0x0f, [31] = 0x77};
    const uint8_t zero[32] = {0};
    const ht_addr20 one = {{1}}, two = {{2}};
    ht_did_owner_slot(&slots[0], &one);
    ht_did_owner_slot(&slots[1], &two);
    json_t *claim =
        json_pack("{s:s, s:o, s:[{s:o, s:o}, {s:o, s:o}]}", "kind", "storage", "address",
                  ht_abi_hex(HT_BYTES(DIDS.b)), "values", "slot", ht_abi_hex(HT_BYTES(slots[0].b)),
                  "value", ht_abi_hex(HT_BYTES(value)), "slot", ht_abi_hex(HT_BYTES(slots[1].b)),
                  "value", ht_abi_hex(HT_BYTES(zero)));
    return bundle_of(world, claim, &DIDS, slots, 2);
}

json_t *bundle_world_absent(struct bundle_world *world) {
    const ht_hash32 uid = {{0x99}};
    ht_hash32 slots[HT_EAS_SLOTS];
    ht_eas_slots(slots, HT_EAS_1_4, &uid);
    json_t *claim =
        json_pack("{s:s, s:o}", "kind", "eas_onchain", "uid", ht_abi_hex(HT_BYTES(uid.b)));
    return bundle_of(world, claim, &EAS, slots, HT_EAS_SLOTS);
}
