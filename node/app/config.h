/* Settings: where things are and whom to ask. From built-in tables, then the settings file in the
 * data directory, then the command line; each later one wins. */
#ifndef HT_APP_CONFIG_H
#define HT_APP_CONFIG_H

#include "node/base/err.h"
#include "node/l1/consensus/network.h"

#define HT_CONFIG_URLS_MAX 16
#define HT_CONFIG_FILE "hearth.json"

struct ht_config_urls {
    char *list[HT_CONFIG_URLS_MAX]; /* owned */
    size_t count;
};

struct ht_config {
    struct ht_network network; /* a copy */
    char network_source[4096]; /* its name, or the absolute path of its file */
    char data_dir[4096];
    struct ht_config_urls beacon;
    struct ht_config_urls checkpoint;
    struct ht_config_urls execution;
    size_t checkpoint_quorum;
    bool has_checkpoint;
    ht_hash32 checkpoint_root;
    bool accept_old_checkpoint;
    bool has_no_providers;            /* peers alone are asked */
    unsigned port;                    /* of the UI; 0: any free one */
    struct ht_config_urls unverified; /* methods of /eth that may be passed on unproven */
    unsigned requests_per_second;     /* to each execution provider; 0: no bound */
    unsigned relay_port;              /* of the relay; 0: any free one */
    bool is_relay_port_given;         /* then it must be free */
    bool is_relay_off;                /* it listens to nothing of its own */
    char relay_listen[64];            /* numeric address */
    struct ht_config_urls relay_host; /* names by which people know it behind a proxy */
    unsigned peer_port;               /* where peers come in, for this run */
    bool is_peer_port_given;          /* else as the owner has set (peers.settings) */
    char peer_address[64];            /* numeric; "": not named */
};

/* What the command line says; NULL or false where it says nothing. Borrowed strings. */
struct ht_config_flags {
    const char *network; /* a name or a file */
    const char *data_dir;
    const char *beacon[HT_CONFIG_URLS_MAX];
    size_t beacon_count;
    const char *checkpoint_source[HT_CONFIG_URLS_MAX];
    size_t checkpoint_source_count;
    const char *execution[HT_CONFIG_URLS_MAX];
    size_t execution_count;
    const char *unverified[HT_CONFIG_URLS_MAX];
    size_t unverified_count;
    const char *checkpoint;
    const char *checkpoint_quorum;
    bool accept_old_checkpoint;
    bool no_providers;
    const char *port;
    const char *relay_port;
    const char *relay_listen;
    const char *relay_host[HT_CONFIG_URLS_MAX];
    size_t relay_host_count;
    bool no_relay;
    const char *peer_port;
    const char *peer_address;
};

/* Reads everything into config. The settings file is optional; one that is there and wrong is an
 * error. HT_EINPUT with what is wrong where, HT_ENOTFOUND "no_such_network". */
enum ht_err ht_config_load(struct ht_config *config, const struct ht_config_flags *flags,
                           struct ht_why *why) HT_MUST_USE;
void ht_config_free(struct ht_config *config);

/* Writes the settings file of config into its data directory, which must exist, in one step.
 * HT_EDENIED "settings_exist" when there is one and replace is false. HT_ESTORE. */
enum ht_err ht_config_save(const struct ht_config *config, bool replace,
                           struct ht_why *why) HT_MUST_USE;

/* "DIR/name" into out; HT_EINPUT "path_too_long". */
enum ht_err ht_config_path(char *out, size_t size, const struct ht_config *config, const char *name,
                           struct ht_why *why) HT_MUST_USE;

#endif
