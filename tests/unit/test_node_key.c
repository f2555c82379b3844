/* The node's own keys in a folder of the test: made once, kept, and what is done with broken ones.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/crypto/sha256.h"
#include "node/p2p/node_key.h"

static char folder[128];
static struct ht_why why;

static void path_of(char out[static 256], const char *name) {
    (void)snprintf(out, 256, "%s/peer/%s", folder, name);
}

static int start(void **state) {
    (void)state;
    const char *base = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/node_key.XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int end(void **state) {
    static const char *const names[] = {"node.key", "tls.key", "tls.crt"};
    char path[256];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        path_of(path, names[i]);
        (void)unlink(path);
    }
    path_of(path, "");
    (void)rmdir(path);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

static void open_key(struct ht_node_key *key) {
    assert_int_equal(ht_node_key_open(key, folder, &ht_system_random, &why), HT_OK);
}

static void write_text(const char *name, const char *text) {
    char path[256];
    path_of(path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
}

static void assert_unusable(void) {
    struct ht_node_key key;
    why = (struct ht_why){0};
    assert_int_equal(ht_node_key_open(&key, folder, &ht_system_random, &why), HT_ESTORE);
    assert_string_equal(why.code, "node_key");
}

static void a_key_is_made_once_and_kept(void **state) {
    (void)state;
    struct ht_node_key first, again;
    open_key(&first);
    open_key(&again);
    assert_memory_equal(&first, &again, sizeof first);
    assert_false(ht_hash32_is_zero(&first.pubkey));
    assert_false(ht_hash32_is_zero(&first.pin));
    ht_node_key_wipe(&first);
    assert_true(ht_hash32_is_zero(&first.pubkey));
}

static void its_files_are_the_owners_alone(void **state) {
    static const char *const names[] = {"node.key", "tls.key", "tls.crt"};
    (void)state;
    struct ht_node_key key;
    struct stat info;
    char path[256];
    open_key(&key);
    for (size_t i = 0; i < 3; i++) {
        path_of(path, names[i]);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
    }
    path_of(path, "");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void what_it_signs_is_good_by_its_public_key(void **state) {
    (void)state;
    struct ht_node_key key;
    uint8_t first[HT_SCHNORR_SIZE], second[HT_SCHNORR_SIZE];
    const ht_hash32 id = {.b = {1, 2, 3}};
    open_key(&key);
    ht_node_key_sign(&key, first, &id, &ht_system_random);
    ht_node_key_sign(&key, second, &id, &ht_system_random);
    assert_int_equal(ht_schnorr_verify(first, &id, key.pubkey.b, NULL), HT_OK);
    assert_memory_not_equal(first, second, sizeof first);
}

static X509 *read_certificate(const struct ht_node_key *key) {
    FILE *file = fopen(key->certificate_path, "r");
    assert_non_null(file);
    X509 *x = PEM_read_X509(file, NULL, NULL, NULL);
    assert_int_equal(fclose(file), 0);
    assert_non_null(x);
    return x;
}

static void the_certificate_is_of_ten_years_and_signed_by_itself(void **state) {
    (void)state;
    struct ht_node_key key;
    int days = 0, seconds = 0;
    open_key(&key);
    X509 *x = read_certificate(&key);
    EVP_PKEY *public_key = X509_get0_pubkey(x);
    assert_int_equal(X509_verify(x, public_key), 1);
    assert_int_equal(EVP_PKEY_get_bits(public_key), 256);
    assert_int_equal(ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(x)), 1);
    assert_in_range(days, 3651, 3653);
    char name[64];
    assert_true(
        X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, name, sizeof name) > 0);
    assert_string_equal(name, "hearth");
    X509_free(x);
}

static void the_pin_is_the_hash_of_the_public_key_in_der(void **state) {
    (void)state;
    struct ht_node_key key;
    unsigned char *der = NULL;
    ht_hash32 want, got, of_file;
    open_key(&key);
    X509 *x = read_certificate(&key);
    int n = i2d_PUBKEY(X509_get0_pubkey(x), &der);
    ht_sha256(&want, ht_bytes_of(der, (size_t)n));
    OPENSSL_free(der);
    assert_true(ht_hash32_equal(&want, &key.pin));
    der = NULL;
    n = i2d_X509(x, &der);
    assert_int_equal(ht_tls_pin_of(&got, ht_bytes_of(der, (size_t)n)), HT_OK);
    assert_true(ht_hash32_equal(&want, &got));
    assert_int_equal(ht_tls_pin_of(&got, ht_bytes_of(der, (size_t)n - 1)), HT_EINPUT);
    assert_int_equal(ht_tls_pin_of(&got, ht_bytes_of(NULL, 0)), HT_EINPUT);
    OPENSSL_free(der);
    X509_free(x);
    assert_int_equal(ht_tls_pin_of_file(&of_file, key.certificate_path, &why), HT_OK);
    assert_true(ht_hash32_equal(&want, &of_file));
    assert_int_equal(ht_tls_pin_of_file(&of_file, key.key_path, &why), HT_ESTORE);
    assert_string_equal(why.code, "bad_certificate");
}

static void a_lost_certificate_is_made_anew_for_the_same_key(void **state) {
    (void)state;
    struct ht_node_key first, again;
    open_key(&first);
    assert_int_equal(unlink(first.certificate_path), 0);
    open_key(&again);
    assert_true(ht_hash32_equal(&first.pin, &again.pin));
}

static void a_lost_tls_key_takes_its_certificate_with_it(void **state) {
    (void)state;
    struct ht_node_key first, again;
    open_key(&first);
    assert_int_equal(unlink(first.key_path), 0);
    open_key(&again);
    assert_false(ht_hash32_equal(&first.pin, &again.pin));
    assert_true(ht_hash32_equal(&first.pubkey, &again.pubkey));
}

static void broken_files_are_an_error_and_stay(void **state) {
    (void)state;
    struct ht_node_key key;
    char path[256], text[16] = "";
    open_key(&key);
    write_text("tls.crt", "nonsense");
    assert_unusable();
    assert_int_equal(unlink(key.certificate_path), 0);
    write_text("tls.key", "");
    assert_unusable();
    assert_int_equal(unlink(key.key_path), 0);
    write_text("node.key", "0123\n");
    assert_unusable();
    path_of(path, "node.key");
    FILE *file = fopen(path, "r");
    assert_non_null(fgets(text, sizeof text, file));
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text, "0123\n");
    write_text("node.key", "0000000000000000000000000000000000000000000000000000000000000000");
    assert_unusable();
}

static void a_certificate_of_another_key_is_an_error(void **state) {
    (void)state;
    struct ht_node_key key;
    open_key(&key);
    char other[600];
    (void)snprintf(other, sizeof other, "%s.old", key.certificate_path);
    assert_int_equal(rename(key.certificate_path, other), 0);
    assert_int_equal(unlink(key.key_path), 0);
    open_key(&key);
    assert_int_equal(rename(other, key.certificate_path), 0);
    assert_unusable();
}

static void a_folder_that_cannot_be_made_is_an_error(void **state) {
    (void)state;
    struct ht_node_key key;
    assert_int_equal(ht_node_key_open(&key, "/proc/none", &ht_system_random, &why), HT_ESTORE);
    assert_string_equal(why.code, "node_key");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_key_is_made_once_and_kept),
        TEST(its_files_are_the_owners_alone),
        TEST(what_it_signs_is_good_by_its_public_key),
        TEST(the_certificate_is_of_ten_years_and_signed_by_itself),
        TEST(the_pin_is_the_hash_of_the_public_key_in_der),
        TEST(a_lost_certificate_is_made_anew_for_the_same_key),
        TEST(a_lost_tls_key_takes_its_certificate_with_it),
        TEST(broken_files_are_an_error_and_stay),
        TEST(a_certificate_of_another_key_is_an_error),
        TEST(a_folder_that_cannot_be_made_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
