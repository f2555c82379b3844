/* hearth version */
#include "node/app/cmd.h"

#include <curl/curl.h>
#include <libwebsockets.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "node/app/version.h"
#include "node/codec/json.h"

static int run(int argc, char **argv) {
    struct ht_cmd_options options;
    int code = ht_cmd_read_options(&options, &ht_cmd_version, "j", argc, argv);
    if (code >= 0) return code;
    char lws[32]; /* "4.1.6-" and the commit, which Debian leaves out */
    (void)snprintf(lws, sizeof lws, "%s", lws_get_library_version());
    lws[strcspn(lws, "-")] = '\0';
    const char *curl = curl_version_info(CURLVERSION_NOW)->version;
    if (!options.is_json) {
        printf("hearth %s (%s)\nlibwebsockets %s, libcurl %s, SQLite %s, jansson %s\n",
               ht_version(), ht_version_commit(), lws, curl, sqlite3_libversion(),
               jansson_version_str());
        return 0;
    }
    ht_cmd_print_json(json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s}}", "version", ht_version(),
                                "commit", ht_version_commit(), "libraries", "libwebsockets", lws,
                                "libcurl", curl, "sqlite", sqlite3_libversion(), "jansson",
                                jansson_version_str()));
    return 0;
}

const struct ht_cmd ht_cmd_version = {
    .name = "version",
    .summary = "print the version of this program and of its libraries",
    .usage = "version [--json]",
    .run = run,
};
