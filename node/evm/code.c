/* Analysis of code and the cache of analysed codes.
 *
 * A code is one allocation: the references' count, the code's struct, the bitmap, the bytes. The
 * cache is a table of chains with a list in order of use, under one lock; what is dropped from it
 * lives on as long as somebody holds it. */
#include "node/evm/code.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "node/crypto/keccak.h"

#define JUMPDEST 0x5bU
#define PUSH1 0x60U
#define PUSH32 0x7fU
#define DELEGATION_SIZE 23U
#define CHAIN_COUNT 1024U

struct ht_evm_code_refs {
    struct ht_evm_code code;
    atomic_size_t count;
    size_t bytes; /* of the allocation */
    /* The cache's. */
    struct ht_evm_code_refs *chain, *newer, *older;
};

static struct {
    pthread_mutex_t lock;
    size_t bytes;
    struct ht_evm_code_refs *chains[CHAIN_COUNT];
    struct ht_evm_code_refs *newest, *oldest;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void find_jumpdests(uint64_t *bits, ht_bytes code) {
    size_t i = 0;
    while (i < code.n) {
        uint8_t op = code.p[i];
        if (op == JUMPDEST) bits[i / 64] |= (uint64_t)1 << (i % 64);
        i += op >= PUSH1 && op <= PUSH32 ? op - PUSH1 + 2U : 1U;
    }
}

enum ht_err ht_evm_code_new(const struct ht_evm_code **out, const ht_hash32 *hash, ht_bytes code) {
    size_t words = code.n / 64 + 1;
    size_t room = SIZE_MAX / 2 - sizeof(struct ht_evm_code_refs) - HT_EVM_CODE_PAD;
    if (code.n > room / 2) return HT_ENOMEM;
    size_t bytes =
        sizeof(struct ht_evm_code_refs) + words * sizeof(uint64_t) + code.n + HT_EVM_CODE_PAD;
    struct ht_evm_code_refs *refs = malloc(bytes);
    if (refs == NULL) return HT_ENOMEM;
    uint64_t *jumpdests = (uint64_t *)(refs + 1);
    uint8_t *copy = (uint8_t *)(jumpdests + words);
    memset(jumpdests, 0, words * sizeof *jumpdests);
    find_jumpdests(jumpdests, code);
    if (code.n > 0) memcpy(copy, code.p, code.n);
    memset(copy + code.n, 0, HT_EVM_CODE_PAD);
    *refs = (struct ht_evm_code_refs){.bytes = bytes};
    refs->code =
        (struct ht_evm_code){.n = code.n, .bytes = copy, .jumpdests = jumpdests, .refs = refs};
    if (hash != NULL) refs->code.hash = *hash;
    atomic_init(&refs->count, 1);
    *out = &refs->code;
    return HT_OK;
}

const struct ht_evm_code *ht_evm_code_hold(const struct ht_evm_code *code) {
    (void)atomic_fetch_add_explicit(&code->refs->count, 1, memory_order_relaxed);
    return code;
}

void ht_evm_code_release(const struct ht_evm_code *code) {
    if (code == NULL) return;
    if (atomic_fetch_sub_explicit(&code->refs->count, 1, memory_order_acq_rel) == 1) {
        free(code->refs);
    }
}

bool ht_evm_code_delegate(ht_addr20 *out, ht_bytes code) {
    static const uint8_t INDICATOR[3] = {0xef, 0x01, 0x00};
    if (code.n != DELEGATION_SIZE || memcmp(code.p, INDICATOR, sizeof INDICATOR) != 0) {
        return false;
    }
    memcpy(out->b, code.p + sizeof INDICATOR, sizeof out->b);
    return true;
}

/* --- the cache, all under its lock ------------------------------------------------------------*/

static struct ht_evm_code_refs **chain_of(const ht_hash32 *hash) {
    return &cache.chains[ht_read_u32_le(hash->b) % CHAIN_COUNT];
}

static void unlink_use(struct ht_evm_code_refs *refs) {
    *(refs->newer != NULL ? &refs->newer->older : &cache.newest) = refs->older;
    *(refs->older != NULL ? &refs->older->newer : &cache.oldest) = refs->newer;
}

static void link_newest(struct ht_evm_code_refs *refs) {
    refs->newer = NULL;
    refs->older = cache.newest;
    *(cache.newest != NULL ? &cache.newest->newer : &cache.oldest) = refs;
    cache.newest = refs;
}

static void drop_oldest(void) {
    struct ht_evm_code_refs *refs = cache.oldest;
    struct ht_evm_code_refs **link = chain_of(&refs->code.hash);
    while (*link != refs) link = &(*link)->chain;
    *link = refs->chain;
    unlink_use(refs);
    cache.bytes -= refs->bytes;
    ht_evm_code_release(&refs->code);
}

/* A reference for the caller, or NULL. */
static const struct ht_evm_code *look_up(const ht_hash32 *hash) {
    for (struct ht_evm_code_refs *refs = *chain_of(hash); refs != NULL; refs = refs->chain) {
        if (!ht_hash32_equal(&refs->code.hash, hash)) continue;
        unlink_use(refs);
        link_newest(refs);
        return ht_evm_code_hold(&refs->code);
    }
    return NULL;
}

static void keep(const struct ht_evm_code *code) {
    struct ht_evm_code_refs *refs = code->refs;
    if (refs->bytes > HT_EVM_CODE_CACHE) return;
    while (cache.bytes + refs->bytes > HT_EVM_CODE_CACHE) drop_oldest();
    (void)ht_evm_code_hold(code);
    refs->chain = *chain_of(&code->hash);
    *chain_of(&code->hash) = refs;
    link_newest(refs);
    cache.bytes += refs->bytes;
}

enum ht_err ht_evm_code_cached(const struct ht_evm_code **out, const ht_hash32 *hash,
                               ht_bytes code) {
    (void)pthread_mutex_lock(&cache.lock);
    const struct ht_evm_code *found = look_up(hash);
    (void)pthread_mutex_unlock(&cache.lock);
    if (found == NULL) {
        ht_hash32 real;
        ht_keccak256(&real, code);
        enum ht_err err = ht_evm_code_new(&found, hash, code);
        if (err != HT_OK) return err;
        if (!ht_hash32_equal(&real, hash)) {
            *out = found;
            return HT_OK;
        }
        (void)pthread_mutex_lock(&cache.lock);
        /* Another thread may have been faster; then its code is used. */
        const struct ht_evm_code *theirs = look_up(hash);
        if (theirs == NULL) keep(found);
        (void)pthread_mutex_unlock(&cache.lock);
        if (theirs != NULL) {
            ht_evm_code_release(found);
            found = theirs;
        }
    }
    *out = found;
    return HT_OK;
}
