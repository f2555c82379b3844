/* An onion service of our own (Tor, version 3), through the control port of a Tor that runs on this
 * computer. Opt-in.
 *
 * The service's key is made once and kept in the data directory's folder "peer" (onion.key: 128 hex
 * digits, mode 0600), so that the address stays. The service is there as long as the connection to
 * the control port is (ADD_ONION without Detach), and is made again after Tor has been restarted:
 * tried after 5 s, at most every 5 min. Signed in is without a password or by SAFECOOKIE, in which
 * Tor proves first that it knows the cookie; the older COOKIE would send a file that another
 * program at that port may name, and is not used. The node reads no files but its own and a few
 * folders of the system (signer/confine.h): the cookie has to be in /run/tor, as on Debian, which
 * must be there when the node starts, or in the data directory. Loop thread. */
#ifndef HT_P2P_ONION_H
#define HT_P2P_ONION_H

#include "node/loop/watch.h"
#include "node/p2p/onion_control.h"

#define HT_ONION_PORT 80 /* of the service: ws://….onion */

struct ht_onion;

enum ht_onion_state {
    HT_ONION_CONNECTING, /* to Tor, or Tor is not ready, or nobody can look the service up yet */
    HT_ONION_READY,      /* its descriptor is published */
    HT_ONION_FAILED,     /* until it is tried again */
};

struct ht_onion_options {
    struct ht_loop *loop;
    struct ht_watches *watches;
    const struct ht_random *random;
    const char *data_dir; /* for this call, as `control` */
    const char *control;  /* "127.0.0.1:9051", numeric */
    /* The port on 127.0.0.1 that the service is to lead to. 0: there is none now. */
    uint16_t (*port)(void *user, const char *address);
    /* State, address, proxy or reason are another. May not free the service. */
    void (*changed)(void *user);
    void *user;
};

/* Begins to connect. HT_ESTORE "onion_key" (a file that is there but cannot be used is an error,
 * not made anew), HT_EINPUT "bad_control", HT_ENOMEM. */
enum ht_err ht_onion_new(struct ht_onion **out, const struct ht_onion_options *options,
                         struct ht_why *why) HT_MUST_USE;
/* The service ends. NULL is fine. */
void ht_onion_free(struct ht_onion *onion);

enum ht_onion_state ht_onion_state(const struct ht_onion *onion);
/* "….onion": known from the start, since it is made of the key. */
const char *ht_onion_address(const struct ht_onion *onion);
/* Tor's own SOCKS proxy, as it says: "127.0.0.1:9050", "" while unknown. */
const char *ht_onion_socks(const struct ht_onion *onion);
/* Why it is not ready: "tor_unreachable", "tor_lost", "tor_password", "tor_cookie", "tor_refused",
 * "tor_slow", "bad_tor", "no_door", "tor_starting"; code "" when it is. */
const struct ht_why *ht_onion_why(const struct ht_onion *onion);

#endif
