/* What of an event can be searched, and what a search asks (NIP-50). */
#ifndef HT_SOCIAL_STORE_STORE_TEXT_H
#define HT_SOCIAL_STORE_STORE_TEXT_H

#include "node/nostr/event.h"

#define HT_STORE_TEXT_MAX ((size_t)48 << 10) /* bytes of an event that are indexed */

/* Kinds that people write and look for: profiles, notes, comments, long-form, … */
bool ht_store_is_searched(uint32_t kind);

/* The event's title, subject, summary and content, as far as it is indexed; the same for the same
 * event. HT_ENOMEM. */
enum ht_err ht_store_text(struct ht_buf *out, const struct ht_event *event) HT_MUST_USE;

/* The expression of FTS5 for a search: all words and "phrases" of it; empty when it asks for none.
 * Words like key:value are extensions and are left out. Safe for any bytes. HT_ENOMEM. */
enum ht_err ht_store_expression(struct ht_buf *out, ht_bytes search) HT_MUST_USE;

#endif
