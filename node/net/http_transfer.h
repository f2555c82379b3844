/* One HTTP transfer: the options as libcurl wants them, the limits, and the result as an answer.
 *
 * The same for the client's thread (http.c) and for a blocking request. */
#ifndef HT_NET_HTTP_TRANSFER_H
#define HT_NET_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "node/net/http.h"

struct ht_transfer {
    CURL *easy;
    struct curl_slist *headers;
    struct ht_buf body;
    size_t header_bytes;
    int64_t timeout_ms;
    bool is_stream;
    bool is_too_large;
    bool is_out_of_memory;
    bool (*is_public)(const struct sockaddr *address); /* of is_public_only; else NULL */
    bool is_onion;   /* without a proxy that leads there: nothing was tried */
    bool is_refused; /* an address was not public, and no other was connected to */
    char host[128];  /* for messages: the URL itself may hold a password */
    char error[CURL_ERROR_SIZE];
};

/* Prepares a transfer that collects its body; copies everything. The transfer must not move
 * afterwards. HT_ENOMEM. A URL that is none shows when the transfer runs. */
enum ht_err ht_transfer_init(struct ht_transfer *transfer, const struct ht_http_options *options,
                             const char *user_agent) HT_MUST_USE;

/* Frees curl's side; the body stays. May be called again. */
void ht_transfer_close(struct ht_transfer *transfer);

/* Frees all of it. */
void ht_transfer_fini(struct ht_transfer *transfer);

/* Adds to the body; false over the limit or without memory, which is noted for the result. */
bool ht_transfer_add_body(struct ht_transfer *transfer, ht_bytes more);

/* What came of it, before ht_transfer_close. The body stays with the transfer. */
void ht_transfer_result(struct ht_transfer *transfer, struct ht_http_answer *answer, CURLcode code);

#endif
