/* Requests of NIP-86: their names and parameters. */
#include "social/relay/manage.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "node/codec/json.h"
#include "node/nostr/event.h"

enum sort { OF_NOTHING, OF_HASH, OF_KIND, OF_ADDRESS, OF_TEXT };

static const struct method {
    const char *name;
    enum sort sort;
    size_t max; /* of a text */
} methods[] = {
    [HT_MANAGE_SUPPORTED_METHODS] = {"supportedmethods", OF_NOTHING, 0},
    [HT_MANAGE_BAN_KEY] = {"banpubkey", OF_HASH, 0},
    [HT_MANAGE_UNBAN_KEY] = {"unbanpubkey", OF_HASH, 0},
    [HT_MANAGE_LIST_BANNED_KEYS] = {"listbannedpubkeys", OF_NOTHING, 0},
    [HT_MANAGE_ALLOW_KEY] = {"allowpubkey", OF_HASH, 0},
    [HT_MANAGE_UNALLOW_KEY] = {"unallowpubkey", OF_HASH, 0},
    [HT_MANAGE_LIST_ALLOWED_KEYS] = {"listallowedpubkeys", OF_NOTHING, 0},
    [HT_MANAGE_LIST_REPORTED_EVENTS] = {"listeventsneedingmoderation", OF_NOTHING, 0},
    [HT_MANAGE_ALLOW_EVENT] = {"allowevent", OF_HASH, 0},
    [HT_MANAGE_UNALLOW_EVENT] = {"unallowevent", OF_HASH, 0},
    [HT_MANAGE_BAN_EVENT] = {"banevent", OF_HASH, 0},
    [HT_MANAGE_UNBAN_EVENT] = {"unbanevent", OF_HASH, 0},
    [HT_MANAGE_LIST_BANNED_EVENTS] = {"listbannedevents", OF_NOTHING, 0},
    [HT_MANAGE_LIST_ALLOWED_EVENTS] = {"listallowedevents", OF_NOTHING, 0},
    [HT_MANAGE_CHANGE_NAME] = {"changerelayname", OF_TEXT, 63},
    [HT_MANAGE_CHANGE_DESCRIPTION] = {"changerelaydescription", OF_TEXT, HT_MANAGE_TEXT_MAX},
    [HT_MANAGE_CHANGE_ICON] = {"changerelayicon", OF_TEXT, 255},
    [HT_MANAGE_ALLOW_KIND] = {"allowkind", OF_KIND, 0},
    [HT_MANAGE_DISALLOW_KIND] = {"disallowkind", OF_KIND, 0},
    [HT_MANAGE_LIST_ALLOWED_KINDS] = {"listallowedkinds", OF_NOTHING, 0},
    [HT_MANAGE_LIST_DISALLOWED_KINDS] = {"listdisallowedkinds", OF_NOTHING, 0},
    [HT_MANAGE_BLOCK_ADDRESS] = {"blockip", OF_ADDRESS, 0},
    [HT_MANAGE_UNBLOCK_ADDRESS] = {"unblockip", OF_ADDRESS, 0},
    [HT_MANAGE_LIST_BLOCKED_ADDRESSES] = {"listblockedips", OF_NOTHING, 0},
};

#define METHODS (sizeof methods / sizeof *methods)

json_t *ht_manage_methods(void) {
    json_t *array = json_array();
    for (size_t i = HT_MANAGE_SUPPORTED_METHODS + 1; i < METHODS; i++) {
        if (json_array_append_new(array, json_string(methods[i].name)) == 0) continue;
        json_decref(array);
        return NULL;
    }
    return array;
}

bool ht_manage_address(char out[static HT_MANAGE_ADDRESS_SIZE], const char *text) {
    struct in6_addr six;
    struct in_addr four;
    bool is_four = inet_pton(AF_INET, text, &four) == 1;
    if (!is_four && inet_pton(AF_INET6, text, &six) != 1) return false;
    if (!is_four && IN6_IS_ADDR_V4MAPPED(&six)) {
        memcpy(&four, six.s6_addr + 12, sizeof four);
        is_four = true;
    }
    const void *address = is_four ? (const void *)&four : (const void *)&six;
    return inet_ntop(is_four ? AF_INET : AF_INET6, address, out, HT_MANAGE_ADDRESS_SIZE) != NULL;
}

static bool copy(char *out, size_t max, const char *text) {
    size_t n = strlen(text);
    if (n > max) return false;
    memcpy(out, text, n + 1);
    return true;
}

static bool read_subject(struct ht_manage_request *out, const struct method *method,
                         const json_t *params) {
    const char *text = "";
    uint64_t kind = 0;
    switch (method->sort) {
    case OF_NOTHING: return true;
    case OF_KIND:
        if (ht_json_u64(&kind, params, "[0]", NULL) != HT_OK || kind > UINT16_MAX) return false;
        out->kind = (uint32_t)kind;
        return json_is_integer(json_array_get(params, 0));
    case OF_HASH:
        return ht_json_text(&text, params, "[0]", NULL) == HT_OK &&
               ht_event_hex32(&out->hash, ht_bytes_str(text));
    case OF_ADDRESS:
        return ht_json_text(&text, params, "[0]", NULL) == HT_OK &&
               ht_manage_address(out->text, text);
    case OF_TEXT:
        return ht_json_text(&text, params, "[0]", NULL) == HT_OK &&
               copy(out->text, method->max, text);
    }
    return false;
}

static enum ht_err read_params(struct ht_manage_request *out, const struct method *method,
                               const json_t *params, struct ht_why *why) {
    const json_t *reason = json_array_get(params, 1);
    const char *text = "";
    bool is_right = params == NULL || json_is_array(params);
    /* A reason is optional, and some programs send null for none. */
    bool has_reason = method->sort != OF_NOTHING && reason != NULL && !json_is_null(reason);
    if (has_reason && ht_json_text(&text, params, "[1]", NULL) != HT_OK) is_right = false;
    is_right = is_right && copy(out->reason, HT_MANAGE_REASON_MAX, text);
    if (is_right && read_subject(out, method, params)) return HT_OK;
    return ht_fail(why, HT_EINPUT, "manage_params", "%s has other parameters", method->name);
}

enum ht_err ht_manage_read(struct ht_manage_request *out, ht_bytes body, struct ht_why *why) {
    struct ht_manage_request request = {.text = "", .reason = ""};
    json_t *json = NULL;
    const char *name = NULL;
    enum ht_err err = ht_json_parse(&json, body, HT_MANAGE_REQUEST_MAX, why);
    if (err != HT_OK) return err;
    const struct method *method = NULL;
    bool has_name = ht_json_text(&name, json, "method", NULL) == HT_OK;
    for (size_t i = 0; has_name && i < METHODS; i++) {
        if (strcmp(methods[i].name, name) == 0) method = &methods[i];
    }
    if (!has_name) {
        err = ht_fail(why, HT_EINPUT, "manage_request", "a request names its method");
    } else if (method == NULL) {
        err = ht_fail(why, HT_ENOTFOUND, "manage_method", "there is no such method");
    } else {
        request.method = (enum ht_manage_method)(method - methods);
        err = read_params(&request, method, json_object_get(json, "params"), why);
    }
    json_decref(json);
    if (err == HT_OK) *out = request;
    return err;
}
