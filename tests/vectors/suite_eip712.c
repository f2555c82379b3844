/* The eip712 suite, two forms of cases in any JSON file (also packed as .json.gz):
 *   {"cases": [{"id", "typedData", "expected"}],      hashes, encodeType, a signature and its
 * signer "malformed": [{"id", "typedData"}],              must be refused "personal_sign":
 * [{"message" | "bytes", "hash", "signature", "signer"}], "erc6492": {"magicSuffix", "cases"}} the
 * wrapper, built and taken apart ethers.js testcases   [{"name", "domain", "primaryType", "types",
 * "data", "encoded", "digest"}] A malformed document must be refused twice: as text, the way a
 * wallet gets it, and when it is handed over as a value (one is nested deeper than the parser of
 * the node allows). */
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/codec/eip712.h"
#include "node/crypto/keccak.h"
#include "node/crypto/secp256k1.h"
#include "tests/vectors/suite_eip712.h"

#define FILE_MAX ((size_t)256 << 20)
#define CASE_MAX ((size_t)16 << 20)

struct run {
    struct ht_vec_report *report;
    const char *file;
    size_t cases, malformed, messages, wrappers, ethers;
};

static enum ht_err differs(const char *what, struct ht_why *why) {
    return ht_fail(why, HT_EBUG, "case", "%s", what);
}

static void count(struct run *run, const char *group, const char *id, size_t index, enum ht_err err,
                  const struct ht_why *why) {
    char name[300];
    if (id != NULL)
        (void)snprintf(name, sizeof name, "%s/%s/%s", run->file, group, id);
    else
        (void)snprintf(name, sizeof name, "%s/%s/%zu", run->file, group, index);
    if (err == HT_OK)
        ht_vec_pass(run->report, name);
    else
        ht_vec_fail(run->report, name, "%s", why->text);
}

static enum ht_err expect_hash(const ht_hash32 *got, const json_t *from, const char *name,
                               struct ht_why *why) {
    ht_hash32 want;
    enum ht_err err = ht_json_hex(want.b, sizeof want.b, from, name, why);
    if (err != HT_OK || ht_hash32_equal(got, &want)) return err;
    return ht_fail(why, HT_EBUG, "case", "another %s", name);
}

static enum ht_err expect_signer(const ht_hash32 *digest, const json_t *from, struct ht_why *why) {
    uint8_t bytes[65];
    struct ht_ecdsa_signature signature;
    ht_addr20 want;
    ht_addr20 got;
    enum ht_err err = ht_json_hex(bytes, sizeof bytes, from, "signature", why);
    if (err == HT_OK) err = ht_json_hex(want.b, sizeof want.b, from, "signer", why);
    if (err != HT_OK) return err;
    memcpy(signature.r, bytes, 32);
    memcpy(signature.s, bytes + 32, 32);
    signature.y_parity = (uint8_t)(bytes[64] - 27);
    err = ht_ecdsa_recover_address(&got, digest, &signature, HT_ECDSA_LOW_S, why);
    if (err != HT_OK || memcmp(got.b, want.b, sizeof got.b) == 0) return err;
    return differs("the signature is of another signer", why);
}

static enum ht_err read_typed(struct ht_eip712 *out, struct ht_arena *arena, const json_t *document,
                              struct ht_why *why) {
    ht_arena_init(arena, (size_t)1 << 20);
    return ht_eip712_read(out, arena, document, why);
}

/* --- cases with their hashes ------------------------------------------------------------------*/

static enum ht_err judge_type(const struct ht_eip712 *data, const json_t *expected,
                              struct ht_why *why) {
    struct ht_buf text;
    ht_bytes want = {0};
    ht_buf_init(&text, CASE_MAX);
    enum ht_err err = ht_eip712_encode_type(&text, data, data->primary_type, why);
    if (err == HT_OK) err = ht_json_str(&want, expected, "encodeType", why);
    if (err == HT_OK && !ht_bytes_equal(ht_buf_view(&text), want)) {
        err = differs("another encodeType", why);
    }
    ht_buf_fini(&text);
    return err;
}

static enum ht_err judge_case(const json_t *document, const json_t *expected, struct ht_why *why) {
    struct ht_eip712 data;
    struct ht_arena arena;
    ht_hash32 separator;
    ht_hash32 hash;
    ht_hash32 digest;
    enum ht_err err = read_typed(&data, &arena, document, why);
    if (err == HT_OK) err = judge_type(&data, expected, why);
    if (err == HT_OK) err = ht_eip712_domain_separator(&separator, &data, why);
    if (err == HT_OK) err = expect_hash(&separator, expected, "domainSeparator", why);
    if (err == HT_OK) err = ht_eip712_struct_hash(&hash, &data, why);
    if (err == HT_OK) err = expect_hash(&hash, expected, "structHash", why);
    if (err == HT_OK) ht_eip712_digest(&digest, &separator, &hash);
    if (err == HT_OK) err = expect_hash(&digest, expected, "digest", why);
    if (err == HT_OK) err = expect_signer(&digest, expected, why);
    ht_arena_fini(&arena);
    return err;
}

static enum ht_err judge_malformed(const json_t *document, struct ht_why *why) {
    struct ht_eip712 data;
    struct ht_arena arena;
    json_t *parsed = NULL;
    enum ht_err as_value = read_typed(&data, &arena, document, why);
    ht_arena_fini(&arena);
    char *text = json_dumps(document, JSON_COMPACT);
    if (text == NULL) return differs("it cannot be written", why);
    enum ht_err as_text = ht_json_parse(&parsed, ht_bytes_str(text), HT_EIP712_SIZE_MAX, why);
    if (as_text == HT_OK) as_text = read_typed(&data, &arena, parsed, why);
    if (parsed != NULL) ht_arena_fini(&arena);
    json_decref(parsed);
    free(text);
    if (as_value != HT_OK && as_text != HT_OK) return HT_OK;
    return differs("accepted, must be refused", why);
}

static void run_typed_cases(struct run *run, const json_t *list, bool is_malformed) {
    size_t index = 0;
    json_t *one = NULL;
    json_array_foreach(list, index, one) {
        struct ht_why why = {.code = "", .text = ""};
        const json_t *document = ht_json_member(one, "typedData");
        if (document == NULL) continue;
        enum ht_err err = is_malformed
                              ? judge_malformed(document, &why)
                              : judge_case(document, ht_json_member(one, "expected"), &why);
        count(run, is_malformed ? "malformed" : "cases",
              json_string_value(ht_json_member(one, "id")), index, err, &why);
        if (is_malformed)
            run->malformed++;
        else
            run->cases++;
    }
}

/* --- personal_sign ----------------------------------------------------------------------------*/

static enum ht_err judge_message(const json_t *one, struct ht_why *why) {
    struct ht_buf bytes;
    ht_bytes text = {0};
    ht_hash32 hash;
    ht_buf_init(&bytes, CASE_MAX);
    enum ht_err err = HT_OK;
    if (ht_json_member(one, "bytes") != NULL) {
        err = ht_json_hex_buf(&bytes, one, "bytes", why);
    } else {
        err = ht_json_str(&text, one, "message", why);
        if (err == HT_OK) err = ht_buf_add(&bytes, text);
    }
    if (err == HT_OK) ht_eip191_digest(&hash, ht_buf_view(&bytes));
    if (err == HT_OK) err = expect_hash(&hash, one, "hash", why);
    if (err == HT_OK) err = expect_signer(&hash, one, why);
    ht_buf_fini(&bytes);
    return err;
}

static void run_messages(struct run *run, const json_t *list) {
    size_t index = 0;
    json_t *one = NULL;
    json_array_foreach(list, index, one) {
        struct ht_why why = {.code = "", .text = ""};
        count(run, "personal_sign", NULL, index, judge_message(one, &why), &why);
        run->messages++;
    }
}

/* --- ERC-6492 ---------------------------------------------------------------------------------*/

/* Whether `values` encode as the tuple between `before` and `after` to the hex under `name`, and
 * its bytes decode to them. */
static enum ht_err judge_tuple(const char *type, json_t *values, const char *before,
                               const char *after, const json_t *one, const char *name,
                               struct ht_why *why) {
    struct ht_abi_type tuple;
    struct ht_arena arena;
    struct ht_buf got;
    struct ht_buf want;
    json_t *decoded = NULL;
    ht_arena_init(&arena, 65536);
    ht_buf_init(&got, CASE_MAX);
    ht_buf_init(&want, CASE_MAX);
    enum ht_err err = ht_json_hex_buf(&want, one, name, why);
    if (err == HT_OK) err = ht_hex_read_buf(&got, ht_bytes_str(before));
    size_t begin = got.n;
    if (err == HT_OK) err = ht_abi_type_read(&tuple, &arena, ht_bytes_str(type), why);
    if (err == HT_OK) err = ht_abi_encode(&got, &tuple, values, why);
    size_t end = got.n;
    if (err == HT_OK) err = ht_hex_read_buf(&got, ht_bytes_str(after));
    if (err == HT_OK && !ht_bytes_equal(ht_buf_view(&got), ht_buf_view(&want))) {
        err = ht_fail(why, HT_EBUG, "case", "another %s", name);
    }
    if (err == HT_OK) {
        ht_bytes inner = ht_bytes_of(want.p + begin, end - begin);
        err = ht_abi_decode(&decoded, &tuple, inner, HT_ABI_EXACT, why);
    }
    /* Addresses are written with their checksum in the file. */
    for (size_t i = 1; err == HT_OK && i < json_array_size(values); i++) {
        if (json_equal(json_array_get(values, i), json_array_get(decoded, i))) continue;
        err = ht_fail(why, HT_EBUG, "case", "%s decodes to other values", name);
    }
    json_decref(decoded);
    ht_buf_fini(&want);
    ht_buf_fini(&got);
    ht_arena_fini(&arena);
    return err;
}

static enum ht_err judge_wrapper(const json_t *one, const char *magic, struct ht_why *why) {
    json_t *wrapper = json_pack("[O, O, O]", json_object_get(one, "address"),
                                json_object_get(one, "data"), json_object_get(one, "signature"));
    json_t *call =
        json_pack("[O, O]", json_object_get(one, "hash"), json_object_get(one, "signature"));
    enum ht_err err = judge_tuple("(address,bytes,bytes)", wrapper, "", magic, one, "wrapped", why);
    if (err == HT_OK) {
        err = judge_tuple("(bytes32,bytes)", call, "0x1626ba7e", "", one,
                          "isValidSignature_calldata", why);
    }
    json_decref(wrapper);
    json_decref(call);
    return err;
}

static void run_wrappers(struct run *run, const json_t *group) {
    size_t index = 0;
    json_t *one = NULL;
    const char *magic = json_string_value(ht_json_member(group, "magicSuffix"));
    json_array_foreach(ht_json_member(group, "cases"), index, one) {
        struct ht_why why = {.code = "", .text = ""};
        enum ht_err err = judge_wrapper(one, magic != NULL ? magic : "", &why);
        count(run, "erc6492", NULL, index, err, &why);
        run->wrappers++;
    }
}

/* --- ethers -----------------------------------------------------------------------------------*/

static enum ht_err judge_ethers(const json_t *one, struct ht_why *why) {
    struct ht_eip712 data;
    struct ht_arena arena;
    struct ht_buf encoded;
    ht_hash32 separator;
    ht_hash32 hash;
    ht_hash32 want;
    json_t *document =
        json_pack("{sO sO sO sO}", "types", json_object_get(one, "types"), "primaryType",
                  json_object_get(one, "primaryType"), "domain", json_object_get(one, "domain"),
                  "message", json_object_get(one, "data"));
    ht_buf_init(&encoded, CASE_MAX);
    enum ht_err err = read_typed(&data, &arena, document, why);
    if (err == HT_OK) err = ht_json_hex_buf(&encoded, one, "encoded", why);
    if (err == HT_OK) err = ht_eip712_domain_separator(&separator, &data, why);
    if (err == HT_OK) err = ht_eip712_struct_hash(&hash, &data, why);
    if (err == HT_OK) ht_keccak256(&want, ht_buf_view(&encoded));
    if (err == HT_OK && !ht_hash32_equal(&hash, &want)) err = differs("another struct hash", why);
    if (err == HT_OK) ht_eip712_digest(&hash, &separator, &hash);
    if (err == HT_OK) err = expect_hash(&hash, one, "digest", why);
    ht_arena_fini(&arena);
    ht_buf_fini(&encoded);
    json_decref(document);
    return err;
}

static bool is_ethers_case(const json_t *one) {
    return json_is_object(ht_json_member(one, "types")) &&
           json_is_object(ht_json_member(one, "domain")) &&
           json_is_object(ht_json_member(one, "data")) &&
           json_is_string(ht_json_member(one, "encoded")) &&
           json_is_string(ht_json_member(one, "digest"));
}

static bool is_typed_list(const json_t *list) {
    const json_t *first = json_array_get(list, 0);
    const json_t *expected = ht_json_member(first, "expected");
    return json_is_object(ht_json_member(first, "typedData")) &&
           json_is_string(ht_json_member(expected, "encodeType"));
}

static void run_document(struct run *run, const json_t *document) {
    size_t index = 0;
    json_t *one = NULL;
    if (is_typed_list(ht_json_member(document, "cases"))) {
        run_typed_cases(run, ht_json_member(document, "cases"), false);
        run_typed_cases(run, ht_json_member(document, "malformed"), true);
        run_messages(run, ht_json_member(document, "personal_sign"));
        run_wrappers(run, ht_json_member(document, "erc6492"));
    }
    json_array_foreach(document, index, one) {
        if (!is_ethers_case(one)) continue;
        struct ht_why why = {.code = "", .text = ""};
        enum ht_err err = judge_ethers(one, &why);
        count(run, "ethers", json_string_value(ht_json_member(one, "name")), index, err, &why);
        run->ethers++;
    }
}

void ht_eip712_run(struct ht_vec_report *report, const char *file, const json_t *document) {
    struct run run = {.report = report, .file = file};
    run_document(&run, document);
}

static bool has(ht_bytes text, const char *word) {
    return memmem(text.p, text.n, word, strlen(word)) != NULL;
}

static void run_file(const char *path, void *user) {
    struct run *run = user;
    const char *slash = strrchr(path, '/');
    struct ht_buf text;
    ht_buf_init(&text, FILE_MAX);
    run->file = slash != NULL ? slash + 1 : path;
    if (ht_vec_read(&text, path) != HT_OK) {
        ht_vec_note("eip712: %s cannot be read", path);
    } else if (text.n > 0 && has(ht_buf_view(&text), "\"primaryType\"")) {
        /* Not the node's parser, which would refuse the file for the depth of one case in it. */
        json_t *document = json_loadb((const char *)text.p, text.n, JSON_ALLOW_NUL, NULL);
        if (document != NULL)
            run_document(run, document);
        else
            ht_vec_skip(run->report, path, "not JSON");
        json_decref(document);
    }
    ht_buf_fini(&text);
}

static void run_eip712(const char *fixtures_dir, struct ht_vec_report *report) {
    struct run run = {.report = report};
    (void)ht_vec_walk(fixtures_dir, ".json", run_file, &run);
    (void)ht_vec_walk(fixtures_dir, ".json.gz", run_file, &run);
    ht_vec_note("eip712: %zu documents with hashes and signatures, %zu malformed, %zu messages of "
                "personal_sign, %zu wrappers of ERC-6492, %zu documents of ethers.js",
                run.cases, run.malformed, run.messages, run.wrappers, run.ethers);
}

const struct ht_vec_suite ht_vec_suite_eip712 = {.name = "eip712", .run = run_eip712};
