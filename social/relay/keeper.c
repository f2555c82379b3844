/* NIP-86 at the door: who asks, the write that a request is, its answer, and what counts from then
 * on. What requests do to the tables is keeper_call.c's. */
#include "social/relay/keeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "node/base/log.h"
#include "node/codec/json.h"
#include "social/relay/keeper_call.h"
#include "social/relay/keeper_sql.h"
#include "social/relay/nip98.h"
#include "social/relay/sets.h"
#include "social/settings.h"
#include "social/upkeep_store.h"

#define URL_MAX 1024U
#define ANSWER_MAX ((size_t)1 << 20) /* of the door */

struct ht_keeper {
    struct ht_keeper_state state;
};

/* One request from its first byte to its answer. */
struct managing {
    struct ht_write write; /* first */
    struct ht_social *social;
    struct ht_door_http *http; /* NULL: nobody waits any more */
    struct ht_buf body;
    bool is_writing; /* the writer has it, and frees it */
    struct ht_manage_request request;
    int64_t now_s;
    json_t *result, *settings;
    struct ht_keeper_state state;
};

static void free_managing(struct managing *managing) {
    json_decref(managing->result);
    json_decref(managing->settings);
    ht_keeper_state_fini(&managing->state);
    ht_buf_fini(&managing->body);
    free(managing);
}

/* --- what counts ------------------------------------------------------------------------------ */

static void log_failure(enum ht_err err) {
    if (err == HT_OK) return;
    ht_log(HT_LOG_WARN, "social", "a list of the relay's policy could not be kept");
}

/* Takes the state. */
static void apply(struct ht_social *social, struct ht_keeper_state *state) {
    struct ht_policy *policy = social->policy;
    log_failure(ht_policy_set(policy, HT_RANK_BLOCKED, state->banned, state->banned_count));
    log_failure(ht_policy_allow(policy, state->allowed, state->allowed_count));
    ht_policy_set_kinds(policy, state->kinds, state->kind_count, state->denied_kinds,
                        state->denied_kind_count);
    ht_keeper_state_fini(&social->keeper->state);
    social->keeper->state = *state;
    *state = (struct ht_keeper_state){0};
}

enum ht_err ht_keeper_new(struct ht_social *social, sqlite3 *db, struct ht_why *why) {
    struct ht_keeper_state state = {0};
    social->keeper = calloc(1, sizeof *social->keeper);
    if (social->keeper == NULL) return ht_task_no_memory(why);
    enum ht_err err = ht_keeper_sql_state(&state, db, why);
    if (err == HT_OK) apply(social, &state);
    ht_keeper_state_fini(&state);
    return err;
}

/* What waits for the disk is answered while the writer ends. */
void ht_keeper_stop(struct ht_social *social) {
    (void)social;
}

void ht_keeper_free(struct ht_social *social) {
    if (social->keeper == NULL) return;
    ht_keeper_state_fini(&social->keeper->state);
    free(social->keeper);
    social->keeper = NULL;
}

static int compare_addresses(const void *a, const void *b) {
    return strcmp(a, b);
}

bool ht_keeper_is_blocked(const struct ht_social *social, const char *address) {
    const struct ht_keeper_state *state = &social->keeper->state;
    char name[HT_MANAGE_ADDRESS_SIZE] = "";
    if (state->address_count == 0 || !ht_manage_address(name, address)) return false;
    return bsearch(name, state->addresses, state->address_count, sizeof *state->addresses,
                   compare_addresses) != NULL;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void answer_text(struct ht_door_http *http, unsigned status, ht_bytes text) {
    struct ht_door_answer answer = {.status = status,
                                    .type = "application/json",
                                    .headers = {{"cache-control", "no-store"}},
                                    .body = text};
    if (status == 401) {
        answer.headers[1] = (struct ht_door_header){"www-authenticate", "Nostr"};
    }
    ht_door_http_answer(http, &answer);
}

static void answer_error(struct ht_door_http *http, unsigned status, const char *what) {
    struct ht_buf text;
    ht_buf_init(&text, ANSWER_MAX);
    json_t *json = json_pack("{s:s}", "error", what);
    enum ht_err err = json != NULL ? ht_json_dump_compact(&text, json) : HT_ENOMEM;
    json_decref(json);
    if (err == HT_OK) {
        answer_text(http, status, ht_buf_view(&text));
    } else {
        ht_door_http_fail(http, 500, "this cannot be told");
    }
    ht_buf_fini(&text);
}

static void leave_reasons_out(json_t *list) {
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) {
        (void)json_object_del(one, "reason");
    }
}

/* A full list with long reasons is more than an answer holds; reasons are optional (NIP-86). */
static void answer_result(struct ht_door_http *http, json_t *result) {
    struct ht_buf text;
    ht_buf_init(&text, ANSWER_MAX);
    json_t *json = json_pack("{s:O}", "result", result);
    enum ht_err err = json != NULL ? ht_json_dump_compact(&text, json) : HT_ENOMEM;
    if (err == HT_ELIMIT) {
        leave_reasons_out(result);
        err = ht_json_dump_compact(&text, json);
    }
    json_decref(json);
    if (err == HT_OK) {
        answer_text(http, 200, ht_buf_view(&text));
    } else {
        answer_error(http, 503, "the answer cannot be written");
    }
    ht_buf_fini(&text);
}

/* --- the write -------------------------------------------------------------------------------- */

static enum ht_err write_it(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct managing *managing = (struct managing *)write;
    struct ht_store *store = NULL;
    enum ht_err err = ht_upkeep_store(&store, managing->social, db, why);
    if (err == HT_OK) {
        err =
            ht_keeper_call(&managing->result, db, store, &managing->request, managing->now_s, why);
    }
    if (err == HT_OK) err = ht_keeper_sql_state(&managing->state, db, why);
    return err == HT_OK ? ht_settings_read(&managing->settings, db, why) : err;
}

static bool is_refused(const void *social, const char *address) {
    return ht_keeper_is_blocked(social, address);
}

static void wrote(struct ht_write *write) {
    struct managing *managing = (struct managing *)write;
    struct ht_social *social = managing->social;
    if (write->err == HT_OK && !social->is_stopped) {
        apply(social, &managing->state);
        ht_settings_apply(social, managing->settings);
        /* One that was reading meanwhile would put the old ones back. */
        ht_sets_reload(social);
        ht_relay_hang_up(social->relay, is_refused, social);
    }
    bool is_theirs = write->err == HT_ELIMIT || write->err == HT_EINPUT;
    if (managing->http != NULL && write->err == HT_OK) {
        answer_result(managing->http, managing->result);
    } else if (managing->http != NULL) {
        answer_error(managing->http, is_theirs ? 200 : 503, write->why.text);
    }
    free_managing(managing);
}

/* --- who asks --------------------------------------------------------------------------------- */

static void add(char *out, size_t *n, ht_bytes part) {
    if (*n + part.n >= URL_MAX) return;
    memcpy(out + *n, part.p, part.n);
    *n += part.n;
}

/* The URL as it was asked; a proxy in front of us may speak https. */
static ht_bytes url_of(char out[static URL_MAX], const struct ht_door_request *request,
                       const char *scheme) {
    size_t n = 0;
    add(out, &n, ht_bytes_str(scheme));
    add(out, &n, request->host);
    add(out, &n, request->path);
    if (request->query.n > 0) add(out, &n, ht_bytes_str("?"));
    add(out, &n, request->query);
    return ht_bytes_of(out, n);
}

static enum ht_err who_asks(ht_hash32 *pubkey, const struct managing *managing,
                            struct ht_why *why) {
    static const char *const schemes[] = {"http://", "https://"};
    const struct ht_door_request *asked = ht_door_http_request(managing->http);
    struct ht_nip98_request request = {.method = ht_bytes_str("POST"),
                                       .body = ht_buf_view(&managing->body),
                                       .needs_payload = true,
                                       .now_s = managing->now_s};
    char url[URL_MAX];
    enum ht_err err = HT_EDENIED;
    /* Else who was managed once could pass on what they were sent, by naming themselves. */
    if (!ht_door_is_named(managing->social->host->door, asked->host)) {
        return ht_fail(why, HT_EDENIED, "nip98_url",
                       "this relay is not known by that name; see --relay-host");
    }
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        request.url = url_of(url, asked, schemes[i]);
        err = ht_nip98_check(pubkey, &request, asked->authorization, why);
        if (err == HT_OK || strcmp(why->code, "nip98_url") != 0) break;
    }
    return err;
}

static void ask(struct managing *managing) {
    struct ht_social *social = managing->social;
    struct ht_door_http *http = managing->http;
    struct ht_why why = {0};
    ht_hash32 pubkey, owner;
    enum ht_err err = who_asks(&pubkey, managing, &why);
    unsigned status = 401;
    bool is_owner = ht_social_owner(social, &owner);
    if (err == HT_OK && (!is_owner || !ht_hash32_equal(&pubkey, &owner))) {
        err = ht_fail(&why, HT_EDENIED, "not_owner", "the relay is managed by its owner alone");
        status = 403;
    }
    if (err == HT_OK) {
        err = ht_manage_read(&managing->request, ht_buf_view(&managing->body), &why);
        status = 200;
    }
    if (err == HT_OK) {
        managing->write = (struct ht_write){.write = write_it, .done = wrote};
        err = social->is_stopped ? HT_EAGAIN : ht_writer_submit(social->writer, &managing->write);
        if (err != HT_OK) (void)ht_fail(&why, err, "busy", "too much is being written just now");
        status = 503;
    }
    managing->is_writing = err == HT_OK;
    if (err == HT_OK) return;
    answer_error(http, status, why.text);
    free_managing(managing);
}

/* --- the request's body ----------------------------------------------------------------------- */

static enum ht_err take_piece(void *user, ht_bytes piece) {
    struct managing *managing = user;
    return ht_buf_add(&managing->body, piece);
}

static void take_whole(void *user) {
    ask(user);
}

static void is_gone(void *user) {
    struct managing *managing = user;
    managing->http = NULL;
    if (!managing->is_writing) free_managing(managing);
}

bool ht_keeper_is_for(const struct ht_door_request *request) {
    static const char type[] = "application/nostr+json+rpc";
    const size_t n = sizeof type - 1;
    const ht_bytes said = request->content_type;
    bool is_type = said.n >= n && strncasecmp((const char *)said.p, type, n) == 0 &&
                   (said.n == n || said.p[n] == ';' || said.p[n] == ' ');
    return request->method == HT_DOOR_POST && is_type &&
           ht_bytes_equal(request->path, ht_bytes_str("/"));
}

void ht_keeper_http(struct ht_social *social, struct ht_door_http *http) {
    if (ht_door_http_request(http)->authorization.n == 0) {
        answer_error(http, 401, "say who asks (NIP-98)");
        return;
    }
    struct managing *managing = calloc(1, sizeof *managing);
    if (managing == NULL) {
        answer_error(http, 503, "out of memory");
        return;
    }
    managing->social = social;
    managing->http = http;
    managing->now_s = ht_social_now_s(social);
    ht_buf_init(&managing->body, HT_MANAGE_REQUEST_MAX);
    const struct ht_door_reader reader = {
        .piece = take_piece, .whole = take_whole, .gone = is_gone, .user = managing};
    /* It may be answered and gone when this returns. */
    if (ht_door_http_read(http, HT_MANAGE_REQUEST_MAX, &reader) != HT_OK) free_managing(managing);
}
