/* hearth relay: events into the store from lines of JSON, out of it, and numbers. */
#include "node/app/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "node/app/cmd_social.h"
#include "node/codec/json.h"

#define LINE_MAX_BYTES ((size_t)128 << 10) /* of one event */
#define BATCH_LINES 500U
#define BATCH_BYTES ((size_t)200 << 10) /* as JSON; a request has at most 256 KiB */
#define BUSY_TRIES 50
#define BUSY_NS 100000000L
#define PATH_SIZE 4200U

/* What social.import counts, and what never gets so far. */
static const char *const counts[] = {"stored",  "duplicate", "replaced",  "deleted",   "expired",
                                     "refused", "ephemeral", "malformed", "unverified"};

/* --- import ----------------------------------------------------------------------------------- */

struct importing {
    const struct ht_cmd_social *run;
    FILE *from;
    struct ht_buf line;
    json_t *batch;
    size_t batch_bytes;
    json_t *sum;
    bool shows_progress;
};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static void add_count(json_t *sum, const char *name, json_int_t more) {
    json_int_t before = json_integer_value(json_object_get(sum, name));
    (void)json_object_set_new(sum, name, json_integer(before + more));
}

static void show_progress(const struct importing *self, bool is_end) {
    if (!self->shows_progress) return;
    fprintf(stderr, "\r%lld lines, %lld stored%s",
            (long long)json_integer_value(json_object_get(self->sum, "lines")),
            (long long)json_integer_value(json_object_get(self->sum, "stored")),
            is_end ? "\n" : "");
}

/* Sends what has gathered; it is on disk when this returns. */
static enum ht_err send_batch(struct importing *self, struct ht_why *why) {
    const struct timespec pause = {.tv_nsec = BUSY_NS};
    json_t *result = NULL;
    enum ht_err err = HT_EAGAIN;
    if (json_array_size(self->batch) == 0) return HT_OK;
    for (int i = 0; err == HT_EAGAIN && i < BUSY_TRIES; i++) {
        if (i > 0) (void)nanosleep(&pause, NULL);
        err = ht_cmd_social_call(self->run, &result, "social.import",
                                 json_pack("{s:O}", "lines", self->batch), why);
    }
    if (err != HT_OK) return err;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        add_count(self->sum, counts[i], json_integer_value(json_object_get(result, counts[i])));
    }
    json_decref(result);
    (void)json_array_clear(self->batch);
    self->batch_bytes = 0;
    show_progress(self, false);
    return HT_OK;
}

/* Bytes of a text as JSON. */
static size_t size_as_json(ht_bytes text) {
    size_t n = 3;
    for (size_t i = 0; i < text.n; i++) {
        bool is_escaped = text.p[i] == '"' || text.p[i] == '\\';
        n += text.p[i] < 0x20 ? 6 : is_escaped ? 2 : 1;
    }
    return n;
}

/* is_cut: it was longer than an event is. */
static enum ht_err take_line(struct importing *self, bool is_cut, struct ht_why *why) {
    ht_bytes line = ht_buf_view(&self->line);
    if (line.n > 0 && line.p[line.n - 1] == '\r') line.n--;
    if (line.n == 0 && !is_cut) return HT_OK;
    add_count(self->sum, "lines", 1);
    size_t size = size_as_json(line);
    json_t *text = is_cut || size > BATCH_BYTES
                       ? NULL
                       : json_stringn((const char *)line.p, line.n); /* NULL: no UTF-8 */
    if (text == NULL) {
        add_count(self->sum, "malformed", 1);
        return HT_OK;
    }
    bool is_full =
        json_array_size(self->batch) == BATCH_LINES || self->batch_bytes + size > BATCH_BYTES;
    enum ht_err err = is_full ? send_batch(self, why) : HT_OK;
    if (err != HT_OK) {
        json_decref(text);
        return err;
    }
    self->batch_bytes += size;
    return json_array_append_new(self->batch, text) == 0 ? HT_OK : no_memory(why);
}

static enum ht_err take_all(struct importing *self, struct ht_why *why) {
    enum ht_err err = HT_OK;
    bool is_cut = false, is_end = false;
    while (err == HT_OK && !is_end) {
        int c = getc_unlocked(self->from);
        is_end = c == EOF;
        if (c != EOF && c != '\n') {
            uint8_t byte = (uint8_t)c;
            if (!is_cut) is_cut = ht_buf_add(&self->line, ht_bytes_of(&byte, 1)) != HT_OK;
            continue;
        }
        err = take_line(self, is_cut, why);
        ht_buf_clear(&self->line);
        is_cut = false;
    }
    if (err == HT_OK && ferror(self->from)) {
        err = ht_fail(why, HT_ESTORE, "read_failed", "cannot read: %s", strerror(errno));
    }
    return err == HT_OK ? send_batch(self, why) : err;
}

static enum ht_err import(struct ht_cmd_social *run, json_t **result, struct ht_why *why) {
    const char *path = run->operands[1];
    bool is_input = strcmp(path, "-") == 0;
    struct importing self = {.run = run,
                             .from = is_input ? stdin : fopen(path, "rbe"),
                             .batch = json_array(),
                             .sum = json_pack("{s:i}", "lines", 0),
                             .shows_progress = !run->options.is_json && isatty(STDERR_FILENO)};
    if (self.from == NULL) {
        json_decref(self.batch);
        json_decref(self.sum);
        return ht_fail(why, HT_ENOTFOUND, "no_file", "cannot read %.100s: %s", path,
                       strerror(errno));
    }
    ht_buf_init(&self.line, LINE_MAX_BYTES);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) add_count(self.sum, counts[i], 0);
    enum ht_err err =
        self.batch != NULL && self.sum != NULL ? take_all(&self, why) : no_memory(why);
    show_progress(&self, true);
    if (!is_input) (void)fclose(self.from);
    json_decref(self.batch);
    ht_buf_fini(&self.line);
    if (err == HT_OK) {
        bool is_forged = json_integer_value(json_object_get(self.sum, "unverified")) > 0;
        bool is_bad = json_integer_value(json_object_get(self.sum, "malformed")) > 0;
        run->code = is_forged ? ht_err_exit_code(HT_EUNVERIFIED) : is_bad ? 1 : 0;
        *result = self.sum;
        return HT_OK;
    }
    ht_why_context(why, "after %lld events were stored",
                   (long long)json_integer_value(json_object_get(self.sum, "stored")));
    json_decref(self.sum);
    return err;
}

/* --- export ----------------------------------------------------------------------------------- */

struct exporting {
    int fd;
    bool is_terminal;
    json_int_t events;
};

static enum ht_err write_all(int fd, ht_bytes bytes, struct ht_why *why) {
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            return ht_fail(why, HT_ESTORE, "write_failed", "cannot write: %s", strerror(errno));
        }
        bytes = ht_bytes_of(bytes.p + n, bytes.n - (size_t)n);
    }
    return HT_OK;
}

/* DEL and C1, which JSON lets stand and a terminal obeys, as \u00xx: the event stays the same. */
static enum ht_err add_escaped(struct ht_buf *out, ht_bytes line) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < line.n; i++) {
        bool is_c1 =
            line.p[i] == 0xc2 && i + 1 < line.n && line.p[i + 1] >= 0x80 && line.p[i + 1] < 0xa0;
        if (is_c1) i++;
        if (is_c1 || line.p[i] == 0x7f) {
            char text[8];
            (void)snprintf(text, sizeof text, "\\u%04x", line.p[i]);
            err = ht_buf_add_str(out, text);
        } else {
            err = ht_buf_add(out, ht_bytes_of(line.p + i, 1));
        }
    }
    return err;
}

static enum ht_err write_lines(struct exporting *self, const json_t *lines, struct ht_why *why) {
    struct ht_buf text;
    size_t i;
    json_t *line;
    enum ht_err err = HT_OK;
    ht_buf_init(&text, (size_t)8 << 20);
    json_array_foreach(lines, i, line) {
        ht_bytes bytes = ht_bytes_of(json_string_value(line), json_string_length(line));
        if (err == HT_OK) {
            err = self->is_terminal ? add_escaped(&text, bytes) : ht_buf_add(&text, bytes);
        }
        if (err == HT_OK) err = ht_buf_add_str(&text, "\n");
        self->events++;
    }
    if (err != HT_OK) err = ht_fail(why, err, "no_memory", "out of memory");
    if (err == HT_OK) err = write_all(self->fd, ht_buf_view(&text), why);
    ht_buf_fini(&text);
    return err;
}

/* Piece by piece. */
static enum ht_err write_events(struct exporting *self, const struct ht_cmd_social *run,
                                struct ht_why *why) {
    json_t *cursor = NULL;
    enum ht_err err = HT_OK;
    bool has_more = true;
    while (err == HT_OK && has_more) {
        json_t *piece = NULL;
        json_t *params = json_object();
        if (cursor != NULL) (void)json_object_set(params, "cursor", cursor);
        err = ht_cmd_social_call(run, &piece, "social.export", params, why);
        if (err == HT_OK) err = write_lines(self, json_object_get(piece, "lines"), why);
        json_decref(cursor);
        cursor = err == HT_OK ? json_incref(json_object_get(piece, "cursor")) : NULL;
        has_more = json_is_string(cursor);
        json_decref(piece);
    }
    json_decref(cursor);
    return err;
}

static enum ht_err file_failed(const char *path, struct ht_why *why) {
    if (errno == EEXIST) {
        return ht_fail(why, HT_EDENIED, "file_exists", "%.100s is there already; see --force",
                       path);
    }
    return ht_fail(why, HT_ESTORE, "write_failed", "cannot write %.100s: %s", path,
                   strerror(errno));
}

/* Under another name until it is whole. */
static enum ht_err export_to_file(struct exporting *self, const struct ht_cmd_social *run,
                                  const char *path, struct ht_why *why) {
    char part[PATH_SIZE];
    struct stat there;
    bool is_forced = run->options.is_forced;
    int n = snprintf(part, sizeof part, "%s.part", path);
    if (n < 0 || (size_t)n >= sizeof part) {
        return ht_fail(why, HT_EINPUT, "too_long", "the file's name is too long");
    }
    errno = EEXIST;
    if (!is_forced && lstat(path, &there) == 0) return file_failed(path, why);
    self->fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (self->fd < 0) return file_failed(part, why);
    enum ht_err err = write_events(self, run, why);
    if (err == HT_OK && fsync(self->fd) != 0) err = file_failed(part, why);
    if (close(self->fd) != 0 && err == HT_OK) err = file_failed(part, why);
    /* Linking, unlike renaming, does not replace what came meanwhile. */
    if (err == HT_OK && is_forced && rename(part, path) != 0) err = file_failed(path, why);
    if (err == HT_OK && !is_forced && link(part, path) != 0) err = file_failed(path, why);
    if (err != HT_OK || !is_forced) (void)unlink(part);
    return err;
}

static enum ht_err export(struct ht_cmd_social *run, json_t **result, struct ht_why *why) {
    const char *path = run->operand_count > 1 ? run->operands[1] : "-";
    bool is_output = strcmp(path, "-") == 0;
    struct exporting self = {.fd = STDOUT_FILENO,
                             .is_terminal = is_output && isatty(STDOUT_FILENO)};
    enum ht_err err = is_output ? write_events(&self, run, why)
                                : export_to_file(&self, run, path, why);
    if (err != HT_OK) return err;
    run->is_printed = is_output;
    if (is_output) fprintf(stderr, "%lld events\n", (long long)self.events);
    *result = json_pack("{s:I, s:s}", "events", self.events, "file", path);
    return *result != NULL ? HT_OK : no_memory(why);
}

/* --- the verb --------------------------------------------------------------------------------- */

static enum ht_err work_relay(struct ht_cmd_social *run, json_t **result, struct ht_why *why) {
    const char *what = run->operand_count > 0 ? run->operands[0] : "";
    bool is_import = strcmp(what, "import") == 0, is_export = strcmp(what, "export") == 0;
    if (run->options.is_forced && !is_export) {
        return ht_cmd_social_usage(run, why, "--force is for export alone");
    }
    if (is_import && run->operand_count == 2) return import(run, result, why);
    if (is_import) return ht_cmd_social_usage(run, why, "import which file? - is standard input");
    if (is_export) return export(run, result, why);
    if (strcmp(what, "stats") == 0 && run->operand_count == 1) {
        return ht_cmd_social_call(run, result, "social.stats", json_object(), why);
    }
    return ht_cmd_social_usage(run, why, "it takes import, export or stats");
}

static long long number(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

static void print_stats(const json_t *result) {
    const json_t *store = json_object_get(result, "store");
    const json_t *relay = json_object_get(result, "relay");
    const json_t *door = json_object_get(result, "door");
    printf("%-11s %lld events of %lld authors, %lld bytes, %lld kept out\n", "Store",
           number(store, "events"), number(store, "authors"), number(store, "bytes"),
           number(store, "tombstones"));
    printf("%-11s %lld connected, %lld ever, %lld subscriptions\n", "Relay",
           number(relay, "connections"), number(relay, "connections_ever"),
           number(relay, "subscriptions"));
    printf("%-11s %lld events came, %lld stored, %lld refused, %lld with a wrong signature\n", "",
           number(relay, "received"), number(relay, "stored"), number(relay, "refused"),
           number(relay, "bad_signatures"));
    printf("%-11s %lld queries, %lld messages sent\n", "", number(relay, "queries"),
           number(relay, "sent"));
    const char *url = ht_cmd_social_text(door, "url");
    printf("%-11s %s\n", "Door", url[0] != '\0' ? url : "at the web UI's port only");
}

static void print_relay(const struct ht_cmd_social *run, const json_t *result) {
    const char *what = run->operands[0];
    if (strcmp(what, "stats") == 0) {
        print_stats(result);
    } else if (strcmp(what, "export") == 0) {
        printf("%-11s %lld\n", "Events", number(result, "events"));
    } else {
        printf("%-11s %lld\n", "lines", number(result, "lines"));
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            printf("%-11s %lld\n", counts[i], number(result, counts[i]));
        }
    }
}

static int run_relay(int argc, char **argv) {
    static const struct ht_cmd_social_verb verb = {
        .cmd = &ht_cmd_relay,
        .allowed = "ndjf",
        .operands_max = 2,
        .work = work_relay,
        .print = print_relay,
    };
    return ht_cmd_social_run(&verb, argc, argv);
}

const struct ht_cmd ht_cmd_relay = {
    .name = "relay",
    .summary = "events of the relay from a file, into a file; its numbers",
    .usage = "relay import FILE|- [--network NAME|FILE] [--data-dir DIR] [--json]\n"
             "       hearth relay export [FILE] [--force] [--network NAME|FILE] [--data-dir DIR]\n"
             "       hearth relay stats [--network NAME|FILE] [--data-dir DIR] [--json]",
    .more =
        "\nFiles have an event a line, as other relays write and read them (JSONL). Each event\n"
        "that is imported is verified and on disk when it is counted; lines that are no events\n"
        "are counted as malformed (exit code 1), those whose signature does not hold as\n"
        "unverified (exit code 3), and the others are taken all the same. Export goes to\n"
        "standard output, or into a new file, for you only.\n",
    .run = run_relay,
    .takes_operands = true,
};
