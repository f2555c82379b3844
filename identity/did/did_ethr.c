/* Events and slots of the registry of did:ethr. */
#include "identity/did/did_ethr.h"

#include <inttypes.h>

#include "node/crypto/keccak.h"

#define WORD 32U

enum { OWNERS_SLOT, DELEGATES_SLOT, CHANGED_SLOT, NONCE_SLOT };

static const struct event {
    ht_hash32 topic;
    size_t words; /* of its data's head */
} EVENTS[] = {
    /* DIDOwnerChanged(address indexed identity, address owner, uint256 previousChange) */
    [HT_DID_OWNER_CHANGED] = {{{0x38, 0xa5, 0xa6, 0xe6, 0x8f, 0x30, 0xed, 0x1a, 0xb4, 0x58, 0x60,
                                0xa4, 0xaf, 0xb3, 0x4b, 0xcb, 0x2f, 0xc0, 0x0f, 0x22, 0xca, 0x46,
                                0x2d, 0x24, 0x9b, 0x8a, 0x8d, 0x40, 0xcd, 0xa6, 0xf7, 0xa3}},
                              2},
    /* DIDDelegateChanged(address indexed identity, bytes32 delegateType, address delegate,
     * uint256 validTo, uint256 previousChange) */
    [HT_DID_DELEGATE_CHANGED] = {{{0x5a, 0x50, 0x84, 0x33, 0x95, 0x36, 0xbc, 0xab, 0x65, 0xf2, 0x07,
                                   0x99, 0xfc, 0xc5, 0x87, 0x24, 0x58, 0x81, 0x45, 0xca, 0x05, 0x4b,
                                   0xd2, 0xbe, 0x62, 0x61, 0x74, 0xb2, 0x7b, 0xa1, 0x56, 0xf7}},
                                 4},
    /* DIDAttributeChanged(address indexed identity, bytes32 name, bytes value, uint256 validTo,
     * uint256 previousChange) */
    [HT_DID_ATTRIBUTE_CHANGED] = {{{0x18, 0xab, 0x6b, 0x2a, 0xe3, 0xd6, 0x43, 0x06,
                                    0xc0, 0x0c, 0xe6, 0x63, 0x12, 0x5f, 0x2b, 0xd6,
                                    0x80, 0xe4, 0x41, 0xa0, 0x98, 0xde, 0x16, 0x35,
                                    0xbd, 0x7a, 0xd8, 0xb0, 0xd4, 0x49, 0x65, 0xe4}},
                                  5},
};
#define EVENT_COUNT (sizeof EVENTS / sizeof *EVENTS)

static const struct ht_did_registry KNOWN[] = {
    {.chain_id = 1, .is_legacy = true, .address = {{0xdc, 0xa7, 0xef, 0x03, 0xe9, 0x8e, 0x0d,
                                                    0xc2, 0xb8, 0x55, 0xbe, 0x64, 0x7c, 0x39,
                                                    0xab, 0xe9, 0x84, 0xfc, 0xf2, 0x1b}}},
    {.chain_id = 11155111,
     .address = {{0x03, 0xd5, 0x00, 0x3b, 0xf0, 0xe7, 0x9c, 0x5f, 0x52, 0x23,
                  0x58, 0x8f, 0x34, 0x7e, 0xba, 0x39, 0xaf, 0xbc, 0x38, 0x18}}},
    {.chain_id = 17000, .address = {{0x03, 0xd5, 0x00, 0x3b, 0xf0, 0xe7, 0x9c, 0x5f, 0x52, 0x23,
                                     0x58, 0x8f, 0x34, 0x7e, 0xba, 0x39, 0xaf, 0xbc, 0x38, 0x18}}},
};

const struct ht_did_registry *ht_did_registry_known(uint64_t chain_id) {
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
        if (KNOWN[i].chain_id == chain_id) return &KNOWN[i];
    }
    return NULL;
}

/* --- slots ------------------------------------------------------------------------------------ */

/* keccak256(pad(key) || slot): the element of a mapping by address. */
static void mapped(ht_hash32 *out, const ht_addr20 *key, const ht_hash32 *slot) {
    uint8_t both[2 * WORD] = {0};
    memcpy(both + 12, key->b, sizeof key->b);
    memcpy(both + WORD, slot->b, WORD);
    ht_keccak256(out, HT_BYTES(both));
}

static void mapped_number(ht_hash32 *out, const ht_addr20 *key, uint8_t number) {
    ht_hash32 slot = {{0}};
    slot.b[31] = number;
    mapped(out, key, &slot);
}

void ht_did_owner_slot(ht_hash32 *out, const ht_addr20 *identity) {
    mapped_number(out, identity, OWNERS_SLOT);
}

void ht_did_changed_slot(ht_hash32 *out, const ht_addr20 *identity) {
    mapped_number(out, identity, CHANGED_SLOT);
}

void ht_did_nonce_slot(ht_hash32 *out, const ht_addr20 *identity) {
    mapped_number(out, identity, NONCE_SLOT);
}

void ht_did_delegate_slot(ht_hash32 *out, const ht_addr20 *identity, const uint8_t type[static 32],
                          const ht_addr20 *delegate) {
    /* The key of the second mapping is keccak256 of the type, not the type. */
    uint8_t both[2 * WORD];
    ht_hash32 inner, key, by_type;
    mapped_number(&inner, identity, DELEGATES_SLOT);
    ht_keccak256(&key, ht_bytes_of(type, WORD));
    memcpy(both, key.b, WORD);
    memcpy(both + WORD, inner.b, WORD);
    ht_keccak256(&by_type, HT_BYTES(both));
    mapped(out, delegate, &by_type);
}

/* --- events ----------------------------------------------------------------------------------- */

static bool read_address(ht_addr20 *out, const uint8_t *word) {
    for (size_t i = 0; i < 12; i++) {
        if (word[i] != 0) return false;
    }
    memcpy(out->b, word + 12, sizeof out->b);
    return true;
}

/* false, and UINT64_MAX, when it does not fit. */
static bool read_number(uint64_t *out, const uint8_t *word) {
    uint64_t value = 0;
    bool fits = true;
    for (size_t i = 0; i < 24; i++) fits = fits && word[i] == 0;
    for (size_t i = 24; i < WORD; i++) value = value << 8 | word[i];
    *out = fits ? value : UINT64_MAX;
    return fits;
}

static size_t kind_of(const ht_hash32 *topics, size_t topic_count) {
    size_t kind = 0;
    if (topic_count != 2) return EVENT_COUNT;
    while (kind < EVENT_COUNT && !ht_hash32_equal(&EVENTS[kind].topic, &topics[0])) kind++;
    return kind;
}

bool ht_did_event_is_of(const ht_hash32 *topics, size_t topic_count, const ht_addr20 *identity) {
    ht_addr20 address;
    if (kind_of(topics, topic_count) == EVENT_COUNT) return false;
    return read_address(&address, topics[1].b) &&
           memcmp(address.b, identity->b, sizeof address.b) == 0;
}

static enum ht_err no_event(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "did_event", "a log of the registry is no event: %s", what);
}

/* name, offset of value, validTo, previousChange, length of value, value */
static enum ht_err read_value(struct ht_did_event *out, struct ht_arena *arena, ht_bytes data,
                              struct ht_why *why) {
    uint64_t offset = 0;
    uint64_t n = 0;
    if (!read_number(&offset, data.p + WORD) || offset != 4 * WORD) {
        return no_event(why, "its value is not where it belongs");
    }
    if (!read_number(&n, data.p + 4 * WORD) || n > data.n - 5 * WORD) {
        return no_event(why, "its value is cut off");
    }
    out->is_too_large = n > HT_DID_VALUE_MAX;
    if (n == 0 || out->is_too_large) return HT_OK;
    uint8_t *copy = ht_arena_alloc(arena, (size_t)n);
    if (copy == NULL) return ht_fail(why, HT_ELIMIT, "did_too_large", "too many bytes of events");
    memcpy(copy, data.p + 5 * WORD, (size_t)n);
    out->value = ht_bytes_of(copy, (size_t)n);
    return HT_OK;
}

enum ht_err ht_did_event_read(struct ht_did_event *out, struct ht_arena *arena,
                              const ht_hash32 *topics, size_t topic_count, ht_bytes data,
                              struct ht_why *why) {
    size_t kind = kind_of(topics, topic_count);
    if (kind == EVENT_COUNT) return no_event(why, "its topics are of another kind");
    struct ht_did_event event = {.kind = (enum ht_did_event_kind)kind};
    size_t words = EVENTS[kind].words;
    bool is_attribute = event.kind == HT_DID_ATTRIBUTE_CHANGED;
    bool is_owner = event.kind == HT_DID_OWNER_CHANGED;
    if (data.n < words * WORD || (!is_attribute && data.n != words * WORD)) {
        return no_event(why, "its data has another length");
    }
    bool is_good = read_address(&event.identity, topics[1].b);
    if (!is_owner) memcpy(event.name, data.p, WORD);
    if (!is_owner) (void)read_number(&event.valid_to, data.p + 2 * WORD);
    if (!is_attribute) {
        is_good = is_good && read_address(&event.owner, data.p + (is_owner ? 0 : WORD));
    }
    size_t previous = is_owner ? 1 : 3;
    is_good = is_good && read_number(&event.previous_change, data.p + previous * WORD);
    if (!is_good) return no_event(why, "an address or a block's number is out of range");
    enum ht_err err = is_attribute ? read_value(&event, arena, data, why) : HT_OK;
    if (err == HT_OK) *out = event;
    return err;
}

static enum ht_err bad_order(struct ht_why *why, uint64_t block, const char *what) {
    return ht_fail(why, HT_EUNVERIFIED, "did_order",
                   "the history of the identity does not close at block %" PRIu64 ": %s", block,
                   what);
}

enum ht_err ht_did_events_check(const struct ht_did_event *events, size_t count,
                                const ht_addr20 *identity, uint64_t changed, struct ht_why *why) {
    uint64_t block = 0;
    uint32_t log_index = 0;
    for (size_t i = 0; i < count; i++) {
        const struct ht_did_event *one = &events[i];
        if (memcmp(one->identity.b, identity->b, sizeof identity->b) != 0) {
            return ht_fail(why, HT_EINPUT, "did_event", "an event is another identity's");
        }
        if (one->block < block || one->block == 0) {
            return bad_order(why, one->block, "an event is behind a younger one");
        }
        if (i > 0 && one->block == block && one->log_index <= log_index) {
            return bad_order(why, one->block, "the logs of the block are out of order");
        }
        if (one->previous_change != block) {
            return bad_order(why, one->block, "it names another block as the one before");
        }
        block = one->block;
        log_index = one->log_index;
    }
    if (block == changed) return HT_OK;
    return bad_order(why, changed, "the newest change is missing");
}
