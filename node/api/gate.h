/* Who may enter: exact Host and Origin, the per-run token, sessions. No sockets, no HTTP.
 *
 * A page anywhere on the web can make the owner's browser talk to a loopback port, directly or by
 * DNS rebinding; Host, Origin and the session keep it out. The token is printed once with the
 * start-up URL; whoever shows it gets a session, a random secret in an HttpOnly cookie. Sessions
 * are kept in sessions.h; here it is decided who gets one and who has one.
 *
 * Belongs to the loop thread. Times are milliseconds given by the caller. */
#ifndef HT_API_GATE_H
#define HT_API_GATE_H

#include "node/api/sessions.h"
#include "node/base/bytes.h"
#include "node/base/clock.h"

#define HT_GATE_COOKIE "hearth_session"
#define HT_GATE_TOKEN_LEN 64U /* hex digits of a token and of a session's secret */

struct ht_gate {
    const struct ht_random *random;
    uint16_t port;
    char *token; /* HT_GATE_TOKEN_LEN hex digits and a zero, in sodium_malloc memory */
    struct ht_sessions sessions;
    unsigned failed_logins; /* in a row */
    int64_t locked_until_ms;
};

/* token is HT_GATE_TOKEN_LEN lower-case hex digits, or NULL for a fresh one. HT_EINPUT bad_token,
 * HT_ENOMEM. */
enum ht_err ht_gate_init(struct ht_gate *gate, const struct ht_random *random, const char *token,
                         struct ht_why *why) HT_MUST_USE;
/* Wipes the token and forgets all sessions. */
void ht_gate_fini(struct ht_gate *gate);

/* The port that Host and Origin must name. */
void ht_gate_set_port(struct ht_gate *gate, uint16_t port);

/* HT_EDENIED bad_host unless host is 127.0.0.1, localhost or [::1] with our port, exactly. */
enum ht_err ht_gate_check_host(const struct ht_gate *gate, ht_bytes host,
                               struct ht_why *why) HT_MUST_USE;

/* HT_EDENIED bad_origin unless origin is http://host; a missing one is empty and refused. */
enum ht_err ht_gate_check_origin(ht_bytes origin, ht_bytes host, struct ht_why *why) HT_MUST_USE;

enum ht_gate_origin {
    HT_GATE_ORIGIN_NONE, /* no origin that a browser sends: malformed, "null", or too long */
    HT_GATE_ORIGIN_PAGE, /* "https://name", "http://name:port", in lower case, "http://[::1]:80" */
    /* "chrome-extension://…", moz-, safari-web-: its user installed it and no page can claim to be
     * it. Wallets ask from there. */
    HT_GATE_ORIGIN_EXTENSION,
};

#define HT_GATE_ORIGIN_LEN_MAX 255U

/* What an Origin header names (RFC 6454 §6.2). Only what this takes is compared, kept or shown: one
 * spelling for each origin, and no byte in it that means something elsewhere. */
enum ht_gate_origin ht_gate_read_origin(ht_bytes origin);

struct ht_gate_attempt {
    ht_bytes token;      /* for ht_gate_login */
    ht_bytes user_agent; /* the header as it came; empty when it is missing */
    int64_t mono_ms;
    int64_t wall_ms;
};

/* Trades the token for a session: secret receives HT_GATE_TOKEN_LEN hex digits and a zero. The
 * session unused for longest ends when there are HT_SESSIONS_MAX. HT_EDENIED bad_token; after five
 * wrong ones in a row HT_EAGAIN too_many_attempts, for a second at first, then for longer, up to
 * half a minute, also for the right token. */
enum ht_err ht_gate_login(struct ht_gate *gate, char secret[static HT_GATE_TOKEN_LEN + 1],
                          const struct ht_gate_attempt *attempt, struct ht_why *why) HT_MUST_USE;

/* The same for one who came in another way than by the token, which the caller has seen to. */
void ht_gate_let_in(struct ht_gate *gate, char secret[static HT_GATE_TOKEN_LEN + 1],
                    const struct ht_gate_attempt *attempt);

/* The number of the session that the Cookie header (empty when missing) names, which is used by
 * that. HT_EDENIED no_session when it is none of ours, or was ended. */
enum ht_err ht_gate_check_session(struct ht_gate *gate, uint64_t *session, ht_bytes cookies,
                                  int64_t wall_ms, struct ht_why *why) HT_MUST_USE;

/* The value of the first cookie called name in a Cookie header (RFC 6265 §4.2.1); false when there
 * is none. */
bool ht_gate_find_cookie(ht_bytes *value, ht_bytes cookies, const char *name);

#endif
