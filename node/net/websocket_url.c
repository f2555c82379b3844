/* The parts of a websocket's URL, as connecting needs them. */
#include "node/net/websocket_url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* Whether snprintf had room. */
static bool is_whole(int n, size_t size) {
    return n >= 0 && (size_t)n < size;
}

static bool read_authority(struct ht_websocket *ws, CURLU *url) {
    char *host = NULL, *port = NULL;
    bool is_good = curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    bool has_port = curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK;
    ws->port = has_port ? (int)strtol(port, NULL, 10) : ws->is_tls ? 443 : 80;
    if (is_good) {
        size_t n = strlen(host);
        bool has_brackets = n > 2 && host[0] == '[';
        int authority = snprintf(ws->authority, sizeof ws->authority, "%s%s%s", host,
                                 has_port ? ":" : "", has_port ? port : "");
        int bare = snprintf(ws->host, sizeof ws->host, "%.*s", (int)(has_brackets ? n - 2 : n),
                            host + (has_brackets ? 1 : 0));
        is_good = is_whole(authority, sizeof ws->authority) && is_whole(bare, sizeof ws->host);
    }
    curl_free(host);
    curl_free(port);
    return is_good;
}

static bool read_path(struct ht_websocket *ws, CURLU *url) {
    char *path = NULL, *query = NULL;
    bool is_good = curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK;
    bool has_query = curl_url_get(url, CURLUPART_QUERY, &query, 0) == CURLUE_OK;
    if (is_good) {
        int n = snprintf(ws->path, sizeof ws->path, "%s%s%s", path, has_query ? "?" : "",
                         has_query ? query : "");
        is_good = is_whole(n, sizeof ws->path);
    }
    curl_free(path);
    curl_free(query);
    return is_good;
}

static bool read_authorization(struct ht_websocket *ws, CURLU *url) {
    char *user = NULL, *password = NULL;
    if (curl_url_get(url, CURLUPART_USER, &user, CURLU_URLDECODE) != CURLUE_OK) return true;
    bool has_password =
        curl_url_get(url, CURLUPART_PASSWORD, &password, CURLU_URLDECODE) == CURLUE_OK;
    bool is_good = lws_http_basic_auth_gen(user, has_password ? password : "", ws->authorization,
                                           sizeof ws->authorization) == 0;
    curl_free(user);
    curl_free(password);
    return is_good;
}

bool ht_websocket_read_url(struct ht_websocket *ws, const char *text) {
    CURLU *url = curl_url();
    char *scheme = NULL;
    bool is_good = url != NULL &&
                   curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
                   curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK;
    if (is_good) {
        ws->is_tls = strcmp(scheme, "wss") == 0;
        is_good = (ws->is_tls || strcmp(scheme, "ws") == 0) && read_authority(ws, url) &&
                  read_path(ws, url) && read_authorization(ws, url);
    }
    curl_free(scheme);
    curl_url_cleanup(url);
    size_t n = strlen(ws->host);
    ws->is_onion = n > 6 && strcasecmp(ws->host + n - 6, ".onion") == 0;
    return is_good;
}
