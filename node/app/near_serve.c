/* The door's requests for chain data: who may ask, how much, and how answers are given. */
#include "node/app/near_serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "node/app/near_execution.h"
#include "node/app/near_light.h"
#include "node/codec/json.h"
#include "node/crypto/sha256.h"

#define BODY_IN_MEMORY ((size_t)512 << 10) /* the door's own bound is 1 MiB */

/* --- life ------------------------------------------------------------------------------------- */

enum ht_err ht_near_serve_new(struct ht_near_serve **out, const struct ht_near_serve_host *host) {
    struct ht_near_serve *serve = calloc(1, sizeof *serve);
    if (serve == NULL) return HT_ENOMEM;
    serve->host = *host;
    serve->methods = (struct ht_near_methods){.eth = host->eth, .cache = host->cache};
    enum ht_err err = ht_rpc_new(&serve->rpc, HT_RPC_ETHEREUM);
    if (err == HT_OK) err = ht_near_methods_add(serve->rpc, &serve->methods);
    if (err != HT_OK) {
        ht_rpc_free(serve->rpc);
        free(serve);
        return err;
    }
    *out = serve;
    return HT_OK;
}

void ht_near_serve_free(struct ht_near_serve *serve) {
    if (serve == NULL) return;
    ht_near_execution_fini(serve);
    ht_rpc_free(serve->rpc);
    for (size_t i = 0; i < HT_NEAR_CACHE_ENTRIES; i++) ht_buf_fini(&serve->cache[i].text);
    free(serve);
}

struct ht_near_counts ht_near_serve_counts(const struct ht_near_serve *serve) {
    return serve->counts;
}

/* --- limits ----------------------------------------------------------------------------------- */

static void make_key(uint8_t key[static 33], uint8_t kind, const ht_hash32 *hash) {
    key[0] = kind;
    memcpy(key + 1, hash->b, sizeof hash->b);
}

/* The caller's, or the one that was used longest ago. */
static struct ht_near_bucket *bucket_of(struct ht_near_serve *serve, const uint8_t key[static 33]) {
    struct ht_near_bucket *oldest = &serve->buckets[0];
    for (size_t i = 0; i < HT_NEAR_BUCKETS; i++) {
        struct ht_near_bucket *one = &serve->buckets[i];
        if (memcmp(one->key, key, sizeof one->key) == 0) return one;
        /* Strangers do not push out peers, who are few. */
        bool may_go = one->key[0] == 0 || one->key[0] == 'a' || key[0] != 'a';
        if (may_go && (one->at_ms < oldest->at_ms || one->key[0] == 0)) oldest = one;
    }
    *oldest = (struct ht_near_bucket){.key = {0}};
    memcpy(oldest->key, key, sizeof oldest->key);
    return oldest;
}

static bool spend(struct ht_near_serve *serve, const uint8_t key[static 33], int64_t per_s,
                  int64_t at_once, unsigned cost) {
    struct ht_near_bucket *bucket = bucket_of(serve, key);
    int64_t now_ms = ht_mono_ms(serve->host.clock);
    int64_t max_milli = 1000 * at_once;
    int64_t since_ms = now_ms - bucket->at_ms;
    int64_t spent = since_ms > 1000 * 1000 ? 0 : bucket->spent_milli - since_ms * per_s;
    if (spent < 0) spent = 0;
    bool fits = spent + (int64_t)cost * 1000 <= max_milli;
    bucket->spent_milli = fits ? spent + (int64_t)cost * 1000 : spent;
    bucket->at_ms = now_ms;
    return fits;
}

bool ht_near_spend(struct ht_near_serve *serve, const ht_hash32 *node, const char *address,
                   unsigned cost) {
    uint8_t key[33];
    if (node != NULL) {
        make_key(key, 'p', node);
        return spend(serve, key, HT_NEAR_PEER_PER_S, HT_NEAR_PEER_AT_ONCE, cost);
    }
    ht_hash32 hash;
    ht_sha256(&hash, ht_bytes_str(address));
    make_key(key, 'a', &hash);
    return spend(serve, key, HT_NEAR_PUBLIC_PER_S, HT_NEAR_PUBLIC_AT_ONCE, cost);
}

bool ht_near_spend_send(struct ht_near_serve *serve, const ht_hash32 *node) {
    uint8_t key[33];
    make_key(key, 's', node);
    return spend(serve, key, HT_NEAR_SENDS_PER_S, HT_NEAR_SENDS_AT_ONCE, 1);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void end(struct ht_near_call *call) {
    call->serve->calls--;
    ht_buf_fini(&call->body);
    ht_light_object_free(call->light.objects);
    free(call);
}

/* The door copies small bodies, and reads large ones from a file as its reader takes them. */
static bool put_in_file(struct ht_door_answer *answer, ht_bytes body) {
    int fd = memfd_create("hearth-answer", MFD_CLOEXEC);
    size_t at = 0;
    while (fd >= 0 && at < body.n) {
        ssize_t n = write(fd, body.p + at, body.n - at);
        if (n <= 0) break;
        at += (size_t)n;
    }
    if (fd < 0 || at < body.n) {
        if (fd >= 0) (void)close(fd);
        return false;
    }
    answer->has_file = true;
    answer->file = fd;
    answer->file_size = body.n;
    return true;
}

void ht_near_answer(struct ht_near_call *call, const char *type, const char *fork, ht_bytes body) {
    struct ht_door_answer answer = {.status = 200, .type = type};
    answer.headers[0] = (struct ht_door_header){"cache-control", "no-store"};
    if (fork != NULL) {
        answer.headers[1] = (struct ht_door_header){"eth-consensus-version", fork};
    }
    if (call->http != NULL) {
        if (body.n <= BODY_IN_MEMORY) {
            answer.body = body;
        } else if (!put_in_file(&answer, body)) {
            answer.status = 503;
        }
        call->serve->counts.bytes_out += body.n;
        ht_door_http_answer(call->http, &answer);
    }
    end(call);
}

void ht_near_answer_json(struct ht_near_call *call, json_t *json, const char *fork) {
    struct ht_buf text;
    struct ht_why why;
    ht_buf_init(&text, HT_NEAR_REPLY_MAX);
    enum ht_err err = json != NULL ? ht_json_dump_compact(&text, json) : HT_ENOMEM;
    json_decref(json);
    if (err == HT_OK) {
        ht_near_answer(call, "application/json", fork, ht_buf_view(&text));
    } else {
        ht_near_fail(call, ht_fail(&why, err, "no_memory", "there is no room for the answer"),
                     &why);
    }
    ht_buf_fini(&text);
}

static unsigned status_of(enum ht_err err, const struct ht_why *why) {
    if (strcmp(why->code, "not_a_peer") == 0) return 401;
    if (strcmp(why->code, "rate_limited") == 0) return 429;
    switch (err) {
    case HT_EINPUT:
    case HT_ELIMIT: return 400;
    case HT_ENOTFOUND: return 404;
    case HT_OK:
    case HT_EUNVERIFIED:
    case HT_ESTALE:
    case HT_EAGAIN:
    case HT_ENET:
    case HT_ESTORE:
    case HT_EDENIED:
    case HT_ENOMEM:
    case HT_EBUG: return 503;
    }
    return 503;
}

static void refuse(struct ht_door_http *http, enum ht_err err, const struct ht_why *why) {
    unsigned status = status_of(err, why);
    json_t *json = json_pack("{s:i, s:s, s:s}", "code", (int)status, "message", why->text, "reason",
                             why->code);
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    struct ht_door_answer answer = {.status = status, .type = "application/json"};
    answer.headers[0] = (struct ht_door_header){"cache-control", "no-store"};
    if (status == 429) answer.headers[1] = (struct ht_door_header){"retry-after", "5"};
    if (text != NULL) answer.body = ht_bytes_str(text);
    ht_door_http_answer(http, &answer);
    free(text);
}

void ht_near_fail(struct ht_near_call *call, enum ht_err err, const struct ht_why *why) {
    if (call->http != NULL) refuse(call->http, err, why);
    end(call);
}

/* --- requests --------------------------------------------------------------------------------- */

static enum ht_err piece(void *user, ht_bytes bytes) {
    struct ht_near_call *call = user;
    enum ht_err err = ht_buf_add(&call->body, bytes);
    if (err != HT_OK) end(call); /* the door answers it */
    return err;
}

static void whole(void *user) {
    struct ht_near_call *call = user;
    call->is_idle = false;
    switch (call->request.what) {
    case HT_NEAR_EXECUTION: ht_near_execution(call); break;
    case HT_NEAR_HEADER:
    case HT_NEAR_RECEIPTS: ht_near_by_hash(call); break;
    case HT_NEAR_BOOTSTRAP:
    case HT_NEAR_UPDATES:
    case HT_NEAR_FINALITY:
    case HT_NEAR_OPTIMISTIC:
    case HT_NEAR_BEACON_HEADER:
    case HT_NEAR_CHECKPOINTS:
    case HT_NEAR_GENESIS:
    case HT_NEAR_SPEC: ht_near_light(call); break;
    }
}

static void gone(void *user) {
    struct ht_near_call *call = user;
    call->http = NULL;
    if (call->is_idle) end(call);
}

static enum ht_err admit(struct ht_near_serve *serve, const struct ht_near_request *request,
                         const ht_hash32 *node, const char *address, struct ht_why *why) {
    if (node == NULL && !ht_near_is_public(request->what)) {
        return ht_fail(why, HT_EDENIED, "not_a_peer", "this is answered to peers only");
    }
    unsigned cost = 1;
    if (request->what == HT_NEAR_UPDATES) cost += (unsigned)request->count / 16;
    if (serve->calls >= HT_NEAR_CALLS_MAX || !ht_near_spend(serve, node, address, cost)) {
        return ht_fail(why, HT_EAGAIN, "rate_limited", "too many requests; come back later");
    }
    return HT_OK;
}

bool ht_near_serve_http(struct ht_near_serve *serve, struct ht_door_http *http,
                        const ht_hash32 *node) {
    const struct ht_door_request *asked = ht_door_http_request(http);
    struct ht_near_request request;
    struct ht_why why;
    if (asked->path.n < 5 || memcmp(asked->path.p, "/eth/", 5) != 0) return false;
    bool is_known = asked->method == HT_DOOR_GET || asked->method == HT_DOOR_POST;
    enum ht_err err = !is_known
                          ? ht_fail(&why, HT_EINPUT, "bad_method", "GET or POST")
                          : ht_near_request_read(&request, asked->method == HT_DOOR_POST,
                                                 asked->path, asked->query, asked->accept, &why);
    if (err == HT_OK) err = admit(serve, &request, node, asked->address, &why);
    struct ht_near_call *call = err == HT_OK ? calloc(1, sizeof *call) : NULL;
    if (err == HT_OK && call == NULL) err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err != HT_OK) {
        if (err == HT_EAGAIN || err == HT_EDENIED) serve->counts.refused++;
        refuse(http, err, &why);
        return true;
    }
    *call =
        (struct ht_near_call){.serve = serve, .http = http, .request = request, .is_idle = true};
    if (node != NULL) call->node = *node;
    ht_buf_init(&call->body, HT_NEAR_BODY_MAX);
    serve->calls++;
    const struct ht_door_reader reader = {
        .piece = piece, .whole = whole, .gone = gone, .user = call};
    uint64_t max = request.what == HT_NEAR_EXECUTION ? HT_NEAR_BODY_MAX : 0;
    /* Refused: the request was answered by the door, and `gone` does not come. */
    if (ht_door_http_read(http, max, &reader) != HT_OK) end(call);
    return true;
}
