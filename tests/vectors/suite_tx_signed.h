/* A part of the tx suite: what a key signs, and signed bytes that must be refused. */
#ifndef HT_TESTS_VECTORS_SUITE_TX_SIGNED_H
#define HT_TESTS_VECTORS_SUITE_TX_SIGNED_H

#include "node/codec/json.h"
#include "tests/vectors/vectors.h"

struct ht_tx_signed_counts {
    size_t cases, malformed;
};

/* Judges {"cases": [{"fields", "privateKey", "unsigned", "signingHash", "signed", "txHash",
 * "from"}], "malformed": [{"raw"}]} in a document; other documents are left alone. */
void ht_tx_signed_run(struct ht_tx_signed_counts *counts, struct ht_vec_report *report,
                      const char *file, const json_t *document);

#endif
