/* Nostr's cases against the running relay: social_relay.mjs, next to this file, does them. */
#include "tests/vectors/social_relay.h"

#include "tests/vectors/script.h"

void ht_vec_run_social_relay(const char *fixtures_dir, struct ht_vec_report *report) {
    char *const argv[] = {"node", "tests/vectors/social_relay.mjs", (char *)fixtures_dir, NULL};
    ht_vec_run_script(report, "social_relay", argv);
}
