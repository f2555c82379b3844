/* The tables of ENSIP-15: what each character is, what it is mapped to, what it looks like, which
 * sequences are emoji, and which two characters are one in NFC.
 *
 * They are unpacked from ensip15_gen.c on first use, once, into memory of the program's own; after
 * that lookups are binary searches and allocate nothing. Any thread.
 *
 * Source: ENSIP-15, Unicode by way of @adraffy/ens-normalize (see ensip15_gen.mjs). */
#ifndef HT_IDENTITY_NAMES_ENSIP15_H
#define HT_IDENTITY_NAMES_ENSIP15_H

#include "node/base/bytes.h"

/* Groups of characters that may stand together: scripts, in the order in which they are tried. */
#define HT_ENSIP15_GROUP_WORDS 3U
struct ht_ensip15_groups {
    uint64_t bits[HT_ENSIP15_GROUP_WORDS]; /* group i: bit i % 64 of word i / 64 */
};

enum ht_ensip15_flags {
    HT_ENSIP15_VALID = 1,   /* may stand in a name */
    HT_ENSIP15_MARK = 2,    /* a combining mark */
    HT_ENSIP15_NSM = 4,     /* a nonspacing mark, of which there may not be many */
    HT_ENSIP15_IGNORED = 8, /* vanishes */
};

struct ht_ensip15_class {
    uint8_t flags;
    uint8_t rank;                    /* order of canonical combining classes; 0: a starter */
    struct ht_ensip15_groups groups; /* that have the character */
};

/* Of any 32-bit number. */
const struct ht_ensip15_class *ht_ensip15_class(uint32_t c);

/* How many characters stand for c, and which; 0 when it is not mapped. */
size_t ht_ensip15_mapped(const uint32_t **to, uint32_t c);

/* Groups outside its own that have a character that looks like c; NULL when nothing does. */
const struct ht_ensip15_groups *ht_ensip15_twins(uint32_t c);

/* Whether the group's names are searched for repeated and too many marks. */
bool ht_ensip15_is_checked(size_t group);

/* Length of the longest emoji sequence at the start, 0 without one. */
size_t ht_ensip15_emoji(const uint32_t *text, size_t n);

/* The one character that two are in NFC; false when they stay two. */
bool ht_ensip15_compose(uint32_t *out, uint32_t first, uint32_t second);
/* The reverse, one step: the second is never to be taken apart again, the first may be. */
bool ht_ensip15_decompose(uint32_t *first, uint32_t *second, uint32_t c);

#endif
