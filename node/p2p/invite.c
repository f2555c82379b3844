/* Invitations as links: "hearth:peer?" and what is in a query, percent-encoded. */
#include "node/p2p/invite.h"

#include <sodium.h>
#include <stdio.h>
#include <strings.h>

#include "node/nostr/entity.h"

static const char bad[] = "bad_invite";
static const char scheme[] = "hearth:peer?";

#define VALUE_SIZE 512U

/* --- out -------------------------------------------------------------------------------------- */

static bool is_free(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("-._~:/", c) != NULL;
}

/* Appends &name=value; false when it does not fit. */
static bool add(char out[static HT_INVITE_SIZE], const char *name, const char *value) {
    size_t n = strlen(out);
    bool is_first = out[n - 1] == '?';
    size_t need = strlen(name) + 3 * strlen(value) + 3;
    if (n + need > HT_INVITE_SIZE) return false;
    n += (size_t)snprintf(out + n, HT_INVITE_SIZE - n, "%s%s=", is_first ? "" : "&", name);
    for (; *value != '\0'; value++) {
        if (is_free(*value)) {
            out[n++] = *value;
            out[n] = '\0';
        } else {
            n += (size_t)snprintf(out + n, HT_INVITE_SIZE - n, "%%%02X", (unsigned char)*value);
        }
    }
    return true;
}

static bool add_hash(char out[static HT_INVITE_SIZE], const char *name, const ht_hash32 *hash) {
    char hex[65];
    (void)sodium_bin2hex(hex, sizeof hex, hash->b, sizeof hash->b);
    return add(out, name, hex);
}

static bool add_user(char out[static HT_INVITE_SIZE], const ht_hash32 *user) {
    char npub[80];
    const struct ht_entity entity = {.kind = HT_ENTITY_NPUB, .key = *user};
    return ht_entity_write(npub, sizeof npub, &entity) == HT_OK && add(out, "user", npub);
}

enum ht_err ht_invite_write(char out[static HT_INVITE_SIZE], const struct ht_invite *invite,
                            struct ht_why *why) {
    const struct ht_node_record *record = &invite->record;
    struct ht_invite again;
    char expires[24];
    (void)snprintf(expires, sizeof expires, "%lld", (long long)record->expires_at);
    (void)snprintf(out, HT_INVITE_SIZE, "%s", scheme);
    bool is_there = add_hash(out, "node", &record->node);
    for (size_t i = 0; i < record->address_count; i++) {
        is_there = is_there && add(out, "addr", record->addresses[i]);
    }
    if (record->has_pin) is_there = is_there && add_hash(out, "pin", &record->pin);
    if (record->has_user) is_there = is_there && add_user(out, &record->user);
    is_there = is_there && add(out, "secret", invite->secret);
    if (record->expires_at > 0) is_there = is_there && add(out, "expires", expires);
    if (record->name[0] != '\0') is_there = is_there && add(out, "name", record->name);
    if (!is_there) {
        return ht_fail(why, HT_ELIMIT, "invite_too_long", "the invitation has too many addresses");
    }
    enum ht_err err = ht_invite_read(&again, out, why);
    sodium_memzero(again.secret, sizeof again.secret);
    return err;
}

/* --- in --------------------------------------------------------------------------------------- */

static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Decodes n characters into out, with a zero; false for what is malformed, too long or has a zero
 * or another control character in it. */
static bool decode(char out[static VALUE_SIZE], const char *text, size_t n) {
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        int c = (unsigned char)text[i];
        if (c == '%') {
            if (n - i < 3 || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) return false;
            c = digit(text[i + 1]) * 16 + digit(text[i + 2]);
            i += 2;
        }
        if (c < 0x20 || c == 0x7f || at + 1 >= VALUE_SIZE) return false;
        out[at++] = (char)c;
    }
    out[at] = '\0';
    return true;
}

static bool read_user(struct ht_node_record *out, const char *value) {
    struct ht_arena arena;
    struct ht_entity entity;
    ht_arena_init(&arena, HT_ENTITY_ARENA);
    bool is_good = ht_entity_read(&entity, &arena, ht_bytes_str(value), NULL) == HT_OK &&
                   entity.kind == HT_ENTITY_NPUB;
    if (is_good) out->user = entity.key;
    out->has_user = is_good;
    ht_arena_fini(&arena);
    return is_good;
}

static bool read_secret(char out[static HT_INVITE_SECRET_SIZE], const char *value) {
    if (strlen(value) != HT_INVITE_SECRET_SIZE - 1) return false;
    if (strspn(value, "0123456789abcdef") != HT_INVITE_SECRET_SIZE - 1) return false;
    memcpy(out, value, HT_INVITE_SECRET_SIZE);
    return true;
}

static bool read_expires(int64_t *out, const char *value) {
    size_t n = strlen(value);
    if (n == 0 || n > 12 || strspn(value, "0123456789") != n) return false;
    *out = 0;
    for (size_t i = 0; i < n; i++) *out = *out * 10 + (value[i] - '0');
    return *out > 0;
}

static bool read_address(struct ht_node_record *out, const char *value) {
    if (out->address_count == HT_NODE_ADDRESSES_MAX) return false;
    if (strlen(value) >= HT_NODE_ADDRESS_SIZE) return false;
    if (ht_address_reach_of(value) == HT_REACH_NONE) return false;
    memcpy(out->addresses[out->address_count++], value, strlen(value) + 1);
    return true;
}

static bool read_name(struct ht_node_record *out, const char *value) {
    json_t *text = json_string(value); /* NULL for what is no UTF-8 */
    bool is_good = text != NULL && strlen(value) < HT_NODE_NAME_SIZE;
    json_decref(text);
    if (is_good) memcpy(out->name, value, strlen(value) + 1);
    return is_good;
}

enum member { NODE, ADDR, PIN, USER, SECRET, EXPIRES, NAME, MEMBERS };
static const char *const names[MEMBERS] = {"node",   "addr",    "pin", "user",
                                           "secret", "expires", "name"};

static bool read_member(struct ht_invite *out, enum member member, const char *value) {
    struct ht_node_record *record = &out->record;
    switch (member) {
    case NODE: return ht_event_hex32(&record->node, ht_bytes_str(value));
    case ADDR: return read_address(record, value);
    case PIN: return record->has_pin = ht_event_hex32(&record->pin, ht_bytes_str(value));
    case USER: return read_user(record, value);
    case SECRET: return read_secret(out->secret, value);
    case EXPIRES: return read_expires(&record->expires_at, value);
    case NAME: return read_name(record, value);
    case MEMBERS: break;
    }
    return false;
}

static enum ht_err read_part(struct ht_invite *out, unsigned *seen, const char *part, size_t n,
                             struct ht_why *why) {
    char value[VALUE_SIZE];
    size_t name_n = 0;
    while (name_n < n && part[name_n] != '=') name_n++;
    if (name_n == n) return ht_fail(why, HT_EINPUT, bad, "a part without a value");
    unsigned member = 0;
    ht_bytes name = ht_bytes_of(part, name_n);
    while (member < MEMBERS && !ht_bytes_equal(name, ht_bytes_str(names[member]))) member++;
    if (member == MEMBERS) return HT_OK;
    bool is_twice = member != ADDR && (*seen >> member & 1U) != 0;
    *seen |= 1U << member;
    bool is_good = !is_twice && decode(value, part + name_n + 1, n - name_n - 1) &&
                   read_member(out, (enum member)member, value);
    sodium_memzero(value, sizeof value);
    return is_good ? HT_OK
                   : ht_fail(why, HT_EINPUT, bad, "%s is not what it should be", names[member]);
}

enum ht_err ht_invite_read(struct ht_invite *out, const char *text, struct ht_why *why) {
    struct ht_invite invite;
    unsigned seen = 0;
    memset(&invite, 0, sizeof invite);
    text += strspn(text, " \t\r\n");
    size_t n = strlen(text);
    while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL) n--;
    size_t head = sizeof scheme - 1;
    if (n >= HT_INVITE_SIZE || n <= head || strncasecmp(text, scheme, head) != 0) {
        return ht_fail(why, HT_EINPUT, bad, "an invitation begins with %s", scheme);
    }
    enum ht_err err = HT_OK;
    for (size_t at = head; err == HT_OK && at < n;) {
        size_t end = at;
        while (end < n && text[end] != '&') end++;
        err = read_part(&invite, &seen, text + at, end - at, why);
        at = end + 1;
    }
    bool has_all = (seen >> NODE & 1U) != 0 && (seen >> SECRET & 1U) != 0;
    if (err == HT_OK && !has_all) {
        err = ht_fail(why, HT_EINPUT, bad, "an invitation names a node and a secret");
    }
    if (err == HT_OK) *out = invite;
    sodium_memzero(invite.secret, sizeof invite.secret);
    return err;
}
