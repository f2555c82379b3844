/* The parts of the keys suite, and what they share. */
#ifndef HT_TESTS_VECTORS_SUITE_KEYS_H
#define HT_TESTS_VECTORS_SUITE_KEYS_H

#include "node/codec/json.h"
#include "tests/vectors/vectors.h"

struct ht_keys_run {
    struct ht_vec_report *report;
    const char *file; /* the name of the one being read */
    size_t seeds, stores, texts, accounts, schnorr;
    size_t other_kinds, other_lengths; /* left out */
    unsigned long slowest_ms;          /* of the refusals of hostile keystores */
};

/* Counts a case of the current file. */
void ht_keys_report(struct ht_keys_run *run, const char *name, enum ht_err err,
                    const struct ht_why *why);

/* Whether the hex text under `key` (with or without "0x") is these bytes; HT_EBUG "case" if not. */
enum ht_err ht_keys_same(const json_t *one, const char *key, const uint8_t *got, size_t n,
                         struct ht_why *why) HT_MUST_USE;
/* Whether the text under `key` is this one. */
enum ht_err ht_keys_same_text(const json_t *one, const char *key, const char *got,
                              struct ht_why *why) HT_MUST_USE;
/* Hex of exactly n bytes, with or without "0x". */
enum ht_err ht_keys_hex(uint8_t *out, size_t n, const json_t *one, const char *key,
                        struct ht_why *why) HT_MUST_USE;

/* Each judges the cases of its forms in one document. */
void ht_keys_run_seeds(struct ht_keys_run *run, const json_t *document);
void ht_keys_run_stores(struct ht_keys_run *run, const json_t *document);
void ht_keys_run_texts(struct ht_keys_run *run, const json_t *document);

#endif
