/* The tables of challenges and tickets. What is used up goes before anything else is decided. */
#include "identity/credentials/siwe_sessions.h"

#include <stdio.h>
#include <time.h>

#include <sodium.h>

#include "identity/credentials/siwe_text.h"
#include "node/codec/address.h"

/* --- challenges ------------------------------------------------------------------------------- */

/* Whether the URI's authority is the domain; one without an authority ("did:…") goes with any. */
static bool is_of_domain(const char *uri, const char *domain) {
    const char *rest = strstr(uri, "://");
    if (rest == NULL) return strncmp(uri, "//", 2) != 0;
    rest += 3;
    size_t n = strcspn(rest, "/?#");
    return n == strlen(domain) && memcmp(rest, domain, n) == 0;
}

static enum ht_err check_request(const struct ht_siwe_request *request, struct ht_why *why) {
    size_t domain_n = strlen(request->domain);
    if (domain_n > HT_SIWE_DOMAIN_MAX || !ht_is_uri_authority(ht_bytes_str(request->domain))) {
        return ht_fail(why, HT_EINPUT, "siwe_domain", "it is no domain with or without a port");
    }
    if (strlen(request->uri) > HT_SIWE_URI_MAX || !ht_is_uri(ht_bytes_str(request->uri))) {
        return ht_fail(why, HT_EINPUT, "siwe_uri", "it is no URI, or too long");
    }
    if (is_of_domain(request->uri, request->domain)) return HT_OK;
    return ht_fail(why, HT_EINPUT, "siwe_uri", "the URI is not of the domain");
}

static struct ht_siwe_challenge *free_challenge(struct ht_siwe_sessions *sessions,
                                                int64_t mono_ms) {
    struct ht_siwe_challenge *oldest = &sessions->challenges[0];
    for (size_t i = 0; i < HT_SIWE_CHALLENGES_MAX; i++) {
        struct ht_siwe_challenge *one = &sessions->challenges[i];
        if (one->nonce[0] == '\0' || one->ends_mono_ms <= mono_ms) return one;
        if (one->number < oldest->number) oldest = one;
    }
    return oldest;
}

enum ht_err ht_siwe_challenge(const struct ht_siwe_challenge **out,
                              struct ht_siwe_sessions *sessions, const struct ht_random *random,
                              const struct ht_siwe_request *request, struct ht_why *why) {
    uint8_t nonce[HT_SIWE_NONCE_LEN / 2];
    enum ht_err err = check_request(request, why);
    if (err != HT_OK) return err;
    struct ht_siwe_challenge *one = free_challenge(sessions, request->mono_ms);
    *one = (struct ht_siwe_challenge){.has_address = request->address != NULL,
                                      .chain_id = request->chain_id,
                                      .number = ++sessions->count,
                                      .issued_ms = request->wall_ms,
                                      .ends_mono_ms = request->mono_ms + HT_SIWE_CHALLENGE_MS};
    if (request->address != NULL) one->address = *request->address;
    (void)snprintf(one->domain, sizeof one->domain, "%s", request->domain);
    (void)snprintf(one->uri, sizeof one->uri, "%s", request->uri);
    ht_random_fill(random, nonce, sizeof nonce);
    (void)sodium_bin2hex(one->nonce, sizeof one->nonce, nonce, sizeof nonce);
    *out = one;
    return HT_OK;
}

/* "2026-03-01T12:00:00.123Z" */
static void write_time(char out[static 40], int64_t time_ms) {
    struct tm parts = {.tm_mday = 1};
    time_t seconds = (time_t)(time_ms / 1000);
    (void)gmtime_r(&seconds, &parts);
    size_t n = strftime(out, 40, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(out + n, 40 - n, ".%03uZ", (unsigned)(time_ms % 1000));
}

enum ht_err ht_siwe_challenge_text(struct ht_buf *out, const struct ht_siwe_challenge *challenge,
                                   const ht_addr20 *address, const char *statement,
                                   struct ht_why *why) {
    char who[HT_ADDRESS_TEXT_SIZE], issued[40], ends[40];
    char text[2048];
    if (statement != NULL && !ht_is_siwe_statement(ht_bytes_str(statement))) {
        return ht_fail(why, HT_EINPUT, "siwe_statement", "a statement is one line of plain text");
    }
    ht_address_checksum(who, challenge->has_address ? &challenge->address : address);
    write_time(issued, challenge->issued_ms);
    write_time(ends, challenge->issued_ms + HT_SIWE_CHALLENGE_MS);
    int n = snprintf(text, sizeof text,
                     "%s wants you to sign in with your Ethereum account:\n%s\n\n%s%s\n"
                     "URI: %s\nVersion: 1\nChain ID: %llu\nNonce: %s\nIssued At: %s\n"
                     "Expiration Time: %s",
                     challenge->domain, who, statement != NULL ? statement : "",
                     statement != NULL ? "\n" : "", challenge->uri,
                     (unsigned long long)challenge->chain_id, challenge->nonce, issued, ends);
    enum ht_err err = HT_ELIMIT;
    if (n > 0 && (size_t)n < sizeof text) err = ht_buf_add(out, ht_bytes_of(text, (size_t)n));
    return err == HT_OK ? err : ht_fail(why, err, "siwe_too_large", "the message gets too long");
}

/* --- answers ---------------------------------------------------------------------------------- */

/* Out of the table into *out. */
static bool take_challenge(struct ht_siwe_challenge *out, struct ht_siwe_sessions *sessions,
                           ht_bytes nonce, int64_t mono_ms) {
    for (size_t i = 0; nonce.n > 0 && i < HT_SIWE_CHALLENGES_MAX; i++) {
        struct ht_siwe_challenge *one = &sessions->challenges[i];
        if (!ht_bytes_equal(nonce, ht_bytes_str(one->nonce))) continue;
        *out = *one;
        *one = (struct ht_siwe_challenge){.number = 0};
        return out->ends_mono_ms > mono_ms;
    }
    return false;
}

static enum ht_err check_answer(const struct ht_siwe *message,
                                const struct ht_siwe_challenge *challenge, int64_t wall_ms,
                                struct ht_why *why) {
    char scheme[HT_SIWE_URI_MAX + 1];
    size_t scheme_n = strcspn(challenge->uri, ":");
    (void)snprintf(scheme, sizeof scheme, "%.*s", (int)scheme_n, challenge->uri);
    bool has_authority = strncmp(challenge->uri + scheme_n, "://", 3) == 0;
    const struct ht_siwe_expectation expected = {.domain = challenge->domain,
                                                 .scheme = has_authority ? scheme : NULL,
                                                 .nonce = challenge->nonce,
                                                 .has_chain_id = true,
                                                 .chain_id = challenge->chain_id,
                                                 .now_ms = wall_ms};
    enum ht_err err = ht_siwe_check(message, &expected, why);
    if (err != HT_OK) return err;
    if (!ht_bytes_equal(message->uri, ht_bytes_str(challenge->uri))) {
        return ht_fail(why, HT_EDENIED, "siwe_uri_differs", "it was signed for another URI");
    }
    bool is_address =
        !challenge->has_address || memcmp(message->address.b, challenge->address.b, 20) == 0;
    if (is_address) return HT_OK;
    return ht_fail(why, HT_EDENIED, "siwe_address_differs", "another account was asked to sign");
}

enum ht_err ht_siwe_answer(struct ht_siwe *out, struct ht_siwe_sessions *sessions, ht_bytes text,
                           int64_t wall_ms, int64_t mono_ms, struct ht_why *why) {
    struct ht_siwe_challenge challenge;
    struct ht_siwe message;
    if (text.n > HT_SIWE_ANSWER_MAX) {
        return ht_fail(why, HT_ELIMIT, "siwe_too_large", "a message of over %u bytes",
                       HT_SIWE_ANSWER_MAX);
    }
    enum ht_err err = ht_siwe_read(&message, text, why);
    if (err != HT_OK) return err;
    if (!take_challenge(&challenge, sessions, message.nonce, mono_ms)) {
        return ht_fail(why, HT_EDENIED, "siwe_nonce_unknown",
                       "the nonce was not given in this run, was used, or has ended");
    }
    err = check_answer(&message, &challenge, wall_ms, why);
    if (err == HT_OK) *out = message;
    return err;
}

/* --- tickets ---------------------------------------------------------------------------------- */

static void hash_ticket(uint8_t out[static 32], ht_bytes ticket) {
    (void)crypto_generichash(out, 32, ticket.p, ticket.n, NULL, 0);
}

void ht_siwe_ticket(char out[static HT_SIWE_TICKET_LEN + 1], struct ht_siwe_sessions *sessions,
                    const struct ht_random *random, const ht_addr20 *address, ht_bytes domain,
                    int64_t mono_ms) {
    uint8_t bytes[HT_SIWE_TICKET_LEN / 2];
    struct ht_siwe_ticket *place = &sessions->tickets[0];
    ht_assert(domain.n <= HT_SIWE_DOMAIN_MAX);
    for (size_t i = 0; i < HT_SIWE_TICKETS_MAX; i++) {
        struct ht_siwe_ticket *one = &sessions->tickets[i];
        bool is_older = !one->is_there || (place->is_there && one->number < place->number);
        if (is_older) place = one;
    }
    *place = (struct ht_siwe_ticket){.is_there = true,
                                     .address = *address,
                                     .number = ++sessions->count,
                                     .ends_mono_ms = mono_ms + HT_SIWE_TICKET_MS};
    memcpy(place->domain, domain.p, domain.n);
    ht_random_fill(random, bytes, sizeof bytes);
    (void)sodium_bin2hex(out, HT_SIWE_TICKET_LEN + 1, bytes, sizeof bytes);
    hash_ticket(place->hash, ht_bytes_of(out, HT_SIWE_TICKET_LEN));
    sodium_memzero(bytes, sizeof bytes);
}

enum ht_err ht_siwe_redeem(ht_addr20 *out, struct ht_siwe_sessions *sessions, ht_bytes ticket,
                           ht_bytes domain, int64_t mono_ms, struct ht_why *why) {
    uint8_t hash[32];
    struct ht_siwe_ticket found = {.is_there = false};
    hash_ticket(hash, ticket);
    for (size_t i = 0; i < HT_SIWE_TICKETS_MAX; i++) {
        struct ht_siwe_ticket *one = &sessions->tickets[i];
        if (!one->is_there || sodium_memcmp(one->hash, hash, sizeof hash) != 0) continue;
        found = *one;
        *one = (struct ht_siwe_ticket){.is_there = false};
    }
    bool is_good = found.is_there && found.ends_mono_ms > mono_ms &&
                   ht_bytes_equal(domain, ht_bytes_str(found.domain));
    if (!is_good) {
        return ht_fail(why, HT_EDENIED, "bad_ticket",
                       "the ticket is unknown here, was used, or has ended: sign in again");
    }
    *out = found.address;
    return HT_OK;
}

void ht_siwe_drop_tickets(struct ht_siwe_sessions *sessions) {
    sodium_memzero(sessions->tickets, sizeof sessions->tickets);
}
