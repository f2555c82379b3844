/* A public store for the rendezvous: the network of OpenDHT, through its C library where that is
 * installed (Debian: libopendht-c2). It is not linked but loaded when the owner turns this on, from
 * a worker, and said plainly when it is not there. Values expire after ten minutes, so that they
 * are put again and again by whoever uses this; anybody can put anything under any name.
 *
 * The library has threads of its own, whose answers come to the loop as jobs. Loop thread. */
#ifndef HT_P2P_RENDEZVOUS_DHT_H
#define HT_P2P_RENDEZVOUS_DHT_H

#include "node/loop/pool.h"

#define HT_DHT_BOOTSTRAP "bootstrap.jami.net"
#define HT_DHT_BOOTSTRAP_PORT "4222"
#define HT_DHT_LOOKUPS_MAX 128U /* at once */
#define HT_DHT_VALUES_MAX 16U   /* of one name that are looked at */
#define HT_DHT_VALUE_MAX ((size_t)16384)

struct ht_dht;

enum ht_dht_state { HT_DHT_STARTING, HT_DHT_READY, HT_DHT_FAILED };

struct ht_dht_options {
    struct ht_loop *loop;
    struct ht_pool *pool;
    /* Copied, shorter than HT_RENDEZVOUS_HOST_SIZE and _PORT_SIZE; NULL: the above. "": nobody */
    const char *bootstrap, *bootstrap_port;
    uint16_t port; /* UDP, all addresses; 0: any */
    /* May not free the store. */
    void (*changed)(void *user);
    /* A value of a name that was looked up for `who`; it may be anybody's. */
    void (*found)(void *user, const ht_hash32 *who, ht_bytes value);
    void *user;
};

/* HT_EAGAIN, HT_ENOMEM. */
enum ht_err ht_dht_new(struct ht_dht **out, const struct ht_dht_options *options,
                       struct ht_why *why) HT_MUST_USE;
/* Leaves the network, in the background: no callback comes after this. Before the pool ends; what
 * is left is freed when the loop has drained. NULL is fine. */
void ht_dht_free(struct ht_dht *dht);

enum ht_dht_state ht_dht_state(const struct ht_dht *dht);
/* "dht_not_installed", "dht_failed"; code "" without. */
const struct ht_why *ht_dht_why(const struct ht_dht *dht);
/* UDP, while it is ready; else 0. */
uint16_t ht_dht_port(const struct ht_dht *dht);

/* Names: their first 20 bytes are used. HT_EAGAIN while it is not ready or too much is looked up;
 * HT_ELIMIT a value that is too long; HT_ENOMEM. */
enum ht_err ht_dht_put(struct ht_dht *dht, const ht_hash32 *name, ht_bytes value) HT_MUST_USE;
enum ht_err ht_dht_look(struct ht_dht *dht, const ht_hash32 *name,
                        const ht_hash32 *who) HT_MUST_USE;

#endif
