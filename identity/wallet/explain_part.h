/* An explanation while it is put together: rows, leaves, and warnings kept in order of rank. */
#ifndef HT_IDENTITY_WALLET_EXPLAIN_PART_H
#define HT_IDENTITY_WALLET_EXPLAIN_PART_H

#include "identity/wallet/explain.h"
#include "node/codec/amount.h"

/* Worst first. The names are the codes: "approval_unlimited". */
enum ht_warning {
    HT_WARN_AUTHORIZATION, /* danger */
    HT_WARN_AUTHORIZATION_EVERYWHERE,
    HT_WARN_APPROVAL_UNLIMITED,
    HT_WARN_APPROVAL_FOR_ALL,
    HT_WARN_PERMIT,
    HT_WARN_ORDER,
    HT_WARN_CONTROL,
    HT_WARN_DELEGATE_CALL,
    HT_WARN_OTHER_CHAIN,
    HT_WARN_NO_CODE,
    HT_WARN_OTHER_CONTRACT,
    HT_WARN_SIGN_IN_DOMAIN,
    HT_WARN_SIGN_IN_ACCOUNT,
    HT_WARN_SIGN_IN_MALFORMED,
    HT_WARN_MAYBE_HASH,
    HT_WARN_TOKEN_TO_ITSELF,
    HT_WARN_BIDI_TEXT,
    HT_WARN_APPROVAL, /* warn */
    HT_WARN_MORE_LEAVES,
    HT_WARN_BLIND,
    HT_WARN_PACKED,
    HT_WARN_TRAILING,
    HT_WARN_CREATION,
    HT_WARN_NO_HISTORY,
    HT_WARN_OVER_BALANCE,
    HT_WARN_NO_CHAIN,
    HT_WARN_SIGN_IN_CHAIN,
    HT_WARN_SIGN_IN_TIME,
    HT_WARN_HIDDEN_TEXT,
    HT_WARN_FOREIGN_TEXT,
    HT_WARN_NOT_TEXT,
    HT_WARN_OWN_ADDRESS, /* note */
    HT_WARN_CONTRACT_RECIPIENT,
    HT_WARN_REVOKES,
    HT_WARN_COUNT,
};

#define HT_WARNINGS_MAX 32U
#define HT_LEAVES_MAX 48U

struct ht_explanation {
    char title[120];
    char sentence[600];
    const char *kind;
    json_t *leaves, *rows, *warnings, *tree;
    enum ht_warning ranks[HT_WARNINGS_MAX]; /* of the warnings, as they stand */
    bool is_red;   /* a warning of level "danger" is there; ht_explain_warn keeps it so */
    bool is_short; /* something could not be added for want of memory */
};

void ht_explanation_init(struct ht_explanation *explanation);
/* Drops what has not been taken. */
void ht_explanation_fini(struct ht_explanation *explanation);
/* The explanation as a new reference; HT_ENOMEM. */
enum ht_err ht_explanation_take(json_t **out, struct ht_explanation *explanation,
                                struct ht_why *why) HT_MUST_USE;

void ht_explain_title(struct ht_explanation *explanation, const char *fmt, ...) HT_PRINTF(2, 3);
void ht_explain_sentence(struct ht_explanation *explanation, const char *fmt, ...) HT_PRINTF(2, 3);

/* Adds a warning at its place; the same code twice only when the text differs, and of more than
 * HT_WARNINGS_MAX the least are dropped. */
void ht_explain_warn(struct ht_explanation *explanation, enum ht_warning warning, const char *fmt,
                     ...) HT_PRINTF(3, 4);

/* Rows. Text from outside goes through ht_explain_row_text, which warns of what it holds. */
void ht_explain_row(struct ht_explanation *explanation, const char *label, bool is_mono,
                    const char *fmt, ...) HT_PRINTF(4, 5);
void ht_explain_row_text(struct ht_explanation *explanation, const char *label, ht_bytes text);
void ht_explain_row_address(struct ht_explanation *explanation, const char *label,
                            const ht_addr20 *address);
/* Warns of what a text holds; `is_name` when foreign scripts are a reason as well. */
void ht_explain_text(struct ht_explanation *explanation, const char *what, ht_bytes text,
                     bool is_name);

/* Adds a leaf; of more than HT_LEAVES_MAX a warning tells. token NULL: ether; symbol NULL: unknown,
 * then decimals are not looked at. `what` as in explain.h. */
void ht_explain_leaf(struct ht_explanation *explanation, const char *what, const ht_addr20 *token,
                     const char *symbol, unsigned decimals, const ht_u256 *amount, const char *to);

/* A short copy of text from outside, safe for titles and sentences: at most 60 bytes of it. */
#define HT_SHORT_SIZE 640U
void ht_short_text(char out[static HT_SHORT_SIZE], ht_bytes text);

#endif
