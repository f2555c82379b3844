/* Tables of the mesh in social.db: peers, invitations, where catch-up was.
 *
 * Errors of the disk: as ht_db_fail gives them; HT_ENOMEM. The thread of the connection. */
#ifndef HT_SOCIAL_MESH_SQL_H
#define HT_SOCIAL_MESH_SQL_H

#include "node/module.h"
#include "node/p2p/catchup.h"
#include "node/p2p/mesh.h"

extern const struct ht_migration ht_mesh_migrations[];
extern const size_t ht_mesh_migration_count;

/* How far a peer and we are one. */
struct ht_mesh_mark {
    ht_hash32 node;
    struct ht_catchup_mark catchup;
    int64_t catchup_s; /* when one was done, in seconds; 0: never */
    int64_t inbox_s;   /* gift wraps that had arrived here by then were offered to it; 0: none */
};

/* A peer as it is kept: all but what belongs to a connection. record_json may be NULL. */
enum ht_err ht_mesh_sql_put(sqlite3 *db, const struct ht_mesh_peer *peer,
                            struct ht_why *why) HT_MUST_USE;
/* With its mark. */
enum ht_err ht_mesh_sql_delete(sqlite3 *db, const ht_hash32 *node, struct ht_why *why) HT_MUST_USE;
/* Each peer, in no order; what it points to lives for the call. each's error ends it and comes
 * back. A row that cannot be read is passed over, and *bad counts it. */
enum ht_err ht_mesh_sql_load(size_t *bad, sqlite3 *db,
                             enum ht_err (*each)(void *user, const struct ht_mesh_peer *peer),
                             void *user, struct ht_why *why) HT_MUST_USE;

/* Replaces all invitations by a list. */
enum ht_err ht_mesh_sql_put_invitations(sqlite3 *db, const struct ht_mesh_invitation *list,
                                        size_t count, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_mesh_sql_load_invitations(sqlite3 *db,
                                         enum ht_err (*each)(void *user,
                                                             const struct ht_mesh_invitation *one),
                                         void *user, struct ht_why *why) HT_MUST_USE;

enum ht_err ht_mesh_sql_put_mark(sqlite3 *db, const struct ht_mesh_mark *mark,
                                 struct ht_why *why) HT_MUST_USE;
/* All zero but the node when there is none. */
enum ht_err ht_mesh_sql_mark(struct ht_mesh_mark *out, sqlite3 *db, const ht_hash32 *node,
                             struct ht_why *why) HT_MUST_USE;

#endif
