/* The table of sessions. Who may begin one is decided in gate.c; what hangs on one is ended in
 * server_sessions.c. */
#include "node/api/sessions.h"

#include <sodium.h>
#include <unictype.h>
#include <unistr.h>

static void hash_secret(uint8_t out[static 32], ht_bytes secret) {
    (void)crypto_generichash(out, 32, secret.p, secret.n, NULL, 0);
}

static struct ht_session *free_place(struct ht_sessions *sessions) {
    struct ht_session *oldest = &sessions->list[0];
    for (size_t i = 0; i < HT_SESSIONS_MAX; i++) {
        struct ht_session *s = &sessions->list[i];
        if (s->number == 0) return s;
        if (s->last_use < oldest->last_use) oldest = s;
    }
    ht_session_end(oldest);
    return oldest;
}

struct ht_session *ht_sessions_add(struct ht_sessions *sessions, const struct ht_random *random,
                                   ht_bytes secret, ht_bytes user_agent, int64_t now_ms) {
    uint8_t id[HT_SESSION_ID_LEN / 2];
    ht_random_fill(random, id, sizeof id);
    struct ht_session *session = free_place(sessions);
    *session = (struct ht_session){.number = ++sessions->number_count, .created_ms = now_ms};
    (void)sodium_bin2hex(session->id, sizeof session->id, id, sizeof id);
    hash_secret(session->secret_hash, secret);
    ht_session_read_agent(session->user_agent, user_agent);
    ht_session_use(sessions, session, now_ms);
    return session;
}

struct ht_session *ht_sessions_find_secret(struct ht_sessions *sessions, ht_bytes secret) {
    uint8_t hash[32];
    hash_secret(hash, secret);
    for (size_t i = 0; i < HT_SESSIONS_MAX; i++) {
        struct ht_session *s = &sessions->list[i];
        if (s->number != 0 && sodium_memcmp(s->secret_hash, hash, sizeof hash) == 0) return s;
    }
    return NULL;
}

struct ht_session *ht_sessions_find_id(struct ht_sessions *sessions, const char *id) {
    for (size_t i = 0; i < HT_SESSIONS_MAX; i++) {
        struct ht_session *s = &sessions->list[i];
        if (s->number != 0 && strcmp(s->id, id) == 0) return s;
    }
    return NULL;
}

struct ht_session *ht_sessions_find(struct ht_sessions *sessions, uint64_t number) {
    for (size_t i = 0; number != 0 && i < HT_SESSIONS_MAX; i++) {
        if (sessions->list[i].number == number) return &sessions->list[i];
    }
    return NULL;
}

unsigned ht_sessions_count(const struct ht_sessions *sessions) {
    unsigned count = 0;
    for (size_t i = 0; i < HT_SESSIONS_MAX; i++) count += sessions->list[i].number != 0;
    return count;
}

void ht_session_use(struct ht_sessions *sessions, struct ht_session *session, int64_t now_ms) {
    session->used_ms = now_ms;
    session->last_use = ++sessions->use_count;
}

void ht_session_end(struct ht_session *session) {
    sodium_memzero(session, sizeof *session);
}

/* Control, format, private and unassigned characters, and those that break a line. */
static bool is_shown(ucs4_t c) {
    return !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Zl |
                                                    UC_CATEGORY_MASK_Zp);
}

void ht_session_read_agent(char out[static HT_SESSION_AGENT_MAX + 1], ht_bytes header) {
    size_t n = 0;
    while (header.n > 0) {
        ucs4_t c;
        int width = u8_mbtoucr(&c, header.p, header.n);
        size_t used = width > 0 ? (size_t)width : 1;
        bool is_kept = width > 0 && is_shown(c);
        size_t add = is_kept ? used : 1;
        if (n + add > HT_SESSION_AGENT_MAX) break;
        if (is_kept) {
            memcpy(out + n, header.p, add);
        } else {
            out[n] = '?';
        }
        n += add;
        header = ht_bytes_of(header.p + used, header.n - used);
    }
    out[n] = '\0';
}
