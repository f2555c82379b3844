/* Servers that Hearth asks by default, one table per network; a user's file replaces them.
 *
 * None of them is trusted: several are asked, what they say is proven, and they may be gone. */
#ifndef HT_APP_ENDPOINTS_H
#define HT_APP_ENDPOINTS_H

struct ht_endpoints {
    const char *network;
    const char *const *beacon;     /* Beacon APIs with light-client data; ends with NULL */
    const char *const *checkpoint; /* name the finalized block; ends with NULL */
    const char *const *execution;  /* Ethereum JSON-RPC over HTTP; ends with NULL */
};

/* The table of a network; NULL for one that has none. Static storage. */
const struct ht_endpoints *ht_endpoints_find(const char *network);

#endif
