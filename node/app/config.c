/* Settings from tables, file and command line. */
#include "node/app/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/app/endpoints.h"
#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/l1/consensus/network_file.h"

#define DEFAULT_PORT 8420U
#define DEFAULT_RELAY_PORT 8421U
#define DEFAULT_RELAY_LISTEN "127.0.0.1"
#define DEFAULT_QUORUM 2U
#define DEFAULT_REQUESTS_PER_SECOND 100U
#define SETTINGS_MAX 65536U

/* --- urls ------------------------------------------------------------------------------------- */

static void clear_urls(struct ht_config_urls *urls) {
    for (size_t i = 0; i < urls->count; i++) free(urls->list[i]);
    urls->count = 0;
}

static enum ht_err add_url(struct ht_config_urls *urls, const char *url, struct ht_why *why) {
    if (urls->count == HT_CONFIG_URLS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_urls", "at most %d addresses of a kind",
                       HT_CONFIG_URLS_MAX);
    }
    char *copy = strdup(url);
    if (copy == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    urls->list[urls->count++] = copy;
    return HT_OK;
}

static enum ht_err set_urls(struct ht_config_urls *urls, const char *const *list, size_t count,
                            struct ht_why *why) {
    enum ht_err err = HT_OK;
    if (count > 0) clear_urls(urls);
    for (size_t i = 0; err == HT_OK && i < count; i++) err = add_url(urls, list[i], why);
    return err;
}

/* --- numbers and roots ------------------------------------------------------------------------ */

static enum ht_err read_number(size_t *out, const char *text, size_t min, size_t max,
                               const char *what, struct ht_why *why) {
    char *end = NULL;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number < min ||
        number > max) {
        return ht_fail(why, HT_EINPUT, "bad_number", "%s is a number from %zu to %zu", what, min,
                       max);
    }
    *out = number;
    return HT_OK;
}

static enum ht_err read_root(struct ht_config *config, const char *text, struct ht_why *why) {
    if (ht_hex_read(config->checkpoint_root.b, 32, ht_bytes_str(text)) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "bad_root",
                       "a checkpoint is a block root: 0x and 64 digits");
    }
    config->has_checkpoint = true;
    return HT_OK;
}

/* --- network and directory -------------------------------------------------------------------- */

static enum ht_err load_network(struct ht_config *config, const char *name, struct ht_why *why) {
    const struct ht_network *known = ht_network_find(name);
    if (known != NULL) {
        config->network = *known;
        (void)snprintf(config->network_source, sizeof config->network_source, "%s", name);
        return HT_OK;
    }
    if (strchr(name, '/') == NULL && strchr(name, '.') == NULL) {
        return ht_fail(
            why, HT_ENOTFOUND, "no_such_network",
            "no network is called %.40s; there are mainnet, sepolia, hoodi, and any from "
            "a file",
            name);
    }
    /* The way up may be closed to us although the file is not: then the name given must do. */
    char *path = realpath(name, NULL);
    const char *source = path != NULL ? path : name;
    bool fits = strlen(source) < sizeof config->network_source;
    if (fits) memcpy(config->network_source, source, strlen(source) + 1);
    free(path);
    if (!fits) {
        return ht_fail(why, HT_EINPUT, "path_too_long", "the network file's path is too long");
    }
    return ht_network_from_file(&config->network, name, why);
}

static enum ht_err choose_data_dir(struct ht_config *config, const char *given,
                                   struct ht_why *why) {
    const char *xdg = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    int n;
    if (given != NULL) {
        n = snprintf(config->data_dir, sizeof config->data_dir, "%s", given);
    } else if (xdg != NULL && xdg[0] == '/') {
        n = snprintf(config->data_dir, sizeof config->data_dir, "%s/hearth/%s", xdg,
                     config->network.name);
    } else if (home != NULL && home[0] == '/') {
        n = snprintf(config->data_dir, sizeof config->data_dir, "%s/.local/share/hearth/%s", home,
                     config->network.name);
    } else {
        return ht_fail(why, HT_EINPUT, "no_data_dir", "no home directory: give --data-dir DIR");
    }
    if (n < 0 || (size_t)n >= sizeof config->data_dir) {
        return ht_fail(why, HT_EINPUT, "path_too_long", "the data directory's path is too long");
    }
    return HT_OK;
}

enum ht_err ht_config_path(char *out, size_t size, const struct ht_config *config, const char *name,
                           struct ht_why *why) {
    int n = snprintf(out, size, "%s/%s", config->data_dir, name);
    if (n >= 0 && (size_t)n < size) return HT_OK;
    return ht_fail(why, HT_EINPUT, "path_too_long", "the data directory's path is too long");
}

/* --- settings file ---------------------------------------------------------------------------- */

static enum ht_err read_url_list(struct ht_config_urls *urls, const json_t *json, const char *key,
                                 struct ht_why *why) {
    const json_t *list;
    if (ht_json_member(json, key) == NULL) return HT_OK;
    enum ht_err err = ht_json_array(&list, json, key, why);
    if (err == HT_OK) clear_urls(urls);
    for (size_t i = 0; err == HT_OK && i < json_array_size(list); i++) {
        const char *url;
        err = ht_json_text(&url, json_array_get(list, i), "", why);
        if (err == HT_OK) err = add_url(urls, url, why);
    }
    return err;
}

static enum ht_err set_relay_listen(struct ht_config *config, const char *address,
                                    struct ht_why *why) {
    int n = snprintf(config->relay_listen, sizeof config->relay_listen, "%s", address);
    if (n > 0 && (size_t)n < sizeof config->relay_listen) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_address", "relay_listen is an address: 127.0.0.1, 0.0.0.0");
}

static enum ht_err read_relay(struct ht_config *config, const json_t *json, struct ht_why *why) {
    uint64_t number;
    const char *address;
    enum ht_err err = read_url_list(&config->relay_host, json, "relay_hosts", why);
    if (err == HT_OK && ht_json_member(json, "relay_port") != NULL) {
        err = ht_json_u64(&number, json, "relay_port", why);
        if (err == HT_OK && number > 65535)
            err = ht_fail(why, HT_EINPUT, "bad_number", "relay_port is from 0 to 65535");
        if (err == HT_OK) config->relay_port = (unsigned)number;
        config->is_relay_port_given = true;
    }
    if (err == HT_OK && ht_json_member(json, "relay_listen") != NULL) {
        err = ht_json_text(&address, json, "relay_listen", why);
        if (err == HT_OK) err = set_relay_listen(config, address, why);
    }
    if (err == HT_OK && ht_json_member(json, "relay") != NULL)
        err = ht_json_bool(&config->is_relay_off, json, "relay", why);
    if (err == HT_OK && ht_json_member(json, "relay") != NULL)
        config->is_relay_off = !config->is_relay_off;
    return err;
}

static enum ht_err read_settings(struct ht_config *config, const json_t *json, struct ht_why *why) {
    uint64_t number;
    enum ht_err err = read_url_list(&config->beacon, json, "beacon", why);
    if (err == HT_OK) err = read_url_list(&config->checkpoint, json, "checkpoint_sources", why);
    if (err == HT_OK) err = read_url_list(&config->execution, json, "execution", why);
    if (err == HT_OK) err = read_url_list(&config->unverified, json, "unverified", why);
    if (err == HT_OK && ht_json_member(json, "requests_per_second") != NULL) {
        err = ht_json_u64(&number, json, "requests_per_second", why);
        if (err == HT_OK && number > 100000) {
            err = ht_fail(why, HT_EINPUT, "bad_number", "requests_per_second is up to 100000");
        }
        if (err == HT_OK) config->requests_per_second = (unsigned)number;
    }
    if (err == HT_OK && ht_json_member(json, "checkpoint_quorum") != NULL) {
        err = ht_json_u64(&number, json, "checkpoint_quorum", why);
        if (err == HT_OK && (number < 1 || number > HT_CONFIG_URLS_MAX)) {
            err = ht_fail(why, HT_EINPUT, "bad_number", "checkpoint_quorum is from 1 to %d",
                          HT_CONFIG_URLS_MAX);
        }
        if (err == HT_OK) config->checkpoint_quorum = (size_t)number;
    }
    if (err == HT_OK && ht_json_member(json, "port") != NULL) {
        err = ht_json_u64(&number, json, "port", why);
        if (err == HT_OK && number > 65535) {
            err = ht_fail(why, HT_EINPUT, "bad_number", "port is from 0 to 65535");
        }
        if (err == HT_OK) config->port = (unsigned)number;
    }
    if (err == HT_OK && ht_json_member(json, "checkpoint") != NULL) {
        const char *root;
        err = ht_json_text(&root, json, "checkpoint", why);
        if (err == HT_OK) err = read_root(config, root, why);
    }
    if (err == HT_OK && ht_json_member(json, "no_providers") != NULL) {
        err = ht_json_bool(&config->has_no_providers, json, "no_providers", why);
    }
    return err == HT_OK ? read_relay(config, json, why) : err;
}

/* The settings file of a directory; *out stays NULL when there is none. */
static enum ht_err open_settings(json_t **out, const struct ht_config *config, struct ht_why *why) {
    char path[sizeof config->data_dir + 32];
    enum ht_err err = ht_config_path(path, sizeof path, config, HT_CONFIG_FILE, why);
    if (err != HT_OK) return err;
    FILE *file = fopen(path, "rbe");
    if (file == NULL && (errno == ENOENT || errno == ENOTDIR)) return HT_OK;
    if (file == NULL) {
        return ht_fail(why, HT_ESTORE, "settings_unreadable", "cannot read %s: %s", path,
                       strerror(errno));
    }
    char *text = malloc(SETTINGS_MAX + 1);
    size_t n = text != NULL ? fread(text, 1, SETTINGS_MAX + 1, file) : 0;
    (void)fclose(file);
    err = ht_json_parse(out, ht_bytes_of(text, n), SETTINGS_MAX, why);
    if (err == HT_OK && !json_is_object(*out)) {
        err = ht_fail(why, HT_EINPUT, "bad_settings", "the settings are no JSON object");
    }
    if (err != HT_OK) ht_why_context(why, "%s", path);
    free(text);
    return err;
}

static json_t *make_list(const struct ht_config_urls *urls) {
    json_t *list = json_array();
    for (size_t i = 0; i < urls->count; i++)
        json_array_append_new(list, json_string(urls->list[i]));
    return list;
}

enum ht_err ht_config_save(const struct ht_config *config, bool replace, struct ht_why *why) {
    char path[sizeof config->data_dir + 32], temp[sizeof path + 8];
    enum ht_err err = ht_config_path(path, sizeof path, config, HT_CONFIG_FILE, why);
    if (err != HT_OK) return err;
    if (!replace && access(path, F_OK) == 0) {
        return ht_fail(why, HT_EDENIED, "settings_exist",
                       "there are settings at %s already; --force replaces them", path);
    }
    json_t *json =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:b, s:s, s:o}", "network",
                  config->network_source, "unverified", make_list(&config->unverified), "beacon",
                  make_list(&config->beacon), "checkpoint_sources", make_list(&config->checkpoint),
                  "execution", make_list(&config->execution), "checkpoint_quorum",
                  (json_int_t)config->checkpoint_quorum, "port", (json_int_t)config->port,
                  "requests_per_second", (json_int_t)config->requests_per_second, "relay",
                  !config->is_relay_off, "relay_listen", config->relay_listen, "relay_hosts",
                  make_list(&config->relay_host));
    if (json != NULL && config->has_no_providers)
        json_object_set_new(json, "no_providers", json_true());
    if (json != NULL && config->is_relay_port_given)
        json_object_set_new(json, "relay_port", json_integer((json_int_t)config->relay_port));
    if (json != NULL && config->has_checkpoint) {
        char root[HT_HEX_SIZE(32)];
        ht_hex_write(root, HT_BYTES(config->checkpoint_root.b));
        json_object_set_new(json, "checkpoint", json_string(root));
    }
    (void)snprintf(temp, sizeof temp, "%s.new", path);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_done = json != NULL && fd >= 0 && json_dumpfd(json, fd, JSON_INDENT(2)) == 0 &&
                   write(fd, "\n", 1) == 1 && fsync(fd) == 0;
    int reason = errno;
    if (fd >= 0) (void)close(fd);
    json_decref(json);
    if (is_done && rename(temp, path) == 0) return HT_OK;
    (void)unlink(temp);
    return ht_fail(why, HT_ESTORE, "settings_not_written", "cannot write %s: %s", path,
                   strerror(reason));
}

/* --- all together ----------------------------------------------------------------------------- */

static enum ht_err apply_relay_flags(struct ht_config *config, const struct ht_config_flags *flags,
                                     struct ht_why *why) {
    enum ht_err err =
        set_urls(&config->relay_host, flags->relay_host, flags->relay_host_count, why);
    if (err == HT_OK && flags->relay_port != NULL) {
        size_t port;
        err = read_number(&port, flags->relay_port, 0, 65535, "--relay-port", why);
        if (err == HT_OK) config->relay_port = (unsigned)port;
        config->is_relay_port_given = true;
    }
    if (err == HT_OK && flags->relay_listen != NULL)
        err = set_relay_listen(config, flags->relay_listen, why);
    if (flags->no_relay) config->is_relay_off = true;
    return err;
}

/* Peers are asked then, and nobody else. */
static enum ht_err take_no_providers(struct ht_config *config, const struct ht_config_flags *flags,
                                     struct ht_why *why) {
    if (flags->beacon_count + flags->execution_count > 0) {
        if (!flags->no_providers) {
            config->has_no_providers = false; /* the command line knows better than the file */
            return HT_OK;
        }
        return ht_fail(why, HT_EINPUT, "no_providers",
                       "--no-providers goes with neither --beacon nor --execution");
    }
    config->has_no_providers = true;
    clear_urls(&config->beacon);
    clear_urls(&config->execution);
    if (flags->checkpoint_source_count == 0) clear_urls(&config->checkpoint);
    return HT_OK;
}

/* For one run: nothing of it is saved. */
static enum ht_err apply_peer_flags(struct ht_config *config, const struct ht_config_flags *flags,
                                    struct ht_why *why) {
    size_t port;
    enum ht_err err = HT_OK;
    if (flags->peer_port != NULL) {
        err = read_number(&port, flags->peer_port, 0, 65535, "--peer-port", why);
        if (err == HT_OK) config->peer_port = (unsigned)port;
        config->is_peer_port_given = true;
    }
    if (err != HT_OK || flags->peer_address == NULL) return err;
    size_t n = strlen(flags->peer_address);
    bool is_numeric = n > 0 && n < sizeof config->peer_address &&
                      strspn(flags->peer_address, "0123456789abcdefABCDEF.:") == n;
    if (!is_numeric) {
        return ht_fail(why, HT_EINPUT, "bad_address",
                       "--peer-address is a numeric address: 127.0.0.1, 0.0.0.0, ::");
    }
    memcpy(config->peer_address, flags->peer_address, n + 1);
    return HT_OK;
}

static enum ht_err apply_flags(struct ht_config *config, const struct ht_config_flags *flags,
                               struct ht_why *why) {
    enum ht_err err = set_urls(&config->beacon, flags->beacon, flags->beacon_count, why);
    if (err == HT_OK && flags->beacon_count > 0 && flags->checkpoint_source_count == 0 &&
        !flags->checkpoint) {
        /* Someone who names their own beacons means them for the starting point too. */
        clear_urls(&config->checkpoint);
    }
    if (err == HT_OK) {
        err = set_urls(&config->execution, flags->execution, flags->execution_count, why);
    }
    if (err == HT_OK) {
        err = set_urls(&config->checkpoint, flags->checkpoint_source,
                       flags->checkpoint_source_count, why);
    }
    if (err == HT_OK) {
        err = set_urls(&config->unverified, flags->unverified, flags->unverified_count, why);
    }
    if (err == HT_OK && flags->checkpoint_quorum != NULL) {
        err = read_number(&config->checkpoint_quorum, flags->checkpoint_quorum, 1,
                          HT_CONFIG_URLS_MAX, "--checkpoint-quorum", why);
    }
    if (err == HT_OK && flags->port != NULL) {
        size_t port;
        err = read_number(&port, flags->port, 0, 65535, "--port", why);
        if (err == HT_OK) config->port = (unsigned)port;
    }
    if (err == HT_OK && (flags->no_providers || config->has_no_providers)) {
        err = take_no_providers(config, flags, why);
    }
    if (err == HT_OK) err = apply_relay_flags(config, flags, why);
    if (err == HT_OK) err = apply_peer_flags(config, flags, why);
    if (err == HT_OK && flags->checkpoint != NULL) err = read_root(config, flags->checkpoint, why);
    config->accept_old_checkpoint = flags->accept_old_checkpoint;
    return err;
}

static enum ht_err use_endpoints(struct ht_config *config, struct ht_why *why) {
    const struct ht_endpoints *known = ht_endpoints_find(config->network.name);
    enum ht_err err = HT_OK;
    for (size_t i = 0; known != NULL && err == HT_OK && known->beacon[i] != NULL; i++) {
        err = add_url(&config->beacon, known->beacon[i], why);
    }
    for (size_t i = 0; known != NULL && err == HT_OK && known->checkpoint[i] != NULL; i++) {
        err = add_url(&config->checkpoint, known->checkpoint[i], why);
    }
    for (size_t i = 0; known != NULL && err == HT_OK && known->execution[i] != NULL; i++) {
        err = add_url(&config->execution, known->execution[i], why);
    }
    return err;
}

/* Network and directory depend on each other: a directory that is named may name the network. */
static enum ht_err find_place(struct ht_config *config, json_t **settings,
                              const struct ht_config_flags *flags, struct ht_why *why) {
    const char *network = flags->network;
    enum ht_err err = HT_OK;
    if (flags->data_dir != NULL) {
        err = choose_data_dir(config, flags->data_dir, why);
        if (err == HT_OK) err = open_settings(settings, config, why);
        if (err == HT_OK && network == NULL && ht_json_member(*settings, "network") != NULL) {
            err = ht_json_text(&network, *settings, "network", why);
        }
    }
    if (err == HT_OK) err = load_network(config, network != NULL ? network : "mainnet", why);
    if (err != HT_OK || flags->data_dir != NULL) return err;
    err = choose_data_dir(config, NULL, why);
    return err == HT_OK ? open_settings(settings, config, why) : err;
}

enum ht_err ht_config_load(struct ht_config *config, const struct ht_config_flags *flags,
                           struct ht_why *why) {
    *config = (struct ht_config){.port = DEFAULT_PORT,
                                 .relay_port = DEFAULT_RELAY_PORT,
                                 .relay_listen = DEFAULT_RELAY_LISTEN,
                                 .checkpoint_quorum = DEFAULT_QUORUM,
                                 .requests_per_second = DEFAULT_REQUESTS_PER_SECOND};
    json_t *settings = NULL;
    enum ht_err err = find_place(config, &settings, flags, why);
    if (err == HT_OK) err = use_endpoints(config, why);
    if (err == HT_OK && settings != NULL) {
        err = read_settings(config, settings, why);
        if (err != HT_OK) ht_why_context(why, "%s/%s", config->data_dir, HT_CONFIG_FILE);
    }
    if (err == HT_OK) err = apply_flags(config, flags, why);
    if (err != HT_OK) ht_config_free(config);
    json_decref(settings);
    return err;
}

void ht_config_free(struct ht_config *config) {
    clear_urls(&config->beacon);
    clear_urls(&config->checkpoint);
    clear_urls(&config->execution);
    clear_urls(&config->unverified);
    clear_urls(&config->relay_host);
}
