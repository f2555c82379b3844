/* What may be asked without a session to get one with an Ethereum account. Who an account is and
 * who may, the module knows; this door decides what reaches it, and how often. */
#include "node/api/server_siwe.h"

#include <stdio.h>

#include "node/base/log.h"
#include "node/codec/json.h"

bool ht_api_siwe_is_open(const struct ht_api *api) {
    return api->way != NULL && api->way->is_open(api->way_self);
}

json_t *ht_api_siwe_fact(const struct ht_api *api) {
    return json_pack("{s:b}", "is_enabled", (int)ht_api_siwe_is_open(api));
}

/* Requests come back one by one; the time since the last that did is kept. */
static void refill(struct ht_api *api, int64_t now_ms) {
    int64_t back = (now_ms - api->siwe_since_ms) / HT_API_SIWE_EACH_MS;
    if (back >= (int64_t)api->siwe_used) {
        api->siwe_used = 0;
        api->siwe_since_ms = now_ms;
    } else {
        api->siwe_used -= (unsigned)back;
        api->siwe_since_ms += back * HT_API_SIWE_EACH_MS;
    }
}

enum ht_err ht_api_siwe_take_turn(struct ht_api *api, struct ht_why *why) {
    refill(api, ht_mono_ms(ht_loop_clock(api->loop)));
    if (api->siwe_used >= HT_API_SIWE_BURST) {
        return ht_fail(why, HT_EAGAIN, "too_many_attempts",
                       "too many attempts to sign in with an account; try again in %d seconds",
                       HT_API_SIWE_EACH_MS / 1000);
    }
    api->siwe_used++;
    return HT_OK;
}

/* A challenge for another address would be of use there only. */
static enum ht_err check_challenge(const json_t *request, ht_bytes host, struct ht_why *why) {
    const char *domain;
    const char *uri;
    char good[128];
    enum ht_err err = ht_json_text(&domain, request, "params.domain", why);
    if (err == HT_OK) err = ht_json_text(&uri, request, "params.uri", why);
    if (err != HT_OK) return err;
    (void)snprintf(good, sizeof good, "http://%.*s/", (int)host.n, (const char *)host.p);
    if (ht_bytes_equal(ht_bytes_str(domain), host) && strcmp(uri, good) == 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_domain", "a challenge is given for %s only", good);
}

enum ht_err ht_api_siwe_check(ht_bytes message, ht_bytes host, struct ht_why *why) {
    json_t *request = NULL;
    const char *method;
    enum ht_err err = ht_json_parse(&request, message, HT_API_SIWE_BODY_MAX, why);
    if (err == HT_OK && !json_is_object(request)) {
        err = ht_fail(why, HT_EINPUT, "bad_request", "one request is taken here, and no batch");
    }
    if (err == HT_OK) err = ht_json_text(&method, request, "method", why);
    if (err == HT_OK && strcmp(method, "siwe.challenge") == 0) {
        err = check_challenge(request, host, why);
    } else if (err == HT_OK && strcmp(method, "siwe.verify") != 0) {
        err = ht_fail(why, HT_EDENIED, "siwe_method",
                      "without a session only siwe.challenge and siwe.verify are answered");
    }
    json_decref(request);
    return err;
}

enum ht_err ht_api_siwe_redeem(struct ht_api *api, ht_bytes ticket, ht_bytes host,
                               struct ht_why *why) {
    char who[HT_SIGN_IN_WHO_SIZE] = "";
    enum ht_err err = ht_api_siwe_take_turn(api, why);
    if (err == HT_OK && !ht_api_siwe_is_open(api)) {
        err = ht_fail(why, HT_EDENIED, "siwe_off", "no account may sign in to this node");
    }
    if (err == HT_OK) err = api->way->redeem(api->way_self, who, ticket, host, why);
    if (err == HT_OK) ht_log(HT_LOG_INFO, "api", "%s signed in to the web UI", who);
    return err;
}
