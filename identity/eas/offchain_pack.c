/* Share URLs: percent signs, base64 and zlib, each bounded by its own buffer. */
#include "identity/eas/offchain_pack.h"

#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

#include "node/base/hex.h"
#include "node/codec/base64.h"

#define URL_HEAD "/offchain/url/"
#define FRAGMENT "#attestation="
#define CHUNK 8192U
#define LEVEL 9 /* the SDK's */

static enum ht_err fail_as(enum ht_err err, struct ht_why *why) {
    if (err == HT_ENOMEM) return ht_fail(why, err, "no_memory", "out of memory");
    if (err == HT_ELIMIT) return ht_fail(why, err, "eas_too_large", "the package is too large");
    return ht_fail(why, HT_EINPUT, "eas_url", "that is no base64 of a share URL");
}

static ht_bytes behind_fragment(ht_bytes text) {
    const uint8_t *at = text.n > 0 ? memmem(text.p, text.n, FRAGMENT, strlen(FRAGMENT)) : NULL;
    if (at == NULL) return text;
    at += strlen(FRAGMENT);
    return ht_bytes_of(at, text.n - (size_t)(at - text.p));
}

static enum ht_err unescape(struct ht_buf *out, ht_bytes text) {
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (c == '%') {
            if (text.n - i < 3 || ht_hex_read(&c, 1, ht_bytes_of(text.p + i + 1, 2)) != HT_OK) {
                return HT_EINPUT;
            }
            i += 2;
        }
        enum ht_err err = ht_buf_add(out, ht_bytes_of(&c, 1));
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

static enum ht_err inflate_all(struct ht_buf *out, ht_bytes packed) {
    uint8_t chunk[CHUNK];
    z_stream stream = {.next_in = packed.p, .avail_in = (uInt)packed.n};
    if (inflateInit(&stream) != Z_OK) return HT_ENOMEM;
    enum ht_err err = HT_OK;
    int code = Z_OK;
    while (code == Z_OK && err == HT_OK) {
        stream.next_out = chunk;
        stream.avail_out = CHUNK;
        code = inflate(&stream, Z_NO_FLUSH);
        err = ht_buf_add(out, ht_bytes_of(chunk, CHUNK - stream.avail_out));
    }
    bool is_whole = code == Z_STREAM_END && stream.avail_in == 0;
    (void)inflateEnd(&stream);
    if (err != HT_OK || is_whole) return err;
    return code == Z_MEM_ERROR ? HT_ENOMEM : HT_EINPUT;
}

enum ht_err ht_eas_unpack(struct ht_buf *out, ht_bytes text, struct ht_why *why) {
    size_t before = out->n;
    ht_bytes escaped = behind_fragment(text);
    struct ht_buf base64, packed;
    ht_buf_init(&base64, escaped.n);
    ht_buf_init(&packed, escaped.n);
    enum ht_err err = unescape(&base64, escaped);
    if (err == HT_OK) err = ht_base64_read(&packed, HT_BASE64_STD, ht_buf_view(&base64));
    if (err == HT_OK) err = inflate_all(out, ht_buf_view(&packed));
    if (err != HT_OK) out->n = before;
    ht_buf_fini(&base64);
    ht_buf_fini(&packed);
    return err == HT_OK ? HT_OK : fail_as(err, why);
}

static enum ht_err deflate_all(struct ht_buf *out, ht_bytes text) {
    uLongf n = compressBound((uLong)text.n);
    if (n > out->max) return HT_ELIMIT;
    uint8_t *room = ht_buf_reserve(out, n);
    if (room == NULL) return HT_ENOMEM;
    if (compress2(room, &n, text.n > 0 ? text.p : room, (uLong)text.n, LEVEL) != Z_OK) {
        return HT_ENOMEM;
    }
    out->n += n;
    return HT_OK;
}

/* As encodeURIComponent does with the letters of base64. */
static enum ht_err escape(struct ht_buf *out, ht_bytes base64) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < base64.n && err == HT_OK; i++) {
        switch (base64.p[i]) {
        case '+': err = ht_buf_add_str(out, "%2B"); break;
        case '/': err = ht_buf_add_str(out, "%2F"); break;
        case '=': err = ht_buf_add_str(out, "%3D"); break;
        default: err = ht_buf_add(out, ht_bytes_of(base64.p + i, 1));
        }
    }
    return err;
}

enum ht_err ht_eas_pack(struct ht_buf *out, ht_bytes text, struct ht_why *why) {
    size_t before = out->n;
    struct ht_buf packed, base64;
    ht_buf_init(&packed, compressBound((uLong)text.n));
    ht_buf_init(&base64, 2 * packed.max + 4);
    enum ht_err err = deflate_all(&packed, text);
    if (err == HT_OK) err = ht_base64_write(&base64, HT_BASE64_STD, ht_buf_view(&packed));
    if (err == HT_OK) err = ht_buf_add_str(out, URL_HEAD FRAGMENT);
    if (err == HT_OK) err = escape(out, ht_buf_view(&base64));
    if (err != HT_OK) out->n = before;
    ht_buf_fini(&packed);
    ht_buf_fini(&base64);
    return err == HT_OK ? HT_OK : fail_as(err, why);
}
