/* Calldata, results and lookups of ENS, by hand: they are few, and what comes in is a stranger's.
 */
#include "identity/names/ens_calls.h"

#include "node/base/hex.h"
#include "node/codec/json.h"

#define ADDR 0x3b3b57deU     /* addr(bytes32) */
#define NAME 0x691f3431U     /* name(bytes32) */
#define TEXT 0x59d1d43cU     /* text(bytes32,string) */
#define RESOLVER 0x0178b8bfU /* resolver(bytes32) */
#define SUPPORTS 0x01ffc9a7U /* supportsInterface(bytes4) */
#define LOOKUP 0x556f1830U   /* OffchainLookup(address,string[],bytes,bytes4,bytes) */
#define WORD 32U
#define ANSWER_JSON_MAX (2U * HT_ENS_GATEWAY_ANSWER_MAX + 4096U)

/* --- writing ---------------------------------------------------------------------------------- */

static enum ht_err put_selector(struct ht_buf *out, uint32_t selector) {
    uint8_t bytes[4] = {(uint8_t)(selector >> 24), (uint8_t)(selector >> 16),
                        (uint8_t)(selector >> 8), (uint8_t)selector};
    return ht_buf_add(out, HT_BYTES(bytes));
}

static enum ht_err put_number(struct ht_buf *out, uint64_t number) {
    uint8_t word[WORD] = {0};
    for (int i = 0; i < 8; i++) word[31 - i] = (uint8_t)(number >> (8 * i));
    return ht_buf_add(out, HT_BYTES(word));
}

static size_t padding(size_t n) {
    return (WORD - n % WORD) % WORD;
}

static enum ht_err put_bytes(struct ht_buf *out, ht_bytes bytes) {
    static const uint8_t zeros[WORD];
    enum ht_err err = put_number(out, bytes.n);
    if (err == HT_OK) err = ht_buf_add(out, bytes);
    if (err == HT_OK) err = ht_buf_add(out, ht_bytes_of(zeros, padding(bytes.n)));
    return err;
}

static enum ht_err put_two(struct ht_buf *out, ht_bytes first, ht_bytes second) {
    enum ht_err err = put_number(out, 2 * WORD);
    if (err == HT_OK) err = put_number(out, 3 * WORD + first.n + padding(first.n));
    if (err == HT_OK) err = put_bytes(out, first);
    if (err == HT_OK) err = put_bytes(out, second);
    return err;
}

enum ht_err ht_ens_write_resolver(struct ht_buf *out, const ht_hash32 *node) {
    enum ht_err err = put_selector(out, RESOLVER);
    return err == HT_OK ? ht_buf_add(out, HT_BYTES(node->b)) : err;
}

enum ht_err ht_ens_write_supports(struct ht_buf *out, uint32_t interface) {
    static const uint8_t zeros[WORD - 4];
    enum ht_err err = put_selector(out, SUPPORTS);
    if (err == HT_OK) err = put_selector(out, interface);
    return err == HT_OK ? ht_buf_add(out, HT_BYTES(zeros)) : err;
}

enum ht_err ht_ens_write_record(struct ht_buf *out, enum ht_ens_record record,
                                const ht_hash32 *node, ht_bytes key) {
    static const uint32_t selectors[] = {
        [HT_ENS_ADDRESS] = ADDR, [HT_ENS_NAME] = NAME, [HT_ENS_TEXT] = TEXT};
    enum ht_err err = put_selector(out, selectors[record]);
    if (err == HT_OK) err = ht_buf_add(out, HT_BYTES(node->b));
    if (record != HT_ENS_TEXT) return err;
    if (err == HT_OK) err = put_number(out, 2 * WORD);
    return err == HT_OK ? put_bytes(out, key) : err;
}

enum ht_err ht_ens_write_resolve(struct ht_buf *out, ht_bytes dns, ht_bytes call) {
    enum ht_err err = put_selector(out, HT_ENS_EXTENDED);
    return err == HT_OK ? put_two(out, dns, call) : err;
}

enum ht_err ht_ens_write_callback(struct ht_buf *out, const uint8_t selector[static 4],
                                  ht_bytes response, ht_bytes extra) {
    enum ht_err err = ht_buf_add(out, ht_bytes_of(selector, 4));
    return err == HT_OK ? put_two(out, response, extra) : err;
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum ht_err bad_answer(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "ens_answer", "the answer is not what was asked for");
}

static bool is_zero(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0) return false;
    }
    return true;
}

enum ht_err ht_ens_read_address(ht_addr20 *out, ht_bytes result, struct ht_why *why) {
    if (result.n < WORD || !is_zero(result.p, 12)) return bad_answer(why);
    memcpy(out->b, result.p + 12, sizeof out->b);
    return HT_OK;
}

bool ht_ens_read_yes(ht_bytes result) {
    return result.n >= WORD && is_zero(result.p, WORD - 1) && result.p[WORD - 1] == 1;
}

/* The number in the word at `at`, which must be inside and no larger than data is long. */
static bool read_number(size_t *out, ht_bytes data, size_t at) {
    if (at > data.n || data.n - at < WORD || !is_zero(data.p + at, WORD - 8)) return false;
    uint64_t number = 0;
    for (size_t i = WORD - 8; i < WORD; i++) number = number << 8 | data.p[at + i];
    *out = (size_t)number;
    return number <= data.n;
}

/* The bytes whose place, counted from the start of data, stands in the word at `at`. */
static bool read_part(ht_bytes *out, ht_bytes data, size_t at) {
    size_t place = 0, n = 0;
    if (!read_number(&place, data, at) || !read_number(&n, data, place)) return false;
    if (n > data.n - place - WORD) return false;
    *out = ht_bytes_of(data.p + place + WORD, n);
    return true;
}

enum ht_err ht_ens_read_bytes(ht_bytes *out, ht_bytes result, size_t max, struct ht_why *why) {
    ht_bytes bytes;
    if (!read_part(&bytes, result, 0)) return bad_answer(why);
    if (bytes.n > max) {
        return ht_fail(why, HT_ELIMIT, "ens_record_too_long", "the record has over %zu bytes", max);
    }
    *out = bytes;
    return HT_OK;
}

bool ht_ens_is_lookup(ht_bytes data) {
    static const uint8_t selector[] = {0x55, 0x6f, 0x18, 0x30};
    _Static_assert(LOOKUP == 0x556f1830U, "the same");
    return data.n >= sizeof selector && memcmp(data.p, selector, sizeof selector) == 0;
}

static bool read_urls(struct ht_ens_lookup *out, ht_bytes data) {
    size_t place = 0, count = 0;
    if (!read_number(&place, data, WORD) || !read_number(&count, data, place)) return false;
    ht_bytes list = ht_bytes_of(data.p + place + WORD, data.n - place - WORD);
    for (size_t i = 0; i < count && i < HT_ENS_GATEWAYS_MAX; i++) {
        if (!read_part(&out->urls[i], list, i * WORD)) return false;
        out->url_count++;
    }
    return true;
}

enum ht_err ht_ens_read_lookup(struct ht_ens_lookup *out, ht_bytes data, struct ht_why *why) {
    struct ht_ens_lookup lookup = {.url_count = 0};
    if (data.n > HT_ENS_LOOKUP_MAX) {
        return ht_fail(why, HT_ELIMIT, "ens_lookup_too_large", "a lookup of over %u bytes",
                       HT_ENS_LOOKUP_MAX);
    }
    bool is_fine = ht_ens_is_lookup(data) && data.n >= 4 + 5 * WORD;
    if (is_fine) {
        data = ht_bytes_of(data.p + 4, data.n - 4);
        is_fine = is_zero(data.p, 12) && is_zero(data.p + 3 * WORD + 4, WORD - 4) &&
                  read_urls(&lookup, data) && read_part(&lookup.call_data, data, 2 * WORD) &&
                  read_part(&lookup.extra, data, 4 * WORD);
    }
    if (!is_fine) {
        return ht_fail(why, HT_EINPUT, "ens_lookup",
                       "the resolver sends elsewhere, but not in a form that can be read");
    }
    memcpy(lookup.sender.b, data.p + 12, sizeof lookup.sender.b);
    memcpy(lookup.callback, data.p + 3 * (size_t)WORD, sizeof lookup.callback);
    *out = lookup;
    return HT_OK;
}

/* --- gateways --------------------------------------------------------------------------------- */

/* Hex with "0x"; the terminating zero that the writer adds is taken back. */
static enum ht_err put_hex(struct ht_buf *out, ht_bytes bytes) {
    uint8_t *room = ht_buf_reserve(out, HT_HEX_SIZE(bytes.n));
    if (room == NULL) return HT_ELIMIT;
    ht_hex_write((char *)room, bytes);
    out->n += HT_HEX_SIZE(bytes.n) - 1;
    return HT_OK;
}

static bool starts(ht_bytes text, const char *with) {
    size_t n = strlen(with);
    return text.n >= n && memcmp(text.p, with, n) == 0;
}

static bool is_plain_https(ht_bytes url) {
    if (!starts(url, "https://")) return false;
    for (size_t i = 0; i < url.n; i++) {
        uint8_t c = url.p[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>') return false;
    }
    return true;
}

static enum ht_err put_url(struct ht_buf *out, bool *has_data, ht_bytes url,
                           const struct ht_ens_lookup *lookup) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < url.n && err == HT_OK;) {
        ht_bytes rest = ht_bytes_of(url.p + i, url.n - i);
        if (starts(rest, "{sender}")) {
            err = put_hex(out, HT_BYTES(lookup->sender.b));
            i += strlen("{sender}");
        } else if (starts(rest, "{data}")) {
            err = put_hex(out, lookup->call_data);
            i += strlen("{data}");
            *has_data = true;
        } else {
            err = ht_buf_add(out, ht_bytes_of(rest.p, 1));
            i++;
        }
    }
    return err == HT_OK ? ht_buf_add(out, ht_bytes_of("", 1)) : err;
}

enum ht_err ht_ens_gateway_url(struct ht_buf *out, bool *is_post,
                               const struct ht_ens_lookup *lookup, size_t i, struct ht_why *why) {
    struct ht_buf url;
    bool has_data = false;
    ht_assert(i < lookup->url_count);
    if (!is_plain_https(lookup->urls[i])) {
        return ht_fail(why, HT_EINPUT, "ens_gateway_url", "the gateway is not at an https address");
    }
    ht_buf_init(&url, HT_ENS_GATEWAY_URL_MAX);
    enum ht_err err = put_url(&url, &has_data, lookup->urls[i], lookup);
    if (err == HT_OK) err = ht_buf_add(out, ht_buf_view(&url));
    ht_buf_fini(&url);
    if (err != HT_OK) {
        return ht_fail(why, err, "ens_lookup_too_large", "the gateway's address is too long");
    }
    *is_post = !has_data;
    return HT_OK;
}

enum ht_err ht_ens_gateway_body(struct ht_buf *out, const struct ht_ens_lookup *lookup) {
    enum ht_err err = ht_buf_add_str(out, "{\"data\":\"");
    if (err == HT_OK) err = put_hex(out, lookup->call_data);
    if (err == HT_OK) err = ht_buf_add_str(out, "\",\"sender\":\"");
    if (err == HT_OK) err = put_hex(out, HT_BYTES(lookup->sender.b));
    return err == HT_OK ? ht_buf_add_str(out, "\"}") : err;
}

enum ht_err ht_ens_gateway_read(struct ht_buf *out, ht_bytes body, struct ht_why *why) {
    json_t *answer = NULL;
    struct ht_buf bytes;
    ht_buf_init(&bytes, HT_ENS_GATEWAY_ANSWER_MAX);
    enum ht_err err = ht_json_parse(&answer, body, ANSWER_JSON_MAX, NULL);
    if (err == HT_OK) err = ht_json_hex_buf(&bytes, answer, "data", NULL);
    if (err == HT_OK) err = ht_buf_add(out, ht_buf_view(&bytes));
    json_decref(answer);
    ht_buf_fini(&bytes);
    return err == HT_OK ? HT_OK : bad_answer(why);
}
