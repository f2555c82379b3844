/* Reading and writing DNS messages, as far as one service needs them. Sockets are mdns.c's. */
#include "node/p2p/mdns_message.h"

#include <stdio.h>

#include "node/base/hex.h"

#define TYPES "_services._dns-sd._udp.local"
#define TYPE_A 1U
#define TYPE_PTR 12U
#define TYPE_TXT 16U
#define TYPE_AAAA 28U
#define TYPE_SRV 33U
#define TYPE_ANY 255U
#define CLASS_IN 1U
#define CLASS_TOP 0x8000U /* flushes a cache; in a question: the answer may come to it alone */
#define RECORDS_MAX 64U
#define LEGACY_TTL_S 10U
#define POINTERS_MAX 32U
#define ID_HEX 16U /* digits of the key in names */

/* --- reading ---------------------------------------------------------------------------------- */

struct reader {
    ht_bytes all;
    size_t at;
    bool is_bad;
};

static uint16_t read_u16(struct reader *r) {
    if (r->all.n - r->at < 2) {
        r->is_bad = true;
        return 0;
    }
    uint16_t v = (uint16_t)(r->all.p[r->at] << 8 | r->all.p[r->at + 1]);
    r->at += 2;
    return v;
}

static uint32_t read_u32(struct reader *r) {
    uint32_t high = read_u16(r);
    return high << 16 | read_u16(r);
}

/* One label at *at, or a pointer to where names go on; *at moves behind it. Length of the label, 0
 * at the end and after a pointer; -1: bad. limit: pointers lead below it, each further back than
 * the last, so that there is an end. */
static int read_label(ht_bytes all, size_t *at, size_t *limit, bool *is_pointer) {
    *is_pointer = false;
    if (*at >= all.n) return -1;
    unsigned n = all.p[*at];
    if ((n & 0xc0) == 0xc0) {
        if (all.n - *at < 2) return -1;
        size_t to = (size_t)((n & 0x3f) << 8 | all.p[*at + 1]);
        if (to >= *limit || to >= *at) return -1;
        *at = *limit = to;
        *is_pointer = true;
        return 0;
    }
    if (n > 63 || all.n - *at - 1 < n) return -1;
    *at += 1 + n;
    return (int)n;
}

static bool add_label(char out[static HT_MDNS_NAME_SIZE], size_t *n, const uint8_t *p, size_t len) {
    if (*n + len + 2 > HT_MDNS_NAME_SIZE) return false;
    if (*n > 0) out[(*n)++] = '.';
    for (size_t i = 0; i < len; i++) {
        char c = (char)p[i];
        if (c == '.' || c == '\0') c = '?'; /* in a label these are no name of ours */
        out[(*n)++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return true;
}

static void read_name(char out[static HT_MDNS_NAME_SIZE], struct reader *r) {
    size_t at = r->at, limit = r->at, n = 0;
    unsigned pointers = 0;
    bool is_pointer;
    for (;;) {
        size_t from = at;
        int len = read_label(r->all, &at, &limit, &is_pointer);
        if (is_pointer && pointers++ == 0) r->at = from + 2;
        bool is_over = !is_pointer && len == 0;
        bool is_bad = len < 0 || pointers > POINTERS_MAX;
        if (is_bad || (len > 0 && !add_label(out, &n, r->all.p + from + 1, (size_t)len))) {
            r->is_bad = true;
            break;
        }
        if (!is_over) continue;
        if (pointers == 0) r->at = at;
        break;
    }
    out[n] = '\0';
}

/* What records say of one instance, until it is known whether it is all there. */
struct instance {
    char name[HT_MDNS_NAME_SIZE], host[HT_MDNS_NAME_SIZE];
    bool has_node, has_host;
    struct ht_mdns_node node;
};
struct host_address {
    char host[HT_MDNS_NAME_SIZE];
    struct ht_mdns_address address;
};
struct gathering {
    struct instance instances[HT_MDNS_FOUND_MAX];
    size_t count;
    struct host_address addresses[HT_MDNS_FOUND_MAX * 4];
    size_t address_count;
};

static struct instance *instance_of(struct gathering *all, const char *name) {
    size_t n = strlen(name), m = strlen("." HT_MDNS_SERVICE);
    if (n != ID_HEX + m || strcmp(name + n - m, "." HT_MDNS_SERVICE) != 0) return NULL;
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->instances[i].name, name) == 0) return &all->instances[i];
    }
    if (all->count == HT_MDNS_FOUND_MAX) return NULL;
    uint8_t head[ID_HEX / 2];
    if (ht_hex_read(head, sizeof head, ht_bytes_of(name, ID_HEX)) != HT_OK) return NULL;
    struct instance *one = &all->instances[all->count++];
    *one = (struct instance){.node.ttl_s = UINT32_MAX};
    memcpy(one->node.node.b, head, sizeof head);
    memcpy(one->name, name, n + 1);
    return one;
}

static void see_ttl(struct instance *one, uint32_t ttl_s) {
    if (ttl_s < one->node.ttl_s) one->node.ttl_s = ttl_s;
}

/* The key must begin as the instance's name does. */
static void read_txt(struct instance *one, ht_bytes data) {
    ht_hash32 node;
    for (size_t at = 0; at < data.n; at += 1 + (size_t)data.p[at]) {
        size_t n = data.p[at];
        if (n > data.n - at - 1) return;
        const char *text = (const char *)data.p + at + 1;
        if (n != 5 + 64 || memcmp(text, "node=", 5) != 0) continue;
        if (ht_hex_read(node.b, sizeof node.b, ht_bytes_of(text + 5, 64)) != HT_OK) continue;
        if (memcmp(node.b, one->node.node.b, ID_HEX / 2) != 0) continue;
        one->node.node = node;
        one->has_node = true;
    }
}

static void read_data(struct gathering *all, struct reader *r, const char *name, uint16_t type,
                      uint32_t ttl_s, size_t n) {
    char target[HT_MDNS_NAME_SIZE];
    struct instance *one = NULL;
    if (type == TYPE_PTR && strcmp(name, HT_MDNS_SERVICE) == 0) {
        read_name(target, r);
        if (!r->is_bad) one = instance_of(all, target);
        if (one != NULL) see_ttl(one, ttl_s);
    } else if (type == TYPE_SRV && n >= 7) {
        one = instance_of(all, name);
        if (one == NULL) return;
        r->at += 4;
        one->node.port = read_u16(r);
        read_name(one->host, r);
        one->has_host = !r->is_bad;
        see_ttl(one, ttl_s);
    } else if (type == TYPE_TXT) {
        one = instance_of(all, name);
        if (one != NULL) read_txt(one, ht_bytes_of(r->all.p + r->at, n));
    } else if ((type == TYPE_A && n == 4) || (type == TYPE_AAAA && n == 16)) {
        if (all->address_count == sizeof all->addresses / sizeof *all->addresses) return;
        struct host_address *address = &all->addresses[all->address_count++];
        memcpy(address->host, name, strlen(name) + 1);
        address->address = (struct ht_mdns_address){.is_v6 = n == 16};
        memcpy(address->address.b, r->all.p + r->at, n);
    }
}

static void read_record(struct gathering *all, struct reader *r) {
    char name[HT_MDNS_NAME_SIZE];
    read_name(name, r);
    uint16_t type = read_u16(r), class = read_u16(r);
    uint32_t ttl_s = read_u32(r);
    size_t n = read_u16(r);
    if (r->is_bad || r->all.n - r->at < n) {
        r->is_bad = true;
        return;
    }
    size_t end = r->at + n;
    if ((class & ~CLASS_TOP) == CLASS_IN) read_data(all, r, name, type, ttl_s, n);
    r->is_bad = r->is_bad || r->at > end;
    r->at = end;
}

static void read_question(struct ht_mdns_message *out, struct reader *r) {
    struct ht_mdns_question one;
    read_name(one.name, r);
    one.type = read_u16(r);
    uint16_t class = read_u16(r);
    one.wants_unicast = (class & CLASS_TOP) != 0;
    bool is_in = (class & ~CLASS_TOP) == CLASS_IN || (class & ~CLASS_TOP) == TYPE_ANY;
    if (r->is_bad || !is_in || out->question_count == HT_MDNS_QUESTIONS_MAX) return;
    out->questions[out->question_count++] = one;
}

static void settle(struct ht_mdns_message *out, const struct gathering *all) {
    for (size_t i = 0; i < all->count; i++) {
        const struct instance *one = &all->instances[i];
        bool is_whole = one->has_node && one->has_host && one->node.port != 0;
        bool is_bye = one->node.ttl_s == 0;
        if (out->is_answer && !is_whole && !(is_bye && one->has_node)) continue;
        struct ht_mdns_node *node = &out->found[out->found_count++];
        *node = one->node;
        for (size_t k = 0; k < all->address_count; k++) {
            const struct host_address *address = &all->addresses[k];
            if (node->address_count == HT_MDNS_ADDRESSES_MAX) break;
            if (!one->has_host || strcmp(address->host, one->host) != 0) continue;
            node->addresses[node->address_count++] = address->address;
        }
    }
}

enum ht_err ht_mdns_read(struct ht_mdns_message *out, ht_bytes message, struct ht_why *why) {
    struct reader r = {.all = message};
    struct gathering all;
    all.count = all.address_count = 0;
    if (message.n < 12 || message.n > HT_MDNS_SIZE_MAX)
        return ht_fail(why, HT_EINPUT, "bad_mdns", "%zu bytes are no mDNS message", message.n);
    memset(out, 0, sizeof *out);
    out->id = read_u16(&r);
    uint16_t flags = read_u16(&r);
    if ((flags & 0x780f) != 0) /* another opcode, or an error */
        return ht_fail(why, HT_EINPUT, "bad_mdns", "neither a question nor an answer");
    out->is_answer = (flags & 0x8000) != 0;
    size_t questions = read_u16(&r), records = read_u16(&r);
    records += read_u16(&r);
    records += read_u16(&r);
    if (questions > RECORDS_MAX || records > RECORDS_MAX)
        return ht_fail(why, HT_ELIMIT, "mdns_records", "more than %u records", RECORDS_MAX);
    for (size_t i = 0; i < questions && !r.is_bad; i++) read_question(out, &r);
    for (size_t i = 0; i < records && !r.is_bad; i++) read_record(&all, &r);
    if (r.is_bad) return ht_fail(why, HT_EINPUT, "bad_mdns", "it ends early, or loops");
    settle(out, &all);
    return HT_OK;
}

/* --- whether we are meant --------------------------------------------------------------------- */

struct names {
    char id[ID_HEX + 1], instance[HT_MDNS_NAME_SIZE], host[HT_MDNS_NAME_SIZE], node[65];
};

static void name_self(struct names *out, const ht_hash32 *node) {
    char hex[HT_HEX_SIZE(32)];
    ht_hex_write(hex, HT_BYTES(node->b));
    (void)snprintf(out->node, sizeof out->node, "%s", hex + 2);
    (void)snprintf(out->id, sizeof out->id, "%.16s", out->node);
    (void)snprintf(out->instance, sizeof out->instance, "%s." HT_MDNS_SERVICE, out->id);
    (void)snprintf(out->host, sizeof out->host, "hearth-%s.local", out->id);
}

static bool asks_one(const struct ht_mdns_question *question, const struct names *names,
                     bool is_known) {
    bool is_any = question->type == TYPE_ANY;
    if (strcmp(question->name, HT_MDNS_SERVICE) == 0) {
        return (is_any || question->type == TYPE_PTR) && !is_known;
    }
    if (strcmp(question->name, TYPES) == 0) return is_any || question->type == TYPE_PTR;
    if (strcmp(question->name, names->instance) == 0) {
        return is_any || question->type == TYPE_SRV || question->type == TYPE_TXT;
    }
    bool is_address = question->type == TYPE_A || question->type == TYPE_AAAA;
    return strcmp(question->name, names->host) == 0 && (is_any || is_address);
}

bool ht_mdns_asks(const struct ht_mdns_message *message, const ht_hash32 *node) {
    struct names names;
    bool is_known = false;
    if (message->is_answer) return false;
    name_self(&names, node);
    for (size_t i = 0; i < message->found_count; i++) {
        const struct ht_mdns_node *one = &message->found[i];
        bool is_us = memcmp(one->node.b, node->b, ID_HEX / 2) == 0;
        is_known = is_known || (is_us && one->ttl_s >= HT_MDNS_TTL_S / 2);
    }
    for (size_t i = 0; i < message->question_count; i++) {
        if (asks_one(&message->questions[i], &names, is_known)) return true;
    }
    return false;
}

/* --- writing ---------------------------------------------------------------------------------- */

struct writer {
    uint8_t *p;
    size_t n;
};

static void put_u16(struct writer *w, unsigned v) {
    w->p[w->n++] = (uint8_t)(v >> 8);
    w->p[w->n++] = (uint8_t)v;
}

static void put_u32(struct writer *w, uint32_t v) {
    put_u16(w, v >> 16);
    put_u16(w, v & 0xffff);
}

static void put(struct writer *w, const void *p, size_t n) {
    memcpy(w->p + w->n, p, n);
    w->n += n;
}

/* Without compression: a message of ours has room for its names. */
static void put_name(struct writer *w, const char *name) {
    while (*name != '\0') {
        size_t n = strcspn(name, ".");
        w->p[w->n++] = (uint8_t)n;
        put(w, name, n);
        name += n + (name[n] == '.' ? 1 : 0);
    }
    w->p[w->n++] = 0;
}

static size_t name_size(const char *name) {
    return strlen(name) + 2;
}

static void put_head(struct writer *w, const char *name, unsigned type, unsigned class,
                     uint32_t ttl_s, size_t n) {
    put_name(w, name);
    put_u16(w, type);
    put_u16(w, class);
    put_u32(w, ttl_s);
    put_u16(w, (unsigned)n);
}

static void put_txt(struct writer *w, const char *text) {
    w->p[w->n++] = (uint8_t)strlen(text);
    put(w, text, strlen(text));
}

size_t ht_mdns_write_question(uint8_t out[static HT_MDNS_WRITE_MAX]) {
    struct writer w = {.p = out};
    static const uint8_t head[12] = {[5] = 1};
    put(&w, head, sizeof head);
    put_name(&w, HT_MDNS_SERVICE);
    put_u16(&w, TYPE_PTR);
    put_u16(&w, CLASS_IN);
    return w.n;
}

static void put_service(struct writer *w, const struct names *names,
                        const struct ht_mdns_node *self, unsigned class, uint32_t ttl_s) {
    char txt[5 + 64 + 1];
    put_head(w, TYPES, TYPE_PTR, CLASS_IN, ttl_s, name_size(HT_MDNS_SERVICE));
    put_name(w, HT_MDNS_SERVICE);
    put_head(w, HT_MDNS_SERVICE, TYPE_PTR, CLASS_IN, ttl_s, name_size(names->instance));
    put_name(w, names->instance);
    put_head(w, names->instance, TYPE_SRV, class, ttl_s, 6 + name_size(names->host));
    put_u32(w, 0); /* priority, weight */
    put_u16(w, self->port);
    put_name(w, names->host);
    (void)snprintf(txt, sizeof txt, "node=%s", names->node);
    put_head(w, names->instance, TYPE_TXT, class, ttl_s, 1 + 3 + 1 + strlen(txt));
    put_txt(w, "v=1");
    put_txt(w, txt);
}

size_t ht_mdns_write_answer(uint8_t out[static HT_MDNS_WRITE_MAX], const struct ht_mdns_node *self,
                            const struct ht_mdns_message *asked) {
    struct writer w = {.p = out};
    struct names names;
    bool has_question = asked != NULL && asked->question_count > 0;
    uint32_t ttl_s = asked != NULL && self->ttl_s > LEGACY_TTL_S ? LEGACY_TTL_S : self->ttl_s;
    unsigned class = CLASS_IN | (asked != NULL ? 0 : CLASS_TOP);
    name_self(&names, &self->node);
    put_u16(&w, asked != NULL ? asked->id : 0);
    put_u16(&w, 0x8400);
    put_u16(&w, has_question ? 1 : 0);
    put_u16(&w, 4 + (unsigned)self->address_count);
    put_u32(&w, 0);
    if (has_question) {
        put_name(&w, asked->questions[0].name);
        put_u16(&w, asked->questions[0].type);
        put_u16(&w, CLASS_IN);
    }
    put_service(&w, &names, self, class, ttl_s);
    for (size_t i = 0; i < self->address_count; i++) {
        const struct ht_mdns_address *address = &self->addresses[i];
        size_t n = address->is_v6 ? 16 : 4;
        put_head(&w, names.host, address->is_v6 ? TYPE_AAAA : TYPE_A, class, ttl_s, n);
        put(&w, address->b, n);
    }
    return w.n;
}
