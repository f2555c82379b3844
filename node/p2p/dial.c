/* Links to other relays: one spelling of their URLs, where they may lead, when to connect again and
 * when to let go. The connections themselves are node/net/websocket.h's. */
#include "node/p2p/dial.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "node/net/address.h"

#define RETRY_FIRST_MS 1000
#define RETRY_LAST_MS 300000
#define STEADY_MS 60000 /* open for so long, the next wait is the first again */
#define MESSAGE_MAX ((size_t)1 << 20)
#define PROXY_SIZE 64U

struct ht_link {
    struct ht_links *links;
    struct ht_link *next;
    char url[HT_LINK_URL_SIZE];
    size_t max_bytes;
    bool is_kept, is_named;
    bool has_pin;
    ht_hash32 pin;
    char socks[PROXY_SIZE]; /* "" without */
    unsigned idle_ms;
    const struct ht_link_handler *handler;
    void *user;
    enum ht_link_state state;
    struct ht_websocket *ws;
    unsigned failures;
    int64_t opened_ms, used_ms;
    struct ht_timer timer; /* the next try, or the look whether it is idle */
};

struct ht_links {
    struct ht_loop *loop;
    const struct ht_random *random;
    struct ht_websockets *websockets;
    struct ht_link *list;
    unsigned count;
    bool is_stopping;
};

/* --- addresses -------------------------------------------------------------------------------- */

/* The parts of a URL; free with free_parts whatever happened. */
struct parts {
    CURLU *url;
    char *scheme, *host, *port, *path, *query;
};

static bool read_parts(struct parts *out, const char *text) {
    *out = (struct parts){.url = curl_url()};
    if (out->url == NULL || strlen(text) >= HT_LINK_URL_SIZE ||
        curl_url_set(out->url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
        curl_url_get(out->url, CURLUPART_SCHEME, &out->scheme, 0) != CURLUE_OK ||
        curl_url_get(out->url, CURLUPART_HOST, &out->host, 0) != CURLUE_OK ||
        curl_url_get(out->url, CURLUPART_PATH, &out->path, 0) != CURLUE_OK)
        return false;
    (void)curl_url_get(out->url, CURLUPART_PORT, &out->port, 0);
    (void)curl_url_get(out->url, CURLUPART_QUERY, &out->query, 0);
    for (char *c = out->host; *c != '\0'; c++) {
        *c = (char)tolower((unsigned char)*c);
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-._:[]", *c) == NULL) return false;
    }
    return strcasecmp(out->scheme, "ws") == 0 || strcasecmp(out->scheme, "wss") == 0;
}

static void free_parts(struct parts *parts) {
    curl_free(parts->scheme);
    curl_free(parts->host);
    curl_free(parts->port);
    curl_free(parts->path);
    curl_free(parts->query);
    curl_url_cleanup(parts->url);
}

static bool write_url(char *out, const struct parts *parts) {
    bool is_tls = strcasecmp(parts->scheme, "wss") == 0;
    bool has_port = parts->port != NULL && strcmp(parts->port, is_tls ? "443" : "80") != 0;
    bool is_root = strcmp(parts->path, "/") == 0 && parts->query == NULL;
    int n = snprintf(out, HT_LINK_URL_SIZE, "%s://%s%s%s%s%s%s", is_tls ? "wss" : "ws", parts->host,
                     has_port ? ":" : "", has_port ? parts->port : "", is_root ? "" : parts->path,
                     parts->query != NULL ? "?" : "", parts->query != NULL ? parts->query : "");
    return n > 0 && (size_t)n < HT_LINK_URL_SIZE;
}

static bool spell(char out[static HT_LINK_URL_SIZE], const char *url) {
    struct parts parts;
    bool is_good = read_parts(&parts, url) && write_url(out, &parts);
    free_parts(&parts);
    return is_good;
}

/* Spelled twice: what says something else the second time ("%31" for "1") hides something. */
enum ht_err ht_link_url(char out[static HT_LINK_URL_SIZE], const char *url, struct ht_why *why) {
    char text[HT_LINK_URL_SIZE], again[HT_LINK_URL_SIZE];
    bool is_good = spell(text, url) && spell(again, text) && strcmp(text, again) == 0;
    if (!is_good) return ht_fail(why, HT_EINPUT, "bad_url", "no ws or wss address");
    memcpy(out, text, sizeof text);
    return HT_OK;
}

static bool is_onion(const char *host) {
    size_t n = strlen(host);
    return n > 6 && strcmp(host + n - 6, ".onion") == 0;
}

/* By Tor's own encryption an onion needs none besides. */
static enum ht_err check_onion(bool *is_one, const char *url, bool has_socks, struct ht_why *why) {
    struct parts parts;
    *is_one = read_parts(&parts, url) && is_onion(parts.host);
    free_parts(&parts);
    if (!*is_one || has_socks) return HT_OK;
    return ht_fail(why, HT_EDENIED, "onion_without_tor",
                   "an onion is reached through Tor alone, which is not set up");
}

static enum ht_err check_stranger(const char *url, struct ht_why *why) {
    struct parts parts;
    bool is_good = read_parts(&parts, url);
    bool is_private = !is_good || ht_address_is_private_host(parts.host);
    bool is_tls = is_good && strcasecmp(parts.scheme, "wss") == 0;
    free_parts(&parts);
    if (is_private) {
        return ht_fail(why, HT_EDENIED, "link_private",
                       "an address of this computer or its network, which you have not named");
    }
    if (!is_tls) {
        return ht_fail(why, HT_EDENIED, "link_plain",
                       "a relay without TLS, which you have not named");
    }
    return HT_OK;
}

/* --- connecting ------------------------------------------------------------------------------- */

static int64_t now_ms(const struct ht_link *link) {
    return ht_mono_ms(ht_loop_clock(link->links->loop));
}

static void on_timer(struct ht_timer *timer);

static void set_timer(struct ht_link *link, int64_t delay_ms) {
    ht_timer_set(link->links->loop, &link->timer, delay_ms, on_timer);
}

/* Half of the wait is jitter, so that what broke together is not tried together. */
static void wait_for_next(struct ht_link *link) {
    int64_t wait_ms = RETRY_FIRST_MS;
    for (unsigned i = 0; i < link->failures && wait_ms < RETRY_LAST_MS; i++) wait_ms *= 2;
    if (wait_ms > RETRY_LAST_MS) wait_ms = RETRY_LAST_MS;
    if (link->failures < 32) link->failures++;
    link->state = HT_LINK_WAITING;
    set_timer(link, wait_ms / 2 +
                        (int64_t)ht_random_below(link->links->random, (uint64_t)wait_ms / 2 + 1));
}

static void watch_idle(struct ht_link *link) {
    if (!link->is_kept) set_timer(link, link->idle_ms);
}

static void on_opened(void *user) {
    struct ht_link *link = user;
    link->state = HT_LINK_OPEN;
    link->opened_ms = link->used_ms = now_ms(link);
    watch_idle(link);
    link->handler->opened(link->user, link);
}

static void on_received(void *user, ht_bytes message) {
    struct ht_link *link = user;
    link->used_ms = now_ms(link);
    link->handler->received(link->user, link, message);
}

static void on_closed(void *user, enum ht_err err, const struct ht_why *why) {
    struct ht_link *link = user;
    bool was_steady = link->state == HT_LINK_OPEN && now_ms(link) - link->opened_ms >= STEADY_MS;
    link->ws = NULL;
    if (was_steady) link->failures = 0;
    wait_for_next(link);
    link->handler->closed(link->user, link, err, why);
}

static const struct ht_websocket_handler handler = {
    .opened = on_opened, .received = on_received, .closed = on_closed};

static enum ht_err start(struct ht_link *link, struct ht_why *why) {
    const struct ht_websocket_options options = {.url = link->url,
                                                 .max_bytes = link->max_bytes,
                                                 .is_public_only = !link->is_named,
                                                 .pin = link->has_pin ? &link->pin : NULL,
                                                 .socks =
                                                     link->socks[0] != '\0' ? link->socks : NULL,
                                                 .handler = &handler,
                                                 .user = link};
    ht_timer_cancel(&link->timer);
    enum ht_err err = ht_websocket_open(&link->ws, link->links->websockets, &options, why);
    if (err == HT_OK) {
        link->state = HT_LINK_CONNECTING;
    } else {
        wait_for_next(link);
    }
    return err;
}

static void fall_asleep(struct ht_link *link) {
    static const struct ht_why why = {.code = "idle", .text = "nobody used it"};
    ht_websocket_close(link->ws);
    link->ws = NULL;
    link->state = HT_LINK_ASLEEP;
    link->failures = 0;
    link->handler->closed(link->user, link, HT_OK, &why);
}

static void on_timer(struct ht_timer *timer) {
    struct ht_link *link = (struct ht_link *)((char *)timer - offsetof(struct ht_link, timer));
    struct ht_why why;
    if (link->state == HT_LINK_OPEN) {
        int64_t idle_ms = now_ms(link) - link->used_ms;
        if (idle_ms >= (int64_t)link->idle_ms) {
            fall_asleep(link);
        } else {
            set_timer(link, (int64_t)link->idle_ms - idle_ms);
        }
    } else if (link->state == HT_LINK_WAITING && !link->is_kept &&
               now_ms(link) - link->used_ms >= (int64_t)link->idle_ms) {
        link->state = HT_LINK_ASLEEP; /* nobody wants it any more */
    } else if (link->state == HT_LINK_WAITING) {
        (void)start(link, &why);
    }
}

/* --- links ------------------------------------------------------------------------------------ */

struct ht_link *ht_link_find(struct ht_links *links, const char *url) {
    char own[HT_LINK_URL_SIZE];
    if (ht_link_url(own, url, NULL) != HT_OK) return NULL;
    struct ht_link *link = links->list;
    while (link != NULL && strcmp(link->url, own) != 0) link = link->next;
    return link;
}

static enum ht_err check_new(struct ht_links *links, const struct ht_link_options *options,
                             const char *url, struct ht_why *why) {
    if (links->is_stopping) return ht_fail(why, HT_EDENIED, "stopping", "the node is stopping");
    if (ht_link_find(links, url) != NULL)
        return ht_fail(why, HT_EINPUT, "link_exists", "there is a link to this relay already");
    if (links->count >= HT_LINKS_MAX)
        return ht_fail(why, HT_ELIMIT, "too_many_links", "at most %u relays at once", HT_LINKS_MAX);
    bool has_socks = options->socks != NULL, is_one = false;
    if (options->pin != NULL && strncmp(url, "wss:", 4) != 0)
        return ht_fail(why, HT_EINPUT, "bad_url", "a key is pinned, and the address has no TLS");
    if (has_socks && strlen(options->socks) >= PROXY_SIZE)
        return ht_fail(why, HT_EINPUT, "bad_proxy", "no proxy's address and port");
    enum ht_err err = check_onion(&is_one, url, has_socks, why);
    return err != HT_OK || options->is_named || is_one ? err : check_stranger(url, why);
}

enum ht_err ht_link_open(struct ht_link **out, struct ht_links *links,
                         const struct ht_link_options *options, struct ht_why *why) {
    char url[HT_LINK_URL_SIZE];
    enum ht_err err = ht_link_url(url, options->url, why);
    if (err == HT_OK) err = check_new(links, options, url, why);
    if (err != HT_OK) return err;
    struct ht_link *link = calloc(1, sizeof *link);
    if (link == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    *link = (struct ht_link){
        .links = links,
        .next = links->list,
        .max_bytes = options->max_bytes != 0 ? options->max_bytes : MESSAGE_MAX,
        .is_kept = options->is_kept,
        .is_named = options->is_named,
        .has_pin = options->pin != NULL,
        .idle_ms = options->idle_ms != 0 ? options->idle_ms : HT_LINK_IDLE_MS,
        .handler = options->handler,
        .user = options->user,
    };
    memcpy(link->url, url, sizeof url);
    if (options->pin != NULL) link->pin = *options->pin;
    if (options->socks != NULL)
        (void)snprintf(link->socks, sizeof link->socks, "%s", options->socks);
    links->list = link;
    links->count++;
    /* A pool that is busy now is tried again. */
    if (link->is_kept) (void)start(link, NULL);
    *out = link;
    return HT_OK;
}

void ht_link_close(struct ht_link *link) {
    struct ht_link **at = &link->links->list;
    while (*at != link) at = &(*at)->next;
    *at = link->next;
    link->links->count--;
    ht_timer_cancel(&link->timer);
    if (link->ws != NULL) ht_websocket_close(link->ws);
    free(link);
}

void ht_link_wake(struct ht_link *link) {
    link->used_ms = now_ms(link);
    if (link->state == HT_LINK_ASLEEP || link->state == HT_LINK_WAITING) (void)start(link, NULL);
}

enum ht_err ht_link_send(struct ht_link *link, ht_bytes text) {
    link->used_ms = now_ms(link);
    if (link->state == HT_LINK_WAITING) return HT_EAGAIN;
    enum ht_err err = link->state == HT_LINK_ASLEEP ? start(link, NULL) : HT_OK;
    return err == HT_OK ? ht_websocket_send(link->ws, text) : err;
}

enum ht_link_state ht_link_state(const struct ht_link *link) {
    return link->state;
}

const char *ht_link_name(const struct ht_link *link) {
    return link->url;
}

unsigned ht_links_count(const struct ht_links *links) {
    return links->count;
}

unsigned ht_links_open_count(const struct ht_links *links) {
    unsigned count = 0;
    for (const struct ht_link *l = links->list; l != NULL; l = l->next)
        count += l->state == HT_LINK_OPEN;
    return count;
}

enum ht_err ht_links_new(struct ht_links **out, struct ht_loop *loop, struct ht_pool *pool,
                         const struct ht_random *random) {
    struct ht_links *links = calloc(1, sizeof *links);
    if (links == NULL) return HT_ENOMEM;
    links->loop = loop;
    links->random = random;
    enum ht_err err = ht_websockets_new(&links->websockets, loop, pool);
    if (err != HT_OK) {
        free(links);
        return err;
    }
    *out = links;
    return HT_OK;
}

void ht_links_stop(struct ht_links *links) {
    if (links == NULL) return;
    links->is_stopping = true;
    while (links->list != NULL) ht_link_close(links->list);
    ht_websockets_stop(links->websockets);
}

void ht_links_free(struct ht_links *links) {
    if (links == NULL) return;
    ht_links_stop(links);
    ht_websockets_free(links->websockets);
    free(links);
}
