/* Names of media: what paths, URLs, queries and media types say. Pure; any thread. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_NAMES_H
#define HT_SOCIAL_MEDIA_MEDIA_NAMES_H

#include "node/base/bytes.h"

#define HT_MEDIA_TYPE_SIZE 96U  /* of a media type with its zero */
#define HT_MEDIA_URL_MAX 2048U  /* bytes of a URL that is fetched */
#define HT_MEDIA_SNIFF_MAX 16U  /* bytes of a blob that tell what it is */
#define HT_MEDIA_LIST_MAX 1000U /* blobs of one answer */

/* "/", 64 digits in lower case, and perhaps a dot and 1 to 16 letters and digits; false for
 * anything else. */
bool ht_media_path_hash(ht_hash32 *out, ht_bytes path);
/* The hash that a URL names: the last part of its path that is 64 digits in lower case, with or
 * without an extension. */
bool ht_media_url_hash(ht_hash32 *out, const char *url);
/* Whether it is worth asking: http or https, printable ASCII, a host, no user, no longer than
 * HT_MEDIA_URL_MAX. HT_EINPUT "bad_url". */
enum ht_err ht_media_url_check(const char *url, struct ht_why *why) HT_MUST_USE;

/* The type alone, lower case, without parameters; "application/octet-stream" for what is none. */
void ht_media_type_read(char out[static HT_MEDIA_TYPE_SIZE], ht_bytes header);
/* What its first bytes say, for a blob of no said type: one of a few images, films and sounds, or
 * "application/octet-stream". */
const char *ht_media_type_sniff(ht_bytes first);
/* "png" for image/png; "bin" for what has none. */
const char *ht_media_type_extension(const char *type);
/* How a blob of that type is to be shown. INLINE: pictures, films, sounds, plain text; DOWNLOAD:
 * the type is told, the browser saves it; OPAQUE: a browser could run it (HTML, SVG, XML, scripts,
 * styles), so not even its type is told. */
enum ht_media_show { HT_MEDIA_INLINE, HT_MEDIA_DOWNLOAD, HT_MEDIA_OPAQUE };
enum ht_media_show ht_media_type_show(const char *type);

/* GET /list/<pubkey>?since=&until=&limit=&cursor= */
struct ht_media_list {
    ht_hash32 pubkey;
    int64_t since_s, until_s; /* both included; 0 and INT64_MAX / 2000 when they are not said */
    size_t limit;             /* 1 to HT_MEDIA_LIST_MAX */
    bool has_cursor;          /* goes on behind that blob */
    ht_hash32 cursor;
};
/* HT_ENOTFOUND "no_list": the path is none; HT_EINPUT "bad_query". Members of the query that are
 * not known are passed over. */
enum ht_err ht_media_list_read(struct ht_media_list *out, ht_bytes path, ht_bytes query,
                               struct ht_why *why) HT_MUST_USE;

#endif
