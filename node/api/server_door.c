/* Who may enter. A browser says truly which page acts, and nobody else has a reason to lie about
 * it: a program that claims to be the owner's page has no session, one that claims to be another
 * page gets what that page would get. */
#include "node/api/server_door.h"

#include <strings.h>

#include <sodium.h>

#define HEADER_MAX 8192U

enum ht_err ht_api_check_host(const struct ht_api_conn *conn, char *buf, size_t size,
                              ht_bytes *host, struct ht_why *why) {
    if (conn->is_unix) return HT_OK; /* the socket's file mode guards that door */
    if (!ht_api_header(conn->wsi, WSI_TOKEN_HOST, buf, size, host)) *host = ht_bytes_of(buf, 0);
    return ht_gate_check_host(&conn->api->gate, *host, why);
}

static enum ht_err check_cookie(struct ht_api_conn *conn, struct ht_why *why) {
    struct ht_api *api = conn->api;
    char buf[HEADER_MAX];
    ht_bytes cookies;
    if (!ht_api_header(conn->wsi, WSI_TOKEN_HTTP_COOKIE, buf, sizeof buf, &cookies))
        cookies = ht_bytes_of(buf, 0);
    int64_t now_ms = ht_wall_ms(ht_loop_clock(api->loop));
    enum ht_err err = ht_gate_check_session(&api->gate, &conn->session, cookies, now_ms, why);
    sodium_memzero(buf, sizeof buf);
    return err;
}

enum ht_err ht_api_check_session(struct ht_api_conn *conn, struct ht_why *why) {
    return conn->is_unix || conn->is_ethereum ? HT_OK : check_cookie(conn, why);
}

void ht_api_note_agent(struct ht_api_conn *conn) {
    char buf[HEADER_MAX];
    ht_bytes header;
    if (!ht_api_header(conn->wsi, WSI_TOKEN_HTTP_USER_AGENT, buf, sizeof buf, &header))
        header = ht_bytes_of(buf, 0);
    ht_session_read_agent(conn->request.user_agent, header);
}

static bool is_foreign(const struct ht_api_conn *conn) {
    return conn->asker == HT_API_PAGE || conn->asker == HT_API_EXTENSION;
}

/* Whether a foreign origin has any permission. */
static bool is_known(const struct ht_api_conn *conn) {
    const struct ht_api *api = conn->api;
    return api->admit != NULL && api->admit(api->admit_self, conn->origin, NULL, NULL) == HT_OK;
}

/* Reads who asks at /eth. The session counts for the owner's own page alone: browsers send cookies
 * without regard to ports, so a page of any other server on this computer has it too. */
static void read_asker(struct ht_api_conn *conn, ht_bytes origin, ht_bytes host) {
    if (origin.n == 0) {
        conn->asker = HT_API_PROGRAM;
    } else if (ht_gate_check_origin(origin, host, NULL) == HT_OK) {
        conn->asker = check_cookie(conn, NULL) == HT_OK ? HT_API_OWNER : HT_API_PROGRAM;
    } else {
        enum ht_gate_origin kind = ht_gate_read_origin(origin);
        conn->asker = kind == HT_GATE_ORIGIN_PAGE        ? HT_API_PAGE
                      : kind == HT_GATE_ORIGIN_EXTENSION ? HT_API_EXTENSION
                                                         : HT_API_UNKNOWN;
    }
    if (!is_foreign(conn)) return;
    memcpy(conn->origin, origin.p, origin.n);
    conn->origin[origin.n] = '\0';
}

enum ht_err ht_api_check_origin(struct ht_api_conn *conn, ht_bytes host, enum ht_api_way way,
                                struct ht_why *why) {
    char buf[HT_GATE_ORIGIN_LEN_MAX + 1];
    ht_bytes origin;
    conn->asker = HT_API_OWNER;
    conn->origin[0] = '\0';
    if (conn->is_unix) return HT_OK;
    if (!ht_api_header(conn->wsi, WSI_TOKEN_ORIGIN, buf, sizeof buf, &origin))
        origin = ht_bytes_of("?", 1);
    if (!conn->is_ethereum) return ht_gate_check_origin(origin, host, why);
    read_asker(conn, origin, host);
    if (conn->asker == HT_API_PAGE && conn->api->admit != NULL) {
        if (way == HT_API_BY_SOCKET) return HT_OK;
        if (is_known(conn)) {
            conn->request.answer.is_shared = true;
            return HT_OK;
        }
    } else if (conn->asker != HT_API_PAGE && conn->asker != HT_API_UNKNOWN) {
        return HT_OK;
    }
    return ht_fail(why, HT_EDENIED, "bad_origin",
                   conn->asker == HT_API_UNKNOWN
                       ? "the request does not say which page it comes from (Origin)"
                       : "pages of other origins have no permission to use this node");
}

static bool is_word(ht_bytes text, const char *want) {
    return text.n == strlen(want) && strncasecmp((const char *)text.p, want, text.n) == 0;
}

/* A header that lws has no number for; empty when it is missing or does not fit. */
static ht_bytes read_custom(struct lws *wsi, const char *name, char *buf, size_t size) {
    int n = lws_hdr_custom_copy(wsi, buf, (int)size, name, (int)strlen(name));
    return ht_bytes_of(buf, n > 0 ? (size_t)n : 0);
}

enum ht_err ht_api_check_preflight(struct ht_api_conn *conn, ht_bytes host, struct ht_why *why) {
    char buf[64];
    enum ht_err err = ht_api_check_origin(conn, host, HT_API_BY_POST, why);
    if (err != HT_OK) return err;
    bool is_shared = conn->request.answer.is_shared;
    conn->request.answer.is_shared = false;
    if (!is_shared) {
        return ht_fail(why, HT_EDENIED, "bad_origin",
                       "pages of other origins have no permission to use this node");
    }
    ht_bytes method = read_custom(conn->wsi, "access-control-request-method:", buf, sizeof buf);
    bool is_good = ht_bytes_equal(method, ht_bytes_str("POST"));
    ht_bytes headers;
    is_good = is_good && ht_api_header(conn->wsi, WSI_TOKEN_HTTP_AC_REQUEST_HEADERS, buf,
                                       sizeof buf, &headers);
    if (!is_good || (headers.n > 0 && !is_word(headers, "content-type"))) {
        return ht_fail(why, HT_EDENIED, "bad_preflight",
                       "pages of other origins may only POST here, with no header of their own "
                       "but Content-Type");
    }
    conn->request.answer.is_shared = true;
    conn->request.answer.is_preflight = true;
    return HT_OK;
}

enum ht_err ht_api_take_socket(struct ht_api_conn *conn, struct ht_why *why) {
    struct ht_api *api = conn->api;
    if (api->admit == NULL || !is_foreign(conn)) return HT_OK;
    bool is_stranger = !is_known(conn);
    unsigned same = 0;
    unsigned strangers = 0;
    for (const struct ht_api_conn *c = api->conns; c != NULL; c = c->next) {
        if (!c->is_foreign_socket) continue;
        if (strcmp(c->origin, conn->origin) == 0) same++;
        if (is_stranger && !is_known(c)) strangers++;
    }
    if (same >= (is_stranger ? HT_API_SOCKETS_STRANGER_MAX : HT_API_SOCKETS_KNOWN_MAX) ||
        strangers >= HT_API_STRANGERS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_sockets",
                       "pages of other origins have too many websockets open");
    }
    conn->is_foreign_socket = true;
    return HT_OK;
}

const char *ht_api_origin(const struct ht_api_conn *conn) {
    return conn->asker == HT_API_OWNER ? NULL : conn->origin;
}

bool ht_api_may_hear(const struct ht_api_conn *conn, const char *method) {
    const struct ht_api *api = conn->api;
    return api->admit == NULL || !is_foreign(conn) ||
           api->admit(api->admit_self, conn->origin, method, NULL) == HT_OK;
}
