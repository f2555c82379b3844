/* Peers as they are kept on disk: any text. What is read is within its bounds, is taken by a mesh,
 * and is the same when it is written and read again. */
#include <stdlib.h>

#include "social/mesh/mesh_row.h"

#define TEXT_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

#define ENDS(text) must(memchr(text, 0, sizeof(text)) != NULL)

static void check(const struct ht_mesh_peer *peer) {
    const struct ht_node_record *record = &peer->record;
    const struct ht_peer_score *score = &peer->score;
    must(record->address_count <= HT_NODE_ADDRESSES_MAX);
    for (size_t i = 0; i < record->address_count; i++) ENDS(record->addresses[i]);
    ENDS(record->name);
    ENDS(peer->label);
    ENDS(peer->invite);
    ENDS(peer->last_end.text);
    ENDS(peer->last_end_text);
    must(peer->last_end.code != NULL && peer->bytes_in <= INT64_MAX &&
         peer->bytes_out <= INT64_MAX);
    must(score->score >= -100 && score->score <= 100 && score->fault_count <= HT_PEER_FAULTS_MAX);
    for (size_t i = 0; i < score->fault_count; i++) {
        ENDS(score->faults[i].what);
        must(score->faults[i].count > 0 && ht_peer_fault_name(score->faults[i].kind) != NULL);
    }
}

static void recall(const struct ht_mesh_peer *peer) {
    struct ht_scope *scope = NULL;
    struct ht_mesh *mesh = NULL;
    struct ht_mesh_peer known = *peer;
    must(ht_scope_new(&scope) == HT_OK);
    const struct ht_mesh_options options = {.clock = &ht_system_clock,
                                            .random = &ht_system_random,
                                            .self.node.b = {1},
                                            .scope = scope,
                                            .seen_max = 16};
    memset(known.node.b, 2, sizeof known.node.b);
    must(ht_mesh_new(&mesh, &options) == HT_OK);
    must(ht_mesh_recall(mesh, &known) == HT_OK);
    const struct ht_mesh_peer *found = ht_mesh_find(mesh, &known.node);
    must(found != NULL && found->link == NULL);
    must((found->record_json == NULL) == (peer->record_json == NULL));
    ht_mesh_free(mesh);
    ht_scope_free(scope);
}

/* Writes what a text says; false: it says nothing. */
static bool again(struct ht_buf *out, ht_bytes text) {
    struct ht_mesh_row row;
    struct ht_why why = {.code = NULL};
    ht_buf_init(out, TEXT_MAX);
    if (ht_mesh_row_read(&row, text, &why) != HT_OK) {
        must(why.code != NULL);
        return false;
    }
    check(&row.peer);
    recall(&row.peer);
    must(ht_mesh_row_write(out, &row.peer, NULL) == HT_OK);
    ht_mesh_row_fini(&row);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_buf first, second;
    if (again(&first, ht_bytes_of(data, n)) && first.n <= (size_t)32 << 10) {
        must(again(&second, ht_buf_view(&first)));
        must(ht_bytes_equal(ht_buf_view(&first), ht_buf_view(&second)));
        ht_buf_fini(&second);
    }
    ht_buf_fini(&first);
    return 0;
}
