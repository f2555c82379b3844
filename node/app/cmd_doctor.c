/* hearth doctor: what is missing or wrong on this machine, in words. */
#include "node/app/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "node/api/assets.h"
#include "node/app/client.h"
#include "node/app/node.h"
#include "node/base/clock.h"
#include "node/codec/json.h"
#include "node/net/http.h"
#include "node/net/provider.h"

#define ENOUGH_ROOM_MIB 256UL
#define LITTLE_ROOM_MIB 32UL
#define PROVIDER_TIMEOUT_MS 5000

enum finding { GOOD, WORTH_KNOWING, WRONG };

struct report {
    json_t *list; /* of {check, verdict, text} */
    size_t wrong;
    bool is_json;
};

static void tell(struct report *report, enum finding finding, const char *check, const char *fmt,
                 ...) HT_PRINTF(4, 5);

static void tell(struct report *report, enum finding finding, const char *check, const char *fmt,
                 ...) {
    static const char *const verdicts[] = {"ok", "note", "wrong"};
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    report->wrong += finding == WRONG;
    if (!report->is_json) printf("%-5s  %-14s %s\n", verdicts[finding], check, text);
    json_array_append_new(report->list, json_pack("{s:s, s:s, s:s}", "check", check, "verdict",
                                                  verdicts[finding], "text", text));
}

/* The nearest folder above that exists, to ask how much room there is. */
static void check_room(struct report *report, const char *data_dir) {
    char path[4096];
    struct statvfs room;
    (void)snprintf(path, sizeof path, "%s", data_dir);
    while (statvfs(path, &room) != 0) {
        char *slash = strrchr(path, '/');
        if (slash == NULL || slash == path) return;
        *slash = '\0';
    }
    unsigned long mib = (unsigned long)(room.f_bavail * (room.f_frsize / 1024) / 1024);
    if (mib < LITTLE_ROOM_MIB) {
        tell(report, WRONG, "disk", "%lu MiB are free there: too little, make room", mib);
    } else if (mib < ENOUGH_ROOM_MIB) {
        tell(report, WORTH_KNOWING, "disk", "%lu MiB are free there, which is not much", mib);
    } else {
        tell(report, GOOD, "disk", "%lu MiB are free", mib);
    }
}

/* Opens what `run` would open, if nobody else has it. Returns whether a node has it. */
static bool check_data_dir(struct report *report, const struct ht_config *config) {
    struct ht_why why = {0};
    struct ht_datadir *dir = NULL;
    struct stat info;
    if (stat(config->data_dir, &info) != 0 && errno == ENOENT) {
        tell(report, GOOD, "data", "%s is not there yet; run or init makes it", config->data_dir);
        return false;
    }
    enum ht_err err = ht_datadir_open(&dir, config->data_dir, &why);
    if (err == HT_EDENIED) {
        tell(report, GOOD, "data", "%s is in use by a running node", config->data_dir);
        return true;
    }
    if (err != HT_OK) {
        tell(report, WRONG, "data", "%s", why.text);
        return false;
    }
    char path[sizeof config->data_dir + 32];
    sqlite3 *db = NULL;
    tell(report, GOOD, "data", "%s can be used", config->data_dir);
    if (ht_config_path(path, sizeof path, config, HT_NODE_DATABASE, &why) == HT_OK &&
        stat(path, &info) == 0) {
        struct ht_migration migrations[HT_NODE_MIGRATIONS_MAX];
        size_t count = ht_node_migrations(migrations, HT_NODE_MIGRATIONS_MAX);
        err = ht_db_open(&db, path, migrations, count, &why);
        if (err == HT_OK) {
            tell(report, GOOD, "database", "opens, %lld kB", (long long)info.st_size / 1024);
        } else {
            tell(report, WRONG, "database", "%s", why.text);
        }
        ht_db_close(db);
    }
    ht_datadir_close(dir);
    return false;
}

static void check_clock(struct report *report, const struct ht_config *config) {
    int64_t now_ms = ht_wall_ms(&ht_system_clock);
    if (now_ms < (int64_t)config->network.genesis_time_ms) {
        tell(report, WRONG, "clock",
             "this computer's clock is before %s began: set it, or nothing can be live",
             config->network.name);
    } else {
        tell(report, GOOD, "clock", "slot %llu of %s now, by this computer's clock",
             (unsigned long long)ht_slot_at_ms(&config->network, now_ms), config->network.name);
    }
}

static void check_ui(struct report *report) {
    size_t count = 0;
    while (ht_assets[count].path != NULL) count++;
    if (count > 1) {
        tell(report, GOOD, "web UI", "%zu files inside this program", count);
    } else {
        tell(report, WRONG, "web UI", "was not built into this program: make ui, then make");
    }
}

/* One request to each beacon provider: whether it is there and has light-client data. */
static void check_providers(struct report *report, const struct ht_config *config) {
    size_t good = 0;
    struct ht_providers *providers = calloc(1, sizeof *providers);
    if (providers == NULL) return;
    providers->clock = &ht_system_clock;
    providers->random = &ht_system_random;
    for (size_t i = 0; i < config->beacon.count; i++) {
        struct ht_why why = {0};
        if (ht_providers_add(providers, HT_PROVIDER_BEACON, config->beacon.list[i], &why) !=
            HT_OK) {
            tell(report, WRONG, "provider", "%zu. in the list: %s", i + 1, why.text);
        }
    }
    for (size_t i = 0; i < providers->count; i++) {
        const struct ht_provider *one = &providers->list[i];
        char url[800];
        (void)snprintf(url, sizeof url, "%s/eth/v1/beacon/light_client/finality_update", one->url);
        struct ht_http_options options = {.url = url,
                                          .accept = "application/json",
                                          .max_bytes = 200U * 1024,
                                          .timeout_ms = PROVIDER_TIMEOUT_MS};
        struct ht_http_answer answer;
        struct ht_buf body;
        ht_buf_init(&body, options.max_bytes);
        ht_http_fetch(&answer, &body, &options);
        ht_buf_fini(&body);
        if (answer.err == HT_OK && answer.status == 200) {
            good++;
            tell(report, GOOD, "provider", "%s answers, %lld ms", one->name,
                 (long long)answer.elapsed_ms);
        } else if (answer.err == HT_OK) {
            tell(report, WORTH_KNOWING, "provider", "%s answers with status %ld", one->name,
                 answer.status);
        } else {
            tell(report, WORTH_KNOWING, "provider", "%s: %s", one->name,
                 ht_cmd_without_name(answer.why.text, one->name));
        }
    }
    if (config->beacon.count == 0) {
        tell(report, WRONG, "providers", "none is known for %s: name some with --beacon URL",
             config->network.name);
    } else if (good == 0) {
        tell(report, WRONG, "providers",
             "none of %zu gives light-client data: check the network, or name others with --beacon",
             providers->count);
    }
    free(providers);
}

static void check_node(struct report *report, const struct ht_config *config) {
    struct ht_why why = {0};
    json_t *status = NULL;
    if (ht_client_call(&status, config, "l1.status", &why) != HT_OK) {
        tell(report, WRONG, "node", "it holds the data directory but does not answer");
        return;
    }
    const char *state = json_string_value(json_object_get(status, "state"));
    const char *reason = json_string_value(json_object_get(status, "why"));
    bool is_live = state != NULL && strcmp(state, "live") == 0;
    tell(report, is_live ? GOOD : WORTH_KNOWING, "node", "%s%s%s", state != NULL ? state : "?",
         reason != NULL ? ": " : "", reason != NULL ? reason : "");
    json_decref(status);
    json_t *providers = NULL;
    if (ht_client_call(&providers, config, "l1.providers", &why) != HT_OK) return;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(providers, "providers"), i, one) {
        const char *name = json_string_value(json_object_get(one, "name"));
        const char *how = json_string_value(json_object_get(one, "state"));
        const char *error =
            json_string_value(json_object_get(json_object_get(one, "last_error"), "text"));
        if (name == NULL || how == NULL) continue;
        bool is_bad = strcmp(how, "failing") == 0 || strcmp(how, "lied") == 0;
        tell(report, is_bad ? WORTH_KNOWING : GOOD, "provider", "%s: %s%s%s", name, how,
             is_bad && error != NULL ? ", " : "",
             is_bad && error != NULL ? ht_cmd_without_name(error, name) : "");
    }
    json_decref(providers);
}

/* Who may come in from elsewhere, and whether many could not. */
static void check_door(struct report *report, const struct ht_config *config) {
    struct ht_why why = {0};
    json_t *door = NULL;
    if (ht_client_call(&door, config, "node.door", &why) != HT_OK) return;
    bool is_served = json_is_true(json_object_get(door, "served"));
    long long refused = json_integer_value(json_object_get(door, "refused"));
    const char *url = json_string_value(json_object_get(door, "url"));
    if (is_served && json_is_true(json_object_get(door, "listening"))) {
        tell(report, refused > 0 ? WORTH_KNOWING : GOOD, "relay",
             "listens at %s, %lld connected, %lld turned away over a limit", url != NULL ? url : "",
             (long long)json_integer_value(json_object_get(door, "websockets")), refused);
    } else if (is_served) {
        tell(report, config->is_relay_off ? GOOD : WORTH_KNOWING, "relay",
             "has no port of its own%s",
             config->is_relay_off ? "" : ": another program has it, or --no-relay was given");
    }
    json_decref(door);
}

static void tell_confined(struct report *report, const char *check, const json_t *list) {
    char text[200] = "";
    for (size_t i = 0; i < json_array_size(list); i++) {
        size_t n = strlen(text);
        const char *one = json_string_value(json_array_get(list, i));
        (void)snprintf(text + n, sizeof text - n, "%s%s", i > 0 ? ", " : "",
                       one != NULL ? one : "");
    }
    bool is_any = json_array_size(list) > 0;
    tell(report, is_any ? GOOD : WORTH_KNOWING, check, "%s%s",
         is_any ? "confined: " : "not confined: this kernel has no means", text);
}

/* What the running processes may not do any more. */
static void check_confined(struct report *report, const struct ht_config *config) {
    struct ht_why why = {0};
    json_t *info = NULL, *wallet = NULL;
    if (ht_client_call(&info, config, "node.info", &why) == HT_OK) {
        tell_confined(report, "node", json_object_get(info, "confined"));
    }
    if (ht_client_call(&wallet, config, "wallet.status", &why) == HT_OK) {
        const json_t *signer = json_object_get(wallet, "signer");
        if (json_is_object(signer)) {
            tell_confined(report, "signer", json_object_get(signer, "confined"));
        } else {
            tell(report, WRONG, "signer", "the process that holds the keys is gone: restart");
        }
    }
    json_decref(info);
    json_decref(wallet);
}

static int run(int argc, char **argv) {
    struct ht_cmd_options options;
    struct ht_config config;
    struct ht_why why = {0};
    int code = ht_cmd_read_options(&options, &ht_cmd_doctor, "ndbsj", argc, argv);
    if (code >= 0) return code;
    enum ht_err err = ht_config_load(&config, &options.flags, &why);
    if (err != HT_OK) return ht_cmd_fail(&why, err, options.is_json);
    struct report report = {.list = json_array(), .is_json = options.is_json};
    bool is_running = check_data_dir(&report, &config);
    check_room(&report, config.data_dir);
    check_clock(&report, &config);
    check_ui(&report);
    if (is_running) {
        check_node(&report, &config); /* it knows whom it asks */
        check_confined(&report, &config);
        check_door(&report, &config);
    } else {
        check_providers(&report, &config);
    }
    if (options.is_json) {
        ht_cmd_print_json(
            json_pack("{s:I, s:O}", "wrong", (json_int_t)report.wrong, "checks", report.list));
    } else {
        if (report.wrong == 0) {
            printf("\nNothing is wrong.\n");
        } else {
            printf("\n%zu to mend.\n", report.wrong);
        }
    }
    json_decref(report.list);
    ht_config_free(&config);
    return report.wrong == 0 ? 0 : 1;
}

const struct ht_cmd ht_cmd_doctor = {
    .name = "doctor",
    .summary = "tell what is missing or wrong on this computer, in words",
    .usage = "doctor [--network NAME|FILE] [--data-dir DIR] [--json]",
    .run = run,
};
