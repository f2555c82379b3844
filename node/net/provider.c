/* Scores of providers and the choice among them. */
#include "node/net/provider.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"

#define SCORE_START 80U
#define SLOW_MS 1500
#define PAUSE_FIRST_MS 500
#define PAUSE_LAST_MS (5 * 60 * 1000)

static bool is_scheme_taken(const char *scheme, enum ht_provider_kind kind) {
    if (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) return true;
    return kind == HT_PROVIDER_EXECUTION &&
           (strcmp(scheme, "ws") == 0 || strcmp(scheme, "wss") == 0);
}

/* Host and port out of a URL that a provider of that kind may have. */
static bool name_of_url(char *out, size_t size, const char *url, enum ht_provider_kind kind) {
    CURLU *parsed = curl_url();
    char *scheme = NULL, *host = NULL, *port = NULL;
    /* The schemes are ours to check: libcurl does not know ws in every build. */
    bool is_good =
        parsed != NULL &&
        curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        is_scheme_taken(scheme, kind);
    if (is_good) {
        bool has_port = curl_url_get(parsed, CURLUPART_PORT, &port, 0) == CURLUE_OK;
        int n = snprintf(out, size, "%s%s%s", host, has_port ? ":" : "", has_port ? port : "");
        is_good = n > 0 && (size_t)n < size;
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parsed);
    return is_good;
}

enum ht_err ht_providers_add(struct ht_providers *providers, enum ht_provider_kind kind,
                             const char *url, struct ht_why *why) {
    struct ht_provider provider = {.kind = kind, .score = SCORE_START};
    size_t n = strlen(url);
    while (n > 0 && url[n - 1] == '/') n--;
    if (n >= sizeof provider.url || !name_of_url(provider.name, sizeof provider.name, url, kind)) {
        return ht_fail(why, HT_EINPUT, "bad_url", "not an http or https%s address of a provider",
                       kind == HT_PROVIDER_EXECUTION ? ", ws or wss" : "");
    }
    memcpy(provider.url, url, n);
    size_t of_kind = 0;
    for (size_t i = 0; i < providers->count; i++) {
        if (providers->list[i].kind != kind) continue;
        of_kind++;
        if (strcmp(providers->list[i].url, provider.url) == 0) return HT_OK;
    }
    if (providers->count == HT_PROVIDERS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_providers", "at most %d providers",
                       HT_PROVIDERS_MAX);
    }
    (void)snprintf(provider.id, sizeof provider.id, "%s-%zu", ht_provider_kind_name(kind),
                   of_kind + 1);
    provider.serial = providers->next_serial++;
    providers->list[providers->count++] = provider;
    return HT_OK;
}

/* --- peers ------------------------------------------------------------------------------------ */

/* The place that the node had as that kind, else a free one, else the one that is gone for longest;
 * who has told the truth goes before who lied, so that lies are remembered. NULL: there is none. */
static struct ht_provider *place_for(struct ht_providers *providers, enum ht_provider_kind kind,
                                     const ht_hash32 *node) {
    struct ht_provider *best = NULL;
    int64_t now_ms = ht_mono_ms(providers->clock);
    for (size_t i = 0; i < providers->count; i++) {
        struct ht_provider *one = &providers->list[i];
        if (!one->is_peer) continue;
        if (one->kind == kind && ht_hash32_equal(&one->peer.node, node)) return one;
        if (!one->is_gone || now_ms - one->gone_ms < HT_PROVIDER_REST_MS) continue;
        bool is_better =
            best == NULL ||
            (one->has_lied == best->has_lied ? one->gone_ms < best->gone_ms : best->has_lied);
        if (is_better) best = one;
    }
    if (providers->count == HT_PROVIDERS_MAX) return best;
    return &providers->list[providers->count++];
}

enum ht_err ht_providers_add_peer(struct ht_providers *providers, enum ht_provider_kind kind,
                                  const char *url, const struct ht_provider_peer *peer,
                                  struct ht_why *why) {
    char host[sizeof providers->list[0].name], node[HT_HEX_SIZE(32)];
    size_t n = strlen(url);
    while (n > 0 && url[n - 1] == '/') n--;
    if (n >= sizeof providers->list[0].url || !name_of_url(host, sizeof host, url, kind)) {
        return ht_fail(why, HT_EINPUT, "bad_url", "not an http or https address of a peer");
    }
    struct ht_provider *place = place_for(providers, kind, &peer->node);
    if (place == NULL) {
        return ht_fail(why, HT_ELIMIT, "too_many_providers", "at most %d providers",
                       HT_PROVIDERS_MAX);
    }
    bool is_same =
        place->is_peer && place->kind == kind && ht_hash32_equal(&place->peer.node, &peer->node);
    if (!is_same) {
        *place = (struct ht_provider){.kind = kind,
                                      .score = SCORE_START,
                                      .is_peer = true,
                                      .serial = providers->next_serial++};
        (void)snprintf(place->id, sizeof place->id, "peer-%llu", (unsigned long long)place->serial);
        /* By its key: where it is found is nobody's business who sees what proved an answer. */
        ht_hex_write(node, HT_BYTES(peer->node.b));
        (void)snprintf(place->name, sizeof place->name, "peer %.16s", node + 2);
    }
    memset(place->url, 0, sizeof place->url);
    memcpy(place->url, url, n);
    place->peer = *peer;
    place->is_gone = false;
    place->pause_until_ms = 0;
    return HT_OK;
}

void ht_providers_remove_peer(struct ht_providers *providers, const ht_hash32 *node) {
    for (size_t i = 0; i < providers->count; i++) {
        struct ht_provider *one = &providers->list[i];
        if (!one->is_peer || one->is_gone || !ht_hash32_equal(&one->peer.node, node)) continue;
        one->is_gone = true;
        one->is_in_use = false;
        one->gone_ms = ht_mono_ms(providers->clock);
        memset(one->peer.token, 0, sizeof one->peer.token);
    }
}

size_t ht_providers_count(const struct ht_providers *providers, enum ht_provider_kind kind) {
    size_t count = 0;
    for (size_t i = 0; i < providers->count; i++) {
        const struct ht_provider *one = &providers->list[i];
        if (one->kind == kind && !one->is_gone) count++;
    }
    return count;
}

const struct ht_provider *ht_providers_by_serial(const struct ht_providers *providers,
                                                 uint64_t serial) {
    for (size_t i = 0; i < providers->count; i++) {
        if (providers->list[i].serial == serial) return &providers->list[i];
    }
    return NULL;
}

struct ht_provider *ht_providers_find(struct ht_providers *providers, const char *id) {
    for (size_t i = 0; i < providers->count; i++) {
        if (providers->list[i].is_gone) continue;
        if (strcmp(providers->list[i].id, id) == 0) return &providers->list[i];
    }
    return NULL;
}

/* --- budget ----------------------------------------------------------------------------------- */

static int64_t budget_of(const struct ht_providers *providers, const struct ht_provider *provider) {
    if (provider->kind != HT_PROVIDER_EXECUTION || provider->is_unbounded) return 0;
    if (provider->is_peer) return HT_PROVIDER_PEER_PER_S;
    return providers->has_own_budget ? (int64_t)providers->requests_per_s
                                     : (int64_t)HT_PROVIDER_REQUESTS_PER_S;
}

void ht_providers_set_budget(struct ht_providers *providers, unsigned per_s) {
    providers->has_own_budget = true;
    providers->requests_per_s = per_s;
}

unsigned ht_provider_budget(const struct ht_providers *providers,
                            const struct ht_provider *provider) {
    return (unsigned)budget_of(providers, provider);
}

/* What the time since has not made up for: so many requests a second are as many thousandths in a
 * thousandth of it. */
static int64_t still_spent_milli(const struct ht_provider *provider, int64_t per_s,
                                 int64_t now_ms) {
    int64_t since_ms = now_ms - provider->spent_at_ms;
    bool is_over = since_ms >= provider->spent_milli / per_s + 1;
    return is_over ? 0 : provider->spent_milli - since_ms * per_s;
}

void ht_provider_spend(const struct ht_providers *providers, struct ht_provider *provider,
                       size_t requests) {
    int64_t per_s = budget_of(providers, provider);
    if (per_s == 0) return;
    int64_t now_ms = ht_mono_ms(providers->clock);
    provider->spent_milli = still_spent_milli(provider, per_s, now_ms) + (int64_t)requests * 1000;
    provider->spent_at_ms = now_ms;
}

/* How long until its budget has room for so many requests, 0: now. */
static int64_t budget_wait_ms(const struct ht_providers *providers,
                              const struct ht_provider *provider, size_t requests, int64_t now_ms) {
    int64_t per_s = budget_of(providers, provider);
    if (per_s == 0) return 0;
    int64_t room_milli = 2 * per_s * 1000 - (int64_t)requests * 1000;
    if (room_milli < 0) room_milli = 0; /* a batch that large waits for all to be made up */
    int64_t over_milli = still_spent_milli(provider, per_s, now_ms) - room_milli;
    return over_milli <= 0 ? 0 : (over_milli + per_s - 1) / per_s;
}

/* --- choice ----------------------------------------------------------------------------------- */

static const struct ht_provider_method *find_method(const struct ht_provider *provider,
                                                    const char *method) {
    for (size_t i = 0; method != NULL && i < provider->method_count; i++) {
        if (strcmp(provider->methods[i].method, method) == 0) return &provider->methods[i];
    }
    return NULL;
}

static bool is_better(const struct ht_provider *a, const struct ht_provider *b, const char *method,
                      int64_t now_ms) {
    if (b == NULL) return true;
    int64_t a_behind = a->behind_until_ms > now_ms ? a->behind_until_ms : 0;
    int64_t b_behind = b->behind_until_ms > now_ms ? b->behind_until_ms : 0;
    if (a_behind != b_behind) return a_behind < b_behind;
    if (a->is_peer != b->is_peer) return b->is_peer;
    const struct ht_provider_method *a_method = find_method(a, method);
    const struct ht_provider_method *b_method = find_method(b, method);
    unsigned a_score = a_method != NULL ? a_method->score : a->score;
    unsigned b_score = b_method != NULL ? b_method->score : b->score;
    if (a_score != b_score) return a_score > b_score;
    bool has_both = a_method != NULL && b_method != NULL;
    int64_t a_ms = has_both ? a_method->average_ms : ht_provider_median_ms(a);
    int64_t b_ms = has_both ? b_method->average_ms : ht_provider_median_ms(b);
    return a_ms >= 0 && b_ms >= 0 && a_ms < b_ms;
}

struct ht_provider *ht_providers_pick_for(struct ht_providers *providers,
                                          enum ht_provider_kind kind,
                                          const struct ht_provider_wish *wish, int64_t *wait_ms) {
    int64_t now_ms = ht_mono_ms(providers->clock);
    struct ht_provider *best = NULL;
    *wait_ms = -1;
    for (size_t i = 0; i < providers->count; i++) {
        struct ht_provider *one = &providers->list[i];
        if (one->kind != kind || one->has_lied || one->is_gone) continue;
        if (wish->may != NULL && !wish->may(wish->user, one)) continue;
        int64_t pause_ms = one->pause_until_ms - now_ms;
        int64_t budget_ms = budget_wait_ms(providers, one, wish->requests, now_ms);
        if (budget_ms > pause_ms) pause_ms = budget_ms;
        if (pause_ms > 0) {
            if (*wait_ms < 0 || pause_ms < *wait_ms) *wait_ms = pause_ms;
        } else if (is_better(one, best, wish->method, now_ms)) {
            best = one;
        }
    }
    return best;
}

struct ht_provider *ht_providers_pick_where(struct ht_providers *providers,
                                            enum ht_provider_kind kind, ht_provider_filter *may,
                                            const void *user, int64_t *wait_ms) {
    struct ht_provider_wish wish = {.may = may, .user = user, .requests = 1};
    return ht_providers_pick_for(providers, kind, &wish, wait_ms);
}

static bool is_another(const void *but, const struct ht_provider *provider) {
    return provider != but;
}

struct ht_provider *ht_providers_pick(struct ht_providers *providers, enum ht_provider_kind kind,
                                      const struct ht_provider *but, int64_t *wait_ms) {
    struct ht_provider *best = ht_providers_pick_where(providers, kind, is_another, but, wait_ms);
    return best != NULL || but == NULL
               ? best
               : ht_providers_pick_where(providers, kind, NULL, NULL, wait_ms);
}

bool ht_provider_lacks(const struct ht_provider *provider, const char *method) {
    for (size_t i = 0; i < provider->lack_count; i++) {
        if (strcmp(provider->lacks[i], method) == 0) return true;
    }
    return false;
}

void ht_provider_note_lack(struct ht_provider *provider, const char *method) {
    if (provider->lack_count == HT_PROVIDER_LACKS_MAX || ht_provider_lacks(provider, method))
        return;
    provider->lacks[provider->lack_count++] = method;
}

/* --- what came of asking ---------------------------------------------------------------------- */

static unsigned raised(unsigned score, int64_t elapsed_ms) {
    unsigned target = elapsed_ms > SLOW_MS ? 60 : 100;
    return (score * 7 + target + 7) / 8;
}

void ht_provider_note_method(struct ht_provider *provider, const char *method, bool has_answered,
                             int64_t elapsed_ms) {
    struct ht_provider_method *entry = NULL;
    for (size_t i = 0; i < provider->method_count && entry == NULL; i++) {
        if (strcmp(provider->methods[i].method, method) == 0) entry = &provider->methods[i];
    }
    if (entry == NULL) {
        if (provider->method_count == HT_PROVIDER_METHODS_MAX) return;
        entry = &provider->methods[provider->method_count++];
        *entry =
            (struct ht_provider_method){.method = method, .score = SCORE_START, .average_ms = -1};
    }
    if (!has_answered) {
        entry->failed++;
        entry->score = entry->score > 10 ? entry->score - 10 : 0;
        return;
    }
    entry->answered++;
    entry->score = raised(entry->score, elapsed_ms);
    entry->average_ms =
        entry->average_ms < 0 ? elapsed_ms : (entry->average_ms * 3 + elapsed_ms) / 4;
}

void ht_provider_succeeded(struct ht_providers *providers, struct ht_provider *provider,
                           int64_t elapsed_ms) {
    for (size_t i = 0; i < providers->count; i++) {
        if (providers->list[i].kind == provider->kind) providers->list[i].is_in_use = false;
    }
    provider->is_in_use = true;
    const size_t room = sizeof provider->recent_ms / sizeof *provider->recent_ms;
    provider->recent_ms[provider->recent_count++ % room] = elapsed_ms;
    provider->requests++;
    provider->failures_in_row = 0;
    provider->pause_until_ms = 0;
    provider->behind_until_ms = 0;
    provider->score = raised(provider->score, elapsed_ms);
}

void ht_provider_lagged(struct ht_providers *providers, struct ht_provider *provider,
                        int64_t for_ms) {
    provider->behind_until_ms = ht_mono_ms(providers->clock) + for_ms;
}

/* Doubling from half a second to five minutes, a quarter of it either way by chance. */
static int64_t next_pause_ms(const struct ht_providers *providers, unsigned failures_in_row) {
    int64_t pause_ms = PAUSE_FIRST_MS;
    for (unsigned i = 1; i < failures_in_row && pause_ms < PAUSE_LAST_MS; i++) pause_ms *= 2;
    if (pause_ms > PAUSE_LAST_MS) pause_ms = PAUSE_LAST_MS;
    uint64_t jitter = ht_random_below(providers->random, (uint64_t)pause_ms / 2);
    return pause_ms * 3 / 4 + (int64_t)jitter;
}

static void note_failure(struct ht_providers *providers, struct ht_provider *provider,
                         const struct ht_why *why, unsigned lost_score) {
    provider->is_in_use = false;
    provider->requests++;
    provider->failures++;
    provider->failures_in_row++;
    provider->score = provider->score > lost_score ? provider->score - lost_score : 0;
    provider->last_error = *why;
    provider->last_error_ms = ht_wall_ms(providers->clock);
    provider->pause_until_ms =
        ht_mono_ms(providers->clock) + next_pause_ms(providers, provider->failures_in_row);
}

void ht_provider_failed(struct ht_providers *providers, struct ht_provider *provider,
                        const struct ht_why *why, int64_t retry_after_ms) {
    note_failure(providers, provider, why, 10);
    if (retry_after_ms > PAUSE_LAST_MS) retry_after_ms = PAUSE_LAST_MS;
    if (retry_after_ms < 0) return;
    provider->told_until_ms = ht_mono_ms(providers->clock) + retry_after_ms;
    if (provider->told_until_ms > provider->pause_until_ms) {
        provider->pause_until_ms = provider->told_until_ms;
    }
}

void ht_providers_hurry(struct ht_providers *providers, enum ht_provider_kind kind,
                        int64_t max_ms) {
    int64_t until_ms = ht_mono_ms(providers->clock) + max_ms;
    for (size_t i = 0; i < providers->count; i++) {
        struct ht_provider *one = &providers->list[i];
        int64_t end_ms = one->told_until_ms > until_ms ? one->told_until_ms : until_ms;
        if (one->kind == kind && one->pause_until_ms > end_ms) one->pause_until_ms = end_ms;
    }
}

static void keep_fault(struct ht_provider *provider, const struct ht_provider_fault *fault,
                       bool is_lie) {
    if (provider->fault_count == HT_PROVIDER_FAULTS_MAX) {
        memmove(provider->faults, provider->faults + 1,
                sizeof provider->faults - sizeof *provider->faults);
        provider->fault_count--;
    }
    provider->faults[provider->fault_count++] = *fault;
    provider->faults_seen++;
    if (is_lie) {
        provider->has_lied = true;
        provider->score = 0;
    }
}

void ht_provider_faulted(struct ht_providers *providers, struct ht_provider *provider,
                         const struct ht_provider_fault *fault, bool is_lie) {
    note_failure(providers, provider, &fault->why, 30);
    keep_fault(provider, fault, is_lie);
    if (is_lie && provider->is_peer && providers->on_lie != NULL) {
        providers->on_lie(providers->user, provider, fault);
    }
}

void ht_provider_recall_lie(struct ht_provider *provider, const struct ht_provider_fault *fault) {
    keep_fault(provider, fault, true);
    provider->last_error = fault->why;
    provider->last_error_ms = fault->at_ms;
}

void ht_provider_forgive(struct ht_provider *provider) {
    provider->has_lied = false;
    provider->score = SCORE_START / 2;
    provider->failures_in_row = 0;
    provider->pause_until_ms = 0;
    provider->told_until_ms = 0;
}

enum ht_provider_state ht_provider_state(const struct ht_provider *provider) {
    if (provider->has_lied) return HT_PROVIDER_LIED;
    if (provider->failures_in_row > 0) return HT_PROVIDER_FAILING;
    if (ht_provider_median_ms(provider) > SLOW_MS) return HT_PROVIDER_SLOW;
    return provider->is_in_use ? HT_PROVIDER_IN_USE : HT_PROVIDER_READY;
}

const char *ht_provider_state_name(enum ht_provider_state state) {
    switch (state) {
    case HT_PROVIDER_IN_USE: return "in_use";
    case HT_PROVIDER_READY: return "ready";
    case HT_PROVIDER_SLOW: return "slow";
    case HT_PROVIDER_FAILING: return "failing";
    case HT_PROVIDER_LIED: return "lied";
    }
    return "?";
}

const char *ht_provider_kind_name(enum ht_provider_kind kind) {
    switch (kind) {
    case HT_PROVIDER_BEACON: return "beacon";
    case HT_PROVIDER_CHECKPOINT: return "checkpoint";
    case HT_PROVIDER_EXECUTION: return "execution";
    }
    return "?";
}

static int compare_ms(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

int64_t ht_provider_median_ms(const struct ht_provider *provider) {
    int64_t sorted[sizeof provider->recent_ms / sizeof *provider->recent_ms];
    const size_t room = sizeof sorted / sizeof *sorted;
    size_t n = provider->recent_count < room ? provider->recent_count : room;
    if (n == 0) return -1;
    memcpy(sorted, provider->recent_ms, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_ms);
    return sorted[n / 2];
}

bool ht_providers_all_down(const struct ht_providers *providers, enum ht_provider_kind kind) {
    for (size_t i = 0; i < providers->count; i++) {
        const struct ht_provider *one = &providers->list[i];
        if (one->kind != kind || one->is_gone) continue;
        if (!one->has_lied && one->failures_in_row == 0) return false;
    }
    return true;
}
