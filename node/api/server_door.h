/* Who may enter: Host, Origin and session of a request, CORS, and how many websockets pages of
 * other origins may hold. gate.h has the rules; here they meet a connection's headers. */
#ifndef HT_API_SERVER_DOOR_H
#define HT_API_SERVER_DOOR_H

#include "node/api/server_core.h"

enum ht_api_way { HT_API_BY_POST, HT_API_BY_SOCKET };

/* Host, which every request on TCP must have; *host is a view into buf. HT_EDENIED bad_host. */
enum ht_err ht_api_check_host(const struct ht_api_conn *conn, char *buf, size_t size,
                              ht_bytes *host, struct ht_why *why) HT_MUST_USE;

/* Notes in conn who asks, and says whether they may: HT_EDENIED bad_origin. At /eth that is whoever
 * names no origin, an extension, and with a permission a page of another origin; by the websocket,
 * where each method is asked for, any page, if there is somebody to ask. */
enum ht_err ht_api_check_origin(struct ht_api_conn *conn, ht_bytes host, enum ht_api_way way,
                                struct ht_why *why) HT_MUST_USE;

/* Notes in conn whose session it is. HT_EDENIED no_session; at /eth and on the unix socket none is
 * needed. */
enum ht_err ht_api_check_session(struct ht_api_conn *conn, struct ht_why *why) HT_MUST_USE;

/* Keeps the User-Agent until the body is there, when the headers are not any more. */
void ht_api_note_agent(struct ht_api_conn *conn);

/* For OPTIONS at /eth: HT_OK for a CORS preflight of a POST of JSON by a page that has a permission
 * (the answer is marked as such), else HT_EDENIED bad_origin or bad_preflight. */
enum ht_err ht_api_check_preflight(struct ht_api_conn *conn, ht_bytes host,
                                   struct ht_why *why) HT_MUST_USE;

/* Counts the connection as a websocket of its origin from now on. HT_ELIMIT too_many_sockets. */
enum ht_err ht_api_take_socket(struct ht_api_conn *conn, struct ht_why *why) HT_MUST_USE;

/* The origin as struct ht_rpc_asker wants it; borrowed from conn. */
const char *ht_api_origin(const struct ht_api_conn *conn);

/* Whether the page or extension behind conn may be told what that method subscribes to. */
bool ht_api_may_hear(const struct ht_api_conn *conn, const char *method);

#endif
