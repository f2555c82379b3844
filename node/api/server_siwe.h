/* Signing in with an Ethereum account, before there is a session; TCP only:
 *
 *   GET  /siwe   {"is_enabled": whether any account may sign in now}
 *   POST /siwe   JSON-RPC 2.0, one request: siwe.challenge or siwe.verify and nothing else. The
 *                challenge must be for this address: domain the Host header, uri "http://Host/".
 *                404 siwe_off when no account may
 *   POST /login  {"ticket"}, which a good siwe.verify gave, for a session cookie
 *
 * As at every address Host must be exact, and a POST names the same Origin. Whoever asks is nobody
 * yet, so all of them together have HT_API_SIWE_BURST requests, and one more every
 * HT_API_SIWE_EACH_MS: 429 too_many_attempts. A ticket counts too. What a challenge and a ticket
 * are worth, the module says that answers (ht_api_set_sign_in). */
#ifndef HT_API_SERVER_SIWE_H
#define HT_API_SERVER_SIWE_H

#include "node/api/server_core.h"

#define HT_API_SIWE_BODY_MAX 65536U /* a message of 16 kB in JSON, and a contract's signature */
#define HT_API_SIWE_BURST 20U
#define HT_API_SIWE_EACH_MS 3000

bool ht_api_siwe_is_open(const struct ht_api *api);

/* The answer to GET, a new reference; NULL without memory. */
json_t *ht_api_siwe_fact(const struct ht_api *api);

/* Takes one of the requests there are. HT_EAGAIN too_many_attempts. */
enum ht_err ht_api_siwe_take_turn(struct ht_api *api, struct ht_why *why) HT_MUST_USE;

/* Whether the message may be handed to the table of methods, by the same reader as the table's.
 * HT_EINPUT: no JSON, more than one request, bad_domain; HT_EDENIED siwe_method. */
enum ht_err ht_api_siwe_check(ht_bytes message, ht_bytes host, struct ht_why *why) HT_MUST_USE;

/* Uses a ticket up and logs whose it is. HT_EDENIED, HT_EAGAIN too_many_attempts; HT_EDENIED
 * siwe_off when no account may. */
enum ht_err ht_api_siwe_redeem(struct ht_api *api, ht_bytes ticket, ht_bytes host,
                               struct ht_why *why) HT_MUST_USE;

#endif
