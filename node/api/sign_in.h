/* Another way into the web UI than the token of the run: what a module offers to the server, which
 * makes the session (server_siwe.h). Signing in with an Ethereum account is one. */
#ifndef HT_API_SIGN_IN_H
#define HT_API_SIGN_IN_H

#include "node/base/bytes.h"

#define HT_SIGN_IN_WHO_SIZE 64U

/* Loop thread; self is the module's. */
struct ht_sign_in_way {
    /* Whether there is anybody who may come in this way now. */
    bool (*is_open)(void *self);
    /* Uses a ticket up and says whose it is, for the log ("0x…"). host: the Host header of whoever
     * brings it, which the server has checked. HT_EDENIED with a reason to be shown. */
    enum ht_err (*redeem)(void *self, char who[static HT_SIGN_IN_WHO_SIZE], ht_bytes ticket,
                          ht_bytes host, struct ht_why *why);
};

#endif
