/* The wallet as other modules may use it: struct ht_wallet of node/api/services.h.
 *
 * A transaction or a document of theirs goes the way of the owner's own (send.h): proven, explained
 * down to the last call, and into the queue, where the owner decides; `what` stands as the first
 * row of what is shown there ("For"). What is still asked for when the node is about to stop ends
 * with HT_EAGAIN "stopping", before any module ends. Loop thread. */
#ifndef HT_IDENTITY_WALLET_WALLET_SERVICE_H
#define HT_IDENTITY_WALLET_WALLET_SERVICE_H

#include "identity/identity.h"

#define HT_WALLET_DATA_MAX                                                       \
    ((size_t)128 * 1024)        /* bytes of one call; HT_ELIMIT "data_too_large" \
                                 */
#define HT_WALLET_WHAT_MAX 200U /* bytes of `what`; longer ones are cut */

struct ht_wallet_service;

/* Offers it. HT_ENOMEM. */
enum ht_err ht_wallet_service_new(struct ht_identity *identity, struct ht_why *why) HT_MUST_USE;
/* The node is about to stop. */
void ht_wallet_service_quit(struct ht_identity *identity);
/* Takes the offer back. */
void ht_wallet_service_free(struct ht_identity *identity);

#endif
