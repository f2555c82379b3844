/* A signer process of its own with cheap passphrases, asked from a loop, one call at a time; and
 * the page's side of what is sealed. For tests. */
#ifndef HT_TESTS_UNIT_SIGNER_BENCH_H
#define HT_TESTS_UNIT_SIGNER_BENCH_H

#include "node/signer/signer.h"

struct signer_bench {
    struct ht_loop *loop;
    struct ht_signer *signer;
    struct ht_hpke_pair page; /* that replies are sealed to */
    struct ht_signer_call call;
    struct ht_buf vault; /* the last one that came */
    char name[32];       /* the same */
    uint8_t bytes[65];   /* SIGNATURE or PUBLIC of the last reply */
    size_t bytes_n;
    struct ht_buf data; /* DATA of the last reply */
    uint64_t number;
    uint8_t opened[4096]; /* what the last reply had sealed: its one part */
    size_t opened_n;
};

void signer_bench_start(struct signer_bench *bench);
void signer_bench_stop(struct signer_bench *bench);

/* Asks and runs the loop until the answer is there. call.err and call.why stay readable. */
enum ht_err signer_bench_ask(struct signer_bench *bench, enum ht_signer_request request,
                             const struct ht_signer_field *fields, size_t count);
/* Appends up to three parts, NULL ends them, sealed to the signer for a request. */
void signer_bench_seal(struct ht_buf *out, const struct signer_bench *bench,
                       enum ht_signer_request request, const char *const parts[3]);
/* Asks as above, with up to three parts sealed in front. */
enum ht_err signer_bench_ask_sealed(struct signer_bench *bench, enum ht_signer_request request,
                                    const char *const parts[3],
                                    const struct ht_signer_field *fields, size_t count);

#define PASSPHRASE "correct horse"
#define FIELD(tag, bytes) ((struct ht_signer_field){HT_SIGNER_TAG_##tag, (bytes)})
#define TEXT(tag, text) FIELD(tag, ht_bytes_str(text))
#define COUNT(fields) (sizeof(fields) / sizeof *(fields))
#define PARTS(...) ((const char *const[3]){__VA_ARGS__})

extern const char bench_zero_words[]; /* BIP-39's all-zero entropy */
extern const char bench_key_text[];   /* the key of EIP-155's example */

/* Fails the test unless the answer was this one; code NULL: with any reason. */
void bench_must_be(struct signer_bench *bench, enum ht_err got, enum ht_err want, const char *code);
void bench_create(struct signer_bench *bench);
enum ht_err bench_import(struct signer_bench *bench, const char *kind, const char *text,
                         const char *password);
/* The same where those are in the wallet already: protocol.h's DATA of an IMPORT. */
enum ht_err bench_import_beside(struct signer_bench *bench, const char *kind, const char *text,
                                const char *password, ht_bytes known);
enum ht_err bench_export(struct signer_bench *bench, const char *name, const char *kind,
                         const char *passphrase, const char *password);
enum ht_err bench_unlock(struct signer_bench *bench, ht_bytes vault, const char *passphrase,
                         uint64_t generation);
enum ht_err bench_lock(struct signer_bench *bench);
enum ht_err bench_public_key(struct signer_bench *bench, const char *key);
void bench_address_is(struct signer_bench *bench, const char *key, const char *want);
enum ht_err bench_sign(struct signer_bench *bench, enum ht_signer_request request, const char *key,
                       ht_bytes data);

/* cmocka's setup and teardown: a bench. */
int bench_setup(void **state);
int bench_teardown(void **state);

#endif
