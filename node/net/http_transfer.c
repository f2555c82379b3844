/* One HTTP transfer. Decides what is sent, how much is accepted and what each failure is called;
 * leaves threads and callbacks to http.c. */
#include "node/net/http_transfer.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#include "node/net/address.h"

#define CONNECT_MS 10000
#define CLOCK_SLACK_MS 100 /* curl's own timers begin a little earlier than what it reports */
#define HEADERS_MAX 65536
#define BEARER_MAX 200U
#define SLOW_BYTES_PER_S 128L
#define RETRY_AFTER_MAX_S (24 * 3600)

bool ht_transfer_add_body(struct ht_transfer *t, ht_bytes more) {
    enum ht_err err = ht_buf_add(&t->body, more);
    t->is_too_large |= err == HT_ELIMIT;
    t->is_out_of_memory |= err == HT_ENOMEM;
    return err == HT_OK;
}

static size_t on_body(char *p, size_t size, size_t count, void *user) {
    size_t n = size * count;
    return ht_transfer_add_body(user, ht_bytes_of(p, n)) ? n : 0;
}

/* libcurl 7.88 bounds each header but not their number. */
static size_t on_header(char *p, size_t size, size_t count, void *user) {
    (void)p;
    struct ht_transfer *t = user;
    size_t n = size * count;
    t->header_bytes += n;
    if (t->header_bytes <= HEADERS_MAX) return n;
    t->is_too_large = true;
    return 0;
}

static void read_host(struct ht_transfer *t, const char *url) {
    CURLU *parsed = curl_url();
    char *host = NULL;
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        (void)snprintf(t->host, sizeof t->host, "%s", host);
    curl_free(host);
    curl_url_cleanup(parsed);
}

static bool is_loopback(const char *host) {
    struct in_addr v4;
    if (inet_pton(AF_INET, host, &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

static bool add_header(struct ht_transfer *t, const char *name, const char *value) {
    if (value == NULL) return true;
    char line[256];
    int n = snprintf(line, sizeof line, "%s: %s", name, value);
    ht_assert(n > 0 && (size_t)n < sizeof line);
    struct curl_slist *longer = curl_slist_append(t->headers, line);
    if (longer == NULL) return false;
    t->headers = longer;
    return true;
}

/* What a peer gave us to say must not say more than that. */
static bool is_token(const char *text) {
    size_t n =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");
    return n > 0 && n <= BEARER_MAX && text[n] == '\0';
}

static bool add_bearer(struct ht_transfer *t, const char *bearer) {
    char value[BEARER_MAX + 8];
    if (bearer == NULL || !is_token(bearer)) return true;
    (void)snprintf(value, sizeof value, "Bearer %s", bearer);
    return add_header(t, "Authorization", value);
}

static bool is_onion(const char *host) {
    size_t n = strlen(host);
    return n > 6 && strcasecmp(host + n - 6, ".onion") == 0;
}

/* A proxy of the environment is for the outside world; one that is named is for all of it. */
static CURLcode set_proxy(struct ht_transfer *t, const struct ht_http_options *o) {
    char proxy[128];
    CURL *e = t->easy;
    if (o->socks == NULL) {
        t->is_onion = is_onion(t->host);
        bool is_here = o->unix_socket != NULL || o->is_direct || is_loopback(t->host);
        return is_here ? curl_easy_setopt(e, CURLOPT_PROXY, "") : CURLE_OK;
    }
    (void)snprintf(proxy, sizeof proxy, "socks5h://%s", o->socks);
    CURLcode err = curl_easy_setopt(e, CURLOPT_PROXY, proxy);
    return err == CURLE_OK ? curl_easy_setopt(e, CURLOPT_NOPROXY, "") : err;
}

/* libcurl looks at the key right after the handshake, whatever else it was told not to look at. */
static CURLcode set_pin(CURL *e, const ht_hash32 *pin) {
    char text[64] = "sha256//";
    (void)EVP_EncodeBlock((unsigned char *)text + strlen(text), pin->b, (int)sizeof pin->b);
    (void)curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
    (void)curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
    (void)curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https");
    return curl_easy_setopt(e, CURLOPT_PINNEDPUBLICKEY, text);
}

static CURLcode set_request(struct ht_transfer *t, const struct ht_http_options *o,
                            const char *user_agent) {
    CURL *e = t->easy;
    bool has_body = o->body.n > 0;
    if (!add_header(t, "Accept", o->accept) || !add_bearer(t, o->bearer) ||
        !add_header(t, "SOAPAction", o->soap_action) ||
        (has_body && !add_header(t, "Content-Type", o->content_type)))
        return CURLE_OUT_OF_MEMORY;
    CURLcode err = curl_easy_setopt(e, CURLOPT_URL, o->url);
    if (err == CURLE_OK) err = curl_easy_setopt(e, CURLOPT_USERAGENT, user_agent);
    if (err == CURLE_OK && o->unix_socket != NULL)
        err = curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, o->unix_socket);
    if (err == CURLE_OK && o->range != NULL) err = curl_easy_setopt(e, CURLOPT_RANGE, o->range);
    if (err == CURLE_OK) err = set_proxy(t, o);
    if (err == CURLE_OK && t->is_onion) err = curl_easy_setopt(e, CURLOPT_URL, "");
    if (err == CURLE_OK && o->pin != NULL) err = set_pin(e, o->pin);
    if (err == CURLE_OK && has_body) {
        (void)curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)o->body.n);
        err = curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS, (const char *)o->body.p);
    }
    if (err == CURLE_OK && t->headers != NULL)
        err = curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
    return err;
}

static bool is_public(const struct sockaddr *address) {
    return !ht_address_is_private(address);
}

/* The last moment before a connection: what was resolved is what is looked at. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
    struct ht_transfer *t = user;
    if (purpose != CURLSOCKTYPE_IPCXN || !t->is_public(&address->addr)) {
        t->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    t->is_refused = false;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A connection that is kept from another request was never looked at. */
static CURLcode set_public_only(struct ht_transfer *t, const struct ht_http_options *o) {
    ht_assert(o->unix_socket == NULL);
    t->is_public = o->is_public != NULL ? o->is_public : is_public;
    (void)curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L);
    (void)curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 1L);
    (void)curl_easy_setopt(t->easy, CURLOPT_PIPEWAIT, 0L);
    (void)curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, t);
    return curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
}

/* What an untrusted server may do to us. */
static CURLcode set_limits(struct ht_transfer *t, const struct ht_http_options *o) {
    CURL *e = t->easy;
    CURLcode err = curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    if (err != CURLE_OK) return err;
    (void)curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
    int64_t connect_ms = o->timeout_ms < CONNECT_MS ? o->timeout_ms : CONNECT_MS;
    (void)curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    /* Else ending a transfer waits for a name server that does not answer. */
    (void)curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
    if (o->is_stream) return curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);

    (void)curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
    (void)curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)o->max_bytes);
    /* A server that drips holds a connection for half of the time at most. */
    (void)curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_PER_S);
    (void)curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, (long)(o->timeout_ms / 2000 + 1));
    return curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
}

enum ht_err ht_transfer_init(struct ht_transfer *t, const struct ht_http_options *o,
                             const char *user_agent) {
    ht_assert(o->timeout_ms > 0 && o->max_bytes > 0);
    *t = (struct ht_transfer){
        .timeout_ms = o->timeout_ms, .is_stream = o->is_stream, .easy = curl_easy_init()};
    ht_buf_init(&t->body, o->max_bytes);
    if (t->easy == NULL) return HT_ENOMEM;
    read_host(t, o->url);
    (void)curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->error);
    (void)curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    (void)curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
    CURLcode err = set_limits(t, o);
    if (err == CURLE_OK && o->is_public_only && o->socks == NULL) err = set_public_only(t, o);
    if (err == CURLE_OK) err = set_request(t, o, user_agent);
    if (err == CURLE_OK) return HT_OK;
    ht_transfer_fini(t);
    return HT_ENOMEM;
}

void ht_transfer_close(struct ht_transfer *t) {
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    t->easy = NULL;
    t->headers = NULL;
}

void ht_transfer_fini(struct ht_transfer *t) {
    ht_transfer_close(t);
    ht_buf_fini(&t->body);
}

/* The media type alone, in lower case; "" when it does not fit. */
static void copy_media_type(char *out, size_t size, const char *value) {
    size_t n = strcspn(value, "; \t");
    if (n >= size) n = 0;
    for (size_t i = 0; i < n; i++) out[i] = (char)tolower((unsigned char)value[i]);
    out[n] = '\0';
}

static const char *find_header(CURL *easy, const char *name) {
    struct curl_header *header;
    CURLHcode err = curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header);
    return err == CURLHE_OK ? header->value : NULL;
}

static void read_headers(CURL *easy, struct ht_http_answer *a) {
    const char *type = find_header(easy, "Content-Type");
    if (type != NULL) copy_media_type(a->content_type, sizeof a->content_type, type);
    const char *version = find_header(easy, "Eth-Consensus-Version");
    if (version != NULL)
        copy_media_type(a->consensus_version, sizeof a->consensus_version, version);
    curl_off_t retry_s = 0;
    if (find_header(easy, "Retry-After") == NULL) return;
    (void)curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_s);
    if (retry_s > RETRY_AFTER_MAX_S) retry_s = RETRY_AFTER_MAX_S;
    a->retry_after_ms = (retry_s < 0 ? 0 : (int64_t)retry_s) * 1000;
}

static const char *failure_code(CURLcode code) {
    static const struct {
        CURLcode from;
        const char *code;
    } names[] = {
        {CURLE_COULDNT_RESOLVE_HOST, "name_not_found"},
        {CURLE_COULDNT_RESOLVE_PROXY, "name_not_found"},
        {CURLE_COULDNT_CONNECT, "connect_failed"},
        {CURLE_SSL_CONNECT_ERROR, "tls_failed"},
        {CURLE_PEER_FAILED_VERIFICATION, "tls_failed"},
        {CURLE_SSL_CERTPROBLEM, "tls_failed"},
        {CURLE_SSL_CIPHER, "tls_failed"},
        {CURLE_SSL_CACERT_BADFILE, "tls_failed"},
        {CURLE_SSL_ISSUER_ERROR, "tls_failed"},
        {CURLE_SSL_INVALIDCERTSTATUS, "tls_failed"},
        {CURLE_UNSUPPORTED_PROTOCOL, "bad_answer"},
        {CURLE_WEIRD_SERVER_REPLY, "bad_answer"},
        {CURLE_BAD_CONTENT_ENCODING, "bad_answer"},
        {CURLE_HTTP2, "bad_answer"},
        {CURLE_HTTP2_STREAM, "bad_answer"},
        {CURLE_PROXY, "proxy_refused"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].from == code) return names[i].code;
    return "connection_lost";
}

static enum ht_err timed_out(const struct ht_transfer *t, struct ht_http_answer *a,
                             bool is_connected) {
    if (!is_connected)
        return ht_fail(&a->why, HT_ENET, "timeout", "%s: no connection after %lld ms", t->host,
                       (long long)a->elapsed_ms);
    if (t->is_stream)
        return ht_fail(&a->why, HT_ENET, "timeout", "%s: silent for %lld ms", t->host,
                       (long long)t->timeout_ms);
    if (a->elapsed_ms < t->timeout_ms - CLOCK_SLACK_MS)
        return ht_fail(&a->why, HT_ENET, "too_slow", "%s: under %ld bytes a second for too long",
                       t->host, SLOW_BYTES_PER_S);
    return ht_fail(&a->why, HT_ENET, "timeout", "%s: no complete answer after %lld ms", t->host,
                   (long long)a->elapsed_ms);
}

/* One that says beforehand how large it is was not even begun. */
static enum ht_err too_large(const struct ht_transfer *t, struct ht_http_answer *a) {
    curl_off_t told = 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &told);
    if (a->received == 0) a->received = told > 0 ? (size_t)told : t->body.max;
    return ht_fail(&a->why, HT_ELIMIT, "too_large", "%s: the answer is over %zu bytes", t->host,
                   t->body.max);
}

static enum ht_err not_connected(const struct ht_transfer *t, struct ht_http_answer *a) {
    long reason = 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &reason);
    return ht_fail(&a->why, HT_ENET, failure_code(CURLE_COULDNT_CONNECT), "%s: %s", t->host,
                   reason != 0 ? strerror((int)reason) : "no connection");
}

void ht_transfer_result(struct ht_transfer *t, struct ht_http_answer *a, CURLcode code) {
    curl_off_t total_us = 0;
    long request_bytes = 0;
    *a = (struct ht_http_answer){.retry_after_ms = -1};
    (void)curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &total_us);
    (void)curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &a->status);
    a->elapsed_ms = (int64_t)total_us / 1000;
    read_headers(t->easy, a);
    a->received = t->body.n;
    if (code == CURLE_OK) {
        a->body = ht_buf_view(&t->body);
        return;
    }
    ht_buf_fini(&t->body);
    if (t->is_out_of_memory || code == CURLE_OUT_OF_MEMORY)
        a->err = ht_fail(&a->why, HT_ENOMEM, "no_memory", "no memory for the answer");
    else if (t->is_too_large || code == CURLE_FILESIZE_EXCEEDED)
        a->err = too_large(t, a);
    else if (t->is_onion)
        a->err = ht_fail(&a->why, HT_EDENIED, "onion_without_tor",
                         "%s: an onion is reached through Tor alone", t->host);
    else if (code == CURLE_SSL_PINNEDPUBKEYNOTMATCH)
        a->err = ht_fail(&a->why, HT_EUNVERIFIED, "wrong_pin",
                         "%s: has another key than the one it is known by", t->host);
    else if (code == CURLE_URL_MALFORMAT ||
             (code == CURLE_UNSUPPORTED_PROTOCOL && request_bytes == 0))
        a->err = ht_fail(&a->why, HT_EINPUT, "bad_url", "not an http or https address");
    else if (code == CURLE_OPERATION_TIMEDOUT)
        a->err = timed_out(t, a, request_bytes > 0);
    else if (code == CURLE_COULDNT_RESOLVE_HOST)
        a->err =
            ht_fail(&a->why, HT_ENET, failure_code(code), "%s: the name was not found", t->host);
    else if (t->is_refused && code == CURLE_COULDNT_CONNECT)
        a->err = ht_fail(&a->why, HT_EDENIED, "private_address",
                         "%s: an address of this computer or its network", t->host);
    else if (code == CURLE_COULDNT_CONNECT)
        a->err = not_connected(t, a);
    else
        a->err = ht_fail(&a->why, HT_ENET, failure_code(code), "%s: %s", t->host,
                         t->error[0] != '\0' ? t->error : curl_easy_strerror(code));
}
