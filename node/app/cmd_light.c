/* hearth light replay: verifies recorded light-client objects from files. */
#include "node/app/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/base/clock.h"
#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/l1/consensus/decode.h"
#include "node/l1/replay.h"

static void print_line(void *user, const struct ht_replay_line *line) {
    const struct ht_network *network = user;
    json_t *json = json_pack("{s:s, s:s}", "file", line->file, "verdict",
                             ht_replay_verdict_name(line->verdict));
    if (json == NULL) return;
    if (line->object != NULL) {
        uint64_t slot = ht_lc_object_slot(line->object);
        json_object_set_new(json, "position", json_integer((json_int_t)line->position));
        json_object_set_new(json, "type", json_string(ht_lc_kind_name(line->object->kind)));
        json_object_set_new(json, "fork", json_string(ht_fork_specs[line->object->fork].name));
        json_object_set_new(json, "slot", json_integer((json_int_t)slot));
        json_object_set_new(json, "period",
                            json_integer((json_int_t)ht_period_at_slot(network, slot)));
    }
    if (line->outcome.participants > 0) {
        json_object_set_new(json, "participants",
                            json_integer((json_int_t)line->outcome.participants));
    }
    if (line->why.code != NULL) {
        json_object_set_new(json, "code", json_string(line->why.code));
        json_object_set_new(json, "reason", json_string(line->why.text));
    }
    ht_cmd_print_json(json);
}

static json_t *make_header(const struct ht_header_verified *header) {
    char root[HT_HEX_SIZE(32)];
    ht_hex_write(root, HT_BYTES(header->root.b));
    json_t *number =
        header->has_block_number ? json_integer((json_int_t)header->block_number) : json_null();
    return json_pack("{s:I, s:s, s:o}", "slot", (json_int_t)header->beacon.slot, "root", root,
                     "block_number", number);
}

static void print_summary(const struct ht_replay_summary *summary, bool is_json) {
    if (!is_json) {
        printf("%zu accepted, %zu below the threshold, %zu unverified, %zu stale, %zu malformed, "
               "%zu ignored\n",
               summary->counts[HT_REPLAY_ACCEPTED], summary->counts[HT_REPLAY_BELOW_THRESHOLD],
               summary->counts[HT_REPLAY_UNVERIFIED], summary->counts[HT_REPLAY_STALE],
               summary->counts[HT_REPLAY_MALFORMED], summary->counts[HT_REPLAY_IGNORED]);
        if (!summary->has_store) return;
        char root[HT_HEX_SIZE(32)];
        ht_hex_write(root, HT_BYTES(summary->finalized.root.b));
        printf("period %llu to %llu in %lld ms; finalized slot %llu, %s; head slot %llu\n",
               (unsigned long long)summary->first_period, (unsigned long long)summary->last_period,
               (long long)summary->elapsed_ms, (unsigned long long)summary->finalized.beacon.slot,
               root, (unsigned long long)summary->optimistic.beacon.slot);
        return;
    }
    json_t *counts = json_object();
    for (int i = 0; i < HT_REPLAY_VERDICT_COUNT; i++) {
        json_object_set_new(counts, ht_replay_verdict_name((enum ht_replay_verdict)i),
                            json_integer((json_int_t)summary->counts[i]));
    }
    json_t *json =
        json_pack("{s:o, s:I}", "counts", counts, "elapsed_ms", (json_int_t)summary->elapsed_ms);
    if (summary->has_store) {
        json_object_set_new(json, "first_period", json_integer((json_int_t)summary->first_period));
        json_object_set_new(json, "last_period", json_integer((json_int_t)summary->last_period));
        json_object_set_new(json, "finalized", make_header(&summary->finalized));
        json_object_set_new(json, "optimistic", make_header(&summary->optimistic));
    }
    ht_cmd_print_json(json_pack("{s:o}", "summary", json));
}

static int usage_error(const char *what) {
    fprintf(stderr, "hearth light: %s\nTry: hearth light --help\n", what);
    return HT_EXIT_USAGE;
}

static int replay(const struct ht_config *config, const struct ht_cmd_options *options,
                  char *const *paths, size_t path_count) {
    struct ht_replay_options how = {
        .network = &config->network,
        .clock = &ht_system_clock,
        .trusted_block_root = config->checkpoint_root,
        .current_slot = ht_slot_at_ms(&config->network, ht_wall_ms(&ht_system_clock)),
        .paths = paths,
        .path_count = path_count,
    };
    if (options->at_slot != NULL) how.current_slot = strtoull(options->at_slot, NULL, 10);
    struct ht_replay_summary summary;
    struct ht_why why = {0};
    enum ht_err err = ht_replay_run(&summary, &how, print_line, (void *)&config->network, &why);
    print_summary(&summary, options->is_json);
    if (err != HT_OK) return ht_cmd_fail(&why, err, false);
    if (summary.counts[HT_REPLAY_UNVERIFIED] > 0) return ht_err_exit_code(HT_EUNVERIFIED);
    return summary.counts[HT_REPLAY_MALFORMED] > 0 ? 1 : 0;
}

static int run(int argc, char **argv) {
    struct ht_cmd_options options;
    struct ht_config config;
    struct ht_why why = {0};
    int code = ht_cmd_read_options(&options, &ht_cmd_light, "ndctj", argc, argv);
    if (code >= 0) return code;
    int first = options.first_operand;
    if (first >= argc || strcmp(argv[first], "replay") != 0) return usage_error("replay what?");
    if (first + 1 >= argc) return usage_error("no file or folder to replay");
    if (options.flags.checkpoint == NULL) return usage_error("--checkpoint ROOT is needed");
    if (options.at_slot != NULL &&
        strspn(options.at_slot, "0123456789") != strlen(options.at_slot)) {
        return usage_error("--slot is a number");
    }
    enum ht_err err = ht_config_load(&config, &options.flags, &why);
    if (err != HT_OK) return ht_cmd_fail(&why, err, options.is_json);
    code = replay(&config, &options, argv + first + 1, (size_t)(argc - first - 1));
    ht_config_free(&config);
    return code;
}

const struct ht_cmd ht_cmd_light = {
    .name = "light",
    .summary = "verify recorded light-client objects against a root you trust",
    .usage = "light replay DIR|FILE... --checkpoint ROOT [--network NAME|FILE]",
    .run = run,
};
