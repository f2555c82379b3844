/* hearth run: the node itself, in the foreground. */
#include "node/app/cmd.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "node/app/node.h"
#include "node/codec/json.h"

static struct ht_node *running; /* for the signal handler */

static void on_signal(int number) {
    (void)number;
    ht_node_stop(running);
}

static void catch_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
}

static void greet(const struct ht_node *node, const struct ht_config *config, bool is_json) {
    if (is_json) {
        ht_cmd_print_json(json_pack("{s:s, s:s, s:s}", "url", ht_node_url(node), "network",
                                    config->network.name, "data_dir", config->data_dir));
    } else {
        printf("Hearth on %s, data in %s\nOpen this address in a browser on this computer:\n\n"
               "  %s\n\n",
               config->network.name, config->data_dir, ht_node_url(node));
    }
    (void)fflush(stdout);
}

static int run(int argc, char **argv) {
    struct ht_cmd_options options;
    struct ht_config config;
    struct ht_why why = {0};
    int code = ht_cmd_read_options(&options, &ht_cmd_run, "ndbeuscqopvjrRHXEJK", argc, argv);
    if (code >= 0) return code;
    enum ht_err err = ht_config_load(&config, &options.flags, &why);
    if (err != HT_OK) return ht_cmd_fail(&why, err, options.is_json);
    struct ht_signer_process signer;
    err = ht_signer_fork(&signer, &why);
    if (err == HT_OK) err = ht_node_new(&running, &config, &signer, &why);
    if (err == HT_OK) {
        catch_signals();
        greet(running, &config, options.is_json);
        ht_node_run(running);
        ht_node_free(running);
    }
    ht_config_free(&config);
    return err == HT_OK ? 0 : ht_cmd_fail(&why, err, options.is_json);
}

const struct ht_cmd ht_cmd_run = {
    .name = "run",
    .summary = "start the node and its web UI; Ctrl-C stops it",
    .usage = "run [--network NAME|FILE] [OPTION]...",
    .run = run,
};
