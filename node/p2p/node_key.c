/* The node's own keys: making them, keeping them in files, and the pin of a certificate. How they
 * are used is handshake.c's and the door's. */
#include "node/p2p/node_key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/base/hex.h"
#include "node/crypto/sha256.h"

#define FILE_MAX ((size_t)16384)
#define VALID_S (INT64_C(3653) * 86400)
#define DAY_S 86400L

/* --- files ------------------------------------------------------------------------------------ */

static enum ht_err unusable(struct ht_why *why, const char *path, const char *reason) {
    return ht_fail(why, HT_ESTORE, "node_key", "%.120s: %.60s", path, reason);
}

static bool write_all(int fd, ht_bytes bytes) {
    for (size_t done = 0; done < bytes.n;) {
        ssize_t n = write(fd, bytes.p + done, bytes.n - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        done += (size_t)n;
    }
    return fsync(fd) == 0;
}

/* A name is durable once its folder is. */
static bool sync_folder(const char *path) {
    char folder[600];
    const char *slash = strrchr(path, '/');
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) (void)close(fd);
    return is_done;
}

static enum ht_err write_file(const char *path, ht_bytes bytes, struct ht_why *why) {
    char temp[600];
    (void)snprintf(temp, sizeof temp, "%s.new", path);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool is_done = fd >= 0 && fchmod(fd, 0600) == 0 && write_all(fd, bytes);
    int reason = errno;
    if (fd >= 0) (void)close(fd);
    if (is_done) {
        is_done = rename(temp, path) == 0 && sync_folder(path);
        reason = errno;
    }
    if (is_done) return HT_OK;
    (void)unlink(temp);
    return unusable(why, path, strerror(reason));
}

/* HT_ENOTFOUND when there is no such file. The text has a zero behind it. */
static enum ht_err read_file(char out[static FILE_MAX + 1], size_t *len, const char *path,
                             struct ht_why *why) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return HT_ENOTFOUND;
    if (fd < 0) return unusable(why, path, strerror(errno));
    size_t n = 0;
    ssize_t got = 1;
    while (n <= FILE_MAX && got != 0) {
        got = read(fd, out + n, FILE_MAX + 1 - n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) break;
        n += (size_t)got;
    }
    int reason = errno;
    (void)close(fd);
    if (got < 0) return unusable(why, path, strerror(reason));
    if (n > FILE_MAX) return unusable(why, path, "is too large to be a key");
    out[n] = '\0';
    *len = n;
    return HT_OK;
}

/* --- the node's key --------------------------------------------------------------------------- */

static enum ht_err make_secret(struct ht_node_key *out, const char *path,
                               const struct ht_random *random, struct ht_why *why) {
    char hex[HT_HEX_SIZE(32) + 1];
    do {
        ht_random_fill(random, out->secret, sizeof out->secret);
    } while (ht_secp256k1_check_key(out->secret, NULL) != HT_OK);
    ht_hex_write(hex, HT_BYTES(out->secret));
    hex[66] = '\n';
    enum ht_err err = write_file(path, ht_bytes_of(hex + 2, 65), why);
    sodium_memzero(hex, sizeof hex);
    return err;
}

static enum ht_err open_secret(struct ht_node_key *out, const char *folder,
                               const struct ht_random *random, struct ht_why *why) {
    char path[560], text[FILE_MAX + 1];
    size_t n = 0;
    (void)snprintf(path, sizeof path, "%s/node.key", folder);
    enum ht_err err = read_file(text, &n, path, why);
    if (err == HT_OK) {
        if (n > 0 && text[n - 1] == '\n') n--;
        bool is_good = n == 64 && ht_hex_read(out->secret, 32, ht_bytes_of(text, n)) == HT_OK &&
                       ht_secp256k1_check_key(out->secret, NULL) == HT_OK;
        if (!is_good) err = unusable(why, path, "holds no key");
    } else if (err == HT_ENOTFOUND) {
        err = make_secret(out, path, random, why);
    }
    sodium_memzero(text, sizeof text);
    return err == HT_OK ? ht_secp256k1_public_key_x(out->pubkey.b, out->secret, why) : err;
}

/* --- the TLS key ------------------------------------------------------------------------------ */

static enum ht_err write_bio(const char *path, BIO *bio, struct ht_why *why) {
    char *p = NULL;
    long n = BIO_get_mem_data(bio, &p);
    if (n <= 0) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a TLS key");
    return write_file(path, ht_bytes_of(p, (size_t)n), why);
}

/* HT_ENOTFOUND without the file. */
static enum ht_err read_tls_key(EVP_PKEY **out, const char *path, struct ht_why *why) {
    char text[FILE_MAX + 1];
    size_t n = 0;
    enum ht_err err = read_file(text, &n, path, why);
    if (err != HT_OK) return err;
    BIO *bio = BIO_new_mem_buf(text, (int)n);
    *out = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    sodium_memzero(text, sizeof text);
    ERR_clear_error();
    return *out != NULL ? HT_OK : unusable(why, path, "holds no key");
}

static enum ht_err make_tls_key(EVP_PKEY **out, const char *path, struct ht_why *why) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *bio = BIO_new(BIO_s_secmem());
    enum ht_err err = HT_ENOMEM;
    if (key != NULL && bio != NULL &&
        PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
        err = write_bio(path, bio, why);
    else
        (void)ht_fail(why, err, "no_memory", "cannot make a TLS key");
    BIO_free(bio); /* wiped by it */
    if (err == HT_OK) {
        *out = key;
    } else {
        EVP_PKEY_free(key);
    }
    return err;
}

static bool fill_certificate(X509 *x, EVP_PKEY *key, const struct ht_random *random) {
    uint8_t serial[16];
    ht_random_fill(random, serial, sizeof serial);
    serial[0] &= 0x7f;
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    X509_NAME *name = X509_get_subject_name(x);
    bool is_good = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != NULL &&
                   X509_set_version(x, X509_VERSION_3) == 1 &&
                   X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S) != NULL &&
                   X509_gmtime_adj(X509_getm_notAfter(x), (long)VALID_S) != NULL &&
                   X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                              (const unsigned char *)"hearth", -1, -1, 0) == 1 &&
                   X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
                   X509_sign(x, key, EVP_sha256()) > 0;
    BN_free(number);
    return is_good;
}

static enum ht_err make_certificate(const char *path, EVP_PKEY *key, const struct ht_random *random,
                                    struct ht_why *why) {
    X509 *x = X509_new();
    BIO *bio = BIO_new(BIO_s_mem());
    enum ht_err err = HT_ENOMEM;
    if (x != NULL && bio != NULL && fill_certificate(x, key, random) &&
        PEM_write_bio_X509(bio, x) == 1)
        err = write_bio(path, bio, why);
    else
        (void)ht_fail(why, err, "no_memory", "cannot make a TLS certificate");
    BIO_free(bio);
    X509_free(x);
    return err;
}

static enum ht_err read_certificate(X509 **out, const char *path, struct ht_why *why) {
    char text[FILE_MAX + 1];
    size_t n = 0;
    enum ht_err err = read_file(text, &n, path, why);
    if (err != HT_OK) return err;
    BIO *bio = BIO_new_mem_buf(text, (int)n);
    *out = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return *out != NULL ? HT_OK : unusable(why, path, "holds no certificate");
}

static enum ht_err pin_of(ht_hash32 *out, X509 *x) {
    unsigned char *der = NULL;
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
    if (n <= 0) return HT_EINPUT;
    ht_sha256(out, ht_bytes_of(der, (size_t)n));
    OPENSSL_free(der);
    return HT_OK;
}

static enum ht_err check_pair(struct ht_node_key *out, EVP_PKEY *key, struct ht_why *why) {
    X509 *x = NULL;
    enum ht_err err = read_certificate(&x, out->certificate_path, why);
    if (err != HT_OK) return err;
    if (X509_check_private_key(x, key) != 1 || pin_of(&out->pin, x) != HT_OK)
        err = unusable(why, out->certificate_path, "is not the certificate of the key beside it");
    ERR_clear_error();
    X509_free(x);
    return err;
}

/* The key is written before its certificate: a certificate without a key has lost it. */
static enum ht_err open_tls(struct ht_node_key *out, const struct ht_random *random,
                            struct ht_why *why) {
    EVP_PKEY *key = NULL;
    enum ht_err err = read_tls_key(&key, out->key_path, why);
    bool is_new = err == HT_ENOTFOUND;
    if (is_new) err = make_tls_key(&key, out->key_path, why);
    if (err != HT_OK) return err;
    if (!is_new) err = check_pair(out, key, why);
    if (is_new || err == HT_ENOTFOUND) {
        err = make_certificate(out->certificate_path, key, random, why);
        if (err == HT_OK) err = check_pair(out, key, why);
    }
    EVP_PKEY_free(key);
    return err;
}

/* --- all of it -------------------------------------------------------------------------------- */

enum ht_err ht_node_key_open(struct ht_node_key *out, const char *data_dir,
                             const struct ht_random *random, struct ht_why *why) {
    struct ht_node_key key = {0};
    char folder[500];
    int n = snprintf(folder, sizeof folder, "%s/%s", data_dir, HT_NODE_KEY_FOLDER);
    int m = snprintf(key.key_path, sizeof key.key_path, "%s/tls.key", folder);
    (void)snprintf(key.certificate_path, sizeof key.certificate_path, "%s/tls.crt", folder);
    if (n < 0 || m < 0 || (size_t)n >= sizeof folder || (size_t)m >= sizeof key.key_path)
        return unusable(why, data_dir, "is too long a path");
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return unusable(why, folder, strerror(errno));
    enum ht_err err = open_secret(&key, folder, random, why);
    if (err == HT_OK) err = open_tls(&key, random, why);
    if (err == HT_OK) *out = key;
    ht_node_key_wipe(&key);
    return err;
}

void ht_node_key_wipe(struct ht_node_key *key) {
    sodium_memzero(key, sizeof *key);
}

void ht_node_key_sign(const struct ht_node_key *key, uint8_t signature[static HT_SCHNORR_SIZE],
                      const ht_hash32 *id, const struct ht_random *random) {
    uint8_t aux[32];
    ht_random_fill(random, aux, sizeof aux);
    enum ht_err err = ht_schnorr_sign(signature, id, key->secret, aux, NULL);
    ht_assert(err == HT_OK);
}

enum ht_err ht_tls_pin_of(ht_hash32 *out, ht_bytes certificate_der) {
    const unsigned char *at = certificate_der.p;
    if (certificate_der.n == 0 || certificate_der.n > FILE_MAX) return HT_EINPUT;
    X509 *x = d2i_X509(NULL, &at, (long)certificate_der.n);
    bool is_whole = x != NULL && at == certificate_der.p + certificate_der.n;
    enum ht_err err = is_whole ? pin_of(out, x) : HT_EINPUT;
    X509_free(x);
    ERR_clear_error();
    return err;
}

enum ht_err ht_tls_pin_of_file(ht_hash32 *out, const char *path, struct ht_why *why) {
    X509 *x = NULL;
    enum ht_err err = read_certificate(&x, path, why);
    if (err == HT_OK) err = pin_of(out, x);
    X509_free(x);
    if (err == HT_OK) return HT_OK;
    return ht_fail(why, HT_ESTORE, "bad_certificate", "%.150s holds no certificate", path);
}
