/* The owner's Nostr keys at work, as other modules are given them through the host (struct
 * ht_nostr_keys of node/module.h). The keys stay in the signer process; each call is one question
 * to it, asked while the wallet is unlocked only, and answered only while it still is.
 *
 * Errors beyond those that node/module.h names: HT_EDENIED "no_vault", "no_signer"; HT_EAGAIN
 * "signer_busy", "signer_gone"; HT_EINPUT "nip44_empty", "nip44_public_key" (theirs is no point);
 * HT_ELIMIT "nip44_long" (over HT_NIP44_PLAIN_MAX, HT_NIP44_PAYLOAD_MAX). What a sign call is for
 * goes to the audit log once it is signed, and the time until the wallet locks itself begins anew;
 * `what` NULL or empty, for what happens by itself, does neither, nor do encrypting and decrypting:
 * messages of strangers must not keep the wallet open. Loop thread. */
#ifndef HT_IDENTITY_KEYS_ACCOUNTS_NOSTR_H
#define HT_IDENTITY_KEYS_ACCOUNTS_NOSTR_H

#include "identity/identity.h"

#define HT_NOSTR_WHAT_MAX 63U /* bytes of `what`; longer ones are cut */

/* What to offer; points to identity, whose accounts are there. */
struct ht_nostr_keys ht_nostr_keys_of(struct ht_identity *identity);

#endif
