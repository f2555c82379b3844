/* The keys suite: secret keys, what they are derived from and what they are kept in. Forms of
 * cases, in any JSON file: seeds    suite_keys_seeds.c: mnemonics, BIP-32 chains, NIP-06 stores
 * suite_keys_stores.c: keystores of version 3 texts    suite_keys_texts.c: NIP-49, NIP-19, normal
 * forms accounts [{"privateKey", "address", "icap"}] of ethers.js, and [{"seed", "key", "addr"}] of
 *            ethereum/tests (the key is the hash of the seed): the key's address
 * and in a CSV file the vectors of BIP-340, of which those with a message of 32 bytes are judged.
 */
#include "tests/vectors/suite_keys.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/crypto/keccak.h"
#include "node/crypto/secp256k1.h"

#define FILE_MAX ((size_t)256 << 20)
#define COLUMNS 7U

void ht_keys_report(struct ht_keys_run *run, const char *name, enum ht_err err,
                    const struct ht_why *why) {
    char full[300];
    (void)snprintf(full, sizeof full, "%s/%s", run->file, name);
    if (err == HT_OK)
        ht_vec_pass(run->report, full);
    else
        ht_vec_fail(run->report, full, "%s", why->text);
}

enum ht_err ht_keys_hex(uint8_t *out, size_t n, const json_t *one, const char *key,
                        struct ht_why *why) {
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, one, key, why);
    if (err != HT_OK) return err;
    if (ht_hex_read(out, n, text) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EBUG, "case", "%s is not %zu bytes of hex", key, n);
}

enum ht_err ht_keys_same(const json_t *one, const char *key, const uint8_t *got, size_t n,
                         struct ht_why *why) {
    uint8_t want[128];
    ht_assert(n <= sizeof want);
    enum ht_err err = ht_keys_hex(want, n, one, key, why);
    if (err != HT_OK || memcmp(want, got, n) == 0) return err;
    return ht_fail(why, HT_EBUG, "case", "another %s", key);
}

enum ht_err ht_keys_same_text(const json_t *one, const char *key, const char *got,
                              struct ht_why *why) {
    const char *want = NULL;
    enum ht_err err = ht_json_text(&want, one, key, why);
    if (err != HT_OK || strcmp(want, got) == 0) return err;
    return ht_fail(why, HT_EBUG, "case", "another %s", key);
}

/* --- accounts ---------------------------------------------------------------------------------*/

static enum ht_err judge_account(const json_t *one, const char *key_name, const char *address_name,
                                 struct ht_why *why) {
    uint8_t key[32];
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    ht_addr20 address;
    enum ht_err err = ht_keys_hex(key, sizeof key, one, key_name, why);
    if (err == HT_OK) err = ht_secp256k1_public_key(pubkey, key, why);
    if (err != HT_OK) return err;
    ht_secp256k1_address(&address, pubkey);
    return ht_keys_same(one, address_name, address.b, sizeof address.b, why);
}

static enum ht_err judge_named_key(const json_t *one, struct ht_why *why) {
    ht_bytes seed;
    ht_hash32 hash;
    enum ht_err err = ht_json_str(&seed, one, "seed", why);
    if (err != HT_OK) return err;
    ht_keccak256(&hash, seed);
    err = ht_keys_same(one, "key", hash.b, sizeof hash.b, why);
    return err == HT_OK ? judge_account(one, "key", "addr", why) : err;
}

static void run_accounts(struct ht_keys_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(document, index, one) {
        struct ht_why why = {.code = "", .text = ""};
        char name[40];
        bool is_account = json_is_string(ht_json_member(one, "privateKey")) &&
                          json_is_string(ht_json_member(one, "icap"));
        bool is_named = json_is_string(ht_json_member(one, "seed")) &&
                        json_is_string(ht_json_member(one, "key")) &&
                        json_is_string(ht_json_member(one, "addr"));
        if (!is_account && !is_named) continue;
        (void)snprintf(name, sizeof name, "%zu", index);
        run->accounts++;
        enum ht_err err = is_account ? judge_account(one, "privateKey", "address", &why)
                                     : judge_named_key(one, &why);
        ht_keys_report(run, name, err, &why);
    }
}

/* --- BIP-340 ----------------------------------------------------------------------------------*/

/* index, secret key, public key, aux_rand, message, signature, verification result, comment */
static bool split(ht_bytes columns[static COLUMNS], ht_bytes line) {
    for (size_t i = 0; i < COLUMNS; i++) {
        const uint8_t *comma = line.n > 0 ? memchr(line.p, ',', line.n) : NULL;
        if (comma == NULL) return false;
        columns[i] = ht_bytes_of(line.p, (size_t)(comma - line.p));
        line = ht_bytes_of(comma + 1, line.n - columns[i].n - 1);
    }
    return true;
}

static enum ht_err judge_schnorr(const ht_bytes columns[static COLUMNS], struct ht_why *why) {
    uint8_t key[32];
    uint8_t x[32];
    uint8_t aux[32];
    uint8_t got[HT_SCHNORR_SIZE];
    uint8_t want[HT_SCHNORR_SIZE];
    ht_hash32 message;
    if (ht_hex_read(x, 32, columns[2]) != HT_OK ||
        ht_hex_read(message.b, 32, columns[4]) != HT_OK ||
        ht_hex_read(want, sizeof want, columns[5]) != HT_OK) {
        return ht_fail(why, HT_EBUG, "case", "its hex is not understood");
    }
    bool is_good = ht_bytes_equal(columns[6], ht_bytes_str("TRUE"));
    if ((ht_schnorr_verify(want, &message, x, why) == HT_OK) != is_good) {
        return ht_fail(why, HT_EBUG, "case", "another verdict");
    }
    if (columns[1].n == 0) return HT_OK;
    if (ht_hex_read(key, 32, columns[1]) != HT_OK || ht_hex_read(aux, 32, columns[3]) != HT_OK) {
        return ht_fail(why, HT_EBUG, "case", "its hex is not understood");
    }
    enum ht_err err = ht_schnorr_sign(got, &message, key, aux, why);
    if (err != HT_OK || memcmp(got, want, sizeof want) == 0) return err;
    return ht_fail(why, HT_EBUG, "case", "another signature");
}

static void run_schnorr(struct ht_keys_run *run, ht_bytes text) {
    while (text.n > 0) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        size_t n = end != NULL ? (size_t)(end - text.p) : text.n;
        ht_bytes columns[COLUMNS];
        struct ht_why why = {.code = "", .text = ""};
        char name[40];
        bool is_case = split(columns, ht_bytes_of(text.p, n)) && columns[5].n == 128;
        text = ht_bytes_of(text.p + n, text.n - n);
        if (text.n > 0) text = ht_bytes_of(text.p + 1, text.n - 1);
        if (!is_case) continue;
        if (columns[4].n != 64) {
            run->other_lengths++;
            continue;
        }
        run->schnorr++;
        (void)snprintf(name, sizeof name, "%.*s", (int)columns[0].n, (const char *)columns[0].p);
        ht_keys_report(run, name, judge_schnorr(columns, &why), &why);
    }
}

/* --- files ------------------------------------------------------------------------------------*/

static bool contains(ht_bytes text, const char *word) {
    return memmem(text.p, text.n, word, strlen(word)) != NULL;
}

/* Spares the parser the many large files of other suites. */
static bool may_hold_cases(ht_bytes text) {
    static const char *const words[] = {"\"mnemonic\"", "\"xprv\"", "\"english\"", "\"ncryptsec\"",
                                        "kdfparams",    "\"icap\"", "\"npub\"",    "\"addr\""};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (contains(text, words[i])) return true;
    }
    return false;
}

static void run_file(const char *path, void *user) {
    struct ht_keys_run *run = user;
    const char *slash = strrchr(path, '/');
    struct ht_buf text;
    json_t *document = NULL;
    struct ht_why why = {.code = "", .text = ""};
    run->file = slash != NULL ? slash + 1 : path;
    ht_buf_init(&text, FILE_MAX);
    if (ht_vec_read(&text, path) != HT_OK) {
        ht_vec_note("keys: %s cannot be read", path);
    } else if (text.n > 0 && may_hold_cases(ht_buf_view(&text))) {
        if (ht_json_parse(&document, ht_buf_view(&text), FILE_MAX, &why) == HT_OK) {
            ht_keys_run_seeds(run, document);
            ht_keys_run_stores(run, document);
            ht_keys_run_texts(run, document);
            run_accounts(run, document);
        } else {
            ht_vec_skip(run->report, path, why.text);
        }
    }
    json_decref(document);
    ht_buf_fini(&text);
}

static void run_csv(const char *path, void *user) {
    static const char head[] = "index,secret key,public key,";
    struct ht_keys_run *run = user;
    const char *slash = strrchr(path, '/');
    struct ht_buf text;
    run->file = slash != NULL ? slash + 1 : path;
    ht_buf_init(&text, FILE_MAX);
    if (ht_vec_read(&text, path) == HT_OK && text.n > sizeof head &&
        memcmp(text.p, head, sizeof head - 1) == 0) {
        run_schnorr(run, ht_buf_view(&text));
    }
    ht_buf_fini(&text);
}

static void run_keys(const char *fixtures_dir, struct ht_vec_report *report) {
    struct ht_keys_run run = {.report = report};
    (void)ht_vec_walk(fixtures_dir, ".json", run_file, &run);
    (void)ht_vec_walk(fixtures_dir, ".csv", run_csv, &run);
    ht_vec_note("keys: %zu seeds and derivations, %zu keystores, %zu texts of NIP-19 and NIP-49, "
                "%zu accounts, %zu of BIP-340",
                run.seeds, run.stores, run.texts, run.accounts, run.schnorr);
    ht_vec_note(
        "keys: left out: %zu messages of BIP-340 that have not 32 bytes, %zu texts of other "
        "kinds (nothing here reads extended keys or other NIP-19 entities)",
        run.other_lengths, run.other_kinds);
    ht_vec_note("keys: the slowest refusal of a hostile keystore took %lu ms", run.slowest_ms);
}

const struct ht_vec_suite ht_vec_suite_keys = {.name = "keys", .run = run_keys};
