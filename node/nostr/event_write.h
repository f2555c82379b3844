/* Writing what Nostr hashes and sends: texts as NIP-01 escapes them, and lowercase hex. */
#ifndef HT_NOSTR_EVENT_WRITE_H
#define HT_NOSTR_EVENT_WRITE_H

#include "node/nostr/event.h"

/* Appends a text in quotes, escaped as the serialisation of events has it: JSON in any message. The
 * text is UTF-8. HT_ELIMIT, HT_ENOMEM; part of it may have been appended then. */
enum ht_err ht_event_write_text(struct ht_buf *out, ht_bytes text) HT_MUST_USE;
/* Appends lowercase hex without "0x" and without quotes. */
enum ht_err ht_event_write_hex(struct ht_buf *out, ht_bytes bytes) HT_MUST_USE;

#endif
