/* A bunker (NIP-46): programs on other devices sign with the owner's key, which stays here.
 *
 * A device is a key of its own that was let in, by an invitation of ours (bunker://) or by scanning
 * its (nostrconnect://). Its requests are kind 24133 events, NIP-44 between the device and our key,
 * by our own relay and by the relays that the invitation names. The remote signer's key is the
 * owner's own (NIP-46 lets both be one), so what a device says is read, and answered, only while
 * the vault is open: what comes while it is locked cannot even be refused; it is counted, and told
 * to the owner.
 *
 * What a device may do without being asked is what the owner has ticked: kinds it may sign, whether
 * it may seal and open; everything else waits for the owner's decision, HT_BUNKER_WAIT_S at most.
 * What a device says it would like to do is shown ("asks") and grants nothing. Kinds that could
 * take over or wipe what the owner is (ht_bunker_is_careful) are ticked one by one in an
 * invitation, never by "always"; kind 24133 is never signed. Methods: connect, get_public_key,
 * sign_event, ping, nip44_encrypt, nip44_decrypt, switch_relays (null: it stays with its relays),
 * logout; nip04_encrypt and nip04_decrypt are refused in words.
 *
 * A request is answered once: its id is remembered for as long as its event could come again
 * (HT_BUNKER_WINDOW_S both ways, at the rate that a device has); those from before the node's start
 * are not answered. Devices are kept in social.db before they are told so; invitations, what waits
 * and what was answered are kept in memory and end with the node.
 *
 *   social.bunker {} (the topic's value) -> {"devices": [{"device": pubkey, "as": pubkey it signs
 *       with, "name", "relays": [url], "kinds": [n], "may_encrypt", "may_decrypt", "asks": text |
 *       null, "added": s, "used": s | null, "count": n}],
 *       "waiting": [{"request": n, "device", "name", "method", "kind" | null, "content": text |
 *       null (cut to 4096 bytes), "tags" | null (the first 32), "is_cut", "with": pubkey | null
 *       (whom the sealed text is for or from), "is_careful", "at": s, "until": s}],
 *       "invitations": n that are open, "missed": n that came while the vault was locked,
 *       "is_open"}
 *   social.bunker_invite {"name"?, "kinds"?: [n], "may_encrypt"?, "may_decrypt"?, "relays"?: [url]
 *       (4 at most; without any: our own and the owner's first three)} ->
 *       {"uri": "bunker://…", "until": s}: good once, for 10 minutes
 *   social.bunker_connect {"uri": "nostrconnect://…", and as invite, but for relays} -> {"device"}
 *   social.bunker_decide {"request", "allow": bool, "always"?: bool} -> {}
 *   social.bunker_end {"device"} -> {}
 *
 * Reasons: HT_EINPUT "bad_uri", "bad_url", "bad_kind" (none, 24133, or "always" for a careful one),
 * "too_long" (a name), those of json.h; HT_ENOTFOUND "no_device", "no_request"; HT_ELIMIT
 * "too_many"; HT_EDENIED "no_nostr_key", "vault_locked"; HT_EAGAIN "busy". Loop thread. */
#ifndef HT_SOCIAL_BUNKER_BUNKER_H
#define HT_SOCIAL_BUNKER_BUNKER_H

#include "social/bunker/bunker_json.h"
#include "social/bunker/bunker_methods.h"
#include "social/bunker/bunker_request.h"
#include "social/bunker/bunker_sql.h"

#define HT_BUNKER_WAITING_MAX 32U
#define HT_BUNKER_WAITING_OF_ONE_MAX 8U
#define HT_BUNKER_WAIT_S 300 /* for the owner's decision */
#define HT_BUNKER_INVITE_S 600
#define HT_BUNKER_INVITES_MAX 8U
#define HT_BUNKER_WINDOW_S 600 /* created_at may differ so much from our time */
#define HT_BUNKER_A_MINUTE 60U /* requests of one device; of all strangers half of it */

struct ht_bunker;

/* Loads the devices. HT_ENOMEM and those of the disk. db: for this call. */
enum ht_err ht_bunker_new(struct ht_social *social, sqlite3 *db, struct ht_why *why) HT_MUST_USE;
/* Nothing is asked of anybody any more; what waits for a decision is forgotten. */
void ht_bunker_stop(struct ht_social *social);
/* After what was asked of the keeper of keys has been answered. */
void ht_bunker_free(struct ht_social *social);

/* A kind 24133 event that names the owner has come to our relay; it was verified. */
void ht_bunker_arrived(struct ht_social *social, const struct ht_event *event);
/* Whether that key is a device of the owner's, or invitations are open: its requests pass the
 * relay's write policy. */
bool ht_bunker_lets_in(const struct ht_social *social, const ht_hash32 *pubkey);
/* The vault has opened or closed, or the owner may be another. */
void ht_bunker_owner_changed(struct ht_social *social);

#endif
