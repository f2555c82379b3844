#include "tests/unit/mesh_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"

#define LATENCY_MS 10

struct letter {
    int64_t at_ms;
    struct world_end *to;
    struct ht_mesh_link *link; /* that it was meant for */
    char *text;                /* NULL: the wire is closed */
    struct letter *next;
};

struct world {
    int64_t now_ms; /* since the beginning */
    uint64_t seed;
    struct world_node nodes[WORLD_NODES];
    size_t count;
    struct wire *wires;
    struct letter *first, *last;
    struct ht_random random;
    char record[HT_NODE_RECORD_SIZE];
    unsigned posts; /* kept all, in order; nothing is ever deleted here */
    char *events[64];
    ht_hash32 ids[64];
};

/* --- time and chance -------------------------------------------------------------------------- */

static int64_t wall_ms(void *self) {
    const struct world_node *node = self;
    return meshes_now_ms(node->world) + node->skew_ms;
}

static int64_t mono_ms(void *self) {
    const struct world_node *node = self;
    return 1000000 + node->world->now_ms;
}

int64_t meshes_now_ms(const struct world *world) {
    return MAKER_TIME * 1000 + world->now_ms;
}

static void fill(void *self, uint8_t *out, size_t n) {
    struct world *world = self;
    for (size_t i = 0; i < n; i++) {
        world->seed ^= world->seed << 13;
        world->seed ^= world->seed >> 7;
        world->seed ^= world->seed << 17;
        out[i] = (uint8_t)(world->seed >> 24);
    }
}

/* --- wires ------------------------------------------------------------------------------------ */

static struct world_end *other(struct world_end *end) {
    return &end->wire->ends[end == &end->wire->ends[0] ? 1 : 0];
}

static void post(struct world *world, struct world_end *to, const char *text, size_t n,
                 int64_t wait_ms) {
    struct letter *letter = calloc(1, sizeof *letter);
    ht_assert(letter != NULL);
    *letter = (struct letter){world->now_ms + wait_ms, to, to->link, NULL, NULL};
    if (text != NULL) letter->text = strndup(text, n);
    if (world->last != NULL) world->last->next = letter;
    if (world->first == NULL) world->first = letter;
    world->last = letter;
}

static bool send_text(void *user, void *transport, ht_bytes text) {
    struct world_node *node = user;
    struct world_end *end = transport;
    if (node->is_full) return false;
    if (!end->wire->is_cut) {
        post(node->world, other(end), (const char *)text.p, text.n, LATENCY_MS);
    }
    return true;
}

static void hang_up(void *user, void *transport, const char *code, const char *text) {
    struct world_node *node = user;
    struct world_end *end = transport;
    (void)text;
    end->is_hung_up = true;
    (void)snprintf(end->code, sizeof end->code, "%s", code);
    post(node->world, end, NULL, 0, LATENCY_MS);
    post(node->world, other(end), NULL, 0, LATENCY_MS);
}

struct wire *meshes_wire(struct world *world, struct world_node *from, struct world_node *to,
                         const ht_hash32 *expected, const char *channel_from,
                         const char *channel_to) {
    struct wire *wire = calloc(1, sizeof *wire);
    ht_assert(wire != NULL);
    wire->next = world->wires;
    world->wires = wire;
    for (size_t i = 0; i < 2; i++) wire->ends[i].wire = wire;
    wire->ends[0].node = from;
    wire->ends[1].node = to;
    if (to != NULL) {
        ht_assert(ht_mesh_link_new(&wire->ends[1].link, to->mesh, &wire->ends[1], false, NULL,
                                   channel_to) == HT_OK);
    }
    if (from != NULL) {
        ht_assert(ht_mesh_link_new(&wire->ends[0].link, from->mesh, &wire->ends[0], true, expected,
                                   channel_from) == HT_OK);
    }
    return wire;
}

struct wire *meshes_dial(struct world *world, size_t from, size_t to) {
    return meshes_wire(world, &world->nodes[from], &world->nodes[to], &world->nodes[to].node,
                       WORLD_CHANNEL, WORLD_CHANNEL);
}

void meshes_say(struct world_end *end, const char *text) {
    struct world_end *to = other(end);
    if (to->link != NULL && !ht_mesh_link_received(to->link, ht_bytes_str(text))) to->nostr++;
}

static void close_end(struct world_end *end) {
    if (end->link == NULL) return;
    struct ht_mesh_link *link = end->link;
    end->link = NULL;
    ht_mesh_link_closed(link);
}

void meshes_cut(struct wire *wire) {
    wire->is_cut = true;
    close_end(&wire->ends[0]);
    close_end(&wire->ends[1]);
}

static void deliver(struct letter *letter) {
    struct world_end *end = letter->to;
    if (letter->text == NULL) {
        end->wire->is_cut = true;
        close_end(end);
    } else if (end->node == NULL) {
        if (end->log_count < sizeof end->log / sizeof end->log[0]) {
            (void)snprintf(end->log[end->log_count++], sizeof end->log[0], "%s", letter->text);
        }
    } else if (end->link != NULL && !ht_mesh_link_received(end->link, ht_bytes_str(letter->text))) {
        end->nostr++;
    }
}

/* --- what a mesh asks of its node ------------------------------------------------------------- */

static void take(void *user, uint64_t serial, const struct ht_event *event) {
    struct world_node *node = user;
    bool is_good = ht_event_verify(event, NULL) == HT_OK;
    if (is_good) node->taken++;
    ht_gossip_taken(ht_mesh_gossip(node->mesh), serial, is_good ? HT_GOSSIP_NEW : HT_GOSSIP_BAD,
                    is_good ? event : NULL);
}

static void give(void *user, struct ht_mesh_link *link, const ht_hash32 *ids, size_t count) {
    const struct world *world = ((struct world_node *)user)->world;
    for (size_t i = 0; i < count; i++) {
        unsigned at = 0;
        while (at < world->posts && !ht_hash32_equal(&world->ids[at], &ids[i])) at++;
        bool is_given = at < world->posts ? ht_mesh_give(link, ht_bytes_str(world->events[at]))
                                          : ht_mesh_gone(link, &ids[i], 1);
        ht_assert(is_given);
    }
}

static void changed(void *user, struct ht_mesh_peer *peer, bool is_up) {
    struct world_node *node = user;
    (void)peer;
    if (is_up) {
        node->ups++;
    } else {
        node->downs++;
    }
}

static void keep(void *user, const struct ht_mesh_peer *peer) {
    struct world_node *node = user;
    if (peer != NULL) {
        node->kept++;
    } else {
        node->kept_invites++;
    }
}

static bool accepts_user(void *user, const ht_hash32 *pubkey) {
    struct world_node *node = user;
    for (size_t i = 0; i < node->world->count; i++) {
        if (node->follows[i] && ht_hash32_equal(&node->world->nodes[i].user, pubkey)) return true;
    }
    return false;
}

static void sign(void *user, uint8_t signature[static HT_SCHNORR_SIZE], const ht_hash32 *id) {
    struct world_node *node = user;
    uint8_t key[32];
    maker_key(key, (uint8_t)(node->index + 1));
    ht_assert(ht_schnorr_sign(signature, id, key, NULL, NULL) == HT_OK);
}

/* --- the world -------------------------------------------------------------------------------- */

static void begin(struct world *world, size_t i) {
    static const char *const serves[] = {"gossip", "chain", NULL};
    struct world_node *node = &world->nodes[i];
    node->world = world;
    node->index = i;
    node->clock = (struct ht_clock){wall_ms, mono_ms, node};
    node->node = maker_pubkey((uint8_t)(i + 1));
    node->user = maker_pubkey((uint8_t)(i + 101));
    ht_assert(ht_scope_new(&node->scope) == HT_OK);
    ht_scope_set_all(node->scope, true);
    const struct ht_mesh_options options = {
        .clock = &node->clock,
        .random = &world->random,
        .self = {.node = node->node, .sign = sign, .user = node},
        .io = {.send = send_text,
               .hang_up = hang_up,
               .give = give,
               .take = take,
               .changed = changed,
               .keep = keep,
               .accepts_user = accepts_user,
               .user = node},
        .scope = node->scope,
        .seen_max = 1024,
        .serves = serves,
        .exchanges = true,
    };
    ht_assert(ht_mesh_new(&node->mesh, &options) == HT_OK);
}

struct world *meshes_new(size_t count) {
    struct world *world = calloc(1, sizeof *world);
    ht_assert(world != NULL && count <= WORLD_NODES);
    world->seed = 88172645463325252U;
    world->random = (struct ht_random){fill, world};
    world->count = count;
    for (size_t i = 0; i < count; i++) begin(world, i);
    return world;
}

void meshes_free(struct world *world) {
    for (struct wire *wire = world->wires; wire != NULL; wire = wire->next) meshes_cut(wire);
    while (world->first != NULL) {
        struct letter *next = world->first->next;
        free(world->first->text);
        free(world->first);
        world->first = next;
    }
    while (world->wires != NULL) {
        struct wire *next = world->wires->next;
        free(world->wires);
        world->wires = next;
    }
    for (size_t i = 0; i < world->count; i++) {
        ht_mesh_free(world->nodes[i].mesh);
        ht_scope_free(world->nodes[i].scope);
    }
    for (unsigned i = 0; i < world->posts; i++) free(world->events[i]);
    free(world);
}

struct world_node *meshes_at(struct world *world, size_t i) {
    return &world->nodes[i];
}

static void dial(struct world *world, struct world_node *from) {
    struct ht_mesh_peer *peers[HT_GOSSIP_LINKS];
    size_t count = ht_mesh_to_dial(from->mesh, peers, HT_GOSSIP_LINKS);
    for (size_t i = 0; i < count; i++) {
        const struct ht_node_record *record = &peers[i]->record;
        unsigned to = 0;
        const char *url = record->addresses[peers[i]->failures % record->address_count];
        bool is_found = sscanf(url, "ws://10.0.0.%u:7000", &to) == 1 && to <= world->count;
        from->dials_made++;
        if (is_found && world->nodes[to - 1].side == from->side) {
            (void)meshes_wire(world, from, &world->nodes[to - 1], &peers[i]->node, WORLD_CHANNEL,
                              WORLD_CHANNEL);
        } else {
            from->dials_failed++;
            ht_mesh_dial_failed(from->mesh, peers[i], NULL);
        }
    }
}

void meshes_run(struct world *world, int64_t ms) {
    int64_t end = world->now_ms + ms;
    for (; world->now_ms < end; world->now_ms++) {
        while (world->first != NULL && world->first->at_ms <= world->now_ms) {
            struct letter *letter = world->first;
            world->first = letter->next;
            if (world->first == NULL) world->last = NULL;
            deliver(letter);
            free(letter->text);
            free(letter);
        }
        for (size_t i = 0; i < world->count; i++) {
            struct world_node *node = &world->nodes[i];
            if (node->dials && world->now_ms % 1000 == (int64_t)i) dial(world, node);
            /* Asked each ms only while much happens, since long times pass here. */
            bool is_asked = world->first != NULL || world->now_ms % 50 == 0;
            if (is_asked && ht_mesh_due(node->mesh) == 0) (void)ht_mesh_tick(node->mesh);
        }
    }
}

struct wire *meshes_between(struct world *world, size_t a, size_t b) {
    for (struct wire *wire = world->wires; wire != NULL; wire = wire->next) {
        bool is_theirs =
            (wire->ends[0].node == &world->nodes[a] && wire->ends[1].node == &world->nodes[b]) ||
            (wire->ends[1].node == &world->nodes[a] && wire->ends[0].node == &world->nodes[b]);
        if (is_theirs && !wire->is_cut && ht_mesh_link_is_up(wire->ends[0].link) &&
            ht_mesh_link_is_up(wire->ends[1].link)) {
            return wire;
        }
    }
    return NULL;
}

bool meshes_is_up(struct world *world, size_t a, size_t b) {
    const struct ht_mesh_peer *peer = ht_mesh_find(world->nodes[a].mesh, &world->nodes[b].node);
    return peer != NULL && peer->link != NULL && ht_mesh_link_is_up(peer->link);
}

size_t meshes_wires(const struct world *world) {
    size_t count = 0;
    for (const struct wire *wire = world->wires; wire != NULL; wire = wire->next) {
        if (!wire->is_cut) count++;
    }
    return count;
}

/* --- invitations and records ------------------------------------------------------------------ */

static void fill_record(struct ht_node_record *record, const struct world_node *node) {
    memset(record, 0, sizeof *record);
    record->node = node->node;
    record->user = node->user;
    record->has_user = true;
    record->address_count = 1;
    (void)snprintf(record->addresses[0], sizeof record->addresses[0], "ws://10.0.0.%zu:7000",
                   node->index + 1);
}

void meshes_invite(struct world *world, size_t to, size_t from, char *secret) {
    struct ht_invite invite;
    struct ht_mesh_peer *peer;
    fill_record(&invite.record, &world->nodes[to]);
    invite.record.expires_at = meshes_now_ms(world) / 1000 + 3600;
    ht_assert(ht_mesh_invite(invite.secret, world->nodes[to].mesh, invite.record.expires_at,
                             "a friend", NULL) == HT_OK);
    ht_assert(ht_mesh_add(&peer, world->nodes[from].mesh, &invite, "who invited", NULL) == HT_OK);
    if (secret != NULL) memcpy(secret, invite.secret, sizeof invite.secret);
}

static void as_tags(struct ht_event_tag *tags, ht_bytes items[][3], const json_t *list) {
    for (size_t t = 0; t < json_array_size(list); t++) {
        const json_t *tag = json_array_get(list, t);
        for (size_t i = 0; i < json_array_size(tag); i++) {
            items[t][i] = ht_bytes_str(json_string_value(json_array_get(tag, i)));
        }
        tags[t] = (struct ht_event_tag){items[t], json_array_size(tag)};
    }
}

const char *meshes_record(struct world *world, size_t i, int64_t created_s, bool may_pass) {
    struct world_node *node = &world->nodes[i];
    struct ht_node_record record;
    struct ht_event_tag tags[16];
    ht_bytes items[16][3];
    ht_hash32 claim;
    uint8_t signature[HT_SCHNORR_SIZE];
    fill_record(&record, node);
    record.may_pass = may_pass;
    record.expires_at = created_s + 30 * 86400;
    ht_node_record_claim(&claim, &node->user, created_s);
    sign(node, signature, &claim);
    json_t *list = ht_node_record_tags(&record, signature);
    ht_assert(list != NULL && json_array_size(list) <= 16);
    as_tags(tags, items, list);
    struct ht_event event = {.created_at = created_s,
                             .kind = HT_NODE_RECORD_KIND,
                             .tags = tags,
                             .tag_count = json_array_size(list)};
    maker_sign(&event, (uint8_t)(i + 101));
    struct ht_buf text;
    ht_buf_init(&text, sizeof world->record - 1);
    ht_assert(ht_event_write(&text, &event) == HT_OK);
    memcpy(world->record, text.p, text.n);
    world->record[text.n] = '\0';
    ht_buf_fini(&text);
    json_decref(list);
    return world->record;
}

void meshes_set_record(struct world *world, size_t i, bool may_pass) {
    const char *record = meshes_record(world, i, meshes_now_ms(world) / 1000, may_pass);
    ht_assert(ht_mesh_set_record(world->nodes[i].mesh, ht_bytes_str(record), NULL) == HT_OK);
}

void meshes_post(struct world *world, size_t i, const char *content) {
    ht_assert(world->posts < sizeof world->ids / sizeof world->ids[0]);
    struct ht_event event = {
        .created_at = meshes_now_ms(world) / 1000, .kind = 1, .content = ht_bytes_str(content)};
    struct ht_arena arena;
    struct ht_event read;
    struct ht_buf text;
    maker_sign(&event, (uint8_t)(i + 101));
    ht_buf_init(&text, HT_EVENT_SIZE_MAX);
    ht_arena_init(&arena, HT_EVENT_ARENA(4096));
    ht_assert(ht_event_write(&text, &event) == HT_OK);
    ht_assert(ht_event_read(&read, &arena, ht_buf_view(&text), NULL) == HT_OK);
    world->events[world->posts] = strndup((const char *)text.p, text.n);
    world->ids[world->posts++] = read.id;
    ht_gossip_publish(ht_mesh_gossip(world->nodes[i].mesh), NULL, &read);
    ht_arena_fini(&arena);
    ht_buf_fini(&text);
}
