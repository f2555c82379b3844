/* The keys and services that a history leaves behind: which events still hold, under which number.
 * Part of did_ethr_document.h; any thread. */
#ifndef HT_IDENTITY_DID_DID_ENTRIES_H
#define HT_IDENTITY_DID_DID_ENTRIES_H

#include "identity/did/did_ethr.h"

enum ht_did_section { HT_DID_NO_SECTION, HT_DID_PUB, HT_DID_SVC };

/* "did/pub/ALGORITHM[/PURPOSE[/ENCODING]]" or "did/svc/TYPE"; parts that are not there are empty,
 * and point into the name. */
struct ht_did_attribute {
    enum ht_did_section section;
    ht_bytes algorithm, purpose, encoding;
};

/* HT_DID_NO_SECTION for a name of another form. */
void ht_did_attribute_read(struct ht_did_attribute *out, const uint8_t name[static 32]);

struct ht_did_entry {
    const struct ht_did_event *event; /* the youngest that set it */
    uint32_t number;                  /* #delegate-N or #service-N */
    bool is_live;
};

struct ht_did_entries {
    struct ht_did_entry *list; /* in the order in which they came */
    size_t count;
    uint32_t delegates, services; /* counted so far */

    /* Its own. */
    uint32_t *table; /* of what an entry is about to its place in the list + 1 */
    size_t table_size;
};

/* Room for `events` of them. HT_ENOMEM. */
enum ht_err ht_did_entries_init(struct ht_did_entries *entries, size_t events) HT_MUST_USE;
void ht_did_entries_fini(struct ht_did_entries *entries);

/* A delegate's or an attribute's event: sets what holds at now_s, and takes away what no longer
 * does. */
void ht_did_entries_apply(struct ht_did_entries *entries, const struct ht_did_event *event,
                          int64_t now_s);

#endif
