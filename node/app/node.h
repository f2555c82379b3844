/* The running node: all parts put together, started and stopped in order. */
#ifndef HT_APP_NODE_H
#define HT_APP_NODE_H

#include "node/app/config.h"
#include "node/signer/signer.h"
#include "node/store/db.h"

#define HT_NODE_DATABASE "hearth.db"
#define HT_NODE_SOCKET "hearth.sock"
#define HT_NODE_URL_FILE \
    "hearth.url" /* the address of this run, for its owner; gone when it stops */

struct ht_node;

/* All tables of the node's own database, its modules' among them; returns how many steps. */
#define HT_NODE_MIGRATIONS_MAX 32U
size_t ht_node_migrations(struct ht_migration *out, size_t max);

/* Opens the data directory and everything in it and starts listening; nothing is fetched yet.
 * signer: the process that holds the keys, forked before; taken over, also on an error. The process
 * may touch no files but those of the data directory from then on, where the kernel can see to it.
 * The error is that of the part that could not start: data_dir_in_use, database_newer, port_in_use,
 * …
 */
enum ht_err ht_node_new(struct ht_node **out, const struct ht_config *config,
                        const struct ht_signer_process *signer, struct ht_why *why) HT_MUST_USE;

/* The address to open in a browser, with this run's token. Borrowed. */
const char *ht_node_url(const struct ht_node *node);

/* Runs until ht_node_stop; with progress lines on standard error while it syncs. */
void ht_node_run(struct ht_node *node);
/* Any thread, and safe in a signal handler. */
void ht_node_stop(struct ht_node *node);

/* Finishes what was promised to the disk, then frees everything. */
void ht_node_free(struct ht_node *node);

#endif
