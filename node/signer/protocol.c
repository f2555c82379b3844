/* Messages between the node and the signer process, as bytes. What they mean is for
 * signer_requests.c; how they travel for signer.c and signer_process.c. */
#include "node/signer/protocol.h"

#define FIELD_HEAD_SIZE 5U
#define PART_HEAD_SIZE 4U

static const char *const request_names[HT_SIGNER_REQUEST_COUNT] = {
    [HT_SIGNER_HELLO] = "hello",
    [HT_SIGNER_CREATE] = "create",
    [HT_SIGNER_UNLOCK] = "unlock",
    [HT_SIGNER_LOCK] = "lock",
    [HT_SIGNER_PASSPHRASE] = "passphrase",
    [HT_SIGNER_NEW_SEED] = "new_seed",
    [HT_SIGNER_CHECK_SEED] = "check_seed",
    [HT_SIGNER_IMPORT] = "import",
    [HT_SIGNER_EXPORT] = "export",
    [HT_SIGNER_REMOVE] = "remove",
    [HT_SIGNER_PUBLIC_KEY] = "public_key",
    [HT_SIGNER_SIGN_TX] = "sign_tx",
    [HT_SIGNER_SIGN_TEXT] = "sign_text",
    [HT_SIGNER_SIGN_TYPED] = "sign_typed",
    [HT_SIGNER_SIGN_AUTHORIZATION] = "sign_authorization",
    [HT_SIGNER_SIGN_JWT] = "sign_jwt",
    [HT_SIGNER_SIGN_EVENT] = "sign_event",
    [HT_SIGNER_ENCRYPT] = "encrypt",
    [HT_SIGNER_DECRYPT] = "decrypt",
};

size_t ht_signer_aad(uint8_t out[static HT_SIGNER_AAD_MAX], enum ht_signer_request request,
                     ht_bytes reply_key) {
    const char *name = ht_signer_request_name(request);
    size_t n = strlen(name);
    ht_assert(n + reply_key.n <= HT_SIGNER_AAD_MAX);
    memcpy(out, name, n);
    if (reply_key.n > 0) memcpy(out + n, reply_key.p, reply_key.n);
    return n + reply_key.n;
}

const char *ht_signer_request_name(enum ht_signer_request request) {
    ht_assert(request < HT_SIGNER_REQUEST_COUNT);
    return request_names[request];
}

static enum ht_err malformed(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "signer_message", "a message of the signer: %s", what);
}

static bool has_tag(const struct ht_signer_message *message, enum ht_signer_tag tag) {
    for (size_t i = 0; i < message->field_count; i++) {
        if (message->fields[i].tag == tag) return true;
    }
    return false;
}

static enum ht_err read_field(struct ht_signer_message *message, ht_bytes *rest,
                              struct ht_why *why) {
    if (message->field_count == HT_SIGNER_FIELDS_MAX) return malformed(why, "too many fields");
    if (rest->n < FIELD_HEAD_SIZE) return malformed(why, "a field's head is cut off");
    uint8_t tag = rest->p[0];
    size_t n = ht_read_u32_le(rest->p + 1);
    if (tag < HT_SIGNER_TAG_SEALED || tag > HT_SIGNER_TAG_REASON) {
        return malformed(why, "a field with an unknown tag");
    }
    if (has_tag(message, (enum ht_signer_tag)tag)) return malformed(why, "a field comes twice");
    if (n > rest->n - FIELD_HEAD_SIZE) return malformed(why, "a field is cut off");
    ht_signer_message_add(message, (enum ht_signer_tag)tag,
                          ht_bytes_of(rest->p + FIELD_HEAD_SIZE, n));
    *rest = ht_bytes_of(rest->p + FIELD_HEAD_SIZE + n, rest->n - FIELD_HEAD_SIZE - n);
    return HT_OK;
}

enum ht_err ht_signer_message_read(struct ht_signer_message *out, ht_bytes text,
                                   struct ht_why *why) {
    if (text.n < HT_SIGNER_HEAD_SIZE) return malformed(why, "its head is cut off");
    size_t size;
    if (ht_signer_message_size(&size, text.p) != HT_OK || size != text.n) {
        return malformed(why, "its length is not the one that it announces");
    }
    struct ht_signer_message message = {.type = ht_read_u32_le(text.p),
                                        .number = ht_read_u32_le(text.p + 4)};
    ht_bytes rest = ht_bytes_of(text.p + HT_SIGNER_HEAD_SIZE, text.n - HT_SIGNER_HEAD_SIZE);
    while (rest.n > 0) {
        enum ht_err err = read_field(&message, &rest, why);
        if (err != HT_OK) return err;
    }
    *out = message;
    return HT_OK;
}

enum ht_err ht_signer_message_size(size_t *out, const uint8_t head[static HT_SIGNER_HEAD_SIZE]) {
    size_t size = ht_read_u32_le(head + 8);
    if (size > HT_SIGNER_MESSAGE_MAX) return HT_ELIMIT;
    if (size < HT_SIGNER_HEAD_SIZE) return HT_EINPUT;
    *out = size;
    return HT_OK;
}

static size_t size_of(const struct ht_signer_message *message) {
    size_t size = HT_SIGNER_HEAD_SIZE;
    for (size_t i = 0; i < message->field_count; i++) {
        size_t n = message->fields[i].bytes.n;
        if (n > HT_SIGNER_MESSAGE_MAX) return SIZE_MAX;
        size += FIELD_HEAD_SIZE + n;
    }
    return size;
}

enum ht_err ht_signer_message_write(struct ht_buf *out, const struct ht_signer_message *message) {
    size_t size = size_of(message);
    if (size > HT_SIGNER_MESSAGE_MAX || size > out->max - out->n) return HT_ELIMIT;
    uint8_t *at = ht_buf_reserve(out, size);
    if (at == NULL) return HT_ENOMEM;
    ht_write_u32_le(at, message->type);
    ht_write_u32_le(at + 4, message->number);
    ht_write_u32_le(at + 8, (uint32_t)size);
    at += HT_SIGNER_HEAD_SIZE;
    for (size_t i = 0; i < message->field_count; i++) {
        const struct ht_signer_field *field = &message->fields[i];
        at[0] = (uint8_t)field->tag;
        ht_write_u32_le(at + 1, (uint32_t)field->bytes.n);
        if (field->bytes.n > 0) memcpy(at + FIELD_HEAD_SIZE, field->bytes.p, field->bytes.n);
        at += FIELD_HEAD_SIZE + field->bytes.n;
    }
    out->n += size;
    return HT_OK;
}

ht_bytes ht_signer_field(const struct ht_signer_message *message, enum ht_signer_tag tag) {
    for (size_t i = 0; i < message->field_count; i++) {
        if (message->fields[i].tag == tag) return message->fields[i].bytes;
    }
    return (ht_bytes){NULL, 0};
}

void ht_signer_message_add(struct ht_signer_message *message, enum ht_signer_tag tag,
                           ht_bytes bytes) {
    ht_assert(message->field_count < HT_SIGNER_FIELDS_MAX);
    message->fields[message->field_count++] = (struct ht_signer_field){.tag = tag, .bytes = bytes};
}

enum ht_err ht_signer_parts_read(ht_bytes *parts, size_t *count, ht_bytes text,
                                 struct ht_why *why) {
    ht_bytes read[HT_SIGNER_PARTS_MAX] = {{NULL, 0}};
    size_t n = 0;
    while (text.n > 0) {
        bool is_whole = text.n >= PART_HEAD_SIZE &&
                        ht_read_u32_le(text.p) <= text.n - PART_HEAD_SIZE &&
                        n < HT_SIGNER_PARTS_MAX;
        if (!is_whole) {
            return ht_fail(why, HT_EINPUT, "signer_parts",
                           "what was sealed is not made of up to %u parts", HT_SIGNER_PARTS_MAX);
        }
        size_t length = ht_read_u32_le(text.p);
        read[n++] = ht_bytes_of(text.p + PART_HEAD_SIZE, length);
        text = ht_bytes_of(text.p + PART_HEAD_SIZE + length, text.n - PART_HEAD_SIZE - length);
    }
    memcpy(parts, read, sizeof read);
    *count = n;
    return HT_OK;
}

enum ht_err ht_signer_parts_write(uint8_t *out, size_t *n, size_t room, const ht_bytes *parts,
                                  size_t count) {
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (room - at < PART_HEAD_SIZE || parts[i].n > room - at - PART_HEAD_SIZE) return HT_ELIMIT;
        ht_write_u32_le(out + at, (uint32_t)parts[i].n);
        if (parts[i].n > 0) memcpy(out + at + PART_HEAD_SIZE, parts[i].p, parts[i].n);
        at += PART_HEAD_SIZE + parts[i].n;
    }
    *n = at;
    return HT_OK;
}
