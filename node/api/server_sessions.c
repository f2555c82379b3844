/* Sessions where they meet connections: listing them, ending them, and ending what hangs on them.
 * The table is sessions.c's; who gets one is decided in gate.c. */
#include "node/api/server_sessions.h"

#include "node/api/server_call.h"
#include "node/api/server_ws.h"
#include "node/codec/json.h"

#define TOPIC "sessions"
#define GOODBYE_S 2 /* for the last reply and the closing frame; then the connection is cut */

static int64_t now_ms(const struct ht_api *api) {
    return ht_wall_ms(ht_loop_clock(api->loop));
}

/* The number of the session that asks; 0: none. */
static uint64_t asking_session(const struct ht_api *api) {
    return api->asking != NULL ? api->asking->session : 0;
}

/* --- ending ----------------------------------------------------------------------------------- */

/* Ends what a connection does for a session that is no more. What it asks just now is still
 * answered; ht_api_call sees to the rest of that message. */
static void sign_out(struct ht_api_conn *conn) {
    bool is_asking = conn->api->asking == conn;
    conn->session = 0;
    if (conn->ws.is_open) {
        conn->is_signed_out = true;
        conn->ws.peer.subscribed = 0;
        conn->ws.peer.dirty = 0;
        if (!is_asking) ht_api_ws_close(conn);
        (void)lws_callback_on_writable(conn->wsi);
        lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, GOODBYE_S);
    } else if (conn->relay != NULL) {
        ht_door_hang_up(conn->relay, "signed out");
    } else if (is_asking) {
        conn->is_signed_out = true;
    } else if (conn->request.step == HT_API_READING || conn->request.step == HT_API_WAITING) {
        conn->request.step = HT_API_IDLE;
        ht_api_call_abandon(conn);
        lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    }
}

static void tell(const struct ht_api *api, const char *topic, unsigned count) {
    for (unsigned i = 0; i < count && api->options.on_session != NULL; i++)
        api->options.on_session(api->options.user, topic);
}

/* After sessions were taken from the table. */
static void end_connections(struct ht_api *api, unsigned ended) {
    if (ended == 0) return;
    for (struct ht_api_conn *c = api->conns; c != NULL; c = c->next) {
        if (c->session != 0 && ht_sessions_find(&api->gate.sessions, c->session) == NULL)
            sign_out(c);
    }
    ht_api_publish(api, TOPIC);
    tell(api, "sessions.ended", ended);
}

static enum ht_err write_ended(json_t **result, unsigned count, struct ht_why *why) {
    *result = json_pack("{s:i}", "ended", (int)count);
    return *result != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err end_one(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    struct ht_api *api = self;
    const char *id;
    enum ht_err err = ht_json_text(&id, params, "id", why);
    if (err != HT_OK) return err;
    struct ht_session *session = ht_sessions_find_id(&api->gate.sessions, id);
    if (session == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "no_session",
                       "there is no session with that id; it may have ended already");
    }
    err = write_ended(result, 1, why);
    if (err != HT_OK) return err;
    ht_session_end(session);
    end_connections(api, 1);
    return HT_OK;
}

static enum ht_err end_others(void *self, json_t **result, const json_t *params,
                              struct ht_why *why) {
    struct ht_api *api = self;
    struct ht_sessions *sessions = &api->gate.sessions;
    (void)params;
    bool is_one_spared = ht_sessions_find(sessions, asking_session(api)) != NULL;
    unsigned count = ht_sessions_count(sessions) - (is_one_spared ? 1 : 0);
    enum ht_err err = write_ended(result, count, why);
    if (err != HT_OK) return err;
    for (size_t i = 0; i < HT_SESSIONS_MAX; i++) {
        struct ht_session *s = &sessions->list[i];
        if (s->number != 0 && s->number != asking_session(api)) ht_session_end(s);
    }
    end_connections(api, count);
    return HT_OK;
}

/* --- beginning, using ------------------------------------------------------------------------- */

/* before: how many there were. The one unused for longest may have made room. */
static void has_begun(struct ht_api *api, unsigned before) {
    end_connections(api, before + 1 - ht_sessions_count(&api->gate.sessions));
    ht_api_publish(api, TOPIC);
    tell(api, "sessions.begun", 1);
}

enum ht_err ht_api_sign_in(struct ht_api *api, char secret[static HT_GATE_TOKEN_LEN + 1],
                           const struct ht_gate_attempt *attempt, struct ht_why *why) {
    unsigned before = ht_sessions_count(&api->gate.sessions);
    enum ht_err err = ht_gate_login(&api->gate, secret, attempt, why);
    if (err == HT_OK) has_begun(api, before);
    return err;
}

void ht_api_let_in(struct ht_api *api, char secret[static HT_GATE_TOKEN_LEN + 1],
                   const struct ht_gate_attempt *attempt) {
    unsigned before = ht_sessions_count(&api->gate.sessions);
    ht_gate_let_in(&api->gate, secret, attempt);
    has_begun(api, before);
}

void ht_api_forget_session(struct ht_api_conn *conn) {
    conn->session = 0;
    conn->is_signed_out = false;
}

void ht_api_use_session(const struct ht_api_conn *conn) {
    struct ht_sessions *sessions = &conn->api->gate.sessions;
    struct ht_session *session = ht_sessions_find(sessions, conn->session);
    if (session != NULL) ht_session_use(sessions, session, now_ms(conn->api));
}

void ht_api_session_socket_changed(const struct ht_api_conn *conn) {
    if (conn->session != 0 && !conn->api->is_closing) ht_api_publish(conn->api, TOPIC);
}

/* --- listing ---------------------------------------------------------------------------------- */

static int count_sockets(const struct ht_api *api, uint64_t number) {
    int count = 0;
    for (const struct ht_api_conn *c = api->conns; c != NULL; c = c->next)
        count += c->ws.is_open && c->session == number;
    return count;
}

static json_t *session_json(const struct ht_api *api, const struct ht_session *s) {
    return json_pack("{s:s, s:I, s:I, s:s, s:i, s:b}", "id", s->id, "created_ms",
                     (json_int_t)s->created_ms, "used_ms", (json_int_t)s->used_ms, "user_agent",
                     s->user_agent, "connections", count_sockets(api, s->number), "is_this",
                     (int)(s->number == asking_session(api)));
}

/* The newest among those older than the one numbered so; NULL: there is none. */
static const struct ht_session *next_older(const struct ht_sessions *sessions, uint64_t than) {
    const struct ht_session *newest = NULL;
    for (size_t i = 0; i < HT_SESSIONS_MAX; i++) {
        const struct ht_session *s = &sessions->list[i];
        if (s->number == 0 || s->number >= than) continue;
        if (newest == NULL || s->number > newest->number) newest = s;
    }
    return newest;
}

static enum ht_err get_sessions(void *self, json_t **value, struct ht_why *why) {
    const struct ht_api *api = self;
    const struct ht_sessions *sessions = &api->gate.sessions;
    json_t *list = json_array();
    bool is_whole = list != NULL;
    for (const struct ht_session *s = next_older(sessions, UINT64_MAX); s != NULL;
         s = next_older(sessions, s->number)) {
        if (json_array_append_new(list, session_json(api, s)) != 0) is_whole = false;
    }
    *value = is_whole ? json_pack("{s:O}", "sessions", list) : NULL;
    json_decref(list);
    return *value != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err list_sessions(void *self, json_t **result, const json_t *params,
                                 struct ht_why *why) {
    (void)params;
    return get_sessions(self, result, why);
}

static const struct ht_rpc_method methods[] = {
    {.name = "session.list", .fn = list_sessions},
    {.name = "session.end", .fn = end_one},
    {.name = "session.end_others", .fn = end_others},
};

enum ht_err ht_api_add_sessions(struct ht_api *api) {
    enum ht_err err = ht_rpc_add_methods(api->rpc, methods, sizeof methods / sizeof *methods, api);
    return err == HT_OK ? ht_rpc_add_topic(api->rpc, TOPIC, get_sessions, api) : err;
}
