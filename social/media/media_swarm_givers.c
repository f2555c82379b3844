/* Those who may have a blob: who they are, what they say they have, and the requests to them. */
#include "social/media/media_swarm_givers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"

#define HAVE_MAX ((size_t)16 << 10)
#define LIST_MAX ((size_t)HT_BLOB_CHUNKS_MAX * 64 + 1024)
#define ASK_MS 8000
#define ONION_MS 15000 /* more: a circuit to an onion may be built first */
#define LIST_MS 30000
#define PIECE_MS 60000 /* whoever gives may make us wait for half of it */
#define BUSY_MS 700
#define BUSY_MAX 60U
#define URL_BUSY_MAX 3U /* of any server, which may mean nothing by it */
#define PART_MS 1000    /* those who have a part are asked again */
#define NOTHING_MS 3000 /* … who have nothing yet */
#define AWAY_MS 5000    /* … who did not bring what was asked */
#define LOSSES_MAX 5U

static int64_t now_ms(const struct ht_media_swarm *swarm) {
    return ht_mono_ms(swarm->media->social->host->clock);
}

/* --- who -------------------------------------------------------------------------------------- */

static struct ht_media_giver *add(struct ht_media_swarm *swarm, const char *base, size_t n) {
    if (swarm->giver_count == HT_SWARM_HOLDERS_MAX || n == 0 || n >= HT_MEDIA_BASE_SIZE)
        return NULL;
    for (size_t g = 0; g < swarm->giver_count; g++) {
        const char *other = swarm->givers[g]->base;
        if (strncmp(other, base, n) == 0 && other[n] == '\0') return NULL;
    }
    struct ht_media_giver *giver = calloc(1, sizeof *giver);
    if (giver == NULL) return NULL;
    giver->swarm = swarm;
    memcpy(giver->base, base, n);
    swarm->givers[swarm->giver_count++] = giver;
    return giver;
}

static void add_near(struct ht_media_swarm *swarm, const struct ht_near_node *near) {
    struct ht_media_giver *giver = add(swarm, near->base, strlen(near->base));
    if (giver == NULL) return;
    giver->is_near = true;
    giver->near = *near;
}

/* "https://host/<sha256>.png" -> "https://host"; other URLs name no node. */
static void add_url(struct ht_media_swarm *swarm) {
    const char *at = strstr(swarm->url, swarm->hex);
    bool is_end = at != NULL && strpbrk(at, "/?#") == NULL && at > swarm->url && at[-1] == '/';
    if (!is_end) return;
    struct ht_media_giver *giver = add(swarm, swarm->url, (size_t)(at - 1 - swarm->url));
    if (giver != NULL) giver->is_url = true;
}

void ht_media_givers_begin(struct ht_media_swarm *swarm,
                           const struct ht_media_swarm_options *options) {
    const struct ht_media *media = swarm->media;
    for (size_t i = 0; i < options->base_count; i++) {
        size_t n = strlen(options->bases[i]);
        while (n > 0 && options->bases[i][n - 1] == '/') n--;
        (void)add(swarm, options->bases[i], n);
    }
    for (size_t i = 0; i < media->near_count; i++) add_near(swarm, &media->near[i]);
    add_url(swarm);
}

static void cancel_piece(struct ht_media_piece *piece) {
    if (piece->request == NULL) return;
    ht_http_cancel(piece->request);
    piece->request = NULL;
    piece->giver->swarm->media->piece_count--;
}

static void cancel_pieces(struct ht_media_giver *giver) {
    for (size_t k = 0; k < HT_SWARM_AT_ONCE; k++) {
        cancel_piece(&giver->pieces[k]);
    }
}

static void leave(struct ht_media_giver *giver) {
    cancel_pieces(giver);
    if (giver->holder != NULL) ht_swarm_remove(giver->holder);
    giver->holder = NULL;
}

void ht_media_givers_leave(struct ht_media_swarm *swarm) {
    for (size_t g = 0; g < swarm->giver_count; g++) leave(swarm->givers[g]);
}

void ht_media_givers_free(struct ht_media_swarm *swarm) {
    for (size_t g = 0; g < swarm->giver_count; g++) {
        leave(swarm->givers[g]);
        if (swarm->givers[g]->ask != NULL) ht_http_cancel(swarm->givers[g]->ask);
        free(swarm->givers[g]);
    }
    swarm->giver_count = 0;
}

void ht_media_giver_blame(struct ht_media_giver *giver, const char *what) {
    const struct ht_host *host = giver->swarm->media->social->host;
    const struct ht_near *near = host->near_nodes != NULL ? host->near_nodes(host) : NULL;
    giver->is_bad = true;
    giver->next_ms = INT64_MAX;
    ht_log(HT_LOG_WARN, "media", "%s gave a bad %s", giver->base, what);
    if (giver->is_near && near != NULL) near->blame(near->self, &giver->near.node, what);
}

/* --- near ------------------------------------------------------------------------------------- */

static void near_gone(struct ht_media *media, const ht_hash32 *node) {
    for (size_t i = 0; i < media->near_count; i++) {
        if (!ht_hash32_equal(&media->near[i].node, node)) continue;
        media->near[i--] = media->near[--media->near_count];
    }
    for (struct ht_media_swarm *swarm = media->swarms; swarm != NULL; swarm = swarm->next) {
        for (size_t g = 0; g < swarm->giver_count; g++) {
            struct ht_media_giver *giver = swarm->givers[g];
            if (!giver->is_near || !ht_hash32_equal(&giver->near.node, node)) continue;
            leave(giver);
            giver->holds = false;
            giver->next_ms = INT64_MAX;
        }
        ht_media_swarm_poke(swarm);
    }
}

/* The one that had been known before, with a new token perhaps. */
static bool come_back(struct ht_media_swarm *swarm, const struct ht_near_node *near) {
    for (size_t g = 0; g < swarm->giver_count; g++) {
        struct ht_media_giver *giver = swarm->givers[g];
        if (!giver->is_near || !ht_hash32_equal(&giver->near.node, &near->node)) continue;
        giver->near = *near;
        (void)snprintf(giver->base, sizeof giver->base, "%s", near->base);
        if (!giver->is_bad) giver->next_ms = 0;
        return true;
    }
    return false;
}

static void near_changed(struct ht_near_listener *listener, const struct ht_near_node *node,
                         bool is_up) {
    struct ht_media *media =
        (struct ht_media *)(void *)((char *)listener - offsetof(struct ht_media, listener));
    near_gone(media, &node->node);
    if (!is_up || !node->has_blobs || media->is_stopped) return;
    if (media->near_count < HT_SWARM_HOLDERS_MAX) media->near[media->near_count++] = *node;
    for (struct ht_media_swarm *swarm = media->swarms; swarm != NULL; swarm = swarm->next) {
        if (!come_back(swarm, node)) add_near(swarm, node);
        ht_media_swarm_poke(swarm);
    }
}

void ht_media_near_listen(struct ht_media *media) {
    const struct ht_host *host = media->social->host;
    const struct ht_near *near = host->near_nodes != NULL ? host->near_nodes(host) : NULL;
    if (media->is_listening || near == NULL) return;
    media->is_listening = true;
    media->listener.changed = near_changed;
    near->listen(near->self, &media->listener);
}

/* --- requests --------------------------------------------------------------------------------- */

static enum ht_err start(struct ht_http_request **out, struct ht_media_giver *giver,
                         const char *what, struct ht_http_options options, ht_http_done *done,
                         void *user) {
    char url[HT_MEDIA_BASE_SIZE + 80];
    const struct ht_media *media = giver->swarm->media;
    (void)snprintf(url, sizeof url, "%s/%s%s", giver->base, giver->swarm->hex, what);
    options.url = url;
    if (giver->is_near) {
        options.pin = giver->near.has_pin ? &giver->near.pin : NULL;
        options.bearer = giver->near.token[0] != '\0' ? giver->near.token : NULL;
        options.socks = giver->near.socks[0] != '\0' ? giver->near.socks : NULL;
        if (options.socks != NULL) options.timeout_ms += ONION_MS;
    }
    options.is_public_only = giver->is_url;
    options.is_public = giver->is_url ? media->is_public : NULL;
    enum ht_err err = ht_http_start(out, media->social->host->http, &options, done, NULL, user);
    if (err != HT_OK) *out = NULL;
    return err;
}

static enum ht_err read_bits(struct ht_media_giver *giver, const json_t *json) {
    struct ht_buf bits;
    const char *text = NULL;
    uint64_t missing = 0;
    enum ht_err err = ht_json_u64(&missing, json, "missing", NULL);
    if (err != HT_OK) return err;
    giver->is_whole = missing == 0;
    giver->bit_bytes = 0;
    if (giver->is_whole) return HT_OK;
    err = ht_json_text(&text, json, "bits", NULL);
    if (err != HT_OK) return err;
    ht_buf_init(&bits, sizeof giver->bits);
    err = ht_hex_read_buf(&bits, ht_bytes_str(text));
    if (err == HT_OK && bits.n > 0) memcpy(giver->bits, bits.p, bits.n);
    giver->bit_bytes = err == HT_OK ? bits.n : 0;
    ht_buf_fini(&bits);
    return err;
}

static enum ht_err read_have(struct ht_media_giver *giver, ht_bytes body) {
    json_t *json = NULL;
    const char *root = NULL;
    uint64_t v = 0;
    enum ht_err err = ht_json_parse(&json, body, HAVE_MAX, NULL);
    if (err == HT_OK) err = ht_json_u64(&v, json, "v", NULL);
    if (err == HT_OK && v != 1) err = HT_EINPUT;
    if (err == HT_OK) err = ht_json_text(&root, json, "root", NULL);
    if (err == HT_OK && strlen(root) != 64) err = HT_EINPUT;
    if (err == HT_OK) err = ht_hex_read(giver->root.b, 32, ht_bytes_str(root));
    if (err == HT_OK) err = read_bits(giver, json);
    json_decref(json);
    return err;
}

/* Tells the scheduler what a holder has now. */
static void tell_bits(struct ht_media_giver *giver) {
    struct ht_media_swarm *swarm = giver->swarm;
    bool fits = giver->is_whole || giver->bit_bytes == (swarm->manifest.count + 7) / 8;
    if (giver->holder == NULL) return;
    if (fits && ht_hash32_equal(&giver->root, &swarm->manifest.root)) {
        ht_swarm_holder_has(giver->holder, giver->is_whole ? NULL : giver->bits);
    } else {
        leave(giver);
    }
}

static void on_have(void *user, const struct ht_http_answer *answer) {
    struct ht_media_giver *giver = user;
    struct ht_media_swarm *swarm = giver->swarm;
    giver->ask = NULL;
    ht_media_swarm_poke(swarm);
    if (answer->err == HT_OK && answer->status == 503 &&
        ++giver->busy < (giver->is_url ? URL_BUSY_MAX : BUSY_MAX)) {
        giver->next_ms = now_ms(swarm) + BUSY_MS;
        return;
    }
    giver->has_answered = true;
    giver->holds =
        answer->err == HT_OK && answer->status == 200 && read_have(giver, answer->body) == HT_OK;
    if (!giver->holds) {
        leave(giver);
        giver->next_ms = giver->is_url ? INT64_MAX : now_ms(swarm) + NOTHING_MS;
        return;
    }
    tell_bits(giver);
    giver->next_ms = giver->is_whole ? INT64_MAX : now_ms(swarm) + PART_MS;
    if (swarm->first_ms == 0) swarm->first_ms = now_ms(swarm);
}

int64_t ht_media_givers_ask(struct ht_media_swarm *swarm) {
    int64_t mono_ms = now_ms(swarm), next_ms = INT64_MAX;
    for (size_t g = 0; g < swarm->giver_count; g++) {
        struct ht_media_giver *giver = swarm->givers[g];
        if (giver->ask != NULL || giver->is_bad) continue;
        if (giver->next_ms <= mono_ms) {
            const struct ht_http_options options = {
                .accept = "application/json", .max_bytes = HAVE_MAX, .timeout_ms = ASK_MS};
            giver->next_ms = mono_ms + BUSY_MS; /* when too many are under way */
            if (start(&giver->ask, giver, ".have", options, on_have, giver) == HT_OK) continue;
        }
        if (giver->next_ms < next_ms) next_ms = giver->next_ms;
    }
    return next_ms == INT64_MAX ? -1 : next_ms - mono_ms;
}

bool ht_media_givers_wait(const struct ht_media_swarm *swarm) {
    for (size_t g = 0; g < swarm->giver_count; g++) {
        const struct ht_media_giver *giver = swarm->givers[g];
        if (!giver->has_answered && !giver->is_bad && giver->next_ms != INT64_MAX) return true;
    }
    return false;
}

/* --- the list --------------------------------------------------------------------------------- */

static bool is_refused(const struct ht_media_swarm *swarm, const ht_hash32 *root) {
    for (size_t i = 0; i < swarm->refused_count; i++) {
        if (ht_hash32_equal(&swarm->refused[i], root)) return true;
    }
    return false;
}

static bool may_vouch(const struct ht_media_giver *giver) {
    return giver->holds && !giver->is_bad && !is_refused(giver->swarm, &giver->root);
}

/* Those who have the whole have seen that the list is the blob's. */
static unsigned count_votes(const struct ht_media_swarm *swarm, const ht_hash32 *root) {
    unsigned votes = 0;
    for (size_t g = 0; g < swarm->giver_count; g++) {
        const struct ht_media_giver *giver = swarm->givers[g];
        if (!may_vouch(giver) || !ht_hash32_equal(&giver->root, root)) continue;
        votes += giver->is_whole ? HT_SWARM_HOLDERS_MAX : 1;
    }
    return votes;
}

struct ht_media_giver *ht_media_givers_best(const struct ht_media_swarm *swarm) {
    struct ht_media_giver *best = NULL;
    unsigned most = 0;
    for (size_t g = 0; g < swarm->giver_count; g++) {
        struct ht_media_giver *giver = swarm->givers[g];
        if (!may_vouch(giver)) continue;
        unsigned votes = 2 * count_votes(swarm, &giver->root) + giver->is_whole;
        if (votes <= most) continue;
        most = votes;
        best = giver;
    }
    return best;
}

/* HT_EUNVERIFIED: it is not the one whose root was named. */
static enum ht_err read_list(struct ht_media_giver *giver, ht_bytes body, struct ht_why *why) {
    struct ht_media_swarm *swarm = giver->swarm;
    struct ht_blob_manifest manifest;
    enum ht_err err = ht_blob_manifest_read(&manifest, body, why);
    if (err != HT_OK) return err;
    bool is_same = ht_hash32_equal(&manifest.sha256, &swarm->options.sha256) &&
                   ht_hash32_equal(&manifest.root, &giver->root);
    bool is_small = manifest.size <= HT_MEDIA_BLOB_MAX && manifest.chunk <= HT_MEDIA_CHUNK_MAX;
    if (is_same && is_small) {
        swarm->manifest = manifest;
        swarm->has_manifest = true;
        return HT_OK;
    }
    ht_blob_manifest_fini(&manifest);
    if (!is_same) return ht_fail(why, HT_EUNVERIFIED, "other_list", "it is the list of another");
    return ht_fail(why, HT_ELIMIT, "too_large", "a blob has at most %" PRIu64 " bytes",
                   HT_MEDIA_BLOB_MAX);
}

static void on_list(void *user, const struct ht_http_answer *answer) {
    struct ht_media_giver *giver = user;
    struct ht_media_swarm *swarm = giver->swarm;
    struct ht_why why = {0};
    giver->ask = NULL;
    ht_media_swarm_poke(swarm);
    swarm->step = HT_SWARM_GATHER;
    if (answer->err != HT_OK || answer->status != 200) {
        giver->holds = false;
        giver->next_ms = now_ms(swarm) + AWAY_MS;
        return;
    }
    enum ht_err err = read_list(giver, answer->body, &why);
    if (err == HT_OK) {
        swarm->step = HT_SWARM_LOOK;
        swarm->lister = giver;
        swarm->is_own_list = giver->is_whole;
        return;
    }
    bool is_fault = err == HT_EUNVERIFIED || err == HT_EINPUT;
    if (is_fault) ht_media_giver_blame(giver, "list of chunks");
    giver->holds = false;
    giver->is_bad = true;
}

void ht_media_giver_list(struct ht_media_giver *giver) {
    const struct ht_http_options options = {
        .accept = "application/json", .max_bytes = LIST_MAX, .timeout_ms = LIST_MS};
    if (giver->ask != NULL) ht_http_cancel(giver->ask);
    giver->swarm->step = HT_SWARM_LIST;
    if (start(&giver->ask, giver, ".chunks", options, on_list, giver) == HT_OK) return;
    giver->swarm->step = HT_SWARM_GATHER;
    giver->holds = false;
    giver->next_ms = now_ms(giver->swarm) + BUSY_MS;
}

void ht_media_givers_join(struct ht_media_swarm *swarm) {
    for (size_t g = 0; g < swarm->giver_count; g++) {
        struct ht_media_giver *giver = swarm->givers[g];
        bool fits = giver->is_whole || giver->bit_bytes == (swarm->manifest.count + 7) / 8;
        if (giver->holder != NULL || !may_vouch(giver) || !fits) continue;
        if (!ht_hash32_equal(&giver->root, &swarm->manifest.root)) continue;
        enum ht_err err =
            ht_swarm_add(&giver->holder, swarm->swarm, giver, giver->is_whole ? NULL : giver->bits);
        if (err != HT_OK) giver->holder = NULL;
    }
}

/* --- chunks ----------------------------------------------------------------------------------- */

static void lose(struct ht_media_giver *giver, size_t i) {
    if (giver->holder == NULL) return;
    ht_swarm_lost(giver->holder, i);
    if (ht_swarm_losses(giver->holder) < LOSSES_MAX) return;
    /* Perhaps it has it no more, or is gone. */
    leave(giver);
    giver->holds = false;
    giver->next_ms = now_ms(giver->swarm) + AWAY_MS;
}

static void on_piece(void *user, const struct ht_http_answer *answer) {
    struct ht_media_piece *piece = user;
    struct ht_media_giver *giver = piece->giver;
    struct ht_media_swarm *swarm = giver->swarm;
    piece->request = NULL;
    swarm->media->piece_count--;
    ht_media_swarm_poke(swarm);
    if (giver->holder == NULL) return;
    if (answer->err != HT_OK || answer->status != 206) {
        lose(giver, piece->i);
        return;
    }
    swarm->moved_ms = now_ms(swarm);
    bool says_type = answer->content_type[0] != '\0' &&
                     strcmp(answer->content_type, "application/octet-stream") != 0;
    if (says_type) {
        (void)snprintf(swarm->type, sizeof swarm->type, "%s", answer->content_type);
    }
    ht_swarm_got(giver->holder, piece->i, answer->body);
}

void ht_media_giver_ask_piece(struct ht_media_giver *giver, size_t i) {
    const struct ht_blob_manifest *manifest = &giver->swarm->manifest;
    struct ht_media_piece *piece = giver->pieces;
    char range[64];
    while (piece->request != NULL) piece++;
    uint64_t first = (uint64_t)i * manifest->chunk;
    uint32_t n = ht_blob_chunk_size(manifest, i);
    (void)snprintf(range, sizeof range, "%" PRIu64 "-%" PRIu64, first, first + n - 1);
    const struct ht_http_options options = {.range = range, .max_bytes = n, .timeout_ms = PIECE_MS};
    piece->giver = giver;
    piece->i = i;
    if (start(&piece->request, giver, "", options, on_piece, piece) == HT_OK) {
        giver->swarm->media->piece_count++;
    } else {
        ht_swarm_lost(giver->holder, i);
    }
}

void ht_media_giver_cancel_piece(struct ht_media_giver *giver, size_t i) {
    for (size_t k = 0; k < HT_SWARM_AT_ONCE; k++) {
        struct ht_media_piece *piece = &giver->pieces[k];
        if (piece->i == i) cancel_piece(piece);
    }
}
