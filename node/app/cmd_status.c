/* hearth status: what the running node believes, and whether it can be relied on now. */
#include "node/app/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/app/client.h"
#include "node/app/node.h"
#include "node/codec/json.h"

static const char *text(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

static long long number(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

static void print_header(const char *title, const json_t *header) {
    if (!json_is_object(header)) return;
    const json_t *block = json_object_get(header, "block_number");
    const json_t *signers = json_object_get(header, "participants");
    const json_t *provenance = json_object_get(header, "provenance");
    printf("%-11s slot %lld", title, number(header, "slot"));
    if (json_is_integer(block)) printf(", block %lld", (long long)json_integer_value(block));
    printf(", %lld s old", number(provenance, "age_ms") / 1000);
    if (json_is_integer(signers)) {
        printf(", signed by %lld of %lld", (long long)json_integer_value(signers),
               number(header, "committee_size"));
    }
    printf(", %s\n", text(provenance, "verdict"));
}

static void print_providers(const json_t *providers) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(providers, "providers"), i, one) {
        printf("%-11s %s: %s, score %lld", i == 0 ? "Providers" : "", text(one, "name"),
               text(one, "state"), number(one, "score"));
        const json_t *error = json_object_get(one, "last_error");
        if (strcmp(text(one, "state"), "in_use") != 0 && json_is_object(error)) {
            printf(" (%s)", ht_cmd_without_name(text(error, "text"), text(one, "name")));
        }
        printf("\n");
        size_t j;
        json_t *fault;
        json_array_foreach(json_object_get(one, "faults"), j, fault) {
            printf("%-11s   fault: %s, %s (%s)", "", text(fault, "asked"), text(fault, "reason"),
                   text(fault, "code"));
            long long evidence = number(fault, "evidence");
            if (evidence > 0) printf(", see --evidence %lld", evidence);
            printf("\n");
        }
    }
}

/* The address of the web UI, from the file that the node leaves for its owner. */
static void print_url(const struct ht_config *config) {
    char path[sizeof config->data_dir + 32], url[256] = "";
    if (ht_config_path(path, sizeof path, config, HT_NODE_URL_FILE, NULL) != HT_OK) return;
    FILE *file = fopen(path, "rbe");
    if (file == NULL) return;
    if (fgets(url, sizeof url, file) != NULL) printf("%-11s %s\n", "Web UI", url);
    (void)fclose(file);
}

static void print_status(const json_t *status, const json_t *providers) {
    printf("%-11s %s", "State", text(status, "state"));
    if (text(status, "why")[0] != '\0') printf(": %s", text(status, "why"));
    printf("\n%-11s %s, %s\n", "Network", text(json_object_get(status, "network"), "name"),
           text(status, "fork"));
    print_header("Head", json_object_get(status, "head"));
    print_header("Finalized", json_object_get(status, "finalized"));
    const json_t *checkpoint = json_object_get(status, "checkpoint");
    if (json_is_string(json_object_get(checkpoint, "root"))) {
        printf("%-11s %s, %lld h old, %lld of %lld sources agreed (%s)\n", "Checkpoint",
               text(checkpoint, "root"), number(checkpoint, "age_ms") / 3600000,
               number(checkpoint, "agreed"), number(checkpoint, "asked"),
               text(checkpoint, "origin"));
    }
    const json_t *sync = json_object_get(status, "sync");
    if (strcmp(text(sync, "step"), "done") != 0) {
        printf("%-11s %s, %lld of %lld periods, %lld a minute", "Sync", text(sync, "step"),
               number(sync, "done"), number(sync, "total"), number(sync, "per_minute"));
        if (json_is_integer(json_object_get(sync, "left_ms"))) {
            printf(", %lld s left", number(sync, "left_ms") / 1000);
        }
        printf("\n");
    }
    const json_t *storage = json_object_get(status, "storage_error");
    if (json_is_object(storage)) printf("%-11s %s\n", "Storage", text(storage, "text"));
    print_providers(providers);
}

/* The bytes of an answer may be anything: what a terminal would obey is shown as '?'. */
static void print_safely(const char *title, const char *said) {
    printf("%-11s ", title);
    for (; *said != '\0'; said++) {
        bool is_control = (unsigned char)*said < 0x20 || *said == 0x7f;
        putchar(is_control && *said != '\n' ? '?' : *said);
    }
    printf("\n");
}

static void print_evidence(const json_t *evidence) {
    const json_t *header = json_object_get(evidence, "header");
    printf("%-11s %s (%s)\n", "Provider", text(evidence, "provider"), text(evidence, "kind"));
    print_safely("Asked", text(evidence, "asked"));
    printf("%-11s %s (%s)\n", "Reason", text(evidence, "reason"), text(evidence, "code"));
    if (json_is_object(header)) {
        printf("%-11s block %s, %s\n", "Held against", text(header, "number"),
               text(header, "hash"));
    }
    print_safely("Request", text(evidence, "request"));
    print_safely("Answer", text(evidence, "answer"));
    if (json_is_true(json_object_get(evidence, "answer_is_cut"))) {
        printf("%-11s cut off; it had %lld bytes\n", "", number(evidence, "answer_bytes"));
    }
}

static int show_evidence(const struct ht_config *config, const struct ht_cmd_options *options) {
    struct ht_why why = {0};
    json_t *evidence = NULL;
    char *end = NULL;
    long long id = strtoll(options->evidence, &end, 10);
    if (options->evidence[0] < '0' || options->evidence[0] > '9' || *end != '\0') {
        fprintf(stderr, "hearth status: --evidence takes a number\n");
        return HT_EXIT_USAGE;
    }
    json_t *params = json_pack("{s:I}", "id", (json_int_t)id);
    enum ht_err err = ht_client_call_with(&evidence, config, "l1.evidence", params, &why);
    if (err != HT_OK) return ht_cmd_fail(&why, err, options->is_json);
    if (options->is_json) {
        ht_cmd_print_json(evidence);
        return 0;
    }
    print_evidence(evidence);
    json_decref(evidence);
    return 0;
}

/* The relay's door, when anything serves there. A node of an older version has none. */
static void print_door(const struct ht_config *config) {
    struct ht_why why = {0};
    json_t *door = NULL;
    if (ht_client_call(&door, config, "node.door", &why) != HT_OK) return;
    if (json_is_true(json_object_get(door, "served"))) {
        bool is_listening = json_is_true(json_object_get(door, "listening"));
        printf("%-11s %s, %lld connected, %lld of %lld links open\n", "Relay",
               is_listening ? text(door, "url") : "at the web UI's port only",
               number(door, "websockets"), number(door, "links_open"), number(door, "links"));
    }
    json_decref(door);
}

static int run(int argc, char **argv) {
    struct ht_cmd_options options;
    struct ht_config config;
    struct ht_why why = {0};
    json_t *status = NULL, *providers = NULL;
    int code = ht_cmd_read_options(&options, &ht_cmd_status, "ndij", argc, argv);
    if (code >= 0) return code;
    enum ht_err err = ht_config_load(&config, &options.flags, &why);
    if (err != HT_OK) return ht_cmd_fail(&why, err, options.is_json);
    if (options.evidence != NULL) {
        code = show_evidence(&config, &options);
        ht_config_free(&config);
        return code;
    }
    err = ht_client_call(&status, &config, "l1.status", &why);
    if (err == HT_OK) err = ht_client_call(&providers, &config, "l1.providers", &why);
    if (err == HT_OK) {
        bool is_live = strcmp(text(status, "state"), "live") == 0;
        code = is_live ? 0 : ht_err_exit_code(HT_ENET);
        if (options.is_json) {
            (void)json_object_update(status, providers);
            ht_cmd_print_json(json_incref(status));
        } else {
            print_status(status, providers);
            print_door(&config);
            print_url(&config);
        }
    } else {
        code = ht_cmd_fail(&why, err, options.is_json);
    }
    json_decref(status);
    json_decref(providers);
    ht_config_free(&config);
    return code;
}

const struct ht_cmd ht_cmd_status = {
    .name = "status",
    .summary = "tell what the running node believes; exit 0 only when its head is live",
    .usage = "status [--network NAME|FILE] [--data-dir DIR] [--evidence N] [--json]",
    .run = run,
};
