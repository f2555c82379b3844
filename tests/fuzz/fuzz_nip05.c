/* Names at domains: the first line is a profile's name, the second the key in hex or not, the rest
 * a domain's answer. */
#include <stdlib.h>
#include <string.h>

#include "node/nostr/event.h"
#include "social/links/nip05.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static ht_bytes next_line(ht_bytes *rest) {
    const uint8_t *end = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
    ht_bytes line = end != NULL ? ht_bytes_of(rest->p, (size_t)(end - rest->p)) : *rest;
    size_t used = end != NULL ? line.n + 1 : line.n;
    *rest = ht_bytes_of(rest->p + used, rest->n - used);
    return line;
}

/* A URL holds the host and the name and nothing that would end them. */
static void check_url(ht_bytes name, ht_bytes domain) {
    struct ht_http_options options;
    char url[HT_NIP05_URL_SIZE], *path;
    ht_nip05_request(&options, url, name, domain);
    must(options.is_public_only && strncmp(url, "https://", 8) == 0);
    path = strstr(url, "/.well-known/nostr.json?name=");
    must(path == url + 8 + domain.n && strlen(path) == 29 + name.n);
    must(strpbrk(url + 8, "@#\\ \r\n%") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    ht_bytes rest = ht_bytes_of(data, n);
    ht_bytes text = next_line(&rest), hex = next_line(&rest), name, domain;
    struct ht_why why = {.code = NULL};
    ht_hash32 pubkey = {{0}};
    (void)ht_event_hex32(&pubkey, hex);
    enum ht_err err = ht_nip05_split(&name, &domain, text, &why);
    must((err == HT_OK) == (why.code == NULL));
    if (err != HT_OK) name = text;
    if (err == HT_OK) check_url(name, domain);
    const struct ht_http_answer answer = {.err = HT_OK, .status = 200, .body = rest};
    const char *state = ht_nip05_judge(&answer, name, &pubkey);
    must((strcmp(state, "verified") == 0) == ht_nip05_gives(rest, name, &pubkey));
    return 0;
}
