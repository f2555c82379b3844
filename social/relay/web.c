/* HTTP at the relay's door, by path. */
#include "social/relay/web.h"

#include <strings.h>

#include "social/links/nip05.h"
#include "social/media/media.h"
#include "social/mesh/mesh_near.h"
#include "social/relay/keeper.h"

#define METRICS_MAX ((size_t)64 << 10)

/* A proxy or an onion service on this computer speaks from here, too, but names another host; a
 * page names its origin. */
static bool is_from_here(const struct ht_door_request *request) {
    static const char *const loopback[] = {"127.0.0.1", "localhost", "[::1]"};
    if (!request->is_local || request->origin.n > 0) return false;
    for (size_t i = 0; i < sizeof loopback / sizeof *loopback; i++) {
        size_t n = strlen(loopback[i]);
        bool is_it = request->host.n >= n &&
                     strncasecmp((const char *)request->host.p, loopback[i], n) == 0 &&
                     (request->host.n == n || request->host.p[n] == ':');
        if (is_it) return true;
    }
    return false;
}

static void answer_metrics(struct ht_social *social, struct ht_door_http *http) {
    struct ht_buf text;
    ht_buf_init(&text, METRICS_MAX);
    if (!is_from_here(ht_door_http_request(http))) {
        ht_door_http_fail(http, 403, "metrics are for this computer");
    } else if (ht_relay_metrics(&text, social->relay) != HT_OK) {
        ht_door_http_fail(http, 503, "there are no metrics now");
    } else {
        const struct ht_door_answer answer = {.status = 200,
                                              .type = "text/plain; version=0.0.4; charset=utf-8",
                                              .headers = {{"cache-control", "no-store"}},
                                              .body = ht_buf_view(&text)};
        ht_door_http_answer(http, &answer);
    }
    ht_buf_fini(&text);
}

static bool is_at(const struct ht_door_request *request, const char *path) {
    bool is_reading = request->method == HT_DOOR_GET || request->method == HT_DOOR_HEAD;
    return is_reading && ht_bytes_equal(request->path, ht_bytes_str(path));
}

void ht_social_http(void *self, struct ht_door_http *http) {
    struct ht_social *social = self;
    const struct ht_door_request *request = ht_door_http_request(http);
    if (social->is_stopped) {
        ht_door_http_fail(http, 503, "the node is stopping");
    } else if (ht_keeper_is_for(request)) {
        ht_keeper_http(social, http);
    } else if (ht_keeper_is_blocked(social, request->address)) {
        ht_door_http_fail(http, 403, "this address is not let in");
    } else if (ht_mesh_http(social, http)) {
        return;
    } else if (is_at(request, "/.well-known/nostr.json")) {
        ht_nip05_http(social, http);
    } else if (is_at(request, "/metrics")) {
        answer_metrics(social, http);
    } else if (ht_media_is_for(request)) {
        ht_media_http(social, http);
    } else {
        ht_door_http_fail(http, 404, "nothing is here");
    }
}
