/* Events from JSON, in one pass: which members there are, of which types and within which bounds.
 * Whether the id and the signature are right is event.c's. */
#include "node/nostr/event_read.h"

#include "node/nostr/event_write.h"
#include "node/nostr/json_scan.h"

#define OTHERS_MAX 16U
#define FIRST_TAGS 8U
#define FIRST_ITEMS 32U

enum member { ID, PUBKEY, CREATED_AT, KIND, TAGS, CONTENT, SIG, MEMBERS };

static const struct {
    const char *name;
    size_t n;
} members[MEMBERS] = {
    [ID] = {"id", 2},     [PUBKEY] = {"pubkey", 6}, [CREATED_AT] = {"created_at", 10},
    [KIND] = {"kind", 4}, [TAGS] = {"tags", 4},     [CONTENT] = {"content", 7},
    [SIG] = {"sig", 3},
};

struct reading {
    struct ht_json_scan scan;
    struct ht_arena *arena;
    struct ht_event *event;
    struct ht_why *why;
    unsigned seen;    /* a bit for each member */
    enum member last; /* that was read: the next is likely the one behind it */
    ht_bytes others[OTHERS_MAX];
    size_t other_count;
    struct ht_event_tag *tags;
    size_t tag_room;
    ht_bytes *items; /* of the tag being read, the last in a stretch for several */
    size_t item_count, item_room;
};

static enum ht_err malformed(const struct reading *r, const char *what) {
    return ht_fail(r->why, HT_EINPUT, "event_malformed", "%s", what);
}

static enum ht_err bad_field(const struct reading *r, enum member member, const char *what) {
    return ht_fail(r->why, HT_EINPUT, "event_field", "%s %s", members[member].name, what);
}

static enum ht_err no_memory(const struct reading *r) {
    return ht_fail(r->why, HT_ENOMEM, "no_memory", "no memory for an event");
}

/* A value that JSON has, but of another type; or nothing that JSON has. */
static enum ht_err wrong_type(struct reading *r, enum member member, const char *what) {
    uint8_t c = ht_json_scan_peek(&r->scan);
    bool may_be_value = c != 0 && strchr("\"-0123456789[{tfn", c) != NULL;
    return may_be_value ? bad_field(r, member, what) : malformed(r, "no value as JSON has it");
}

static enum ht_err read_text(ht_bytes *out, struct reading *r) {
    struct ht_why why = {.code = "", .text = ""};
    enum ht_err err = ht_json_scan_text(out, &r->scan, &why);
    if (err == HT_EINPUT) return malformed(r, why.text);
    return err == HT_OK ? HT_OK : no_memory(r);
}

/* --- simple members ---------------------------------------------------------------------------*/

static int digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

static bool read_digits(uint8_t *out, size_t n, const uint8_t *p) {
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        int high = digit(p[2 * i]);
        int low = digit(p[2 * i + 1]);
        bad |= high | low;
        out[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
    }
    return bad >= 0;
}

bool ht_event_hex32(ht_hash32 *out, ht_bytes text) {
    ht_hash32 read;
    if (text.n != 64 || !read_digits(read.b, 32, text.p)) return false;
    *out = read;
    return true;
}

static enum ht_err read_hex(uint8_t *out, size_t n, struct reading *r, enum member member) {
    ht_bytes text;
    if (ht_json_scan_peek(&r->scan) != '"') return wrong_type(r, member, "is no text");
    enum ht_err err = read_text(&text, r);
    if (err != HT_OK) return err;
    if (text.n == 2 * n && read_digits(out, n, text.p)) return HT_OK;
    return bad_field(r, member,
                     n == 32 ? "is not 64 digits of lowercase hex"
                             : "is not 128 digits of lowercase hex");
}

static enum ht_err read_number(uint64_t *out, uint64_t max, struct reading *r, enum member member) {
    static const char what[] = "is no whole number";
    uint8_t c = ht_json_scan_peek(&r->scan);
    if (c < '0' || c > '9') return wrong_type(r, member, what);
    const uint8_t *start = r->scan.p;
    uint64_t value = 0;
    while (r->scan.p < r->scan.end && *r->scan.p >= '0' && *r->scan.p <= '9') {
        value = value * 10 + (uint64_t)(*r->scan.p++ - '0');
        if (value > max) return bad_field(r, member, "is too large a number");
    }
    if (*start == '0' && r->scan.p - start > 1) return malformed(r, "a number begins with 0");
    bool goes_on = r->scan.p < r->scan.end && strchr(".eE", *r->scan.p) != NULL && *r->scan.p != 0;
    if (goes_on) return bad_field(r, member, what);
    *out = value;
    return HT_OK;
}

/* --- tags -------------------------------------------------------------------------------------*/

/* Room for another item of the tag being read; its items stay side by side. */
static enum ht_err add_item(struct reading *r, ht_bytes item) {
    if (r->item_count == HT_EVENT_TAG_ITEMS_MAX) {
        return ht_fail(r->why, HT_ELIMIT, "event_tags", "a tag has more than %u items",
                       HT_EVENT_TAG_ITEMS_MAX);
    }
    if (r->item_count == r->item_room) {
        /* As much again as all before, so that what is moved is little in all. */
        size_t more = r->event->tag_count + r->item_count;
        size_t room = (more < FIRST_ITEMS ? FIRST_ITEMS : more) + r->item_count;
        ht_bytes *items = ht_arena_alloc(r->arena, room * sizeof *items);
        if (items == NULL) return no_memory(r);
        if (r->item_count > 0) memcpy(items, r->items, r->item_count * sizeof *items);
        r->items = items;
        r->item_room = room;
    }
    r->items[r->item_count++] = item;
    return HT_OK;
}

static enum ht_err add_tag(struct reading *r) {
    struct ht_event *event = r->event;
    if (event->tag_count == HT_EVENT_TAGS_MAX) {
        return ht_fail(r->why, HT_ELIMIT, "event_tags", "there are more than %u tags",
                       HT_EVENT_TAGS_MAX);
    }
    if (event->tag_count == r->tag_room) {
        size_t room = r->tag_room == 0 ? FIRST_TAGS : 2 * r->tag_room;
        struct ht_event_tag *tags = ht_arena_alloc(r->arena, room * sizeof *tags);
        if (tags == NULL) return no_memory(r);
        if (event->tag_count > 0) memcpy(tags, r->tags, event->tag_count * sizeof *tags);
        r->tags = tags;
        r->tag_room = room;
    }
    r->tags[event->tag_count++] = (struct ht_event_tag){r->items, r->item_count};
    r->items += r->item_count;
    r->item_room -= r->item_count;
    r->item_count = 0;
    return HT_OK;
}

static enum ht_err read_tag(struct reading *r) {
    if (ht_json_scan_peek(&r->scan) != '[') return wrong_type(r, TAGS, "holds what is no array");
    r->scan.p++;
    if (ht_json_scan_is(&r->scan, ']')) return bad_field(r, TAGS, "holds an empty tag");
    for (;;) {
        ht_bytes item;
        if (ht_json_scan_peek(&r->scan) != '"') {
            return wrong_type(r, TAGS, "holds an item that is no text");
        }
        enum ht_err err = read_text(&item, r);
        if (err == HT_OK) err = add_item(r, item);
        if (err != HT_OK) return err;
        if (ht_json_scan_is(&r->scan, ']')) return add_tag(r);
        if (!ht_json_scan_is(&r->scan, ',')) return malformed(r, "no \",\" between items");
    }
}

static enum ht_err read_tags(struct reading *r) {
    if (ht_json_scan_peek(&r->scan) != '[') return wrong_type(r, TAGS, "is no array");
    r->scan.p++;
    if (ht_json_scan_is(&r->scan, ']')) return HT_OK;
    for (;;) {
        enum ht_err err = read_tag(r);
        if (err != HT_OK) return err;
        if (ht_json_scan_is(&r->scan, ']')) break;
        if (!ht_json_scan_is(&r->scan, ',')) return malformed(r, "no \",\" between tags");
    }
    r->event->tags = r->tags;
    return HT_OK;
}

/* --- members ----------------------------------------------------------------------------------*/

static enum ht_err read_member(struct reading *r, enum member member) {
    struct ht_event *event = r->event;
    enum ht_err err = HT_OK;
    uint64_t number = 0;
    switch (member) {
    case ID: return read_hex(event->id.b, 32, r, member);
    case PUBKEY: return read_hex(event->pubkey.b, 32, r, member);
    case SIG: return read_hex(event->sig, HT_SCHNORR_SIZE, r, member);
    case TAGS: return read_tags(r);
    case CREATED_AT:
        err = read_number(&number, (uint64_t)HT_EVENT_TIME_MAX, r, member);
        event->created_at = (int64_t)number;
        return err;
    case KIND:
        err = read_number(&number, UINT16_MAX, r, member);
        event->kind = (uint32_t)number;
        return err;
    case CONTENT:
        if (ht_json_scan_peek(&r->scan) != '"') return wrong_type(r, member, "is no text");
        return read_text(&event->content, r);
    case MEMBERS: break;
    }
    return malformed(r, "a member that there is not");
}

/* MEMBERS for another name. */
static enum member member_of(const struct reading *r, ht_bytes name) {
    for (unsigned i = 1; i <= MEMBERS; i++) {
        unsigned at = ((unsigned)r->last + i) % MEMBERS;
        if (members[at].n == name.n && memcmp(members[at].name, name.p, name.n) == 0) {
            return (enum member)at;
        }
    }
    return MEMBERS;
}

static enum ht_err skip_other(struct reading *r, ht_bytes name) {
    struct ht_why why = {.code = "", .text = ""};
    for (size_t i = 0; i < r->other_count; i++) {
        if (ht_bytes_equal(r->others[i], name)) return malformed(r, "a member is there twice");
    }
    if (r->other_count == OTHERS_MAX) return malformed(r, "too many members of other names");
    r->others[r->other_count++] = name;
    enum ht_err err = ht_json_scan_skip(&r->scan, &why);
    if (err == HT_EINPUT) return malformed(r, why.text);
    return err == HT_OK ? HT_OK : no_memory(r);
}

static enum ht_err read_pair(struct reading *r) {
    ht_bytes name;
    (void)ht_json_scan_peek(&r->scan);
    enum ht_err err = read_text(&name, r);
    if (err != HT_OK) return err;
    if (!ht_json_scan_is(&r->scan, ':')) return malformed(r, "no \":\" after a name");
    enum member member = member_of(r, name);
    if (member == MEMBERS) return skip_other(r, name);
    if ((r->seen & 1U << member) != 0) return malformed(r, "a member is there twice");
    r->seen |= 1U << member;
    r->last = member;
    return read_member(r, member);
}

static enum ht_err read_object(struct reading *r) {
    uint8_t c = ht_json_scan_peek(&r->scan);
    if (c != '{') {
        bool may_be_value = c != 0 && strchr("\"-0123456789[tfn", c) != NULL;
        return ht_fail(r->why, HT_EINPUT, may_be_value ? "event_field" : "event_malformed",
                       "an event is a JSON object");
    }
    /* Space before the object is not of the object. */
    r->scan.had_space = false;
    r->event->json.p = r->scan.p++;
    enum ht_err err = HT_OK;
    bool is_end = ht_json_scan_is(&r->scan, '}');
    while (err == HT_OK && !is_end) {
        err = read_pair(r);
        if (err != HT_OK) return err;
        is_end = ht_json_scan_is(&r->scan, '}');
        if (!is_end && !ht_json_scan_is(&r->scan, ',')) {
            return malformed(r, "no \",\" between members");
        }
    }
    for (unsigned i = 0; i < MEMBERS; i++) {
        if ((r->seen & 1U << i) == 0) return bad_field(r, (enum member)i, "is missing");
    }
    r->event->json.n = (size_t)(r->scan.p - r->event->json.p);
    return HT_OK;
}

/* Never longer than what was read: escapes are written in the shortest way that NIP-01 knows. */
static enum ht_err rewrite(struct reading *r) {
    struct ht_buf json;
    ht_buf_init(&json, HT_EVENT_SIZE_MAX);
    enum ht_err err = ht_event_write(&json, r->event);
    char *copy = err == HT_OK ? ht_arena_copy_str(r->arena, ht_buf_view(&json)) : NULL;
    if (copy != NULL) r->event->json = ht_bytes_of(copy, json.n);
    ht_buf_fini(&json);
    return copy != NULL ? HT_OK : no_memory(r);
}

enum ht_err ht_event_read_front(struct ht_event *out, size_t *used, struct ht_arena *arena,
                                ht_bytes text, struct ht_why *why) {
    struct ht_event event = {.tags = NULL};
    struct reading r = {.arena = arena, .event = &event, .why = why, .last = SIG};
    ht_bytes front = text;
    if (front.n > HT_EVENT_SIZE_MAX) front.n = HT_EVENT_SIZE_MAX;
    ht_json_scan_init(&r.scan, arena, front);
    enum ht_err err = read_object(&r);
    /* Where the bound cuts, no escape or character behind it is whole. */
    if (err == HT_EINPUT && r.scan.end - r.scan.p < 12 && front.n < text.n) {
        err = ht_fail(why, HT_ELIMIT, "event_too_large", "the event has more than %zu bytes",
                      HT_EVENT_SIZE_MAX);
    }
    if (err == HT_OK && (r.scan.had_space || r.other_count > 0)) err = rewrite(&r);
    if (err != HT_OK) return err;
    *out = event;
    *used = (size_t)(r.scan.p - text.p);
    return HT_OK;
}

enum ht_err ht_event_read(struct ht_event *out, struct ht_arena *arena, ht_bytes text,
                          struct ht_why *why) {
    struct ht_event event;
    size_t used = 0;
    if (text.n > HT_EVENT_SIZE_MAX) {
        return ht_fail(why, HT_ELIMIT, "event_too_large", "the event has more than %zu bytes",
                       HT_EVENT_SIZE_MAX);
    }
    enum ht_err err = ht_event_read_front(&event, &used, arena, text, why);
    if (err != HT_OK) return err;
    struct ht_json_scan rest;
    ht_json_scan_init(&rest, arena, ht_bytes_of(text.p + used, text.n - used));
    (void)ht_json_scan_peek(&rest);
    if (rest.p != rest.end) {
        return ht_fail(why, HT_EINPUT, "event_malformed", "there is more behind the event");
    }
    *out = event;
    return HT_OK;
}
