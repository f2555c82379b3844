/* What the verbs about keys and accounts share: how they are run, how they ask the running node,
 * and how secrets get past it: sealed to the signer process, answers opened with a pair of one use.
 *
 * All of it on the main thread, unless said otherwise. Reasons, besides those of prompt.h,
 * client.h, hpke.h and the wallet's own: HT_EDENIED "no_vault", "no_signer", "not_confirmed";
 * HT_EINPUT "bad_address", "bad_checksum", "bad_amount", "bad_reply". */
#ifndef HT_APP_CMD_WALLET_H
#define HT_APP_CMD_WALLET_H

#include <stdio.h>

#include "node/app/cmd.h"
#include "node/app/prompt.h"
#include "node/base/u256.h"
#include "node/crypto/hpke.h"
#include "node/signer/protocol.h"

#define HT_WALLET_PASSPHRASE_MIN 8U
#define HT_WALLET_PASSPHRASE_MAX 1024U
#define HT_WALLET_SECRET_MAX 65536U /* a keystore file */
#define HT_WALLET_ETHER_SIZE 100U

/* One run of a verb. */
struct ht_wallet {
    const struct ht_cmd *cmd;
    struct ht_cmd_options options;
    struct ht_config config;
    struct ht_prompt prompt;
    char **operands;
    size_t operand_count;
    uint8_t signer_key[HT_HPKE_PUBLIC_SIZE]; /* after ht_wallet_status */
    struct ht_secret passphrase;             /* when it was asked for; else all zero */
    bool is_usage;                           /* the words on the command line were wrong */
    bool is_printed;                         /* the verb has written its answer itself */
    int code;                                /* exit code when all went well; 0 at first */
};

struct ht_wallet_verb {
    struct ht_cmd cmd; /* run is for verbs of main.c alone */
    const char *allowed;
    size_t operands_min, operands_max;
    /* *result is what --json shows, a new reference. */
    enum ht_err (*work)(struct ht_wallet *wallet, json_t **result, struct ht_why *why);
    /* Says it in words on standard output. */
    void (*print)(const struct ht_wallet *wallet, const json_t *result);
};

/* Reads the options, guards the memory, works, and tells; returns the exit code. */
int ht_wallet_run(const struct ht_wallet_verb *verb, int argc, char **argv);

/* Says what is wrong with the words on the command line; the exit code will be 2. */
enum ht_err ht_wallet_usage(struct ht_wallet *wallet, struct ht_why *why,
                            const char *text) HT_MUST_USE;

/* A method of the node. params is taken over; NULL counts as no memory. */
enum ht_err ht_wallet_call(const struct ht_wallet *wallet, json_t **result, const char *method,
                           json_t *params, struct ht_why *why) HT_MUST_USE;

/* A method with a secret in it. */
struct ht_wallet_sealed {
    const char *method;
    enum ht_signer_request request; /* of the signer: what the sealing is good for */
    json_t *params;                 /* without "sealed" and "reply_key"; taken over */
    const ht_bytes *parts;          /* of what is sealed; none: nothing is */
    size_t part_count;
    struct ht_secret *reply; /* where the answer's secret goes, appended; NULL: it has none */
};
/* After ht_wallet_status. *result is without the sealed answer. */
enum ht_err ht_wallet_call_sealed(const struct ht_wallet *wallet, json_t **result,
                                  const struct ht_wallet_sealed *what,
                                  struct ht_why *why) HT_MUST_USE;

/* wallet.status, a new reference, of which the signer's key is kept. "no_signer". */
enum ht_err ht_wallet_status(struct ht_wallet *wallet, json_t **status,
                             struct ht_why *why) HT_MUST_USE;
/* Sees to it that the wallet is open: asks for the passphrase when it is locked. makes: when there
 * is none, one is made, with a passphrase asked for twice; else that is "no_vault". */
enum ht_err ht_wallet_open(struct ht_wallet *wallet, bool makes, struct ht_why *why) HT_MUST_USE;
/* Asks for the passphrase into wallet->passphrase, unless this run knows it already. */
enum ht_err ht_wallet_ask_passphrase(struct ht_wallet *wallet, struct ht_why *why) HT_MUST_USE;

/* What "id" is for an account's number or address, a seed's or a Nostr key's name: a new reference.
 * HT_ENOTFOUND "no_such_account". */
enum ht_err ht_wallet_find(const struct ht_wallet *wallet, json_t **id, const char *text,
                           struct ht_why *why) HT_MUST_USE;

/* An address; one in mixed case must have the checksum of EIP-55. */
enum ht_err ht_wallet_address(ht_addr20 *out, const char *text, struct ht_why *why) HT_MUST_USE;
/* Ether as people write it ("1", "0.25"; at most 18 digits behind the point), to wei; exact. */
enum ht_err ht_wallet_wei(ht_u256 *out, const char *text, struct ht_why *why) HT_MUST_USE;
/* The reverse, of decimal wei; exact. */
void ht_wallet_ether(char out[static HT_WALLET_ETHER_SIZE], const char *wei);

/* A member's text; "" when there is none. Borrowed. */
const char *ht_wallet_text(const json_t *object, const char *key);
/* Writes text from outside; control characters, which a terminal would obey, as ?. */
void ht_wallet_put(FILE *to, const char *text);
/* Writes a wall time as UTC: 2026-11-21 08:12:26. */
void ht_wallet_put_ms(FILE *to, json_int_t ms);

/* Writes text from outside to the owner where questions go, as ht_wallet_put. */
void ht_wallet_show_text(const struct ht_wallet *wallet, const char *text);
/* What a request would do, in words (explain of identity/wallet/explain.h), shown to the owner. */
void ht_wallet_show_explain(const struct ht_wallet *wallet, const json_t *explain);
/* Asks for the decision about what was shown. Dangerous things need a word typed out, and --yes
 * does not go for them. "not_confirmed". */
enum ht_err ht_wallet_confirm(const struct ht_wallet *wallet, const json_t *explain,
                              struct ht_why *why) HT_MUST_USE;

#endif
