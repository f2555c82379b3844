/* Messages of a connection on their way through a dispatch table, and their replies on the way
 * back, with a bound on how many are under way and how long each may take. */
#ifndef HT_API_SERVER_CALL_H
#define HT_API_SERVER_CALL_H

#include "node/api/server_core.h"

/* Sends a message to the table that the connection's door has. The reply goes to
 * ht_api_ws_reply or ht_api_http_reply, perhaps before this returns. */
void ht_api_call(struct ht_api_conn *conn, ht_bytes message);

/* Gives up whatever of the connection is under way. */
void ht_api_call_abandon(struct ht_api_conn *conn);

#endif
