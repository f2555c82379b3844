/* Replay of recorded light-client objects: collecting them from files, ordering, processing. */
#include "node/l1/replay.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "node/l1/consensus/decode.h"

#define PATH_MAX_LEN 4096U

struct item {
    char *file;
    size_t position;
    size_t arrival; /* keeps the order of equals */
    struct ht_lc_object *object;
};

struct replay {
    const struct ht_replay_options *options;
    struct ht_replay_summary *summary;
    ht_replay_each *each;
    void *user;
    struct item *items;
    size_t count;
    const char *file; /* the one being read */
    bool is_full;
    bool is_out_of_memory;
};

const char *ht_replay_verdict_name(enum ht_replay_verdict verdict) {
    static const char *const names[HT_REPLAY_VERDICT_COUNT] = {
        "accepted", "below_threshold", "unverified", "stale", "malformed", "ignored"};
    return verdict < HT_REPLAY_VERDICT_COUNT ? names[verdict] : "?";
}

static void tell(struct replay *replay, const struct ht_replay_line *line) {
    replay->summary->counts[line->verdict]++;
    replay->each(replay->user, line);
}

/* --- collecting ------------------------------------------------------------------------------- */

static bool keep_object(void *user, size_t position, const struct ht_lc_object *object) {
    struct replay *replay = user;
    if (replay->count == HT_REPLAY_OBJECTS_MAX) {
        replay->is_full = true;
        return false;
    }
    struct item *item = &replay->items[replay->count];
    item->object = malloc(sizeof *object);
    item->file = strdup(replay->file);
    if (item->object == NULL || item->file == NULL) {
        free(item->object);
        free(item->file);
        replay->is_out_of_memory = true;
        return false;
    }
    *item->object = *object;
    item->position = position;
    item->arrival = replay->count++;
    return true;
}

static enum ht_err read_file(struct ht_buf *out, const char *path, struct ht_why *why) {
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "no_such_file", "cannot read %s: %s", path,
                       strerror(errno));
    }
    enum ht_err err = HT_OK;
    while (err == HT_OK && !feof(file) && !ferror(file)) {
        uint8_t piece[16384];
        err = ht_buf_add(out, ht_bytes_of(piece, fread(piece, 1, sizeof piece, file)));
    }
    if (err == HT_OK && ferror(file)) {
        err = ht_fail(why, HT_ENOTFOUND, "no_such_file", "cannot read %s", path);
    } else if (err != HT_OK) {
        err = ht_fail(why, err, "file_too_large", "%s is larger than %lu MiB", path,
                      HT_REPLAY_FILE_MAX >> 20);
    }
    (void)fclose(file);
    return err;
}

static enum ht_err collect_file(struct replay *replay, const char *path, struct ht_why *why) {
    struct ht_buf bytes;
    ht_buf_init(&bytes, HT_REPLAY_FILE_MAX);
    enum ht_err err = read_file(&bytes, path, why);
    if (err != HT_OK) {
        ht_buf_fini(&bytes);
        return err;
    }
    replay->file = path;
    struct ht_replay_line line = {.file = path, .verdict = HT_REPLAY_IGNORED};
    err = ht_lc_decode_all(replay->options->network, ht_buf_view(&bytes), keep_object, replay,
                           &line.why);
    ht_buf_fini(&bytes);
    if (replay->is_full) {
        return ht_fail(why, HT_ELIMIT, "too_many_objects", "over %u objects",
                       HT_REPLAY_OBJECTS_MAX);
    }
    if (err == HT_ENOMEM || replay->is_out_of_memory) {
        return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    if (err == HT_OK) return HT_OK;
    bool is_other = line.why.code == NULL || strcmp(line.why.code, "unknown_object") == 0 ||
                    strcmp(line.why.code, "json_syntax") == 0;
    if (line.why.code == NULL) {
        (void)ht_fail(&line.why, err, "unknown_object", "no light-client object of this network");
    }
    line.verdict = is_other ? HT_REPLAY_IGNORED : HT_REPLAY_MALFORMED;
    tell(replay, &line);
    return HT_OK;
}

static enum ht_err collect_folder(struct replay *replay, const char *path, struct ht_why *why) {
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0) {
        return ht_fail(why, HT_ENOTFOUND, "no_such_file", "cannot read %s: %s", path,
                       strerror(errno));
    }
    enum ht_err err = HT_OK;
    for (int i = 0; i < count; i++) {
        char inner[PATH_MAX_LEN];
        int n = snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
        struct stat info;
        bool is_file =
            n > 0 && (size_t)n < sizeof inner && lstat(inner, &info) == 0 && S_ISREG(info.st_mode);
        if (err == HT_OK && is_file) err = collect_file(replay, inner, why);
        free(entries[i]);
    }
    free(entries);
    return err;
}

static enum ht_err collect(struct replay *replay, struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < replay->options->path_count; i++) {
        const char *path = replay->options->paths[i];
        struct stat info;
        bool is_folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
        err = is_folder ? collect_folder(replay, path, why) : collect_file(replay, path, why);
    }
    return err;
}

/* --- processing ------------------------------------------------------------------------------- */

static int compare_items(const void *left, const void *right) {
    const struct item *a = left, *b = right;
    if (a->object->kind != b->object->kind) return a->object->kind < b->object->kind ? -1 : 1;
    uint64_t slot_a = ht_lc_object_slot(a->object), slot_b = ht_lc_object_slot(b->object);
    if (slot_a != slot_b) return slot_a < slot_b ? -1 : 1;
    return a->arrival < b->arrival ? -1 : a->arrival > b->arrival;
}

static enum ht_replay_verdict verdict_of(enum ht_err err) {
    switch (err) {
    case HT_ESTALE: return HT_REPLAY_STALE;
    case HT_EINPUT:
    case HT_ELIMIT: return HT_REPLAY_MALFORMED;
    case HT_OK:
    case HT_EUNVERIFIED:
    case HT_ENOTFOUND:
    case HT_EAGAIN:
    case HT_ENET:
    case HT_ESTORE:
    case HT_EDENIED:
    case HT_ENOMEM:
    case HT_EBUG: break;
    }
    return HT_REPLAY_UNVERIFIED;
}

static enum ht_err process_bootstrap(struct replay *replay, struct ht_lc_store *store,
                                     struct ht_replay_line *line) {
    ht_hash32 root;
    ht_ssz_hash_tree_root(&root, &ht_beacon_block_header_type,
                          &line->object->bootstrap.header.beacon);
    if (replay->summary->has_store ||
        !ht_hash32_equal(&root, &replay->options->trusted_block_root)) {
        line->verdict = HT_REPLAY_IGNORED;
        return ht_fail(&line->why, HT_ENOTFOUND, "other_bootstrap",
                       replay->summary->has_store ? "the store has started already"
                                                  : "about another block than the trusted root");
    }
    enum ht_err err =
        ht_lc_store_init(store, replay->options->network, &root, line->object, &line->why);
    line->verdict = err == HT_OK ? HT_REPLAY_ACCEPTED : verdict_of(err);
    if (err == HT_OK) {
        replay->summary->has_store = true;
        replay->summary->first_period = ht_lc_store_period(store);
    }
    return err;
}

static void process_item(struct replay *replay, struct ht_lc_store *store,
                         const struct item *item) {
    struct ht_replay_line line = {
        .file = item->file, .position = item->position, .object = item->object};
    if (item->object->kind == HT_LC_BOOTSTRAP) {
        (void)process_bootstrap(replay, store, &line); /* the verdict says it all */
    } else if (!replay->summary->has_store) {
        line.verdict = HT_REPLAY_STALE;
        (void)ht_fail(&line.why, HT_ESTALE, "no_bootstrap",
                      "no bootstrap of the trusted root to start from");
    } else {
        enum ht_err err = ht_lc_process(store, &line.outcome, item->object,
                                        replay->options->current_slot, &line.why);
        line.verdict = err != HT_OK                      ? verdict_of(err)
                       : line.outcome.is_below_threshold ? HT_REPLAY_BELOW_THRESHOLD
                                                         : HT_REPLAY_ACCEPTED;
        if (line.verdict == HT_REPLAY_BELOW_THRESHOLD) {
            (void)ht_fail(&line.why, HT_OK, "below_threshold", "signed by %zu of %zu only",
                          line.outcome.participants,
                          replay->options->network->preset->sync_committee_size);
        }
    }
    tell(replay, &line);
}

static void free_items(struct replay *replay) {
    for (size_t i = 0; i < replay->count; i++) {
        free(replay->items[i].object);
        free(replay->items[i].file);
    }
    free(replay->items);
}

enum ht_err ht_replay_run(struct ht_replay_summary *summary,
                          const struct ht_replay_options *options, ht_replay_each *each, void *user,
                          struct ht_why *why) {
    *summary = (struct ht_replay_summary){0};
    struct replay replay = {.options = options, .summary = summary, .each = each, .user = user};
    struct ht_lc_store *store = malloc(sizeof *store);
    replay.items = calloc(HT_REPLAY_OBJECTS_MAX, sizeof *replay.items);
    enum ht_err err = HT_ENOMEM;
    if (store == NULL || replay.items == NULL) {
        (void)ht_fail(why, err, "no_memory", "out of memory");
        goto out;
    }
    err = collect(&replay, why);
    if (err != HT_OK) goto out;
    qsort(replay.items, replay.count, sizeof *replay.items, compare_items);
    int64_t start_ms = ht_mono_ms(options->clock);
    for (size_t i = 0; i < replay.count; i++) process_item(&replay, store, &replay.items[i]);
    summary->elapsed_ms = ht_mono_ms(options->clock) - start_ms;
    if (!summary->has_store) {
        err = ht_fail(why, HT_ENOTFOUND, "no_bootstrap",
                      "no bootstrap among the files is of the trusted root");
        goto out;
    }
    summary->last_period = ht_lc_store_period(store);
    summary->finalized = store->finalized;
    summary->optimistic = store->optimistic;
out:
    if (replay.items != NULL) free_items(&replay);
    free(store);
    return err;
}
