/* Drives a real signer process through the node's handle. */
#include "tests/unit/signer_bench.h"

#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/crypto/secp256k1.h"
#include "node/signer/signer_process.h"

void signer_bench_start(struct signer_bench *bench) {
    struct ht_signer_process process;
    struct ht_why why = {.code = NULL};
    memset(bench, 0, sizeof *bench);
    ht_buf_init(&bench->vault, HT_SIGNER_MESSAGE_MAX);
    ht_buf_init(&bench->data, HT_SIGNER_MESSAGE_MAX);
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(ht_signer_fork_with(&process, &ht_vault_cost_least, &why), HT_OK);
    assert_int_equal(ht_loop_new(&bench->loop, &ht_system_clock, &why), HT_OK);
    if (ht_signer_new(&bench->signer, bench->loop, &process, &why) != HT_OK)
        fail_msg("%s", why.text);
    assert_int_equal(ht_hpke_generate(&bench->page, &ht_system_random, &why), HT_OK);
}

void signer_bench_stop(struct signer_bench *bench) {
    ht_signer_free(bench->signer);
    ht_loop_drain(bench->loop);
    ht_loop_free(bench->loop);
    ht_buf_fini(&bench->vault);
    ht_buf_fini(&bench->data);
}

static void open_reply(struct signer_bench *bench, ht_bytes sealed) {
    uint8_t plain[4096];
    ht_bytes parts[HT_SIGNER_PARTS_MAX];
    size_t count = 0;
    size_t n = 0;
    const char *aad = ht_signer_request_name(bench->call.request);
    assert_true(sealed.n <= sizeof plain);
    assert_int_equal(ht_hpke_open(plain, &n, &bench->page, ht_bytes_str(HT_SIGNER_INFO),
                                  ht_bytes_str(aad), sealed, NULL),
                     HT_OK);
    assert_int_equal(ht_signer_parts_read(parts, &count, ht_bytes_of(plain, n), NULL), HT_OK);
    assert_int_equal(count, 1);
    memcpy(bench->opened, parts[0].p, parts[0].n);
    bench->opened[parts[0].n] = 0;
    bench->opened_n = parts[0].n;
}

static void take(struct ht_signer_call *call) {
    struct signer_bench *bench =
        (struct signer_bench *)(void *)((char *)call - offsetof(struct signer_bench, call));
    ht_bytes vault = ht_signer_field(&call->reply, HT_SIGNER_TAG_VAULT);
    ht_bytes name = ht_signer_field(&call->reply, HT_SIGNER_TAG_NAME);
    ht_bytes sealed = ht_signer_field(&call->reply, HT_SIGNER_TAG_SEALED);
    ht_bytes number = ht_signer_field(&call->reply, HT_SIGNER_TAG_NUMBER);
    ht_bytes bytes = ht_signer_field(&call->reply, HT_SIGNER_TAG_SIGNATURE);
    if (bytes.p == NULL) bytes = ht_signer_field(&call->reply, HT_SIGNER_TAG_PUBLIC);
    if (vault.p != NULL) {
        ht_buf_clear(&bench->vault);
        assert_int_equal(ht_buf_add(&bench->vault, vault), HT_OK);
    }
    if (name.p != NULL) {
        assert_true(name.n < sizeof bench->name);
        memset(bench->name, 0, sizeof bench->name);
        memcpy(bench->name, name.p, name.n);
    }
    if (sealed.p != NULL) open_reply(bench, sealed);
    ht_buf_clear(&bench->data);
    assert_int_equal(ht_buf_add(&bench->data, ht_signer_field(&call->reply, HT_SIGNER_TAG_DATA)),
                     HT_OK);
    bench->number = number.n == 8 ? ht_read_u64_le(number.p) : UINT64_MAX;
    assert_true(bytes.n <= sizeof bench->bytes);
    if (bytes.n > 0) memcpy(bench->bytes, bytes.p, bytes.n);
    bench->bytes_n = bytes.n;
    ht_loop_stop(bench->loop);
}

enum ht_err signer_bench_ask(struct signer_bench *bench, enum ht_signer_request request,
                             const struct ht_signer_field *fields, size_t count) {
    bench->call = (struct ht_signer_call){.request = request, .done = take};
    assert_int_equal(ht_signer_ask(bench->signer, &bench->call, fields, count), HT_OK);
    ht_loop_run(bench->loop);
    return bench->call.err;
}

void signer_bench_seal(struct ht_buf *out, const struct signer_bench *bench,
                       enum ht_signer_request request, const char *const parts[3]) {
    static uint8_t plain[80000];
    ht_bytes views[3];
    struct ht_hpke_pair ephemeral;
    size_t count = 0;
    size_t n = 0;
    for (; count < 3 && parts[count] != NULL; count++) views[count] = ht_bytes_str(parts[count]);
    assert_int_equal(ht_signer_parts_write(plain, &n, sizeof plain, views, count), HT_OK);
    assert_int_equal(ht_hpke_generate(&ephemeral, &ht_system_random, NULL), HT_OK);
    const struct ht_signer_hello *hello = ht_signer_hello(bench->signer);
    uint8_t aad[HT_SIGNER_AAD_MAX];
    ht_bytes key =
        request == HT_SIGNER_EXPORT ? HT_BYTES(bench->page.public) : ht_bytes_of(NULL, 0);
    size_t aad_n = ht_signer_aad(aad, request, key);
    assert_int_equal(ht_hpke_seal(out, hello->public_key, &ephemeral, ht_bytes_str(HT_SIGNER_INFO),
                                  ht_bytes_of(aad, aad_n), ht_bytes_of(plain, n), NULL),
                     HT_OK);
}

enum ht_err signer_bench_ask_sealed(struct signer_bench *bench, enum ht_signer_request request,
                                    const char *const parts[3],
                                    const struct ht_signer_field *fields, size_t count) {
    struct ht_signer_field all[HT_SIGNER_FIELDS_MAX];
    struct ht_buf sealed;
    ht_buf_init(&sealed, 100000);
    signer_bench_seal(&sealed, bench, request, parts);
    all[0] = (struct ht_signer_field){HT_SIGNER_TAG_SEALED, ht_buf_view(&sealed)};
    if (count > 0) memcpy(all + 1, fields, count * sizeof *fields);
    enum ht_err err = signer_bench_ask(bench, request, all, count + 1);
    ht_buf_fini(&sealed);
    return err;
}

const char bench_zero_words[] = "abandon abandon abandon abandon abandon abandon abandon abandon "
                                "abandon abandon abandon about";
const char bench_key_text[] = "0x4646464646464646464646464646464646464646464646464646464646464646";

void bench_must_be(struct signer_bench *bench, enum ht_err got, enum ht_err want,
                   const char *code) {
    if (got != want) fail_msg("expected %d, got %d: %s", want, got, bench->call.why.text);
    if (code != NULL) assert_string_equal(bench->call.why.code, code);
}

void bench_create(struct signer_bench *bench) {
    bench_must_be(bench,
                  signer_bench_ask_sealed(bench, HT_SIGNER_CREATE, PARTS(PASSPHRASE), NULL, 0),
                  HT_OK, NULL);
    assert_true(bench->vault.n > 0);
}

enum ht_err bench_import(struct signer_bench *bench, const char *kind, const char *text,
                         const char *password) {
    return bench_import_beside(bench, kind, text, password, ht_bytes_of("", 0));
}

enum ht_err bench_import_beside(struct signer_bench *bench, const char *kind, const char *text,
                                const char *password, ht_bytes known) {
    const struct ht_signer_field fields[] = {TEXT(KIND, kind), FIELD(DATA, known)};
    return signer_bench_ask_sealed(bench, HT_SIGNER_IMPORT, PARTS(text, password), fields,
                                   COUNT(fields));
}

enum ht_err bench_export(struct signer_bench *bench, const char *name, const char *kind,
                         const char *passphrase, const char *password) {
    const struct ht_signer_field fields[] = {TEXT(NAME, name), TEXT(KIND, kind),
                                             FIELD(PUBLIC, HT_BYTES(bench->page.public))};
    return signer_bench_ask_sealed(bench, HT_SIGNER_EXPORT, PARTS(passphrase, password), fields,
                                   COUNT(fields));
}

enum ht_err bench_unlock(struct signer_bench *bench, ht_bytes vault, const char *passphrase,
                         uint64_t generation) {
    uint8_t least[8];
    ht_write_u64_le(least, generation);
    const struct ht_signer_field fields[] = {FIELD(VAULT, vault), FIELD(NUMBER, HT_BYTES(least))};
    return signer_bench_ask_sealed(bench, HT_SIGNER_UNLOCK, PARTS(passphrase), fields,
                                   COUNT(fields));
}

enum ht_err bench_lock(struct signer_bench *bench) {
    return signer_bench_ask(bench, HT_SIGNER_LOCK, NULL, 0);
}

enum ht_err bench_public_key(struct signer_bench *bench, const char *key) {
    const struct ht_signer_field fields[] = {TEXT(KEY, key)};
    return signer_bench_ask(bench, HT_SIGNER_PUBLIC_KEY, fields, COUNT(fields));
}

void bench_address_is(struct signer_bench *bench, const char *key, const char *want) {
    ht_addr20 address;
    char text[HT_HEX_SIZE(20)];
    bench_must_be(bench, bench_public_key(bench, key), HT_OK, NULL);
    assert_int_equal(bench->bytes_n, 64);
    ht_secp256k1_address(&address, bench->bytes);
    ht_hex_write(text, HT_BYTES(address.b));
    assert_string_equal(text, want);
}

int bench_setup(void **state) {
    struct signer_bench *bench = malloc(sizeof *bench);
    if (bench == NULL) return -1;
    signer_bench_start(bench);
    *state = bench;
    return 0;
}

int bench_teardown(void **state) {
    signer_bench_stop(*state);
    free(*state);
    return 0;
}

enum ht_err bench_sign(struct signer_bench *bench, enum ht_signer_request request, const char *key,
                       ht_bytes data) {
    const struct ht_signer_field fields[] = {TEXT(KEY, key), FIELD(DATA, data)};
    return signer_bench_ask(bench, request, fields, COUNT(fields));
}
