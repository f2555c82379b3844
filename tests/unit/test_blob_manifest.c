/* The hash tree of a blob: made from a file, written, read, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/crypto/sha256.h"
#include "node/p2p/blob_manifest.h"

#define CHUNK HT_BLOB_CHUNK_MIN
#define SIZE ((size_t)2 * CHUNK + 1000)

static uint8_t data[SIZE];
static struct ht_blob_manifest made;

static int file_of(size_t n) {
    FILE *file = tmpfile();
    assert_non_null(file);
    for (size_t i = 0; i < SIZE; i++) data[i] = (uint8_t)(i * 7 + i / 251);
    assert_int_equal(fwrite(data, 1, n, file), n);
    assert_int_equal(fflush(file), 0);
    int copy = dup(fileno(file));
    (void)fclose(file);
    assert_true(copy >= 0);
    return copy;
}

static int make(void **state) {
    (void)state;
    int file = file_of(SIZE);
    enum ht_err err = ht_blob_manifest_make(&made, file, SIZE, CHUNK, NULL);
    (void)close(file);
    return err == HT_OK ? 0 : -1;
}

static int unmake(void **state) {
    (void)state;
    ht_blob_manifest_fini(&made);
    return 0;
}

static void a_chunk_is_the_least_with_at_most_1024_of_them(void **state) {
    (void)state;
    assert_int_equal(ht_blob_chunk_of(1), 64 << 10);
    assert_int_equal(ht_blob_chunk_of((uint64_t)64 << 20), 64 << 10);
    assert_int_equal(ht_blob_chunk_of(((uint64_t)64 << 20) + 1), 128 << 10);
    assert_int_equal(ht_blob_chunk_of((uint64_t)256 << 20), 256 << 10);
    assert_int_equal(ht_blob_chunk_of((uint64_t)1 << 40), 4 << 20);
}

static void a_file_gives_the_hash_of_each_chunk_and_of_the_whole(void **state) {
    (void)state;
    ht_hash32 hash;
    assert_int_equal(made.count, 3);
    assert_int_equal(ht_blob_chunk_size(&made, 0), CHUNK);
    assert_int_equal(ht_blob_chunk_size(&made, 2), 1000);
    ht_sha256(&hash, ht_bytes_of(data, SIZE));
    assert_memory_equal(&made.sha256, &hash, 32);
    ht_sha256(&hash, ht_bytes_of(data + (size_t)2 * CHUNK, 1000));
    assert_memory_equal(&made.chunks[2], &hash, 32);
    ht_sha256(&hash, ht_bytes_of(made.chunks, (size_t)3 * 32));
    assert_memory_equal(&made.root, &hash, 32);
}

static void a_file_shorter_than_it_should_be_is_damaged(void **state) {
    (void)state;
    struct ht_blob_manifest manifest;
    struct ht_why why;
    int file = file_of(SIZE - 1);
    assert_int_equal(ht_blob_manifest_make(&manifest, file, SIZE, CHUNK, &why), HT_ESTORE);
    assert_string_equal(why.code, "blob_damaged");
    assert_int_equal(ht_blob_manifest_make(&manifest, file, 0, CHUNK, &why), HT_EINPUT);
    assert_string_equal(why.code, "empty");
    assert_int_equal(ht_blob_manifest_make(&manifest, file, UINT64_MAX, CHUNK, &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_large");
    (void)close(file);
}

static void what_is_written_is_read_as_it_was(void **state) {
    (void)state;
    struct ht_blob_manifest again;
    json_t *json = ht_blob_manifest_json(&made);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_int_equal(ht_blob_manifest_read(&again, ht_bytes_str(text), NULL), HT_OK);
    assert_int_equal(again.count, made.count);
    assert_int_equal(again.size, made.size);
    assert_int_equal(again.chunk, made.chunk);
    assert_memory_equal(&again.sha256, &made.sha256, 32);
    assert_memory_equal(&again.root, &made.root, 32);
    assert_memory_equal(again.chunks, made.chunks, made.count * 32);
    ht_blob_manifest_fini(&again);
    free(text);
    json_decref(json);
}

static void hashes_alone_give_the_same_list(void **state) {
    (void)state;
    struct ht_blob_manifest again;
    struct ht_why why;
    ht_bytes hashes = ht_bytes_of(made.chunks, made.count * 32);
    assert_int_equal(ht_blob_manifest_of(&again, &made.sha256, made.size, made.chunk, hashes, NULL),
                     HT_OK);
    assert_memory_equal(&again.root, &made.root, 32);
    ht_blob_manifest_fini(&again);
    hashes.n -= 32;
    assert_int_equal(ht_blob_manifest_of(&again, &made.sha256, made.size, made.chunk, hashes, &why),
                     HT_EINPUT);
    assert_string_equal(why.code, "bad_manifest");
}

/* One member replaced. */
static void refuses(const char *name, json_t *value, enum ht_err expected, const char *code) {
    struct ht_blob_manifest again;
    struct ht_why why;
    json_t *json = ht_blob_manifest_json(&made);
    if (value == NULL) {
        assert_int_equal(json_object_del(json, name), 0);
    } else {
        assert_int_equal(json_object_set_new(json, name, value), 0);
    }
    char *text = json_dumps(json, JSON_COMPACT);
    assert_int_equal(ht_blob_manifest_read(&again, ht_bytes_str(text), &why), expected);
    assert_string_equal(why.code, code);
    free(text);
    json_decref(json);
}

static void lists_that_do_not_add_up_are_refused(void **state) {
    (void)state;
    static const char *const members[] = {"v", "sha256", "size", "chunk", "chunks"};
    for (size_t i = 0; i < 5; i++) {
        refuses(members[i], NULL, HT_EINPUT, "bad_manifest");
        refuses(members[i], json_true(), HT_EINPUT, "bad_manifest");
    }
    refuses("v", json_integer(2), HT_EINPUT, "bad_manifest");
    refuses("size", json_integer(0), HT_EINPUT, "bad_manifest");
    refuses("size", json_integer(CHUNK), HT_EINPUT, "bad_manifest");
    refuses("size", json_integer(INT64_MAX), HT_ELIMIT, "too_large");
    refuses("chunk", json_integer(CHUNK + 1), HT_EINPUT, "bad_manifest");
    refuses("chunk", json_integer(CHUNK / 2), HT_EINPUT, "bad_manifest");
    refuses("chunk", json_integer(2 * HT_BLOB_CHUNK_MAX), HT_EINPUT, "bad_manifest");
    refuses("sha256", json_string("ab"), HT_EINPUT, "bad_manifest");
    refuses("chunks", json_string("ab"), HT_EINPUT, "bad_manifest");
}

static void hashes_that_are_no_hex_are_refused(void **state) {
    (void)state;
    char chunks[3 * 64 + 1];
    memset(chunks, 'a', sizeof chunks - 1);
    chunks[sizeof chunks - 1] = '\0';
    chunks[100] = 'g';
    refuses("chunks", json_string(chunks), HT_EINPUT, "bad_manifest");
}

static void what_is_no_json_is_refused(void **state) {
    (void)state;
    struct ht_blob_manifest again;
    struct ht_why why;
    assert_int_equal(ht_blob_manifest_read(&again, ht_bytes_str("{\"v\":1"), &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_manifest");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chunk_is_the_least_with_at_most_1024_of_them),
        cmocka_unit_test(a_file_gives_the_hash_of_each_chunk_and_of_the_whole),
        cmocka_unit_test(a_file_shorter_than_it_should_be_is_damaged),
        cmocka_unit_test(what_is_written_is_read_as_it_was),
        cmocka_unit_test(hashes_alone_give_the_same_list),
        cmocka_unit_test(lists_that_do_not_add_up_are_refused),
        cmocka_unit_test(hashes_that_are_no_hex_are_refused),
        cmocka_unit_test(what_is_no_json_is_refused),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
