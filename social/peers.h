/* Other relays: which there are, what they are asked, what they are sent (NIP-65).
 *
 * The owner's relays are those of their kind 10002; without one, those of the setting "relays". A
 * relay that the owner named is dialled wherever it leads; one that others named only in public and
 * with TLS (node/p2p/dial.h). Answers are taken when they match what was asked and their signatures
 * hold; they go into our own store by our own relay. Loop thread. */
#ifndef HT_SOCIAL_PEERS_H
#define HT_SOCIAL_PEERS_H

#include "social/client_task.h"

#define HT_PEERS_OWN_MAX 12U      /* the owner's relays */
#define HT_PEERS_EVENTS_MAX 1000U /* of one relay for one question */

/* HT_ENOMEM. */
enum ht_err ht_peers_new(struct ht_social *social, struct ht_why *why) HT_MUST_USE;
/* Ends what is asked and lets go of all relays; also what tasks wait for. */
void ht_peers_stop(struct ht_social *social);
/* NULL relays are fine. */
void ht_peers_free(struct ht_social *social);

/* The owner's relays: [{"url", "read", "write"}], borrowed by the call. */
void ht_peers_set_own(struct ht_social *social, const json_t *relays);
/* The same list: a new reference. */
json_t *ht_peers_own(const struct ht_social *social);

/* Sends an event to the owner's relays for writing: [{"url", "state": "sent" | "no_answer" |
 * "refused"}], a new reference; NULL without memory. "sent": on its way; what becomes of it is in
 * ht_peers_json. */
json_t *ht_peers_send(struct ht_social *social, ht_bytes event);

/* Asks for a filter, JSON without limit on relays: the owner's for reading, and `more`, an array of
 * URLs that others named, or NULL; HT_CLIENT_RELAYS_MAX at most. done comes later, once, with where
 * from (client.h: borrowed), when all have answered or HT_CLIENT_ASK_MS have passed. */
void ht_peers_ask(struct ht_social *social, const json_t *filter, const json_t *more,
                  void (*done)(void *user, json_t *source), void *user);
/* Nobody was asked: {"asked": 0, "answered": 0, "relays": []}; a new reference. */
json_t *ht_peers_nobody(void);

/* How many events that we did not have others have given. */
uint64_t ht_peers_new_count(const struct ht_social *social);

/* social.relays. */
enum ht_err ht_peers_json(void *self, json_t **out, struct ht_why *why) HT_MUST_USE;

#endif
