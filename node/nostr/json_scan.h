/* A strict, single-pass reader of JSON (RFC 8259), for messages that come by the thousand: no tree,
 * and texts without escapes are views of what was read.
 *
 * Reasons, HT_EINPUT scan_malformed: syntax, control characters in texts, bad UTF-8, lone
 * surrogates, nesting over HT_JSON_SCAN_DEPTH_MAX; HT_ENOMEM no_memory. Any thread. */
#ifndef HT_NOSTR_JSON_SCAN_H
#define HT_NOSTR_JSON_SCAN_H

#include "node/base/arena.h"

#define HT_JSON_SCAN_DEPTH_MAX 32U

struct ht_json_scan {
    const uint8_t *p, *end;
    struct ht_arena *arena;
    uint8_t *room;  /* where the next decoded text goes; NULL until one has escapes */
    bool had_space; /* there was space somewhere */
};

/* Begins at the front of a text, which outlives what is read. */
void ht_json_scan_init(struct ht_json_scan *scan, struct ht_arena *arena, ht_bytes text);

/* Steps over space; then whether the next byte is c, which is stepped over as well. */
bool ht_json_scan_is(struct ht_json_scan *scan, char c);
/* The next byte after space, 0 at the end. */
uint8_t ht_json_scan_peek(struct ht_json_scan *scan);

/* A text in quotes, decoded: a view of what is read or of the arena. Space before it is not stepped
 * over. */
enum ht_err ht_json_scan_text(ht_bytes *out, struct ht_json_scan *scan,
                              struct ht_why *why) HT_MUST_USE;

/* Steps over one value of any type. The names within it may repeat. */
enum ht_err ht_json_scan_skip(struct ht_json_scan *scan, struct ht_why *why) HT_MUST_USE;

#endif
