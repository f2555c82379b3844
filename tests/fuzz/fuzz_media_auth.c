/* Authorizations of media from any header, and from any event behind the scheme; and the names of
 * media from any text. What is read keeps its bounds. */
#include <sodium.h>
#include <stdlib.h>

#include "social/media/media_auth.h"
#include "social/media/media_names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static bool is_ours(void *user, ht_bytes host) {
    (void)user;
    return host.n > 0 && host.p[0] == 'a' && host.p[host.n - 1] != 0;
}

static void check(ht_bytes header) {
    static struct ht_media_auth auth;
    const struct ht_media_auth_ask ask = {
        .verb = "upload", .now_s = 1780000000, .is_ours = is_ours};
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_media_auth_check(&auth, &ask, header, &why);
    must(err != HT_ENOMEM && (err == HT_OK || why.code != NULL));
    must(err != HT_OK || auth.hash_count <= HT_MEDIA_AUTH_HASHES_MAX);
}

static void check_names(ht_bytes text) {
    static char url[4096];
    char type[HT_MEDIA_TYPE_SIZE];
    ht_hash32 hash;
    struct ht_media_list list;
    size_t n = text.n < sizeof url - 1 ? text.n : sizeof url - 1;
    if (n > 0) memcpy(url, text.p, n);
    url[n] = '\0';
    (void)ht_media_path_hash(&hash, text);
    bool has_hash = ht_media_url_hash(&hash, url);
    must(!has_hash || strlen(url) > 64);
    must(ht_media_url_check(url, NULL) != HT_OK || strlen(url) <= HT_MEDIA_URL_MAX);
    ht_media_type_read(type, text);
    must(strlen(type) < sizeof type && strchr(type, '/') != NULL &&
         strpbrk(type, "\r\n\"") == NULL);
    (void)ht_media_type_show(type);
    (void)ht_media_type_extension(ht_media_type_sniff(text));
    static const char path[] =
        "/list/b1674191a88ec5cdd733e4240a81803105dc412d6c6708d53ab94fc248f4f553";
    if (ht_media_list_read(&list, ht_bytes_str(path), text, NULL) == HT_OK)
        must(list.limit >= 1 && list.limit <= HT_MEDIA_LIST_MAX);
    (void)!ht_media_list_read(&list, text, text, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static char header[HT_MEDIA_AUTH_HEADER_MAX + 16] = "Nostr ";
    ht_bytes bytes = ht_bytes_of(data, n);
    check(bytes);
    check_names(bytes);
    if (n == 0 || n > 4096) return 0;
    /* The same bytes as the event. */
    (void)sodium_bin2base64(header + 6, sizeof header - 6, data, n, sodium_base64_VARIANT_ORIGINAL);
    check(ht_bytes_str(header));
    return 0;
}
