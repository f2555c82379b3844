/* A peer as JSON text, for the disk: what is known of it but for its key and its connection.
 *
 * {"addresses": [url], "pin", "user": hex | null, "name", "may_pass", "created_at", "expires_at",
 * "record": the signed event as text | null, "origin", "accepted", "courier", "banned", "label",
 * "invite", "added_s", "seen_s", "failures", "bytes_in", "bytes_out", "score", "until_ms",
 * "first", "duplicates", "faults": [{"kind", "at_ms", "count", "what"}], "end_code", "end_text",
 * "end_words"}. Pure. */
#ifndef HT_SOCIAL_MESH_ROW_H
#define HT_SOCIAL_MESH_ROW_H

#include "node/p2p/mesh.h"

struct ht_mesh_row {
    struct ht_mesh_peer peer; /* node: zero */
    json_t *value;            /* what the peer points into */
};

/* Appends. HT_ELIMIT, HT_ENOMEM "no_memory". */
enum ht_err ht_mesh_row_write(struct ht_buf *out, const struct ht_mesh_peer *peer,
                              struct ht_why *why) HT_MUST_USE;
/* HT_EINPUT "bad_row" and those of json.h: nothing is to be freed then. */
enum ht_err ht_mesh_row_read(struct ht_mesh_row *out, ht_bytes text,
                             struct ht_why *why) HT_MUST_USE;
void ht_mesh_row_fini(struct ht_mesh_row *row);

#endif
