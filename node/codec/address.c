/* Addresses with the checksum of ERC-55. */
#include "node/codec/address.h"

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/crypto/keccak.h"

void ht_address_checksum(char out[static HT_ADDRESS_TEXT_SIZE], const ht_addr20 *address) {
    ht_hash32 hash;
    ht_hex_write(out, HT_BYTES(address->b));
    ht_keccak256(&hash, ht_bytes_of(out + 2, 2 * sizeof address->b));
    for (size_t i = 0; i < 2 * sizeof address->b; i++) {
        unsigned nibble = (unsigned)hash.b[i / 2] >> (i % 2 == 0 ? 4U : 0U) & 15U;
        char *c = &out[2 + i];
        if (*c >= 'a' && nibble >= 8) *c = (char)(*c - 'a' + 'A');
    }
}

enum ht_err ht_address_read(ht_addr20 *out, ht_bytes text, struct ht_why *why) {
    ht_addr20 address;
    char right[HT_ADDRESS_TEXT_SIZE];
    bool has_prefix = text.n == HT_ADDRESS_TEXT_SIZE - 1 && memcmp(text.p, "0x", 2) == 0;
    if (!has_prefix || ht_hex_read(address.b, sizeof address.b, text) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "address_format", "not an address of 20 bytes in hex");
    }
    ht_address_checksum(right, &address);
    if (memcmp(right, text.p, text.n) != 0) {
        return ht_fail(why, HT_EINPUT, "address_checksum",
                       "the case of an address's letters is not its checksum (ERC-55)");
    }
    *out = address;
    return HT_OK;
}

json_t *ht_address_json(const ht_addr20 *address) {
    char text[HT_ADDRESS_TEXT_SIZE];
    ht_address_checksum(text, address);
    return json_string(text);
}

enum ht_err ht_address_param(ht_addr20 *out, const json_t *params, const char *path,
                             struct ht_why *why) {
    const char *text;
    ht_addr20 address;
    enum ht_err err = ht_json_hex(address.b, sizeof address.b, params, path, why);
    if (err == HT_OK) err = ht_json_text(&text, params, path, why);
    if (err != HT_OK) return err;
    bool has_upper = strpbrk(text + 2, "ABCDEF") != NULL;
    bool has_lower = strpbrk(text + 2, "abcdef") != NULL;
    if (has_upper && has_lower) err = ht_address_read(&address, ht_bytes_str(text), why);
    if (err == HT_OK) *out = address;
    return err;
}
