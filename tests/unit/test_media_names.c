/* What paths, URLs, queries and types say of media. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "social/media/media_names.h"

#define HASH "b1674191a88ec5cdd733e4240a81803105dc412d6c6708d53ab94fc248f4f553"
#define OTHER "00000000000000000000000000000000000000000000000000000000000000ff"

static bool is_path(const char *path) {
    ht_hash32 hash;
    return ht_media_path_hash(&hash, ht_bytes_str(path));
}

static void media_names_reads_a_hash_with_or_without_an_extension(void **state) {
    ht_hash32 hash;
    (void)state;
    assert_true(ht_media_path_hash(&hash, ht_bytes_str("/" HASH)));
    assert_int_equal(hash.b[0], 0xb1);
    assert_int_equal(hash.b[31], 0x53);
    assert_true(is_path("/" HASH ".png"));
    assert_true(is_path("/" HASH ".MP4"));
}

static void media_names_reads_nothing_else_as_a_path(void **state) {
    static const char *const paths[] = {
        "",
        "/",
        HASH,
        "//" HASH,
        "/" HASH "/",
        "/" HASH ".",
        "/" HASH "x",
        "/" HASH "0",
        "/" HASH ".a/b",
        "/" HASH ".tar.gz",
        "/" HASH ".aaaaaaaaaaaaaaaaa",
        "/B1674191a88ec5cdd733e4240a81803105dc412d6c6708d53ab94fc248f4f553",
        "/b1674191a88ec5cdd733e4240a81803105dc412d6c6708d53ab94fc248f4f55g",
        "/0x674191a88ec5cdd733e4240a81803105dc412d6c6708d53ab94fc248f4f553",
        "/../" HASH,
    };
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (is_path(paths[i])) fail_msg("\"%s\" is taken", paths[i]);
    }
}

static void media_names_finds_the_last_hash_of_a_url(void **state) {
    ht_hash32 hash;
    (void)state;
    assert_true(ht_media_url_hash(&hash, "https://a.example/" HASH ".jpg?x=" OTHER "#" OTHER));
    assert_int_equal(hash.b[0], 0xb1);
    assert_true(ht_media_url_hash(&hash, "https://a.example/" HASH "/" OTHER));
    assert_int_equal(hash.b[31], 0xff);
    assert_true(ht_media_url_hash(&hash, "http://a.example:1/" HASH "/full.png"));
    assert_false(ht_media_url_hash(&hash, "https://a.example/cat.jpg"));
    assert_false(ht_media_url_hash(&hash, "https://" HASH ".example/"));
    assert_false(ht_media_url_hash(&hash, "ftp://a.example/" HASH));
}

static void media_names_takes_addresses_of_the_web_alone(void **state) {
    static const char *const bad[] = {
        "",
        "x",
        "http://",
        "https:///x",
        "ftp://a.example/x",
        "file:///x",
        "http://:80",
        "HTTP://a.b/x",
        "http://a.example/ x",
        "http://a@b.example/x",
        "http://a.example/\x01",
        "http://a.example/\xc3\xa4",
        "http://a.example\\@b.example/",
    };
    char large[HT_MEDIA_URL_MAX + 2];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_why why = {0};
        if (ht_media_url_check(bad[i], &why) != HT_EINPUT) fail_msg("\"%s\" is taken", bad[i]);
        assert_string_equal(why.code, "bad_url");
    }
    (void)snprintf(large, sizeof large, "http://a.example/%0*d", (int)HT_MEDIA_URL_MAX - 17, 0);
    assert_int_equal(ht_media_url_check(large, NULL), HT_OK);
    (void)snprintf(large, sizeof large, "http://a.example/%0*d", (int)HT_MEDIA_URL_MAX - 16, 0);
    assert_int_equal(ht_media_url_check(large, NULL), HT_EINPUT);
    assert_int_equal(ht_media_url_check("https://[2606:4700::1111]/x?a=b@c", NULL), HT_OK);
}

static const char *type_of(const char *header) {
    static char type[HT_MEDIA_TYPE_SIZE];
    ht_media_type_read(type, ht_bytes_str(header));
    return type;
}

static void media_names_reads_the_type_alone(void **state) {
    static const char *const bad[] = {"",      "x",           "/",           "image/",   "/png",
                                      "a/b/c", "image/p\"ng", "image/\r\nx", "image png"};
    char large[200];
    (void)state;
    assert_string_equal(type_of("image/PNG"), "image/png");
    assert_string_equal(type_of("text/html; charset=utf-8"), "text/html");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_string_equal(type_of(bad[i]), "application/octet-stream");
    }
    (void)snprintf(large, sizeof large, "image/%0100d", 0);
    assert_string_equal(type_of(large), "application/octet-stream");
}

static void media_names_shows_nothing_that_a_browser_runs(void **state) {
    static const char *const run[] = {
        "text/html",        "application/xhtml+xml",
        "image/svg+xml",    "text/xml",
        "application/xml",  "text/css",
        "text/javascript",  "application/javascript",
        "text/ecmascript",  "application/x-shockwave-flash",
        "message/rfc822",   "multipart/related",
        "application/wasm",
    };
    (void)state;
    for (size_t i = 0; i < sizeof run / sizeof *run; i++) {
        if (ht_media_type_show(run[i]) != HT_MEDIA_OPAQUE) fail_msg("%s is shown", run[i]);
    }
    assert_int_equal(ht_media_type_show("image/png"), HT_MEDIA_INLINE);
    assert_int_equal(ht_media_type_show("text/plain"), HT_MEDIA_INLINE);
    assert_int_equal(ht_media_type_show("application/pdf"), HT_MEDIA_DOWNLOAD);
    assert_int_equal(ht_media_type_show("text/x-anything"), HT_MEDIA_DOWNLOAD);
}

static void media_names_knows_some_files_by_their_first_bytes(void **state) {
    (void)state;
    assert_string_equal(ht_media_type_sniff(ht_bytes_str("GIF89a")), "image/gif");
    assert_string_equal(ht_media_type_sniff(ht_bytes_str("RIFF....WEBPVP8 ")), "image/webp");
    assert_string_equal(ht_media_type_sniff(ht_bytes_str("....ftypavif")), "image/avif");
    assert_string_equal(ht_media_type_sniff(ht_bytes_str("....ftypisom")), "video/mp4");
    assert_string_equal(ht_media_type_sniff(ht_bytes_str("GIF8")), "application/octet-stream");
    assert_string_equal(ht_media_type_sniff((ht_bytes){0}), "application/octet-stream");
}

static enum ht_err list(struct ht_media_list *out, const char *path, const char *query,
                        struct ht_why *why) {
    return ht_media_list_read(out, ht_bytes_str(path), ht_bytes_str(query), why);
}

static void media_names_reads_a_list(void **state) {
    struct ht_media_list out;
    (void)state;
    assert_int_equal(list(&out, "/list/" HASH, "", NULL), HT_OK);
    assert_int_equal(out.since_s, 0);
    assert_int_equal(out.limit, 100);
    assert_false(out.has_cursor);
    assert_int_equal(
        list(&out, "/list/" HASH, "since=5&until=9&x=y&limit=5000&cursor=" OTHER, NULL), HT_OK);
    assert_int_equal(out.since_s, 5);
    assert_int_equal(out.until_s, 9);
    assert_int_equal(out.limit, HT_MEDIA_LIST_MAX);
    assert_true(out.has_cursor);
    assert_int_equal(out.cursor.b[31], 0xff);
}

static void media_names_refuses_a_list_of_nobody(void **state) {
    struct ht_media_list out;
    struct ht_why why = {0};
    (void)state;
    assert_int_equal(list(&out, "/list/npub1", "", &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_list");
    assert_int_equal(list(&out, "/list/" HASH "/", "", &why), HT_ENOTFOUND);
}

static void media_names_refuses_a_query_that_is_no_number(void **state) {
    static const char *const queries[] = {"since=x",
                                          "until=-1",
                                          "limit=",
                                          "limit=0",
                                          "limit=1 ",
                                          "cursor=1",
                                          "since=9999999999999999"};
    struct ht_media_list out;
    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        struct ht_why why = {0};
        assert_int_equal(list(&out, "/list/" HASH, queries[i], &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_query");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(media_names_reads_a_hash_with_or_without_an_extension),
        cmocka_unit_test(media_names_reads_nothing_else_as_a_path),
        cmocka_unit_test(media_names_finds_the_last_hash_of_a_url),
        cmocka_unit_test(media_names_takes_addresses_of_the_web_alone),
        cmocka_unit_test(media_names_reads_the_type_alone),
        cmocka_unit_test(media_names_shows_nothing_that_a_browser_runs),
        cmocka_unit_test(media_names_knows_some_files_by_their_first_bytes),
        cmocka_unit_test(media_names_reads_a_list),
        cmocka_unit_test(media_names_refuses_a_list_of_nobody),
        cmocka_unit_test(media_names_refuses_a_query_that_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
