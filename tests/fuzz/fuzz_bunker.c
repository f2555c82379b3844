/* What devices say: the first line as nostrconnect://, each further one as a request and as an
 * event to be signed. What is accepted is within its bounds, and an event has the id of its
 * serialisation. */
#include <stdlib.h>

#include "social/bunker/bunker_request.h"
#include "social/bunker/bunker_uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void check_uri(ht_bytes text) {
    static const struct ht_bunker_uri zero;
    struct ht_bunker_uri uri = zero;
    struct ht_why why = {.code = NULL};
    if (ht_bunker_uri_read(&uri, text, &why) != HT_OK) {
        must(why.code != NULL && memcmp(&uri, &zero, sizeof uri) == 0);
        return;
    }
    must(uri.relay_count > 0 && uri.relay_count <= HT_BUNKER_RELAYS_MAX && uri.secret[0] != '\0');
    for (size_t i = 0; i < uri.relay_count; i++) {
        char again[HT_LINK_URL_SIZE];
        must(ht_link_url(again, uri.relays[i], NULL) == HT_OK);
        must(strcmp(again, uri.relays[i]) == 0);
    }
    json_t *texts = json_pack("[s, s, s]", uri.secret, uri.name, uri.asks);
    must(texts != NULL);
    json_decref(texts);
}

static void check_request(ht_bytes text) {
    struct ht_bunker_request request;
    if (ht_bunker_request_read(&request, text, NULL) != HT_OK) {
        must(request.json == NULL);
        return;
    }
    must(request.id[0] != '\0' && strlen(request.id) <= HT_BUNKER_ID_MAX);
    must(request.count <= HT_BUNKER_PARAMS_MAX && (!request.has_bad_params || request.count == 0));
    must(ht_bunker_method_name(request.method) != NULL);
    ht_bunker_request_fini(&request);
}

static void check_event(ht_bytes text) {
    static const ht_hash32 owner = {{7}};
    struct ht_event event;
    struct ht_arena arena;
    struct ht_why why = {.code = NULL};
    json_t *keep = NULL;
    ht_arena_init(&arena, HT_BUNKER_EVENT_ARENA);
    enum ht_err err = ht_bunker_event_read(&event, &arena, &keep, text, &owner, &why);
    must((err == HT_OK) == (keep != NULL) && (err == HT_OK) == (why.code == NULL));
    if (err == HT_OK) {
        must(ht_event_check_id(&event, NULL) == HT_OK);
        must(event.kind <= 65535 && event.kind != HT_KIND_BUNKER);
    }
    json_decref(keep);
    ht_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    size_t start = 0;
    for (size_t i = 0; i <= n; i++) {
        if (i < n && data[i] != '\n') continue;
        ht_bytes line = ht_bytes_of(data + start, i - start);
        if (start == 0) check_uri(line);
        check_request(line);
        check_event(line);
        start = i + 1;
    }
    return 0;
}
