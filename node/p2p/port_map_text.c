/* NAT-PMP and UPnP: what is written and read. When, and to whom, is port_map.c's. */
#include "node/p2p/port_map_text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* --- NAT-PMP ---------------------------------------------------------------------------------- */

size_t ht_pmp_ask_address(uint8_t out[static HT_PMP_REQUEST_SIZE]) {
    out[0] = out[1] = 0;
    return 2;
}

static void put_u16(uint8_t *out, unsigned v) {
    out[0] = (uint8_t)(v >> 8);
    out[1] = (uint8_t)v;
}

static unsigned get_u16(const uint8_t *p) {
    return (unsigned)p[0] << 8 | p[1];
}

size_t ht_pmp_ask_port(uint8_t out[static HT_PMP_REQUEST_SIZE], uint16_t internal,
                       uint16_t external, uint32_t lease_s) {
    memset(out, 0, HT_PMP_REQUEST_SIZE);
    out[1] = 2; /* TCP */
    put_u16(out + 4, internal);
    put_u16(out + 6, external);
    put_u16(out + 8, lease_s >> 16);
    put_u16(out + 10, lease_s & 0xffff);
    return HT_PMP_REQUEST_SIZE;
}

static const char *meaning(unsigned code) {
    switch (code) {
    case 1: return "it speaks another version";
    case 2: return "mapping ports is switched off there";
    case 3: return "it has no network itself";
    case 4: return "it has no more ports to give";
    default: return "it cannot do this";
    }
}

enum ht_err ht_pmp_read(struct ht_pmp_reply *out, ht_bytes reply, struct ht_why *why) {
    bool is_address = reply.n >= 12 && reply.p[1] == 128;
    bool is_port = reply.n >= HT_PMP_REPLY_SIZE && reply.p[1] == 130;
    bool has_code = reply.n >= 8 && reply.p[0] == 0 && (reply.p[1] & 0x80) != 0;
    unsigned code = has_code ? get_u16(reply.p + 2) : 0;
    if (code != 0)
        return ht_fail(why, HT_EDENIED, "router_refused", "the router says no: %s", meaning(code));
    if (!has_code || (!is_address && !is_port))
        return ht_fail(why, HT_EINPUT, "bad_pmp", "the router's answer is not NAT-PMP");
    *out = (struct ht_pmp_reply){.is_port = is_port};
    if (is_address) {
        memcpy(out->address, reply.p + 8, 4);
        return HT_OK;
    }
    out->internal = (uint16_t)get_u16(reply.p + 8);
    out->external = (uint16_t)get_u16(reply.p + 10);
    out->lease_s = (uint32_t)get_u16(reply.p + 12) << 16 | get_u16(reply.p + 14);
    return HT_OK;
}

/* --- UPnP: finding the device ----------------------------------------------------------------- */

const char ht_upnp_search[] = "M-SEARCH * HTTP/1.1\r\n"
                              "HOST: 239.255.255.250:1900\r\n"
                              "MAN: \"ssdp:discover\"\r\n"
                              "MX: 2\r\n"
                              "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n";

static enum ht_err bad(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "bad_upnp", "the router's answer is not UPnP");
}

/* Where `what` begins in text from `at` on, whatever its case; text.n: nowhere. */
static size_t find(ht_bytes text, size_t at, const char *what) {
    size_t n = strlen(what);
    for (; at + n <= text.n; at++) {
        size_t same = 0;
        while (same < n && tolower(text.p[at + same]) == tolower((unsigned char)what[same])) same++;
        if (same == n) return at;
    }
    return text.n;
}

static ht_bytes trim(const uint8_t *p, size_t n) {
    while (n > 0 && isspace(p[0])) p++, n--;
    while (n > 0 && isspace(p[n - 1])) n--;
    return ht_bytes_of(p, n);
}

/* Printable ASCII that needs no quoting in a URL or a header. */
static bool copy_clean(char *out, size_t size, ht_bytes from) {
    if (from.n == 0 || from.n >= size) return false;
    for (size_t i = 0; i < from.n; i++) {
        if (from.p[i] <= ' ' || from.p[i] > '~' || strchr("\"<>\\^`{|}@#", from.p[i]) != NULL)
            return false;
    }
    memcpy(out, from.p, from.n);
    out[from.n] = '\0';
    return true;
}

/* "http://HOST[:port]/…" with that very host. */
static bool is_at(const char *url, const char *host) {
    size_t n = strlen(host);
    if (strncmp(url, "http://", 7) != 0 || strncmp(url + 7, host, n) != 0) return false;
    const char *rest = url + 7 + n;
    if (*rest == ':') rest += 1 + strspn(rest + 1, "0123456789");
    return *rest == '/' || *rest == '\0';
}

static enum ht_err elsewhere(struct ht_why *why, const char *host) {
    return ht_fail(why, HT_EDENIED, "upnp_elsewhere", "the device at %.46s names another address",
                   host);
}

enum ht_err ht_upnp_read_found(struct ht_upnp_device *out, ht_bytes packet, const char *from,
                               struct ht_why *why) {
    size_t at = find(packet, 0, "\r\nlocation:");
    bool is_answer = packet.n > 12 && memcmp(packet.p, "HTTP/1.", 7) == 0 &&
                     memcmp(packet.p + 8, " 200", 4) == 0;
    if (!is_answer || at == packet.n) return bad(why);
    at += strlen("\r\nlocation:");
    size_t end = find(packet, at, "\r\n");
    struct ht_upnp_device device;
    if (!copy_clean(device.url, sizeof device.url, trim(packet.p + at, end - at))) return bad(why);
    if (strlen(from) >= sizeof device.host) return bad(why);
    memcpy(device.host, from, strlen(from) + 1);
    if (!is_at(device.url, from)) return elsewhere(why, from);
    *out = device;
    return HT_OK;
}

/* --- UPnP: its description -------------------------------------------------------------------- */

/* The text of the first <name> within xml, whatever its prefix ("m:name"); false: there is none. */
static bool element(ht_bytes *out, ht_bytes xml, const char *name) {
    char end_tag[64];
    size_t n = strlen(name);
    for (size_t at = find(xml, 0, name); at < xml.n; at = find(xml, at + 1, name)) {
        bool is_begin = at > 0 && (xml.p[at - 1] == '<' || xml.p[at - 1] == ':');
        if (!is_begin || at + n >= xml.n || xml.p[at + n] != '>') continue;
        (void)snprintf(end_tag, sizeof end_tag, "%s>", name);
        size_t from = at + n + 1, end = find(xml, from, end_tag);
        size_t to = from;
        while (to < end && xml.p[to] != '<') to++;
        if (end == xml.n) return false;
        *out = trim(xml.p + from, to - from);
        return true;
    }
    return false;
}

/* A path, or a whole URL, of the device. */
static enum ht_err resolve(char out[static HT_UPNP_URL_SIZE], const char *path,
                           const struct ht_upnp_device *device, struct ht_why *why) {
    size_t base = 7 + strcspn(device->url + 7, "/");
    bool is_whole = strstr(path, "://") != NULL;
    int n = is_whole ? snprintf(out, HT_UPNP_URL_SIZE, "%s", path)
                     : snprintf(out, HT_UPNP_URL_SIZE, "%.*s%s%s", (int)base, device->url,
                                path[0] == '/' ? "" : "/", path);
    if (n < 0 || (size_t)n >= HT_UPNP_URL_SIZE) return bad(why);
    return is_at(out, device->host) ? HT_OK : elsewhere(why, device->host);
}

enum ht_err ht_upnp_read_description(struct ht_upnp_service *out, ht_bytes xml,
                                     const struct ht_upnp_device *device, struct ht_why *why) {
    if (xml.n > HT_UPNP_TEXT_MAX) return bad(why);
    for (size_t at = find(xml, 0, "<service>"); at < xml.n;) {
        size_t end = find(xml, at, "</service>");
        ht_bytes part = ht_bytes_of(xml.p + at, end - at), type, path;
        char clean[HT_UPNP_URL_SIZE];
        struct ht_upnp_service service;
        at = find(xml, end, "<service>");
        if (!element(&type, part, "serviceType") || !element(&path, part, "controlURL")) continue;
        bool maps = find(type, 0, ":WANIPConnection:") < type.n ||
                    find(type, 0, ":WANPPPConnection:") < type.n;
        if (!maps || !copy_clean(service.type, sizeof service.type, type)) continue;
        if (strchr(service.type, '&') != NULL || strchr(service.type, '\'') != NULL) continue;
        if (!copy_clean(clean, sizeof clean, path)) continue;
        enum ht_err err = resolve(service.control, clean, device, why);
        if (err == HT_OK) *out = service;
        return err;
    }
    return ht_fail(why, HT_ENOTFOUND, "upnp_no_service", "the router does not map ports");
}

/* --- UPnP: calls ------------------------------------------------------------------------------ */

static const char *const ACTIONS[] = {
    [HT_UPNP_ADDRESS] = "GetExternalIPAddress",
    [HT_UPNP_ADD] = "AddPortMapping",
    [HT_UPNP_DELETE] = "DeletePortMapping",
};

static void write_arguments(char out[static 512], enum ht_upnp_action action,
                            const struct ht_upnp_mapping *mapping) {
    out[0] = '\0';
    if (action == HT_UPNP_ADDRESS) return;
    int n = snprintf(out, 512,
                     "<NewRemoteHost></NewRemoteHost><NewExternalPort>%u</NewExternalPort>"
                     "<NewProtocol>TCP</NewProtocol>",
                     (unsigned)mapping->external);
    if (action == HT_UPNP_DELETE || n < 0) return;
    (void)snprintf(out + n, 512 - (size_t)n,
                   "<NewInternalPort>%u</NewInternalPort><NewInternalClient>%s</NewInternalClient>"
                   "<NewEnabled>1</NewEnabled><NewPortMappingDescription>Hearth"
                   "</NewPortMappingDescription><NewLeaseDuration>%u</NewLeaseDuration>",
                   (unsigned)mapping->internal, mapping->client, (unsigned)mapping->lease_s);
}

enum ht_err ht_upnp_write(struct ht_buf *out, char action_header[static 160],
                          enum ht_upnp_action action, const struct ht_upnp_service *service,
                          const struct ht_upnp_mapping *mapping) {
    char arguments[512], body[1200];
    write_arguments(arguments, action, mapping);
    (void)snprintf(action_header, 160, "\"%s#%s\"", service->type, ACTIONS[action]);
    (void)snprintf(body, sizeof body,
                   "<?xml version=\"1.0\"?>\r\n"
                   "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
                   "s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>"
                   "<u:%s xmlns:u=\"%s\">%s</u:%s></s:Body></s:Envelope>\r\n",
                   ACTIONS[action], service->type, arguments, ACTIONS[action]);
    return ht_buf_add_str(out, body);
}

enum ht_err ht_upnp_read(char address[static HT_UPNP_ADDRESS_SIZE], unsigned *code, ht_bytes xml,
                         enum ht_upnp_action action, struct ht_why *why) {
    char done[64], text[HT_UPNP_ADDRESS_SIZE];
    ht_bytes value;
    *code = 0;
    if (xml.n > HT_UPNP_TEXT_MAX) return bad(why);
    if (element(&value, xml, "errorCode")) {
        char number[8];
        if (copy_clean(number, sizeof number, value)) *code = (unsigned)strtoul(number, NULL, 10);
        return ht_fail(why, HT_EDENIED, "router_refused", "the router says no (%u)", *code);
    }
    (void)snprintf(done, sizeof done, "%sResponse", ACTIONS[action]);
    if (find(xml, 0, done) == xml.n) return bad(why);
    if (action != HT_UPNP_ADDRESS) return HT_OK;
    struct in_addr v4;
    if (!element(&value, xml, "NewExternalIPAddress") || !copy_clean(text, sizeof text, value) ||
        inet_pton(AF_INET, text, &v4) != 1)
        return ht_fail(why, HT_EINPUT, "bad_upnp", "the router does not know its own address");
    memcpy(address, text, sizeof text);
    return HT_OK;
}
