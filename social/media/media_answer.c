/* Answers of the door of media, and whom it lets do what. */
#include "social/media/media_answer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* --- answers ---------------------------------------------------------------------------------- */

unsigned ht_media_status(enum ht_err err, const char *code) {
    static const struct {
        const char *code;
        unsigned status;
    } codes[] = {
        {"auth_missing", 401}, {"auth_kind", 401},   {"auth_time", 401},   {"auth_expired", 401},
        {"auth_verb", 401},    {"auth_server", 401}, {"auth_header", 401}, {"auth_hashes", 401},
        {"other_hash", 409},   {"quota", 429},       {"full", 507},        {"disk_full", 507},
        {"no_length", 411},    {"no_route", 405},
    };
    for (size_t i = 0; code != NULL && i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(codes[i].code, code) == 0) return codes[i].status;
    }
    switch (err) {
    case HT_EINPUT: return 400;
    case HT_EUNVERIFIED: return 401;
    case HT_ENOTFOUND: return 404;
    case HT_ELIMIT: return 413;
    case HT_EAGAIN: return 503;
    case HT_ENET: return 502;
    case HT_EDENIED: return 403;
    case HT_OK:
    case HT_ESTALE:
    case HT_ESTORE:
    case HT_ENOMEM:
    case HT_EBUG: return 500;
    }
    return 500;
}

void ht_media_refuse(struct ht_door_http *http, enum ht_err err, const struct ht_why *why) {
    const char *code = why->code != NULL ? why->code : ht_err_name(err);
    unsigned status = ht_media_status(err, why->code);
    json_t *json = json_pack("{s:s, s:s}", "message", why->text, "code", code);
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    const struct ht_door_answer answer = {
        .status = status,
        .type = "application/json",
        .headers = {{"x-reason", why->text},
                    {"cache-control", "no-store"},
                    {status == 401   ? "www-authenticate"
                     : status == 503 ? "retry-after"
                                     : NULL,
                     status == 401 ? "Nostr" : "1"}},
        .body = ht_bytes_str(text != NULL ? text : "{}"),
    };
    ht_door_http_answer(http, &answer);
    free(text);
}

void ht_media_answer_json(struct ht_door_http *http, unsigned status, json_t *json) {
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (text == NULL) {
        struct ht_why why = {0};
        ht_media_refuse(http, ht_task_no_memory(&why), &why);
        return;
    }
    const struct ht_door_answer answer = {
        .status = status,
        .type = "application/json",
        .headers = {{"cache-control", "no-store"}},
        .body = ht_bytes_str(text),
    };
    ht_door_http_answer(http, &answer);
    free(text);
}

static bool ends_with(ht_bytes text, const char *end) {
    size_t n = strlen(end);
    return text.n >= n && memcmp(text.p + text.n - n, end, n) == 0;
}

void ht_media_asked_base(char out[static 160], const struct ht_media *media,
                         const struct ht_door_request *request) {
    ht_bytes host = request->host;
    bool is_good = host.n > 0 && host.n < 128, has_port = false;
    (void)media;
    for (size_t i = 0; is_good && i < host.n; i++) {
        unsigned char c = host.p[i];
        is_good = isalnum(c) || strchr(".-_:[]", c) != NULL;
    }
    for (size_t i = host.n; is_good && i > 0 && isdigit(host.p[i - 1]); i--) {
        has_port = i >= 2 && host.p[i - 2] == ':';
    }
    out[0] = '\0';
    if (!is_good) return;
    bool is_plain = has_port || ends_with(host, ".onion") || ends_with(host, "]");
    (void)snprintf(out, 160, "http%s://%.*s", is_plain ? "" : "s", (int)host.n,
                   (const char *)host.p);
}

json_t *ht_media_descriptor(const struct ht_media_blob *blob, const char *base) {
    char hex[65], url[256];
    ht_task_hex(hex, &blob->sha256);
    (void)snprintf(url, sizeof url, "%s/%s.%s", base, hex, ht_media_type_extension(blob->type));
    return json_pack("{s:s, s:s, s:I, s:s, s:I}", "url", url, "sha256", hex, "size",
                     (json_int_t)blob->size, "type", blob->type, "uploaded",
                     (json_int_t)(blob->at_ms / 1000));
}

/* --- who may ---------------------------------------------------------------------------------- */

static bool is_ours(void *user, ht_bytes host) {
    const struct ht_social *social = user;
    return social->host->door != NULL && ht_door_is_named(social->host->door, host);
}

bool ht_media_is_owner(const struct ht_social *social, const ht_hash32 *key) {
    ht_hash32 owner;
    return ht_social_owner(social, &owner) && ht_hash32_equal(&owner, key);
}

enum ht_err ht_media_authorized(struct ht_media_auth *out, const struct ht_media *media,
                                const struct ht_door_request *request, const char *verb,
                                struct ht_why *why) {
    const struct ht_media_auth_ask ask = {.verb = verb,
                                          .now_s = ht_social_now_s(media->social),
                                          .is_ours = is_ours,
                                          .user = media->social};
    return ht_media_auth_check(out, &ask, request->authorization, why);
}

enum ht_err ht_media_may_write(const struct ht_media *media, const ht_hash32 *key,
                               struct ht_why *why) {
    struct ht_policy *policy = media->social->policy;
    if (ht_media_is_owner(media->social, key)) return HT_OK;
    if (ht_policy_rank_of(policy, key) >= ht_policy_settings(policy)->write) return HT_OK;
    return ht_fail(why, HT_EDENIED, "not_a_writer", "this node keeps nothing for that key");
}

static enum ht_err check_reader(bool *sees, const struct ht_media *media,
                                const struct ht_media_auth *auth, const ht_hash32 *hash,
                                struct ht_why *why) {
    struct ht_policy *policy = media->social->policy;
    bool is_owner = ht_media_is_owner(media->social, &auth->pubkey);
    /* BUD-01: for that blob, or for all of ours. */
    if (hash != NULL && !auth->has_server) {
        enum ht_err err = ht_media_auth_for(auth, hash, why);
        if (err != HT_OK) return err;
    }
    enum ht_policy_rank rank = ht_policy_rank_of(policy, &auth->pubkey);
    if (!is_owner && rank < ht_policy_settings(policy)->read) {
        return ht_fail(why, HT_EDENIED, "not_a_reader", "this node shows nothing to that key");
    }
    *sees = *sees || is_owner;
    return HT_OK;
}

static bool begins_with(ht_bytes text, const char *start) {
    size_t n = strlen(start);
    return text.n >= n && memcmp(text.p, start, n) == 0;
}

/* Not a page of the web in a browser on this computer, which could else learn what its reader has
 * fetched. Pages of this computer's own servers are of the same site. */
static bool is_at_home(const struct ht_door_request *request) {
    ht_bytes site = request->fetch_site, origin = request->origin;
    bool is_elsewhere = ht_bytes_equal(site, ht_bytes_str("cross-site"));
    if (site.n == 0 && origin.n > 0) {
        is_elsewhere = !begins_with(origin, "http://127.0.0.1:") &&
                       !begins_with(origin, "http://localhost:") &&
                       !begins_with(origin, "http://[::1]:");
    }
    return request->is_local && !is_elsewhere;
}

enum ht_err ht_media_may_read(bool *sees, const struct ht_media *media,
                              const struct ht_door_request *request, const char *verb,
                              const ht_hash32 *hash, struct ht_why *why) {
    struct ht_policy *policy = media->social->policy;
    struct ht_media_auth auth;
    *sees = is_at_home(request);
    bool is_open = ht_policy_settings(policy)->read <= HT_RANK_STRANGER;
    if (is_open && request->authorization.n == 0) return HT_OK;
    enum ht_err err = ht_media_authorized(&auth, media, request, verb, why);
    return err == HT_OK ? check_reader(sees, media, &auth, hash, why) : err;
}
