/* Events as lines of JSON, one event a line: what other relays' import and export use.
 *
 * Streaming both ways: nothing larger than a line and a chunk is held. */
#ifndef HT_SOCIAL_STORE_STORE_JSONL_H
#define HT_SOCIAL_STORE_STORE_JSONL_H

#include "social/store/store.h"

/* Cuts chunks of a file into lines. */
struct ht_jsonl {
    struct ht_buf rest; /* of a line whose end has not come */
    uint64_t lines;     /* seen so far; the one being told is among them */
    bool is_skipping;   /* the rest of a line that is too long */
};
void ht_jsonl_init(struct ht_jsonl *jsonl);
void ht_jsonl_fini(struct ht_jsonl *jsonl);

/* Is told of each line that is not empty, without its end; an error ends the feeding. A line longer
 * than HT_EVENT_SIZE_MAX is told as empty. */
typedef enum ht_err ht_jsonl_line(void *user, ht_bytes line, struct ht_why *why);

/* The next piece of the file; of any size. HT_ENOMEM and what `line` returns. */
enum ht_err ht_jsonl_feed(struct ht_jsonl *jsonl, ht_bytes chunk, ht_jsonl_line *line, void *user,
                          struct ht_why *why) HT_MUST_USE;
/* The last line may have no end. */
enum ht_err ht_jsonl_end(struct ht_jsonl *jsonl, ht_jsonl_line *line, void *user,
                         struct ht_why *why) HT_MUST_USE;

struct ht_import_counts {
    uint64_t lines, stored, duplicate, replaced, deleted, expired, refused; /* refused: by quota */
    uint64_t ephemeral, malformed, unverified;
};
/* Puts one line's event in, in the writer's transaction; what is wrong with it is counted and no
 * error. is_verified: who wrote the file has verified it (our own export); otherwise it is verified
 * here, 50 us each. HT_ESTORE, HT_ENOMEM. */
enum ht_err ht_import_line(struct ht_import_counts *counts, struct ht_store *store, ht_bytes line,
                           bool is_verified, const struct ht_store_limits *limits,
                           const char *relay_url, struct ht_why *why) HT_MUST_USE;

/* Writes all that match, newest first, a piece at a time. HT_EAGAIN, HT_ENOMEM, HT_ESTORE, and what
 * `write` returns. */
typedef enum ht_err ht_export_write(void *user, ht_bytes lines, struct ht_why *why);
enum ht_err ht_export(uint64_t *count, struct ht_store *store, const struct ht_filter *filter,
                      int64_t now_s, ht_export_write *write, void *user,
                      struct ht_why *why) HT_MUST_USE;

#endif
