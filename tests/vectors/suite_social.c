/* The social suite: what Nostr's parts are judged by. Forms of cases:
 *   lines      suite_social_events.c, in any .jsonl file: events, scenarios, protocol
 *   BIP-340    a CSV file with its head: every message length, verified with a parsed key
 *   NIP-13     [{"event", "bits", "target"}]
 *   entities   suite_social_entities.c: NIP-19's nprofile, nevent, naddr, note
 *   keys       NIP-06, NIP-49 and NIP-19's keys, by the parts of the keys suite
 *   crypto     suite_social_crypto.c: NIP-44, NIP-59
 *   transcripts of negentropy  suite_social_negentropy.c */
#include "tests/vectors/suite_social.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/crypto/secp256k1.h"
#include "node/nostr/event.h"
#include "tests/vectors/social_relay.h"
#include "tests/vectors/suite_keys.h"

#define FILE_MAX ((size_t)64 << 20)
#define COLUMNS 7U

void ht_social_report(struct ht_social_run *run, const char *name, enum ht_err err,
                      const struct ht_why *why) {
    char full[300];
    (void)snprintf(full, sizeof full, "%s/%s", run->file, name);
    if (err == HT_OK)
        ht_vec_pass(run->report, full);
    else
        ht_vec_fail(run->report, full, "%s", why->text);
}

static void report_at(struct ht_social_run *run, size_t index, enum ht_err err,
                      const struct ht_why *why) {
    char name[40];
    (void)snprintf(name, sizeof name, "%zu", index);
    ht_social_report(run, name, err, why);
}

/* --- BIP-340 ----------------------------------------------------------------------------------*/

/* index, secret key, public key, aux_rand, message, signature, verification result, comment */
static bool split(ht_bytes columns[static COLUMNS], ht_bytes line) {
    for (size_t i = 0; i < COLUMNS; i++) {
        const uint8_t *comma = line.n > 0 ? memchr(line.p, ',', line.n) : NULL;
        if (comma == NULL) return false;
        columns[i] = ht_bytes_of(line.p, (size_t)(comma - line.p));
        line = ht_bytes_of(comma + 1, line.n - columns[i].n - 1);
    }
    return true;
}

static enum ht_err judge_schnorr(const ht_bytes columns[static COLUMNS], struct ht_why *why) {
    uint8_t x[32];
    uint8_t signature[HT_SCHNORR_SIZE];
    struct ht_schnorr_key key;
    struct ht_buf message;
    ht_buf_init(&message, 4096);
    enum ht_err err = ht_hex_read(x, sizeof x, columns[2]);
    if (err == HT_OK) err = ht_hex_read(signature, sizeof signature, columns[5]);
    if (err == HT_OK) err = ht_hex_read_buf(&message, columns[4]);
    if (err != HT_OK) {
        ht_buf_fini(&message);
        return ht_fail(why, HT_EBUG, "case", "its hex is not understood");
    }
    err = ht_schnorr_key_read(&key, x, why);
    if (err == HT_OK) err = ht_schnorr_verify_key(signature, ht_buf_view(&message), &key, why);
    ht_buf_fini(&message);
    bool is_good = ht_bytes_equal(columns[6], ht_bytes_str("TRUE"));
    if ((err == HT_OK) == is_good && (err == HT_OK || err == HT_EUNVERIFIED)) return HT_OK;
    return ht_fail(why, HT_EBUG, "case", "another verdict");
}

static void run_schnorr(struct ht_social_run *run, ht_bytes text) {
    size_t index = 0;
    while (text.n > 0) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        size_t n = end != NULL ? (size_t)(end - text.p) : text.n;
        ht_bytes columns[COLUMNS];
        struct ht_why why = {.code = "", .text = ""};
        bool is_case = split(columns, ht_bytes_of(text.p, n)) && columns[5].n == 128;
        if (is_case) {
            run->schnorr++;
            report_at(run, index++, judge_schnorr(columns, &why), &why);
        }
        if (end == NULL) break;
        text = ht_bytes_of(end + 1, text.n - n - 1);
    }
}

/* --- NIP-13 -----------------------------------------------------------------------------------*/

static enum ht_err judge_work(const json_t *one, struct ht_why *why) {
    struct ht_buf text;
    struct ht_arena arena;
    struct ht_event event;
    uint64_t bits = 0;
    uint64_t target = 0;
    ht_buf_init(&text, FILE_MAX);
    ht_arena_init(&arena, HT_EVENT_ARENA(HT_EVENT_SIZE_MAX));
    enum ht_err err = ht_json_dump_compact(&text, ht_json_member(one, "event"));
    if (err == HT_OK) err = ht_event_read(&event, &arena, ht_buf_view(&text), why);
    if (err == HT_OK) err = ht_event_verify(&event, why);
    if (err == HT_OK) err = ht_json_u64(&bits, one, "bits", why);
    if (err == HT_OK) err = ht_json_u64(&target, one, "target", why);
    if (err == HT_OK &&
        (ht_event_difficulty(&event.id) != bits || ht_event_difficulty_target(&event) != target)) {
        err = ht_fail(why, HT_EBUG, "case", "difficulty %u, target %u",
                      ht_event_difficulty(&event.id), ht_event_difficulty_target(&event));
    }
    ht_arena_fini(&arena);
    ht_buf_fini(&text);
    return err;
}

static void run_works(struct ht_social_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(document, index, one) {
        struct ht_why why = {.code = "", .text = ""};
        bool is_case = json_is_object(ht_json_member(one, "event")) &&
                       json_is_integer(ht_json_member(one, "bits"));
        if (!is_case) continue;
        run->works++;
        report_at(run, index, judge_work(one, &why), &why);
    }
}

/* --- files ------------------------------------------------------------------------------------*/

static bool contains(ht_bytes text, const char *word) {
    return memmem(text.p, text.n, word, strlen(word)) != NULL;
}

static void run_document(struct ht_social_run *run, const json_t *document) {
    struct ht_keys_run keys = {.report = run->report, .file = run->file};
    run_works(run, document);
    ht_social_run_nip44(run, document);
    ht_social_run_gifts(run, document);
    ht_social_run_negentropy(run, document);
    ht_social_run_entities(run, document);
    /* The forms of the keys suite that are Nostr's own; the others are in objects of other names.
     */
    if (json_is_array(document)) ht_keys_run_seeds(&keys, document);
    ht_keys_run_texts(&keys, document);
    run->keys += keys.seeds + keys.texts;
}

static void run_file(const char *path, void *user) {
    static const char *const words[] = {"\"nsec\"",  "\"ncryptsec\"",   "\"encode_decode\"",
                                        "\"npub\"",  "\"target\"",      "\"conversation_key\"",
                                        "\"rumor\"", "\"client_items\""};
    struct ht_social_run *run = user;
    const char *slash = strrchr(path, '/');
    struct ht_buf text;
    json_t *document = NULL;
    struct ht_why why = {.code = "", .text = ""};
    bool is_ours = false;
    run->file = slash != NULL ? slash + 1 : path;
    ht_buf_init(&text, FILE_MAX);
    bool is_read = ht_vec_read(&text, path) == HT_OK && text.n > 0;
    for (size_t i = 0; i < sizeof words / sizeof *words && is_read; i++) {
        is_ours = is_ours || contains(ht_buf_view(&text), words[i]);
    }
    if (is_ours && ht_json_parse(&document, ht_buf_view(&text), FILE_MAX, &why) == HT_OK) {
        run_document(run, document);
    }
    json_decref(document);
    ht_buf_fini(&text);
}

static void run_flat(const char *path, void *user) {
    static const char head[] = "index,secret key,public key,";
    struct ht_social_run *run = user;
    const char *slash = strrchr(path, '/');
    struct ht_buf text;
    run->file = slash != NULL ? slash + 1 : path;
    ht_buf_init(&text, FILE_MAX);
    if (ht_vec_read(&text, path) == HT_OK && text.n > 0) {
        ht_bytes view = ht_buf_view(&text);
        bool is_csv = view.n > sizeof head && memcmp(view.p, head, sizeof head - 1) == 0;
        if (is_csv)
            run_schnorr(run, view);
        else
            ht_social_run_lines(run, view);
    }
    ht_buf_fini(&text);
}

static void run_social(const char *fixtures_dir, struct ht_vec_report *report) {
    struct ht_social_run run = {.report = report};
    (void)ht_vec_walk(fixtures_dir, ".jsonl", run_flat, &run);
    (void)ht_vec_walk(fixtures_dir, ".csv", run_flat, &run);
    (void)ht_vec_walk(fixtures_dir, ".json", run_file, &run);
    ht_vec_note("social: %zu events, %zu signatures of BIP-340, %zu of NIP-13, %zu entities of "
                "NIP-19, %zu keys of NIP-06, 19 and 49, %zu cases of NIP-44, %zu of NIP-59, %zu "
                "transcripts of negentropy",
                run.events, run.schnorr, run.works, run.entities, run.keys, run.nip44, run.gifts,
                run.negentropy);
    ht_vec_run_social_relay(fixtures_dir, report);
}

const struct ht_vec_suite ht_vec_suite_social = {.name = "social", .run = run_social};
