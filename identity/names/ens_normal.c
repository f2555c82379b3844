/* Normalisation of names: ENSIP-15 over the tables of ensip15.h, a label at a time. */
#include "identity/names/ens_normal.h"

#include <unistr.h>

#include "identity/names/ensip15.h"

#define HYPHEN 0x2dU
#define UNDERSCORE 0x5fU
#define EMOJI_STYLE 0xfe0fU /* variation selector 16 */
#define NSM_MAX 4U          /* nonspacing marks on one character */
#define CHARACTERS_MAX HT_ENS_NAME_MAX
#define PARTS_MAX (4U * CHARACTERS_MAX) /* no character is taken into more than 4 */

/* Hangul syllables, whose parts are computed (Unicode 3.12). */
#define L_FIRST 0x1100U
#define V_FIRST 0x1161U
#define T_BEFORE 0x11a7U
#define S_FIRST 0xac00U
#define L_COUNT 19U
#define V_COUNT 21U
#define T_COUNT 28U
#define S_COUNT (L_COUNT * V_COUNT * T_COUNT)

/* Characters, of which there are never more than there is room for. */
struct text {
    size_t n;
    uint32_t c[CHARACTERS_MAX];
};

struct label {
    struct text given;
    struct text out;           /* normalised */
    struct text plain;         /* out without emoji */
    uint32_t parts[PARTS_MAX]; /* the canonical decomposition of some of it */
    size_t part_count;
    bool has_emoji;
    bool has_bad_mark; /* text begins with one, after an emoji or at the start */
};

static enum ht_err too_long(struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "ens_too_long",
                   "a name has at most %u bytes in at most %u parts", HT_ENS_NAME_MAX,
                   HT_ENS_LABELS_MAX);
}

static enum ht_err disallowed(uint32_t c, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "ens_disallowed", "the character U+%04X is not for names", c);
}

static enum ht_err mixture(const char *text, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "ens_mixture", "%s", text);
}

/* --- NFC (UAX 15) ----------------------------------------------------------------------------- */

static void put_part(struct label *label, uint32_t c) {
    ht_assert(label->part_count < PARTS_MAX);
    label->parts[label->part_count++] = c;
}

static void put_hangul(struct label *label, uint32_t syllable) {
    uint32_t index = syllable - S_FIRST, last = index % T_COUNT;
    put_part(label, L_FIRST + index / (V_COUNT * T_COUNT));
    put_part(label, V_FIRST + index / T_COUNT % V_COUNT);
    if (last > 0) put_part(label, T_BEFORE + last);
}

static void put_parts(struct label *label, uint32_t c) {
    uint32_t later[4], second = 0;
    size_t n = 0;
    if (c >= S_FIRST && c < S_FIRST + S_COUNT) {
        put_hangul(label, c);
        return;
    }
    while (ht_ensip15_decompose(&c, &second, c)) {
        ht_assert(n < sizeof later / sizeof *later);
        later[n++] = second;
    }
    put_part(label, c);
    while (n > 0) put_part(label, later[--n]);
}

static uint8_t rank_of(uint32_t c) {
    return c < 0x80 ? 0 : ht_ensip15_class(c)->rank;
}

/* NFD into label->parts. */
static void decompose(struct label *label, const uint32_t *text, size_t n) {
    label->part_count = 0;
    for (size_t i = 0; i < n; i++) put_parts(label, text[i]);
    for (size_t i = 1; i < label->part_count; i++) {
        uint32_t c = label->parts[i];
        uint8_t rank = rank_of(c);
        size_t at = i;
        while (rank > 0 && at > 0 && rank_of(label->parts[at - 1]) > rank) {
            label->parts[at] = label->parts[at - 1];
            at--;
        }
        label->parts[at] = c;
    }
}

static bool compose_two(uint32_t *out, uint32_t a, uint32_t b) {
    if (a >= L_FIRST && a < L_FIRST + L_COUNT && b >= V_FIRST && b < V_FIRST + V_COUNT) {
        *out = S_FIRST + ((a - L_FIRST) * V_COUNT + (b - V_FIRST)) * T_COUNT;
        return true;
    }
    bool is_open = a >= S_FIRST && a < S_FIRST + S_COUNT && (a - S_FIRST) % T_COUNT == 0;
    if (is_open && b > T_BEFORE && b < T_BEFORE + T_COUNT) {
        *out = a + (b - T_BEFORE);
        return true;
    }
    return ht_ensip15_compose(out, a, b);
}

/* The end of text, from `start` on, in NFC: never longer than it was. */
static void compose(struct label *label, struct text *text, size_t start) {
    decompose(label, text->c + start, text->n - start);
    size_t starter = SIZE_MAX, n = start;
    uint8_t last = 0; /* rank of what stands last behind the starter */
    for (size_t i = 0; i < label->part_count; i++) {
        uint32_t c = label->parts[i];
        uint8_t rank = rank_of(c);
        bool is_next = starter != SIZE_MAX && n == starter + 1;
        bool is_free = starter != SIZE_MAX && (is_next || (last != 0 && last < rank));
        if (is_free && compose_two(&text->c[starter], text->c[starter], c)) continue;
        if (rank == 0) starter = n;
        last = rank;
        ht_assert(n < CHARACTERS_MAX);
        text->c[n++] = c;
    }
    text->n = n;
}

/* --- a label into its parts ------------------------------------------------------------------- */

static enum ht_err put(struct text *text, const uint32_t *c, size_t n, struct ht_why *why) {
    if (n > CHARACTERS_MAX - text->n) return too_long(why);
    memcpy(text->c + text->n, c, n * sizeof *c);
    text->n += n;
    return HT_OK;
}

/* Text between emoji, which begins at `start` of what is out, has come to its end. */
static enum ht_err end_text(struct label *label, size_t start, struct ht_why *why) {
    if (start == label->out.n) return HT_OK;
    compose(label, &label->out, start);
    if ((ht_ensip15_class(label->out.c[start])->flags & HT_ENSIP15_MARK) != 0) {
        label->has_bad_mark = true;
    }
    return put(&label->plain, label->out.c + start, label->out.n - start, why);
}

static enum ht_err put_character(struct label *label, uint32_t c, struct ht_why *why) {
    const uint32_t *to = NULL;
    uint8_t flags = ht_ensip15_class(c)->flags;
    if ((flags & HT_ENSIP15_VALID) != 0) return put(&label->out, &c, 1, why);
    size_t n = ht_ensip15_mapped(&to, c);
    if (n > 0) return put(&label->out, to, n, why);
    return (flags & HT_ENSIP15_IGNORED) != 0 ? HT_OK : disallowed(c, why);
}

static enum ht_err put_emoji(struct label *label, const uint32_t *c, size_t n, struct ht_why *why) {
    enum ht_err err = HT_OK;
    label->has_emoji = true;
    for (size_t i = 0; i < n && err == HT_OK; i++) {
        if (c[i] != EMOJI_STYLE) err = put(&label->out, &c[i], 1, why);
    }
    return err;
}

static enum ht_err take_apart(struct label *label, struct ht_why *why) {
    const struct text *given = &label->given;
    size_t start = 0;
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < given->n && err == HT_OK;) {
        size_t n = ht_ensip15_emoji(given->c + i, given->n - i);
        if (n == 0) {
            err = put_character(label, given->c[i++], why);
            continue;
        }
        err = end_text(label, start, why);
        if (err == HT_OK) err = put_emoji(label, given->c + i, n, why);
        start = label->out.n;
        i += n;
    }
    return err == HT_OK ? end_text(label, start, why) : err;
}

/* --- what may stand together ------------------------------------------------------------------ */

static enum ht_err check_underscores(const struct text *out, struct ht_why *why) {
    size_t i = 0;
    while (i < out->n && out->c[i] == UNDERSCORE) i++;
    for (; i < out->n; i++) {
        if (out->c[i] == UNDERSCORE) {
            return mixture("an underscore may stand at the start of a part only", why);
        }
    }
    return HT_OK;
}

static bool is_ascii(const struct text *text) {
    for (size_t i = 0; i < text->n; i++) {
        if (text->c[i] >= 0x80) return false;
    }
    return true;
}

static enum ht_err check_extension(const struct text *out, struct ht_why *why) {
    if (out->n < 4 || out->c[2] != HYPHEN || out->c[3] != HYPHEN) return HT_OK;
    return mixture("the third and fourth character are hyphens", why);
}

/* The apostrophe, the fraction slash and the middle dot stand between two others. */
static bool is_fenced(uint32_t c) {
    return c == 0x2019 || c == 0x2044 || c == 0x30fb;
}

static enum ht_err check_fences(const struct text *out, struct ht_why *why) {
    bool is_wrong = is_fenced(out->c[0]) || is_fenced(out->c[out->n - 1]);
    for (size_t i = 1; i < out->n && !is_wrong; i++) {
        is_wrong = is_fenced(out->c[i - 1]) && is_fenced(out->c[i]);
    }
    return is_wrong ? mixture("a dividing sign has nothing to divide", why) : HT_OK;
}

static bool is_none(const struct ht_ensip15_groups *groups) {
    uint64_t any = 0;
    for (size_t i = 0; i < HT_ENSIP15_GROUP_WORDS; i++) any |= groups->bits[i];
    return any == 0;
}

static void narrow(struct ht_ensip15_groups *groups, const struct ht_ensip15_groups *to) {
    for (size_t i = 0; i < HT_ENSIP15_GROUP_WORDS; i++) groups->bits[i] &= to->bits[i];
}

static size_t first_group(const struct ht_ensip15_groups *groups) {
    size_t i = 0;
    while (groups->bits[i] == 0) i++;
    return 64 * i + (size_t)__builtin_ctzll(groups->bits[i]);
}

/* The first group that has all of the characters. */
static enum ht_err find_group(size_t *out, const struct text *plain, struct ht_why *why) {
    struct ht_ensip15_groups left = ht_ensip15_class(plain->c[0])->groups;
    for (size_t i = 0; i < plain->n; i++) {
        const struct ht_ensip15_groups *own = &ht_ensip15_class(plain->c[i])->groups;
        if (is_none(own)) return disallowed(plain->c[i], why);
        narrow(&left, own);
        if (is_none(&left)) return mixture("it mixes scripts that do not go together", why);
    }
    *out = first_group(&left);
    return HT_OK;
}

static bool is_nsm(uint32_t c) {
    return (ht_ensip15_class(c)->flags & HT_ENSIP15_NSM) != 0;
}

/* The marks from `at` on: how many; 0 when one of them comes twice. */
static size_t count_marks(const struct label *label, size_t at) {
    size_t end = at;
    for (; end < label->part_count && is_nsm(label->parts[end]); end++) {
        if (end - at > NSM_MAX) return end - at;
        for (size_t i = at; i < end; i++) {
            if (label->parts[i] == label->parts[end]) return 0;
        }
    }
    return end - at;
}

static enum ht_err check_marks(struct label *label, struct ht_why *why) {
    decompose(label, label->plain.c, label->plain.n);
    for (size_t i = 1; i < label->part_count; i++) {
        if (!is_nsm(label->parts[i])) continue;
        size_t n = count_marks(label, i);
        if (n == 0) return mixture("the same mark stands twice on a character", why);
        if (n > NSM_MAX) return mixture("too many marks stand on one character", why);
        i += n;
    }
    return HT_OK;
}

static size_t count_groups(const struct ht_ensip15_groups *groups) {
    int count = 0;
    for (size_t i = 0; i < HT_ENSIP15_GROUP_WORDS; i++) {
        count += __builtin_popcountll(groups->bits[i]);
    }
    return (size_t)count;
}

/* Whether another script could write something that looks the same all through. */
static enum ht_err check_twins(const struct text *plain, struct ht_why *why) {
    struct ht_ensip15_groups others;
    bool has_twin = false;
    memset(&others, 0xff, sizeof others);
    for (size_t i = 0; i < plain->n; i++) {
        const struct ht_ensip15_groups *twins = ht_ensip15_twins(plain->c[i]);
        const struct ht_ensip15_groups *own = &ht_ensip15_class(plain->c[i])->groups;
        if (twins == NULL && count_groups(own) == 1) return HT_OK;
        if (twins == NULL) continue;
        has_twin = true;
        narrow(&others, twins);
        if (is_none(&others)) return HT_OK;
    }
    if (!has_twin) return HT_OK;
    for (size_t i = 0; i < plain->n; i++) {
        if (ht_ensip15_twins(plain->c[i]) == NULL) {
            narrow(&others, &ht_ensip15_class(plain->c[i])->groups);
        }
    }
    return is_none(&others) ? HT_OK : mixture("in another script the same could be written", why);
}

static enum ht_err check(struct label *label, struct ht_why *why) {
    const struct text *out = &label->out;
    size_t group = 0;
    if (out->n == 0) {
        return ht_fail(why, HT_EINPUT, "ens_empty", "a part of the name is empty");
    }
    enum ht_err err = check_underscores(out, why);
    if (err != HT_OK) return err;
    if (!label->has_emoji && is_ascii(out)) return check_extension(out, why);
    if (label->plain.n == 0) return HT_OK;
    if (label->has_bad_mark) return mixture("a mark stands on nothing", why);
    err = check_fences(out, why);
    if (err == HT_OK) err = find_group(&group, &label->plain, why);
    if (err == HT_OK && ht_ensip15_is_checked(group)) err = check_marks(label, why);
    if (err == HT_OK) err = check_twins(&label->plain, why);
    return err;
}

/* --- names ------------------------------------------------------------------------------------ */

/* name is UTF-8. */
static void read_label(struct label *label, ht_bytes text) {
    label->given.n = label->out.n = label->plain.n = label->part_count = 0;
    label->has_emoji = label->has_bad_mark = false;
    for (size_t at = 0; at < text.n;) {
        ucs4_t c = 0;
        int n = u8_mbtouc_unsafe(&c, text.p + at, text.n - at);
        ht_assert(n > 0);
        label->given.c[label->given.n++] = c;
        at += (size_t)n;
    }
}

static enum ht_err write_label(struct ht_buf *out, const struct text *text, struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < text->n && err == HT_OK; i++) {
        uint8_t bytes[6];
        int n = u8_uctomb(bytes, text->c[i], sizeof bytes);
        ht_assert(n > 0);
        err = ht_buf_add(out, ht_bytes_of(bytes, (size_t)n));
    }
    if (err == HT_ELIMIT) return too_long(why);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "out of memory");
}

static enum ht_err normalize_label(struct ht_buf *out, struct label *label, ht_bytes text,
                                   struct ht_why *why) {
    read_label(label, text);
    enum ht_err err = take_apart(label, why);
    if (err == HT_OK) err = check(label, why);
    if (err == HT_OK) err = write_label(out, &label->out, why);
    return err;
}

static enum ht_err normalize(struct ht_buf *out, ht_bytes name, struct ht_why *why) {
    struct label label;
    bool is_last = name.n == 0;
    enum ht_err err = HT_OK;
    for (size_t count = 1; !is_last && err == HT_OK; count++) {
        const uint8_t *dot = memchr(name.p, '.', name.n);
        size_t n = dot != NULL ? (size_t)(dot - name.p) : name.n;
        if (count > HT_ENS_LABELS_MAX) return too_long(why);
        err = normalize_label(out, &label, ht_bytes_of(name.p, n), why);
        if (err != HT_OK || dot == NULL) break;
        name = ht_bytes_of(dot + 1, name.n - n - 1);
        if (ht_buf_add_str(out, ".") != HT_OK) return too_long(why);
    }
    return err;
}

enum ht_err ht_ens_normalize(struct ht_buf *out, ht_bytes name, struct ht_why *why) {
    struct ht_buf text;
    if (name.n > HT_ENS_NAME_MAX) return too_long(why);
    if (name.n > 0 && u8_check(name.p, name.n) != NULL) {
        return ht_fail(why, HT_EINPUT, "ens_utf8", "the name is not UTF-8");
    }
    ht_buf_init(&text, HT_ENS_NAME_MAX);
    enum ht_err err = normalize(&text, name, why);
    if (err == HT_OK) {
        err = ht_buf_add(out, ht_buf_view(&text));
        if (err != HT_OK) (void)ht_fail(why, err, "no_memory", "no room for a name");
    }
    ht_buf_fini(&text);
    return err;
}
