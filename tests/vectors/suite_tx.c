/* The tx suite, three forms of cases in any JSON file (also packed as .json.gz):
 *   ethereum/tests TransactionTests, EEST transaction_tests
 *                         {NAME: {"txbytes", "result": {FORK: {hash, sender, intrinsicGas} or
 *                         {exception}}}}, one case each, judged under every fork that it names
 *   ethers.js testcases   [{"name", "privateKey", "transaction", "signedLondon", …}], a case for
 *                         each signed form: the JSON must encode to the unsigned bytes, with the
 *                         signature to the signed ones, these must decode to the same, the sender
 *                         be the key's, and our own JSON of it read back
 *   our own               {"cases": [{"fields", "privateKey", "signed", …}], "malformed":
 * [{"raw"}]}: suite_tx_signed.c Which refusal the first form names is not compared: one transaction
 * is wrong in several ways. */
#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/codec/transaction_rules.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/transaction_json.h"
#include "tests/vectors/suite_tx_signed.h"
#include "tests/vectors/vectors.h"

#define FILE_MAX ((size_t)256 << 20)
#define CASE_MAX ((size_t)16 << 20)
#define CHAIN_ID 1U

struct run {
    struct ht_vec_report *report;
    size_t tests_cases, ethers_cases, ethers_absent, ethers_odd, verdicts;
    struct ht_tx_signed_counts own;
    size_t judged[32]; /* by row of ht_tx_rules_all */
};

/* --- ethereum/tests ---------------------------------------------------------------------------*/

static enum ht_err compare_result(const json_t *result, const struct ht_transaction *tx,
                                  const struct ht_tx_rules *rules, const ht_addr20 *sender,
                                  struct ht_why *why) {
    uint8_t bytes[32];
    const char *text = NULL;
    ht_hash32 hash;
    ht_u256 intrinsic;
    struct ht_tx_gas gas;
    enum ht_err err = ht_json_hex(bytes, 20, result, "sender", why);
    if (err != HT_OK) return err;
    if (memcmp(bytes, sender->b, 20) != 0) return ht_fail(why, HT_EBUG, "case", "other sender");
    err = ht_json_hex(bytes, 32, result, "hash", why);
    if (err == HT_OK) err = ht_tx_hash(&hash, tx);
    if (err != HT_OK) return err;
    if (memcmp(bytes, hash.b, 32) != 0) return ht_fail(why, HT_EBUG, "case", "other hash");
    err = ht_json_text(&text, result, "intrinsicGas", why);
    if (err == HT_OK) err = ht_u256_from_text(&intrinsic, ht_bytes_str(text));
    if (err != HT_OK) return err;
    ht_tx_gas_of(&gas, tx, rules);
    if (intrinsic.limb[0] == gas.intrinsic && ht_u256_is_u64(&intrinsic)) return HT_OK;
    return ht_fail(why, HT_EBUG, "case", "intrinsic gas %llu, expected %s",
                   (unsigned long long)gas.intrinsic, text);
}

/* Whether it decodes, encodes back and is taken by the fork, as the result says. */
static enum ht_err judge_fork(const json_t *result, ht_bytes document,
                              const struct ht_tx_rules *rules, struct ht_why *why) {
    struct ht_transaction tx;
    ht_addr20 sender;
    struct ht_arena arena;
    struct ht_buf again;
    bool must_fail = ht_json_member(result, "exception") != NULL;
    ht_arena_init(&arena, CASE_MAX);
    ht_buf_init(&again, CASE_MAX);
    enum ht_err err = ht_tx_decode(&tx, &arena, document, HT_TX_NETWORK_FORM_REFUSE, why);
    if (err == HT_OK &&
        (ht_tx_encode(&again, &tx) != HT_OK || !ht_bytes_equal(ht_buf_view(&again), document))) {
        must_fail = false;
        err = ht_fail(why, HT_EBUG, "case", "encodes to other bytes");
    }
    if (err == HT_OK) err = ht_tx_check(&sender, &tx, rules, CHAIN_ID, why);
    if (must_fail) {
        err = err != HT_OK ? HT_OK : ht_fail(why, HT_EBUG, "case", "accepted, must be refused");
    } else if (err == HT_OK) {
        err = compare_result(result, &tx, rules, &sender, why);
    }
    ht_buf_fini(&again);
    ht_arena_fini(&arena);
    return err;
}

static void run_tests_case(struct run *run, const char *name, const json_t *one) {
    struct ht_buf document;
    struct ht_why why = {.code = "", .text = ""};
    const char *fork = NULL;
    json_t *result = NULL;
    ht_buf_init(&document, CASE_MAX);
    run->tests_cases++;
    enum ht_err err = ht_json_hex_buf(&document, one, "txbytes", &why);
    json_object_foreach(json_object_get(one, "result"), fork, result) {
        const struct ht_tx_rules *rules = ht_tx_rules_find(fork);
        if (err != HT_OK) break;
        if (rules == NULL) {
            ht_vec_skip(run->report, name, fork);
            ht_buf_fini(&document);
            return;
        }
        run->verdicts++;
        run->judged[rules - ht_tx_rules_all]++;
        err = judge_fork(result, ht_buf_view(&document), rules, &why);
        if (err != HT_OK) ht_why_context(&why, "%s", fork);
    }
    if (err == HT_OK)
        ht_vec_pass(run->report, name);
    else
        ht_vec_fail(run->report, name, "%s", why.text);
    ht_buf_fini(&document);
}

/* --- ethers -----------------------------------------------------------------------------------*/

static const struct form {
    const char *name;
    enum ht_tx_type type;
    bool has_chain_id;
} FORMS[] = {{"Legacy", HT_TX_LEGACY, false},
             {"Eip155", HT_TX_LEGACY, true},
             {"Berlin", HT_TX_ACCESS_LIST, true},
             {"London", HT_TX_FEE_MARKET, true},
             {"Cancun", HT_TX_BLOB, true}};

/* ethers' member as a QUANTITY, or 0 when it is not there. */
static void put_number(json_t *out, const char *key, const json_t *from, const char *name) {
    char text[HT_U256_QUANTITY_SIZE];
    ht_u256 value = {{0}};
    const json_t *number = json_object_get(from, name);
    if (json_is_integer(number)) value = ht_u256_of((uint64_t)json_integer_value(number));
    const char *digits = json_string_value(number);
    if (digits != NULL && strcmp(digits, "0x") != 0) {
        if (ht_u256_from_text(&value, ht_bytes_str(digits)) != HT_OK) return;
    }
    (void)ht_u256_to_quantity(text, &value);
    (void)json_object_set_new(out, key, json_string(text));
}

static void put_or(json_t *out, const char *key, const json_t *from, const char *name,
                   json_t *otherwise) {
    json_t *value = json_object_get(from, name);
    (void)json_object_set_new(out, key, value != NULL ? json_incref(value) : otherwise);
    if (value != NULL) json_decref(otherwise);
}

/* The transaction of an ethers case as JSON-RPC would show it, without a signature. */
static json_t *rpc_of(const json_t *from, const struct form *form, uint64_t default_chain) {
    static const char *const types[] = {"0x0", "0x1", "0x2", "0x3"};
    json_t *out = json_object();
    (void)json_object_set_new(out, "type", json_string(types[form->type]));
    put_number(out, "nonce", from, "nonce");
    put_number(out, "gas", from, "gasLimit");
    put_number(out, "gasPrice", from, "gasPrice");
    put_number(out, "maxFeePerGas", from, "maxFeePerGas");
    put_number(out, "maxPriorityFeePerGas", from, "maxPriorityFeePerGas");
    put_number(out, "maxFeePerBlobGas", from, "maxFeePerBlobGas");
    put_number(out, "value", from, "value");
    if (form->has_chain_id) put_number(out, "chainId", from, "chainId");
    /* What ethers put in for a missing chain id: 1 up to version 5, then 0. */
    if (form->type != HT_TX_LEGACY && json_object_get(from, "chainId") == NULL) {
        (void)json_object_set_new(out, "chainId", json_string(default_chain == 1 ? "0x1" : "0x0"));
    }
    put_or(out, "to", from, "to", json_null());
    put_or(out, "input", from, "data", json_string("0x"));
    put_or(out, "accessList", from, "accessList", json_array());
    put_or(out, "blobVersionedHashes", from, "blobVersionedHashes", json_array());
    return out;
}

static bool address_of(ht_addr20 *out, const json_t *one) {
    uint8_t key[32];
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    if (ht_json_hex(key, sizeof key, one, "privateKey", NULL) != HT_OK) return false;
    if (ht_secp256k1_public_key(pubkey, key, NULL) != HT_OK) return false;
    ht_secp256k1_address(out, pubkey);
    return true;
}

typedef enum ht_err (*encoder)(struct ht_buf *out, const struct ht_transaction *tx);

static enum ht_err expect_bytes(encoder encode, const struct ht_transaction *tx, ht_bytes want,
                                const char *what, struct ht_why *why) {
    struct ht_buf got;
    ht_buf_init(&got, CASE_MAX);
    enum ht_err err = encode(&got, tx);
    if (err != HT_OK || !ht_bytes_equal(ht_buf_view(&got), want)) {
        err = ht_fail(why, HT_EBUG, "case", "encodes to other %s", what);
    }
    ht_buf_fini(&got);
    return err;
}

/* Our own JSON of the transaction must read back to it. */
static enum ht_err through_json(const struct ht_transaction *tx, struct ht_arena *arena,
                                ht_bytes want, struct ht_why *why) {
    struct ht_transaction again;
    json_t *object = NULL;
    enum ht_err err = ht_tx_to_json(&object, tx, NULL, why);
    if (err == HT_OK) err = ht_tx_from_json(&again, arena, object, why);
    if (err == HT_OK) err = expect_bytes(ht_tx_encode, &again, want, "bytes behind JSON", why);
    json_decref(object);
    return err;
}

/* ethers 5 writes chain id 0 into what it signs for EIP-155 as the byte 00, which is no integer in
 * RLP. Such a case is judged with the integer put right, and its signer over the bytes as given. */
static bool has_odd_chain_id(const struct ht_transaction *tx, ht_bytes unsigned_form) {
    static const uint8_t odd[] = {0x00, 0x80, 0x80};
    return tx->type == HT_TX_LEGACY && tx->has_chain_id && tx->chain_id == 0 &&
           unsigned_form.n > 3 && memcmp(unsigned_form.p + unsigned_form.n - 3, odd, 3) == 0;
}

static enum ht_err judge_sender(const struct ht_transaction *tx, const json_t *one,
                                ht_bytes unsigned_form, struct ht_why *why) {
    ht_addr20 sender;
    ht_addr20 owner;
    ht_hash32 digest;
    struct ht_ecdsa_signature signature = {.y_parity = tx->y_parity};
    enum ht_err err = HT_OK;
    if (has_odd_chain_id(tx, unsigned_form)) {
        ht_keccak256(&digest, unsigned_form);
        ht_u256_to_be(signature.r, &tx->r);
        ht_u256_to_be(signature.s, &tx->s);
        err = ht_ecdsa_recover_address(&sender, &digest, &signature, HT_ECDSA_LOW_S, why);
    } else {
        err = ht_tx_sender(&sender, tx, HT_ECDSA_LOW_S, why);
    }
    if (err != HT_OK) return err;
    if (address_of(&owner, one) && memcmp(owner.b, sender.b, sizeof owner.b) == 0) return HT_OK;
    return ht_fail(why, HT_EBUG, "case", "the sender is not the key's address");
}

static enum ht_err judge_unsigned(struct run *run, const struct ht_transaction *tx,
                                  ht_bytes unsigned_form, struct ht_why *why) {
    struct ht_buf right;
    if (!has_odd_chain_id(tx, unsigned_form)) {
        return expect_bytes(ht_tx_encode_unsigned, tx, unsigned_form, "unsigned bytes", why);
    }
    run->ethers_odd++;
    ht_buf_init(&right, CASE_MAX);
    enum ht_err err = ht_buf_add(&right, unsigned_form);
    if (err == HT_OK) {
        right.p[right.n - 3] = 0x80;
        err = expect_bytes(ht_tx_encode_unsigned, tx, ht_buf_view(&right), "unsigned bytes", why);
    }
    ht_buf_fini(&right);
    return err;
}

static enum ht_err judge_signed(struct ht_transaction *tx, struct ht_arena *arena,
                                const struct ht_transaction *decoded, ht_bytes document,
                                struct ht_why *why) {
    tx->is_signed = true;
    tx->y_parity = decoded->y_parity;
    tx->r = decoded->r;
    tx->s = decoded->s;
    enum ht_err err = expect_bytes(ht_tx_encode, tx, document, "signed bytes", why);
    if (err == HT_OK) err = expect_bytes(ht_tx_encode, decoded, document, "own bytes", why);
    if (err == HT_OK) err = through_json(decoded, arena, document, why);
    return err;
}

static enum ht_err judge_form(struct run *run, const json_t *one, const struct form *form,
                              ht_bytes unsigned_form, ht_bytes signed_form, struct ht_why *why) {
    struct ht_transaction tx;
    struct ht_transaction decoded = {.chain_id = 0};
    struct ht_arena arena;
    enum ht_err err = HT_OK;
    ht_arena_init(&arena, CASE_MAX);
    if (signed_form.n > 0) {
        err = ht_tx_decode(&decoded, &arena, signed_form, HT_TX_NETWORK_FORM_REFUSE, why);
    }
    json_t *object = rpc_of(json_object_get(one, "transaction"), form, decoded.chain_id);
    if (err == HT_OK) err = ht_tx_from_json(&tx, &arena, object, why);
    if (signed_form.n == 0) {
        err = err != HT_OK ? HT_OK : ht_fail(why, HT_EBUG, "case", "accepted, must be refused");
    } else if (err == HT_OK) {
        err = judge_unsigned(run, &tx, unsigned_form, why);
        if (err == HT_OK) err = judge_signed(&tx, &arena, &decoded, signed_form, why);
        if (err == HT_OK) err = judge_sender(&decoded, one, unsigned_form, why);
    }
    json_decref(object);
    ht_arena_fini(&arena);
    return err;
}

static bool read_form(struct ht_buf *out, const json_t *one, const char *prefix,
                      const struct form *form) {
    char key[32];
    (void)snprintf(key, sizeof key, "%s%s", prefix, form->name);
    ht_bytes text = {0};
    if (ht_json_str(&text, one, key, NULL) != HT_OK) return false;
    return text.n == 0 || ht_hex_read_buf(out, text) == HT_OK;
}

static void run_ethers_form(struct run *run, const char *name, const json_t *one,
                            const struct form *form) {
    char full[320];
    struct ht_why why = {.code = "", .text = ""};
    struct ht_buf unsigned_form;
    struct ht_buf signed_form;
    ht_buf_init(&unsigned_form, CASE_MAX);
    ht_buf_init(&signed_form, CASE_MAX);
    (void)snprintf(full, sizeof full, "%s/%s", name, form->name);
    bool is_there = read_form(&signed_form, one, "signed", form) &&
                    read_form(&unsigned_form, one, "unsigned", form);
    /* ethers leaves a form empty that it cannot make: EIP-155 without a chain id, which is another
     * form, and a blob transaction without a recipient, which is to be refused. */
    bool is_blank = signed_form.n == 0 && form->type != HT_TX_BLOB;
    if (!is_there || is_blank) {
        run->ethers_absent++;
    } else {
        run->ethers_cases++;
        enum ht_err err = judge_form(run, one, form, ht_buf_view(&unsigned_form),
                                     ht_buf_view(&signed_form), &why);
        if (err == HT_OK)
            ht_vec_pass(run->report, full);
        else
            ht_vec_fail(run->report, full, "%s", why.text);
    }
    ht_buf_fini(&unsigned_form);
    ht_buf_fini(&signed_form);
}

/* --- files ------------------------------------------------------------------------------------*/

static bool is_tests_case(const json_t *one) {
    return json_is_string(ht_json_member(one, "txbytes")) &&
           json_is_object(ht_json_member(one, "result"));
}

static bool is_ethers_case(const json_t *one) {
    return json_is_string(ht_json_member(one, "name")) &&
           json_is_string(ht_json_member(one, "privateKey")) &&
           json_is_object(ht_json_member(one, "transaction")) &&
           json_is_string(ht_json_member(one, "signedLegacy"));
}

static void run_document(struct run *run, const char *file, json_t *document) {
    char name[300];
    const char *key = NULL;
    json_t *one = NULL;
    size_t index = 0;
    json_object_foreach(document, key, one) {
        if (!is_tests_case(one)) continue;
        (void)snprintf(name, sizeof name, "%s/%s", file, key);
        run_tests_case(run, name, one);
    }
    json_array_foreach(document, index, one) {
        if (!is_ethers_case(one)) continue;
        (void)snprintf(name, sizeof name, "%s/%s", file,
                       json_string_value(ht_json_member(one, "name")));
        for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
            run_ethers_form(run, name, one, &FORMS[i]);
        }
    }
    ht_tx_signed_run(&run->own, run->report, file, document);
}

/* Spares the parser the many large files of other suites. */
static bool may_hold_cases(ht_bytes text) {
    bool has_tests = memmem(text.p, text.n, "\"txbytes\"", 9) != NULL &&
                     memmem(text.p, text.n, "\"result\"", 8) != NULL;
    return has_tests || memmem(text.p, text.n, "\"signedLegacy\"", 14) != NULL ||
           memmem(text.p, text.n, "\"signingHash\"", 13) != NULL;
}

static void run_file(const char *path, void *user) {
    struct run *run = user;
    const char *slash = strrchr(path, '/');
    struct ht_buf text;
    ht_buf_init(&text, FILE_MAX);
    json_t *document = NULL;
    struct ht_why why = {.code = "", .text = ""};
    if (ht_vec_read(&text, path) != HT_OK) {
        ht_vec_note("tx: %s cannot be read", path);
    } else if (text.n > 0 && may_hold_cases(ht_buf_view(&text))) {
        if (ht_json_parse(&document, ht_buf_view(&text), FILE_MAX, &why) == HT_OK) {
            run_document(run, slash != NULL ? slash + 1 : path, document);
        } else {
            ht_vec_skip(run->report, path, why.text);
        }
    }
    json_decref(document);
    ht_buf_fini(&text);
}

static void note_forks(const struct run *run) {
    char line[400] = "";
    size_t n = 0;
    for (size_t i = 0; i < ht_tx_rules_count && n < sizeof line; i++) {
        if (run->judged[i] == 0) continue;
        int added =
            snprintf(line + n, sizeof line - n, " %s %zu", ht_tx_rules_all[i].name, run->judged[i]);
        n += added > 0 ? (size_t)added : 0;
    }
    ht_vec_note("tx: %zu cases of ethereum/tests, judged under every fork they name (%zu verdicts):"
                "%s",
                run->tests_cases, run->verdicts, line);
}

static void run_tx(const char *fixtures_dir, struct ht_vec_report *report) {
    struct run run = {.report = report};
    ht_assert(ht_tx_rules_count <= sizeof run.judged / sizeof *run.judged);
    (void)ht_vec_walk(fixtures_dir, ".json", run_file, &run);
    (void)ht_vec_walk(fixtures_dir, ".json.gz", run_file, &run);
    if (run.tests_cases == 0)
        ht_vec_note("tx: no cases in the form of ethereum/tests");
    else
        note_forks(&run);
    ht_vec_note("tx: %zu cases of ethers.js, one for each form; %zu forms are blank there, %zu "
                "sign a chain id of 0 as the byte 00 and are judged with it put right",
                run.ethers_cases, run.ethers_absent, run.ethers_odd);
    ht_vec_note("tx: %zu transactions signed from their fields, %zu malformed ones", run.own.cases,
                run.own.malformed);
}

const struct ht_vec_suite ht_vec_suite_tx = {.name = "tx", .run = run_tx};
