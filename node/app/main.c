/* The command line's entry: finds the verb and gives it its words. */
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "node/app/cmd.h"
#include "node/app/cmd_dao.h"
#include "node/app/cmd_identity.h"
#include "node/app/cmd_peer.h"
#include "node/app/cmd_social.h"
#include "node/app/cmd_verify.h"
#include "node/app/version.h"

static const struct ht_cmd *const verbs[] = {
    &ht_cmd_run,      &ht_cmd_init,    &ht_cmd_status, &ht_cmd_light,  &ht_cmd_account,
    &ht_cmd_sessions, &ht_cmd_post,    &ht_cmd_feed,   &ht_cmd_follow, &ht_cmd_relay,
    &ht_cmd_peer,     &ht_cmd_id,      &ht_cmd_attest, &ht_cmd_dao,    &ht_cmd_vote,
    &ht_cmd_poll,     &ht_cmd_export,  &ht_cmd_import, &ht_cmd_doctor, &ht_cmd_verify,
    &ht_cmd_sim,      &ht_cmd_version,
};

static void print_verbs(FILE *to) {
    fprintf(to,
            "Hearth %s: a home on Ethereum that proves what it shows.\n\n"
            "Usage: hearth VERB [OPTION]...\n\n",
            ht_version());
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        fprintf(to, "  %-9s %s\n", verbs[i]->name, verbs[i]->summary);
    }
    fprintf(to, "\nhearth VERB --help tells more.\n");
}

int main(int argc, char **argv) {
    (void)signal(SIGPIPE, SIG_IGN);
    const char *verb = argc > 1 ? argv[1] : "";
    bool is_help =
        strcmp(verb, "help") == 0 || strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0;
    if (is_help) {
        print_verbs(stdout);
        return 0;
    }
    if (strcmp(verb, "--version") == 0) verb = "version";
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verb, verbs[i]->name) != 0) continue;
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return 4;
        int code = verbs[i]->run(argc - 1, argv + 1);
        curl_global_cleanup();
        return code;
    }
    if (verb[0] != '\0') fprintf(stderr, "hearth: there is no verb %.40s\n\n", verb);
    print_verbs(stderr);
    return HT_EXIT_USAGE;
}
