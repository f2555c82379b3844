/* Text from outside, made safe for the eye: what is invisible, turns the writing around or is no
 * text at all is written out. */
#ifndef HT_CODEC_SAFE_TEXT_H
#define HT_CODEC_SAFE_TEXT_H

#include <jansson.h>

#include "node/base/bytes.h"

/* What a text has in it. */
enum ht_text_mark {
    HT_TEXT_HIDDEN = 1,   /* invisible, zero-width or control characters; not line feeds and tabs */
    HT_TEXT_BIDI = 2,     /* characters that turn the order of the writing */
    HT_TEXT_NOT_UTF8 = 4, /* bytes that are no text */
    HT_TEXT_FOREIGN = 8,  /* letters of scripts that look like Latin ones: Greek, Cyrillic, … */
};

/* The marks of a text, as a sum of the above. */
unsigned ht_text_marks(ht_bytes text);

/* The text as a JSON string. Line feeds and tabs stay; others become "\u202e", "\u{e0041}", and
 * bytes "\xff". NULL without memory. */
json_t *ht_explain_safe_text(ht_bytes text);

#endif
