/* Off-chain attestations: read from the SDK's forms, verified, made and read back. The packages
 * here were signed by eas-sdk 2.10.0. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <zlib.h>

#include "identity/eas/offchain_form.h"
#include "identity/eas/offchain_pack.h"
#include "identity/eas/offchain_write.h"
#include "node/codec/base64.h"
#include "node/codec/eip712.h"

#define ARENA_MAX ((size_t)1 << 20)
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ONES "111111111111111111111111111111111111111111111111111111111111111111"
#define SCHEMA "0xa91efd13169e3bceace525b23b7f968b3cc611248271e35f04c5c917311fc7f7"
#define SIGNER "0x50329d98ef22Db6fd6b9e6EA3209a26aF9737E76"
#define RECIPIENT "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
#define NOBODY "0x0000000000000000000000000000000000000000"
#define SALT "0xa05e334153147e75f3f416139b5109d1179cb56fef6a4ecb4c4cbc92a7c37b70"
#define DOMAIN                                                                         \
    "\"domain\":{\"name\":\"EAS Attestation\",\"version\":\"0.26\",\"chainId\":\"1\"," \
    "\"verifyingContract\":\"0xA1207F3BBa224E2c9c3c6D5aF63D0eb1582Ce587\"}"
#define MEMBERS                                                                                  \
    "{\"name\":\"schema\",\"type\":\"bytes32\"},{\"name\":\"recipient\",\"type\":\"address\"},"  \
    "{\"name\":\"time\",\"type\":\"uint64\"},{\"name\":\"expirationTime\",\"type\":\"uint64\"}," \
    "{\"name\":\"revocable\",\"type\":\"bool\"},{\"name\":\"refUID\",\"type\":\"bytes32\"},"     \
    "{\"name\":\"data\",\"type\":\"bytes\"}"
#define MESSAGE(version, recipient, more)                                                          \
    "\"message\":{\"version\":" version ",\"schema\":\"" SCHEMA "\",\"recipient\":\"" recipient    \
    "\",\"time\":\"1700000000\",\"expirationTime\":\"0\",\"revocable\":true,\"refUID\":\"0x" ZEROS \
    "\",\"data\":\"0x" ONES "\"" more "}"
#define V2_R "0x6ac1722851b9647644138fa9742a12de0cc47f6b6f6482e8ad73c58b06e149cc"
#define V2_S "0x448713f6f916a9341b04491201c404699956d8ad070ccb02965efdcf2c003b6a"
#define V2_UID "0x77f71478c9f4cbea41beddf75a5223b348aed5d399f9fa65512b66152ab34b26"

static const char V2[] =
    "{\"sig\":{\"version\":2,\"uid\":\"" V2_UID "\"," DOMAIN ",\"primaryType\":\"Attest\"," MESSAGE(
        "2", RECIPIENT,
        ",\"salt\":\"" SALT
        "\"") ",\"types\":{\"Attest\":[{\"name\":\"version\",\"type\":\"uint16\"}," MEMBERS
              ",{\"name\":\"salt\",\"type\":\"bytes32\"}]},\"signature\":{\"v\":27,\"r\":\"" V2_R
              "\",\"s\":\"" V2_S "\"}},\"signer\":\"" SIGNER "\"}";

static const char V1[] =
    "{\"sig\":{\"version\":1,\"uid\":"
    "\"0x4823f2344dba3c3b30ddca3523a1870662fdcdf2e115aafd3f392f30efb4ecf6\"," DOMAIN
    ",\"primaryType\":\"Attest\"," MESSAGE(
        "1", NOBODY,
        "") ",\"types\":{\"Attest\":[{\"name\":\"version\",\"type\":\"uint16\"}," MEMBERS
            "]},\"signature\":{\"v\":27,"
            "\"r\":\"0xdef699be448cef9b327c225c54c945ec7bae284ddea7a5860bb3bcc6f2550d14\","
            "\"s\":\"0x1b3b270d3d9c5918d59103be658262fdf678aadc27466f4611aaca40aca9babf\"}},"
            "\"signer\":\"" SIGNER "\"}";

/* As its first versions had it: the signature beside the rest, no version. */
static const char V0[] =
    "{\"sig\":{\"uid\":\"0x0dd09cbcb463375c7196fd47c2e4d1a7b5815bf13f09e0809c86b645402b7223\"," DOMAIN
    ",\"primaryType\":\"Attestation\"," MESSAGE(
        "0", RECIPIENT,
        "") ",\"types\":{\"Attestation\":[" MEMBERS "]},\"v\":27,"
            "\"r\":\"0x83aeec83e3a8816a7313bf9ef84048e9239ab343fd96a026207315111bd5ed22\","
            "\"s\":\"0x368bad248e0e69bdd4b738026f2073e03b2128b41987c73b04cbe52ef96fc17c\"},"
            "\"signer\":\"" SIGNER "\"}";

static const char V2_URL[] =
    "https://easscan.example/offchain/url/#attestation="
    "eNqlkcuNHDEMRHPpc8Pgn%2BJxZqcnCcMHiaICMGzA4a%2B27QxMgCeqXhWp7wd8IzvOA3fDnwcS%2BJufz04kF2Ukp7"
    "20v41fUAO10Udp8%2Fux9UQnaoojTNxEkNvq4UIdaRZkii8btkwaVevTObUNsEKJzBsi0hx52Qq0Hiw4QCR2DEwBsYhQ"
    "m1sKvnEDKExrzVyUADysHyf5F0eBKWa0WkSvbTltRNn1YILoZP0dzn653abuy1G8ZSzJUX271pzLtSsRD5bWa%2BrkiB"
    "WrmyrSMEOlvmeD%2FkJ64E6CjBbFI6tnKenYel9hbXCmIdJe3bFYF0hqBjojrtwBboj2Rw0D5TdfIR8x4gGxmM1CWC%2B"
    "%2FFj7rUfM40eFfnbCVx%2Fnr5%2B%2F6QuB%2F17GJdK8EWrz%2FQHlfp1wXL0FDjqEIMRE9cqitWtalckju82VQ92QfD"
    "sePT4bwlDs%3D";

static const ht_addr20 contract = {{0xa1, 0x20, 0x7f, 0x3b, 0xba, 0x22, 0x4e, 0x2c, 0x9c, 0x3c,
                                    0x6d, 0x5a, 0xf6, 0x3d, 0x0e, 0xb1, 0x58, 0x2c, 0xe5, 0x87}};
static struct ht_arena arena;

static int set_up(void **state) {
    (void)state;
    ht_arena_init(&arena, ARENA_MAX);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_arena_fini(&arena);
    return 0;
}

static void must_read(struct ht_eas_offchain *out, ht_bytes text) {
    struct ht_why why = {.code = "", .text = ""};
    if (ht_eas_offchain_read(out, &arena, text, &why) != HT_OK)
        fail_msg("%s: %s", why.code, why.text);
}

/* Reads and verifies for mainnet; the reason must be that one. */
static void judge(ht_bytes text, const char *code) {
    struct ht_eas_offchain package;
    struct ht_why why = {.code = "ok", .text = ""};
    enum ht_err err = ht_eas_offchain_read(&package, &arena, text, &why);
    if (err == HT_OK) err = ht_eas_offchain_verify(&package, 1, &contract, false, &why);
    if (strcmp(why.code, code) != 0) {
        fail_msg("%s expected, got %s: %s in %.200s", code, why.code, why.text,
                 (const char *)text.p);
    }
    assert_int_equal(err == HT_OK, strcmp(code, "ok") == 0);
}

/* The second package with its first `from` replaced. */
static void judge_changed(const char *text, const char *from, const char *to, const char *code) {
    char changed[4096];
    const char *at = strstr(text, from);
    assert_non_null(at);
    int n = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, to,
                     at + strlen(from));
    assert_in_range(n, 1, sizeof changed - 1);
    judge(ht_bytes_of(changed, (size_t)n), code);
}

static void offchain_accepts_what_the_sdk_signed_in_every_version_and_form(void **state) {
    (void)state;
    judge(ht_bytes_str(V2), "ok");
    judge(ht_bytes_str(V1), "ok");
    judge(ht_bytes_str(V0), "ok");
    judge(ht_bytes_str(V2_URL), "ok");
    judge(ht_bytes_str(strchr(V2_URL, '=') + 1), "ok");
    judge_changed(V2, "{\"sig\"", "\r\n {\"sig\"", "ok");
    judge_changed(V2, "\"v\":27", "\"v\":0", "ok");
    judge_changed(V2, "\"chainId\":\"1\"", "\"chainId\":1", "ok");
    judge_changed(V2, "\"1700000000\"", "1700000000", "ok");
}

static void offchain_reads_all_fields(void **state) {
    (void)state;
    struct ht_eas_offchain package;
    char text[HT_HEX_SIZE(33)];
    must_read(&package, ht_bytes_str(V2));
    const struct ht_attestation *one = &package.attestation;
    assert_int_equal(package.version, HT_EAS_OFFCHAIN_V2);
    assert_string_equal(package.schema_text, SCHEMA);
    assert_string_equal(package.domain_name, "EAS Attestation");
    assert_string_equal(package.domain_version, "0.26");
    assert_string_equal(package.primary_type, "Attest");
    assert_int_equal(package.chain_id, 1);
    assert_memory_equal(package.contract.b, contract.b, 20);
    assert_true(one->time == 1700000000 && one->expiration_time == 0);
    assert_true(one->is_revocable && package.has_salt && one->revocation_time == 0);
    ht_hex_write(text, HT_BYTES(one->uid.b));
    assert_string_equal(text, V2_UID);
    ht_hex_write(text, HT_BYTES(package.salt.b));
    assert_string_equal(text, SALT);
    ht_hex_write(text, one->data);
    assert_string_equal(text, "0x" ONES);
    assert_int_equal(package.signature.y_parity, 0);
}

static void offchain_refuses_what_was_changed_after_signing(void **state) {
    (void)state;
    judge_changed(V2, "\"data\":\"0x11", "\"data\":\"0x12", "eas_uid");
    judge_changed(V2, "1700000000", "1700000001", "eas_uid");
    judge_changed(V2, "\"revocable\":true", "\"revocable\":false", "eas_uid");
    judge_changed(V2, SALT, "0x" ZEROS, "eas_uid");
    judge_changed(V2, V2_UID, "0x" ZEROS, "eas_uid");
    judge_changed(V2, "\"0.26\"", "\"0.27\"", "eas_signer");
    judge_changed(V2, "\"v\":27", "\"v\":28", "eas_signer");
    judge_changed(V2, SIGNER, RECIPIENT, "eas_signer");
    judge_changed(V2, SIGNER, NOBODY, "eas_attester");
    judge_changed(V2, V2_R, "0x" ZEROS, "eas_signature");
    judge_changed(V2, "\"chainId\":\"1\"", "\"chainId\":\"10\"", "eas_domain");
    judge_changed(V2, "EAS Attestation", "EAS", "eas_domain");
    judge_changed(V2, "0xA1207F3B", "0xA1207F3C", "eas_domain");
}

/* The uid has the text of the schema's hash in it, not its bytes. */
static void offchain_uid_counts_the_case_of_the_schema(void **state) {
    (void)state;
    judge_changed(V2, "0xa91efd13", "0xA91efd13", "eas_uid");
}

/* n - s is as good to mathematics as s, with the other v, and refused. */
static void offchain_refuses_the_higher_s(void **state) {
    (void)state;
    judge_changed(V2, "27,\"r\":\"" V2_R "\",\"s\":\"" V2_S,
                  "28,\"r\":\"" V2_R
                  "\",\"s\":\"0xbb78ec0906e956cbe4fbb6edfe3bfb9521580439a83bd539297360bda43605d7",
                  "eas_signature");
}

static void offchain_takes_types_from_nobody(void **state) {
    (void)state;
    judge_changed(V2, "\"types\":{\"Attest\":[", "\"types\":{\"Attested\":[", "eas_types");
    judge_changed(V2, "uint16", "uint32", "eas_types");
    judge_changed(V2, ",{\"name\":\"salt\",\"type\":\"bytes32\"}]", "]", "eas_types");
    judge_changed(V2, "\"types\":{", "\"types\":{\"Other\":[],", "eas_types");
    judge_changed(V2, "\"type\":\"uint16\"}", "\"type\":\"uint16\",\"x\":1}", "eas_types");
    judge_changed(V2, "\"primaryType\":\"Attest\"", "\"primaryType\":\"Attestation\"", "eas_types");
    judge_changed(V2, "\"name\":\"EAS", "\"salt\":\"0x00\",\"name\":\"EAS", "eas_types");
    judge_changed(V0, "\"Attestation\":[", "\"Attest\":[", "eas_signer");
    judge_changed(V1, "\"types\":{\"Attest\":[", "\"types\":{\"Attestation\":[", "eas_types");
}

static void offchain_refuses_versions_that_are_unknown_or_disagree(void **state) {
    (void)state;
    judge_changed(V2, "\"sig\":{\"version\":2", "\"sig\":{\"version\":3", "eas_version");
    judge_changed(V2, "\"sig\":{\"version\":2", "\"sig\":{\"version\":1", "eas_version");
    judge_changed(V2, "\"message\":{\"version\":2", "\"message\":{\"version\":9", "eas_version");
    judge_changed(V2, "\"sig\":{\"version\":2,", "\"sig\":{", "ok");
}

static void offchain_refuses_json_that_is_no_package(void **state) {
    (void)state;
    judge(ht_bytes_str("{}"), "eas_json");
    judge(ht_bytes_str("{\"sig\":1,\"signer\":\"" SIGNER "\"}"), "eas_json");
    judge(ht_bytes_str("[]"), "eas_json");
    judge(ht_bytes_str("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]"), "eas_json");
    judge(ht_bytes_str("{\"sig\""), "eas_json");
    judge_changed(V2, "\"signer\":", "\"signer\":1,\"signer\":", "eas_json");
    judge_changed(V2, "\"data\":\"0x1", "\"data\":\"0x", "eas_json");
    judge_changed(V2, "\"data\":\"0x11", "\"data\":\"1111", "eas_json");
    judge_changed(V2, "\"schema\":\"0x", "\"schema\":\"0X", "eas_json");
    judge_changed(V2, "\"v\":27", "\"v\":29", "eas_json");
    judge_changed(V2, "\"v\":27", "\"v\":2", "eas_json");
    judge_changed(V2, ",\"salt\":\"" SALT "\"", "", "eas_json");
    judge_changed(V2, "\"revocable\":true", "\"revocable\":1", "eas_json");
    judge_changed(V2, "\"1700000000\"", "\"-1\"", "eas_json");
    judge_changed(V2, "\"1700000000\"", "\"18446744073709551616\"", "eas_json");
    judge_changed(V2, "EAS Attestation", "EAS\\u0000 Attestation", "eas_json");
}

/* --- share URLs ------------------------------------------------------------------------------- */

/* Deflates and writes as base64 behind the fragment. */
static void packed(struct ht_buf *out, const void *text, size_t n) {
    uLongf size = compressBound((uLong)n);
    uint8_t *room = malloc(size);
    assert_non_null(room);
    assert_int_equal(compress2(room, &size, text, (uLong)n, 9), Z_OK);
    assert_int_equal(ht_base64_write(out, HT_BASE64_STD, ht_bytes_of(room, size)), HT_OK);
    free(room);
}

static void offchain_refuses_urls_that_are_cut_or_go_on(void **state) {
    (void)state;
    struct ht_buf text, longer;
    judge(ht_bytes_str(""), "eas_url");
    judge(ht_bytes_str("hello"), "eas_url");
    judge(ht_bytes_str("https://easscan.example/#attestation="), "eas_url");
    judge(ht_bytes_str("#attestation=AAAA"), "eas_url");
    judge(ht_bytes_str("#attestation=%2"), "eas_url");
    judge(ht_bytes_str("#attestation=%zz"), "eas_url");
    judge(ht_bytes_of(V2_URL, sizeof V2_URL - 1 - 24), "eas_url");
    ht_buf_init(&text, 4096);
    ht_buf_init(&longer, 4096);
    packed(&text, V2, sizeof V2 - 1);
    judge(ht_buf_view(&text), "ok");
    assert_int_equal(ht_base64_read(&longer, HT_BASE64_STD, ht_buf_view(&text)), HT_OK);
    assert_int_equal(ht_buf_add_str(&longer, "x"), HT_OK);
    ht_buf_clear(&text);
    assert_int_equal(ht_base64_write(&text, HT_BASE64_STD, ht_buf_view(&longer)), HT_OK);
    judge(ht_buf_view(&text), "eas_url");
    ht_buf_fini(&text);
    ht_buf_fini(&longer);
}

static void offchain_stops_inflating_a_bomb(void **state) {
    (void)state;
    const size_t size = (size_t)64 << 20;
    uint8_t *zeros = calloc(1, size);
    struct ht_buf text, out;
    assert_non_null(zeros);
    ht_buf_init(&text, HT_EAS_PACKAGE_MAX);
    packed(&text, zeros, size);
    assert_in_range(text.n, 1, HT_EAS_PACKAGE_MAX);
    judge(ht_buf_view(&text), "eas_too_large");
    ht_buf_init(&out, 1000);
    assert_int_equal(ht_eas_unpack(&out, ht_buf_view(&text), NULL), HT_ELIMIT);
    assert_int_equal(out.n, 0);
    assert_in_range(out.cap, 0, 1000);
    ht_buf_fini(&out);
    ht_buf_fini(&text);
    free(zeros);
}

static void offchain_refuses_what_is_too_large(void **state) {
    (void)state;
    char *text = malloc(HT_EAS_PACKAGE_MAX + 1);
    const size_t digits = 2 * HT_EAS_DATA_MAX;
    const char *at = strstr(V2, ONES);
    assert_non_null(text);
    assert_non_null(at);
    if (text == NULL || at == NULL) return;
    memset(text, ' ', HT_EAS_PACKAGE_MAX + 1);
    judge(ht_bytes_of(text, HT_EAS_PACKAGE_MAX + 1), "eas_too_large");
    memset(text, '[', 100);
    judge(ht_bytes_of(text, 100), "eas_too_large");
    size_t n = (size_t)(at - V2);
    memcpy(text, V2, n);
    memset(text + n, '1', digits + 2);
    (void)snprintf(text + n + digits + 2, 2048, "%s", at + strlen(ONES));
    judge(ht_bytes_of(text, strlen(text)), "eas_too_large");
    (void)snprintf(text + n + digits, 2048, "%s", at + strlen(ONES));
    judge(ht_bytes_of(text, strlen(text)), "eas_uid");
    free(text);
}

static void offchain_reports_an_arena_that_is_too_small(void **state) {
    (void)state;
    struct ht_eas_offchain package;
    struct ht_why why = {.code = ""};
    struct ht_arena small;
    ht_arena_init(&small, 8);
    assert_int_equal(ht_eas_offchain_read(&package, &small, ht_bytes_str(V2), &why), HT_ENOMEM);
    assert_string_equal(why.code, "no_memory");
    ht_arena_fini(&small);
}

/* --- making ----------------------------------------------------------------------------------- */

static void make(struct ht_eas_offchain *out, json_t **typed) {
    static const uint8_t data[] = {1, 2, 3};
    static const uint8_t key[32] = {[31] = 9};
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    ht_hash32 digest;
    *out = (struct ht_eas_offchain){.has_salt = true,
                                    .domain_version = "1.4.0",
                                    .chain_id = 31337,
                                    .contract = contract,
                                    .attestation = {.time = 1800000000,
                                                    .expiration_time = 1900000000,
                                                    .is_revocable = true,
                                                    .data = HT_BYTES(data)}};
    memset(out->attestation.schema.b, 0xab, 32);
    memset(out->salt.b, 7, 32);
    assert_int_equal(ht_secp256k1_public_key(pubkey, key, NULL), HT_OK);
    ht_secp256k1_address(&out->attestation.attester, pubkey);
    assert_int_equal(ht_eas_offchain_typed(typed, out, NULL), HT_OK);
    ht_eas_offchain_digest(&digest, out);
    assert_int_equal(ht_ecdsa_sign(&out->signature, &digest, key, NULL), HT_OK);
}

/* By the general reader of typed data, which wallets sign by. */
static void general_digest(ht_hash32 *out, const json_t *document) {
    struct ht_eip712 data;
    struct ht_why why = {.code = "", .text = ""};
    ht_hash32 domain, message;
    if (ht_eip712_read(&data, &arena, document, &why) != HT_OK) fail_msg("%s", why.text);
    assert_int_equal(ht_eip712_domain_separator(&domain, &data, NULL), HT_OK);
    assert_int_equal(ht_eip712_struct_hash(&message, &data, NULL), HT_OK);
    ht_eip712_digest(out, &domain, &message);
}

static void offchain_typed_data_have_the_digest_that_is_verified(void **state) {
    (void)state;
    struct ht_eas_offchain package;
    json_t *typed = NULL;
    ht_hash32 digest, general;
    make(&package, &typed);
    general_digest(&general, typed);
    ht_eas_offchain_digest(&digest, &package);
    assert_true(ht_hash32_equal(&digest, &general));
    json_decref(typed);
}

static void must_hold(ht_bytes text, const struct ht_eas_offchain *made) {
    struct ht_eas_offchain package;
    struct ht_why why = {.code = "", .text = ""};
    must_read(&package, text);
    if (ht_eas_offchain_verify(&package, 31337, &contract, false, &why) != HT_OK) {
        fail_msg("%s: %s", why.code, why.text);
    }
    assert_true(ht_hash32_equal(&package.attestation.uid, &made->attestation.uid));
    assert_true(ht_bytes_equal(package.attestation.data, made->attestation.data));
}

static void offchain_made_here_reads_back_valid_in_every_form(void **state) {
    (void)state;
    struct ht_eas_offchain package;
    json_t *typed = NULL, *compact = NULL;
    struct ht_buf text;
    make(&package, &typed);
    ht_buf_init(&text, HT_EAS_PACKAGE_MAX);
    json_t *json = ht_eas_offchain_json(&package);
    assert_int_equal(ht_json_dump_compact(&text, json), HT_OK);
    must_hold(ht_buf_view(&text), &package);
    ht_buf_clear(&text);
    assert_int_equal(ht_eas_offchain_compact(&compact, &package, NULL), HT_OK);
    assert_int_equal(ht_json_dump_compact(&text, compact), HT_OK);
    must_hold(ht_buf_view(&text), &package);
    ht_buf_clear(&text);
    assert_int_equal(ht_eas_offchain_url(&text, &package, NULL), HT_OK);
    must_hold(ht_buf_view(&text), &package);
    ht_buf_fini(&text);
    json_decref(json);
    json_decref(compact);
    json_decref(typed);
}

/* The same request and key as the SDK was given: signatures of RFC 6979 are the same, so the SDK
 * takes ours as it takes its own. */
static void offchain_made_here_is_what_the_sdk_makes(void **state) {
    (void)state;
    static const uint8_t key[32] = {0x07, 0x42, 0x6e, 0x28, 0x83, 0x49, 0xe4, 0x76,
                                    0x9b, 0x6f, 0xc9, 0x6f, 0x09, 0x2a, 0xdd, 0xbb,
                                    0x9a, 0x19, 0x8d, 0x6a, 0xc7, 0xa4, 0xc0, 0xb3,
                                    0xdd, 0x68, 0xee, 0x33, 0xe4, 0x3f, 0xe6, 0x8e};
    struct ht_eas_offchain asked, made = {.has_salt = true, .domain_version = "0.26"};
    json_t *typed = NULL, *theirs = NULL;
    ht_hash32 digest;
    must_read(&asked, ht_bytes_str(V2));
    made.attestation = asked.attestation;
    made.attestation.uid = (ht_hash32){{0}};
    made.salt = asked.salt;
    made.chain_id = 1;
    made.contract = contract;
    assert_int_equal(ht_eas_offchain_typed(&typed, &made, NULL), HT_OK);
    ht_eas_offchain_digest(&digest, &made);
    assert_int_equal(ht_ecdsa_sign(&made.signature, &digest, key, NULL), HT_OK);
    json_t *ours = ht_eas_offchain_json(&made);
    assert_int_equal(ht_json_parse(&theirs, ht_bytes_str(V2), 4096, NULL), HT_OK);
    assert_true(json_equal(ours, theirs));
    json_decref(ours);
    json_decref(theirs);
    json_decref(typed);
}

static void offchain_writes_what_the_sdk_writes(void **state) {
    (void)state;
    const char *const texts[] = {V2, V1};
    struct ht_eas_offchain package;
    for (size_t i = 0; i < 2; i++) {
        json_t *theirs = NULL;
        must_read(&package, ht_bytes_str(texts[i]));
        json_t *ours = ht_eas_offchain_json(&package);
        assert_int_equal(ht_json_parse(&theirs, ht_bytes_str(texts[i]), 4096, NULL), HT_OK);
        assert_true(json_equal(ours, theirs));
        json_decref(ours);
        json_decref(theirs);
    }
}

static void offchain_url_is_the_sdks_to_the_letter(void **state) {
    (void)state;
    struct ht_eas_offchain package;
    struct ht_buf url;
    must_read(&package, ht_bytes_str(V2));
    ht_buf_init(&url, 4096);
    assert_int_equal(ht_eas_offchain_url(&url, &package, NULL), HT_OK);
    assert_true(ht_bytes_equal(ht_buf_view(&url), ht_bytes_str(strstr(V2_URL, "/offchain/url/#"))));
    ht_buf_fini(&url);
}

static void url_refused(const struct ht_eas_offchain *package, const char *code) {
    struct ht_why why = {.code = "ok"};
    struct ht_buf url;
    ht_buf_init(&url, 4096);
    assert_int_not_equal(ht_eas_offchain_url(&url, package, &why), HT_OK);
    assert_string_equal(why.code, code);
    assert_int_equal(url.n, 0);
    ht_buf_fini(&url);
}

static void offchain_writes_no_url_that_would_not_verify(void **state) {
    (void)state;
    struct ht_eas_offchain package;
    must_read(&package, ht_bytes_str(V0));
    url_refused(&package, "eas_types");
    must_read(&package, ht_bytes_str(V2));
    package.domain_name = "EAS";
    url_refused(&package, "eas_types");
    must_read(&package, ht_bytes_str(V2));
    package.attestation.time = (uint64_t)1 << 53;
    url_refused(&package, "eas_too_large");
}

static void offchain_makes_nothing_with_too_much_data(void **state) {
    (void)state;
    struct ht_eas_offchain package = {.has_salt = true, .domain_version = "0.26"};
    struct ht_why why = {.code = ""};
    json_t *typed = NULL;
    uint8_t *data = calloc(1, HT_EAS_DATA_MAX + 1);
    package.attestation.data = ht_bytes_of(data, HT_EAS_DATA_MAX + 1);
    assert_int_equal(ht_eas_offchain_typed(&typed, &package, &why), HT_ELIMIT);
    assert_string_equal(why.code, "eas_too_large");
    assert_null(typed);
    free(data);
}

/* A contract's signature is asked of the contract; everything else is checked here still. */
static void offchain_leaves_a_contracts_signature_to_the_caller(void **state) {
    (void)state;
    struct ht_eas_offchain package;
    struct ht_why why = {.code = ""};
    must_read(&package, ht_bytes_str(V2));
    memset(package.signature.r, 0, 32);
    assert_int_equal(ht_eas_offchain_verify(&package, 1, &contract, true, &why), HT_OK);
    assert_int_equal(ht_eas_offchain_verify(&package, 2, &contract, true, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "eas_domain");
    package.attestation.time++;
    assert_int_equal(ht_eas_offchain_verify(&package, 1, &contract, true, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "eas_uid");
}

static void offchain_knows_five_forms_of_types(void **state) {
    (void)state;
    static const struct ht_eas_form forms[] = {{HT_EAS_OFFCHAIN_V0, "Attestation", "Attestation"},
                                               {HT_EAS_OFFCHAIN_V0, "Attestation", "Attest"},
                                               {HT_EAS_OFFCHAIN_V0, "Attest", "Attest"},
                                               {HT_EAS_OFFCHAIN_V1, "Attest", "Attest"},
                                               {HT_EAS_OFFCHAIN_V2, "Attest", "Attest"}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        json_t *types = ht_eas_form_types(forms[i].version, forms[i].type_name);
        const struct ht_eas_form *found =
            ht_eas_form_find(forms[i].version, forms[i].primary_type, types);
        assert_non_null(found);
        assert_string_equal(found->type_name, forms[i].type_name);
        json_decref(types);
    }
    json_t *types = ht_eas_form_types(HT_EAS_OFFCHAIN_V0, "Attestation");
    assert_null(ht_eas_form_find(HT_EAS_OFFCHAIN_V0, "Attest", types));
    assert_null(ht_eas_form_find(HT_EAS_OFFCHAIN_V1, "Attestation", types));
    json_decref(types);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(offchain_accepts_what_the_sdk_signed_in_every_version_and_form),
        TEST(offchain_reads_all_fields),
        TEST(offchain_refuses_what_was_changed_after_signing),
        TEST(offchain_uid_counts_the_case_of_the_schema),
        TEST(offchain_refuses_the_higher_s),
        TEST(offchain_takes_types_from_nobody),
        TEST(offchain_refuses_versions_that_are_unknown_or_disagree),
        TEST(offchain_refuses_json_that_is_no_package),
        TEST(offchain_refuses_urls_that_are_cut_or_go_on),
        TEST(offchain_stops_inflating_a_bomb),
        TEST(offchain_refuses_what_is_too_large),
        TEST(offchain_reports_an_arena_that_is_too_small),
        TEST(offchain_typed_data_have_the_digest_that_is_verified),
        TEST(offchain_made_here_reads_back_valid_in_every_form),
        TEST(offchain_made_here_is_what_the_sdk_makes),
        TEST(offchain_writes_what_the_sdk_writes),
        TEST(offchain_url_is_the_sdks_to_the_letter),
        TEST(offchain_writes_no_url_that_would_not_verify),
        TEST(offchain_makes_nothing_with_too_much_data),
        TEST(offchain_leaves_a_contracts_signature_to_the_caller),
        TEST(offchain_knows_five_forms_of_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
