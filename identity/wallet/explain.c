/* The three kinds of payload that are explained; and messages of personal_sign, with sign-ins. */
#include "identity/wallet/explain.h"

#include <stdio.h>

#include "identity/credentials/siwe.h"
#include "identity/wallet/explain_part.h"
#include "identity/wallet/explain_tx.h"
#include "identity/wallet/explain_typed.h"
#include "node/codec/address.h"

#define MESSAGE_MAX ((size_t)256 * 1024)

/* --- messages ---------------------------------------------------------------------------------*/

static bool is_hex_digit(uint8_t c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* 32 bytes that are no text, or their hex: what contracts and transactions are signed by. */
static bool looks_like_hash(ht_bytes message) {
    if (message.n == 32) {
        size_t printable = 0;
        for (size_t i = 0; i < message.n; i++) {
            printable += message.p[i] >= 0x20 && message.p[i] < 0x7f;
        }
        return printable < message.n;
    }
    if (message.n == 66 && message.p[0] == '0' && (message.p[1] | 0x20) == 'x') {
        message = ht_bytes_of(message.p + 2, 64);
    }
    if (message.n != 64) return false;
    for (size_t i = 0; i < message.n; i++) {
        if (!is_hex_digit(message.p[i])) return false;
    }
    return true;
}

/* The authority of "https://app.example:8443"; false for an origin of another form. */
static bool split_origin(char *scheme, char *domain, size_t size, const char *origin) {
    const char *mark = strstr(origin, "://");
    if (mark == NULL || (size_t)(mark - origin) >= size || strlen(mark + 3) >= size) return false;
    (void)snprintf(scheme, size, "%.*s", (int)(mark - origin), origin);
    (void)snprintf(domain, size, "%s", mark + 3);
    return true;
}

static void warn_check(struct ht_explanation *explanation, const struct ht_why *why,
                       const struct ht_siwe *message, const char *origin) {
    char domain[HT_SHORT_SIZE];
    char asking[HT_SHORT_SIZE];
    ht_short_text(domain, message->domain);
    ht_short_text(asking, ht_bytes_str(origin));
    if (strcmp(why->code, "siwe_domain") == 0) {
        ht_explain_warn(explanation, HT_WARN_SIGN_IN_DOMAIN,
                        "%.120s asks you to sign in to %.120s, which is another site. It could "
                        "then act there as you.",
                        asking, domain);
    } else if (strcmp(why->code, "siwe_scheme") == 0) {
        ht_explain_warn(explanation, HT_WARN_SIGN_IN_DOMAIN,
                        "%.120s asks you to sign in to %.120s by another scheme than its own.",
                        asking, domain);
    } else if (strcmp(why->code, "siwe_chain") == 0) {
        ht_explain_warn(explanation, HT_WARN_SIGN_IN_CHAIN, "The sign-in is for another chain: %s.",
                        why->text);
    } else {
        ht_explain_warn(explanation, HT_WARN_SIGN_IN_TIME, "The sign-in cannot be used now: %s.",
                        why->text);
    }
}

/* Each check by itself, so that a wrong domain does not hide that the time has passed. */
static void check_sign_in(struct ht_explanation *explanation,
                          const struct ht_explain_context *context, const struct ht_siwe *message,
                          int64_t now_ms) {
    char scheme[256];
    char domain[256];
    struct ht_why why = {.code = "", .text = ""};
    const char *origin = context->origin != NULL ? context->origin : "";
    struct ht_siwe_expectation asked = {.now_ms = INT64_MAX};
    struct ht_siwe plain = *message;
    plain.has_expiration = plain.has_not_before = false;
    if (split_origin(scheme, domain, sizeof scheme, origin)) {
        asked.scheme = scheme;
        asked.domain = domain;
    } else if (origin[0] != '\0') {
        /* An origin without a domain, "null": no site is its own. */
        asked.domain = origin;
    }
    if (ht_siwe_check(&plain, &asked, &why) != HT_OK) {
        warn_check(explanation, &why, message, origin);
    }
    asked = (struct ht_siwe_expectation){.has_chain_id = true, .chain_id = context->chain_id};
    if (ht_siwe_check(&plain, &asked, &why) != HT_OK) {
        warn_check(explanation, &why, message, origin);
    }
    asked = (struct ht_siwe_expectation){.now_ms = now_ms};
    if (ht_siwe_check(message, &asked, &why) != HT_OK) {
        warn_check(explanation, &why, message, origin);
    }
    if (memcmp(message->address.b, context->account.b, sizeof message->address.b) != 0) {
        ht_explain_warn(explanation, HT_WARN_SIGN_IN_ACCOUNT,
                        "The sign-in names another account than the one that would sign.");
    }
}

static void explain_sign_in(struct ht_explanation *explanation,
                            const struct ht_explain_context *context, const struct ht_siwe *message,
                            int64_t now_ms) {
    char domain[HT_SHORT_SIZE];
    ht_short_text(domain, message->domain);
    explanation->kind = "sign_in";
    ht_explain_title(explanation, "Sign in to %.80s", domain);
    ht_explain_sentence(explanation, "Proves to %.200s that this account is yours.", domain);
    ht_explain_row_text(explanation, "Domain", message->domain);
    ht_explain_row_address(explanation, "Account", &message->address);
    if (message->has_statement) {
        ht_explain_row_text(explanation, "Statement", message->statement);
    }
    ht_explain_row_text(explanation, "URI", message->uri);
    ht_explain_row(explanation, "Chain id", false, "%llu", (unsigned long long)message->chain_id);
    ht_explain_row_text(explanation, "Nonce", message->nonce);
    for (size_t i = 0; i < message->resource_count; i++) {
        ht_explain_row_text(explanation, "Resource", message->resources[i]);
    }
    if (memmem(message->domain.p, message->domain.n, "xn--", 4) != NULL) {
        ht_explain_warn(explanation, HT_WARN_FOREIGN_TEXT,
                        "The domain has letters of other scripts, which may look like those of a "
                        "name that you know.");
    }
    check_sign_in(explanation, context, message, now_ms);
}

static void explain_text(struct ht_explanation *explanation,
                         const struct ht_explain_context *context, ht_bytes message) {
    bool is_hash = looks_like_hash(message);
    bool is_text = (ht_text_marks(message) & HT_TEXT_NOT_UTF8) == 0;
    ht_explain_title(explanation, "Sign a message");
    ht_explain_sentence(explanation, "Signs this message in the name of the account.");
    ht_explain_row_address(explanation, "Account", &context->account);
    if (is_hash) {
        ht_explain_warn(explanation, HT_WARN_MAYBE_HASH,
                        "The message looks like a hash: what stands behind it cannot be seen, and "
                        "may be an order or an approval.");
    }
    if (!is_text && !is_hash) {
        ht_explain_warn(explanation, HT_WARN_NOT_TEXT, "The message has bytes that are no text.");
    }
}

/* --- all kinds --------------------------------------------------------------------------------*/

static enum ht_err finish(json_t **out, struct ht_explanation *explanation, enum ht_err err,
                          struct ht_why *why) {
    if (err == HT_OK) err = ht_explanation_take(out, explanation, why);
    ht_explanation_fini(explanation);
    return err;
}

enum ht_err ht_explain_message(json_t **out, const struct ht_explain_context *context,
                               ht_bytes message, int64_t now_ms, struct ht_why *why) {
    struct ht_explanation explanation;
    struct ht_siwe sign_in;
    struct ht_why reason = {.code = "", .text = ""};
    if (message.n > MESSAGE_MAX) {
        return ht_fail(why, HT_ELIMIT, "explain_too_large", "a message of %zu bytes is too long",
                       message.n);
    }
    ht_explanation_init(&explanation);
    bool claims = ht_siwe_looks_like(message);
    if (ht_siwe_read(&sign_in, message, &reason) == HT_OK) {
        explain_sign_in(&explanation, context, &sign_in, now_ms);
    } else {
        explain_text(&explanation, context, message);
    }
    if (claims && strcmp(explanation.kind, "message") == 0) {
        ht_explain_warn(
            &explanation, HT_WARN_SIGN_IN_MALFORMED,
            "The message looks like a sign-in, but is not one (%s): a site that is less "
            "strict could take it for one.",
            reason.text);
    }
    ht_explain_text(&explanation, "The message", message, false);
    ht_explain_row_text(&explanation, "Message", message);
    return finish(out, &explanation, HT_OK, why);
}

enum ht_err ht_explain_transaction(json_t **out, const struct ht_explain_context *context,
                                   ht_bytes unsigned_transaction, struct ht_why *why) {
    struct ht_explanation explanation;
    ht_explanation_init(&explanation);
    enum ht_err err = ht_explain_tx(&explanation, context, unsigned_transaction, why);
    return finish(out, &explanation, err, why);
}

enum ht_err ht_explain_typed(json_t **out, const struct ht_explain_context *context,
                             const json_t *document, struct ht_why *why) {
    struct ht_explanation explanation;
    ht_explanation_init(&explanation);
    enum ht_err err = ht_explain_document(&explanation, context, document, why);
    return finish(out, &explanation, err, why);
}
