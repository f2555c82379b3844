/* The node's own record: signed by the owner, told over links or published. Only files of this
 * folder include it. */
#ifndef HT_SOCIAL_MESH_RECORD_H
#define HT_SOCIAL_MESH_RECORD_H

#include "social/mesh/mesh_door.h"
#include "social/mesh/mesh_reach.h"

#define HT_MESH_RECORD_SETTING "mesh_record" /* {"event": text} */

struct ht_mesh_outside;

struct ht_mesh_reach {
    struct ht_mesh_service *service;
    struct ht_mesh_door tls, onion;
    char address[64]; /* that is listened on */
    uint16_t wanted_port;
    struct ht_why why; /* why it does not listen; code "" */
    struct ht_mesh_outside *outside;
    /* the record */
    struct ht_timer look;
    char *signed_json;            /* NULL: there is none */
    struct ht_node_record record; /* what it says */
    bool is_signing;
    bool is_wished; /* somebody is there to be told it */
};

enum ht_err ht_mesh_record_load(struct ht_mesh_reach *reach, sqlite3 *db,
                                struct ht_why *why) HT_MUST_USE;
/* Tells the core of the one that was kept. */
void ht_mesh_record_begin(struct ht_mesh_reach *reach);
/* There is a peer or an invitation: one is made soon, unless there is one. */
void ht_mesh_record_wish(struct ht_mesh_reach *reach);
void ht_mesh_record_stop(struct ht_mesh_reach *reach);

#endif
