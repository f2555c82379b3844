/* The parts of the social suite. */
#ifndef HT_TESTS_VECTORS_SUITE_SOCIAL_H
#define HT_TESTS_VECTORS_SUITE_SOCIAL_H

#include "node/codec/json.h"
#include "tests/vectors/vectors.h"

struct ht_social_run {
    struct ht_vec_report *report;
    const char *file; /* the name of the one being read */
    size_t events, schnorr, works, keys, entities, nip44, gifts, negentropy;
};

/* Counts a case of the current file. */
void ht_social_report(struct ht_social_run *run, const char *name, enum ht_err err,
                      const struct ht_why *why);

/* Judges the cases in the lines of one .jsonl file. */
void ht_social_run_lines(struct ht_social_run *run, ht_bytes text);
/* Judges the entities of NIP-19 in a document; keys alone are the keys suite's. */
void ht_social_run_entities(struct ht_social_run *run, const json_t *document);
/* Judge the cases of their forms in one document; suite_social_crypto.c, _negentropy.c. */
void ht_social_run_nip44(struct ht_social_run *run, const json_t *document);
void ht_social_run_gifts(struct ht_social_run *run, const json_t *document);
void ht_social_run_negentropy(struct ht_social_run *run, const json_t *document);

#endif
