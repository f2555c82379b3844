/* The two doors: a TCP port on 127.0.0.1 and a unix socket. */
#ifndef HT_API_SERVER_LISTEN_H
#define HT_API_SERVER_LISTEN_H

#include "node/api/server_core.h"

/* Opens the TCP door and returns its port, which differs from the option when that is 0. Errors as
 * ht_api_new. */
enum ht_err ht_api_listen_tcp(struct ht_api *api, uint16_t *port, struct ht_why *why) HT_MUST_USE;

/* Opens the unix socket with mode 0600. A socket file that nobody listens to is replaced. */
enum ht_err ht_api_listen_unix(struct ht_api *api, const char *path,
                               struct ht_why *why) HT_MUST_USE;

#endif
