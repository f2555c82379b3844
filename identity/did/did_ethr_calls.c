/* Calldata for the registry of did:ethr, written word by word. */
#include "identity/did/did_ethr_calls.h"

#include "node/codec/abi.h"

#define WORD 32U
#define WORDS_MAX 6U

struct call {
    uint8_t head[4 + WORDS_MAX * WORD];
    size_t n;
};

static void begin(struct call *call, const char *signature) {
    memset(call, 0, sizeof *call);
    ht_abi_selector(call->head, signature);
    call->n = 4;
}

/* Room for a word of zeros. */
static uint8_t *word(struct call *call) {
    ht_assert(call->n + WORD <= sizeof call->head);
    call->n += WORD;
    return call->head + call->n - WORD;
}

static void add_address(struct call *call, const ht_addr20 *address) {
    memcpy(word(call) + 12, address->b, sizeof address->b);
}

static void add_number(struct call *call, uint64_t number) {
    uint8_t *to = word(call);
    for (size_t i = 0; i < 8; i++) to[31 - i] = (uint8_t)(number >> (8 * i));
}

static bool add_text(struct call *call, const char *text) {
    size_t n = strlen(text);
    if (n == 0 || n > WORD) return false;
    memcpy(word(call), text, n);
    return true;
}

enum ht_err ht_did_call_change_owner(struct ht_buf *out, const ht_addr20 *identity,
                                     const ht_addr20 *owner) {
    struct call call;
    begin(&call, "changeOwner(address,address)");
    add_address(&call, identity);
    add_address(&call, owner);
    return ht_buf_add(out, ht_bytes_of(call.head, call.n));
}

enum ht_err ht_did_call_add_delegate(struct ht_buf *out, const ht_addr20 *identity,
                                     const char *type, const ht_addr20 *delegate,
                                     uint64_t validity) {
    struct call call;
    begin(&call, "addDelegate(address,bytes32,address,uint256)");
    add_address(&call, identity);
    if (!add_text(&call, type)) return HT_EINPUT;
    add_address(&call, delegate);
    add_number(&call, validity);
    return ht_buf_add(out, ht_bytes_of(call.head, call.n));
}

enum ht_err ht_did_call_revoke_delegate(struct ht_buf *out, const ht_addr20 *identity,
                                        const char *type, const ht_addr20 *delegate) {
    struct call call;
    begin(&call, "revokeDelegate(address,bytes32,address)");
    add_address(&call, identity);
    if (!add_text(&call, type)) return HT_EINPUT;
    add_address(&call, delegate);
    return ht_buf_add(out, ht_bytes_of(call.head, call.n));
}

/* identity, name, offset of the value, for setting the validity, length, value. */
static enum ht_err attribute(struct ht_buf *out, const char *signature, const ht_addr20 *identity,
                             const char *name, ht_bytes value, const uint64_t *validity) {
    static const uint8_t zeros[WORD];
    struct call call;
    size_t before = out->n;
    if (value.n > HT_DID_VALUE_MAX) return HT_ELIMIT;
    begin(&call, signature);
    add_address(&call, identity);
    if (!add_text(&call, name)) return HT_EINPUT;
    add_number(&call, validity != NULL ? 4 * WORD : 3 * WORD);
    if (validity != NULL) add_number(&call, *validity);
    add_number(&call, value.n);
    enum ht_err err = ht_buf_add(out, ht_bytes_of(call.head, call.n));
    if (err == HT_OK) err = ht_buf_add(out, value);
    size_t over = value.n % WORD;
    if (err == HT_OK && over > 0) err = ht_buf_add(out, ht_bytes_of(zeros, WORD - over));
    if (err != HT_OK) out->n = before;
    return err;
}

enum ht_err ht_did_call_set_attribute(struct ht_buf *out, const ht_addr20 *identity,
                                      const char *name, ht_bytes value, uint64_t validity) {
    return attribute(out, "setAttribute(address,bytes32,bytes,uint256)", identity, name, value,
                     &validity);
}

enum ht_err ht_did_call_revoke_attribute(struct ht_buf *out, const ht_addr20 *identity,
                                         const char *name, ht_bytes value) {
    return attribute(out, "revokeAttribute(address,bytes32,bytes)", identity, name, value, NULL);
}
