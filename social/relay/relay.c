/* The relay as a whole: making and ending it, connections, what others in the program ask of it. */
#include "social/relay/relay.h"

#include <stdlib.h>

#include "social/relay/relay_auth.h"
#include "social/relay/relay_ingest.h"
#include "social/relay/relay_message.h"
#include "social/relay/relay_peer.h"
#include "social/relay/relay_query.h"

#define SCRATCH_MAX ((size_t)512 << 10)

static struct ht_relay_peer *new_peer(struct ht_relay *relay, void *connection,
                                      const char *address) {
    struct ht_relay_peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL) return NULL;
    peer->relay = relay;
    peer->connection = connection;
    peer->refs = 1;
    peer->last_item = &peer->first_item;
    peer->last_query = &peer->first_query;
    size_t n = strnlen(address, sizeof peer->address - 1);
    memcpy(peer->address, address, n);
    return peer;
}

/* --- life -------------------------------------------------------------------------------------*/

static char *copy_text(const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = malloc(n);
    if (copy != NULL) memcpy(copy, text, n);
    return copy;
}

static bool copy_options(struct ht_relay *relay, const struct ht_relay_options *options) {
    size_t count = options->other_url_count;
    relay->options = *options;
    relay->writer_limits = options->limits;
    relay->options.other_url_count = 0;
    relay->url = copy_text(options->url);
    relay->other_urls = calloc(count > 0 ? count : 1, sizeof *relay->other_urls);
    if (relay->url == NULL || relay->other_urls == NULL) return false;
    for (size_t i = 0; i < count; i++) {
        relay->other_urls[i] = copy_text(options->other_urls[i]);
        if (relay->other_urls[i] == NULL) return false;
        relay->options.other_url_count++;
    }
    if (options->version != NULL) {
        size_t n = strnlen(options->version, sizeof relay->version - 1);
        memcpy(relay->version, options->version, n);
    }
    relay->options.url = relay->url;
    relay->options.other_urls = NULL;
    relay->options.version = NULL;
    return true;
}

enum ht_err ht_relay_set_other_urls(struct ht_relay *relay, const char *const *urls, size_t count) {
    char **copies = calloc(count > 0 ? count : 1, sizeof *copies);
    bool is_copied = copies != NULL;
    for (size_t i = 0; is_copied && i < count; i++) {
        copies[i] = copy_text(urls[i]);
        is_copied = copies[i] != NULL;
    }
    char **old = is_copied ? relay->other_urls : copies;
    size_t old_count = is_copied ? relay->options.other_url_count : count;
    for (size_t i = 0; old != NULL && i < old_count; i++) free(old[i]);
    free(old);
    if (!is_copied) return HT_ENOMEM;
    relay->other_urls = copies;
    relay->options.other_url_count = count;
    return HT_OK;
}

static void free_memory(struct ht_relay *relay) {
    for (size_t i = 0; relay->other_urls != NULL && i < relay->options.other_url_count; i++)
        free(relay->other_urls[i]);
    free(relay->other_urls);
    free(relay->url);
    free(relay->found);
    free(relay->inside);
    ht_neg_trees_free(relay->trees);
    ht_buf_fini(&relay->scratch);
    if (relay->index.chains != NULL) ht_index_fini(&relay->index);
    free(relay);
}

static enum ht_err new_trees(struct ht_relay *relay) {
    const struct ht_neg_trees_options options = {
        .host = relay->options.host,
        .writer = relay->options.writer,
        .reader = relay->options.reader,
        .writer_store = &relay->writer_store,
        .reader_store = &relay->reader_store,
    };
    if (options.writer == NULL || options.reader == NULL) return HT_OK;
    return ht_neg_trees_new(&relay->trees, &options, NULL);
}

enum ht_err ht_relay_new(struct ht_relay **out, const struct ht_relay_options *options,
                         struct ht_why *why) {
    struct ht_relay *relay = calloc(1, sizeof *relay);
    if (relay == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the relay");
    relay->last_turn = &relay->first_turn;
    relay->last_batch = &relay->batches;
    relay->last_asking = &relay->first_asking;
    ht_buf_init(&relay->scratch, SCRATCH_MAX);
    ht_rates_init(&relay->rates, options->host->random);
    bool is_made = copy_options(relay, options) &&
                   ht_index_init(&relay->index, options->host->random) == HT_OK;
    if (is_made && new_trees(relay) == HT_OK) relay->inside = new_peer(relay, NULL, "");
    if (relay->inside == NULL) {
        ht_neg_trees_stop(relay->trees);
        free_memory(relay);
        return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the relay");
    }
    *out = relay;
    return HT_OK;
}

static struct ht_relay_peer *first_open(const struct ht_relay *relay) {
    struct ht_relay_peer *peer = relay->peers;
    while (peer != NULL && peer->is_gone) peer = peer->next;
    return peer;
}

void ht_relay_hang_up(struct ht_relay *relay,
                      bool (*is_refused)(const void *user, const char *address), const void *user) {
    struct ht_relay_peer *next;
    for (struct ht_relay_peer *peer = relay->peers; peer != NULL; peer = next) {
        next = peer->next; /* closing comes later, never from within hanging up */
        if (peer->is_gone || peer->is_own || !is_refused(user, peer->address)) continue;
        ht_relay_peer_hold(peer);
        ht_relay_peer_drop(peer, "this address is not let in");
        ht_relay_peer_release(peer);
    }
}

/* On the writer's thread, behind all that was submitted. */
static enum ht_err end_store(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct ht_relay *relay =
        (struct ht_relay *)((char *)write - offsetof(struct ht_relay, last_write));
    (void)db;
    (void)why;
    ht_store_free(relay->writer_store);
    relay->writer_store = NULL;
    return HT_OK;
}

static void store_ended(struct ht_write *write) {
    (void)write;
}

void ht_relay_stop(struct ht_relay *relay) {
    if (relay->is_stopped) return;
    relay->is_stopped = true;
    ht_timer_cancel(&relay->read_timer);
    ht_neg_trees_stop(relay->trees);
    relay->last_write = (struct ht_write){.write = end_store, .done = store_ended};
    /* Without it the store's memory is lost, at the program's end; the connection closes all. */
    if (relay->options.writer != NULL)
        (void)!ht_writer_submit(relay->options.writer, &relay->last_write);
    for (struct ht_relay_peer *peer; (peer = first_open(relay)) != NULL;) {
        ht_relay_peer_hold(peer);
        ht_relay_peer_drop(peer, "the relay stops");
        ht_relay_peer_release(peer);
    }
}

void ht_relay_free(struct ht_relay *relay) {
    if (relay == NULL) return;
    ht_assert(relay->is_stopped && relay->works == 0);
    while (relay->peers != NULL) ht_relay_peer_unlink(relay->peers);
    ht_relay_ingest_fini(relay);
    ht_relay_query_fini(relay);
    ht_store_free(relay->reader_store);
    free_memory(relay);
}

/* --- connections ------------------------------------------------------------------------------*/

static bool may_connect(const struct ht_relay *relay, const char *address) {
    size_t count = 0;
    if (relay->is_stopped || relay->counts.connections_now >= HT_RELAY_CONNECTIONS_MAX)
        return false;
    if (ht_rates_is_empty(&relay->rates, 'b', ht_bytes_str(address), HT_RELAY_BAD_MAX,
                          ht_relay_mono_ms(relay)))
        return false;
    for (const struct ht_relay_peer *peer = relay->peers; peer != NULL; peer = peer->next)
        count += strcmp(peer->address, address) == 0;
    return count < HT_RELAY_ADDRESS_CONNECTIONS_MAX;
}

struct ht_relay_peer *ht_relay_opened(struct ht_relay *relay, void *connection,
                                      const char *address) {
    if (!may_connect(relay, address)) return NULL;
    struct ht_relay_peer *peer = new_peer(relay, connection, address);
    if (peer == NULL) return NULL;
    peer->next = relay->peers;
    peer->link = &relay->peers;
    if (peer->next != NULL) peer->next->link = &peer->next;
    relay->peers = peer;
    relay->counts.connections++;
    relay->counts.connections_now++;
    ht_relay_peer_hold(peer);
    ht_relay_challenge(peer);
    bool is_open = !peer->is_unlinked;
    ht_relay_peer_release(peer);
    return is_open ? peer : NULL;
}

void ht_relay_opened_own(struct ht_relay_peer *peer) {
    peer->is_own = true;
}

void ht_relay_opened_page(struct ht_relay_peer *peer) {
    peer->is_page = true;
}

void ht_relay_closed(struct ht_relay_peer *peer) {
    ht_relay_peer_unlink(peer);
}

bool ht_relay_has_authed(const struct ht_relay_peer *peer, const ht_hash32 *pubkey) {
    for (size_t i = 0; i < peer->authed_count; i++) {
        if (ht_hash32_equal(&peer->authed[i], pubkey)) return true;
    }
    return false;
}

void ht_relay_received(struct ht_relay_peer *peer, ht_bytes text) {
    if (peer->is_gone || peer->relay->is_stopped) return;
    ht_relay_peer_hold(peer);
    ht_relay_take_message(peer, text);
    ht_relay_peer_release(peer);
}

void ht_relay_drained(struct ht_relay_peer *peer) {
    if (!peer->is_gone) ht_relay_query_resume(peer);
}

/* --- the program ------------------------------------------------------------------------------*/

void ht_relay_publish(struct ht_relay *relay, struct ht_relay_publish *publish) {
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_relay_take_publish(relay, publish, &why);
    if (err != HT_OK) publish->done(publish, err, HT_PUT_STORED, &why);
}

void ht_relay_listen(struct ht_relay *relay, struct ht_relay_listener *listener) {
    listener->next = relay->listeners;
    relay->listeners = listener;
}

struct ht_neg_trees *ht_relay_neg_trees(struct ht_relay *relay) {
    return relay->trees;
}

const struct ht_store_watch *ht_relay_store_watch(const struct ht_relay *relay) {
    return relay->trees != NULL ? ht_neg_trees_watch(relay->trees, false) : NULL;
}

struct ht_relay_profile *ht_relay_profile(struct ht_relay *relay) {
    return &relay->options.profile;
}

struct ht_store_limits *ht_relay_writer_limits(struct ht_relay *relay) {
    return &relay->writer_limits;
}

struct ht_relay_counts ht_relay_counts(const struct ht_relay *relay) {
    return relay->counts;
}
