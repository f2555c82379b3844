/* Invitations: any text. What is read can be written, unless it is too long then, and is read as
 * the same. Addresses: whatever is said of where one leads, it is said again of the same. */
#include <stdlib.h>

#include "node/p2p/invite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    char text[2 * HT_INVITE_SIZE];
    char written[HT_INVITE_SIZE];
    struct ht_invite invite, again;
    struct ht_why why = {.code = NULL};
    if (n >= sizeof text) return 0;
    if (n > 0) memcpy(text, data, n);
    text[n] = '\0';
    (void)ht_address_reach_of(text);
    enum ht_err err = ht_invite_read(&invite, text, &why);
    must(err == HT_OK || (err == HT_EINPUT && why.code != NULL));
    if (err != HT_OK) return 0;
    err = ht_invite_write(written, &invite, &why);
    must(err == HT_OK || err == HT_ELIMIT);
    if (err != HT_OK) return 0;
    must(ht_invite_read(&again, written, NULL) == HT_OK);
    must(memcmp(&invite, &again, sizeof invite) == 0);
    return 0;
}
