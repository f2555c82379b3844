/* One function per request, and what all of them share: the fields that each one has, opening what
 * was sealed, waiting after wrong passphrases, wiping. Bytes on the wire are for protocol.c. */
#include "node/signer/signer_requests.h"

#include <sodium.h>

#include "node/base/hex.h"
#include "node/crypto/nip49.h"
#include "node/crypto/secp256k1.h"
#include "node/signer/signer_sign.h"

#define SEALED_REPLY_MAX 4096U
/* OpenSSL and libsecp256k1 leave parts of secrets on the stack below us. */
#define STACK_WIPED 32768U

#define HAS(tag) (1U << HT_SIGNER_TAG_##tag)

enum ht_err ht_signer_keeper_new(struct ht_signer_keeper **out, const struct ht_random *random,
                                 const struct ht_vault_cost *cost) {
    if (sodium_init() < 0) return HT_ENOMEM;
    struct ht_signer_keeper *keeper = sodium_malloc(sizeof *keeper);
    if (keeper == NULL) return HT_ENOMEM;
    sodium_memzero(keeper, sizeof *keeper);
    keeper->random = random;
    enum ht_err err = ht_vault_new(&keeper->vault, random, cost);
    if (err == HT_OK) err = ht_hpke_generate(&keeper->pair, random, NULL);
    if (err == HT_OK)
        *out = keeper;
    else
        ht_signer_keeper_free(keeper);
    return err;
}

void ht_signer_keeper_free(struct ht_signer_keeper *keeper) {
    if (keeper == NULL) return;
    if (keeper->vault != NULL) ht_vault_free(keeper->vault);
    sodium_free(keeper);
}

void ht_signer_reply_init(struct ht_signer_reply *reply) {
    memset(reply, 0, sizeof *reply);
    ht_buf_init(&reply->vault, HT_VAULT_SIZE_MAX);
    ht_buf_init(&reply->sealed, SEALED_REPLY_MAX);
    ht_buf_init(&reply->data, HT_NIP44_ENCRYPT_ROOM);
}

void ht_signer_reply_fini(struct ht_signer_reply *reply) {
    ht_buf_fini(&reply->vault);
    ht_buf_fini(&reply->sealed);
    /* What was decrypted is a text that only its reader is to have. */
    if (reply->data.p != NULL) sodium_memzero(reply->data.p, reply->data.cap);
    ht_buf_fini(&reply->data);
}

typedef enum ht_err (*answer_fn)(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                                 const struct ht_signer_message *request, struct ht_why *why);

/* --- what goes out ----------------------------------------------------------------------------*/

static enum ht_err add_vault(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                             struct ht_why *why) {
    enum ht_err err = ht_vault_write(&reply->vault, keeper->vault, why);
    if (err != HT_OK) return err;
    ht_signer_message_add(&reply->message, HT_SIGNER_TAG_VAULT, ht_buf_view(&reply->vault));
    return HT_OK;
}

/* Adds keeper->secret to the vault, and the vault and the record's name to the reply. */
static enum ht_err keep_secret(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                               enum ht_vault_kind kind, struct ht_why *why) {
    size_t n = kind == HT_VAULT_SEED ? HT_VAULT_SEED_SIZE : HT_VAULT_KEY_SIZE;
    enum ht_err err =
        ht_vault_add(reply->name, keeper->vault, kind, ht_bytes_of(keeper->secret, n), why);
    if (err != HT_OK) return err;
    ht_bytes name = ht_bytes_str(reply->name);
    err = add_vault(reply, keeper, why);
    /* What was not written must not be there until the next write. */
    if (err != HT_OK) return ht_vault_remove(keeper->vault, name, NULL) == HT_OK ? err : HT_EBUG;
    ht_signer_message_add(&reply->message, HT_SIGNER_TAG_NAME, name);
    return HT_OK;
}

static void add_number(struct ht_signer_reply *reply, enum ht_signer_tag tag, uint64_t number) {
    ht_write_u64_le(reply->number, number);
    ht_signer_message_add(&reply->message, tag, HT_BYTES(reply->number));
}

/* Seals a secret text to the reply key that the request names. */
static enum ht_err add_sealed(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                              const struct ht_signer_message *request, ht_bytes text,
                              struct ht_why *why) {
    size_t n = 0;
    ht_bytes to = ht_signer_field(request, HT_SIGNER_TAG_PUBLIC);
    if (to.n != HT_HPKE_PUBLIC_SIZE) {
        return ht_fail(why, HT_EINPUT, "hpke_key", "the key for the reply has not %u bytes",
                       HT_HPKE_PUBLIC_SIZE);
    }
    enum ht_err err =
        ht_signer_parts_write(keeper->parts_out, &n, sizeof keeper->parts_out, &text, 1);
    if (err != HT_OK) return ht_fail(why, err, "no_room", "the reply is too long");
    err = ht_hpke_generate(&keeper->ephemeral, keeper->random, why);
    if (err != HT_OK) return err;
    const char *name = ht_signer_request_name((enum ht_signer_request)request->type);
    err = ht_hpke_seal(&reply->sealed, to.p, &keeper->ephemeral, ht_bytes_str(HT_SIGNER_INFO),
                       ht_bytes_str(name), ht_bytes_of(keeper->parts_out, n), why);
    if (err != HT_OK) return err;
    ht_signer_message_add(&reply->message, HT_SIGNER_TAG_SEALED, ht_buf_view(&reply->sealed));
    return HT_OK;
}

/* --- the vault --------------------------------------------------------------------------------*/

static enum ht_err do_hello(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                            const struct ht_signer_message *request, struct ht_why *why) {
    (void)request;
    (void)why;
    memcpy(reply->public_key, keeper->pair.public, sizeof reply->public_key);
    ht_signer_message_add(&reply->message, HT_SIGNER_TAG_PUBLIC, HT_BYTES(reply->public_key));
    add_number(reply, HT_SIGNER_TAG_CONFINED, keeper->confined);
    return HT_OK;
}

static enum ht_err do_create(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                             const struct ht_signer_message *request, struct ht_why *why) {
    (void)request;
    if (ht_vault_is_open(keeper->vault)) {
        return ht_fail(why, HT_EDENIED, "vault_open", "another wallet is unlocked");
    }
    enum ht_err err = ht_vault_create(keeper->vault, keeper->parts[0], why);
    if (err == HT_OK) err = add_vault(reply, keeper, why);
    if (err != HT_OK) ht_vault_lock(keeper->vault);
    return err;
}

static enum ht_err do_unlock(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                             const struct ht_signer_message *request, struct ht_why *why) {
    (void)reply;
    ht_bytes least = ht_signer_field(request, HT_SIGNER_TAG_NUMBER);
    ht_signer_keys_wipe(&keeper->keys);
    return ht_vault_unlock(keeper->vault, ht_signer_field(request, HT_SIGNER_TAG_VAULT),
                           keeper->parts[0], ht_read_u64_le(least.p), why);
}

static enum ht_err do_lock(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                           const struct ht_signer_message *request, struct ht_why *why) {
    (void)reply;
    (void)request;
    (void)why;
    ht_vault_lock(keeper->vault);
    ht_signer_keys_wipe(&keeper->keys);
    return HT_OK;
}

static enum ht_err do_passphrase(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                                 const struct ht_signer_message *request, struct ht_why *why) {
    (void)request;
    enum ht_err err =
        ht_vault_change_passphrase(keeper->vault, keeper->parts[0], keeper->parts[1], why);
    return err == HT_OK ? add_vault(reply, keeper, why) : err;
}

static enum ht_err do_remove(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                             const struct ht_signer_message *request, struct ht_why *why) {
    enum ht_err err = ht_vault_check_passphrase(keeper->vault, keeper->parts[0], why);
    if (err != HT_OK) return err;
    ht_signer_keys_wipe(&keeper->keys);
    err = ht_vault_remove(keeper->vault, ht_signer_field(request, HT_SIGNER_TAG_NAME), why);
    return err == HT_OK ? add_vault(reply, keeper, why) : err;
}

/* --- secrets in and out -----------------------------------------------------------------------*/

static enum ht_err do_new_seed(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                               const struct ht_signer_message *request, struct ht_why *why) {
    uint64_t words = ht_read_u64_le(ht_signer_field(request, HT_SIGNER_TAG_NUMBER).p);
    bool is_length = words >= 12 && words <= HT_BIP39_WORDS_MAX && words % 3 == 0;
    if (!is_length) {
        return ht_fail(why, HT_EINPUT, "words_count", "a seed has 12, 15, 18, 21 or 24 words");
    }
    ht_bytes entropy = ht_bytes_of(keeper->entropy, (size_t)words / 3 * 4);
    ht_random_fill(keeper->random, keeper->entropy, entropy.n);
    enum ht_err err = ht_bip39_from_entropy(keeper->text, entropy, why);
    if (err == HT_OK) {
        err = ht_signer_keys_pack_seed(keeper->secret, entropy, ht_bytes_str(""), why);
    }
    if (err == HT_OK) err = add_sealed(reply, keeper, request, ht_bytes_str(keeper->text), why);
    return err == HT_OK ? keep_secret(reply, keeper, HT_VAULT_SEED, why) : err;
}

static enum ht_err do_check_seed(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                                 const struct ht_signer_message *request, struct ht_why *why) {
    (void)reply;
    struct ht_signer_seed seed;
    size_t n = 0;
    ht_bytes name = ht_signer_field(request, HT_SIGNER_TAG_NAME);
    enum ht_err err = ht_signer_keys_seed(&seed, keeper->vault, name, why);
    if (err == HT_OK) err = ht_bip39_to_entropy(keeper->entropy, &n, keeper->parts[0], why);
    if (err != HT_OK) return err;
    bool is_same = n == seed.entropy.n && sodium_memcmp(keeper->entropy, seed.entropy.p, n) == 0;
    if (is_same) return HT_OK;
    return ht_fail(why, HT_EDENIED, "words_differ", "these are not the words of this seed");
}

enum kind { KIND_MNEMONIC, KIND_RAW, KIND_KEYSTORE, KIND_NIP49, KIND_NSEC, KIND_COUNT };

static enum ht_err read_kind(enum kind *out, const struct ht_signer_message *request,
                             struct ht_why *why) {
    static const char *const names[KIND_COUNT] = {"mnemonic", "raw", "keystore", "nip49", "nsec"};
    ht_bytes name = ht_signer_field(request, HT_SIGNER_TAG_KIND);
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (!ht_bytes_equal(name, ht_bytes_str(names[i]))) continue;
        *out = (enum kind)i;
        return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "key_kind", "that is no format of keys");
}

static enum ht_err import_words(struct ht_signer_keeper *keeper, struct ht_why *why) {
    size_t n = 0;
    enum ht_err err = ht_bip39_to_entropy(keeper->entropy, &n, keeper->parts[0], why);
    if (err != HT_OK) return err;
    return ht_signer_keys_pack_seed(keeper->secret, ht_bytes_of(keeper->entropy, n),
                                    keeper->parts[1], why);
}

static enum ht_err import_raw(struct ht_signer_keeper *keeper, struct ht_why *why) {
    if (ht_hex_read(keeper->secret, HT_VAULT_KEY_SIZE, keeper->parts[0]) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "key_text", "a key has 64 hexadecimal digits");
}

static enum ht_err do_import(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                             const struct ht_signer_message *request, struct ht_why *why) {
    enum kind kind = KIND_COUNT;
    ht_bytes text = keeper->parts[0];
    ht_bytes password = keeper->parts[1];
    enum ht_err err = read_kind(&kind, request, why);
    if (err != HT_OK) return err;
    /* Key stretching of what comes from outside is not done for a wallet that could not keep it. */
    if (!ht_vault_is_open(keeper->vault)) {
        return ht_fail(why, HT_EDENIED, "vault_locked", "the wallet is locked");
    }
    switch (kind) {
    case KIND_MNEMONIC: err = import_words(keeper, why); break;
    case KIND_RAW: err = import_raw(keeper, why); break;
    case KIND_KEYSTORE: err = ht_keystore_open(keeper->secret, text, password, why); break;
    case KIND_NIP49: err = ht_nip49_open(keeper->secret, text, password, why); break;
    case KIND_NSEC: err = ht_nip19_read(keeper->secret, "nsec", text, why); break;
    case KIND_COUNT: err = HT_EBUG; break;
    }
    if (err == HT_OK && kind != KIND_MNEMONIC) err = ht_secp256k1_check_key(keeper->secret, why);
    enum ht_vault_kind what = kind == KIND_MNEMONIC ? HT_VAULT_SEED : HT_VAULT_KEY;
    if (err == HT_OK) {
        bool is_nostr = kind == KIND_NIP49 || kind == KIND_NSEC;
        err = ht_signer_keys_check_new(&keeper->first, keeper->secret, what, is_nostr,
                                       ht_signer_field(request, HT_SIGNER_TAG_DATA), why);
    }
    return err == HT_OK ? keep_secret(reply, keeper, what, why) : err;
}

static enum ht_err export_words(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                                const struct ht_signer_message *request, struct ht_why *why) {
    struct ht_signer_seed seed;
    ht_bytes name = ht_signer_field(request, HT_SIGNER_TAG_NAME);
    enum ht_err err = ht_signer_keys_seed(&seed, keeper->vault, name, why);
    if (err == HT_OK) err = ht_bip39_from_entropy(keeper->text, seed.entropy, why);
    if (err == HT_OK) add_number(reply, HT_SIGNER_TAG_NUMBER, seed.has_passphrase);
    return err == HT_OK ? add_sealed(reply, keeper, request, ht_bytes_str(keeper->text), why) : err;
}

static enum ht_err export_keystore(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                                   const struct ht_signer_message *request, const uint8_t *key,
                                   struct ht_why *why) {
    struct ht_buf json;
    ht_buf_init(&json, HT_KEYSTORE_TEXT_MAX);
    enum ht_err err = ht_keystore_write(&json, key, keeper->parts[1], keeper->random, why);
    if (err == HT_OK) err = add_sealed(reply, keeper, request, ht_buf_view(&json), why);
    ht_buf_fini(&json);
    return err;
}

static enum ht_err do_export(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                             const struct ht_signer_message *request, struct ht_why *why) {
    enum kind kind = KIND_COUNT;
    const uint8_t *key = NULL;
    ht_bytes name = ht_signer_field(request, HT_SIGNER_TAG_NAME);
    enum ht_err err = read_kind(&kind, request, why);
    if (err == HT_OK) err = ht_vault_check_passphrase(keeper->vault, keeper->parts[0], why);
    if (err == HT_OK && kind == KIND_MNEMONIC) return export_words(reply, keeper, request, why);
    if (err == HT_OK) err = ht_signer_keys_find(&key, &keeper->keys, keeper->vault, name, why);
    if (err != HT_OK) return err;
    switch (kind) {
    case KIND_RAW: ht_hex_write(keeper->text, ht_bytes_of(key, HT_VAULT_KEY_SIZE)); break;
    case KIND_KEYSTORE: return export_keystore(reply, keeper, request, key, why);
    case KIND_NIP49:
        err = ht_nip49_write(keeper->text, key, keeper->parts[1], keeper->random, why);
        break;
    case KIND_NSEC: err = ht_nip19_write(keeper->text, "nsec", key); break;
    case KIND_MNEMONIC:
    case KIND_COUNT: err = HT_EBUG; break;
    }
    return err == HT_OK ? add_sealed(reply, keeper, request, ht_bytes_str(keeper->text), why) : err;
}

/* --- all of them ------------------------------------------------------------------------------*/

static const struct {
    answer_fn answer;
    unsigned fields; /* exactly these */
    uint8_t parts_min, parts_max;
    bool is_guarded; /* waits after wrong passphrases */
} requests[HT_SIGNER_REQUEST_COUNT] = {
    [HT_SIGNER_HELLO] = {do_hello, 0, 0, 0, false},
    [HT_SIGNER_CREATE] = {do_create, HAS(SEALED), 1, 1, false},
    [HT_SIGNER_UNLOCK] = {do_unlock, HAS(VAULT) | HAS(SEALED) | HAS(NUMBER), 1, 1, true},
    [HT_SIGNER_LOCK] = {do_lock, 0, 0, 0, false},
    [HT_SIGNER_PASSPHRASE] = {do_passphrase, HAS(SEALED), 2, 2, true},
    [HT_SIGNER_NEW_SEED] = {do_new_seed, HAS(NUMBER) | HAS(PUBLIC), 0, 0, false},
    [HT_SIGNER_CHECK_SEED] = {do_check_seed, HAS(NAME) | HAS(SEALED), 1, 1, false},
    [HT_SIGNER_IMPORT] = {do_import, HAS(KIND) | HAS(SEALED) | HAS(DATA), 1, 2, false},
    [HT_SIGNER_EXPORT] = {do_export, HAS(NAME) | HAS(KIND) | HAS(SEALED) | HAS(PUBLIC), 1, 2, true},
    [HT_SIGNER_REMOVE] = {do_remove, HAS(NAME) | HAS(SEALED), 1, 1, true},
    [HT_SIGNER_PUBLIC_KEY] = {ht_signer_public_key, HAS(KEY), 0, 0, false},
    [HT_SIGNER_SIGN_TX] = {ht_signer_sign, HAS(KEY) | HAS(DATA), 0, 0, false},
    [HT_SIGNER_SIGN_TEXT] = {ht_signer_sign, HAS(KEY) | HAS(DATA), 0, 0, false},
    [HT_SIGNER_SIGN_TYPED] = {ht_signer_sign, HAS(KEY) | HAS(DATA), 0, 0, false},
    [HT_SIGNER_SIGN_AUTHORIZATION] = {ht_signer_sign, HAS(KEY) | HAS(DATA), 0, 0, false},
    [HT_SIGNER_SIGN_JWT] = {ht_signer_sign, HAS(KEY) | HAS(DATA), 0, 0, false},
    [HT_SIGNER_SIGN_EVENT] = {ht_signer_sign_event, HAS(KEY) | HAS(DATA), 0, 0, false},
    [HT_SIGNER_ENCRYPT] = {ht_signer_encrypt, HAS(KEY) | HAS(PUBLIC) | HAS(DATA), 0, 0, false},
    [HT_SIGNER_DECRYPT] = {ht_signer_decrypt, HAS(KEY) | HAS(PUBLIC) | HAS(DATA), 0, 0, false},
};

static enum ht_err check_fields(const struct ht_signer_message *request, struct ht_why *why) {
    if (request->type >= HT_SIGNER_REQUEST_COUNT) {
        return ht_fail(why, HT_EINPUT, "signer_request", "the signer has no such request");
    }
    unsigned found = 0;
    for (size_t i = 0; i < request->field_count; i++) found |= 1U << request->fields[i].tag;
    ht_bytes number = ht_signer_field(request, HT_SIGNER_TAG_NUMBER);
    bool is_right = found == requests[request->type].fields && (number.p == NULL || number.n == 8);
    if (is_right) return HT_OK;
    return ht_fail(why, HT_EINPUT, "signer_fields", "a request for the signer with other fields");
}

/* Each was sealed with a key of its own: one that comes again was kept by somebody on the way. */
static enum ht_err check_fresh(struct ht_signer_keeper *keeper, ht_bytes sealed,
                               struct ht_why *why) {
    const size_t room = sizeof keeper->seen / sizeof *keeper->seen;
    for (size_t i = 0; i < room && i < keeper->seen_count; i++) {
        if (memcmp(keeper->seen[i], sealed.p + 1, sizeof keeper->seen[i]) != 0) continue;
        return ht_fail(why, HT_EDENIED, "replayed", "what was sealed has been used already");
    }
    memcpy(keeper->seen[keeper->seen_count++ % room], sealed.p + 1, sizeof keeper->seen[0]);
    return HT_OK;
}

static enum ht_err open_sealed(struct ht_signer_keeper *keeper,
                               const struct ht_signer_message *request, struct ht_why *why) {
    size_t n = 0;
    ht_bytes sealed = ht_signer_field(request, HT_SIGNER_TAG_SEALED);
    if (sealed.n > HT_HPKE_OVERHEAD + sizeof keeper->opened) {
        return ht_fail(why, HT_ELIMIT, "sealed_long", "what was sealed is too long");
    }
    uint8_t aad[HT_SIGNER_AAD_MAX];
    ht_bytes reply_key = ht_signer_field(request, HT_SIGNER_TAG_PUBLIC);
    if (reply_key.n != 0 && reply_key.n != HT_HPKE_PUBLIC_SIZE) {
        return ht_fail(why, HT_EINPUT, "hpke_key", "the key for the reply has not %u bytes",
                       HT_HPKE_PUBLIC_SIZE);
    }
    size_t aad_n = ht_signer_aad(aad, (enum ht_signer_request)request->type, reply_key);
    enum ht_err err = ht_hpke_open(keeper->opened, &n, &keeper->pair, ht_bytes_str(HT_SIGNER_INFO),
                                   ht_bytes_of(aad, aad_n), sealed, why);
    if (err == HT_OK) err = check_fresh(keeper, sealed, why);
    if (err != HT_OK) return err;
    err = ht_signer_parts_read(keeper->parts, &keeper->part_count, ht_bytes_of(keeper->opened, n),
                               why);
    if (err != HT_OK) return err;
    bool is_right = keeper->part_count >= requests[request->type].parts_min &&
                    keeper->part_count <= requests[request->type].parts_max;
    if (is_right) return HT_OK;
    return ht_fail(why, HT_EINPUT, "signer_parts", "what was sealed has too few or too many parts");
}

static void wait_for_guess(const struct ht_signer_keeper *keeper) {
    int ms = 0;
    for (unsigned i = 0; i < keeper->wrong_count && ms < HT_SIGNER_WAIT_MAX_MS; i++) {
        ms = ms == 0 ? HT_SIGNER_WAIT_FIRST_MS : ms * 2;
    }
    if (ms > HT_SIGNER_WAIT_MAX_MS) ms = HT_SIGNER_WAIT_MAX_MS;
    if (ms > 0) keeper->wait(keeper->wait_self, ms);
}

static enum ht_err answer(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                          const struct ht_signer_message *request, struct ht_why *why) {
    enum ht_err err = check_fields(request, why);
    if (err != HT_OK) return err;
    bool is_guarded = requests[request->type].is_guarded;
    if (requests[request->type].fields & HAS(SEALED)) err = open_sealed(keeper, request, why);
    if (err == HT_OK && is_guarded) wait_for_guess(keeper);
    if (err == HT_OK) err = requests[request->type].answer(reply, keeper, request, why);
    if (!is_guarded) return err;
    if (err == HT_OK) keeper->wrong_count = 0;
    bool is_wrong = err == HT_EDENIED && strcmp(why->code, "wrong_passphrase") == 0;
    /* Counting on is no use past the longest wait. */
    if (is_wrong && keeper->wrong_count < 16) keeper->wrong_count++;
    return err;
}

static void wipe(struct ht_signer_keeper *keeper) {
    sodium_memzero(keeper->opened, sizeof keeper->opened);
    sodium_memzero(keeper->secret, sizeof keeper->secret);
    sodium_memzero(keeper->entropy, sizeof keeper->entropy);
    sodium_memzero(&keeper->first, sizeof keeper->first);
    sodium_memzero(keeper->text, sizeof keeper->text);
    sodium_memzero(keeper->parts_out, sizeof keeper->parts_out);
    sodium_memzero(&keeper->ephemeral, sizeof keeper->ephemeral);
    sodium_memzero(keeper->conversation_key, sizeof keeper->conversation_key);
    memset(keeper->parts, 0, sizeof keeper->parts);
    keeper->part_count = 0;
    sodium_stackzero(STACK_WIPED);
}

static void add_reason(struct ht_signer_reply *reply, const struct ht_why *why) {
    size_t code_n = strnlen(why->code, 64) + 1;
    size_t text_n = strnlen(why->text, sizeof why->text);
    ht_assert(code_n + text_n <= sizeof reply->reason);
    memcpy(reply->reason, why->code, code_n);
    memcpy(reply->reason + code_n, why->text, text_n);
    ht_signer_message_add(&reply->message, HT_SIGNER_TAG_REASON,
                          ht_bytes_of(reply->reason, code_n + text_n));
}

void ht_signer_answer(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                      const struct ht_signer_message *request) {
    struct ht_why why = {.code = "signer_refused", .text = "the signer refused"};
    ht_signer_reply_fini(reply);
    reply->message = (struct ht_signer_message){.number = request->number};
    enum ht_err err = answer(reply, keeper, request, &why);
    wipe(keeper);
    if (err == HT_OK) return;
    reply->message.field_count = 0;
    reply->message.type = err;
    add_reason(reply, &why);
}
