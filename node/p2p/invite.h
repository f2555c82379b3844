/* Invitations: how one node lets another in.
 *
 * An invitation is a link "hearth:peer?" with node (hex), addr (repeated), pin, user (npub), secret
 * (32 hex digits: whoever knows it is taken as a peer once), expires (seconds) and name, all as in
 * a URL's query; the same text is in the QR code. Unknown members are passed over. Pure. */
#ifndef HT_P2P_INVITE_H
#define HT_P2P_INVITE_H

#include "node/p2p/node_record.h"

#define HT_INVITE_SIZE 3072U
#define HT_INVITE_SECRET_SIZE 33U

struct ht_invite {
    struct ht_node_record record;
    char secret[HT_INVITE_SECRET_SIZE];
};
/* Write: HT_ELIMIT "invite_too_long", HT_EINPUT "bad_invite" (what could not be read again). Read:
 * HT_EINPUT "bad_invite"; space around it does not matter. Whether it has expired is the caller's
 * to say. */
enum ht_err ht_invite_write(char out[static HT_INVITE_SIZE], const struct ht_invite *invite,
                            struct ht_why *why) HT_MUST_USE;
enum ht_err ht_invite_read(struct ht_invite *out, const char *text, struct ht_why *why) HT_MUST_USE;

#endif
