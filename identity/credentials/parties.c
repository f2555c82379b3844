/* Documents one after the other. Some come at once and some much later, so that this is a loop with
 * pauses and no calls within calls. */
#include "identity/credentials/parties.h"

#include "node/base/hex.h"
#include "node/codec/json.h"

static const char *party_at(const struct ht_vc_documents *documents, size_t i) {
    return json_string_value(json_array_get(documents->parties, i));
}

/* The lowest block is what all of it holds for. */
static void take_block(struct ht_vc_documents *documents, const struct ht_did_resolve *resolve) {
    if (!resolve->has_state) return;
    uint64_t number = resolve->header.header.number;
    if (documents->has_block && documents->header.header.number <= number) return;
    documents->has_block = true;
    documents->header = resolve->header;
    documents->is_final = resolve->is_final;
}

static void take(struct ht_vc_documents *documents) {
    struct ht_did_resolve *resolve = &documents->resolve;
    const size_t at = documents->at++;
    enum ht_err err = resolve->err;
    struct ht_why why = resolve->why;
    json_t *document = json_object_get(resolve->result, "didDocument");
    take_block(documents, resolve);
    if (err == HT_OK && !json_is_object(document))
        err = ht_fail(&why, HT_ENOTFOUND, "did_no_document", "it has no document");
    if (err == HT_OK && json_object_set(documents->found, party_at(documents, at), document) != 0)
        err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    documents->ends[at].err = err;
    documents->ends[at].why = why;
    ht_did_resolve_fini(resolve);
}

static void on_resolved(struct ht_did_resolve *resolve);

/* The next one; false when its document is still to come. */
static bool resolve_next(struct ht_vc_documents *documents) {
    struct ht_did_resolve *resolve = &documents->resolve;
    const char *party = party_at(documents, documents->at);
    *resolve = (struct ht_did_resolve){
        .host = documents->host, .block = documents->block, .done = on_resolved};
    resolve->err = ht_did_read(&resolve->did, NULL, ht_bytes_str(party), &resolve->why);
    if (resolve->err != HT_OK) {
        take(documents);
        return true;
    }
    documents->is_calling = true;
    documents->is_answered = false;
    ht_did_resolve(resolve);
    documents->is_calling = false;
    if (documents->is_answered) take(documents);
    return documents->is_answered;
}

static void go_on(struct ht_vc_documents *documents) {
    while (documents->at < json_array_size(documents->parties)) {
        if (!resolve_next(documents)) return;
    }
    documents->done(documents);
}

static void on_resolved(struct ht_did_resolve *resolve) {
    struct ht_vc_documents *documents =
        (struct ht_vc_documents *)((char *)resolve - offsetof(struct ht_vc_documents, resolve));
    documents->is_answered = true;
    if (documents->is_calling) return;
    take(documents);
    go_on(documents);
}

void ht_vc_documents_get(struct ht_vc_documents *documents) {
    ht_assert(json_array_size(documents->parties) <= HT_VC_PARTIES_MAX);
    documents->found = json_object();
    go_on(documents);
}

void ht_vc_documents_fini(struct ht_vc_documents *documents) {
    json_decref(documents->parties);
    json_decref(documents->found);
    documents->parties = NULL;
    documents->found = NULL;
}

json_t *ht_vc_documents_find(void *user, const char *did, struct ht_why *why) {
    struct ht_vc_documents *documents = user;
    json_t *document = json_object_get(documents->found, did);
    if (document != NULL) return json_incref(document);
    documents->is_unresolved = true;
    for (size_t i = 0; i < json_array_size(documents->parties); i++) {
        if (strcmp(party_at(documents, i), did) != 0) continue;
        *why = documents->ends[i].why;
        return NULL;
    }
    (void)ht_fail(why, HT_EBUG, "vc_issuer", "its document was not fetched");
    return NULL;
}

json_t *ht_vc_documents_as_of(const struct ht_vc_documents *documents) {
    if (!documents->has_block) return json_null();
    char hash[HT_HEX_SIZE(32)];
    ht_hex_write(hash, HT_BYTES(documents->header.hash.b));
    return json_pack("{s:I, s:s, s:I, s:s}", "number", (json_int_t)documents->header.header.number,
                     "hash", hash, "timestamp", (json_int_t)documents->header.header.timestamp,
                     "level", documents->is_final ? "finalized" : "head");
}
