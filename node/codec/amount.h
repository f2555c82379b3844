/* Amounts of tokens as people read and write them. */
#ifndef HT_CODEC_AMOUNT_H
#define HT_CODEC_AMOUNT_H

#include "node/base/u256.h"

#define HT_AMOUNT_SIZE 340U
/* An amount of base units with a point before its last `decimals` digits (at most 255), exact and
 * without trailing zeros. */
void ht_amount_text(char out[static HT_AMOUNT_SIZE], const ht_u256 *amount, unsigned decimals);

/* Half of all numbers of this width and more, or the largest of a smaller width from 64 bits on
 * (some tokens count in 96): nobody holds that much, it means "all, for ever". */
bool ht_is_unlimited(const ht_u256 *amount, unsigned bits);

#endif
