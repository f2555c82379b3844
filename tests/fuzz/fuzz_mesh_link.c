/* A mesh and what a connection says, a message a line: first byte 0, a stranger's; else that of a
 * proven peer, of a mesh that signs and verifies nothing. Each message is the mesh's or Nostr's,
 * and time passes; all is given back in the end. */
#include <stdlib.h>

#include "node/p2p/mesh.h"

#define MESSAGES_MAX 64U
#define TEXT_MAX 2048U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int64_t now_ms;

/* What the second mesh says goes to the first until the handshake is over. */
struct side {
    struct ht_mesh *mesh;
    struct ht_mesh_link *link;
    struct ht_scope *scope;
    struct side *other;
    char queue[8][TEXT_MAX];
    size_t queued;
    bool is_hung_up;
};

static void must(bool claim) {
    if (!claim) abort();
}

static int64_t clock_ms(void *self) {
    (void)self;
    return now_ms;
}

static void fill(void *self, uint8_t *out, size_t n) {
    (void)self;
    memset(out, 7, n);
}

static void sign(void *user, uint8_t signature[static HT_SCHNORR_SIZE], const ht_hash32 *id) {
    (void)user, (void)id;
    memset(signature, 1, HT_SCHNORR_SIZE);
}

static bool verify(void *user, const struct ht_event *event) {
    (void)user, (void)event;
    return true;
}

static bool send_text(void *user, void *link, ht_bytes text) {
    struct side *other = ((struct side *)user)->other;
    (void)link;
    must(text.n > 0);
    if (other->queued < 8 && text.n < TEXT_MAX) {
        memcpy(other->queue[other->queued], text.p, text.n);
        other->queue[other->queued++][text.n] = '\0';
    }
    return true;
}

static void hang_up(void *user, void *link, const char *code, const char *text) {
    struct side *side = user;
    (void)link;
    must(!side->is_hung_up && code != NULL && text != NULL);
    side->is_hung_up = true;
}

static void give(void *user, struct ht_mesh_link *link, const ht_hash32 *ids, size_t count) {
    (void)user;
    (void)ht_mesh_gone(link, ids, count);
}

static void take(void *user, uint64_t serial, const struct ht_event *event) {
    struct side *side = user;
    ht_gossip_taken(ht_mesh_gossip(side->mesh), serial, HT_GOSSIP_NEW, event);
}

static bool accepts_user(void *user, const ht_hash32 *pubkey) {
    (void)user;
    return (pubkey->b[0] & 1) == 0;
}

static void begin(struct side *side, struct side *other, uint8_t name) {
    static const struct ht_clock clock = {clock_ms, clock_ms, NULL};
    static const struct ht_random random = {fill, NULL};
    struct ht_mesh_options options = {
        .clock = &clock,
        .random = &random,
        .self = {.sign = sign, .verify = verify},
        .io = {.send = send_text,
               .hang_up = hang_up,
               .give = give,
               .take = take,
               .accepts_user = accepts_user,
               .verify = verify,
               .user = side},
        .seen_max = 64,
        .is_open = true,
        .exchanges = true,
    };
    memset(options.self.node.b, name, 32);
    side->other = other;
    must(ht_scope_new(&side->scope) == HT_OK);
    ht_scope_set_all(side->scope, true);
    options.scope = side->scope;
    must(ht_mesh_new(&side->mesh, &options) == HT_OK);
}

static void end(struct side *side) {
    ht_mesh_link_closed(side->link);
    ht_mesh_free(side->mesh);
    ht_scope_free(side->scope);
}

static bool hear(struct side *side) {
    if (side->queued == 0) return false;
    char text[TEXT_MAX];
    memcpy(text, side->queue[0], TEXT_MAX);
    memmove(side->queue[0], side->queue[1], sizeof side->queue - TEXT_MAX);
    side->queued--;
    must(ht_mesh_link_received(side->link, ht_bytes_str(text)));
    return true;
}

/* Both meshes in one place, linked when is_peer. */
static void meet(struct side *us, struct side *them, bool is_peer) {
    ht_hash32 node;
    memset(node.b, 1, sizeof node.b);
    begin(us, them, 1);
    begin(them, us, 2);
    must(ht_mesh_link_new(&us->link, us->mesh, us, false, NULL, "plain") == HT_OK);
    must(ht_mesh_link_new(&them->link, them->mesh, them, true, is_peer ? &node : NULL, "plain") ==
         HT_OK);
    while (hear(us) || hear(them)) {
    }
    must(ht_mesh_link_is_up(us->link) == is_peer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static struct side us, them;
    if (n < 2) return 0;
    now_ms = INT64_C(1780000000000);
    memset(&us, 0, sizeof us);
    memset(&them, 0, sizeof them);
    meet(&us, &them, data[0] != 0);
    size_t at = 1;
    for (size_t i = 0; i < MESSAGES_MAX && at < n; i++) {
        const uint8_t *line = memchr(data + at, '\n', n - at);
        size_t line_n = line != NULL ? (size_t)(line - data) - at : n - at;
        bool is_ours = ht_mesh_link_received(us.link, ht_bytes_of(data + at, line_n));
        must(is_ours || !us.is_hung_up);
        at += line_n + 1;
        now_ms += 700;
        (void)ht_mesh_tick(us.mesh);
        them.queued = 0;
    }
    end(&us);
    end(&them);
    return 0;
}
