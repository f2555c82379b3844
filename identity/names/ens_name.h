/* Names of the Ethereum Name Service that are normalised (ens_normal.h): namehash (EIP-137), DNS
 * encoding (ENSIP-10), storage slots of the registry and of resolvers whose layout is known. Pure;
 * any thread.
 *
 * Reasons: HT_EINPUT "ens_empty" (an empty label); HT_EUNVERIFIED "ens_layout"; HT_ELIMIT
 * "ens_too_long", "ens_record_too_long"; HT_ENOMEM. */
#ifndef HT_IDENTITY_NAMES_ENS_NAME_H
#define HT_IDENTITY_NAMES_ENS_NAME_H

#include "identity/names/ens_normal.h"

#define HT_ENS_DNS_LABEL_MAX 255U             /* bytes, ENSIP-10 */
#define HT_ENS_DNS_MAX (HT_ENS_NAME_MAX + 2U) /* of an encoded name */
#define HT_ENS_REVERSE_NAME_SIZE (40U + 14U)  /* "<40 digits>.addr.reverse" and a zero */
#define HT_ENS_COIN_ETH 60U                   /* SLIP-44, ENSIP-9 */

/* Of a normalised name; "" is zero. Names are split at dots, and nothing else of them is checked.
 */
enum ht_err ht_ens_namehash(ht_hash32 *out, ht_bytes name, struct ht_why *why) HT_MUST_USE;
/* HT_ELIMIT "ens_too_long" when a label has over HT_ENS_DNS_LABEL_MAX bytes; out is as it was on an
 * error. */
enum ht_err ht_ens_dns_encode(struct ht_buf *out, ht_bytes name, struct ht_why *why) HT_MUST_USE;
/* The name without its first label; of one label, "". */
ht_bytes ht_ens_parent(ht_bytes name);

/* "<address>.addr.reverse", and its node. */
void ht_ens_reverse_name(char out[static HT_ENS_REVERSE_NAME_SIZE], const ht_addr20 *address);
void ht_ens_reverse_node(ht_hash32 *out, const ht_addr20 *address);

/* Registry: owner, and resolver with ttl in the next slot. */
void ht_ens_registry_slots(ht_hash32 out[static 2], const ht_hash32 *node);

/* Of the known PublicResolver (the layout of 0x231b0Ee1…8E63): the version of a node's records, a
 * number below 2^64; and, under that version, where an address, a name and a text begin. These are
 * bytes in Solidity's form: see ht_ens_bytes_read. */
void ht_ens_version_slot(ht_hash32 *out, const ht_hash32 *node);
void ht_ens_address_slot(ht_hash32 *out, const ht_hash32 *node, uint64_t version, uint64_t coin);
void ht_ens_name_slot(ht_hash32 *out, const ht_hash32 *node, uint64_t version);
void ht_ens_text_slot(ht_hash32 *out, const ht_hash32 *node, uint64_t version, ht_bytes key);

/* Bytes in storage, whose first value is given: how many there are, and in how many further slots
 * (0: they are in the value itself). HT_EUNVERIFIED "ens_layout" for a value that Solidity never
 * writes, HT_ELIMIT "ens_record_too_long" over max. */
enum ht_err ht_ens_bytes_length(size_t *n, size_t *more, const uint8_t value[static 32], size_t max,
                                struct ht_why *why) HT_MUST_USE;
/* Further slot i of the bytes that begin at `slot`. */
void ht_ens_bytes_slot(ht_hash32 *out, const ht_hash32 *slot, size_t i);

#endif
