/* Putting an explanation together: where its words come from is for the explain_*.c that know the
 * payload. An explanation from which a line is missing for want of memory is not given out. */
#include "identity/wallet/explain_part.h"

#include <stdio.h>

#include "node/codec/address.h"

#define DANGER "danger"
#define WARN "warn"
#define NOTE "note"

static const struct {
    const char *code;
    const char *level;
} WARNINGS[] = {
    [HT_WARN_AUTHORIZATION] = {"authorization", DANGER},
    [HT_WARN_AUTHORIZATION_EVERYWHERE] = {"authorization_everywhere", DANGER},
    [HT_WARN_APPROVAL_UNLIMITED] = {"approval_unlimited", DANGER},
    [HT_WARN_APPROVAL_FOR_ALL] = {"approval_for_all", DANGER},
    [HT_WARN_PERMIT] = {"permit", DANGER},
    [HT_WARN_ORDER] = {"order", DANGER},
    [HT_WARN_CONTROL] = {"control", DANGER},
    [HT_WARN_DELEGATE_CALL] = {"delegate_call", DANGER},
    [HT_WARN_OTHER_CHAIN] = {"other_chain", DANGER},
    [HT_WARN_NO_CODE] = {"no_code", DANGER},
    [HT_WARN_OTHER_CONTRACT] = {"other_contract", DANGER},
    [HT_WARN_SIGN_IN_DOMAIN] = {"sign_in_domain", DANGER},
    [HT_WARN_SIGN_IN_ACCOUNT] = {"sign_in_account", DANGER},
    [HT_WARN_SIGN_IN_MALFORMED] = {"sign_in_malformed", DANGER},
    [HT_WARN_MAYBE_HASH] = {"maybe_hash", DANGER},
    [HT_WARN_TOKEN_TO_ITSELF] = {"token_to_itself", DANGER},
    [HT_WARN_BIDI_TEXT] = {"bidi_text", DANGER},
    [HT_WARN_APPROVAL] = {"approval", WARN},
    [HT_WARN_MORE_LEAVES] = {"more_leaves", WARN},
    [HT_WARN_BLIND] = {"blind", WARN},
    [HT_WARN_PACKED] = {"packed", WARN},
    [HT_WARN_TRAILING] = {"trailing", WARN},
    [HT_WARN_CREATION] = {"creation", WARN},
    [HT_WARN_NO_HISTORY] = {"no_history", WARN},
    [HT_WARN_OVER_BALANCE] = {"over_balance", WARN},
    [HT_WARN_NO_CHAIN] = {"no_chain", WARN},
    [HT_WARN_SIGN_IN_CHAIN] = {"sign_in_chain", WARN},
    [HT_WARN_SIGN_IN_TIME] = {"sign_in_time", WARN},
    [HT_WARN_HIDDEN_TEXT] = {"hidden_text", WARN},
    [HT_WARN_FOREIGN_TEXT] = {"foreign_text", WARN},
    [HT_WARN_NOT_TEXT] = {"not_text", WARN},
    [HT_WARN_OWN_ADDRESS] = {"own_address", NOTE},
    [HT_WARN_CONTRACT_RECIPIENT] = {"contract_recipient", NOTE},
    [HT_WARN_REVOKES] = {"revokes", NOTE},
};
_Static_assert(sizeof WARNINGS / sizeof *WARNINGS == HT_WARN_COUNT, "each warning has a code");

void ht_explanation_init(struct ht_explanation *explanation) {
    *explanation = (struct ht_explanation){.kind = "message",
                                           .leaves = json_array(),
                                           .rows = json_array(),
                                           .warnings = json_array(),
                                           .tree = json_null()};
}

void ht_explanation_fini(struct ht_explanation *explanation) {
    json_decref(explanation->leaves);
    json_decref(explanation->rows);
    json_decref(explanation->warnings);
    json_decref(explanation->tree);
    explanation->leaves = explanation->rows = explanation->warnings = explanation->tree = NULL;
}

enum ht_err ht_explanation_take(json_t **out, struct ht_explanation *explanation,
                                struct ht_why *why) {
    json_t *value = NULL;
    if (!explanation->is_short)
        value = json_pack("{ss ss ss sO sO sO sO sb}", "title", explanation->title, "sentence",
                          explanation->sentence, "kind", explanation->kind, "leaves",
                          explanation->leaves, "rows", explanation->rows, "tree", explanation->tree,
                          "warnings", explanation->warnings, "is_red", explanation->is_red);
    if (value == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory to explain this");
    *out = value;
    return HT_OK;
}

/* Cuts a text that was too long where a character of UTF-8 begins. */
static void cut_at_character(char *text, size_t size, int wanted) {
    if (wanted < (int)size) return;
    size_t n = size - 1;
    while (n > 0 && ((unsigned char)text[n - 1] & 0xc0) == 0x80) n--;
    /* The byte in front of those that follow is the one that begins it. */
    if (n > 0 && (unsigned char)text[n - 1] >= 0xc0) n--;
    text[n] = '\0';
}

void ht_explain_title(struct ht_explanation *explanation, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(explanation->title, sizeof explanation->title, fmt, ap);
    va_end(ap);
    cut_at_character(explanation->title, sizeof explanation->title, n);
}

void ht_explain_sentence(struct ht_explanation *explanation, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(explanation->sentence, sizeof explanation->sentence, fmt, ap);
    va_end(ap);
    cut_at_character(explanation->sentence, sizeof explanation->sentence, n);
}

/* --- warnings ---------------------------------------------------------------------------------*/

void ht_explain_warn(struct ht_explanation *explanation, enum ht_warning warning, const char *fmt,
                     ...) {
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    cut_at_character(text, sizeof text, n);
    size_t count = json_array_size(explanation->warnings);
    size_t at = count;
    for (size_t i = 0; i < count; i++) {
        const json_t *other = json_array_get(explanation->warnings, i);
        const char *other_text = json_string_value(json_object_get(other, "text"));
        bool is_same = explanation->ranks[i] == warning;
        if (is_same && other_text != NULL && strcmp(other_text, text) == 0) return;
        if (at == count && explanation->ranks[i] > warning) at = i;
    }
    if (at == HT_WARNINGS_MAX) return;
    if (count == HT_WARNINGS_MAX) (void)json_array_remove(explanation->warnings, --count);
    json_t *value = json_pack("{ss ss ss}", "level", WARNINGS[warning].level, "code",
                              WARNINGS[warning].code, "text", text);
    if (value == NULL || json_array_insert_new(explanation->warnings, at, value) != 0) {
        explanation->is_short = true;
        return;
    }
    memmove(explanation->ranks + at + 1, explanation->ranks + at,
            (count - at) * sizeof *explanation->ranks);
    explanation->ranks[at] = warning;
    /* What is dropped later is less than this, so that a danger stays. */
    if (strcmp(WARNINGS[warning].level, DANGER) == 0) explanation->is_red = true;
}

void ht_explain_text(struct ht_explanation *explanation, const char *what, ht_bytes text,
                     bool is_name) {
    unsigned marks = ht_text_marks(text);
    if ((marks & HT_TEXT_BIDI) != 0) {
        ht_explain_warn(explanation, HT_WARN_BIDI_TEXT,
                        "%s has characters that turn the order of the writing. They are shown "
                        "written out.",
                        what);
    }
    if ((marks & HT_TEXT_HIDDEN) != 0) {
        ht_explain_warn(explanation, HT_WARN_HIDDEN_TEXT,
                        "%s has characters that cannot be seen. They are shown written out.", what);
    }
    if ((marks & HT_TEXT_NOT_UTF8) != 0) {
        ht_explain_warn(explanation, HT_WARN_NOT_TEXT, "%s has bytes that are no text.", what);
    }
    if (is_name && (marks & HT_TEXT_FOREIGN) != 0) {
        ht_explain_warn(explanation, HT_WARN_FOREIGN_TEXT,
                        "%s has letters of other scripts, which may look like those of a name that "
                        "you know.",
                        what);
    }
}

/* --- rows and leaves --------------------------------------------------------------------------*/

static void add_row(struct ht_explanation *explanation, const char *label, bool is_mono,
                    json_t *value) {
    json_t *row = json_pack("{ss so sb}", "label", label, "value", value, "mono", is_mono);
    if (json_array_append_new(explanation->rows, row) != 0) explanation->is_short = true;
}

void ht_explain_row(struct ht_explanation *explanation, const char *label, bool is_mono,
                    const char *fmt, ...) {
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    cut_at_character(text, sizeof text, n);
    add_row(explanation, label, is_mono, json_string(text));
}

void ht_explain_row_text(struct ht_explanation *explanation, const char *label, ht_bytes text) {
    add_row(explanation, label, false, ht_explain_safe_text(text));
}

void ht_explain_row_address(struct ht_explanation *explanation, const char *label,
                            const ht_addr20 *address) {
    add_row(explanation, label, true, ht_address_json(address));
}

void ht_explain_leaf(struct ht_explanation *explanation, const char *what, const ht_addr20 *token,
                     const char *symbol, unsigned decimals, const ht_u256 *amount, const char *to) {
    char text[HT_AMOUNT_SIZE];
    char raw[HT_U256_DECIMAL_SIZE];
    if (json_array_size(explanation->leaves) >= HT_LEAVES_MAX) {
        ht_explain_warn(explanation, HT_WARN_MORE_LEAVES,
                        "More would leave the account than is listed here: the calls have it all.");
        return;
    }
    bool is_nft = strcmp(what, "nft") == 0;
    const char *unit = is_nft ? "token id" : symbol != NULL ? symbol : "base units";
    ht_amount_text(text, amount, symbol != NULL && !is_nft ? decimals : 0);
    (void)ht_u256_to_decimal(raw, amount);
    json_t *leaf = json_pack("{ss ss so ss ss}", "what", what, "amount", text, "unit",
                             ht_explain_safe_text(ht_bytes_str(unit)), "to", to, "raw", raw);
    if (token != NULL) (void)json_object_set_new(leaf, "token", ht_address_json(token));
    if (json_array_append_new(explanation->leaves, leaf) != 0) explanation->is_short = true;
}

void ht_short_text(char out[static HT_SHORT_SIZE], ht_bytes text) {
    bool is_cut = text.n > 60;
    size_t n = is_cut ? 60 : text.n;
    while (is_cut && n > 0 && (text.p[n] & 0xc0) == 0x80) n--;
    json_t *safe = ht_explain_safe_text(ht_bytes_of(text.p, n));
    const char *copy = json_string_value(safe);
    (void)snprintf(out, HT_SHORT_SIZE, "%s%s", copy != NULL ? copy : "?", is_cut ? "…" : "");
    for (char *p = out; *p != '\0'; p++) {
        if (*p == '\n') *p = ' ';
    }
    json_decref(safe);
}
