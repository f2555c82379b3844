/* After the warm-up no cryptography opens a file: judged by a kernel filter that ends the process
 * which tries. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/codec/json.h"
#include "node/crypto/bip32.h"
#include "node/crypto/bip39.h"
#include "node/crypto/hpke.h"
#include "node/crypto/keystore.h"
#include "node/crypto/nip49.h"
#include "node/crypto/secp256k1.h"
#include "node/crypto/warm_up.h"

/* From here on opening a file or making a socket ends the process with SIGSYS. */
static bool forbid_files(void) {
#define END_ON(number)                                   \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef SYS_open
        END_ON(SYS_open),
#endif
        END_ON(SYS_openat),
        END_ON(SYS_openat2),
        END_ON(SYS_socket),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static bool use_seed(void) {
    const uint8_t entropy[32] = {1};
    uint8_t seed[64];
    struct ht_bip32_path path;
    struct ht_bip32_key key;
    return ht_bip39_seed(seed, HT_BYTES(entropy), ht_bytes_str("\xe2\x84\xab"), NULL) == HT_OK &&
           ht_bip32_path_read(&path, "m/44'/60'/0'/0/0", NULL) == HT_OK &&
           ht_bip32_derive(&key, HT_BYTES(seed), &path, NULL) == HT_OK;
}

static bool use_files(void) {
    uint8_t key[32] = {[31] = 5};
    char text[HT_NIP49_TEXT_SIZE];
    struct ht_buf out;
    ht_bytes password = ht_bytes_str("p\xc3\xa4ss");
    ht_buf_init(&out, 4096);
    bool is_good =
        ht_keystore_write(&out, key, password, &ht_system_random, NULL) == HT_OK &&
        ht_keystore_open(key, ht_buf_view(&out), password, NULL) == HT_OK &&
        ht_keystore_open(key, ht_buf_view(&out), ht_bytes_str("no"), NULL) == HT_EDENIED &&
        ht_nip49_write(text, key, password, &ht_system_random, NULL) == HT_OK &&
        ht_nip49_open(key, ht_bytes_str(text), password, NULL) == HT_OK;
    ht_buf_fini(&out);
    return is_good;
}

static bool use_sealing(void) {
    struct ht_hpke_pair pair;
    struct ht_buf out;
    uint8_t plain[4];
    size_t n = 0;
    ht_bytes text = ht_bytes_str("text");
    ht_buf_init(&out, 4096);
    bool is_good = ht_hpke_generate(&pair, &ht_system_random, NULL) == HT_OK &&
                   ht_hpke_seal(&out, pair.public, &pair, text, text, text, NULL) == HT_OK &&
                   ht_hpke_open(plain, &n, &pair, text, text, ht_buf_view(&out), NULL) == HT_OK;
    out.p[1] ^= 1; /* no point: OpenSSL puts an error together */
    is_good =
        is_good && ht_hpke_open(plain, &n, &pair, text, text, ht_buf_view(&out), NULL) == HT_EINPUT;
    ht_buf_fini(&out);
    return is_good;
}

static bool use_signing(void) {
    const uint8_t key[32] = {[31] = 5};
    const ht_hash32 digest = {{7}};
    struct ht_ecdsa_signature signature;
    uint8_t schnorr[HT_SCHNORR_SIZE];
    return ht_ecdsa_sign(&signature, &digest, key, NULL) == HT_OK &&
           ht_schnorr_sign(schnorr, &digest, key, key, NULL) == HT_OK;
}

/* How a child ends that does all of it without files. */
static int run_confined(bool is_warm) {
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (is_warm) ht_crypto_warm_up();
        if (!forbid_files()) _exit(77);
        _exit(use_seed() && use_files() && use_sealing() && use_signing() ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void warm_up_leaves_no_file_to_be_opened(void **state) {
    (void)state;
    int status = run_confined(true);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) skip();
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Or else the test above would show nothing. */
static void without_warm_up_a_file_is_opened(void **state) {
    (void)state;
    int status = run_confined(false);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) skip();
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void warm_up_may_be_repeated(void **state) {
    (void)state;
    ht_crypto_warm_up();
    ht_crypto_warm_up();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warm_up_leaves_no_file_to_be_opened),
        cmocka_unit_test(without_warm_up_a_file_is_opened),
        cmocka_unit_test(warm_up_may_be_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
