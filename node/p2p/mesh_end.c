/* Why links end, said by us and by others. */
#include "node/p2p/mesh_end.h"

#include <stdio.h>

#include "node/codec/json.h"
#include "node/p2p/mesh_dial.h"
#include "node/p2p/mesh_link.h"

static const char *const end_codes[] = {
    "banned",
    "busy",
    "duplicate",
    "full",
    "lost",
    "not_accepted",
    "peer_bye",
    "peer_channel",
    "peer_clock",
    "peer_identity",
    "peer_malformed",
    "peer_order",
    "peer_challenge",
    "peer_signature",
    "peer_silent",
    "resting",
    "bad_signature",
    "malformed",
    "not_had",
    "withheld",
    "flood",
    "out_of_scope",
    "echo",
    "identity",
    "bad_chunk",
    "bad_proof",
    "wrong_pin",
    "connect_failed",
    "tls_failed",
    "name_not_found",
    "proxy_unreachable",
    "proxy_refused",
    "onion_without_tor",
    "stopped",
};

const char *ht_mesh_end_code(const char *code) {
    if (code == NULL || code[0] == '\0') return "";
    for (size_t i = 0; i < sizeof end_codes / sizeof end_codes[0]; i++) {
        if (strcmp(end_codes[i], code) == 0) return end_codes[i];
    }
    return "peer_bye";
}

/* What a person may be shown of a text from outside: no control characters, cut. */
static void printable(char *out, size_t size, const char *text) {
    size_t n = 0;
    for (; *text != '\0' && n + 1 < size; text++) {
        unsigned char c = (unsigned char)*text;
        out[n++] = c < 0x20 || c > 0x7e ? '?' : (char)c;
    }
    out[n] = '\0';
}

void ht_mesh_end_heard(struct ht_mesh_link *link, ht_bytes rest) {
    struct ht_mesh_peer *peer = ht_mesh_link_meant(link);
    char code[32] = "";
    char words[128] = "";
    struct ht_buf text;
    json_t *list = NULL;
    ht_buf_init(&text, 4096);
    if (ht_buf_add_str(&text, "[") == HT_OK && ht_buf_add(&text, rest) == HT_OK &&
        ht_buf_add_str(&text, "]") == HT_OK &&
        ht_json_parse(&list, ht_buf_view(&text), 4096, NULL) == HT_OK) {
        const char *first = json_string_value(json_array_get(list, 0));
        const char *second = json_string_value(json_array_get(list, 1));
        printable(code, sizeof code, first != NULL ? first : "");
        printable(words, sizeof words, second != NULL ? second : "");
    }
    json_decref(list);
    ht_buf_fini(&text);
    const char *known = ht_mesh_end_code(code[0] != '\0' ? code : "peer_bye");
    ht_mesh_link_left(link, known, "the other side ended it");
    if (peer == NULL || peer->link != NULL) return;
    memcpy(peer->last_end_text, words, sizeof words);
    if (strcmp(known, "not_accepted") == 0 || strcmp(known, "banned") == 0) {
        ht_mesh_wait_for(link->mesh, peer, HT_MESH_WAIT_MAX_MS);
    } else if (strcmp(known, "full") == 0 || strcmp(known, "resting") == 0) {
        ht_mesh_wait_for(link->mesh, peer, HT_PEER_REST_MS);
    }
    ht_mesh_keep(link->mesh, peer);
}

void ht_mesh_ended(struct ht_mesh_peer *peer, const char *code, const char *text) {
    (void)ht_fail(&peer->last_end, HT_ENET, ht_mesh_end_code(code), "%s", text);
    peer->last_end_text[0] = '\0';
}
