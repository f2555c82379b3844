/* The text of DIDs. */
#include "identity/did/did.h"

#include "identity/credentials/siwe_text.h"
#include "identity/did/did_static.h"
#include "node/base/hex.h"
#include "node/codec/address.h"
#include "node/codec/base58.h"
#include "node/crypto/secp256k1.h"

#define ADDRESS_TEXT (HT_ADDRESS_TEXT_SIZE - 1U)
#define KEY_TEXT 68U /* "0x" and 33 bytes */

static const struct network {
    const char *name;
    uint64_t chain_id;
} NETWORKS[] = {{"mainnet", 1}, {"sepolia", 11155111}, {"holesky", 17000}, {"hoodi", 560048}};

static enum ht_err bad_syntax(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "did_syntax", "%s", what);
}

static bool begins(ht_bytes text, const char *with) {
    size_t n = strlen(with);
    return text.n >= n && memcmp(text.p, with, n) == 0;
}

static ht_bytes behind(ht_bytes text, size_t n) {
    return ht_bytes_of(text.p + n, text.n - n);
}

/* --- parts ------------------------------------------------------------------------------------ */

/* Hex in one case, or in both with the checksum. */
static enum ht_err read_address(ht_addr20 *out, ht_bytes text, struct ht_why *why) {
    char right[HT_ADDRESS_TEXT_SIZE];
    bool has_upper = false;
    bool has_lower = false;
    if (text.n != ADDRESS_TEXT || !begins(text, "0x") ||
        ht_hex_read(out->b, sizeof out->b, text) != HT_OK) {
        return bad_syntax(why, "it does not end with an address of 20 bytes in hex");
    }
    for (size_t i = 2; i < text.n; i++) {
        has_upper = has_upper || (text.p[i] >= 'A' && text.p[i] <= 'F');
        has_lower = has_lower || (text.p[i] >= 'a' && text.p[i] <= 'f');
    }
    ht_address_checksum(right, out);
    if (!has_upper || !has_lower || memcmp(right, text.p, text.n) == 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "did_address",
                   "the case of its address's letters is not the checksum (ERC-55)");
}

static enum ht_err set_secp256k1(struct ht_did *out, ht_bytes key, struct ht_why *why) {
    uint8_t point[HT_SECP256K1_PUBKEY_SIZE];
    if (key.n != sizeof out->key || ht_secp256k1_read_point(point, key, NULL) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "did_key", "its key is no point of secp256k1, compressed");
    }
    out->key_kind = HT_DID_SECP256K1;
    memcpy(out->key, key.p, key.n);
    ht_secp256k1_address(&out->address, point);
    return HT_OK;
}

static bool read_digits(uint64_t *out, ht_bytes text, unsigned base) {
    uint64_t value = 0;
    if (text.n == 0 || text.n > 19 || (text.p[0] == '0' && text.n > 1)) return false;
    if (base == 16 && text.n > 16) return false;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        unsigned digit = c >= '0' && c <= '9'   ? c - (unsigned)'0'
                         : c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10
                         : c >= 'A' && c <= 'F' ? c - (unsigned)'A' + 10
                                                : 16U;
        if (digit >= base) return false;
        value = value * base + digit;
    }
    *out = value;
    return true;
}

static enum ht_err read_network(uint64_t *chain_id, ht_bytes name, struct ht_why *why) {
    for (size_t i = 0; i < sizeof NETWORKS / sizeof *NETWORKS; i++) {
        if (!ht_bytes_equal(name, ht_bytes_str(NETWORKS[i].name))) continue;
        *chain_id = NETWORKS[i].chain_id;
        return HT_OK;
    }
    if (begins(name, "0x") && read_digits(chain_id, behind(name, 2), 16) && *chain_id > 0) {
        return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "did_network",
                   "its network is none that is known by name, and no chain id in hex");
}

/* --- methods ---------------------------------------------------------------------------------- */

static enum ht_err read_ethr(struct ht_did *out, ht_bytes id, struct ht_why *why) {
    uint8_t key[33];
    size_t at = id.n;
    while (at > 0 && id.p[at - 1] != ':') at--;
    ht_bytes last = behind(id, at);
    out->chain_id = 1;
    if (last.n != KEY_TEXT) {
        enum ht_err err = read_address(&out->address, last, why);
        if (err != HT_OK) return err;
    } else {
        bool is_hex = begins(last, "0x") && ht_hex_read(key, sizeof key, last) == HT_OK;
        if (!is_hex) return bad_syntax(why, "it does not end with a public key in hex");
        enum ht_err err = set_secp256k1(out, HT_BYTES(key), why);
        if (err != HT_OK) return err;
    }
    return at == 0 ? HT_OK : read_network(&out->chain_id, ht_bytes_of(id.p, at - 1), why);
}

static enum ht_err read_pkh(struct ht_did *out, ht_bytes id, struct ht_why *why) {
    size_t at = 0;
    if (!begins(id, "eip155:")) {
        return ht_fail(why, HT_EINPUT, "did_network", "it is of another kind of chain than eip155");
    }
    id = behind(id, strlen("eip155:"));
    while (at < id.n && id.p[at] != ':') at++;
    if (at == id.n || !read_digits(&out->chain_id, ht_bytes_of(id.p, at), 10)) {
        return bad_syntax(why, "it names no chain by a decimal number");
    }
    return read_address(&out->address, behind(id, at + 1), why);
}

static enum ht_err set_key(struct ht_did *out, uint64_t codec, ht_bytes key, struct ht_why *why) {
    uint8_t agreement[32];
    if (codec == HT_MULTICODEC_SECP256K1) return set_secp256k1(out, key, why);
    if (codec != HT_MULTICODEC_ED25519) {
        return ht_fail(why, HT_EINPUT, "did_key", "its key is neither secp256k1's nor Ed25519's");
    }
    if (key.n != 32 || !ht_did_agreement_key(agreement, key.p)) {
        return ht_fail(why, HT_EINPUT, "did_key", "its key is no point of Ed25519");
    }
    out->key_kind = HT_DID_ED25519;
    memcpy(out->key, key.p, key.n);
    return HT_OK;
}

static enum ht_err read_key(struct ht_did *out, ht_bytes id, struct ht_why *why) {
    uint64_t codec = 0;
    struct ht_buf key;
    ht_buf_init(&key, HT_BASE58_BYTES_MAX);
    enum ht_err err = ht_multikey_read(&key, &codec, id, NULL);
    if (err == HT_OK)
        err = set_key(out, codec, ht_buf_view(&key), why);
    else if (err != HT_ENOMEM)
        err = bad_syntax(why, "its key is not in base58btc with a multicodec");
    else
        err = ht_fail(why, err, "no_memory", "out of memory");
    ht_buf_fini(&key);
    return err;
}

static size_t length_of(ht_bytes text) {
    size_t n = 0;
    while (n < text.n && memchr("?#/", text.p[n], 3) == NULL) n++;
    return n;
}

enum ht_err ht_did_read(struct ht_did *out, ht_bytes *rest, ht_bytes text, struct ht_why *why) {
    static const struct {
        const char *prefix;
        enum ht_did_method method;
        enum ht_err (*read)(struct ht_did *out, ht_bytes id, struct ht_why *why);
    } methods[] = {{"did:ethr:", HT_DID_ETHR, read_ethr},
                   {"did:pkh:", HT_DID_PKH, read_pkh},
                   {"did:key:", HT_DID_KEY, read_key}};
    struct ht_did did = {.key_kind = HT_DID_NO_KEY};
    size_t n = length_of(text);
    if (n < text.n && rest == NULL) return bad_syntax(why, "there is more behind the DID");
    if (n >= sizeof did.text) {
        return ht_fail(why, HT_EINPUT, "did_syntax", "it is over %zu characters",
                       sizeof did.text - 1);
    }
    if (!begins(text, "did:")) return bad_syntax(why, "it does not begin with did:");
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        size_t prefix = strlen(methods[i].prefix);
        if (n < prefix || !begins(text, methods[i].prefix)) continue;
        did.method = methods[i].method;
        enum ht_err err = methods[i].read(&did, ht_bytes_of(text.p + prefix, n - prefix), why);
        if (err != HT_OK) return err;
        memcpy(did.text, text.p, n);
        *out = did;
        if (rest != NULL) *rest = behind(text, n);
        return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "did_method", "its method is none of ethr, pkh and key");
}

/* --- versions --------------------------------------------------------------------------------- */

static enum ht_err bad_version(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "did_version", "%s", what);
}

static enum ht_err read_parameter(struct ht_did_version *out, ht_bytes one, struct ht_why *why) {
    int64_t ms = 0;
    if (begins(one, "versionId=") && !out->has_block) {
        out->has_block = true;
        ht_bytes digits = behind(one, strlen("versionId="));
        if (read_digits(&out->block, digits, 10)) return HT_OK;
        return bad_version(why, "versionId is not the number of a block");
    }
    if (begins(one, "versionTime=") && !out->has_time) {
        out->has_time = true;
        ht_bytes time = behind(one, strlen("versionTime="));
        if (ht_rfc3339_read(&ms, time, NULL) != HT_OK || ms < 0) {
            return bad_version(why, "versionTime is no time like 2025-06-15T15:09:32Z");
        }
        out->time_s = ms / 1000;
        return HT_OK;
    }
    return bad_version(why, "there is more behind the DID than one versionId or versionTime");
}

enum ht_err ht_did_version_read(struct ht_did_version *out, ht_bytes rest, struct ht_why *why) {
    struct ht_did_version version = {0};
    size_t end = 0;
    while (end < rest.n && rest.p[end] != '#') end++;
    if (end > 0 && rest.p[0] != '?') return bad_version(why, "a path is behind the DID");
    for (size_t at = 1; at < end;) {
        size_t to = at;
        while (to < end && rest.p[to] != '&') to++;
        enum ht_err err = read_parameter(&version, ht_bytes_of(rest.p + at, to - at), why);
        if (err != HT_OK) return err;
        at = to + 1;
    }
    if (version.has_block && version.has_time) {
        return bad_version(why, "versionId and versionTime together name no one version");
    }
    *out = version;
    return HT_OK;
}

/* --- results ---------------------------------------------------------------------------------- */

const char *ht_did_error_word(const struct ht_why *why) {
    static const struct {
        const char *code, *word;
    } words[] = {{"did_syntax", "invalidDid"},         {"did_key", "invalidDid"},
                 {"did_address", "invalidDid"},        {"did_version", "invalidDidUrl"},
                 {"did_method", "methodNotSupported"}, {"block_in_future", "notFound"}};
    for (size_t i = 0; why->code != NULL && i < sizeof words / sizeof *words; i++) {
        if (strcmp(why->code, words[i].code) == 0) return words[i].word;
    }
    return "internalError";
}

static const char *content_type(const json_t *document) {
    return json_object_get(document, "@context") != NULL ? "application/did+ld+json"
                                                         : "application/did+json";
}

json_t *ht_did_result(json_t *document, json_t *document_metadata, const char *error) {
    json_t *resolution = error != NULL ? json_pack("{s:s}", "error", error)
                                       : json_pack("{s:s}", "contentType", content_type(document));
    if (document_metadata == NULL) document_metadata = json_object();
    if (document == NULL) document = json_null();
    return json_pack("{s:o, s:o, s:o}", "didResolutionMetadata", resolution, "didDocument",
                     document, "didDocumentMetadata", document_metadata);
}
