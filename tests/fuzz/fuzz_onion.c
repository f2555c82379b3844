/* What a program at Tor's control port says, line by line; and a key of an onion service. */
#include <stdlib.h>

#include "node/p2p/onion_control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void read_line(const char *line) {
    struct ht_tor_reply reply;
    struct ht_tor_protocol protocol = {0};
    uint8_t hash[32], nonce[32];
    char socks[HT_TOR_SOCKS_SIZE];
    if (ht_tor_read_line(&reply, line, NULL) != HT_OK) return;
    must(reply.code < 1000 && reply.text == line + 4);
    (void)!ht_tor_read_protocol(&protocol, reply.text, NULL);
    must(strlen(protocol.cookie_path) < sizeof protocol.cookie_path);
    (void)!ht_tor_read_challenge(hash, nonce, reply.text, NULL);
    if (ht_tor_read_socks(socks, reply.text)) must(strchr(socks, ':') != NULL);
    int progress = ht_tor_read_progress(reply.text);
    must(progress >= -1 && progress <= 100);
    (void)ht_tor_is_uploaded(reply.text, "abc");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    char line[HT_TOR_LINE_SIZE];
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_end = data[i] == '\n' || len == sizeof line - 1;
        if (!is_end && data[i] != '\0') line[len++] = (char)data[i];
        if (!is_end) continue;
        line[len] = '\0';
        len = 0;
        read_line(line);
    }
    char id[HT_ONION_ID_SIZE];
    if (n >= HT_ONION_KEY_SIZE && ht_onion_id(id, data, NULL) == HT_OK) {
        must(strlen(id) == HT_ONION_ID_SIZE - 1);
    }
    return 0;
}
