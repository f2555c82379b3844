/* The verbs of a peer link in text and out of it. What they mean is the handshake's, the mesh's and
 * gossip's. */
#include "node/p2p/peer_message.h"

#include "node/codec/json.h"

static const struct {
    enum ht_peer_verb verb;
    const char *name;
} verbs[] = {
    {HT_PEER_VERB_PEER, "PEER"}, {HT_PEER_VERB_AUTH_EVENT, "AUTH"}, {HT_PEER_VERB_STATE, "STATE"},
    {HT_PEER_VERB_PUSH, "PUSH"}, {HT_PEER_VERB_HAVE, "HAVE"},       {HT_PEER_VERB_WANT, "WANT"},
    {HT_PEER_VERB_GONE, "GONE"}, {HT_PEER_VERB_BYE, "BYE"},
};

static enum ht_err malformed(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "peer_malformed", "The message of the peer has %s", what);
}

static bool is_space(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static ht_bytes trim_front(ht_bytes text) {
    while (text.n > 0 && is_space(text.p[0])) text = ht_bytes_of(text.p + 1, text.n - 1);
    return text;
}

static ht_bytes trim(ht_bytes text) {
    text = trim_front(text);
    while (text.n > 0 && is_space(text.p[text.n - 1])) text.n--;
    return text;
}

/* Steps over one byte after space; false: it is another. */
static bool step(ht_bytes *text, char c) {
    ht_bytes at = trim_front(*text);
    if (at.n == 0 || at.p[0] != (uint8_t)c) return false;
    *text = ht_bytes_of(at.p + 1, at.n - 1);
    return true;
}

/* The verb at the front, HT_PEER_VERB_NONE for any other; *text is what follows its name. */
static enum ht_peer_verb read_verb(ht_bytes *text) {
    ht_bytes at = *text;
    if (!step(&at, '[') || !step(&at, '"')) return HT_PEER_VERB_NONE;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        size_t n = strlen(verbs[i].name);
        if (at.n <= n || at.p[n] != '"' || memcmp(at.p, verbs[i].name, n) != 0) continue;
        *text = ht_bytes_of(at.p + n + 1, at.n - n - 1);
        return verbs[i].verb;
    }
    return HT_PEER_VERB_NONE;
}

static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

static enum ht_err read_ids(struct ht_peer_link_message *out, struct ht_why *why) {
    ht_bytes text = out->rest;
    if (text.n < 2 || text.p[0] != '"' || text.p[text.n - 1] != '"') {
        return malformed(why, "ids that are no text");
    }
    text = ht_bytes_of(text.p + 1, text.n - 2);
    if (text.n == 0 || text.n % 64 != 0) return malformed(why, "ids of another length");
    if (text.n / 64 > HT_GOSSIP_IDS_MAX) {
        return ht_fail(why, HT_ELIMIT, "peer_too_large", "The message has more than %u ids",
                       HT_GOSSIP_IDS_MAX);
    }
    for (size_t i = 0; i < text.n / 2; i++) {
        int high = hex_digit(text.p[2 * i]), low = hex_digit(text.p[2 * i + 1]);
        if (high < 0 || low < 0) return malformed(why, "ids that are no hex");
        out->ids[i / 32].b[i % 32] = (uint8_t)(high << 4 | low);
    }
    out->id_count = text.n / 64;
    return HT_OK;
}

/* Cuts the array's end off and finds what is between it and the verb. */
static enum ht_err read_rest(ht_bytes *rest, ht_bytes text, struct ht_why *why) {
    if (!step(&text, ',')) return malformed(why, "nothing behind its verb");
    text = trim(text);
    if (text.n == 0 || text.p[text.n - 1] != ']') return malformed(why, "no end");
    text.n--;
    *rest = trim(text);
    if (rest->n == 0) return malformed(why, "nothing behind its verb");
    return HT_OK;
}

/* What it is without its ids. */
static enum ht_err read_envelope(struct ht_peer_link_message *out, ht_bytes text,
                                 struct ht_why *why) {
    out->verb = HT_PEER_VERB_NONE;
    out->rest = ht_bytes_of(NULL, 0);
    out->id_count = 0;
    ht_bytes behind = text;
    enum ht_peer_verb verb = read_verb(&behind);
    if (verb == HT_PEER_VERB_NONE) return HT_OK;
    /* A challenge of a relay is a text there: NIP-42's, and nothing of a peer link. */
    ht_bytes after = behind;
    if (verb == HT_PEER_VERB_AUTH_EVENT && (!step(&after, ',') || !step(&after, '{'))) return HT_OK;
    if (text.n > HT_PEER_LINK_MESSAGE_MAX) {
        return ht_fail(why, HT_ELIMIT, "peer_too_large", "The message has %zu bytes, more than %zu",
                       text.n, HT_PEER_LINK_MESSAGE_MAX);
    }
    ht_bytes rest;
    enum ht_err err = read_rest(&rest, behind, why);
    if (err != HT_OK) return err;
    out->verb = verb;
    out->rest = rest;
    return HT_OK;
}

enum ht_err ht_peer_link_read(struct ht_peer_link_message *out, ht_bytes text, struct ht_why *why) {
    enum ht_err err = read_envelope(out, text, why);
    if (err != HT_OK) return err;
    switch (out->verb) {
    case HT_PEER_VERB_HAVE:
    case HT_PEER_VERB_WANT:
    case HT_PEER_VERB_GONE: return read_ids(out, why);
    case HT_PEER_VERB_PEER:
    case HT_PEER_VERB_AUTH_EVENT:
    case HT_PEER_VERB_STATE:
    case HT_PEER_VERB_PUSH:
        return out->rest.p[0] == '{' ? HT_OK : malformed(why, "no object behind its verb");
    case HT_PEER_VERB_BYE:
    case HT_PEER_VERB_NONE: break;
    }
    return HT_OK;
}

static const char *name_of(enum ht_peer_verb verb) {
    size_t i = 0;
    while (i < sizeof verbs / sizeof *verbs && verbs[i].verb != verb) i++;
    ht_assert(i < sizeof verbs / sizeof *verbs);
    return verbs[i].name;
}

/* `["VERB",`; what follows and `]` are the caller's. */
static enum ht_err begin(struct ht_buf *out, enum ht_peer_verb verb) {
    enum ht_err err = ht_buf_add_str(out, "[\"");
    if (err == HT_OK) err = ht_buf_add_str(out, name_of(verb));
    if (err == HT_OK) err = ht_buf_add_str(out, "\",");
    return err;
}

/* Ends the array, or takes everything back that was written since `from`. */
static enum ht_err finish(struct ht_buf *out, size_t from, enum ht_err err) {
    if (err == HT_OK) err = ht_buf_add_str(out, "]");
    if (err != HT_OK) out->n = from;
    return err;
}

static enum ht_err add_hex(struct ht_buf *out, const ht_hash32 *ids, size_t count) {
    static const char digits[] = "0123456789abcdef";
    uint8_t *at = ht_buf_reserve(out, 64 * count + 2);
    if (at == NULL) return out->n + 64 * count + 2 > out->max ? HT_ELIMIT : HT_ENOMEM;
    *at++ = '"';
    for (size_t i = 0; i < 32 * count; i++) {
        uint8_t byte = ids[i / 32].b[i % 32];
        *at++ = (uint8_t)digits[byte >> 4];
        *at++ = (uint8_t)digits[byte & 15];
    }
    *at = '"';
    out->n += 64 * count + 2;
    return HT_OK;
}

enum ht_err ht_peer_link_ids(struct ht_buf *out, enum ht_peer_verb verb, const ht_hash32 *ids,
                             size_t count) {
    ht_assert(count > 0 && count <= HT_GOSSIP_IDS_MAX);
    size_t from = out->n;
    enum ht_err err = begin(out, verb);
    if (err == HT_OK) err = add_hex(out, ids, count);
    return finish(out, from, err);
}

enum ht_err ht_peer_link_push(struct ht_buf *out, ht_bytes event_json) {
    size_t from = out->n;
    enum ht_err err = begin(out, HT_PEER_VERB_PUSH);
    if (err == HT_OK) err = ht_buf_add(out, event_json);
    return finish(out, from, err);
}

enum ht_err ht_peer_link_json(struct ht_buf *out, enum ht_peer_verb verb, const json_t *what) {
    size_t from = out->n;
    enum ht_err err = begin(out, verb);
    if (err == HT_OK) err = ht_json_dump_compact(out, what);
    return finish(out, from, err);
}

enum ht_err ht_peer_link_bye(struct ht_buf *out, const char *code, const char *text) {
    json_t *message = json_pack("[sss]", "BYE", code, text);
    /* Without valid UTF-8 the code alone has to do. */
    if (message == NULL) message = json_pack("[sss]", "BYE", code, "");
    if (message == NULL) return HT_ENOMEM;
    enum ht_err err = ht_json_dump_compact(out, message);
    json_decref(message);
    return err;
}
