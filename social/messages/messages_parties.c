/* Whom a method of messages means, and which relays they can be reached by. */
#include "social/messages/messages_parties.h"

#include "node/codec/json.h"
#include "social/feed/look.h"
#include "social/kinds.h"
#include "social/links/peers.h"
#include "social/mesh/mesh_service.h"

#define RELAYS_MAX 4U /* of one party; NIP-17 asks for 1 to 3 */

/* --- people -------------------------------------------------------------------------------------
 */

static enum ht_err add_person(struct ht_parties *parties, const json_t *text,
                              const ht_hash32 *owner, struct ht_why *why) {
    ht_hash32 key;
    if (!json_is_string(text)) {
        return ht_fail(why, HT_EINPUT, "bad_npub", "that is no public key of Nostr");
    }
    json_t *named = json_pack("{s:O}", "pubkey", (json_t *)text);
    if (named == NULL) return ht_task_no_memory(why);
    enum ht_err err = ht_task_pubkey(&key, named, why);
    json_decref(named);
    if (err == HT_OK) err = ht_parties_add(parties, &key, owner);
    if (err != HT_ELIMIT) return err;
    return ht_fail(why, HT_ELIMIT, "too_many", "at most %u people", HT_MESSAGE_PARTIES_MAX);
}

enum ht_err ht_messages_parties(struct ht_parties *out, const json_t *params,
                                const ht_hash32 *owner, struct ht_why *why) {
    const json_t *others = ht_json_member(params, "others");
    size_t i;
    json_t *one;
    out->count = 0;
    if (others != NULL && !json_is_array(others)) {
        return ht_fail(why, HT_EINPUT, "bad_npub", "others is a list of public keys");
    }
    enum ht_err err = add_person(out, ht_json_member(params, "with"), owner, why);
    json_array_foreach(others, i, one) {
        if (err == HT_OK) err = add_person(out, one, owner, why);
    }
    return err;
}

/* --- their relays -------------------------------------------------------------------------------
 */

static void add_url(json_t *urls, const char *url) {
    char name[HT_LINK_URL_SIZE];
    size_t i;
    json_t *one;
    if (json_array_size(urls) == RELAYS_MAX || ht_link_url(name, url, NULL) != HT_OK) return;
    json_array_foreach(urls, i, one) {
        if (strcmp(json_string_value(one), name) == 0) return;
    }
    (void)json_array_append_new(urls, json_string(name));
}

static void add_named(json_t *urls, const json_t *event, const char *tag_name, bool is_read) {
    size_t i;
    json_t *tag;
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *url = ht_look_item(tag, 1);
        const char *use = ht_look_item(tag, 2);
        if (name == NULL || url == NULL || strcmp(name, tag_name) != 0) continue;
        bool is_for_writing = is_read && use != NULL && strcmp(use, "write") == 0;
        if (!is_for_writing) add_url(urls, url);
    }
}

enum ht_err ht_reach_read(struct ht_reach *out, struct ht_task *task, const ht_hash32 *party,
                          struct ht_why *why) {
    json_t *list = NULL, *relays = NULL;
    enum ht_err err = ht_look_newest(&list, task, party, HT_KIND_DM_RELAYS, why);
    if (err == HT_OK) err = ht_look_newest(&relays, task, party, HT_KIND_RELAYS, why);
    json_t *urls = err == HT_OK ? json_array() : NULL;
    if (err == HT_OK && urls == NULL) err = ht_task_no_memory(why);
    if (err == HT_OK) {
        add_named(urls, list, "relay", false);
        *out = (struct ht_reach){.urls = urls, .has_list = json_array_size(urls) > 0};
        if (!out->has_list) add_named(urls, relays, "r", true);
    }
    json_decref(list);
    json_decref(relays);
    return err;
}

void ht_reach_look_here(struct ht_reach *reach, const struct ht_social *social,
                        const ht_hash32 *party) {
    const struct ht_nostr_keys *keys = social->host->nostr_keys(social->host);
    struct ht_nostr_key list[64];
    bool is_open;
    size_t i, count = keys != NULL ? keys->list(keys->self, list, 64, &is_open) : 0;
    json_t *url;
    for (i = 0; i < count && i < 64; i++) {
        if (ht_hash32_equal(&list[i].pubkey, party)) reach->is_here = true;
    }
    if (ht_mesh_reaches(social, party)) reach->is_here = true;
    json_array_foreach(reach->urls, i, url) {
        if (ht_peers_is_door(social, json_string_value(url))) reach->is_here = true;
    }
}
