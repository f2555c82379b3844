/* Vaults from any bytes: as a file, under a wrong and under the right passphrase.
 *
 * The shape that is accepted is written back as the same bytes. Then a good file of ours is taken
 * and changed as the bytes say (place, value): it must not open, unless nothing has changed. */
#include <stdlib.h>

#include "node/signer/vault_file.h"

#define PASSPHRASE "correct horse"
/* Files that ask for more are left alone: what they cost is bounded elsewhere. */
#define MEMORY_MAX 65536U
#define OPERATIONS_MAX 3U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct ht_vault *vault;
static struct ht_buf good;

static void must(bool claim) {
    if (!claim) abort();
}

static void fill(void *self, uint8_t *out, size_t n) {
    uint8_t *next = self;
    for (size_t i = 0; i < n; i++) out[i] = (*next)++;
}

static void start(void) {
    static uint8_t next;
    static struct ht_random random = {.fill = fill, .self = &next};
    char name[HT_VAULT_NAME_MAX];
    uint8_t key[HT_VAULT_KEY_SIZE] = {1};
    uint8_t seed[HT_VAULT_SEED_SIZE] = {16};
    must(ht_vault_new(&vault, &random, &ht_vault_cost_least) == HT_OK);
    must(ht_vault_create(vault, ht_bytes_str(PASSPHRASE), NULL) == HT_OK);
    must(ht_vault_add(name, vault, HT_VAULT_KEY, HT_BYTES(key), NULL) == HT_OK);
    must(ht_vault_add(name, vault, HT_VAULT_SEED, HT_BYTES(seed), NULL) == HT_OK);
    ht_buf_init(&good, HT_VAULT_SIZE_MAX);
    must(ht_vault_write(&good, vault, NULL) == HT_OK);
}

static bool is_cheap(ht_bytes file) {
    static struct ht_vault_file read;
    if (ht_vault_file_read(&read, file, NULL) != HT_OK) return true;
    return read.head.cost.memory <= MEMORY_MAX && read.head.cost.operations <= OPERATIONS_MAX;
}

static void check_shape(ht_bytes file) {
    static struct ht_vault_file read;
    struct ht_why why = {.code = NULL};
    struct ht_buf again;
    if (ht_vault_file_read(&read, file, &why) != HT_OK) {
        must(why.code != NULL);
        return;
    }
    ht_buf_init(&again, HT_VAULT_SIZE_MAX);
    must(ht_vault_file_write_head(&again, &read.head) == HT_OK);
    for (uint32_t i = 0; i < read.head.count; i++) {
        must(ht_vault_file_write_entry(&again, &read.entries[i]) == HT_OK);
    }
    must(ht_bytes_equal(ht_buf_view(&again), read.body));
    ht_buf_fini(&again);
}

static enum ht_err unlock(ht_bytes file, const char *passphrase) {
    struct ht_why why = {.code = NULL};
    if (!is_cheap(file)) return HT_ELIMIT;
    enum ht_err err = ht_vault_unlock(vault, file, ht_bytes_str(passphrase), 0, &why);
    must(err == HT_OK || why.code != NULL);
    must((err == HT_OK) == ht_vault_is_open(vault));
    return err;
}

static void run_changed(const uint8_t *changes, size_t n) {
    static uint8_t file[4096];
    must(good.n <= sizeof file);
    memcpy(file, good.p, good.n);
    for (size_t i = 0; i + 2 < n; i += 3) {
        file[(size_t)(changes[i] << 8 | changes[i + 1]) % good.n] ^= changes[i + 2];
    }
    ht_bytes view = ht_bytes_of(file, good.n);
    bool is_same = ht_bytes_equal(view, ht_buf_view(&good));
    must((unlock(view, PASSPHRASE) == HT_OK) == is_same);
    must(unlock(view, "wrong horse") != HT_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (vault == NULL) start();
    check_shape(ht_bytes_of(data, n));
    (void)unlock(ht_bytes_of(data, n), PASSPHRASE);
    if (n <= 48) run_changed(data, n);
    return 0;
}
