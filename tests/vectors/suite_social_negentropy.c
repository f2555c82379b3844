/* Transcripts of negentropy: {"client_items": ["created_at,id"], "server_items",
 * "frame_limit_client", "frame_limit_server", "messages": [hex, the client's and the server's in
 * turn], "have", "need": sorted}. Both roles must say the same, byte for byte. */
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/nostr/negentropy.h"
#include "tests/vectors/suite_social.h"

#define MESSAGES_MAX ((size_t)1 << 22)

struct side {
    struct ht_neg *neg;
    struct ht_neg_item *items;
};

static enum ht_err read_item(struct ht_neg_item *out, ht_bytes text, struct ht_why *why) {
    size_t at = 0;
    uint64_t time = 0;
    while (at < text.n && text.p[at] >= '0' && text.p[at] <= '9') {
        time = time * 10 + text.p[at++] - '0';
    }
    out->created_at = time;
    bool is_item =
        at < text.n && text.p[at] == ',' &&
        ht_hex_read(out->id.b, 32, ht_bytes_of(text.p + at + 1, text.n - at - 1)) == HT_OK;
    return is_item ? HT_OK : ht_fail(why, HT_EBUG, "case", "an item is not understood");
}

static enum ht_err start(struct side *side, const json_t *one, const char *items, const char *limit,
                         struct ht_why *why) {
    const json_t *list = NULL;
    uint64_t frame_limit = 0;
    enum ht_err err = ht_json_array(&list, one, items, why);
    if (err == HT_OK) err = ht_json_u64(&frame_limit, one, limit, why);
    if (err != HT_OK) return err;
    size_t count = json_array_size(list);
    side->items = calloc(count + 1, sizeof *side->items);
    if (side->items == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory");
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        ht_bytes text = {NULL, 0};
        err = ht_json_str(&text, json_array_get(list, i), "", why);
        if (err == HT_OK) err = read_item(&side->items[i], text, why);
    }
    if (err != HT_OK) return err;
    return ht_neg_new(&side->neg, side->items, count, (size_t)frame_limit, why);
}

static void stop(struct side *side) {
    ht_neg_free(side->neg);
    free(side->items);
}

static enum ht_err same_message(const json_t *messages, size_t index, ht_bytes got,
                                struct ht_why *why) {
    struct ht_buf want;
    ht_bytes text = {NULL, 0};
    ht_buf_init(&want, MESSAGES_MAX);
    enum ht_err err = ht_json_str(&text, json_array_get(messages, index), "", why);
    if (err == HT_OK) err = ht_hex_read_buf(&want, text);
    if (err == HT_OK && !ht_bytes_equal(ht_buf_view(&want), got)) {
        err = ht_fail(why, HT_EBUG, "case", "message %zu differs: %zu bytes, not %zu", index, got.n,
                      want.n);
    }
    ht_buf_fini(&want);
    return err;
}

static int compare_ids(const void *a, const void *b) {
    return memcmp(a, b, 32);
}

static enum ht_err same_found(const json_t *one, const char *name, struct ht_buf *found,
                              struct ht_why *why) {
    const json_t *list = NULL;
    enum ht_err err = ht_json_array(&list, one, name, why);
    if (err != HT_OK) return err;
    size_t count = found->n / 32;
    if (count > 0) qsort(found->p, count, 32, compare_ids);
    bool is_same = json_array_size(list) == count;
    for (size_t i = 0; i < count && is_same; i++) {
        uint8_t id[32];
        ht_bytes text = {NULL, 0};
        is_same = ht_json_str(&text, json_array_get(list, i), "", why) == HT_OK &&
                  ht_hex_read(id, sizeof id, text) == HT_OK &&
                  memcmp(id, found->p + 32 * i, sizeof id) == 0;
    }
    return is_same ? HT_OK : ht_fail(why, HT_EBUG, "case", "another list of %s: %zu", name, count);
}

static enum ht_err talk(struct side *client, struct side *server, struct ht_neg_found *found,
                        const json_t *one, struct ht_why *why) {
    struct ht_buf turns[2];
    const json_t *messages = NULL;
    enum ht_err err = ht_json_array(&messages, one, "messages", why);
    if (err != HT_OK) return err;
    for (size_t i = 0; i < 2; i++) ht_buf_init(&turns[i], MESSAGES_MAX);
    size_t count = 0;
    err = ht_neg_initiate(&turns[0], client->neg, why);
    while (err == HT_OK && turns[count % 2].n > 0) {
        struct ht_buf *said = &turns[count % 2];
        struct ht_buf *answer = &turns[(count + 1) % 2];
        err = same_message(messages, count, ht_buf_view(said), why);
        ht_buf_clear(answer);
        bool is_from_client = count % 2 == 0;
        if (err == HT_OK) {
            err = ht_neg_reconcile(answer, is_from_client ? NULL : found,
                                   is_from_client ? server->neg : client->neg, ht_buf_view(said),
                                   why);
        }
        count++;
    }
    if (err == HT_OK && count != json_array_size(messages)) {
        err = ht_fail(why, HT_EBUG, "case", "%zu messages, not %zu", count,
                      json_array_size(messages));
    }
    for (size_t i = 0; i < 2; i++) ht_buf_fini(&turns[i]);
    return err;
}

static enum ht_err judge(const json_t *one, struct ht_why *why) {
    struct side client = {.neg = NULL};
    struct side server = {.neg = NULL};
    struct ht_neg_found found;
    ht_buf_init(&found.have, MESSAGES_MAX);
    ht_buf_init(&found.need, MESSAGES_MAX);
    enum ht_err err = start(&client, one, "client_items", "frame_limit_client", why);
    if (err == HT_OK) err = start(&server, one, "server_items", "frame_limit_server", why);
    if (err == HT_OK) err = talk(&client, &server, &found, one, why);
    if (err == HT_OK) err = same_found(one, "have", &found.have, why);
    if (err == HT_OK) err = same_found(one, "need", &found.need, why);
    ht_buf_fini(&found.have);
    ht_buf_fini(&found.need);
    stop(&client);
    stop(&server);
    return err;
}

void ht_social_run_negentropy(struct ht_social_run *run, const json_t *document) {
    const char *name = NULL;
    struct ht_why why = {.code = "", .text = ""};
    if (!json_is_array(ht_json_member(document, "client_items"))) return;
    run->negentropy++;
    if (ht_json_text(&name, document, "name", NULL) != HT_OK) name = "";
    enum ht_err err = judge(document, &why);
    ht_social_report(run, name, err, &why);
}
