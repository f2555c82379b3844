/* Hashes, encodings and storage slots of names that are normalised. */
#include "identity/names/ens_name.h"

#include "node/base/hex.h"
#include "node/crypto/keccak.h"

/* Of the PublicResolver's mappings; facts of ens-contracts. */
#define REGISTRY_RECORDS 0U
#define RESOLVER_VERSIONS 0U
#define RESOLVER_ADDRESSES 2U
#define RESOLVER_NAMES 8U
#define RESOLVER_TEXTS 10U

/* --- names ------------------------------------------------------------------------------------ */

static enum ht_err bad_label(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "ens_empty", "a part of the name is empty");
}

/* The last label of what is left, taken from it; false when nothing is left. */
static bool take_last(ht_bytes *label, ht_bytes *left, bool *is_done) {
    if (*is_done) return false;
    size_t at = left->n;
    while (at > 0 && left->p[at - 1] != '.') at--;
    *label = ht_bytes_of(left->p + at, left->n - at);
    *is_done = at == 0;
    if (at > 0) left->n = at - 1;
    return true;
}

static enum ht_err too_long(struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "ens_too_long",
                   "a name has at most %u bytes in at most %u parts", HT_ENS_NAME_MAX,
                   HT_ENS_LABELS_MAX);
}

enum ht_err ht_ens_namehash(ht_hash32 *out, ht_bytes name, struct ht_why *why) {
    uint8_t node[64] = {0};
    ht_bytes label = {NULL, 0};
    bool is_done = name.n == 0;
    if (name.n > HT_ENS_NAME_MAX) return too_long(why);
    for (size_t count = 1; take_last(&label, &name, &is_done); count++) {
        ht_hash32 hash;
        if (count > HT_ENS_LABELS_MAX) return too_long(why);
        if (label.n == 0) return bad_label(why);
        ht_keccak256(&hash, label);
        memcpy(node + 32, hash.b, 32);
        ht_keccak256(&hash, HT_BYTES(node));
        memcpy(node, hash.b, 32);
    }
    memcpy(out->b, node, 32);
    return HT_OK;
}

ht_bytes ht_ens_parent(ht_bytes name) {
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '.') return ht_bytes_of(name.p + i + 1, name.n - i - 1);
    }
    return ht_bytes_of(name.p + name.n, 0);
}

enum ht_err ht_ens_dns_encode(struct ht_buf *out, ht_bytes name, struct ht_why *why) {
    uint8_t text[HT_ENS_DNS_MAX];
    size_t at = 0, count = 0;
    if (name.n > HT_ENS_NAME_MAX) return too_long(why);
    while (name.n > 0) {
        const uint8_t *dot = memchr(name.p, '.', name.n);
        size_t n = dot != NULL ? (size_t)(dot - name.p) : name.n;
        if (++count > HT_ENS_LABELS_MAX) return too_long(why);
        if (n == 0 || (dot != NULL && n + 1 == name.n)) return bad_label(why);
        if (n > HT_ENS_DNS_LABEL_MAX) {
            return ht_fail(why, HT_ELIMIT, "ens_too_long", "a part of the name has over %u bytes",
                           HT_ENS_DNS_LABEL_MAX);
        }
        text[at++] = (uint8_t)n;
        memcpy(text + at, name.p, n);
        at += n;
        name = ht_ens_parent(name);
    }
    text[at++] = 0;
    if (ht_buf_add(out, ht_bytes_of(text, at)) == HT_OK) return HT_OK;
    return ht_fail(why, HT_ENOMEM, "no_memory", "no room for a name");
}

void ht_ens_reverse_name(char out[static HT_ENS_REVERSE_NAME_SIZE], const ht_addr20 *address) {
    static const char suffix[] = ".addr.reverse";
    char digits[HT_HEX_SIZE(20)];
    ht_hex_write(digits, HT_BYTES(address->b));
    memcpy(out, digits + 2, 40);
    memcpy(out + 40, suffix, sizeof suffix);
}

void ht_ens_reverse_node(ht_hash32 *out, const ht_addr20 *address) {
    char name[HT_ENS_REVERSE_NAME_SIZE];
    ht_ens_reverse_name(name, address);
    enum ht_err err = ht_ens_namehash(out, ht_bytes_str(name), NULL);
    ht_assert(err == HT_OK);
}

/* --- slots ------------------------------------------------------------------------------------ */

/* keccak256(key || slot): the element of a mapping. */
static void mapped(ht_hash32 *out, ht_bytes key, const ht_hash32 *slot) {
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, key);
    ht_keccak256_update(&hash, HT_BYTES(slot->b));
    ht_keccak256_final(out, &hash);
}

static ht_hash32 number_word(uint64_t number) {
    ht_hash32 word = {{0}};
    for (int i = 0; i < 8; i++) word.b[31 - i] = (uint8_t)(number >> (8 * i));
    return word;
}

static void add(ht_hash32 *slot, uint64_t more) {
    for (size_t i = sizeof slot->b; i-- > 0 && more > 0;) {
        more += slot->b[i];
        slot->b[i] = (uint8_t)more;
        more >>= 8;
    }
}

void ht_ens_registry_slots(ht_hash32 out[static 2], const ht_hash32 *node) {
    ht_hash32 records = number_word(REGISTRY_RECORDS);
    mapped(&out[0], HT_BYTES(node->b), &records);
    out[1] = out[0];
    add(&out[1], 1);
}

void ht_ens_version_slot(ht_hash32 *out, const ht_hash32 *node) {
    ht_hash32 versions = number_word(RESOLVER_VERSIONS);
    mapped(out, HT_BYTES(node->b), &versions);
}

/* mapping(uint64 => mapping(bytes32 => …)) */
static void of_node(ht_hash32 *out, uint64_t slot, uint64_t version, const ht_hash32 *node) {
    ht_hash32 outer = number_word(slot), key = number_word(version);
    mapped(&outer, HT_BYTES(key.b), &outer);
    mapped(out, HT_BYTES(node->b), &outer);
}

void ht_ens_address_slot(ht_hash32 *out, const ht_hash32 *node, uint64_t version, uint64_t coin) {
    ht_hash32 outer, key = number_word(coin);
    of_node(&outer, RESOLVER_ADDRESSES, version, node);
    mapped(out, HT_BYTES(key.b), &outer);
}

void ht_ens_name_slot(ht_hash32 *out, const ht_hash32 *node, uint64_t version) {
    of_node(out, RESOLVER_NAMES, version, node);
}

void ht_ens_text_slot(ht_hash32 *out, const ht_hash32 *node, uint64_t version, ht_bytes key) {
    ht_hash32 outer;
    of_node(&outer, RESOLVER_TEXTS, version, node);
    mapped(out, key, &outer);
}

static bool is_zero(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0) return false;
    }
    return true;
}

/* Up to 31 bytes beside twice their number, or twice their number and 1 with the bytes elsewhere.
 */
enum ht_err ht_ens_bytes_length(size_t *n, size_t *more, const uint8_t value[static 32], size_t max,
                                struct ht_why *why) {
    bool is_long = (value[31] & 1) != 0, is_form;
    uint64_t length = value[31] / 2;
    if (is_long) {
        bool is_huge = !is_zero(value, 24);
        length = 0;
        for (size_t i = 24; i < 32; i++) length = length << 8 | value[i];
        length /= 2;
        if (is_huge) length = UINT64_MAX;
        is_form = length > 31;
    } else {
        is_form = length <= 31 && is_zero(value + length, (size_t)(31 - length));
    }
    if (!is_form) {
        return ht_fail(why, HT_EUNVERIFIED, "ens_layout",
                       "what the resolver keeps there has not the form of a record");
    }
    if (length > max) {
        return ht_fail(why, HT_ELIMIT, "ens_record_too_long", "the record has over %zu bytes", max);
    }
    *n = (size_t)length;
    *more = is_long ? (*n + 31) / 32 : 0;
    return HT_OK;
}

void ht_ens_bytes_slot(ht_hash32 *out, const ht_hash32 *slot, size_t i) {
    ht_keccak256(out, HT_BYTES(slot->b));
    add(out, i);
}
