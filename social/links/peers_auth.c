/* Signing in to other relays (NIP-42): only to those that the owner named, as the owner, while the
 * vault is open. Others would be told who we are. */
#include "social/links/peers_auth.h"

#include <stdlib.h>

#include "social/links/peers_ask.h"
#include "social/links/peers_catchup.h"
#include "social/links/peers_live.h"
#include "social/links/peers_send.h"
#include "social/links/peers_want.h"

#define KIND_AUTH 22242U

/* What is being signed. The connection it is for may be gone by then, and the relay too. */
struct try {
    struct ht_peers *peers;
    uint64_t serial, connection; /* of the peer */
    char url[HT_LINK_URL_SIZE], challenge[HT_PEER_CHALLENGE_SIZE];
    ht_bytes relay_items[2], challenge_items[2];
    struct ht_event_tag tags[2];
    struct ht_event event;
};

static void end(struct ht_peer *peer, enum ht_peer_auth auth) {
    bool is_in = auth == HT_PEER_AUTH_DONE;
    peer->auth = auth;
    ht_peers_ask_authed(peer, is_in);
    ht_peers_send_authed(peer, is_in);
    if (is_in) ht_peers_live_authed(peer);
    if (is_in) ht_peers_want_authed(peer);
    if (is_in) ht_peers_catchup_again(peer);
    ht_peers_changed(peer->peers);
}

/* What waits for the vault is not given up, but for questions: somebody waits for their answers. */
static void lock(struct ht_peer *peer) {
    peer->auth = HT_PEER_AUTH_LOCKED;
    ht_peers_ask_authed(peer, false);
    ht_peers_changed(peer->peers);
}

static struct ht_peer *find(const struct try *try) {
    struct ht_peer *peer = try->peers->first;
    while (peer != NULL && peer->serial != try->serial) peer = peer->next;
    bool is_same = peer != NULL && peer->connection == try->connection && ht_peer_is_open(peer) &&
                   strcmp(peer->challenge, try->challenge) == 0;
    return is_same ? peer : NULL;
}

static enum ht_err say(struct ht_peer *peer, const struct ht_event *event) {
    struct ht_buf text;
    ht_buf_init(&text, HT_RELAY_MESSAGE_MAX);
    enum ht_err err = ht_buf_add_str(&text, "[\"AUTH\",");
    if (err == HT_OK) err = ht_event_write(&text, event);
    if (err == HT_OK) err = ht_buf_add_str(&text, "]");
    if (err == HT_OK) err = ht_link_send(peer->link, ht_buf_view(&text));
    ht_buf_fini(&text);
    return err;
}

static void signed_in(void *user, const struct ht_nostr_answer *answer) {
    struct try *try = user;
    struct ht_peer *peer = try->peers->is_stopped ? NULL : find(try);
    if (peer != NULL && answer->err == HT_OK) {
        memcpy(try->event.sig, answer->signature, sizeof try->event.sig);
        peer->auth_id = try->event.id;
        if (say(peer, &try->event) != HT_OK) end(peer, HT_PEER_AUTH_REFUSED);
    } else if (peer != NULL) {
        ht_peer_reason(peer, answer->why.text);
        lock(peer);
    }
    free(try);
}

static void text_tag(struct ht_event_tag *tag, ht_bytes items[static 2], const char *name,
                     const char *value) {
    items[0] = ht_bytes_str(name);
    items[1] = ht_bytes_str(value);
    *tag = (struct ht_event_tag){.items = items, .count = 2};
}

static struct try *make_try(const struct ht_peer *peer, const ht_hash32 *owner) {
    struct try *try = calloc(1, sizeof *try);
    if (try == NULL) return NULL;
    try->peers = peer->peers;
    try->serial = peer->serial;
    try->connection = peer->connection;
    memcpy(try->challenge, peer->challenge, sizeof try->challenge);
    memcpy(try->url, ht_link_name(peer->link), strlen(ht_link_name(peer->link)) + 1);
    text_tag(&try->tags[0], try->relay_items, "relay", try->url);
    text_tag(&try->tags[1], try->challenge_items, "challenge", try->challenge);
    try->event = (struct ht_event){.pubkey = *owner,
                                   .created_at = ht_social_now_s(peer->peers->social),
                                   .kind = KIND_AUTH,
                                   .tags = try->tags,
                                   .tag_count = 2,
                                   .content = ht_bytes_str("")};
    if (ht_event_id(&try->event.id, &try->event) == HT_OK) return try;
    free(try);
    return NULL;
}

static bool is_vault_open(const struct ht_peers *peers) {
    const struct ht_host *host = peers->social->host;
    const struct ht_nostr_keys *keys = host->nostr_keys(host);
    struct ht_nostr_key one;
    bool is_open = false;
    return keys != NULL && keys->list(keys->self, &one, 1, &is_open) > 0 && is_open;
}

static void sign_in(struct ht_peer *peer) {
    const struct ht_host *host = peer->peers->social->host;
    ht_hash32 owner;
    if (!ht_social_owner(peer->peers->social, &owner) || !is_vault_open(peer->peers)) {
        lock(peer);
        return;
    }
    if (peer->auth_count == HT_PEER_AUTHS_MAX) return;
    struct try *try = make_try(peer, &owner);
    if (try == NULL) return;
    peer->auth_count++;
    peer->auth = HT_PEER_AUTH_SIGNING;
    memset(&peer->auth_id, 0, sizeof peer->auth_id);
    const struct ht_nostr_keys *keys = host->nostr_keys(host);
    keys->sign(keys->self, &owner, &try->event.id, "signing in to a relay", false, signed_in, try);
}

void ht_peers_auth_challenge(struct ht_peer *peer, const char *challenge) {
    size_t n = strlen(challenge);
    if (peer->tap != NULL && !peer->is_proven && n < sizeof peer->early) {
        memcpy(peer->early, challenge, n + 1);
    }
    if (!peer->is_own || n == 0 || n >= sizeof peer->challenge) return;
    if (strcmp(peer->challenge, challenge) == 0 || peer->auth_count == HT_PEER_AUTHS_MAX) return;
    memcpy(peer->challenge, challenge, n + 1);
    sign_in(peer);
}

bool ht_peers_auth_ok(struct ht_peer *peer, const ht_hash32 *id, bool is_taken,
                      const char *reason) {
    bool is_ours = peer->auth == HT_PEER_AUTH_SIGNING && !ht_hash32_is_zero(&peer->auth_id) &&
                   ht_hash32_equal(&peer->auth_id, id);
    if (!is_ours) return false;
    if (!is_taken) ht_peer_reason(peer, reason);
    end(peer, is_taken ? HT_PEER_AUTH_DONE : HT_PEER_AUTH_REFUSED);
    return true;
}

void ht_peers_auth_retry(struct ht_peer *peer) {
    if (peer->auth != HT_PEER_AUTH_LOCKED || !ht_peer_is_open(peer)) return;
    if (is_vault_open(peer->peers)) sign_in(peer);
}

bool ht_peers_auth_may_come(const struct ht_peer *peer) {
    return peer->is_own && peer->auth != HT_PEER_AUTH_REFUSED;
}
