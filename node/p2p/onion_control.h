/* The words of Tor's control port (control-spec), and the key of an onion service (rend-spec-v3).
 *
 * Replies are lines "250-…", "250+…" with data up to a lone ".", and "250 …" at the end; events
 * come in between with code 650. Lines of at most HT_TOR_LINE_SIZE bytes, replies of at most
 * HT_TOR_LINES_MAX lines; the data of "250+" counts as lines. Pure. */
#ifndef HT_P2P_ONION_CONTROL_H
#define HT_P2P_ONION_CONTROL_H

#include "node/base/bytes.h"

#define HT_TOR_LINE_SIZE 4096U
#define HT_TOR_LINES_MAX 64U
#define HT_TOR_COOKIE_SIZE 32U
#define HT_ONION_ID_SIZE 57U      /* 56 letters, and a zero */
#define HT_ONION_ADDRESS_SIZE 63U /* … with ".onion" */
#define HT_ONION_KEY_SIZE 64U     /* expanded Ed25519 key: scalar, then prefix */
#define HT_TOR_SOCKS_SIZE 64U

/* --- lines ------------------------------------------------------------------------------------ */

enum ht_tor_line {
    HT_TOR_MORE, /* the reply goes on */
    HT_TOR_DATA, /* a line of data follows, and so on up to "." */
    HT_TOR_END,  /* the reply is over */
};
struct ht_tor_reply {
    unsigned code; /* 250, 515, 650, … */
    enum ht_tor_line kind;
    const char *text; /* behind the code; into the line */
};
/* One line without its end, with a zero behind it. HT_EINPUT "bad_tor". */
enum ht_err ht_tor_read_line(struct ht_tor_reply *out, const char *line,
                             struct ht_why *why) HT_MUST_USE;

struct ht_tor_protocol {
    bool has_none, has_cookie, has_safe_cookie, has_password;
    char cookie_path[1024]; /* "" when it is not told */
};
/* A line of PROTOCOLINFO: adds to out what it says. HT_EINPUT "bad_tor" for an AUTH line that
 * cannot be read. */
enum ht_err ht_tor_read_protocol(struct ht_tor_protocol *out, const char *text,
                                 struct ht_why *why) HT_MUST_USE;
/* "AUTHCHALLENGE SERVERHASH=… SERVERNONCE=…". HT_EINPUT "bad_tor". */
enum ht_err ht_tor_read_challenge(uint8_t hash[static 32], uint8_t nonce[static 32],
                                  const char *text, struct ht_why *why) HT_MUST_USE;
/* SAFECOOKIE: what the server proves, or (is_ours) we do. */
void ht_tor_cookie_hash(uint8_t out[static 32], const uint8_t cookie[static HT_TOR_COOKIE_SIZE],
                        const uint8_t client_nonce[static 32],
                        const uint8_t server_nonce[static 32], bool is_ours);
/* The first numeric address of "net/listeners/socks="127.0.0.1:9050" …"; false: there is none. */
bool ht_tor_read_socks(char out[static HT_TOR_SOCKS_SIZE], const char *text);
/* Per cent of "status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS=45 …"; -1: it is not that. */
int ht_tor_read_progress(const char *text);
/* Is the event "HS_DESC UPLOADED ID …" about that service? */
bool ht_tor_is_uploaded(const char *text, const char *id);

/* --- keys ------------------------------------------------------------------------------------- */

/* A new key of 32 random bytes. */
void ht_onion_key_make(uint8_t key[static HT_ONION_KEY_SIZE], const uint8_t seed[static 32]);
/* "….onion" without what follows: its 56 letters. HT_EINPUT "bad_onion_key". */
enum ht_err ht_onion_id(char out[static HT_ONION_ID_SIZE],
                        const uint8_t key[static HT_ONION_KEY_SIZE],
                        struct ht_why *why) HT_MUST_USE;

#endif
