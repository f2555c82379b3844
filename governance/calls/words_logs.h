/* What contracts log of changed rights and settings, in words. Pure; any thread. */
#ifndef HT_GOVERNANCE_CALLS_WORDS_LOGS_H
#define HT_GOVERNANCE_CALLS_WORDS_LOGS_H

#include "governance/calls/words.h"

struct ht_gov_wording {
    const struct ht_gov_calls_context *context;
    json_t *words, *roles, *owners, *balances;
};

/* Adds to words, roles and owners what a log of simulate.h says; other logs are left aside. */
void ht_gov_words_log(struct ht_gov_wording *wording, const json_t *log);
/* What a changed slot means when it is one of ERC-1967's; others are left aside. */
void ht_gov_words_slot(struct ht_gov_wording *wording, const json_t *change);

/* {"text", "severity"} to the list, and the text to words; danger when who it names is neither the
 * governor nor the timelock. */
void ht_gov_words_tell(struct ht_gov_wording *wording, json_t *list, const ht_addr20 *who,
                       const char *fmt, ...) HT_PRINTF(4, 5);
/* The bytes at a key of an object, exactly n of them. */
bool ht_gov_words_bytes(uint8_t *out, size_t n, const json_t *object, const char *key);

#endif
