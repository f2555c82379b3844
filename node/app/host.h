/* Modules in their host: their tables in the database, their methods in the API, their life. */
#ifndef HT_APP_HOST_H
#define HT_APP_HOST_H

#include "node/api/server.h"
#include "node/app/modules.h"
#include "node/app/near_serve.h"

#define HT_HOSTED_MAX 8U

struct ht_hosted {
    struct ht_host host;
    struct ht_api *api;
    struct ht_door *door;
    struct ht_near_serve *near_serve;       /* chain data for peers */
    bool has_served;                        /* a module is at the door */
    bool has_quit;                          /* modules were told */
    const struct ht_nostr_keys *nostr_keys; /* as offered; NULL: none were; as the next */
    const struct ht_feed *feed;
    const struct ht_trust *trust;
    const struct ht_wallet *wallet;
    const struct ht_near *near_nodes;
    void *selves[HT_HOSTED_MAX];
    size_t started;
};

/* Appends all modules' migrations to a list of room for max; returns the new count. */
size_t ht_hosted_migrations(struct ht_migration *list, size_t count, size_t max);

/* Whether any module serves those who come to the relay's door. */
bool ht_hosted_has_door(void);

/* Starts all modules and adds what they answer. hosted->host is filled but for publish, and
 * hosted->door; db is a reading connection. On an error those that were started are stopped by
 * ht_hosted_stop. */
enum ht_err ht_hosted_start(struct ht_hosted *hosted, struct ht_api *api, sqlite3 *db,
                            struct ht_why *why) HT_MUST_USE;
/* Tells modules that a topic of the node's has changed. */
void ht_hosted_on_topic(struct ht_hosted *hosted, const char *topic);

/* Those at the door are let go, and modules ask for nothing more. While everything still runs. */
void ht_hosted_close_door(struct ht_hosted *hosted);

/* In reverse order; when nothing that they asked for is under way. */
void ht_hosted_stop(struct ht_hosted *hosted);

#endif
