/* A part of the eip712 suite that the identity suite has as well. */
#ifndef HT_TESTS_VECTORS_SUITE_EIP712_H
#define HT_TESTS_VECTORS_SUITE_EIP712_H

#include "node/codec/json.h"
#include "tests/vectors/vectors.h"

/* Judges and counts the cases of one document; file names them. Others are left alone. */
void ht_eip712_run(struct ht_vec_report *report, const char *file, const json_t *document);

#endif
