/* Where two nodes that know each other leave word of their addresses, so that nobody else can find
 * or read it: names and values for a public store (a DHT). Pure.
 *
 * Both nodes have one secret: the ECDH of their node keys, as NIP-44 makes a conversation key of
 * it. What A leaves for B on a day (UTC) has the name
 *
 *   SHA-256("hearth-rendezvous" 00 secret day writer)      day: 8 bytes big-endian; writer: A's key
 *
 * and is the signed record of A's node (node_record.h), encrypted by NIP-44. So names are other
 * ones every day, for every pair and each way, and tell neither who writes nor who looks; values
 * tell their padded length. What the store sees is which IP address asks for which name, of a day.
 * A value is believed only when it decrypts, and is then a record like any other. */
#ifndef HT_P2P_RENDEZVOUS_H
#define HT_P2P_RENDEZVOUS_H

#include "node/base/clock.h"
#include "node/crypto/nip44.h"

#define HT_RENDEZVOUS_PLAIN_MAX ((size_t)8192)
#define HT_RENDEZVOUS_VALUE_MAX ((size_t)16384)
#define HT_RENDEZVOUS_DAYS 2U
#define HT_RENDEZVOUS_HOST_SIZE 128U
#define HT_RENDEZVOUS_PORT_SIZE 6U

/* The pair's secret, the same from both sides; the caller wipes it. Errors of nip44.h. */
enum ht_err ht_rendezvous_secret(uint8_t out[static HT_NIP44_KEY_SIZE],
                                 const uint8_t node_secret[static 32], const ht_hash32 *other,
                                 struct ht_why *why) HT_MUST_USE;
void ht_rendezvous_name(ht_hash32 *out, const uint8_t secret[static HT_NIP44_KEY_SIZE], int64_t day,
                        const ht_hash32 *writer);
/* The days whose names are good at a time: its own, and within two hours of midnight the one next
 * to it, since clocks differ. Returns how many. */
size_t ht_rendezvous_days(int64_t out[static HT_RENDEZVOUS_DAYS], int64_t now_s);

/* Appends the value of a record; out may grow to HT_NIP44_ENCRYPT_ROOM. HT_ELIMIT
 * "rendezvous_long". */
enum ht_err ht_rendezvous_seal(struct ht_buf *out, const uint8_t secret[static HT_NIP44_KEY_SIZE],
                               ht_bytes record_json, const struct ht_random *random,
                               struct ht_why *why) HT_MUST_USE;
/* Appends the record; HT_ELIMIT "rendezvous_long", and errors of nip44.h for what is not of the
 * other side, HT_EUNVERIFIED "nip44_mac" above all. */
enum ht_err ht_rendezvous_open(struct ht_buf *out, const uint8_t secret[static HT_NIP44_KEY_SIZE],
                               ht_bytes value, struct ht_why *why) HT_MUST_USE;

/* "name:4222", "192.0.2.1:4222" or "[2001:db8::1]:4222": where a store's network is entered.
 * HT_EINPUT "bad_bootstrap". */
enum ht_err ht_rendezvous_bootstrap(char host[static HT_RENDEZVOUS_HOST_SIZE],
                                    char port[static HT_RENDEZVOUS_PORT_SIZE], const char *text,
                                    struct ht_why *why) HT_MUST_USE;

#endif
