/* Keystores: whatever is read keeps to the stated bounds, and unlocking it ends with an answer.
 * Only cheap ones are unlocked; the cost of others is judged without it. */
#include <stdlib.h>

#include "node/crypto/keystore.h"

#define CHEAP 4096U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint64_t work_of(const struct ht_keystore *keystore) {
    return keystore->is_scrypt ? ht_scrypt_work(&keystore->scrypt) : keystore->rounds;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_keystore keystore;
    struct ht_why why = {.code = NULL};
    uint8_t key[32];
    if (ht_keystore_read(&keystore, ht_bytes_of(data, n), &why) != HT_OK) {
        if (why.code == NULL) abort();
        return 0;
    }
    if (work_of(&keystore) == 0 || work_of(&keystore) > HT_KEYSTORE_WORK_MAX) abort();
    if (keystore.salt_n > HT_KEYSTORE_SALT_MAX) abort();
    if (keystore.is_scrypt && (!ht_scrypt_is_valid(&keystore.scrypt) ||
                               ht_scrypt_memory(&keystore.scrypt) > HT_KEYSTORE_MEMORY_MAX)) {
        abort();
    }
    if (work_of(&keystore) > CHEAP) return 0;
    enum ht_err err = ht_keystore_unlock(key, &keystore, ht_bytes_str("warm"), &why);
    if (err != HT_OK && err != HT_EDENIED && err != HT_EUNVERIFIED && err != HT_ENOMEM) abort();
    return 0;
}
