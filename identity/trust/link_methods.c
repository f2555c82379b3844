/* Links for people: the methods, the topic, and listening to the feeds. */
#include "identity/trust/link_methods.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/attest/attest.h"
#include "identity/attest/attest_share.h"
#include "identity/keys/accounts.h"
#include "identity/trust/link_check.h"
#include "identity/wallet/send.h"
#include "node/base/hex.h"
#include "node/codec/bech32.h"
#include "node/codec/json.h"

#define KIND_DELETE 5U

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- shown ------------------------------------------------------------------------------------ */

const char *ht_id_link_state_name(enum ht_id_link_state state) {
    switch (state) {
    case HT_ID_LINK_UNVERIFIED: return "unverified";
    case HT_ID_LINK_LINKED: return "linked";
    case HT_ID_LINK_OWNER_CHANGED: return "owner_changed";
    case HT_ID_LINK_NOT_SIGNED: return "not_signed";
    }
    return "unverified";
}

static json_t *block_json(bool is_there, uint64_t number, const ht_hash32 *hash, uint64_t time_s) {
    char hex[HT_HEX_SIZE(32)];
    if (!is_there) return json_null();
    ht_hex_write(hex, HT_BYTES(hash->b));
    return json_pack("{s:I, s:s, s:I}", "number", (json_int_t)number, "hash", hex, "timestamp",
                     (json_int_t)time_s);
}

static const struct ht_feed *feed_of(const struct ht_identity *identity) {
    return identity->host->feed != NULL ? identity->host->feed(identity->host) : NULL;
}

static bool is_mine(const struct ht_identity *identity, const struct ht_id_link *link) {
    const struct ht_feed *feed = feed_of(identity);
    ht_hash32 owner;
    return feed != NULL && feed->owner(feed->self, &owner) &&
           ht_hash32_equal(&owner, &link->claim.pubkey);
}

json_t *ht_id_link_json(const struct ht_identity *identity, const struct ht_id_link *link) {
    char key[HT_HEX_SIZE(32)], id[HT_HEX_SIZE(32)], address[HT_HEX_SIZE(20)],
        owner[HT_HEX_SIZE(20)], did[HT_ID_LINK_DID_SIZE];
    const struct ht_id_link_claim *claim = &link->claim;
    ht_hex_write(key, HT_BYTES(claim->pubkey.b));
    ht_hex_write(id, HT_BYTES(link->event_id.b));
    ht_hex_write(address, HT_BYTES(claim->address.b));
    ht_hex_write(owner, HT_BYTES(link->owner.b));
    ht_id_link_did(did, claim->chain_id, &claim->address);
    bool has_why = link->state != HT_ID_LINK_LINKED && link->code[0] != '\0';
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:s, s:b, s:b, s:s?, s:o, s:s?, s:s?}", "pubkey", key + 2,
        "address", address, "did", did, "state", ht_id_link_state_name(link->state), "issued",
        (json_int_t)claim->issued, "event_id", id + 2, "is_mine", (int)is_mine(identity, link),
        "counts", (int)(link->leads && link->is_chosen), "owner", link->has_block ? owner : NULL,
        "as_of", block_json(link->has_block, link->block, &link->block_hash, link->block_s), "code",
        has_why ? link->code : NULL, "why", has_why ? link->why : NULL);
}

enum ht_err ht_id_links_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_id_links *links = ((const struct ht_identity *)self)->links;
    *out = json_pack(
        "{s:I, s:I, s:o}", "count", (json_int_t)links->count, "changes", (json_int_t)links->changes,
        "as_of", block_json(links->has_as_of, links->as_of, &links->as_of_hash, links->as_of_s));
    return *out != NULL ? HT_OK : no_memory(why);
}

static enum ht_err list_links(void *self, json_t **result, const json_t *params,
                              struct ht_why *why) {
    const struct ht_identity *identity = self;
    const struct ht_id_links *links = identity->links;
    const struct ht_feed *feed = feed_of(identity);
    ht_hash32 owner;
    const bool has_owner = feed != NULL && feed->owner(feed->self, &owner);
    json_t *list = json_array();
    (void)params;
    for (int mine = 1; mine >= 0; mine--) {
        for (size_t i = links->count; i > 0; i--) {
            const struct ht_id_link *link = links->list[i - 1];
            bool is_own = has_owner && ht_hash32_equal(&owner, &link->claim.pubkey);
            if (is_own != (mine == 1)) continue;
            if (json_array_size(list) < HT_ID_LINKS_TOLD)
                (void)json_array_append_new(list, ht_id_link_json(identity, link));
        }
    }
    *result = json_pack("{s:o}", "links", list);
    return *result != NULL ? HT_OK : no_memory(why);
}

/* --- asked about ------------------------------------------------------------------------------ */

static bool read_pubkey(ht_hash32 *out, ht_bytes text) {
    char prefixed[67] = "0x";
    size_t n = 0;
    if (ht_bech32_decode(out->b, &n, 32, "npub", text, NULL) == HT_OK && n == 32) return true;
    if (text.n != 64) return false;
    memcpy(prefixed + 2, text.p, 64);
    return ht_hex_read(out->b, 32, ht_bytes_of(prefixed, 66)) == HT_OK;
}

enum ht_err ht_id_link_whom(ht_hash32 *pubkey, ht_addr20 *address, bool *has_pubkey,
                            const json_t *params, struct ht_why *why) {
    ht_bytes text;
    const json_t *key = ht_json_member(params, "pubkey");
    if ((key == NULL) == (ht_json_member(params, "address") == NULL))
        return ht_fail(why, HT_EINPUT, "link_whom", "say one of \"pubkey\" and \"address\"");
    *has_pubkey = key != NULL;
    if (key == NULL) return ht_json_hex(address->b, sizeof address->b, params, "address", why);
    enum ht_err err = ht_json_str(&text, params, "pubkey", why);
    if (err != HT_OK || read_pubkey(pubkey, text)) return err;
    return ht_fail(why, HT_EINPUT, "bad_npub", "that is no public key of Nostr");
}

static bool is_about(const struct ht_id_link *link, bool has_pubkey, const ht_hash32 *pubkey,
                     const ht_addr20 *address) {
    return has_pubkey ? ht_hash32_equal(&link->claim.pubkey, pubkey)
                      : memcmp(link->claim.address.b, address->b, 20) == 0;
}

static enum ht_err check_link(void *self, json_t **result, const json_t *params,
                              struct ht_why *why) {
    const struct ht_identity *identity = self;
    const struct ht_id_links *links = identity->links;
    ht_hash32 pubkey;
    ht_addr20 address;
    bool has_pubkey;
    enum ht_err err = ht_id_link_whom(&pubkey, &address, &has_pubkey, params, why);
    if (err != HT_OK) return err;
    const struct ht_id_link *best = has_pubkey ? ht_id_link_of_key(identity, &pubkey)
                                               : ht_id_link_of_address(identity, &address);
    for (size_t i = links->count; best == NULL && i > 0; i--) {
        const struct ht_id_link *link = links->list[i - 1];
        if (is_about(link, has_pubkey, &pubkey, &address)) best = link;
    }
    json_t *conflicts = json_array();
    for (size_t i = links->count; i > 0; i--) {
        const struct ht_id_link *link = links->list[i - 1];
        if (link == best || !is_about(link, has_pubkey, &pubkey, &address)) continue;
        if (json_array_size(conflicts) < HT_ID_LINKS_TOLD)
            (void)json_array_append_new(conflicts, ht_id_link_json(identity, link));
    }
    *result = json_pack("{s:s, s:o, s:o}", "state",
                        best != NULL ? ht_id_link_state_name(best->state) : "none", "link",
                        best != NULL ? ht_id_link_json(identity, best) : json_null(), "conflicts",
                        conflicts);
    return *result != NULL ? HT_OK : no_memory(why);
}

/* --- made and ended --------------------------------------------------------------------------- */

struct making {
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    struct ht_id_link_claim claim;
    bool is_end;
};

static void refuse(struct making *making, enum ht_err err, const struct ht_why *why) {
    ht_rpc_refuse(making->call, err, why);
    free(making);
}

/* The owner's key and the feeds, or why not. */
static enum ht_err need_feed(const struct ht_feed **out, ht_hash32 *owner,
                             const struct ht_identity *identity, struct ht_why *why) {
    const struct ht_feed *feed = feed_of(identity);
    if (feed == NULL) return ht_fail(why, HT_EDENIED, "no_feed", "this node has no feeds");
    *out = feed;
    if (feed->owner(feed->self, owner)) return HT_OK;
    return ht_fail(why, HT_EDENIED, "no_nostr_key", "the wallet has no Nostr key yet");
}

static void published(void *user, enum ht_err err, const struct ht_why *why, const ht_hash32 *id) {
    struct making *making = user;
    struct ht_why reason = {0};
    if (err != HT_OK) {
        refuse(making, err, why);
        return;
    }
    char hex[HT_HEX_SIZE(32)];
    ht_hex_write(hex, HT_BYTES(id->b));
    const struct ht_id_link *link =
        making->is_end || making->identity->links == NULL
            ? NULL
            : ht_id_link_find(making->identity, &making->claim.pubkey, &making->claim.address);
    json_t *result =
        making->is_end
            ? json_pack("{s:s}", "id", hex + 2)
            : json_pack("{s:s, s:o}", "id", hex + 2, "link",
                        link != NULL ? ht_id_link_json(making->identity, link) : json_null());
    if (result == NULL) {
        refuse(making, no_memory(&reason), &reason);
        return;
    }
    ht_rpc_finish(making->call, result);
    free(making);
}

static void signed_link(void *user, enum ht_err err, const struct ht_why *why, json_t *result) {
    struct making *making = user;
    struct ht_why reason = why != NULL ? *why : (struct ht_why){0};
    struct ht_buf content, signature;
    const struct ht_feed *feed = NULL;
    json_t *tags = NULL;
    ht_hash32 owner;
    ht_buf_init(&content, HT_ID_LINK_CONTENT_MAX + 1);
    ht_buf_init(&signature, HT_ID_LINK_SIGNATURE_MAX);
    if (err == HT_OK) err = need_feed(&feed, &owner, making->identity, &reason);
    if (err == HT_OK && !ht_hash32_equal(&owner, &making->claim.pubkey))
        err = ht_fail(&reason, HT_EDENIED, "link_other_key", "another key posts by now");
    if (err == HT_OK) err = ht_json_hex_buf(&signature, result, "", &reason);
    if (err == HT_OK)
        err = ht_id_link_write(&content, &tags, &making->claim, ht_buf_view(&signature), &reason);
    if (err == HT_OK && ht_buf_add(&content, ht_bytes_of("", 1)) != HT_OK) err = no_memory(&reason);
    if (err == HT_OK) {
        feed->publish(feed->self, HT_ID_LINK_KIND, (const char *)ht_buf_view(&content).p, tags,
                      "a link with an account", published, making);
    } else {
        json_decref(tags);
        refuse(making, err, &reason);
    }
    json_decref(result);
    ht_buf_fini(&content);
    ht_buf_fini(&signature);
}

static struct making *begin(struct ht_identity *identity, struct ht_rpc_call *call) {
    struct ht_why why = {0};
    struct making *making = calloc(1, sizeof *making);
    if (making == NULL) {
        ht_rpc_refuse(call, no_memory(&why), &why);
        return NULL;
    }
    making->identity = identity;
    making->call = call;
    making->claim.chain_id = identity->host->network->chain_id;
    making->claim.issued = (uint64_t)(ht_wall_ms(identity->host->clock) / 1000);
    return making;
}

static bool is_awaited(void *user) {
    return ht_rpc_call_is_awaited(((const struct making *)user)->call);
}

static void make_link(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    const struct ht_feed *feed;
    struct ht_sign_request *request;
    struct making *making = begin(self, call);
    if (making == NULL) return;
    struct ht_sign_options options = {
        .kind = HT_SIGN_TYPED, .done = signed_link, .is_awaited = is_awaited, .user = making};
    struct ht_id_link_claim *claim = &making->claim;
    enum ht_err err = need_feed(&feed, &claim->pubkey, self, &why);
    if (err == HT_OK) err = ht_json_hex(options.account.b, 20, params, "account", &why);
    claim->address = options.account;
    if (err == HT_OK && ht_json_member(params, "identity") != NULL)
        err = ht_json_hex(claim->address.b, 20, params, "identity", &why);
    json_t *typed = err == HT_OK ? ht_id_link_typed(claim) : NULL;
    if (err == HT_OK && typed == NULL) err = no_memory(&why);
    options.params = typed;
    if (err != HT_OK) {
        refuse(making, err, &why);
    } else {
        ht_sign(self, &request, &options);
    }
    json_decref(typed);
}

static void end_link(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    const struct ht_feed *feed = NULL;
    struct making *making = begin(self, call);
    if (making == NULL) return;
    struct ht_id_link_claim *claim = &making->claim;
    making->is_end = true;
    enum ht_err err = need_feed(&feed, &claim->pubkey, self, &why);
    if (err == HT_OK) err = ht_json_hex(claim->address.b, 20, params, "account", &why);
    if (err == HT_OK && ht_id_link_find(self, &claim->pubkey, &claim->address) == NULL)
        err = ht_fail(&why, HT_ENOTFOUND, "no_link", "there is no link with this account");
    char key[HT_HEX_SIZE(32)], d[HT_ID_LINK_D_SIZE], a[160];
    ht_hex_write(key, HT_BYTES(claim->pubkey.b));
    ht_id_link_d(d, &claim->address);
    (void)snprintf(a, sizeof a, "%u:%s:%s", HT_ID_LINK_KIND, key + 2, d);
    json_t *tags = err == HT_OK ? json_pack("[[s,s],[s,s]]", "a", a, "k", "30078") : NULL;
    if (err == HT_OK && tags == NULL) err = no_memory(&why);
    if (err != HT_OK) {
        refuse(making, err, &why);
    } else {
        feed->publish(feed->self, KIND_DELETE, "", tags, "the end of a link", published, making);
    }
}

/* --- listening -------------------------------------------------------------------------------- */

static void take(struct ht_identity *identity, const struct ht_feed_event *event) {
    if (identity->links == NULL || identity->links->is_quitting) return;
    ht_id_link_take(identity, event);
    ht_attest_heard(identity, event);
}

static void heard(struct ht_feed_listener *listener, const struct ht_feed_event *event) {
    struct ht_id_links *links =
        (struct ht_id_links *)((char *)listener - offsetof(struct ht_id_links, events));
    take(links->identity, event);
}

static void heard_deletion(struct ht_feed_listener *listener, const struct ht_feed_event *event) {
    struct ht_id_links *links =
        (struct ht_id_links *)((char *)listener - offsetof(struct ht_id_links, deletions));
    if (!links->is_quitting) ht_id_link_untake(links->identity, event);
}

static bool read_hash(ht_hash32 *out, const json_t *event, const char *name) {
    const char *text = json_string_value(ht_json_member(event, name));
    return text != NULL && read_pubkey(out, ht_bytes_str(text));
}

/* What came while this module did not listen. */
static void found(void *user, enum ht_err err, const struct ht_why *why, const json_t *events) {
    struct ht_identity *identity = user;
    size_t i;
    json_t *one;
    (void)why;
    if (err != HT_OK) return;
    json_array_foreach(events, i, one) {
        ht_bytes content;
        struct ht_feed_event event = {.kind = HT_ID_LINK_KIND,
                                      .created_at =
                                          json_integer_value(ht_json_member(one, "created_at")),
                                      .tags = ht_json_member(one, "tags")};
        if (!read_hash(&event.id, one, "id") || !read_hash(&event.pubkey, one, "pubkey")) continue;
        if (ht_json_str(&content, one, "content", NULL) != HT_OK) continue;
        event.content = content;
        take(identity, &event);
    }
}

void ht_id_links_on_topic(struct ht_identity *identity, const char *topic) {
    struct ht_id_links *links = identity->links;
    if (links == NULL || links->is_quitting) return;
    if (strcmp(topic, "l1.slots") == 0) ht_id_links_check(identity, false);
    const struct ht_feed *feed = feed_of(identity);
    if (links->is_listening || feed == NULL) return;
    links->is_listening = true;
    links->events = (struct ht_feed_listener){.kind = HT_ID_LINK_KIND, .event = heard};
    links->deletions = (struct ht_feed_listener){.kind = KIND_DELETE, .event = heard_deletion};
    feed->listen(feed->self, &links->events);
    feed->listen(feed->self, &links->deletions);
    json_t *filter =
        json_pack("{s:[i], s:i}", "kinds", (int)HT_ID_LINK_KIND, "limit", (int)HT_ID_LINKS_TOLD);
    if (filter != NULL) feed->query(feed->self, filter, found, identity);
    json_decref(filter);
}

void ht_id_links_quit(struct ht_identity *identity) {
    if (identity->links != NULL) identity->links->is_quitting = true;
}

static const struct ht_rpc_method METHODS[] = {
    {.name = "link.make", .start = make_link, .is_patient = true},
    {.name = "link.end", .start = end_link},
    {.name = "link.list", .fn = list_links},
    {.name = "link.check", .fn = check_link},
};
const struct ht_identity_methods ht_link_methods = {METHODS, HT_LINK_METHODS};
_Static_assert(sizeof METHODS / sizeof *METHODS == HT_LINK_METHODS, "identity.h has their number");
