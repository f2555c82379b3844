/* The part of the social suite that needs a running relay. */
#ifndef HT_TESTS_VECTORS_SOCIAL_RELAY_H
#define HT_TESTS_VECTORS_SOCIAL_RELAY_H

#include "tests/vectors/vectors.h"

/* Events over the wire, scenarios and messages of every .jsonl file below the folder against
 * nodes that it starts; adds their counts. Run from the top folder of the sources. */
void ht_vec_run_social_relay(const char *fixtures_dir, struct ht_vec_report *report);

#endif
