/* The sessions of the owner's browsers: when each began and was used last, and what browser it is.
 * No sockets, no HTTP.
 *
 * A session has a secret, which the browser keeps in a cookie and of which only a hash is kept
 * here, and an id, which says which one is meant and opens nothing. At most HT_SESSIONS_MAX; they
 * end with the node's run.
 *
 * Belongs to the loop thread. Times are wall-clock milliseconds given by the caller, for people;
 * which session was used last is counted, since a clock can be set back. */
#ifndef HT_API_SESSIONS_H
#define HT_API_SESSIONS_H

#include "node/base/bytes.h"
#include "node/base/clock.h"

#define HT_SESSIONS_MAX 16U
#define HT_SESSION_ID_LEN 16U     /* hex digits */
#define HT_SESSION_AGENT_MAX 200U /* bytes of UTF-8 */

struct ht_session {
    uint64_t number; /* of this run, never given twice; 0: the place is free */
    uint8_t secret_hash[32];
    char id[HT_SESSION_ID_LEN + 1];
    int64_t created_ms;
    int64_t used_ms;
    uint64_t last_use;                         /* larger than that of each session used before */
    char user_agent[HT_SESSION_AGENT_MAX + 1]; /* "" when the browser names none */
};

/* Zeroed at first. */
struct ht_sessions {
    struct ht_session list[HT_SESSIONS_MAX];
    uint64_t number_count; /* given so far */
    uint64_t use_count;
};

/* Begins a session, used now. When all places are taken, the one unused for longest ends. secret is
 * hashed; user_agent is the header as it came. The result is good until the session ends. */
struct ht_session *ht_sessions_add(struct ht_sessions *sessions, const struct ht_random *random,
                                   ht_bytes secret, ht_bytes user_agent, int64_t now_ms);

/* NULL when there is none (any more). */
struct ht_session *ht_sessions_find_secret(struct ht_sessions *sessions, ht_bytes secret);
struct ht_session *ht_sessions_find_id(struct ht_sessions *sessions, const char *id);
struct ht_session *ht_sessions_find(struct ht_sessions *sessions, uint64_t number);

unsigned ht_sessions_count(const struct ht_sessions *sessions);

void ht_session_use(struct ht_sessions *sessions, struct ht_session *session, int64_t now_ms);

/* Ends it: its secret opens nothing any more, and nothing of it is kept. */
void ht_session_end(struct ht_session *session);

/* What a User-Agent header (RFC 9110 §10.1.5) says, as text that is safe to show: at most
 * HT_SESSION_AGENT_MAX bytes of whole characters and a zero. What is no UTF-8 and what is not seen
 * or moves other text (Unicode's categories C, Zl, Zp) becomes '?'. */
void ht_session_read_agent(char out[static HT_SESSION_AGENT_MAX + 1], ht_bytes header);

#endif
