/* Answers from off the chain (ERC-3668): the gateways that a resolver names, one after the other,
 * over https and at public addresses alone; then the resolver's own callback. */
#include "identity/names/ens_gateway.h"

#include <stdio.h>

#include "identity/names/ens_run.h"

static void ask_next(struct ht_ens_ask *ask);

/* The lookup that was kept; it was read once before. */
static struct ht_ens_lookup lookup_of(const struct ht_ens_ask *ask) {
    struct ht_ens_lookup lookup;
    enum ht_err err = ht_ens_read_lookup(&lookup, ht_buf_view(&ask->lookup), NULL);
    ht_assert(err == HT_OK);
    return lookup;
}

static void call_back(struct ht_ens_ask *ask, ht_bytes body) {
    struct ht_ens_lookup lookup = lookup_of(ask);
    struct ht_buf response;
    ht_buf_init(&response, HT_ENS_GATEWAY_ANSWER_MAX);
    ht_buf_clear(&ask->call);
    enum ht_err err = ht_ens_gateway_read(&response, body, &ask->why);
    if (err == HT_OK) {
        err = ht_ens_write_callback(&ask->call, lookup.callback, ht_buf_view(&response),
                                    lookup.extra);
        if (err != HT_OK) (void)ht_fail(&ask->why, err, "no_memory", "out of memory");
    }
    ht_buf_fini(&response);
    if (err == HT_OK)
        ht_ens_run(ask);
    else if (err == HT_EINPUT)
        ask_next(ask);
    else
        ht_ens_end(ask, err);
}

/* An answer of the 4xx kind is a gateway's refusal, and ends it; all else that is wrong sends to
 * the next. */
static void answered(void *user, const struct ht_http_answer *answer) {
    struct ht_ens_ask *ask = user;
    ask->request = NULL;
    if (answer->err == HT_OK && answer->status == 200) {
        call_back(ask, answer->body);
    } else if (answer->err == HT_OK && answer->status >= 400 && answer->status < 500) {
        ht_ens_end(ask, ht_fail(&ask->why, HT_ENET, "ens_gateway",
                                "the gateway %s refuses: status %ld", ask->source, answer->status));
    } else {
        ask_next(ask);
    }
}

/* The part of "https://user@host:port/…" that names who is asked. */
static void keep_host(struct ht_ens_ask *ask, const char *url) {
    const char *host = url + strlen("https://");
    size_t n = strcspn(host, "/?#");
    for (size_t i = 0; i < n; i++) {
        if (host[i] != '@') continue;
        host += i + 1;
        n -= i + 1;
        i = 0;
    }
    (void)snprintf(ask->source, sizeof ask->source, "%.*s", (int)(n < 120 ? n : 120), host);
}

static enum ht_err start(struct ht_ens_ask *ask, const struct ht_ens_lookup *lookup, size_t i) {
    struct ht_buf url, body;
    bool is_post = false;
    ht_buf_init(&url, HT_ENS_GATEWAY_URL_MAX);
    ht_buf_init(&body, 2 * HT_ENS_LOOKUP_MAX + 256);
    enum ht_err err = ht_ens_gateway_url(&url, &is_post, lookup, i, &ask->why);
    if (err == HT_OK && is_post) err = ht_ens_gateway_body(&body, lookup);
    if (err == HT_OK) {
        const struct ht_http_options options = {
            .url = (const char *)url.p,
            .accept = "application/json",
            .content_type = is_post ? "application/json" : NULL,
            .body = ht_buf_view(&body),
            .max_bytes = 2 * HT_ENS_GATEWAY_ANSWER_MAX + 4096U,
            .timeout_ms = HT_ENS_GATEWAY_MS,
            .is_public_only = true,
        };
        keep_host(ask, options.url);
        err = ht_http_start(&ask->request, ask->host->http, &options, answered, NULL, ask);
    }
    ht_buf_fini(&url);
    ht_buf_fini(&body);
    return err;
}

static void ask_next(struct ht_ens_ask *ask) {
    struct ht_ens_lookup lookup = lookup_of(ask);
    while (ask->gateway < lookup.url_count) {
        if (start(ask, &lookup, ask->gateway++) == HT_OK) return;
    }
    ht_ens_end(ask, ht_fail(&ask->why, HT_ENET, "ens_gateway",
                            "none of the gateways that the resolver names gave an answer"));
}

void ht_ens_follow(struct ht_ens_ask *ask) {
    struct ht_ens_lookup lookup;
    enum ht_err err = HT_OK;
    if (!ask->may_go_offchain) {
        err = ht_fail(&ask->why, HT_EDENIED, "ens_offchain",
                      "the name's records are kept off the chain, where nothing is proven");
    } else if (++ask->lookups > HT_ENS_LOOKUPS_MAX) {
        err = ht_fail(&ask->why, HT_ELIMIT, "ens_lookups",
                      "one lookup leads to another for too long");
    }
    if (err == HT_OK) err = ht_ens_read_lookup(&lookup, ht_buf_view(&ask->lookup), &ask->why);
    if (err == HT_OK &&
        memcmp(lookup.sender.b, ask->found.resolver.b, sizeof lookup.sender.b) != 0) {
        err = ht_fail(&ask->why, HT_EINPUT, "ens_lookup",
                      "the resolver passes on a lookup of another contract");
    }
    if (err != HT_OK) {
        ht_ens_end(ask, err);
        return;
    }
    ask->how = HT_ENS_OFFCHAIN;
    ask->gateway = 0;
    ask_next(ask);
}
