/* hearth init: the data directory and its settings file. */
#include "node/app/cmd.h"

#include <stdio.h>

#include "node/codec/json.h"
#include "node/store/db.h"

static int run(int argc, char **argv) {
    struct ht_cmd_options options;
    struct ht_config config;
    struct ht_why why = {0};
    int code = ht_cmd_read_options(&options, &ht_cmd_init, "ndbescqpfj", argc, argv);
    if (code >= 0) return code;
    enum ht_err err = ht_config_load(&config, &options.flags, &why);
    if (err != HT_OK) return ht_cmd_fail(&why, err, options.is_json);
    struct ht_datadir *dir = NULL;
    err = ht_datadir_open(&dir, config.data_dir, &why);
    if (err == HT_OK) err = ht_config_save(&config, options.is_forced, &why);
    if (dir != NULL) ht_datadir_close(dir);
    if (err == HT_OK && options.is_json) {
        json_t *json =
            json_pack("{s:s, s:s}", "data_dir", config.data_dir, "network", config.network.name);
        if (json != NULL) ht_cmd_print_json(json);
    } else if (err == HT_OK) {
        printf("Ready in %s for %s.\nSettings are in %s there. Start with: hearth run%s%s\n",
               config.data_dir, config.network.name, HT_CONFIG_FILE,
               options.flags.data_dir != NULL ? " --data-dir " : " --network ",
               options.flags.data_dir != NULL ? config.data_dir : config.network_source);
    }
    ht_config_free(&config);
    return err == HT_OK ? 0 : ht_cmd_fail(&why, err, options.is_json);
}

const struct ht_cmd ht_cmd_init = {
    .name = "init",
    .summary = "make the data directory and write its settings, to be edited at will",
    .usage = "init [--network NAME|FILE] [--data-dir DIR] [OPTION]...",
    .run = run,
};
