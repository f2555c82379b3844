/* What the owner sees of devices. Loop thread. */
#ifndef HT_SOCIAL_BUNKER_BUNKER_JSON_H
#define HT_SOCIAL_BUNKER_BUNKER_JSON_H

#include <jansson.h>

#include "node/base/err.h"

/* The topic "social.bunker", see bunker.h; self is struct ht_social. HT_ENOMEM. */
enum ht_err ht_bunker_json(void *self, json_t **out, struct ht_why *why) HT_MUST_USE;

#endif
