/* Links to the relays of devices. */
#include "social/bunker/bunker_relays.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "node/nostr/event_read.h"
#include "node/nostr/json_scan.h"
#include "social/bunker/bunker_answer.h"
#include "social/links/peers.h"

#define TAKING_MAX 64U
#define WANTED_MAX (HT_BUNKER_LINKS_MAX)

struct wanted {
    char urls[WANTED_MAX][HT_LINK_URL_SIZE];
    size_t count;
};

/* --- what comes ------------------------------------------------------------------------------- */

struct taking {
    struct ht_relay_publish publish; /* first */
    struct ht_bunker *bunker;
};

static void taken(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                  const struct ht_why *why) {
    struct taking *taking = (struct taking *)publish;
    (void)err, (void)put, (void)why;
    taking->bunker->taking_count--;
    free(taking);
}

static void take_event(struct ht_bunker *bunker, struct ht_arena *arena, ht_bytes text) {
    struct ht_event event;
    size_t used;
    if (ht_event_read_front(&event, &used, arena, text, NULL) != HT_OK) return;
    if (event.kind != HT_KIND_BUNKER || !ht_bunker_lets_in(bunker->social, &event.pubkey)) return;
    if (bunker->taking_count >= TAKING_MAX || bunker->social->relay == NULL) return;
    struct taking *taking = calloc(1, sizeof *taking);
    if (taking == NULL) return;
    taking->bunker = bunker;
    taking->publish =
        (struct ht_relay_publish){.done = taken, .json = event.json, .is_trusted_source = true};
    bunker->taking_count++;
    ht_relay_publish(bunker->social->relay, &taking->publish);
}

/* ["EVENT","bunker",{…}]; the event is read from the text, so that its bytes stay as signed. */
static void received(void *user, struct ht_link *link, ht_bytes message) {
    struct ht_bunker_link *slot = user;
    struct ht_arena arena;
    struct ht_json_scan scan;
    ht_bytes verb, id;
    (void)link;
    if (message.n > HT_RELAY_MESSAGE_MAX || slot->bunker->social->is_stopped) return;
    ht_arena_init(&arena, 2 * HT_EVENT_ARENA(message.n));
    ht_json_scan_init(&scan, &arena, message);
    bool is_event = ht_json_scan_is(&scan, '[') && ht_json_scan_peek(&scan) == '"' &&
                    ht_json_scan_text(&verb, &scan, NULL) == HT_OK && ht_json_scan_is(&scan, ',') &&
                    ht_json_scan_peek(&scan) == '"' &&
                    ht_json_scan_text(&id, &scan, NULL) == HT_OK && ht_json_scan_is(&scan, ',') &&
                    ht_json_scan_peek(&scan) == '{' && ht_bytes_equal(verb, ht_bytes_str("EVENT"));
    if (is_event) {
        take_event(slot->bunker, &arena, ht_bytes_of(scan.p, (size_t)(scan.end - scan.p)));
    }
    ht_arena_fini(&arena);
}

static bool has_relay(const struct ht_bunker_row *row, const char *url) {
    for (size_t i = 0; i < row->relay_count; i++) {
        if (strcmp(row->relays[i], url) == 0) return true;
    }
    return false;
}

/* It knows nothing of us any more: what we listen for is said again, and to whom it was not said
 * yet that they were let in. */
static void opened(void *user, struct ht_link *link) {
    struct ht_bunker_link *slot = user;
    struct ht_bunker *bunker = slot->bunker;
    ht_hash32 owner;
    char hex[65], text[200];
    if (bunker->social->is_stopped || !ht_social_owner(bunker->social, &owner)) return;
    ht_task_hex(hex, &owner);
    int n = snprintf(
        text, sizeof text, "[\"REQ\",\"bunker\",{\"kinds\":[%u],\"#p\":[\"%s\"],\"since\":%lld}]",
        HT_KIND_BUNKER, hex, (long long)(ht_social_now_s(bunker->social) - HT_BUNKER_WINDOW_S));
    if (ht_link_send(link, ht_bytes_of(text, (size_t)n)) != HT_OK) return;
    for (size_t i = 0; i < bunker->device_count; i++) {
        const struct ht_bunker_device *device = bunker->devices[i];
        bool is_awaited =
            device->greeting[0] != '\0' && has_relay(&device->row, ht_link_name(link));
        if (is_awaited) ht_bunker_greet(bunker, device);
    }
}

static void closed(void *user, struct ht_link *link, enum ht_err err, const struct ht_why *why) {
    (void)user, (void)link, (void)err, (void)why;
}

static const struct ht_link_handler HANDLER = {
    .opened = opened, .received = received, .closed = closed};

/* --- which there are -------------------------------------------------------------------------- */

static bool is_own(const struct ht_bunker *bunker, const char *url) {
    char mine[HT_LINK_URL_SIZE];
    if (ht_peers_is_door(bunker->social, url)) return true;
    json_t *own = ht_peers_own(bunker->social), *one;
    bool is_it = false;
    size_t i;
    json_array_foreach(own, i, one) {
        const char *name = json_string_value(ht_json_member(one, "url"));
        bool is_same = name != NULL && ht_link_url(mine, name, NULL) == HT_OK &&
                       strcmp(mine, url) == 0 && json_is_true(ht_json_member(one, "read"));
        if (is_same) is_it = true;
    }
    json_decref(own);
    return is_it;
}

static void want(struct wanted *wanted, const struct ht_bunker *bunker,
                 const struct ht_bunker_row *row, const ht_hash32 *owner) {
    if (!ht_hash32_equal(&row->owner, owner)) return;
    for (size_t i = 0; i < row->relay_count; i++) {
        bool is_there = wanted->count == WANTED_MAX || is_own(bunker, row->relays[i]);
        for (size_t j = 0; j < wanted->count; j++) {
            is_there = is_there || strcmp(wanted->urls[j], row->relays[i]) == 0;
        }
        if (is_there) continue;
        memcpy(wanted->urls[wanted->count++], row->relays[i], sizeof *wanted->urls);
    }
}

static void open_link(struct ht_bunker *bunker, const char *url) {
    struct ht_bunker_link *slot = NULL;
    for (size_t i = 0; i < HT_BUNKER_LINKS_MAX; i++) {
        struct ht_bunker_link *one = &bunker->links[i];
        if (one->link != NULL && strcmp(ht_link_name(one->link), url) == 0) return;
        if (one->link == NULL) slot = one;
    }
    if (slot == NULL) return;
    slot->bunker = bunker;
    const struct ht_link_options options = {.url = url,
                                            .max_bytes = HT_RELAY_MESSAGE_MAX,
                                            .is_named = true,
                                            .is_kept = true,
                                            .handler = &HANDLER,
                                            .user = slot};
    /* When somebody else has a link to it just now, the next look may find it free. */
    if (ht_link_open(&slot->link, bunker->social->host->links, &options, NULL) != HT_OK) {
        slot->link = NULL;
    }
}

void ht_bunker_relays_sync(struct ht_bunker *bunker) {
    struct wanted wanted = {.count = 0};
    ht_hash32 owner;
    if (bunker->social->host->links == NULL || bunker->social->is_stopped) return;
    if (ht_social_owner(bunker->social, &owner)) {
        for (size_t i = 0; i < HT_BUNKER_INVITES_MAX; i++) {
            const struct ht_bunker_invite *invite = &bunker->invites[i];
            if (invite->secret[0] != '\0') want(&wanted, bunker, &invite->row, &owner);
        }
        for (size_t i = 0; i < bunker->device_count; i++) {
            want(&wanted, bunker, &bunker->devices[i]->row, &owner);
        }
    }
    for (size_t i = 0; i < HT_BUNKER_LINKS_MAX; i++) {
        struct ht_bunker_link *one = &bunker->links[i];
        bool is_wanted = one->link == NULL;
        for (size_t j = 0; j < wanted.count && !is_wanted; j++) {
            is_wanted = strcmp(wanted.urls[j], ht_link_name(one->link)) == 0;
        }
        if (is_wanted) continue;
        ht_link_close(one->link);
        one->link = NULL;
    }
    for (size_t i = 0; i < wanted.count; i++) open_link(bunker, wanted.urls[i]);
    if (wanted.count > 0) ht_bunker_tick(bunker);
}

void ht_bunker_relays_send(struct ht_bunker *bunker, const struct ht_bunker_row *row,
                           ht_bytes event) {
    struct ht_links *links = bunker->social->host->links;
    struct ht_buf text;
    if (links == NULL || row->relay_count == 0) return;
    ht_buf_init(&text, HT_EVENT_SIZE_MAX + 64);
    enum ht_err err = ht_buf_add_str(&text, "[\"EVENT\",");
    if (err == HT_OK) err = ht_buf_add(&text, event);
    if (err == HT_OK) err = ht_buf_add_str(&text, "]");
    for (size_t i = 0; err == HT_OK && i < row->relay_count; i++) {
        struct ht_link *link = ht_link_find(links, row->relays[i]);
        /* A device whose answer is lost asks again. */
        if (link != NULL) (void)!ht_link_send(link, ht_buf_view(&text));
    }
    ht_buf_fini(&text);
}

void ht_bunker_relays_stop(struct ht_bunker *bunker) {
    for (size_t i = 0; i < HT_BUNKER_LINKS_MAX; i++) {
        if (bunker->links[i].link != NULL) ht_link_close(bunker->links[i].link);
        bunker->links[i].link = NULL;
    }
}
