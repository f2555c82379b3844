/* The list of links: what came from the feeds, what is on disk, which of them count. */
#include "identity/trust/link.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/keys/accounts.h"
#include "identity/trust/link_check.h"
#include "identity/trust/link_sql.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"
#include "node/crypto/secp256k1.h"

static bool same_address(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* --- finding ---------------------------------------------------------------------------------- */

struct ht_id_link *ht_id_link_find(const struct ht_identity *identity, const ht_hash32 *pubkey,
                                   const ht_addr20 *address) {
    const struct ht_id_links *links = identity->links;
    for (size_t i = 0; i < links->count; i++) {
        const struct ht_id_link_claim *claim = &links->list[i]->claim;
        if (same_address(&claim->address, address) && ht_hash32_equal(&claim->pubkey, pubkey))
            return links->list[i];
    }
    return NULL;
}

const struct ht_id_link *ht_id_link_of_key(const struct ht_identity *identity,
                                           const ht_hash32 *pubkey) {
    const struct ht_id_links *links = identity->links;
    for (size_t i = 0; i < links->count; i++) {
        const struct ht_id_link *link = links->list[i];
        if (link->is_chosen && ht_hash32_equal(&link->claim.pubkey, pubkey)) return link;
    }
    return NULL;
}

const struct ht_id_link *ht_id_link_of_address(const struct ht_identity *identity,
                                               const ht_addr20 *address) {
    const struct ht_id_links *links = identity->links;
    for (size_t i = 0; i < links->count; i++) {
        const struct ht_id_link *link = links->list[i];
        if (link->leads && same_address(&link->claim.address, address)) return link;
    }
    return NULL;
}

size_t ht_id_links_count(const struct ht_identity *identity) {
    return identity->links->count;
}

const struct ht_id_link *ht_id_links_at(const struct ht_identity *identity, size_t i) {
    return identity->links->list[i];
}

/* --- which count ------------------------------------------------------------------------------ */

/* Newest first; of the same second the lower id, as in the feeds. */
static int by_age(const struct ht_id_link *a, const struct ht_id_link *b) {
    if (a->created_at != b->created_at) return a->created_at > b->created_at ? -1 : 1;
    return memcmp(a->event_id.b, b->event_id.b, 32);
}

static int by_address(const void *a, const void *b) {
    const struct ht_id_link *x = *(struct ht_id_link *const *)a;
    const struct ht_id_link *y = *(struct ht_id_link *const *)b;
    int order = memcmp(x->claim.address.b, y->claim.address.b, 20);
    return order != 0 ? order : by_age(x, y);
}

static int by_key(const void *a, const void *b) {
    const struct ht_id_link *x = *(struct ht_id_link *const *)a;
    const struct ht_id_link *y = *(struct ht_id_link *const *)b;
    int order = memcmp(x->claim.pubkey.b, y->claim.pubkey.b, 32);
    return order != 0 ? order : by_age(x, y);
}

static void choose(struct ht_id_links *links) {
    static struct ht_id_link *some[HT_ID_LINKS_MAX];
    size_t count = 0, leading = 0;
    for (size_t i = 0; i < links->count; i++) {
        struct ht_id_link *link = links->list[i];
        link->leads = link->is_chosen = false;
        if (link->state == HT_ID_LINK_LINKED) some[count++] = link;
    }
    if (count > 0) qsort(some, count, sizeof *some, by_address);
    for (size_t i = 0; i < count; i++) {
        some[i]->leads =
            i == 0 || !same_address(&some[i]->claim.address, &some[i - 1]->claim.address);
    }
    for (size_t i = 0; i < count; i++) {
        if (some[i]->leads) some[leading++] = some[i];
    }
    if (leading > 0) qsort(some, leading, sizeof *some, by_key);
    for (size_t i = 0; i < leading; i++) {
        some[i]->is_chosen =
            i == 0 || !ht_hash32_equal(&some[i]->claim.pubkey, &some[i - 1]->claim.pubkey);
    }
}

void ht_id_links_changed(struct ht_identity *identity) {
    struct ht_id_links *links = identity->links;
    choose(links);
    links->changes++;
    if (!links->is_quitting) identity->host->publish(identity->host, "link.changed");
}

/* --- the disk --------------------------------------------------------------------------------- */

struct keep {
    struct ht_write write;
    struct ht_id_link link;
    bool is_delete;
    uint8_t signature[]; /* of the link */
};

/* On the writer's thread. */
static enum ht_err write_link(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    const struct keep *keep = (struct keep *)write;
    const struct ht_id_link_claim *claim = &keep->link.claim;
    return keep->is_delete ? ht_id_link_sql_delete(db, &claim->pubkey, &claim->address, why)
                           : ht_id_link_sql_save(db, &keep->link, why);
}

static void wrote_link(struct ht_write *write) {
    if (write->err != HT_OK)
        ht_log(HT_LOG_WARN, "link", "a link was not kept: %s", write->why.text);
    free(write);
}

void ht_id_link_keep(struct ht_identity *identity, const struct ht_id_link *link, bool is_delete) {
    struct keep *keep = calloc(1, sizeof *keep + link->signature.n);
    if (keep == NULL) return;
    keep->link = *link;
    keep->is_delete = is_delete;
    if (link->signature.n > 0) memcpy(keep->signature, link->signature.p, link->signature.n);
    keep->link.signature = ht_bytes_of(keep->signature, link->signature.n);
    keep->write.write = write_link;
    keep->write.done = wrote_link;
    if (ht_writer_submit(identity->host->writer, &keep->write) == HT_OK) return;
    ht_log(HT_LOG_WARN, "link", "a link was not kept: the disk is too busy");
    free(keep);
}

/* --- the list --------------------------------------------------------------------------------- */

static struct ht_id_link *copy_of(const struct ht_id_link *link) {
    struct ht_id_link *copy = malloc(sizeof *copy + link->signature.n);
    if (copy == NULL) return NULL;
    *copy = *link;
    uint8_t *bytes = (uint8_t *)(copy + 1);
    if (link->signature.n > 0) memcpy(bytes, link->signature.p, link->signature.n);
    copy->signature = ht_bytes_of(bytes, link->signature.n);
    return copy;
}

static void drop_at(struct ht_id_links *links, size_t i) {
    free(links->list[i]);
    links->count--;
    memmove(links->list + i, links->list + i + 1, (links->count - i) * sizeof *links->list);
}

static void drop(struct ht_identity *identity, struct ht_id_link *link) {
    struct ht_id_links *links = identity->links;
    ht_id_link_keep(identity, link, true);
    for (size_t i = 0; i < links->count; i++) {
        if (links->list[i] != link) continue;
        drop_at(links, i);
        return;
    }
}

static bool is_mine(const struct ht_identity *identity, const struct ht_id_link *link) {
    const struct ht_feed *feed =
        identity->host->feed != NULL ? identity->host->feed(identity->host) : NULL;
    ht_hash32 owner;
    bool has_owner = feed != NULL && feed->owner(feed->self, &owner);
    return (has_owner && ht_hash32_equal(&owner, &link->claim.pubkey)) ||
           ht_accounts_find(identity, &link->claim.address) != NULL;
}

/* The oldest that is worth least goes; false when all are worth more than a stranger's claim. */
static bool make_room(struct ht_identity *identity) {
    struct ht_id_links *links = identity->links;
    if (links->count < HT_ID_LINKS_MAX) return true;
    for (size_t i = 0; i < links->count; i++) {
        struct ht_id_link *link = links->list[i];
        if (link->state == HT_ID_LINK_LINKED || is_mine(identity, link)) continue;
        drop(identity, link);
        return true;
    }
    return false;
}

static bool add(struct ht_identity *identity, const struct ht_id_link *link) {
    struct ht_id_links *links = identity->links;
    if (!make_room(identity)) {
        ht_log(HT_LOG_WARN, "link", "there is no room for more links");
        return false;
    }
    struct ht_id_link *copy = copy_of(link);
    if (copy == NULL) return false;
    size_t at = links->count;
    while (at > 0 && by_age(links->list[at - 1], copy) < 0) at--;
    memmove(links->list + at + 1, links->list + at, (links->count - at) * sizeof *links->list);
    links->list[at] = copy;
    links->count++;
    return true;
}

/* --- from the feeds --------------------------------------------------------------------------- */

/* Whose key signed, when it is a key's signature: r, s, v. */
static void find_signer(struct ht_id_link *link) {
    ht_hash32 digest;
    const ht_bytes bytes = link->signature;
    struct ht_ecdsa_signature signature;
    if (bytes.n != 65 || ht_id_link_digest(&digest, &link->claim, NULL) != HT_OK) return;
    memcpy(signature.r, bytes.p, 32);
    memcpy(signature.s, bytes.p + 32, 32);
    signature.y_parity = bytes.p[64] >= 27 ? (uint8_t)(bytes.p[64] - 27) : bytes.p[64];
    link->has_signer =
        ht_ecdsa_recover_address(&link->signer, &digest, &signature, HT_ECDSA_LOW_S, NULL) == HT_OK;
}

void ht_id_link_take(struct ht_identity *identity, const struct ht_feed_event *event) {
    struct ht_why why = {0};
    struct ht_id_link link = {.event_id = event->id, .created_at = event->created_at};
    ht_addr20 address;
    if (!ht_id_link_d_read(&address, ht_id_link_tag(event->tags, "d"))) return;
    struct ht_id_link *before = ht_id_link_find(identity, &event->pubkey, &address);
    if (before != NULL &&
        (ht_hash32_equal(&before->event_id, &event->id) || by_age(before, &link) < 0))
        return;
    struct ht_buf signature;
    ht_buf_init(&signature, HT_ID_LINK_SIGNATURE_MAX);
    enum ht_err err =
        ht_id_link_read(&link.claim, &signature, &event->pubkey, identity->host->network->chain_id,
                        event->tags, event->content, &why);
    bool was_there = before != NULL;
    /* Another signature is another word; the same one that comes again is not. */
    link.was_linked = err == HT_OK && was_there && before->was_linked &&
                      ht_bytes_equal(before->signature, ht_buf_view(&signature));
    if (was_there) drop(identity, before);
    bool is_there = false;
    if (err == HT_OK) {
        link.signature = ht_buf_view(&signature);
        find_signer(&link);
        is_there = add(identity, &link);
    }
    if (is_there) ht_id_link_keep(identity, &link, false);
    ht_buf_fini(&signature);
    if (was_there || is_there) ht_id_links_changed(identity);
    if (is_there) ht_id_links_check(identity, true);
}

/* Its a tags: "<kind>:<author>:<d>", of its author's own. */
void ht_id_link_untake(struct ht_identity *identity, const struct ht_feed_event *event) {
    size_t i;
    json_t *tag;
    bool is_changed = false;
    char hex[HT_HEX_SIZE(32)], prefix[96];
    ht_hex_write(hex, HT_BYTES(event->pubkey.b));
    int n = snprintf(prefix, sizeof prefix, "%u:%s:", HT_ID_LINK_KIND, hex + 2);
    json_array_foreach(event->tags, i, tag) {
        const char *name = json_string_value(json_array_get(tag, 0));
        const char *value = json_string_value(json_array_get(tag, 1));
        ht_addr20 address;
        if (name == NULL || value == NULL || strcmp(name, "a") != 0) continue;
        if (strncmp(value, prefix, (size_t)n) != 0) continue;
        if (!ht_id_link_d_read(&address, value + n)) continue;
        struct ht_id_link *link = ht_id_link_find(identity, &event->pubkey, &address);
        if (link == NULL || link->created_at > event->created_at) continue;
        drop(identity, link);
        is_changed = true;
    }
    if (is_changed) ht_id_links_changed(identity);
}

/* --- begin and end ---------------------------------------------------------------------------- */

static enum ht_err load_one(void *user, const struct ht_id_link *link) {
    struct ht_id_links *links = user;
    if (links->count == HT_ID_LINKS_MAX) return HT_OK;
    struct ht_id_link *copy = copy_of(link);
    if (copy == NULL) return HT_ENOMEM;
    links->list[links->count++] = copy;
    return HT_OK;
}

enum ht_err ht_id_links_new(struct ht_identity *identity, sqlite3 *db, struct ht_why *why) {
    struct ht_id_links *links = calloc(1, sizeof *links);
    if (links == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    links->identity = identity;
    identity->links = links;
    enum ht_err err =
        ht_id_link_sql_load(db, identity->host->network->chain_id, load_one, links, why);
    if (err == HT_ENOMEM) (void)ht_fail(why, err, "no_memory", "out of memory");
    if (err == HT_OK) choose(links);
    return err;
}

void ht_id_links_free(struct ht_identity *identity) {
    struct ht_id_links *links = identity->links;
    while (links->count > 0) drop_at(links, links->count - 1);
    free(links);
    identity->links = NULL;
}
