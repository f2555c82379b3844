/* Proposals in feeds: taken from anybody, given on request. */
#include "governance/discovery/discover_peers.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/community/preimage.h"
#include "governance/discovery/discover_impl.h"
#include "governance/text.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define QUERY_MAX 200
#define PREFIX "hearth:proposal:"
#define NAME_MAX_LEN 192U

void ht_gov_peers_topic(char out[static HT_GOV_TOPIC_SIZE], const struct ht_community *community) {
    char address[HT_HEX_SIZE(20)];
    ht_hex_write(address, HT_BYTES(community->address.b));
    (void)snprintf(out, HT_GOV_TOPIC_SIZE, "hearth:dao:%llu:%s",
                   (unsigned long long)community->governance->host->network->chain_id, address);
}

static void proposal_name(char out[static NAME_MAX_LEN], const struct ht_gov_item *item) {
    char address[HT_HEX_SIZE(20)], id[HT_U256_DECIMAL_SIZE];
    const struct ht_community *community = item->community;
    ht_hex_write(address, HT_BYTES(community->address.b));
    (void)ht_u256_to_decimal(id, &item->id);
    (void)snprintf(out, NAME_MAX_LEN, PREFIX "%llu:%s:%s",
                   (unsigned long long)community->governance->host->network->chain_id, address, id);
}

/* --- taking ----------------------------------------------------------------------------------- */

static const char *tag_of(const json_t *tags, const char *name) {
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const json_t *tag = json_array_get(tags, i);
        const char *key = json_string_value(json_array_get(tag, 0));
        if (key != NULL && strcmp(key, name) == 0) return json_string_value(json_array_get(tag, 1));
    }
    return NULL;
}

/* The community that a d tag is about; NULL when it is not followed here. */
static struct ht_community *community_of(const struct ht_governance *governance, const char *d) {
    char chain[32];
    ht_addr20 address;
    if (d == NULL || strncmp(d, PREFIX, sizeof PREFIX - 1) != 0) return NULL;
    d += sizeof PREFIX - 1;
    int n = snprintf(chain, sizeof chain,
                     "%llu:", (unsigned long long)governance->host->network->chain_id);
    if (strncmp(d, chain, (size_t)n) != 0 || strlen(d) < (size_t)n + 43) return NULL;
    if (ht_hex_read(address.b, sizeof address.b, ht_bytes_of(d + n, 42)) != HT_OK) return NULL;
    return ht_community_find(governance, &address);
}

static void on_claimed(void *user, enum ht_err err, const struct ht_why *why,
                       struct ht_gov_item *item) {
    (void)user, (void)item;
    if (err != HT_OK)
        ht_log(HT_LOG_INFO, "governance", "a peer's proposal is not taken: %s", why->text);
}

static void take(const struct ht_governance *governance, const json_t *tags, ht_bytes content) {
    const char *d = tag_of(tags, "d");
    struct ht_community *community = community_of(governance, d);
    const char *id_text = d != NULL ? strrchr(d, ':') : NULL;
    ht_u256 id;
    struct ht_buf data;
    if (community == NULL || id_text == NULL) return;
    if (ht_u256_from_decimal(&id, ht_bytes_str(id_text + 1)) != HT_OK) return;
    const struct ht_gov_item *item = ht_gov_item_find(community, &id);
    if (item != NULL && item->has_text && item->is_certified) return;
    ht_buf_init(&data, HT_GOV_PREIMAGE_MAX);
    const char *block = tag_of(tags, "block");
    ht_u256 number = {{0}};
    if (block != NULL) (void)!ht_u256_from_decimal(&number, ht_bytes_str(block));
    if (ht_hex_read_buf(&data, content) == HT_OK) {
        const struct ht_gov_claim_of of = {.data = ht_buf_view(&data),
                                           .block = ht_u256_is_u64(&number) ? number.limb[0] : 0};
        ht_gov_claim(community, &of, on_claimed, NULL);
    }
    ht_buf_fini(&data);
}

static void on_event(struct ht_feed_listener *listener, const struct ht_feed_event *event) {
    struct ht_gov_discover *discover =
        (struct ht_gov_discover *)((char *)listener - offsetof(struct ht_gov_discover, listener));
    if (discover->governance->is_quitting) return;
    take(discover->governance, event->tags, event->content);
}

void ht_gov_peers_listen(struct ht_governance *governance) {
    struct ht_gov_discover *discover = governance->discover;
    const struct ht_feed *feed = ht_gov_feed(governance);
    if (feed == NULL || discover->is_listening) return;
    discover->is_listening = true;
    discover->listener = (struct ht_feed_listener){.kind = HT_GOV_FEED_KIND, .event = on_event};
    feed->listen(feed->self, &discover->listener);
    for (size_t i = 0; i < ht_community_count(governance); i++)
        ht_gov_peers_ask(ht_community_at(governance, i));
}

static void on_found(void *user, enum ht_err err, const struct ht_why *why, const json_t *events) {
    const struct ht_governance *governance = user;
    (void)err, (void)why;
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *event = json_array_get(events, i);
        const json_t *content = ht_json_member(event, "content");
        take(governance, ht_json_member(event, "tags"),
             ht_bytes_of(json_string_value(content), json_string_length(content)));
    }
}

void ht_gov_peers_ask(struct ht_community *community) {
    char name[NAME_MAX_LEN];
    const struct ht_feed *feed = ht_gov_feed(community->governance);
    if (feed == NULL) return;
    ht_gov_peers_topic(name, community);
    json_t *filter = json_pack("{s:[i], s:[s], s:i}", "kinds", (int)HT_GOV_FEED_KIND, "#t", name,
                               "limit", QUERY_MAX);
    if (filter != NULL) feed->query(feed->self, filter, on_found, community->governance);
    json_decref(filter);
}

/* --- giving ----------------------------------------------------------------------------------- */

struct sharing {
    struct ht_gov_preimage read; /* first */
    struct ht_governance *governance;
    char d[NAME_MAX_LEN], t[NAME_MAX_LEN];
    uint64_t block;
    ht_feed_done done;
    void *user;
};

static void publish(struct sharing *sharing, const struct ht_feed *feed) {
    char block[24];
    ht_bytes data = ht_buf_view(&sharing->read.data);
    char *content = malloc(HT_HEX_SIZE(data.n));
    ht_assert(content != NULL);
    ht_hex_write(content, data);
    (void)snprintf(block, sizeof block, "%llu", (unsigned long long)sharing->block);
    json_t *tags = json_pack("[[s, s], [s, s]]", "d", sharing->d, "t", sharing->t);
    if (sharing->block != 0) (void)json_array_append_new(tags, json_pack("[s, s]", "block", block));
    feed->publish(feed->self, HT_GOV_FEED_KIND, content, tags, "a proposal of a community",
                  sharing->done, sharing->user);
    free(content);
}

static void on_preimage(struct ht_gov_preimage *read) {
    static const ht_hash32 no_id;
    struct sharing *sharing = (struct sharing *)read;
    const struct ht_feed *feed = ht_gov_feed(sharing->governance);
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err == HT_OK && (feed == NULL || sharing->governance->is_quitting))
        err = ht_fail(&why, HT_EAGAIN, "no_feed", "there are no feeds to publish in");
    if (err == HT_OK) {
        publish(sharing, feed);
    } else {
        sharing->done(sharing->user, err, &why, &no_id);
    }
    ht_gov_preimage_fini(read);
    free(sharing);
}

void ht_gov_peers_share(struct ht_gov_item *item, ht_feed_done done, void *user) {
    struct sharing *sharing = calloc(1, sizeof *sharing);
    ht_assert(sharing != NULL);
    sharing->governance = item->community->governance;
    sharing->block = item->created_block;
    sharing->done = done;
    sharing->user = user;
    proposal_name(sharing->d, item);
    ht_gov_peers_topic(sharing->t, item->community);
    sharing->read = (struct ht_gov_preimage){.item = item, .done = on_preimage};
    ht_gov_preimage_read(&sharing->read);
}
