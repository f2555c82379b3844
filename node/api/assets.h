/* The web UI inside the binary. Made by web-ui/embed.sh as assets_gen.S: that script and this
 * header must agree on the layout. */
#ifndef HT_API_ASSETS_H
#define HT_API_ASSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ht_asset {
    const char *path;         /* as requested: "/index.html", "/assets/index-1a2b.js" */
    const char *content_type; /* "text/html; charset=utf-8" */
    const uint8_t *data;      /* gzip (RFC 1952) */
    size_t len;               /* bytes of data */
    bool is_immutable;        /* the name holds a hash of the content */
};

_Static_assert(sizeof(struct ht_asset) == 40 && offsetof(struct ht_asset, is_immutable) == 32,
               "web-ui/embed.sh lays this out for 64-bit machines");

/* Ends with an entry whose path is NULL. */
extern const struct ht_asset ht_assets[];

#endif
