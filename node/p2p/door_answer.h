/* Writing HTTP answers at the door: headers, then a body from memory or from a file. */
#ifndef HT_P2P_DOOR_ANSWER_H
#define HT_P2P_DOOR_ANSWER_H

#include "node/p2p/door_http.h"

/* The socket takes more: returns what the lws callback must. */
int ht_door_answer_write(struct ht_door_conn *conn);
/* Gives back what an answer holds. */
void ht_door_answer_drop(struct ht_door_http *http);
/* For an upgrade that is refused: the answer now, from within the callback. */
int ht_door_answer_now(struct lws *wsi, unsigned status, const char *reason);

#endif
