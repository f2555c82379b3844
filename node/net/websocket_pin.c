/* Certificates of servers that are known by their key: TLS asks here before a word is said. The
 * connection is found by its SSL, because lws keeps its own word on whose that is to itself. */
#include "node/net/websocket_pin.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "node/crypto/sha256.h"

static struct ht_websocket *find(const struct ht_websockets_ref *ref, const SSL *ssl) {
    struct ht_websocket *ws = ref->all != NULL ? ref->all->list : NULL;
    while (ws != NULL && (ws->wsi == NULL || lws_get_ssl(ws->wsi) != ssl)) ws = ws->next;
    return ws;
}

static bool has_key(X509 *certificate, const ht_hash32 *pin) {
    unsigned char *der = NULL;
    ht_hash32 key;
    X509_PUBKEY *from = certificate != NULL ? X509_get_X509_PUBKEY(certificate) : NULL;
    int n = from != NULL ? i2d_X509_PUBKEY(from, &der) : 0;
    if (n <= 0) return false;
    ht_sha256(&key, ht_bytes_of(der, (size_t)n));
    OPENSSL_free(der);
    return ht_hash32_equal(&key, pin);
}

/* TLS itself has the other side prove that the key is its own. */
static int verify(X509_STORE_CTX *chain, void *arg) {
    const SSL *ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct ht_websocket *ws = find(arg, ssl);
    if (ws == NULL || !ws->has_pin) return X509_verify_cert(chain);
    if (has_key(X509_STORE_CTX_get0_cert(chain), &ws->pin)) {
        X509_STORE_CTX_set_error(chain, X509_V_OK);
        return 1;
    }
    X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
    ws->err = ht_fail(&ws->why, HT_EUNVERIFIED, "wrong_pin",
                      "%.120s: has another key than the one it is known by", ws->host);
    return 0;
}

void ht_websocket_set_trust(void *ssl_ctx, struct ht_websockets_ref *ref) {
    SSL_CTX_set_cert_verify_callback(ssl_ctx, verify, ref);
}
