/* Mnemonics and what is derived from them:
 *   {"cases": [{"mnemonic", "entropy", "passphrase", "seed", "derived": […], "nip06": {…}}],
 *    "malformed": [{"mnemonic"}]}
 *   {"english": [[entropy, words, seed, xprv], …], …} of Trezor, passphrase "TREZOR"; the words of
 *                other languages are to be refused, as only English is read
 *   {"valid": [{"seed", "chains": [{"path", "xprv"}]}]} of BIP-32
 *   [{"mnemonic", "passphrase", "account", "private", "public", "nsec", "npub"}] of NIP-06 */
#include <stdio.h>

#include "node/base/hex.h"
#include "node/crypto/bip32.h"
#include "node/crypto/bip39.h"
#include "node/crypto/nip49.h"
#include "node/crypto/secp256k1.h"
#include "tests/vectors/suite_keys.h"

/* Version 4, depth 1, parent 4, index 4, chain code 32, zero 1, key 32, checksum 4. */
#define EXTENDED_SIZE 82U

static bool base58_decode(uint8_t out[static EXTENDED_SIZE], const char *text) {
    static const char letters[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    memset(out, 0, EXTENDED_SIZE);
    for (const char *c = text; *c != '\0'; c++) {
        const char *at = strchr(letters, *c);
        if (at == NULL) return false;
        unsigned carry = (unsigned)(at - letters);
        for (size_t i = EXTENDED_SIZE; i-- > 0;) {
            carry += out[i] * 58U;
            out[i] = (uint8_t)carry;
            carry >>= 8;
        }
        if (carry != 0) return false;
    }
    return true;
}

static enum ht_err same_extended(const char *xprv, const struct ht_bip32_key *key,
                                 struct ht_why *why) {
    uint8_t bytes[EXTENDED_SIZE];
    if (!base58_decode(bytes, xprv)) return ht_fail(why, HT_EBUG, "case", "no extended key");
    if (memcmp(bytes + 13, key->chain_code, 32) == 0 && memcmp(bytes + 46, key->key, 32) == 0) {
        return HT_OK;
    }
    return ht_fail(why, HT_EBUG, "case", "another extended key");
}

static enum ht_err seed_of(uint8_t out[static HT_BIP39_SEED_SIZE], ht_bytes words,
                           ht_bytes passphrase, struct ht_why *why) {
    uint8_t entropy[HT_BIP39_ENTROPY_MAX];
    size_t n = 0;
    enum ht_err err = ht_bip39_to_entropy(entropy, &n, words, why);
    if (err != HT_OK) return err;
    return ht_bip39_seed(out, ht_bytes_of(entropy, n), passphrase, why);
}

static enum ht_err key_at(struct ht_bip32_key *out, ht_bytes seed, const char *path_text,
                          struct ht_why *why) {
    struct ht_bip32_path path;
    enum ht_err err = ht_bip32_path_read(&path, path_text, why);
    return err == HT_OK ? ht_bip32_derive(out, seed, &path, why) : err;
}

/* Entropy, words and seed agree in every direction. */
static enum ht_err judge_words(ht_bytes entropy, const char *words, ht_bytes passphrase,
                               const uint8_t seed[static HT_BIP39_SEED_SIZE], struct ht_why *why) {
    uint8_t back[HT_BIP39_ENTROPY_MAX];
    uint8_t got[HT_BIP39_SEED_SIZE];
    char text[HT_BIP39_TEXT_SIZE];
    size_t n = 0;
    enum ht_err err = ht_bip39_to_entropy(back, &n, ht_bytes_str(words), why);
    if (err == HT_OK && !ht_bytes_equal(ht_bytes_of(back, n), entropy)) {
        err = ht_fail(why, HT_EBUG, "case", "another entropy");
    }
    if (err == HT_OK) err = ht_bip39_from_entropy(text, entropy, why);
    if (err == HT_OK && strcmp(text, words) != 0) {
        err = ht_fail(why, HT_EBUG, "case", "other words");
    }
    if (err == HT_OK) err = ht_bip39_seed(got, entropy, passphrase, why);
    if (err == HT_OK && memcmp(got, seed, sizeof got) != 0) {
        err = ht_fail(why, HT_EBUG, "case", "another seed");
    }
    return err;
}

/* --- our own form -----------------------------------------------------------------------------*/

static enum ht_err judge_derived(const json_t *one, ht_bytes seed, struct ht_why *why) {
    const char *path = NULL;
    const char *xprv = NULL;
    struct ht_bip32_key key;
    uint8_t short_form[33];
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    ht_addr20 address;
    enum ht_err err = ht_json_text(&path, one, "path", why);
    if (err == HT_OK) err = ht_json_text(&xprv, one, "xprv", why);
    if (err == HT_OK) err = key_at(&key, seed, path, why);
    if (err == HT_OK) err = ht_keys_same(one, "privateKey", key.key, 32, why);
    if (err == HT_OK) err = ht_keys_same(one, "chainCode", key.chain_code, 32, why);
    if (err == HT_OK) err = same_extended(xprv, &key, why);
    if (err == HT_OK) err = ht_secp256k1_public_key_short(short_form, key.key, why);
    if (err == HT_OK) err = ht_keys_same(one, "publicKey", short_form, sizeof short_form, why);
    if (err == HT_OK) err = ht_secp256k1_public_key(pubkey, key.key, why);
    if (err != HT_OK) return err;
    ht_secp256k1_address(&address, pubkey);
    return ht_keys_same(one, "address", address.b, sizeof address.b, why);
}

/* NIP-06: m/44'/1237'/account'/0/0. */
static enum ht_err judge_nostr(const json_t *one, const char *private_name, const char *public_name,
                               ht_bytes seed, struct ht_why *why) {
    char path[64];
    char text[HT_NIP49_TEXT_SIZE];
    uint64_t account = 0;
    uint8_t x[32];
    struct ht_bip32_key key;
    enum ht_err err = ht_json_u64(&account, one, "account", why);
    if (err != HT_OK) return err;
    (void)snprintf(path, sizeof path, "m/44'/1237'/%llu'/0/0", (unsigned long long)account);
    err = key_at(&key, seed, path, why);
    if (err == HT_OK) err = ht_keys_same(one, private_name, key.key, 32, why);
    if (err == HT_OK) err = ht_secp256k1_public_key_x(x, key.key, why);
    if (err == HT_OK) err = ht_keys_same(one, public_name, x, 32, why);
    if (err == HT_OK) err = ht_nip19_write(text, "nsec", key.key);
    if (err == HT_OK) err = ht_keys_same_text(one, "nsec", text, why);
    if (err == HT_OK) err = ht_nip19_write(text, "npub", x);
    if (err == HT_OK) err = ht_keys_same_text(one, "npub", text, why);
    return err;
}

static enum ht_err judge_mnemonic(uint8_t seed[static HT_BIP39_SEED_SIZE], const json_t *one,
                                  struct ht_why *why) {
    const char *words = NULL;
    ht_bytes passphrase;
    struct ht_buf entropy;
    ht_buf_init(&entropy, 64);
    enum ht_err err = ht_json_text(&words, one, "mnemonic", why);
    if (err == HT_OK) err = ht_json_str(&passphrase, one, "passphrase", why);
    if (err == HT_OK) err = ht_json_hex_buf(&entropy, one, "entropy", why);
    if (err == HT_OK) err = ht_keys_hex(seed, HT_BIP39_SEED_SIZE, one, "seed", why);
    if (err == HT_OK) err = judge_words(ht_buf_view(&entropy), words, passphrase, seed, why);
    ht_buf_fini(&entropy);
    return err;
}

static void run_hd_case(struct ht_keys_run *run, const json_t *one) {
    const char *id = NULL;
    char name[120];
    size_t index = 0;
    const json_t *derived = NULL;
    struct ht_why why = {.code = "", .text = ""};
    uint8_t seed[HT_BIP39_SEED_SIZE];
    if (ht_json_text(&id, one, "id", NULL) != HT_OK) id = "?";
    enum ht_err err = judge_mnemonic(seed, one, &why);
    run->seeds++;
    ht_keys_report(run, id, err, &why);
    if (err != HT_OK) return;
    json_array_foreach(ht_json_member(one, "derived"), index, derived) {
        (void)snprintf(name, sizeof name, "%s/%zu", id, index);
        run->seeds++;
        ht_keys_report(run, name, judge_derived(derived, HT_BYTES(seed), &why), &why);
    }
    const json_t *nostr = ht_json_member(one, "nip06");
    if (nostr == NULL) return;
    (void)snprintf(name, sizeof name, "%s/nip06", id);
    run->seeds++;
    ht_keys_report(run, name, judge_nostr(nostr, "privateKey", "pubkey", HT_BYTES(seed), &why),
                   &why);
}

static enum ht_err must_refuse(const char *words, struct ht_why *why) {
    uint8_t entropy[HT_BIP39_ENTROPY_MAX];
    size_t n = 0;
    enum ht_err err = ht_bip39_to_entropy(entropy, &n, ht_bytes_str(words), why);
    if (err == HT_EINPUT || err == HT_ELIMIT) return HT_OK;
    return ht_fail(why, HT_EBUG, "case", "accepted, must be refused");
}

static void run_hd(struct ht_keys_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    const char *words = NULL;
    const char *id = NULL;
    json_array_foreach(ht_json_member(document, "cases"), index, one) {
        if (ht_json_member(one, "mnemonic") != NULL) run_hd_case(run, one);
    }
    json_array_foreach(ht_json_member(document, "malformed"), index, one) {
        struct ht_why why = {.code = "", .text = ""};
        if (ht_json_text(&words, one, "mnemonic", NULL) != HT_OK) continue;
        if (ht_json_text(&id, one, "id", NULL) != HT_OK) id = "?";
        run->seeds++;
        ht_keys_report(run, id, must_refuse(words, &why), &why);
    }
}

/* --- forms of others --------------------------------------------------------------------------*/

static enum ht_err judge_trezor(const json_t *one, bool is_english, struct ht_why *why) {
    const char *words = json_string_value(json_array_get(one, 1));
    const char *seed_hex = json_string_value(json_array_get(one, 2));
    const char *xprv = json_string_value(json_array_get(one, 3));
    const char *entropy_hex = json_string_value(json_array_get(one, 0));
    uint8_t entropy[HT_BIP39_ENTROPY_MAX];
    uint8_t seed[HT_BIP39_SEED_SIZE];
    struct ht_bip32_key key;
    if (!is_english) return must_refuse(words, why);
    size_t n = strlen(entropy_hex) / 2;
    if (n > sizeof entropy || ht_hex_read(entropy, n, ht_bytes_str(entropy_hex)) != HT_OK ||
        ht_hex_read(seed, sizeof seed, ht_bytes_str(seed_hex)) != HT_OK) {
        return ht_fail(why, HT_EBUG, "case", "its hex is not understood");
    }
    enum ht_err err =
        judge_words(ht_bytes_of(entropy, n), words, ht_bytes_str("TREZOR"), seed, why);
    if (err == HT_OK) err = ht_bip32_master(&key, HT_BYTES(seed), why);
    return err == HT_OK ? same_extended(xprv, &key, why) : err;
}

static bool is_trezor(const json_t *one) {
    if (json_array_size(one) != 4) return false;
    for (size_t i = 0; i < 4; i++) {
        if (!json_is_string(json_array_get(one, i))) return false;
    }
    return true;
}

static void run_trezor(struct ht_keys_run *run, json_t *document) {
    const char *language = NULL;
    json_t *list = NULL;
    json_object_foreach(document, language, list) {
        size_t index = 0;
        const json_t *one = NULL;
        json_array_foreach(list, index, one) {
            char name[80];
            struct ht_why why = {.code = "", .text = ""};
            if (!is_trezor(one)) continue;
            (void)snprintf(name, sizeof name, "%s/%zu", language, index);
            run->seeds++;
            ht_keys_report(run, name, judge_trezor(one, strcmp(language, "english") == 0, &why),
                           &why);
        }
    }
}

static enum ht_err judge_chain(const json_t *one, const json_t *link, struct ht_why *why) {
    const char *seed_hex = NULL;
    const char *path = NULL;
    const char *xprv = NULL;
    uint8_t seed[64];
    struct ht_bip32_key key;
    enum ht_err err = ht_json_text(&seed_hex, one, "seed", why);
    if (err == HT_OK) err = ht_json_text(&path, link, "path", why);
    if (err == HT_OK) err = ht_json_text(&xprv, link, "xprv", why);
    if (err != HT_OK) return err;
    size_t n = strlen(seed_hex) / 2;
    if (n > sizeof seed || ht_hex_read(seed, n, ht_bytes_str(seed_hex)) != HT_OK) {
        return ht_fail(why, HT_EBUG, "case", "its hex is not understood");
    }
    err = key_at(&key, ht_bytes_of(seed, n), path, why);
    return err == HT_OK ? same_extended(xprv, &key, why) : err;
}

static void run_chains(struct ht_keys_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    bool has_chains = false;
    json_array_foreach(ht_json_member(document, "valid"), index, one) {
        size_t place = 0;
        const json_t *link = NULL;
        json_array_foreach(ht_json_member(one, "chains"), place, link) {
            char name[80];
            struct ht_why why = {.code = "", .text = ""};
            has_chains = true;
            (void)snprintf(name, sizeof name, "%zu/%zu", index, place);
            run->seeds++;
            ht_keys_report(run, name, judge_chain(one, link, &why), &why);
        }
    }
    if (has_chains) run->other_kinds += json_array_size(ht_json_member(document, "invalid"));
}

static void run_nostr(struct ht_keys_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(document, index, one) {
        char name[40];
        uint8_t seed[HT_BIP39_SEED_SIZE];
        ht_bytes words;
        ht_bytes passphrase;
        struct ht_why why = {.code = "", .text = ""};
        if (!json_is_string(ht_json_member(one, "nsec"))) continue;
        if (ht_json_str(&words, one, "mnemonic", NULL) != HT_OK ||
            ht_json_str(&passphrase, one, "passphrase", NULL) != HT_OK) {
            continue;
        }
        (void)snprintf(name, sizeof name, "%zu", index);
        run->seeds++;
        enum ht_err err = seed_of(seed, words, passphrase, &why);
        if (err == HT_OK) err = judge_nostr(one, "private", "public", HT_BYTES(seed), &why);
        ht_keys_report(run, name, err, &why);
    }
}

void ht_keys_run_seeds(struct ht_keys_run *run, const json_t *document) {
    run_hd(run, document);
    run_chains(run, document);
    run_nostr(run, document);
    if (ht_json_member(document, "english") != NULL) run_trezor(run, (json_t *)(uintptr_t)document);
}
