/* The parts of RFC 3986 and RFC 3339 that a sign-in message is made of. */
#ifndef HT_IDENTITY_CREDENTIALS_SIWE_TEXT_H
#define HT_IDENTITY_CREDENTIALS_SIWE_TEXT_H

#include "node/base/bytes.h"

/* RFC 3986. */
bool ht_is_uri_scheme(ht_bytes text);
bool ht_is_uri_authority(ht_bytes text); /* with a host that is not empty */
bool ht_is_uri(ht_bytes text);
/* *pchar */
bool ht_is_uri_pchars(ht_bytes text);
/* 1*( reserved / unreserved / " " ) */
bool ht_is_siwe_statement(ht_bytes text);

/* A date-time of RFC 3339, upper case, years 1 to 9999; in milliseconds UTC since 1970, further
 * digits dropped. HT_EINPUT "siwe_time". */
enum ht_err ht_rfc3339_read(int64_t *out_ms, ht_bytes text, struct ht_why *why) HT_MUST_USE;

#endif
