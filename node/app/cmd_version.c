/* hearth version */
#include "node/app/cmd.h"

#include <curl/curl.h>
#include <libwebsockets.h>
#include <sqlite3.h>
#include <stdio.h>

#include "node/app/version.h"
#include "node/codec/json.h"

static int run(int argc, char **argv) {
    struct ht_cmd_options options;
    int code = ht_cmd_read_options(&options, &ht_cmd_version, "j", argc, argv);
    if (code >= 0) return code;
    const char *curl = curl_version_info(CURLVERSION_NOW)->version;
    if (!options.is_json) {
        printf("hearth %s (%s)\nlibwebsockets %s, libcurl %s, SQLite %s, jansson %s\n",
               ht_version(), ht_version_commit(), lws_get_library_version(), curl,
               sqlite3_libversion(), jansson_version_str());
        return 0;
    }
    json_t *json = json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s}}", "version", ht_version(),
                             "commit", ht_version_commit(), "libraries", "libwebsockets",
                             lws_get_library_version(), "libcurl", curl, "sqlite",
                             sqlite3_libversion(), "jansson", jansson_version_str());
    if (json != NULL) json_dumpf(json, stdout, JSON_COMPACT);
    printf("\n");
    json_decref(json);
    return 0;
}

const struct ht_cmd ht_cmd_version = {
    .name = "version",
    .summary = "print the version of this program and of its libraries",
    .usage = "version [--json]",
    .run = run,
};
