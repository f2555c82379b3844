/* The owner's sessions, to be seen and ended, at /api:
 *
 *   session.list {}        -> {"sessions": [{"id", "created_ms", "used_ms", "user_agent",
 *                             "connections", "is_this"}]}, the newest first
 *   session.end {"id"}     -> {"ended": 1}; HT_ENOTFOUND no_session
 *   session.end_others {}  -> {"ended": how many}; on the unix socket all, for none is its own
 *   topic "sessions"       as session.list; pushed when one begins or ends, or when a websocket of
 *                          one opens or closes, but not for used_ms alone
 *
 * id: 16 hex digits; times: wall-clock ms; connections: websockets open; is_this: of whoever asks.
 * With a session end its websockets (close code 1008 "signed out") and whatever they or requests of
 * its wait for; its cookie is refused from then on. Whoever ends the session that asks is answered,
 * and then closed. */
#ifndef HT_API_SERVER_SESSIONS_H
#define HT_API_SERVER_SESSIONS_H

#include "node/api/server_core.h"

/* Adds the methods and the topic. Errors as ht_rpc_add_methods. */
enum ht_err ht_api_add_sessions(struct ht_api *api) HT_MUST_USE;

/* As ht_gate_login; whoever must make room is signed out. */
enum ht_err ht_api_sign_in(struct ht_api *api, char secret[static HT_GATE_TOKEN_LEN + 1],
                           const struct ht_gate_attempt *attempt, struct ht_why *why) HT_MUST_USE;

/* As ht_gate_let_in, likewise. */
void ht_api_let_in(struct ht_api *api, char secret[static HT_GATE_TOKEN_LEN + 1],
                   const struct ht_gate_attempt *attempt);

/* The next request of a connection is nobody's until its cookie was read. */
void ht_api_forget_session(struct ht_api_conn *conn);

/* A message of the connection counts as a use of its session. */
void ht_api_use_session(const struct ht_api_conn *conn);

/* A websocket of the connection was opened or closed. */
void ht_api_session_socket_changed(const struct ht_api_conn *conn);

#endif
