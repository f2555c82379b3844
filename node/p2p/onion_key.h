/* The file of an onion service's key. */
#ifndef HT_P2P_ONION_KEY_H
#define HT_P2P_ONION_KEY_H

#include "node/base/clock.h"
#include "node/p2p/onion_control.h"

/* Reads data_dir/peer/onion.key, or makes it, whole or not at all. HT_ESTORE "onion_key". The key
 * is the caller's to wipe. */
enum ht_err ht_onion_key_open(uint8_t key[static HT_ONION_KEY_SIZE], const char *data_dir,
                              const struct ht_random *random, struct ht_why *why) HT_MUST_USE;

#endif
