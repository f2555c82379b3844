/* Signing in with Ethereum (ERC-4361), the side that asks: challenges that are good once, and the
 * tickets that a good answer is worth. No database, no network: the loop thread's own memory.
 *
 * A challenge is known by its nonce, 128 bits of randomness. It is taken out of the table by the
 * first message that names it, whatever else is wrong with that message, and it ends after
 * HT_SIWE_CHALLENGE_MS. The table does not outlive the run, so what was asked or used before a
 * restart is unknown behind it. When HT_SIWE_CHALLENGES_MAX wait the oldest ends.
 *
 * A ticket (256 bits, kept as a hash) stands for an address that signed in, for
 * HT_SIWE_TICKET_MS and once; it is good at the domain only that the message was signed for: a page
 * elsewhere that has its visitor sign for its own domain gets nothing that opens this door.
 *
 * Times: mono_ms for how long things are good, wall_ms for what messages say. */
#ifndef HT_IDENTITY_CREDENTIALS_SIWE_SESSIONS_H
#define HT_IDENTITY_CREDENTIALS_SIWE_SESSIONS_H

#include "identity/credentials/siwe.h"
#include "node/base/clock.h"

#define HT_SIWE_CHALLENGES_MAX 64U
#define HT_SIWE_CHALLENGE_MS (5 * 60 * 1000)
#define HT_SIWE_TICKETS_MAX 16U
#define HT_SIWE_TICKET_MS (60 * 1000)
#define HT_SIWE_NONCE_LEN 32U  /* hex digits */
#define HT_SIWE_TICKET_LEN 64U /* hex digits */
#define HT_SIWE_DOMAIN_MAX 255U
#define HT_SIWE_URI_MAX 511U
#define HT_SIWE_ANSWER_MAX 16384U /* bytes of a message */

struct ht_siwe_challenge {
    char nonce[HT_SIWE_NONCE_LEN + 1]; /* "": the place is free */
    bool has_address;                  /* only that one may answer */
    ht_addr20 address;
    char domain[HT_SIWE_DOMAIN_MAX + 1];
    char uri[HT_SIWE_URI_MAX + 1];
    uint64_t chain_id;
    uint64_t number; /* counted up */
    int64_t issued_ms, ends_mono_ms;
};

struct ht_siwe_ticket {
    uint8_t hash[32];
    bool is_there;
    ht_addr20 address;
    char domain[HT_SIWE_DOMAIN_MAX + 1];
    uint64_t number;
    int64_t ends_mono_ms;
};

/* Zeroed at first. */
struct ht_siwe_sessions {
    struct ht_siwe_challenge challenges[HT_SIWE_CHALLENGES_MAX];
    struct ht_siwe_ticket tickets[HT_SIWE_TICKETS_MAX];
    uint64_t count; /* given so far */
};

struct ht_siwe_request {
    const ht_addr20 *address; /* NULL: whoever answers */
    const char *domain;       /* "127.0.0.1:8420" */
    const char *uri;          /* "http://127.0.0.1:8420/": of that domain, or of no authority */
    uint64_t chain_id;
    int64_t wall_ms, mono_ms;
};

/* Makes a challenge; it is good until the next call. HT_EINPUT "siwe_domain", "siwe_uri" (also one
 * of another domain). */
enum ht_err ht_siwe_challenge(const struct ht_siwe_challenge **out,
                              struct ht_siwe_sessions *sessions, const struct ht_random *random,
                              const struct ht_siwe_request *request,
                              struct ht_why *why) HT_MUST_USE;

/* Appends the message to sign: with the statement (NULL: none), for the challenge's address or
 * else for `address`, and ending with the challenge. HT_EINPUT "siwe_statement", HT_ELIMIT,
 * HT_ENOMEM. */
enum ht_err ht_siwe_challenge_text(struct ht_buf *out, const struct ht_siwe_challenge *challenge,
                                   const ht_addr20 *address, const char *statement,
                                   struct ht_why *why) HT_MUST_USE;

/* Reads an answer and uses its challenge up: *out is the message (views into text), which then
 * fits the challenge in domain, scheme, URI, chain, address and time. The signature is not looked
 * at. HT_EDENIED "siwe_nonce_unknown" (never given in this run, used or ended), "siwe_uri_differs",
 * "siwe_address_differs"; HT_ELIMIT "siwe_too_large"; and those of siwe.h. */
enum ht_err ht_siwe_answer(struct ht_siwe *out, struct ht_siwe_sessions *sessions, ht_bytes text,
                           int64_t wall_ms, int64_t mono_ms, struct ht_why *why) HT_MUST_USE;

/* Gives a ticket for an address that signed for the domain. */
void ht_siwe_ticket(char out[static HT_SIWE_TICKET_LEN + 1], struct ht_siwe_sessions *sessions,
                    const struct ht_random *random, const ht_addr20 *address, ht_bytes domain,
                    int64_t mono_ms);
/* Uses a ticket up at a domain. HT_EDENIED "bad_ticket": unknown, used, ended, or of another
 * domain; it is used up in the latter case as well. */
enum ht_err ht_siwe_redeem(ht_addr20 *out, struct ht_siwe_sessions *sessions, ht_bytes ticket,
                           ht_bytes domain, int64_t mono_ms, struct ht_why *why) HT_MUST_USE;

/* Forgets all tickets. */
void ht_siwe_drop_tickets(struct ht_siwe_sessions *sessions);

#endif
