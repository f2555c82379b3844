/* What is indexed of an event, and searches as expressions.
 *
 * The input is a search and a text, the text repeated as often as its first byte says, so that it
 * is cut. Any search is an expression that the index understands; what is indexed is bounded and
 * still UTF-8 when the text was; a word of the text finds it, and nothing does when it was taken
 * out again. */
#include <sqlite3.h>
#include <stdlib.h>

#include "social/relay/filter.h"
#include "social/store/store_impl.h"
#include "social/store/store_text.h"

#define CONTENT_MAX ((size_t)64 << 10)
#define EXPRESSION_MAX (HT_FILTER_SEARCH_MAX * 8)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

/* One for all inputs: each leaves it empty. */
static struct ht_store *store_of_all(void) {
    static struct ht_store *store;
    sqlite3 *db = NULL;
    if (store != NULL) return store;
    must(sqlite3_open(":memory:", &db) == SQLITE_OK);
    must(sqlite3_exec(db, ht_social_migrations[0].sql, NULL, NULL, NULL) == SQLITE_OK);
    must(ht_store_new(&store, db, NULL) == HT_OK);
    return store;
}

/* RFC 3629, in the plainest way. */
static bool is_utf8(ht_bytes text) {
    for (size_t i = 0; i < text.n;) {
        uint8_t c = text.p[i];
        size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : 3;
        uint32_t code = more == 0 ? c : c & (0x3fU >> more);
        if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || text.n - i <= more) return false;
        for (size_t j = 1; j <= more; j++) {
            if ((text.p[i + j] & 0xc0) != 0x80) return false;
            code = code << 6 | (text.p[i + j] & 0x3f);
        }
        bool is_long = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
        if (is_long || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
        i += more + 1;
    }
    return true;
}

static bool is_plain(uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t count_found(struct ht_store *store, ht_bytes search) {
    struct ht_buf expression;
    int64_t seqs[4];
    size_t count = 0;
    ht_buf_init(&expression, EXPRESSION_MAX);
    must(ht_store_expression(&expression, search) == HT_OK);
    if (expression.n > 0)
        must(ht_store_sql_search(seqs, &count, &store->sql, ht_buf_view(&expression), 4, NULL) ==
             HT_OK);
    ht_buf_fini(&expression);
    return count;
}

/* The first word of letters and digits with nothing but ASCII around it; empty: there is none. */
static ht_bytes first_word(ht_bytes text) {
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] >= 0x80) return (ht_bytes){0};
        size_t end = i;
        while (end < text.n && is_plain(text.p[end])) end++;
        bool is_whole = end < text.n && text.p[end] < 0x80;
        if (end > i)
            return is_whole && end - i <= HT_FILTER_SEARCH_MAX ? ht_bytes_of(text.p + i, end - i)
                                                               : (ht_bytes){0};
    }
    return (ht_bytes){0};
}

static void index_text(struct ht_store *store, ht_bytes text) {
    ht_bytes word = first_word(text);
    must(ht_store_sql_add_text(&store->sql, 1, text, NULL) == HT_OK);
    if (word.n > 0) must(count_found(store, word) == 1);
    must(ht_store_sql_drop_text(&store->sql, 1, text, NULL) == HT_OK);
    if (word.n > 0) must(count_found(store, word) == 0);
}

static void try_event(struct ht_store *store, ht_bytes part, size_t times) {
    static uint8_t content[CONTENT_MAX];
    size_t used = 0;
    for (size_t i = 0; i <= times && part.n > 0 && used + part.n <= sizeof content; i++) {
        memcpy(content + used, part.p, part.n);
        used += part.n;
    }
    ht_bytes title[] = {ht_bytes_str("title"), part};
    const struct ht_event_tag tag = {.items = title, .count = 2};
    const struct ht_event event = {
        .kind = 1, .tags = &tag, .tag_count = 1, .content = ht_bytes_of(content, used)};
    struct ht_buf text;
    ht_buf_init(&text, HT_STORE_TEXT_MAX);
    must(ht_store_text(&text, &event) == HT_OK);
    must(text.n <= HT_STORE_TEXT_MAX);
    if (is_utf8(part)) {
        must(is_utf8(ht_buf_view(&text)));
        if (text.n > 0) index_text(store, ht_buf_view(&text));
    }
    ht_buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_store *store = store_of_all();
    if (n < 2) return 0;
    size_t times = (size_t)data[0] << 4;
    size_t search_n = data[1] < n - 2 ? data[1] : n - 2;
    if (search_n > HT_FILTER_SEARCH_MAX) search_n = HT_FILTER_SEARCH_MAX;
    (void)count_found(store, ht_bytes_of(data + 2, search_n));
    try_event(store, ht_bytes_of(data + 2 + search_n, n - 2 - search_n), times);
    return 0;
}
