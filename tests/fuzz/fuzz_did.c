/* DIDs and their registry: a DID that is read reads again as the same one, its document says its
 * name; logs are events or are refused with a reason; a history of any events is a document or is
 * refused, at every version of it. */
#include <stdlib.h>

#include "identity/did/did_ethr_document.h"
#include "identity/did/did_static.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define EVENTS_MAX 64U
#define EVENT_BYTES 12U

static const ht_addr20 IDENTITY = {{0x11, 0x22}};

static void check_text(ht_bytes text) {
    struct ht_did did, again;
    struct ht_did_version version;
    struct ht_why why = {.code = NULL};
    ht_bytes rest = {0};
    if (ht_did_read(&did, &rest, text, &why) != HT_OK) {
        if (why.code == NULL || ht_did_error_word(&why) == NULL) abort();
        return;
    }
    (void)!ht_did_version_read(&version, rest, NULL);
    if (ht_did_read(&again, NULL, ht_bytes_str(did.text), NULL) != HT_OK) abort();
    if (again.method != did.method || again.chain_id != did.chain_id) abort();
    if (did.method == HT_DID_ETHR) return;
    json_t *document = ht_did_static_document(&did);
    const char *id = json_string_value(json_object_get(document, "id"));
    if (id == NULL || strcmp(id, did.text) != 0) abort();
    json_decref(document);
}

/* Two topics, of which the first byte chooses the first, and data. */
static void check_log(ht_bytes bytes) {
    static const ht_hash32 topics[] = {
        {{0x38, 0xa5, 0xa6, 0xe6, 0x8f, 0x30, 0xed, 0x1a, 0xb4, 0x58, 0x60,
          0xa4, 0xaf, 0xb3, 0x4b, 0xcb, 0x2f, 0xc0, 0x0f, 0x22, 0xca, 0x46,
          0x2d, 0x24, 0x9b, 0x8a, 0x8d, 0x40, 0xcd, 0xa6, 0xf7, 0xa3}},
        {{0x5a, 0x50, 0x84, 0x33, 0x95, 0x36, 0xbc, 0xab, 0x65, 0xf2, 0x07,
          0x99, 0xfc, 0xc5, 0x87, 0x24, 0x58, 0x81, 0x45, 0xca, 0x05, 0x4b,
          0xd2, 0xbe, 0x62, 0x61, 0x74, 0xb2, 0x7b, 0xa1, 0x56, 0xf7}},
        {{0x18, 0xab, 0x6b, 0x2a, 0xe3, 0xd6, 0x43, 0x06, 0xc0, 0x0c, 0xe6,
          0x63, 0x12, 0x5f, 0x2b, 0xd6, 0x80, 0xe4, 0x41, 0xa0, 0x98, 0xde,
          0x16, 0x35, 0xbd, 0x7a, 0xd8, 0xb0, 0xd4, 0x49, 0x65, 0xe4}}};
    struct ht_did_event event;
    struct ht_arena arena;
    struct ht_why why = {.code = NULL};
    ht_hash32 both[2] = {topics[bytes.p[0] % 3], {{0}}};
    memcpy(both[1].b + 12, IDENTITY.b, sizeof IDENTITY.b);
    ht_arena_init(&arena, 1 << 16);
    if (ht_did_event_read(&event, &arena, both, 2, ht_bytes_of(bytes.p + 1, bytes.n - 1), &why) !=
        HT_OK) {
        if (why.code == NULL) abort();
    } else if (!ht_did_event_is_of(both, 2, &event.identity) || event.value.n > HT_DID_VALUE_MAX) {
        abort();
    }
    ht_arena_fini(&arena);
}

/* One of the names that mean something, sometimes spoilt at its end. */
static void name_of(struct ht_did_event *one, ht_bytes bytes) {
    static const char *const names[] = {"veriKey",
                                        "sigAuth",
                                        "did/pub/Secp256k1/veriKey/hex",
                                        "did/pub/Ed25519/sigAuth",
                                        "did/pub/X25519/enc/base64",
                                        "did/pub/Multikey/veriKey",
                                        "did/pub/Odd/veriKey/base58",
                                        "did/svc/Feed",
                                        "did/pub/",
                                        ""};
    const char *name = names[bytes.p[4] % (sizeof names / sizeof *names)];
    memcpy(one->name, name, strlen(name));
    one->name[31] = bytes.p[5] > 0xf0 ? bytes.p[5] : 0;
}

static size_t read_events(struct ht_did_event *events, ht_bytes bytes) {
    size_t count = 0;
    uint64_t block = 0;
    while (bytes.n >= EVENT_BYTES && count < EVENTS_MAX) {
        struct ht_did_event *one = &events[count++];
        size_t value = bytes.p[6] < bytes.n - EVENT_BYTES ? bytes.p[6] : bytes.n - EVENT_BYTES;
        *one = (struct ht_did_event){.kind = (enum ht_did_event_kind)(bytes.p[0] % 3),
                                     .identity = IDENTITY,
                                     .previous_change = block,
                                     .log_index = (uint32_t)count,
                                     .valid_to = bytes.p[1],
                                     .time_s = bytes.p[2]};
        /* Mostly as they should be. */
        block += bytes.p[3] % 4;
        one->block = bytes.p[3] == 0xff ? 0 : block;
        one->owner.b[0] = bytes.p[7];
        if (one->kind != HT_DID_OWNER_CHANGED) name_of(one, bytes);
        if (one->kind == HT_DID_ATTRIBUTE_CHANGED) {
            one->value = ht_bytes_of(bytes.p + EVENT_BYTES, value);
        }
        bytes = ht_bytes_of(bytes.p + EVENT_BYTES + value, bytes.n - EVENT_BYTES - value);
    }
    return count;
}

static void check_history(ht_bytes bytes) {
    static struct ht_did_event events[EVENTS_MAX];
    struct ht_did did;
    size_t count = read_events(events, bytes);
    const char *text = "did:ethr:0x1122000000000000000000000000000000000000";
    if (ht_did_read(&did, NULL, ht_bytes_str(text), NULL) != HT_OK) abort();
    for (uint64_t at = 0; at < 8; at++) {
        struct ht_did_ethr_result result;
        struct ht_why why = {.code = NULL};
        if (ht_did_ethr_document(&result, &did, events, count, at, 60, &why) != HT_OK) {
            if (why.code == NULL) abort();
            continue;
        }
        const json_t *methods = json_object_get(result.document, "verificationMethod");
        if ((json_array_size(methods) == 0) != result.is_deactivated) abort();
        if (json_array_size(methods) > count + 1) abort();
        json_decref(result.document);
        json_decref(result.metadata);
    }
    json_t *shown = ht_did_history_json(events, count);
    if (json_array_size(shown) != count) abort();
    json_decref(shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    check_text(ht_bytes_of(data, n));
    if (n > 0) check_log(ht_bytes_of(data, n));
    check_history(ht_bytes_of(data, n));
    return 0;
}
