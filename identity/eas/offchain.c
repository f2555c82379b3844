/* Off-chain attestations: what is signed, and whether it was. Reading and writing their texts is
 * for offchain_read.c, offchain_write.c and offchain_pack.c. */
#include "identity/eas/offchain.h"

#include "identity/eas/offchain_form.h"
#include "identity/eas/offchain_pack.h"
#include "identity/eas/offchain_read.h"
#include "node/codec/eip712.h"
#include "node/crypto/keccak.h"

#define DOMAIN_TYPE \
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
#define WORDS_MAX 10U /* of encodeData, the type's hash among them */

/* --- what is signed --------------------------------------------------------------------------- */

/* The words of encodeData, 32 bytes each. */
struct words {
    uint8_t b[WORDS_MAX * 32];
    size_t n;
};

/* Right-aligned in its word, as numbers and addresses are; 32 bytes fill it. */
static void add(struct words *words, ht_bytes value) {
    ht_assert(words->n + 32 <= sizeof words->b && value.n <= 32);
    memset(words->b + words->n, 0, 32);
    memcpy(words->b + words->n + 32 - value.n, value.p, value.n);
    words->n += 32;
}

static void add_number(struct words *words, uint64_t value) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(value >> (56 - 8 * i));
    add(words, HT_BYTES(bytes));
}

static void add_hash_of(struct words *words, ht_bytes value) {
    ht_hash32 hash;
    ht_keccak256(&hash, value);
    add(words, HT_BYTES(hash.b));
}

static void domain_separator(ht_hash32 *out, const struct ht_eas_offchain *package) {
    struct words words = {.n = 0};
    add_hash_of(&words, ht_bytes_str(DOMAIN_TYPE));
    add_hash_of(&words, ht_bytes_str(package->domain_name));
    add_hash_of(&words, ht_bytes_str(package->domain_version));
    add_number(&words, package->chain_id);
    add(&words, HT_BYTES(package->contract.b));
    ht_keccak256(out, ht_bytes_of(words.b, words.n));
}

static void struct_hash(ht_hash32 *out, const struct ht_eas_offchain *package) {
    const struct ht_attestation *one = &package->attestation;
    struct words words = {.n = 0};
    ht_hash32 type;
    ht_eas_form_type_hash(&type, package->version, package->type_name);
    add(&words, HT_BYTES(type.b));
    if (package->version != HT_EAS_OFFCHAIN_V0) add_number(&words, package->version);
    add(&words, HT_BYTES(one->schema.b));
    add(&words, HT_BYTES(one->recipient.b));
    add_number(&words, one->time);
    add_number(&words, one->expiration_time);
    add_number(&words, one->is_revocable);
    add(&words, HT_BYTES(one->ref_uid.b));
    add_hash_of(&words, one->data);
    if (package->version == HT_EAS_OFFCHAIN_V2) add(&words, HT_BYTES(package->salt.b));
    ht_keccak256(out, ht_bytes_of(words.b, words.n));
}

void ht_eas_offchain_digest(ht_hash32 *out, const struct ht_eas_offchain *package) {
    ht_hash32 domain, message;
    domain_separator(&domain, package);
    struct_hash(&message, package);
    ht_eip712_digest(out, &domain, &message);
}

/* --- whether it was --------------------------------------------------------------------------- */

static enum ht_err check_signature(const struct ht_eas_offchain *package, struct ht_why *why) {
    ht_hash32 digest;
    ht_addr20 signer;
    struct ht_why inner = {.code = ""};
    ht_eas_offchain_digest(&digest, package);
    enum ht_err err =
        ht_ecdsa_recover_address(&signer, &digest, &package->signature, HT_ECDSA_LOW_S, &inner);
    if (err == HT_EUNVERIFIED) return ht_fail(why, err, "eas_signature", "%s", inner.text);
    if (err != HT_OK) return ht_fail(why, err, inner.code, "%s", inner.text);
    const ht_addr20 *attester = &package->attestation.attester;
    if (memcmp(signer.b, attester->b, sizeof signer.b) == 0) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "eas_signer",
                   "another than the attester signed it, or something else was signed");
}

enum ht_err ht_eas_offchain_verify(const struct ht_eas_offchain *package, uint64_t chain_id,
                                   const ht_addr20 *contract, bool skip_signature,
                                   struct ht_why *why) {
    static const ht_addr20 nobody;
    const struct ht_attestation *one = &package->attestation;
    ht_hash32 uid;
    ht_eas_offchain_uid(&uid, package->version, one, ht_bytes_str(package->schema_text),
                        package->has_salt ? &package->salt : NULL);
    if (!ht_hash32_equal(&uid, &one->uid)) {
        return ht_fail(why, HT_EUNVERIFIED, "eas_uid", "what it says does not give its uid");
    }
    if (strcmp(package->domain_name, HT_EAS_DOMAIN_NAME) != 0) {
        return ht_fail(why, HT_EUNVERIFIED, "eas_domain", "it was signed for something else");
    }
    if (package->chain_id != chain_id) {
        return ht_fail(why, HT_EUNVERIFIED, "eas_domain", "it was signed for another chain");
    }
    if (memcmp(package->contract.b, contract->b, sizeof contract->b) != 0) {
        return ht_fail(why, HT_EUNVERIFIED, "eas_domain", "it was signed for another contract");
    }
    if (memcmp(one->attester.b, nobody.b, sizeof nobody.b) == 0) {
        return ht_fail(why, HT_EUNVERIFIED, "eas_attester", "its attester is the zero address");
    }
    return skip_signature ? HT_OK : check_signature(package, why);
}

/* --- reading ---------------------------------------------------------------------------------- */

static ht_bytes trimmed(ht_bytes text) {
    static const char SPACES[] = " \t\r\n";
    while (text.n > 0 && memchr(SPACES, text.p[text.n - 1], sizeof SPACES - 1) != NULL) text.n--;
    while (text.n > 0 && memchr(SPACES, text.p[0], sizeof SPACES - 1) != NULL) {
        text = ht_bytes_of(text.p + 1, text.n - 1);
    }
    return text;
}

static enum ht_err read_text(struct ht_eas_offchain *out, struct ht_arena *arena, ht_bytes text,
                             struct ht_why *why) {
    json_t *document = NULL;
    enum ht_err err = ht_json_parse(&document, text, HT_EAS_PACKAGE_MAX, why);
    if (err == HT_OK) err = ht_eas_offchain_read_json(out, arena, document, why);
    json_decref(document);
    return err;
}

static enum ht_err read_any(struct ht_eas_offchain *out, struct ht_arena *arena, ht_bytes package,
                            struct ht_why *why) {
    if (package.n > HT_EAS_PACKAGE_MAX) {
        return ht_fail(why, HT_ELIMIT, "eas_too_large", "%zu bytes, at most %zu are accepted",
                       package.n, HT_EAS_PACKAGE_MAX);
    }
    ht_bytes text = trimmed(package);
    bool is_json = text.n > 0 && (text.p[0] == '{' || text.p[0] == '[');
    if (is_json) return read_text(out, arena, text, why);
    struct ht_buf unpacked;
    ht_buf_init(&unpacked, HT_EAS_PACKAGE_MAX);
    enum ht_err err = ht_eas_unpack(&unpacked, text, why);
    if (err == HT_OK) err = read_text(out, arena, ht_buf_view(&unpacked), why);
    ht_buf_fini(&unpacked);
    return err;
}

enum ht_err ht_eas_offchain_read(struct ht_eas_offchain *out, struct ht_arena *arena,
                                 ht_bytes package, struct ht_why *why) {
    struct ht_why inner = {.code = ""};
    struct ht_eas_offchain read = {.version = HT_EAS_OFFCHAIN_V0};
    enum ht_err err = read_any(&read, arena, package, &inner);
    if (err == HT_OK) {
        *out = read;
        return HT_OK;
    }
    const char *code = inner.code;
    if (strncmp(code, "json_", 5) == 0) code = err == HT_ELIMIT ? "eas_too_large" : "eas_json";
    return ht_fail(why, err, code, "%s", inner.text);
}
