/* The link's event, written and read. */
#include "identity/trust/link_event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/eip712.h"
#include "node/codec/json.h"

#define DOMAIN_NAME "Hearth identity link"
#define DOMAIN_VERSION "1"
#define I_SIZE 80U
#define ARENA_MAX ((size_t)64 << 10)

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err bad_form(struct ht_why *why, const char *text) {
    return ht_fail(why, HT_EINPUT, "link_form", "%s", text);
}

/* --- names ------------------------------------------------------------------------------------ */

void ht_id_link_did(char out[static HT_ID_LINK_DID_SIZE], uint64_t chain_id,
                    const ht_addr20 *address) {
    char hex[HT_HEX_SIZE(20)], chain[24] = "";
    ht_hex_write(hex, HT_BYTES(address->b));
    if (chain_id != 1) (void)snprintf(chain, sizeof chain, "0x%" PRIx64 ":", chain_id);
    (void)snprintf(out, HT_ID_LINK_DID_SIZE, "did:ethr:%s%s", chain, hex);
}

void ht_id_link_d(char out[static HT_ID_LINK_D_SIZE], const ht_addr20 *address) {
    char hex[HT_HEX_SIZE(20)];
    ht_hex_write(hex, HT_BYTES(address->b));
    (void)snprintf(out, HT_ID_LINK_D_SIZE, HT_ID_LINK_D_PREFIX "%s", hex);
}

bool ht_id_link_d_read(ht_addr20 *out, const char *d) {
    static const size_t PREFIX = sizeof HT_ID_LINK_D_PREFIX - 1;
    char again[HT_ID_LINK_D_SIZE];
    ht_addr20 address;
    if (d == NULL || strncmp(d, HT_ID_LINK_D_PREFIX, PREFIX) != 0) return false;
    if (ht_hex_read(address.b, sizeof address.b, ht_bytes_str(d + PREFIX)) != HT_OK) return false;
    ht_id_link_d(again, &address);
    if (strcmp(d, again) != 0) return false;
    *out = address;
    return true;
}

static void write_i(char out[static I_SIZE], const struct ht_id_link_claim *claim) {
    char hex[HT_HEX_SIZE(20)];
    ht_hex_write(hex, HT_BYTES(claim->address.b));
    (void)snprintf(out, I_SIZE, "ethereum:%" PRIu64 ":%s", claim->chain_id, hex);
}

const char *ht_id_link_tag(const json_t *tags, const char *name) {
    size_t i;
    json_t *tag;
    json_array_foreach(tags, i, tag) {
        const char *first = json_string_value(json_array_get(tag, 0));
        if (first != NULL && strcmp(first, name) == 0)
            return json_string_value(json_array_get(tag, 1));
    }
    return NULL;
}

/* --- typed data ------------------------------------------------------------------------------- */

json_t *ht_id_link_typed(const struct ht_id_link_claim *claim) {
    char did[HT_ID_LINK_DID_SIZE], key[HT_HEX_SIZE(32)];
    ht_id_link_did(did, claim->chain_id, &claim->address);
    ht_hex_write(key, HT_BYTES(claim->pubkey.b));
    json_t *types =
        json_pack("{s:[{s:s,s:s},{s:s,s:s},{s:s,s:s}], s:[{s:s,s:s},{s:s,s:s},{s:s,s:s}]}",
                  "EIP712Domain", "name", "name", "type", "string", "name", "version", "type",
                  "string", "name", "chainId", "type", "uint256", "Link", "name", "nostr", "type",
                  "bytes32", "name", "did", "type", "string", "name", "issued", "type", "uint64");
    return json_pack("{s:o, s:s, s:{s:s, s:s, s:I}, s:{s:s, s:s, s:I}}", "types", types,
                     "primaryType", "Link", "domain", "name", DOMAIN_NAME, "version",
                     DOMAIN_VERSION, "chainId", (json_int_t)claim->chain_id, "message", "nostr",
                     key, "did", did, "issued", (json_int_t)claim->issued);
}

enum ht_err ht_id_link_digest(ht_hash32 *out, const struct ht_id_link_claim *claim,
                              struct ht_why *why) {
    struct ht_arena arena;
    struct ht_eip712 data;
    ht_hash32 domain, message;
    json_t *typed = ht_id_link_typed(claim);
    if (typed == NULL) return no_memory(why);
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_eip712_read(&data, &arena, typed, why);
    if (err == HT_OK) err = ht_eip712_domain_separator(&domain, &data, why);
    if (err == HT_OK) err = ht_eip712_struct_hash(&message, &data, why);
    if (err == HT_OK) ht_eip712_digest(out, &domain, &message);
    ht_arena_fini(&arena);
    json_decref(typed);
    return err;
}

/* --- writing ---------------------------------------------------------------------------------- */

static json_t *tags_of(const struct ht_id_link_claim *claim) {
    char d[HT_ID_LINK_D_SIZE], i[I_SIZE], did[HT_ID_LINK_DID_SIZE], alt[160];
    ht_id_link_d(d, &claim->address);
    write_i(i, claim);
    ht_id_link_did(did, claim->chain_id, &claim->address);
    (void)snprintf(alt, sizeof alt, "This key and %s vouch for each other", did);
    return json_pack("[[s,s],[s,s],[s,s]]", "d", d, "i", i, "alt", alt);
}

enum ht_err ht_id_link_write(struct ht_buf *content, json_t **tags,
                             const struct ht_id_link_claim *claim, ht_bytes signature,
                             struct ht_why *why) {
    enum ht_err err = signature.n <= HT_ID_LINK_SIGNATURE_MAX ? HT_OK : HT_ELIMIT;
    char *text = err == HT_OK ? malloc(2 * signature.n + 3) : NULL;
    json_t *typed = ht_id_link_typed(claim);
    if (text != NULL) ht_hex_write(text, signature);
    json_t *value = text != NULL && typed != NULL
                        ? json_pack("{s:O, s:s}", "typed", typed, "signature", text)
                        : NULL;
    json_t *list = tags_of(claim);
    if (err == HT_OK && (value == NULL || list == NULL)) err = HT_ENOMEM;
    if (err == HT_OK) err = ht_json_dump_compact(content, value);
    free(text);
    json_decref(typed);
    json_decref(value);
    if (err == HT_OK) {
        *tags = list;
        return HT_OK;
    }
    json_decref(list);
    return err == HT_ELIMIT
               ? ht_fail(why, err, "link_too_large", "the signature is too long for a link")
               : no_memory(why);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The whole document must be the one that would be signed for the same claim. */
static enum ht_err read_typed(struct ht_id_link_claim *claim, const json_t *typed,
                              struct ht_why *why) {
    ht_hash32 key;
    ht_bytes text;
    char did[HT_ID_LINK_DID_SIZE];
    const json_t *message = ht_json_member(typed, "message");
    if (!json_is_object(message)) return bad_form(why, "there is no typed data");
    enum ht_err err = ht_json_hex(key.b, sizeof key.b, message, "nostr", why);
    if (err == HT_OK) err = ht_json_str(&text, message, "did", why);
    if (err != HT_OK) return err;
    const json_t *issued = ht_json_member(message, "issued");
    if (!json_is_integer(issued) || json_integer_value(issued) < 0 ||
        json_integer_value(issued) > HT_ID_LINK_ISSUED_MAX)
        return bad_form(why, "\"issued\" is no time");
    claim->issued = (uint64_t)json_integer_value(issued);
    if (!ht_hash32_equal(&key, &claim->pubkey))
        return ht_fail(why, HT_EUNVERIFIED, "link_other_key", "it is about another key");
    ht_id_link_did(did, claim->chain_id, &claim->address);
    if (!ht_bytes_equal(text, ht_bytes_str(did)))
        return ht_fail(why, HT_EUNVERIFIED, "link_other_account", "it is about another account");
    json_t *own = ht_id_link_typed(claim);
    if (own == NULL) return no_memory(why);
    const char *const parts[] = {"types", "primaryType", "domain", "message"};
    for (size_t i = 0; err == HT_OK && i < 4; i++) {
        if (!json_equal(ht_json_member(typed, parts[i]), ht_json_member(own, parts[i])))
            err = bad_form(why, "the typed data is none of a link");
    }
    json_decref(own);
    return err;
}

static enum ht_err check_i(const struct ht_id_link_claim *claim, const json_t *tags,
                           struct ht_why *why) {
    char i[I_SIZE];
    const char *given = ht_id_link_tag(tags, "i");
    write_i(i, claim);
    if (given != NULL && strcmp(given, i) == 0) return HT_OK;
    const char *address = given != NULL ? strrchr(given, ':') : NULL;
    bool is_chain = address != NULL && strcmp(address, strrchr(i, ':')) == 0;
    if (is_chain)
        return ht_fail(why, HT_EUNVERIFIED, "link_other_chain", "it is about another chain");
    return ht_fail(why, HT_EUNVERIFIED, "link_other_account", "its tags name another account");
}

enum ht_err ht_id_link_read(struct ht_id_link_claim *claim, struct ht_buf *signature,
                            const ht_hash32 *author, uint64_t chain_id, const json_t *tags,
                            ht_bytes content, struct ht_why *why) {
    json_t *value = NULL;
    struct ht_id_link_claim read = {.pubkey = *author, .chain_id = chain_id};
    if (!ht_id_link_d_read(&read.address, ht_id_link_tag(tags, "d")))
        return ht_fail(why, HT_EINPUT, "link_tag", "its d tag is none of a link");
    enum ht_err err = check_i(&read, tags, why);
    if (err == HT_OK && content.n > HT_ID_LINK_CONTENT_MAX)
        err = ht_fail(why, HT_ELIMIT, "link_too_large", "its content is too long for a link");
    if (err == HT_OK) err = ht_json_parse(&value, content, HT_ID_LINK_CONTENT_MAX, why);
    if (err == HT_OK && !json_is_object(value)) err = bad_form(why, "the content is no object");
    if (err == HT_OK) err = read_typed(&read, ht_json_member(value, "typed"), why);
    if (err == HT_OK) err = ht_json_hex_buf(signature, value, "signature", why);
    json_decref(value);
    if (err == HT_OK) *claim = read;
    return err;
}
