/* Links of keys and accounts: what an event must say, and what the chain has to say to it. The
 * digest and the signatures are ethers' (version 6). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "identity/keys/accounts.h"
#include "identity/trust/link_check.h"
#include "identity/trust/link_sql.h"
#include "identity/wallet/slots.h"
#include "node/base/hex.h"
#include "node/codec/json.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define CHAIN 1337U
#define ADDRESS "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"
#define OTHER "0x1563915e194d8cfba1943570603f7606a3115508"
#define DIGEST "0x449c0173823807634837b7d46b06eae89491d4bca6a2c71db5d419000bef9d3f"
/* By the account; by the other one, of the same; by the account, of key cd…, 100 s later. */
#define BY_ACCOUNT                                                       \
    "0xa12ed8ebd124f6cd743e5bc9612b2aedff549531dde1d41ba56a53db884bb426" \
    "7cb19d9dbfa3ffc915da51658c6b7c66e164a399d4f859e4e8a7869610c89d9e1b"
#define BY_OTHER                                                         \
    "0x2bd465d70cc52e52632ef4b8a9095d0e9d377d3cf09a6766b26c6cf5fec814ce" \
    "0524edb9a4bcd3e9196893bde31853bcd1937584d2fdecd1101dbc7959bdbf8d1b"
#define BY_ACCOUNT_FOR_CD                                                \
    "0x534530d500a4cbf32c59c95ba5414d5ae819d0019db9002480f56190e7085c03" \
    "0ecda3d1135549759f65da8b3cb035c48f1e29deb5d12f17bd085de26c175b521b"
#define ISSUED 1700000000U

static struct {
    struct ht_identity identity;
    struct ht_host host;
    struct ht_network network;
    uint64_t block;
    ht_addr20 owner;       /* in the registry's slot of every account; zero: none */
    enum ht_err chain_err; /* of the registry's slots */
    enum ht_err contract;  /* what a contract says */
    unsigned asked_contract, looked, saved, deleted, published;
} world;

/* --- the node --------------------------------------------------------------------------------- */

const struct ht_account_info *ht_accounts_find(const struct ht_identity *identity,
                                               const ht_addr20 *address) {
    (void)identity, (void)address;
    return NULL;
}

enum ht_err ht_writer_submit(struct ht_writer *writer, struct ht_write *write) {
    sqlite3 *db = (sqlite3 *)(void *)writer;
    if (db != NULL) write->err = write->write(write, db, &write->why);
    world.saved++;
    write->done(write);
    return HT_OK;
}

void ht_chain_read(struct ht_chain *chain, struct ht_header_read *read) {
    (void)chain;
    assert_int_equal(read->id.kind, HT_BLOCK_FINALIZED);
    read->err = HT_OK;
    read->header.header.number = world.block;
    read->header.header.timestamp = 12 * world.block;
    memset(read->header.hash.b, (int)world.block, 32);
    read->done(read);
}

void ht_header_read_fini(struct ht_header_read *read) {
    (void)read;
}

void ht_slots_read(struct ht_state *state, struct ht_slots_read *read) {
    (void)state;
    assert_int_equal(read->block.kind, HT_BLOCK_HASH);
    assert_int_equal(read->block.hash.b[0], world.block);
    world.looked++;
    read->err = world.chain_err;
    read->values = calloc(read->count, sizeof *read->values);
    assert_non_null(read->values);
    for (size_t i = 0; i < read->count; i++) memcpy(read->values[i] + 12, world.owner.b, 20);
    read->header.header.number = world.block;
    read->header.hash = read->block.hash;
    read->is_final = true;
    read->done(read);
}

void ht_slots_read_fini(struct ht_slots_read *read) {
    free(read->values);
}

void ht_signature_check(struct ht_runner *runner, struct ht_signature_check *check) {
    (void)runner;
    world.asked_contract++;
    check->err = world.contract;
    if (check->err != HT_OK) (void)ht_fail(&check->why, check->err, "fake", "no");
    check->done(check);
}

void ht_signature_check_fini(struct ht_signature_check *check) {
    (void)check;
}

static void publish(const struct ht_host *host, const char *topic) {
    (void)host;
    assert_string_equal(topic, "link.changed");
    world.published++;
}

static ht_addr20 address_of(const char *hex) {
    ht_addr20 address;
    assert_int_equal(ht_hex_read(address.b, 20, ht_bytes_str(hex)), HT_OK);
    return address;
}

static ht_hash32 key_of(int fill) {
    ht_hash32 key;
    memset(key.b, fill, 32);
    return key;
}

static int begin(void **state) {
    static const ht_addr20 nobody;
    (void)state;
    memset(&world, 0, sizeof world);
    world.network.chain_id = CHAIN;
    memset(world.network.contracts.did_registry.b, 0x77, 20);
    world.host = (struct ht_host){.network = &world.network,
                                  .publish = publish,
                                  .runner = (struct ht_runner *)(void *)&world};
    world.identity.host = &world.host;
    world.block = 5;
    world.owner = nobody;
    world.contract = HT_EUNVERIFIED;
    world.identity.links = calloc(1, sizeof *world.identity.links);
    if (world.identity.links == NULL) return -1;
    world.identity.links->identity = &world.identity;
    return 0;
}

static int end(void **state) {
    (void)state;
    ht_id_links_free(&world.identity);
    return 0;
}

/* --- events ----------------------------------------------------------------------------------- */

static struct ht_id_link_claim claim_of(int key, uint64_t issued) {
    return (struct ht_id_link_claim){
        .pubkey = key_of(key), .address = address_of(ADDRESS), .chain_id = CHAIN, .issued = issued};
}

struct made {
    struct ht_buf content;
    json_t *tags;
};

static struct made make(const struct ht_id_link_claim *claim, const char *signature) {
    struct made made;
    struct ht_buf bytes;
    struct ht_why why = {0};
    ht_buf_init(&made.content, HT_ID_LINK_CONTENT_MAX);
    ht_buf_init(&bytes, HT_ID_LINK_SIGNATURE_MAX);
    assert_int_equal(ht_hex_read_buf(&bytes, ht_bytes_str(signature)), HT_OK);
    assert_int_equal(ht_id_link_write(&made.content, &made.tags, claim, ht_buf_view(&bytes), &why),
                     HT_OK);
    ht_buf_fini(&bytes);
    return made;
}

static void drop(struct made *made) {
    ht_buf_fini(&made->content);
    json_decref(made->tags);
}

static void take(int key, int64_t created_at, uint64_t issued, const char *signature) {
    const struct ht_id_link_claim claim = claim_of(key, issued);
    struct made made = make(&claim, signature);
    struct ht_feed_event event = {.id = key_of((int)(created_at % 251)),
                                  .pubkey = claim.pubkey,
                                  .kind = HT_ID_LINK_KIND,
                                  .created_at = created_at,
                                  .content = ht_buf_view(&made.content),
                                  .tags = made.tags};
    ht_id_link_take(&world.identity, &event);
    drop(&made);
}

static void delete_link(int key, int author, int64_t created_at) {
    char hex[HT_HEX_SIZE(32)], a[160];
    const ht_hash32 whose = key_of(key);
    ht_hex_write(hex, HT_BYTES(whose.b));
    (void)snprintf(a, sizeof a, "30078:%s:" HT_ID_LINK_D_PREFIX ADDRESS, hex + 2);
    struct ht_feed_event event = {
        .pubkey = key_of(author), .kind = 5, .created_at = created_at, .tags = NULL};
    json_t *tags = json_pack("[[s,s]]", "a", a);
    event.tags = tags;
    ht_id_link_untake(&world.identity, &event);
    json_decref(tags);
}

static const struct ht_id_link *link_of(int key) {
    const ht_hash32 pubkey = key_of(key);
    const ht_addr20 address = address_of(ADDRESS);
    return ht_id_link_find(&world.identity, &pubkey, &address);
}

static void is(int key, enum ht_id_link_state state, const char *code) {
    const struct ht_id_link *link = link_of(key);
    assert_non_null(link);
    assert_string_equal(ht_id_link_state_name(link->state), ht_id_link_state_name(state));
    assert_string_equal(link->code, code);
}

static void at_the_next_finality(void) {
    world.block++;
    ht_id_links_check(&world.identity, false);
}

/* link_methods.c is the whole module's; its names are enough here. */
const char *ht_id_link_state_name(enum ht_id_link_state state) {
    static const char *const NAMES[] = {"unverified", "linked", "owner_changed", "not_signed"};
    return NAMES[state];
}

/* --- what is signed --------------------------------------------------------------------------- */

static void link_digest_is_what_others_sign(void **state) {
    const struct ht_id_link_claim claim = claim_of(0xab, ISSUED);
    ht_hash32 digest;
    char hex[HT_HEX_SIZE(32)];
    (void)state;
    assert_int_equal(ht_id_link_digest(&digest, &claim, NULL), HT_OK);
    ht_hex_write(hex, HT_BYTES(digest.b));
    assert_string_equal(hex, DIGEST);
}

static void link_did_has_no_chain_on_mainnet(void **state) {
    char did[HT_ID_LINK_DID_SIZE];
    const ht_addr20 address = address_of(ADDRESS);
    (void)state;
    ht_id_link_did(did, 1, &address);
    assert_string_equal(did, "did:ethr:" ADDRESS);
    ht_id_link_did(did, CHAIN, &address);
    assert_string_equal(did, "did:ethr:0x539:" ADDRESS);
}

/* Reads what make() made after something was done to it. */
static void refuses(enum ht_err expected, const char *code, const char *path, json_t *value,
                    const char *d, const char *i, int author) {
    struct ht_id_link_claim claim = claim_of(0xab, ISSUED), read;
    struct made made = make(&claim, BY_ACCOUNT);
    struct ht_buf signature, content;
    struct ht_why why = {.code = "none"};
    json_t *document = NULL;
    const ht_hash32 by = key_of(author);
    ht_buf_init(&signature, HT_ID_LINK_SIGNATURE_MAX);
    ht_buf_init(&content, HT_ID_LINK_CONTENT_MAX);
    assert_int_equal(ht_json_parse(&document, ht_buf_view(&made.content), 65536, NULL), HT_OK);
    if (path != NULL) {
        const json_t *at = document;
        char copy[64], *rest = copy, *part;
        (void)snprintf(copy, sizeof copy, "%s", path);
        char *last = strrchr(copy, '.');
        if (last != NULL) *last++ = '\0';
        while (last != NULL && (part = strsep(&rest, ".")) != NULL) at = json_object_get(at, part);
        (void)json_object_set_new((json_t *)(uintptr_t)at, last != NULL ? last : copy, value);
    }
    if (d != NULL) (void)json_array_set_new(json_array_get(made.tags, 0), 1, json_string(d));
    if (i != NULL) (void)json_array_set_new(json_array_get(made.tags, 1), 1, json_string(i));
    assert_int_equal(ht_json_dump_compact(&content, document), HT_OK);
    enum ht_err err =
        ht_id_link_read(&read, &signature, &by, CHAIN, made.tags, ht_buf_view(&content), &why);
    if (err != expected || strcmp(why.code, code) != 0)
        fail_msg("%s %s: %s", path != NULL ? path : "", why.code, why.text);
    json_decref(document);
    ht_buf_fini(&signature);
    ht_buf_fini(&content);
    drop(&made);
}

static void link_that_says_something_else_is_refused(void **state) {
    (void)state;
    refuses(HT_OK, "none", NULL, NULL, NULL, NULL, 0xab);
    refuses(HT_EUNVERIFIED, "link_other_key", NULL, NULL, NULL, NULL, 0xac);
    refuses(HT_EUNVERIFIED, "link_other_account", "typed.message.did",
            json_string("did:ethr:0x539:" OTHER), NULL, NULL, 0xab);
    refuses(HT_EUNVERIFIED, "link_other_account", NULL, NULL, HT_ID_LINK_D_PREFIX OTHER, NULL,
            0xab);
    refuses(HT_EUNVERIFIED, "link_other_account", NULL, NULL, NULL, "ethereum:1337:" OTHER, 0xab);
    refuses(HT_EUNVERIFIED, "link_other_chain", NULL, NULL, NULL, "ethereum:1:" ADDRESS, 0xab);
    refuses(HT_EINPUT, "link_tag", NULL, NULL, "hearth:ethereum:0x19E7", NULL, 0xab);
    refuses(HT_EINPUT, "link_tag", NULL, NULL, "hearth:other:" ADDRESS, NULL, 0xab);
    refuses(HT_EINPUT, "link_form", "typed.domain.name", json_string("Another"), NULL, NULL, 0xab);
    refuses(HT_EINPUT, "link_form", "typed.domain.chainId", json_integer(1), NULL, NULL, 0xab);
    refuses(HT_EINPUT, "link_form", "typed.primaryType", json_string("Permit"), NULL, NULL, 0xab);
    refuses(HT_EINPUT, "link_form", "typed.types.Permit", json_array(), NULL, NULL, 0xab);
    refuses(HT_EINPUT, "link_form", "typed.message.more", json_true(), NULL, NULL, 0xab);
    refuses(HT_EINPUT, "link_form", "typed.message.issued", json_integer(-1), NULL, NULL, 0xab);
    refuses(HT_EINPUT, "link_form", "typed", json_string(""), NULL, NULL, 0xab);
}

static void link_content_that_is_too_long_is_refused(void **state) {
    const struct ht_id_link_claim claim = claim_of(0xab, ISSUED);
    struct ht_id_link_claim read;
    struct made made = make(&claim, BY_ACCOUNT);
    static uint8_t text[HT_ID_LINK_CONTENT_MAX + 1];
    struct ht_buf signature;
    struct ht_why why = {.code = "none"};
    (void)state;
    memset(text, ' ', sizeof text);
    ht_buf_init(&signature, HT_ID_LINK_SIGNATURE_MAX);
    assert_int_equal(ht_id_link_read(&read, &signature, &claim.pubkey, CHAIN, made.tags,
                                     ht_bytes_of(text, sizeof text), &why),
                     HT_ELIMIT);
    assert_string_equal(why.code, "link_too_large");
    ht_buf_fini(&signature);
    drop(&made);
}

/* --- what the chain says ---------------------------------------------------------------------- */

static void link_by_the_account_itself_is_linked_as_of_a_final_block(void **state) {
    (void)state;
    take(0xab, 100, ISSUED, BY_ACCOUNT);
    is(0xab, HT_ID_LINK_LINKED, "");
    const struct ht_id_link *link = link_of(0xab);
    assert_int_equal(link->block, 5);
    assert_true(link->leads && link->is_chosen);
    assert_int_equal(world.asked_contract, 0);
    assert_ptr_equal(ht_id_link_of_key(&world.identity, &link->claim.pubkey), link);
    assert_ptr_equal(ht_id_link_of_address(&world.identity, &link->claim.address), link);
}

static void link_by_somebody_else_is_not_signed(void **state) {
    (void)state;
    take(0xab, 100, ISSUED, BY_OTHER);
    is(0xab, HT_ID_LINK_NOT_SIGNED, "bad_signature");
    assert_int_equal(world.asked_contract, 1);
    const ht_hash32 key = key_of(0xab);
    assert_null(ht_id_link_of_key(&world.identity, &key));
}

static void link_by_the_owner_that_the_registry_names_is_linked(void **state) {
    (void)state;
    world.owner = address_of(OTHER);
    take(0xab, 100, ISSUED, BY_OTHER);
    is(0xab, HT_ID_LINK_LINKED, "");
}

static void link_ends_when_the_account_gets_another_owner(void **state) {
    (void)state;
    take(0xab, 100, ISSUED, BY_ACCOUNT);
    world.owner = address_of(OTHER);
    is(0xab, HT_ID_LINK_LINKED, "");
    at_the_next_finality();
    is(0xab, HT_ID_LINK_OWNER_CHANGED, "owner_changed");
    assert_false(link_of(0xab)->leads);
    world.owner = address_of(ADDRESS);
    at_the_next_finality();
    is(0xab, HT_ID_LINK_LINKED, "");
}

static void link_of_a_former_owner_is_known_as_such_by_who_never_saw_it_hold(void **state) {
    (void)state;
    world.owner = address_of(OTHER);
    take(0xab, 100, ISSUED, BY_ACCOUNT);
    is(0xab, HT_ID_LINK_OWNER_CHANGED, "owner_changed");
}

static void link_of_a_contract_is_what_the_contract_says(void **state) {
    (void)state;
    world.contract = HT_OK;
    take(0xab, 100, ISSUED, "0x1234");
    is(0xab, HT_ID_LINK_LINKED, "");
    world.contract = HT_ENET;
    at_the_next_finality();
    is(0xab, HT_ID_LINK_UNVERIFIED, "fake");
    world.contract = HT_EUNVERIFIED;
    at_the_next_finality();
    is(0xab, HT_ID_LINK_OWNER_CHANGED, "owner_changed");
}

static void link_that_nobody_could_look_at_is_unverified(void **state) {
    (void)state;
    world.chain_err = HT_ENET;
    take(0xab, 100, ISSUED, BY_ACCOUNT);
    is(0xab, HT_ID_LINK_UNVERIFIED, "");
    assert_false(link_of(0xab)->leads);
    world.chain_err = HT_OK;
    ht_id_links_check(&world.identity, false);
    is(0xab, HT_ID_LINK_LINKED, "");
}

static void link_is_looked_at_once_for_each_final_block(void **state) {
    (void)state;
    take(0xab, 100, ISSUED, BY_ACCOUNT);
    unsigned before = world.looked;
    ht_id_links_check(&world.identity, false);
    assert_int_equal(world.looked, before);
    at_the_next_finality();
    assert_int_equal(world.looked, before + 1);
}

/* --- which counts ----------------------------------------------------------------------------- */

static void link_of_an_account_that_is_newest_counts(void **state) {
    (void)state;
    const ht_addr20 address = address_of(ADDRESS);
    take(0xab, 100, ISSUED, BY_ACCOUNT);
    take(0xcd, 200, ISSUED + 100, BY_ACCOUNT_FOR_CD);
    is(0xab, HT_ID_LINK_LINKED, "");
    is(0xcd, HT_ID_LINK_LINKED, "");
    assert_ptr_equal(ht_id_link_of_address(&world.identity, &address), link_of(0xcd));
    const ht_hash32 first = key_of(0xab);
    assert_null(ht_id_link_of_key(&world.identity, &first));
    delete_link(0xcd, 0xcd, 300);
    assert_ptr_equal(ht_id_link_of_address(&world.identity, &address), link_of(0xab));
}

static void link_that_is_newer_and_no_good_replaces_one_that_holds(void **state) {
    (void)state;
    take(0xab, 100, ISSUED, BY_ACCOUNT);
    take(0xab, 90, ISSUED, BY_OTHER);
    is(0xab, HT_ID_LINK_LINKED, "");
    take(0xab, 110, ISSUED, BY_OTHER);
    is(0xab, HT_ID_LINK_NOT_SIGNED, "bad_signature");
    assert_int_equal(ht_id_links_count(&world.identity), 1);
}

static void link_is_ended_by_its_own_key_alone(void **state) {
    (void)state;
    take(0xab, 100, ISSUED, BY_ACCOUNT);
    delete_link(0xab, 0xcd, 200);
    delete_link(0xab, 0xab, 99);
    assert_non_null(link_of(0xab));
    delete_link(0xab, 0xab, 100);
    assert_null(link_of(0xab));
}

/* --- the disk --------------------------------------------------------------------------------- */

static void link_is_there_again_after_a_restart(void **state) {
    sqlite3 *db;
    struct ht_why why = {0};
    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, ht_id_link_schema_sql, NULL, NULL, NULL), SQLITE_OK);
    world.host.writer = (struct ht_writer *)(void *)db;
    take(0xab, 100, ISSUED, BY_ACCOUNT);
    take(0xcd, 200, ISSUED + 100, BY_ACCOUNT_FOR_CD);
    delete_link(0xcd, 0xcd, 300);
    ht_id_links_free(&world.identity);
    assert_int_equal(ht_id_links_new(&world.identity, db, &why), HT_OK);
    assert_int_equal(ht_id_links_count(&world.identity), 1);
    is(0xab, HT_ID_LINK_LINKED, "");
    const struct ht_id_link *link = link_of(0xab);
    assert_true(link->leads && link->was_linked && link->has_signer);
    assert_int_equal(link->signature.n, 65);
    assert_int_equal(link->block, 5);
    world.owner = address_of(OTHER);
    at_the_next_finality();
    is(0xab, HT_ID_LINK_OWNER_CHANGED, "owner_changed");
    world.host.writer = NULL;
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(link_digest_is_what_others_sign),
        TEST(link_did_has_no_chain_on_mainnet),
        TEST(link_that_says_something_else_is_refused),
        TEST(link_content_that_is_too_long_is_refused),
        TEST(link_by_the_account_itself_is_linked_as_of_a_final_block),
        TEST(link_by_somebody_else_is_not_signed),
        TEST(link_by_the_owner_that_the_registry_names_is_linked),
        TEST(link_ends_when_the_account_gets_another_owner),
        TEST(link_of_a_former_owner_is_known_as_such_by_who_never_saw_it_hold),
        TEST(link_of_a_contract_is_what_the_contract_says),
        TEST(link_that_nobody_could_look_at_is_unverified),
        TEST(link_is_looked_at_once_for_each_final_block),
        TEST(link_of_an_account_that_is_newest_counts),
        TEST(link_that_is_newer_and_no_good_replaces_one_that_holds),
        TEST(link_is_ended_by_its_own_key_alone),
        TEST(link_is_there_again_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
