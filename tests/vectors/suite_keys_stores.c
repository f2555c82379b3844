/* Keystores of version 3:
 *   {"cases": [{"keystore", "password", "expected": {"verdict", "privateKey"}}]}
 *   {NAME: {"json", "password", "priv"}} of ethereum/tests
 *   [{"type": "keystore", "content", "password": hex, "address"}] of ethers.js; its wallets of
 * other types are skipped What is refused without a password is refused in a process of its own
 * that may map 64 MiB more than it has, and within a second. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "node/base/hex.h"
#include "node/crypto/keystore.h"
#include "node/crypto/secp256k1.h"
#include "tests/vectors/suite_keys.h"

#define MORE_MEMORY ((rlim_t)64 << 20)
#define MOST_MS 1000U
#define NO_LIMIT_EXIT 99
/* A sanitizer maps address space as it likes. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER true
#else
#define HAS_SANITIZER false
#endif

static bool limit_memory(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL) return false;
    int count = fscanf(file, "%lu", &pages);
    (void)fclose(file);
    rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + MORE_MEMORY;
    const struct rlimit limit = {most, most};
    return count == 1 && (HAS_SANITIZER || setrlimit(RLIMIT_AS, &limit) == 0);
}

static unsigned long now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long)now.tv_sec * 1000 + (unsigned long)now.tv_nsec / 1000000;
}

/* What reading it says in a process with little memory; HT_EBUG when that did not end by itself. */
static enum ht_err read_confined(unsigned long *took_ms, ht_bytes json) {
    int status = 0;
    unsigned long begin = now_ms();
    pid_t child = fork();
    if (child < 0) return HT_EBUG;
    if (child == 0) {
        struct ht_keystore keystore;
        if (!limit_memory()) _exit(NO_LIMIT_EXIT);
        _exit((int)ht_keystore_read(&keystore, json, NULL));
    }
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return HT_EBUG;
    *took_ms = now_ms() - begin;
    return WEXITSTATUS(status) <= HT_EBUG ? (enum ht_err)WEXITSTATUS(status) : HT_EBUG;
}

static enum ht_err judge_refused(struct ht_keys_run *run, ht_bytes json, ht_bytes password,
                                 struct ht_why *why) {
    uint8_t key[32];
    unsigned long took_ms = 0;
    enum ht_err err = read_confined(&took_ms, json);
    if (err == HT_ENOMEM || err == HT_EBUG) {
        return ht_fail(why, HT_EBUG, "case", "reading it takes over 64 MiB, or fails");
    }
    if (took_ms > MOST_MS) {
        return ht_fail(why, HT_EBUG, "case", "reading it took %lu ms", took_ms);
    }
    if (err != HT_OK) {
        if (took_ms > run->slowest_ms) run->slowest_ms = took_ms;
        return HT_OK;
    }
    err = ht_keystore_open(key, json, password, why);
    if (err == HT_EDENIED || err == HT_EUNVERIFIED) return HT_OK;
    return ht_fail(why, HT_EBUG, "case", "must be refused: %s", ht_err_name(err));
}

static enum ht_err judge_opened(const json_t *expected, const char *name, ht_bytes json,
                                ht_bytes password, struct ht_why *why) {
    uint8_t key[32];
    enum ht_err err = ht_keystore_open(key, json, password, why);
    return err == HT_OK ? ht_keys_same(expected, name, key, sizeof key, why) : err;
}

static void run_own(struct ht_keys_run *run, const json_t *one) {
    const char *id = NULL;
    const char *verdict = NULL;
    ht_bytes password;
    struct ht_buf text;
    struct ht_why why = {.code = "", .text = ""};
    const json_t *expected = ht_json_member(one, "expected");
    ht_buf_init(&text, HT_KEYSTORE_SIZE_MAX);
    if (ht_json_text(&id, one, "id", NULL) != HT_OK) id = "?";
    enum ht_err err = ht_json_text(&verdict, expected, "verdict", &why);
    if (err == HT_OK) err = ht_json_str(&password, one, "password", &why);
    if (err == HT_OK) err = ht_json_dump_compact(&text, ht_json_member(one, "keystore"));
    if (err == HT_OK && strcmp(verdict, "ok") == 0) {
        err = judge_opened(expected, "privateKey", ht_buf_view(&text), password, &why);
    } else if (err == HT_OK) {
        err = judge_refused(run, ht_buf_view(&text), password, &why);
    }
    run->stores++;
    ht_keys_report(run, id, err, &why);
    ht_buf_fini(&text);
}

static void run_tests_case(struct ht_keys_run *run, const char *name, const json_t *one) {
    ht_bytes password;
    struct ht_buf text;
    struct ht_why why = {.code = "", .text = ""};
    ht_buf_init(&text, HT_KEYSTORE_SIZE_MAX);
    enum ht_err err = ht_json_str(&password, one, "password", &why);
    if (err == HT_OK) err = ht_json_dump_compact(&text, ht_json_member(one, "json"));
    if (err == HT_OK) err = judge_opened(one, "priv", ht_buf_view(&text), password, &why);
    run->stores++;
    ht_keys_report(run, name, err, &why);
    ht_buf_fini(&text);
}

static enum ht_err judge_wallet(const json_t *one, struct ht_why *why) {
    ht_bytes json;
    struct ht_buf password;
    uint8_t key[32];
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    ht_addr20 address;
    ht_buf_init(&password, 4096);
    enum ht_err err = ht_json_str(&json, one, "content", why);
    if (err == HT_OK) err = ht_json_hex_buf(&password, one, "password", why);
    if (err == HT_OK) err = ht_keystore_open(key, json, ht_buf_view(&password), why);
    if (err == HT_OK) err = ht_secp256k1_public_key(pubkey, key, why);
    if (err == HT_OK) {
        ht_secp256k1_address(&address, pubkey);
        err = ht_keys_same(one, "address", address.b, sizeof address.b, why);
    }
    ht_buf_fini(&password);
    return err;
}

static void run_wallet(struct ht_keys_run *run, const json_t *one) {
    const char *name = json_string_value(ht_json_member(one, "name"));
    const char *type = json_string_value(ht_json_member(one, "type"));
    struct ht_why why = {.code = "", .text = ""};
    if (name == NULL) name = "?";
    if (strcmp(type, "keystore") != 0) {
        ht_vec_skip(run->report, name, "a wallet that is no keystore of version 3");
        return;
    }
    run->stores++;
    ht_keys_report(run, name, judge_wallet(one, &why), &why);
}

void ht_keys_run_stores(struct ht_keys_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    const char *name = NULL;
    json_t *member = NULL;
    json_array_foreach(ht_json_member(document, "cases"), index, one) {
        if (json_is_object(ht_json_member(one, "keystore"))) run_own(run, one);
    }
    json_object_foreach((json_t *)(uintptr_t)document, name, member) {
        bool is_case = json_is_object(ht_json_member(member, "json")) &&
                       json_is_string(ht_json_member(member, "priv"));
        if (is_case) run_tests_case(run, name, member);
    }
    json_array_foreach(document, index, one) {
        bool is_case = json_is_string(ht_json_member(one, "type")) &&
                       json_is_string(ht_json_member(one, "content")) &&
                       json_is_string(ht_json_member(one, "password"));
        if (is_case) run_wallet(run, one);
    }
}
