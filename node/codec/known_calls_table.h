/* The table of known functions, which known_calls.h declares: selectors, kinds, words. */
#ifndef HT_CODEC_KNOWN_CALLS_TABLE_H
#define HT_CODEC_KNOWN_CALLS_TABLE_H

#include "node/codec/known_calls.h"

#endif
