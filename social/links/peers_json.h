/* What is told of other relays, as JSON: ht_peers_source, ht_peers_nobody, ht_peers_json and
 * ht_peers_new_count of peers.h and peers_impl.h. Loop thread. */
#ifndef HT_SOCIAL_LINKS_PEERS_JSON_H
#define HT_SOCIAL_LINKS_PEERS_JSON_H

#include "social/links/peers_impl.h"

/* Where from (client.h): a new reference. */
json_t *ht_peers_source(const struct ht_question_out *question);

#endif
