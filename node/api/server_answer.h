/* HTTP answers: building them, and writing them piece by piece as the socket takes them. */
#ifndef HT_API_SERVER_ANSWER_H
#define HT_API_SERVER_ANSWER_H

#include "node/api/server_core.h"

/* Makes api->headers: sent with every answer, also with those that lws gives by itself; for the
 * vhosts. */
void ht_api_set_headers(struct ht_api *api);

/* Lets pages of ours show and fetch what is at that origin ("http://127.0.0.1:8421"), too. */
void ht_api_set_media_origin(struct ht_api *api, const char *origin);

/* Forgets a request and its answer. */
void ht_api_request_reset(struct ht_api_request *request);

/* Each of these makes the answer and, but for the last, asks lws for a turn to write it. */

/* Without a body, 204. */
void ht_api_answer_empty(struct ht_api_conn *conn);
/* 200 with JSON that is taken over from `json`. */
void ht_api_answer_json(struct ht_api_conn *conn, struct ht_buf *json);
/* 200 with an embedded file, inflated for a client that does not take gzip. */
void ht_api_answer_asset(struct ht_api_conn *conn, const struct ht_asset *asset, bool takes_gzip);
/* An error in JSON ({"error":{"code","message"}}) or in plain words. */
void ht_api_answer_error(struct ht_api_conn *conn, unsigned status, bool is_json,
                         const struct ht_why *why);
/* The same, plain or JSON, in one write at once: for a websocket upgrade that is refused, where lws
 * gives no turn to write. Returns what the lws callback must return. */
int ht_api_answer_error_now(struct ht_api_conn *conn, unsigned status, const struct ht_why *why);

/* A turn to write. Returns what the lws callback must return. */
int ht_api_answer_write(struct ht_api_conn *conn);

/* Does an Accept-Encoding header (empty when missing) allow gzip? RFC 9110 §12.5.3. */
bool ht_api_takes_gzip(ht_bytes accept_encoding);

#endif
