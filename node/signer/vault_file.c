/* Reads and writes the bytes of a vault's file. Keys, boxes and the mac are for vault.c. */
#include "node/signer/vault_file.h"

#include <sodium.h>

static const uint8_t magic[8] = "HEARTHV1";

#define HEAD_SIZE (HT_VAULT_BOUND_SIZE + HT_VAULT_NONCE_SIZE + HT_VAULT_WRAPPED_SIZE + 8U + 12U)
#define ENTRY_HEAD_MAX (1U + HT_VAULT_NAME_MAX + 4U + HT_VAULT_NONCE_SIZE + 4U)

static enum ht_err malformed(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "vault_malformed", "this is no vault: %s", what);
}

/* The next n bytes, NULL when there are fewer. */
static const uint8_t *take(ht_bytes *rest, size_t n) {
    if (n > rest->n) return NULL;
    const uint8_t *p = rest->p;
    *rest = ht_bytes_of(p + n, rest->n - n);
    return p;
}

static enum ht_err check_cost(const struct ht_vault_cost *cost, struct ht_why *why) {
    bool is_known = cost->operations >= crypto_pwhash_OPSLIMIT_MIN &&
                    cost->operations <= HT_VAULT_OPERATIONS_MAX &&
                    cost->memory >= crypto_pwhash_MEMLIMIT_MIN &&
                    cost->memory <= HT_VAULT_MEMORY_MAX;
    if (is_known) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "vault_cost",
                   "the vault asks for more work or memory than is allowed, or for too little");
}

static enum ht_err read_head(struct ht_vault_head *out, ht_bytes *rest, struct ht_why *why) {
    const uint8_t *p = take(rest, HEAD_SIZE);
    if (p == NULL) return malformed(why, "it is too short");
    if (memcmp(p, magic, sizeof magic) != 0) return malformed(why, "it does not begin like one");
    p += sizeof magic;
    memcpy(out->id, p, sizeof out->id);
    p += sizeof out->id;
    out->cost =
        (struct ht_vault_cost){.operations = ht_read_u64_le(p), .memory = ht_read_u64_le(p + 8)};
    p += 16;
    memcpy(out->salt, p, sizeof out->salt);
    p += sizeof out->salt;
    memcpy(out->nonce, p, sizeof out->nonce);
    p += sizeof out->nonce;
    memcpy(out->wrapped, p, sizeof out->wrapped);
    p += sizeof out->wrapped;
    out->generation = ht_read_u64_le(p);
    out->last_seed = ht_read_u32_le(p + 8);
    out->last_key = ht_read_u32_le(p + 12);
    out->count = ht_read_u32_le(p + 16);
    if (out->count > HT_VAULT_RECORDS_MAX) return malformed(why, "it has too many records");
    return check_cost(&out->cost, why);
}

static enum ht_err read_entry(struct ht_vault_entry *out, ht_bytes *rest, struct ht_why *why) {
    const uint8_t *name_n = take(rest, 1);
    if (name_n == NULL) return malformed(why, "a record is missing");
    if (*name_n == 0 || *name_n >= HT_VAULT_NAME_MAX) {
        return malformed(why, "a record's name is empty or too long");
    }
    const uint8_t *name = take(rest, *name_n);
    const uint8_t *fixed = name == NULL ? NULL : take(rest, 4 + HT_VAULT_NONCE_SIZE + 4);
    if (fixed == NULL) return malformed(why, "a record is cut off");
    size_t box_n = ht_read_u32_le(fixed + 4 + HT_VAULT_NONCE_SIZE);
    if (box_n <= HT_VAULT_TAG_SIZE || box_n > HT_VAULT_BOX_MAX) {
        return malformed(why, "a record has an impossible length");
    }
    const uint8_t *box = take(rest, box_n);
    if (box == NULL) return malformed(why, "a record is cut off");
    *out = (struct ht_vault_entry){.name = ht_bytes_of(name, *name_n),
                                   .version = ht_read_u32_le(fixed),
                                   .nonce = fixed + 4,
                                   .box = ht_bytes_of(box, box_n)};
    return HT_OK;
}

enum ht_err ht_vault_file_read(struct ht_vault_file *out, ht_bytes file, struct ht_why *why) {
    if (file.n > HT_VAULT_SIZE_MAX) return malformed(why, "it is too long");
    ht_bytes rest = file;
    enum ht_err err = read_head(&out->head, &rest, why);
    for (uint32_t i = 0; err == HT_OK && i < out->head.count; i++) {
        err = read_entry(&out->entries[i], &rest, why);
    }
    if (err != HT_OK) return err;
    if (rest.n != HT_VAULT_MAC_SIZE) return malformed(why, "its end is not where it should be");
    out->body = ht_bytes_of(file.p, file.n - HT_VAULT_MAC_SIZE);
    out->mac = rest.p;
    return HT_OK;
}

enum ht_err ht_vault_generation(uint64_t *out, ht_bytes file, struct ht_why *why) {
    struct ht_vault_file read;
    enum ht_err err = ht_vault_file_read(&read, file, why);
    if (err == HT_OK) *out = read.head.generation;
    return err;
}

void ht_vault_file_bound(uint8_t out[static HT_VAULT_BOUND_SIZE],
                         const struct ht_vault_head *head) {
    memcpy(out, magic, sizeof magic);
    out += sizeof magic;
    memcpy(out, head->id, sizeof head->id);
    out += sizeof head->id;
    ht_write_u64_le(out, head->cost.operations);
    ht_write_u64_le(out + 8, head->cost.memory);
    memcpy(out + 16, head->salt, sizeof head->salt);
}

enum ht_err ht_vault_file_write_head(struct ht_buf *out, const struct ht_vault_head *head) {
    uint8_t bytes[HEAD_SIZE];
    ht_vault_file_bound(bytes, head);
    uint8_t *p = bytes + HT_VAULT_BOUND_SIZE;
    memcpy(p, head->nonce, sizeof head->nonce);
    p += sizeof head->nonce;
    memcpy(p, head->wrapped, sizeof head->wrapped);
    p += sizeof head->wrapped;
    ht_write_u64_le(p, head->generation);
    ht_write_u32_le(p + 8, head->last_seed);
    ht_write_u32_le(p + 12, head->last_key);
    ht_write_u32_le(p + 16, head->count);
    return ht_buf_add(out, HT_BYTES(bytes));
}

enum ht_err ht_vault_file_write_entry(struct ht_buf *out, const struct ht_vault_entry *entry) {
    uint8_t bytes[ENTRY_HEAD_MAX];
    size_t n = 0;
    bytes[n++] = (uint8_t)entry->name.n;
    memcpy(bytes + n, entry->name.p, entry->name.n);
    n += entry->name.n;
    ht_write_u32_le(bytes + n, entry->version);
    memcpy(bytes + n + 4, entry->nonce, HT_VAULT_NONCE_SIZE);
    ht_write_u32_le(bytes + n + 4 + HT_VAULT_NONCE_SIZE, (uint32_t)entry->box.n);
    n += 4 + HT_VAULT_NONCE_SIZE + 4;
    enum ht_err err = ht_buf_add(out, ht_bytes_of(bytes, n));
    return err == HT_OK ? ht_buf_add(out, entry->box) : err;
}
