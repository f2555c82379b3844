/* Settings about peers: what stands at first, checks, JSON. */
#include "social/mesh/mesh_settings.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "node/codec/json.h"
#include "node/p2p/rendezvous.h"

#define BYTES_MAX ((uint64_t)1 << 50)

static const char *const TELL[] = {"peers", "follows", "nobody"};

#define FLAG(name) \
    { #name, offsetof(struct ht_mesh_settings, name) }
static const struct {
    const char *name;
    size_t at;
} FLAGS[] = {FLAG(listen),   FLAG(lan),         FLAG(map_port),       FLAG(onion),
             FLAG(exchange), FLAG(rendezvous),  FLAG(accept_follows), FLAG(is_open),
             FLAG(couriers), FLAG(serve_chain), FLAG(serve_blobs),    FLAG(plain_lan)};
#define FLAG_COUNT (sizeof FLAGS / sizeof *FLAGS)

static const char *const OTHERS[] = {"port",
                                     "bind",
                                     "hosts",
                                     "tor_control",
                                     "tor_socks",
                                     "courier_bytes",
                                     "tell",
                                     "upload_bytes_per_s",
                                     "rendezvous_bootstrap"};

void ht_mesh_settings_init(struct ht_mesh_settings *out) {
    *out = (struct ht_mesh_settings){.accept_follows = true,
                                     .couriers = true,
                                     .serve_chain = true,
                                     .serve_blobs = true,
                                     .bind = "0.0.0.0",
                                     .tor_control = "127.0.0.1:9051",
                                     .tor_socks = "127.0.0.1:9050",
                                     .courier_bytes = HT_MESH_COURIER_BYTES};
}

static bool *flag_of(struct ht_mesh_settings *settings, size_t i) {
    return (bool *)(void *)((char *)settings + FLAGS[i].at);
}

json_t *ht_mesh_settings_json(const struct ht_mesh_settings *settings) {
    struct ht_mesh_settings copy = *settings;
    json_t *hosts = json_array();
    for (size_t i = 0; i < settings->host_count; i++) {
        (void)json_array_append_new(hosts, json_string(settings->hosts[i]));
    }
    json_t *all =
        json_pack("{s:i, s:s, s:o, s:s, s:s, s:s, s:I, s:I, s:s}", "port", (int)settings->port,
                  "bind", settings->bind, "hosts", hosts, "tor_control", settings->tor_control,
                  "tor_socks", settings->tor_socks, "tell", TELL[settings->tell], "courier_bytes",
                  (json_int_t)settings->courier_bytes, "upload_bytes_per_s",
                  (json_int_t)settings->upload_bytes_per_s, "rendezvous_bootstrap",
                  settings->rendezvous_bootstrap);
    for (size_t i = 0; all != NULL && i < FLAG_COUNT; i++) {
        (void)json_object_set_new(all, FLAGS[i].name, json_boolean(*flag_of(&copy, i)));
    }
    return all;
}

/* --- checks ----------------------------------------------------------------------------------- */

static enum ht_err bad(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "bad_setting", "%s", what);
}

static bool is_known(const char *name) {
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        if (strcmp(name, FLAGS[i].name) == 0) return true;
    }
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++) {
        if (strcmp(name, OTHERS[i]) == 0) return true;
    }
    return false;
}

static enum ht_err check_names(const json_t *from, struct ht_why *why) {
    const char *name;
    json_t *value;
    if (!json_is_object(from)) return bad(why, "settings are an object");
    json_object_foreach((json_t *)(uintptr_t)from, name, value) {
        if (!is_known(name)) {
            return ht_fail(why, HT_EINPUT, "bad_setting", "there is no setting %.40s", name);
        }
    }
    return HT_OK;
}

static enum ht_err read_number(uint64_t *out, const json_t *from, const char *name, uint64_t max,
                               struct ht_why *why) {
    uint64_t number;
    if (ht_json_member(from, name) == NULL) return HT_OK;
    enum ht_err err = ht_json_u64(&number, from, name, why);
    if (err != HT_OK) return err;
    if (number > max) {
        return ht_fail(why, HT_EINPUT, "bad_setting", "%s is too large", name);
    }
    *out = number;
    return HT_OK;
}

/* Text of an address or a name: no space, nothing that would end it in a URL. */
static bool is_plain(const char *text, bool is_numeric) {
    static const char numeric[] = "0123456789abcdefABCDEF.:[]%";
    static const char any[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._:[]";
    size_t n = strlen(text);
    return n > 0 && strspn(text, is_numeric ? numeric : any) == n;
}

static enum ht_err read_text(char *out, size_t size, const json_t *from, const char *name,
                             bool is_numeric, struct ht_why *why) {
    const char *text;
    if (ht_json_member(from, name) == NULL) return HT_OK;
    enum ht_err err = ht_json_text(&text, from, name, why);
    if (err != HT_OK) return err;
    if (strlen(text) >= size || !is_plain(text, is_numeric)) {
        return ht_fail(why, HT_EINPUT, "bad_setting", "%s is no address", name);
    }
    memcpy(out, text, strlen(text) + 1);
    return HT_OK;
}

static enum ht_err read_hosts(struct ht_mesh_settings *settings, const json_t *from,
                              struct ht_why *why) {
    const json_t *list;
    size_t i;
    json_t *one;
    if (ht_json_member(from, "hosts") == NULL) return HT_OK;
    enum ht_err err = ht_json_array(&list, from, "hosts", why);
    if (err != HT_OK) return err;
    if (json_array_size(list) > HT_MESH_HOSTS_MAX) return bad(why, "at most 8 hosts");
    settings->host_count = 0;
    json_array_foreach(list, i, one) {
        const char *text = json_string_value(one);
        if (text == NULL || strlen(text) >= HT_MESH_HOST_SIZE || !is_plain(text, false)) {
            return bad(why, "a host is a name or an address, perhaps with a port");
        }
        memcpy(settings->hosts[settings->host_count++], text, strlen(text) + 1);
    }
    return HT_OK;
}

static enum ht_err read_bootstrap(struct ht_mesh_settings *settings, const json_t *from,
                                  struct ht_why *why) {
    static const char name[] = "rendezvous_bootstrap";
    char host[HT_RENDEZVOUS_HOST_SIZE], port[HT_RENDEZVOUS_PORT_SIZE];
    const char *text;
    struct ht_why reason;
    if (ht_json_member(from, name) == NULL) return HT_OK;
    enum ht_err err = ht_json_text(&text, from, name, why);
    if (err != HT_OK) return err;
    if (text[0] != '\0' && ht_rendezvous_bootstrap(host, port, text, &reason) != HT_OK) {
        return bad(why, reason.text);
    }
    (void)snprintf(settings->rendezvous_bootstrap, sizeof settings->rendezvous_bootstrap, "%s",
                   text);
    return HT_OK;
}

static enum ht_err read_tell(struct ht_mesh_settings *settings, const json_t *from,
                             struct ht_why *why) {
    const char *text;
    if (ht_json_member(from, "tell") == NULL) return HT_OK;
    enum ht_err err = ht_json_text(&text, from, "tell", why);
    for (size_t i = 0; err == HT_OK && i < sizeof TELL / sizeof *TELL; i++) {
        if (strcmp(text, TELL[i]) != 0) continue;
        settings->tell = (enum ht_mesh_tell)i;
        return HT_OK;
    }
    return err != HT_OK ? err : bad(why, "tell is peers, follows or nobody");
}

enum ht_err ht_mesh_settings_read(struct ht_mesh_settings *settings, const json_t *from,
                                  struct ht_why *why) {
    struct ht_mesh_settings next = *settings;
    uint64_t port = next.port;
    enum ht_err err = check_names(from, why);
    for (size_t i = 0; err == HT_OK && i < FLAG_COUNT; i++) {
        if (ht_json_member(from, FLAGS[i].name) == NULL) continue;
        err = ht_json_bool(flag_of(&next, i), from, FLAGS[i].name, why);
    }
    if (err == HT_OK) err = read_number(&port, from, "port", 65535, why);
    if (err == HT_OK) err = read_number(&next.courier_bytes, from, "courier_bytes", BYTES_MAX, why);
    if (err == HT_OK) {
        err = read_number(&next.upload_bytes_per_s, from, "upload_bytes_per_s", BYTES_MAX, why);
    }
    if (err == HT_OK) err = read_text(next.bind, sizeof next.bind, from, "bind", true, why);
    if (err == HT_OK) {
        err = read_text(next.tor_control, sizeof next.tor_control, from, "tor_control", false, why);
    }
    if (err == HT_OK) {
        err = read_text(next.tor_socks, sizeof next.tor_socks, from, "tor_socks", false, why);
    }
    if (err == HT_OK) err = read_hosts(&next, from, why);
    if (err == HT_OK) err = read_tell(&next, from, why);
    if (err == HT_OK) err = read_bootstrap(&next, from, why);
    if (err != HT_OK) return err;
    next.port = (uint16_t)port;
    *settings = next;
    return HT_OK;
}
