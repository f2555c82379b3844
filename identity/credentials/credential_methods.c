/* Tokens of our own: the payload is made, the document of whoever it is from is fetched, one of our
 * keys in it is chosen, its owner confirms, and the token is checked before it goes out. */
#include "identity/credentials/credential_methods.h"

#include <inttypes.h>
#include <stdlib.h>

#include "identity/credentials/credential_check.h"
#include "identity/credentials/credential_payload.h"
#include "identity/credentials/parties.h"
#include "identity/keys/accounts.h"
#include "identity/wallet/send.h"
#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/crypto/secp256k1.h"

#define PART_MAX ((size_t)255 << 10) /* what the signer takes */

struct making {
    struct ht_vc_documents documents; /* first; of the one DID */
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    bool is_presentation, has_account, has_alg;
    ht_addr20 account;
    enum ht_jwt_alg alg;
    char did[HT_DID_TEXT_MAX];
    char method[HT_DOCUMENT_METHOD_MAX];
    json_t *payload;
    struct ht_buf token;
};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static void end(struct making *making) {
    ht_vc_documents_fini(&making->documents);
    json_decref(making->payload);
    ht_buf_fini(&making->token);
    free(making);
}

static void refuse(struct making *making, enum ht_err err, const struct ht_why *why) {
    ht_rpc_refuse(making->call, err, why);
    end(making);
}

/* --- signed ----------------------------------------------------------------------------------- */

static const json_t *document_of(const struct making *making) {
    return json_object_get(making->documents.found, making->did);
}

static const char *relation_of(const struct making *making) {
    return making->is_presentation ? "authentication" : "assertionMethod";
}

/* As whoever gets it will. */
static enum ht_err check_token(struct making *making, struct ht_why *why) {
    char method[HT_DOCUMENT_METHOD_MAX];
    struct ht_jwt jwt;
    enum ht_err err = ht_jwt_read(&jwt, ht_buf_view(&making->token), why);
    if (err != HT_OK) return err;
    err = ht_document_verify(method, &jwt, document_of(making), making->did, relation_of(making),
                             why);
    ht_jwt_fini(&jwt);
    return err;
}

static enum ht_err add_signature(struct making *making, const json_t *result, struct ht_why *why) {
    uint8_t bytes[65];
    enum ht_err err = ht_json_hex(bytes, sizeof bytes, result, "", why);
    if (err != HT_OK) return err;
    bytes[64] = (uint8_t)(bytes[64] - 27);
    size_t n = making->alg == HT_JWT_ES256K_R ? 65 : 64;
    err = ht_jwt_end(&making->token, ht_bytes_of(bytes, n));
    if (err != HT_OK) return ht_fail(why, err, "jwt_too_large", "the token is too large");
    return check_token(making, why);
}

static json_t *made_json(const struct making *making) {
    const json_t *expires = ht_json_member(making->payload, "exp");
    return json_pack("{s:s%, s:s, s:s, s:s, s:o, s:o}", "token", (const char *)making->token.p,
                     making->token.n, making->is_presentation ? "holder" : "issuer", making->did,
                     "method", making->method, "alg",
                     making->alg == HT_JWT_ES256K_R ? "ES256K-R" : "ES256K", "expires",
                     expires != NULL ? json_incref((json_t *)(uintptr_t)expires) : json_null(),
                     "as_of", ht_vc_documents_as_of(&making->documents));
}

static void on_signed(void *user, enum ht_err err, const struct ht_why *reason, json_t *result) {
    struct making *making = user;
    struct ht_why why = *reason;
    if (err == HT_OK) err = add_signature(making, result, &why);
    json_decref(result);
    if (err != HT_OK) {
        refuse(making, err, &why);
        return;
    }
    ht_rpc_finish(making->call, made_json(making));
    end(making);
}

/* --- by whom ---------------------------------------------------------------------------------- */

static const json_t *find_method(const json_t *document, const json_t *entry) {
    size_t index = 0;
    const json_t *method = NULL;
    if (json_is_object(entry)) return entry;
    json_array_foreach(ht_json_member(document, "verificationMethod"), index, method) {
        if (json_equal(ht_json_member(method, "id"), entry)) return method;
    }
    return NULL;
}

/* The address of a key that accounts can have; false for those of other curves. */
static bool key_address(ht_addr20 *out, const struct ht_jwt_key *key) {
    uint8_t point[HT_SECP256K1_PUBKEY_SIZE];
    if (key->kind == HT_JWT_KEY_ED25519) return false;
    *out = key->address;
    if (key->kind == HT_JWT_KEY_ADDRESS) return true;
    if (ht_secp256k1_read_point(point, HT_BYTES(key->key), NULL) != HT_OK) return false;
    ht_secp256k1_address(out, point);
    return true;
}

static bool take_method(struct making *making, const json_t *method) {
    struct ht_jwt_key key;
    ht_addr20 address;
    const char *id = NULL;
    if (method == NULL || ht_document_key(&key, method, NULL) != HT_OK) return false;
    if (!key_address(&address, &key) || ht_json_text(&id, method, "id", NULL) != HT_OK)
        return false;
    bool is_other =
        making->has_account && memcmp(address.b, making->account.b, sizeof address.b) != 0;
    const struct ht_account_info *ours = ht_accounts_find(making->identity, &address);
    if (is_other || ours == NULL || ours->kind == HT_ACCOUNT_WATCH) return false;
    if (strlen(id) >= sizeof making->method) return false;
    memcpy(making->method, id, strlen(id) + 1);
    making->account = address;
    if (!making->has_alg)
        making->alg = key.kind == HT_JWT_KEY_ADDRESS ? HT_JWT_ES256K_R : HT_JWT_ES256K;
    return true;
}

static enum ht_err choose_key(struct making *making, struct ht_why *why) {
    const json_t *document = document_of(making);
    size_t index = 0;
    const json_t *entry = NULL;
    if (document == NULL) {
        *why = making->documents.ends[0].why;
        return making->documents.ends[0].err;
    }
    json_array_foreach(ht_json_member(document, relation_of(making)), index, entry) {
        if (take_method(making, find_method(document, entry))) return HT_OK;
    }
    return ht_fail(why, HT_EDENIED, "vc_no_key", "no account of this wallet may sign for %s%s",
                   making->did, making->has_account ? " with that key" : "");
}

static bool is_awaited(void *user) {
    const struct making *making = user;
    return ht_rpc_call_is_awaited(making->call);
}

static void on_document(struct ht_vc_documents *documents) {
    struct making *making = (struct making *)documents;
    struct ht_why why = {0};
    enum ht_err err = choose_key(making, &why);
    json_t *header = json_pack("{s:s}", "kid", making->method);
    if (err == HT_OK && header == NULL) err = no_memory(&why);
    if (err == HT_OK)
        err = ht_jwt_begin(&making->token, making->alg, header, making->payload, &why);
    json_decref(header);
    if (err == HT_OK && making->token.n > PART_MAX)
        err = ht_fail(&why, HT_ELIMIT, "jwt_too_large", "at most %zu bytes are signed", PART_MAX);
    if (err != HT_OK) {
        refuse(making, err, &why);
        return;
    }
    const struct ht_sign_options options = {.kind = HT_SIGN_CREDENTIAL,
                                            .origin = ht_rpc_call_origin(making->call),
                                            .message = ht_buf_view(&making->token),
                                            .account = making->account,
                                            .done = on_signed,
                                            .is_awaited = is_awaited,
                                            .user = making};
    struct ht_sign_request *request;
    ht_sign(making->identity, &request, &options);
}

/* --- asking for it ---------------------------------------------------------------------------- */

static bool has(const json_t *params, const char *key) {
    const json_t *value = ht_json_member(params, key);
    return value != NULL && !json_is_null(value);
}

enum ht_err ht_credential_text(const char **out, const json_t *params, const char *key,
                               struct ht_why *why) {
    *out = NULL;
    if (!has(params, key)) return HT_OK;
    const char *text = NULL;
    enum ht_err err = ht_json_text(&text, params, key, why);
    if (err == HT_OK && (*text == '\0' || strlen(text) > HT_CREDENTIAL_TEXT_MAX))
        err = ht_fail(why, HT_EINPUT, "vc_text", "\"%s\" has 1 to %u bytes", key,
                      HT_CREDENTIAL_TEXT_MAX);
    if (err == HT_OK) *out = text;
    return err;
}

/* An address stands for its did:ethr; mainnet's name no network. */
static enum ht_err read_from(struct making *making, const json_t *params, struct ht_why *why) {
    struct ht_did did;
    ht_addr20 address;
    const char *text = NULL;
    uint64_t chain = making->identity->host->network->chain_id;
    enum ht_err err = ht_json_text(&text, params, "from", why);
    if (err != HT_OK) return err;
    if (strncmp(text, "did:", 4) == 0) {
        err = ht_did_read(&did, NULL, ht_bytes_str(text), why);
        if (err == HT_OK) memcpy(making->did, did.text, sizeof making->did);
        return err;
    }
    if (ht_hex_read(address.b, sizeof address.b, ht_bytes_str(text)) != HT_OK)
        return ht_fail(why, HT_EINPUT, "vc_from", "\"from\" is an address or a DID");
    char hex[HT_HEX_SIZE(20)], network[24] = "";
    ht_hex_write(hex, HT_BYTES(address.b));
    if (chain != 1) (void)snprintf(network, sizeof network, "0x%" PRIx64 ":", chain);
    (void)snprintf(making->did, sizeof making->did, "did:ethr:%s%s", network, hex);
    return HT_OK;
}

static enum ht_err read_who(struct making *making, const json_t *params, struct ht_why *why) {
    const char *alg = NULL;
    enum ht_err err = read_from(making, params, why);
    making->has_account = has(params, "account");
    making->has_alg = has(params, "alg");
    if (err == HT_OK && making->has_account)
        err = ht_json_hex(making->account.b, sizeof making->account.b, params, "account", why);
    if (err == HT_OK && making->has_alg) err = ht_json_text(&alg, params, "alg", why);
    if (err != HT_OK || alg == NULL) return err;
    making->alg = strcmp(alg, "ES256K") == 0 ? HT_JWT_ES256K : HT_JWT_ES256K_R;
    if (making->alg == HT_JWT_ES256K || strcmp(alg, "ES256K-R") == 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "vc_alg", "\"alg\" is ES256K or ES256K-R");
}

static enum ht_err make_payload(struct making *making, const json_t *params, struct ht_why *why) {
    int64_t now_s = ht_wall_ms(making->identity->host->clock) / 1000;
    const json_t *given = NULL;
    const char *challenge = NULL, *domain = NULL;
    if (making->is_presentation) {
        enum ht_err err = ht_json_get(&given, params, "tokens", why);
        if (err == HT_OK) err = ht_credential_text(&challenge, params, "challenge", why);
        if (err == HT_OK) err = ht_credential_text(&domain, params, "domain", why);
        if (err != HT_OK) return err;
        return ht_vp_payload(&making->payload, given, making->did, challenge, domain, now_s, why);
    }
    enum ht_err err = ht_json_get(&given, params, "credential", why);
    if (err == HT_OK) err = ht_vc_payload(&making->payload, given, making->did, now_s, why);
    if (err != HT_OK) return err;
    const json_t *expires = ht_json_member(making->payload, "exp");
    if (expires == NULL || json_integer_value(expires) > now_s) return HT_OK;
    return ht_fail(why, HT_EINPUT, "already_expired", "it would have expired already");
}

static void make(struct ht_identity *identity, struct ht_rpc_call *call, const json_t *params,
                 bool is_presentation) {
    struct ht_why why = {0};
    struct making *making = calloc(1, sizeof *making);
    if (making == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    making->identity = identity;
    making->call = call;
    making->is_presentation = is_presentation;
    ht_buf_init(&making->token, HT_JWT_MAX);
    enum ht_err err = read_who(making, params, &why);
    if (err == HT_OK) err = make_payload(making, params, &why);
    if (err == HT_OK) {
        making->documents.parties = json_pack("[s]", making->did);
        if (making->documents.parties == NULL) err = no_memory(&why);
    }
    if (err != HT_OK) {
        refuse(making, err, &why);
        return;
    }
    making->documents.host = identity->host;
    making->documents.block.kind = HT_BLOCK_LATEST;
    making->documents.done = on_document;
    ht_vc_documents_get(&making->documents);
}

static void issue(void *self, struct ht_rpc_call *call, const json_t *params) {
    make(self, call, params, false);
}

static void present(void *self, struct ht_rpc_call *call, const json_t *params) {
    make(self, call, params, true);
}

static const struct ht_rpc_method METHODS[] = {
    {.name = "credential.issue", .start = issue, .is_patient = true},
    {.name = "credential.present", .start = present, .is_patient = true},
    {.name = "credential.verify", .start = ht_credential_verify},
};
const struct ht_identity_methods ht_credential_methods = {METHODS,
                                                          sizeof METHODS / sizeof *METHODS};
_Static_assert(sizeof METHODS / sizeof *METHODS == HT_CREDENTIAL_METHODS, "identity.h counts them");
