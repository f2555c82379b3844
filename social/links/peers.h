/* Other relays: questions to them, events sent to them, what they send by themselves, how they do.
 * Links are node/p2p/dial.h's; events that come are verified and stored by our own relay, as
 * everything is. Answers are bounded in time and number, and only what was asked for is taken.
 *
 * The owner's relays are those of the setting "relays"; without it, those of their kind 10002. They
 * are dialled wherever they lead, are signed in to when they ask for it (NIP-42), while the vault
 * is open, and those for reading are kept connected: what the followed write and what names the
 * owner comes from them by itself. Relays that only others named are never told who we are, and
 * lead to public addresses only (dial.h). All functions: loop thread. */
#ifndef HT_SOCIAL_LINKS_PEERS_H
#define HT_SOCIAL_LINKS_PEERS_H

#include "social/client_task.h"

#define HT_PEERS_OWN_MAX 12U      /* the owner's relays */
#define HT_PEERS_SEND_MS 2500     /* for an OK, before it is told how far it came */
#define HT_PEERS_EVENTS_MAX 1000U /* of one relay for one question */
/* Events that wait for one relay's OK, and their bytes; the oldest gives way. */
#define HT_PEERS_QUEUE_MAX 200U
#define HT_PEERS_QUEUE_BYTES_MAX ((size_t)1 << 20)

/* HT_ENOMEM. */
enum ht_err ht_peers_new(struct ht_social *social, struct ht_why *why) HT_MUST_USE;
/* Nothing is asked or taken any more; questions and deliveries end with what there is. Before the
 * node's links end, which take from relays; also what tasks wait for. */
void ht_peers_stop(struct ht_social *social);
/* NULL relays are fine. */
void ht_peers_free(struct ht_social *social);

/* The owner's relays: [{"url", "read", "write"}], borrowed by the call. To be called again when the
 * owner, the followed or the vault have changed, too: what is subscribed to follows them. */
void ht_peers_set_own(struct ht_social *social, const json_t *relays);
/* The same list: a new reference. */
json_t *ht_peers_own(const struct ht_social *social);

/* Sends an event to the owner's relays for writing and to `more`, an array of URLs that others
 * named (relays that people read), or NULL; HT_CLIENT_RELAYS_MAX at most, our own door never. done
 * comes later, once (at once when the node stops): [{"url", "state": "ok" | "sent" | "no_answer" |
 * "refused"}], borrowed; when all have answered or HT_PEERS_SEND_MS have passed. "sent": it is on
 * its way, "no_answer": the relay was not reached; both are said again when it is, for as long as
 * the node runs, up to HT_PEERS_QUEUE_MAX. "refused": by the relay, or by us since it leads where
 * relays that others named may not. */
void ht_peers_send(struct ht_social *social, ht_bytes event, const json_t *more,
                   void (*done)(void *user, json_t *sent), void *user);

/* The same to these URLs only, and not to the owner's relays: for what not everybody is to carry
 * (gift wraps). One that is the owner's is dialled as the owner's. */
void ht_peers_send_to(struct ht_social *social, ht_bytes event, const json_t *urls,
                      void (*done)(void *user, json_t *sent), void *user);
/* Does the URL lead to our own door? */
bool ht_peers_is_door(const struct ht_social *social, const char *url);

/* Asks for a filter, JSON without limit on relays: the owner's for reading, and `more`, an array of
 * URLs that others named, or NULL; HT_CLIENT_RELAYS_MAX at most, our own door never. done comes
 * later, once, with where from (client.h: borrowed), when all have answered or HT_CLIENT_ASK_MS
 * have passed. */
void ht_peers_ask(struct ht_social *social, const json_t *filter, const json_t *more,
                  void (*done)(void *user, json_t *source), void *user);
/* Where to ask on: there is more than these relays gave. */
struct ht_peers_page {
    bool is_full;    /* one gave so much that it may not have been all */
    int64_t until_s; /* what is not newer than this has not come yet */
};
#define HT_PEERS_PAGE 100U /* events of one relay; who gives fewer has given all */
/* The same, and done is told how to go on. */
void ht_peers_ask_page(struct ht_social *social, const json_t *filter, const json_t *more,
                       void (*done)(void *user, json_t *source, const struct ht_peers_page *page),
                       void *user);
/* Nobody was asked: {"asked": 0, "answered": 0, "relays": []}; a new reference. */
json_t *ht_peers_nobody(void);

/* How many events that we did not have others have given. */
uint64_t ht_peers_new_count(const struct ht_social *social);

/* social.relays {} -> {"relays": [{"url", "state": "open" | "connecting" | "waiting" (for the next
 * try) | "asleep" (nobody uses it) | "auth" (it wants us to sign in, which it does not let us or
 * which waits for the vault) | "flooding" (let go for a while), "is_own", "is_live": bool (it tells
 * us what is new), "events": taken from it, "sent", "taken", "refused": events of ours, "queued":
 * not answered yet, "dropped": gave way in the queue, "reason": why it refused last | null,
 * "catchup": of this connection, with a relay of the owner's for reading that is no node: {"state":
 * "idle" | "comparing" | "fetching" | "done" | "failed", "needed", "taken", "offered": events,
 * "has_neg": it speaks NIP-77, "at_s" | null, "code" | null} | null}]}. */
enum ht_err ht_peers_json(void *self, json_t **out, struct ht_why *why) HT_MUST_USE;

#endif
