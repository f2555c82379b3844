/* hearth account create, backup and restore: seeds and their words. */
#include "node/app/cmd.h"

#include <stdlib.h>

#include <sodium.h>

#include "node/app/cmd_account.h"
#include "node/base/clock.h"
#include "node/codec/json.h"

#define WORDS_TEXT_MAX 1024U
#define WORDS_MAX 24U
#define WORD_MAX 64U
#define ASKED_COUNT 3U
#define TRIES_MAX 3

/* Views of the words in a text, white space between them. */
static size_t split(ht_bytes out[static WORDS_MAX], const struct ht_secret *text) {
    size_t count = 0;
    for (size_t at = 0; at < text->n;) {
        size_t n = strcspn(text->p + at, " \t");
        if (n > 0 && count < WORDS_MAX) out[count++] = ht_bytes_of(text->p + at, n);
        at += n + 1;
    }
    return count;
}

/* --- create -----------------------------------------------------------------------------------*/

static void show_words(const struct ht_wallet *wallet, const ht_bytes *words, size_t count) {
    ht_prompt_say(&wallet->prompt,
                  "\nWrite these words down, in this order, and keep them where nobody else finds "
                  "them.\nWhoever has them has the accounts; without them, a lost computer is a "
                  "lost wallet.\nThey are shown this once.\n\n");
    for (size_t i = 0; i < count; i++) {
        ht_prompt_say(&wallet->prompt, "%4zu  ", i + 1);
        ht_prompt_show(&wallet->prompt, words[i]);
        ht_prompt_say(&wallet->prompt, "\n");
    }
}

/* Three places of the words, none twice. */
static void choose_places(size_t out[static ASKED_COUNT], size_t count) {
    for (size_t i = 0; i < ASKED_COUNT;) {
        size_t place = (size_t)ht_random_below(&ht_system_random, count);
        bool is_new = true;
        for (size_t k = 0; k < i; k++) is_new &= out[k] != place;
        if (is_new) out[i++] = place;
    }
}

static enum ht_err ask_word(const struct ht_wallet *wallet, const ht_bytes *words, size_t place,
                            struct ht_secret *answer, struct ht_why *why) {
    char question[32];
    (void)snprintf(question, sizeof question, "Word %zu: ", place + 1);
    for (int i = 0; i < TRIES_MAX; i++) {
        enum ht_err err = ht_prompt_secret(answer, &wallet->prompt, question, why);
        if (err != HT_OK) return err;
        bool is_same =
            answer->n == words[place].n && sodium_memcmp(answer->p, words[place].p, answer->n) == 0;
        if (is_same) return HT_OK;
        ht_prompt_say(&wallet->prompt, "That is another word.\n");
    }
    return ht_fail(why, HT_EDENIED, "words_differ",
                   "the words were not checked, so the new seed cannot sign yet: hearth account "
                   "backup");
}

static enum ht_err quiz(const struct ht_wallet *wallet, const struct ht_secret *text,
                        struct ht_why *why) {
    ht_bytes words[WORDS_MAX];
    size_t places[ASKED_COUNT], count = split(words, text);
    struct ht_secret answer = {0};
    char line[64];
    if (count < ASKED_COUNT) return ht_fail(why, HT_EINPUT, "bad_reply", "the seed has no words");
    show_words(wallet, words, count);
    enum ht_err err = HT_OK;
    if (wallet->prompt.is_terminal) {
        err = ht_prompt_line(line, sizeof line, &wallet->prompt,
                             "\nPress Enter when they are written down; the screen is wiped then. ",
                             why);
        ht_prompt_forget(&wallet->prompt);
    }
    choose_places(places, count);
    if (err == HT_OK) err = ht_secret_new(&answer, WORD_MAX, why);
    for (size_t i = 0; err == HT_OK && i < ASKED_COUNT; i++) {
        err = ask_word(wallet, words, places[i], &answer, why);
    }
    ht_secret_free(&answer);
    return err;
}

static enum ht_err check_backup(const struct ht_wallet *wallet, json_t **result, const char *seed,
                                const struct ht_secret *words, struct ht_why *why) {
    const ht_bytes part = ht_secret_view(words);
    const struct ht_wallet_sealed what = {
        .method = "wallet.check_backup",
        .request = HT_SIGNER_CHECK_SEED,
        .params = json_pack("{s:s}", "seed", seed),
        .parts = &part,
        .part_count = 1,
    };
    return ht_wallet_call_sealed(wallet, result, &what, why);
}

static enum ht_err create(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    const char *words = wallet->options.words != NULL ? wallet->options.words : "12";
    struct ht_secret text = {0};
    json_t *checked = NULL;
    static const char *const lengths[] = {"12", "15", "18", "21", "24"};
    bool is_length = false;
    for (size_t i = 0; i < 5; i++) is_length |= strcmp(words, lengths[i]) == 0;
    if (!is_length) {
        return ht_wallet_usage(wallet, why, "a seed has 12, 15, 18, 21 or 24 words");
    }
    enum ht_err err = ht_wallet_open(wallet, true, why);
    if (err == HT_OK) err = ht_secret_new(&text, WORDS_TEXT_MAX, why);
    if (err == HT_OK) {
        json_t *params = json_pack("{s:i}", "words", (int)strtol(words, NULL, 10));
        if (params != NULL && wallet->options.label != NULL) {
            (void)json_object_set_new(params, "label", json_string(wallet->options.label));
        }
        const struct ht_wallet_sealed what = {.method = "wallet.new_seed",
                                              .request = HT_SIGNER_NEW_SEED,
                                              .params = params,
                                              .reply = &text};
        err = ht_wallet_call_sealed(wallet, result, &what, why);
    }
    if (err == HT_OK) err = quiz(wallet, &text, why);
    if (err == HT_OK) {
        err = check_backup(wallet, &checked, ht_wallet_text(*result, "seed"), &text, why);
    }
    if (err == HT_OK) (void)json_object_set_new(*result, "is_backed_up", json_true());
    json_decref(checked);
    ht_secret_free(&text);
    return err;
}

/* --- backup -----------------------------------------------------------------------------------*/

/* The seed that is named, or the only one that waits to be checked. */
static enum ht_err due_seed(const struct ht_wallet *wallet, json_t **seed, struct ht_why *why) {
    json_t *accounts = NULL, *one;
    size_t i, count = 0;
    if (wallet->operand_count > 0) return ht_wallet_find(wallet, seed, wallet->operands[0], why);
    enum ht_err err = ht_wallet_call(wallet, &accounts, "wallet.accounts", json_object(), why);
    if (err != HT_OK) return err;
    json_array_foreach(json_object_get(accounts, "seeds"), i, one) {
        if (json_is_true(json_object_get(one, "is_backed_up"))) continue;
        if (count++ == 0) *seed = json_incref(json_object_get(one, "id"));
    }
    json_decref(accounts);
    if (count == 1) return HT_OK;
    if (count > 1) json_decref(*seed);
    *seed = NULL;
    return ht_fail(why, HT_ENOTFOUND, "no_such_account",
                   count == 0 ? "no seed waits to be checked"
                              : "say which seed: hearth account "
                                "list shows them");
}

static enum ht_err backup(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    struct ht_secret words = {0};
    json_t *seed = NULL;
    enum ht_err err = ht_wallet_open(wallet, false, why);
    if (err == HT_OK) err = due_seed(wallet, &seed, why);
    if (err == HT_OK) err = ht_secret_new(&words, WORDS_TEXT_MAX, why);
    if (err == HT_OK) {
        err = ht_prompt_secret(&words, &wallet->prompt, "All words of the seed: ", why);
    }
    if (err == HT_OK) {
        const char *name = json_string_value(seed);
        err = check_backup(wallet, result, name != NULL ? name : "", &words, why);
    }
    json_decref(seed);
    ht_secret_free(&words);
    return err;
}

/* --- restore ----------------------------------------------------------------------------------*/

static enum ht_err restore(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    struct ht_secret words = {0}, passphrase = {0};
    ht_bytes views[WORDS_MAX];
    enum ht_err err = ht_wallet_open(wallet, true, why);
    if (err == HT_OK) err = ht_secret_new(&words, WORDS_TEXT_MAX, why);
    if (err == HT_OK) err = ht_secret_new(&passphrase, HT_WALLET_PASSPHRASE_MAX, why);
    if (err == HT_OK) {
        err = ht_prompt_secret(&words, &wallet->prompt, "Words of the seed: ", why);
    }
    if (err == HT_OK) {
        err = ht_prompt_secret(&passphrase, &wallet->prompt,
                               "Its BIP-39 passphrase (most have none: Enter): ", why);
    }
    if (err == HT_OK) {
        const struct ht_account_import what = {.kind = "mnemonic",
                                               .label = wallet->options.label,
                                               .secret = &words,
                                               .password = passphrase.n > 0 ? &passphrase : NULL,
                                               .words = (json_int_t)split(views, &words)};
        err = ht_account_import(wallet, result, &what, why);
    }
    ht_secret_free(&words);
    ht_secret_free(&passphrase);
    return err;
}

static const struct ht_wallet_verb verb_create = {
    .cmd = {.name = "account create",
            .summary = "make a new seed, show its words once and check that they are kept",
            .usage = "account create [--words N] [--label TEXT]" HT_ACCOUNT_USAGE,
            .more = "\nMakes the wallet first when there is none. From standard input: the "
                    "passphrase\n(twice for a new wallet), then the words asked for, one a line.\n",
            .takes_operands = true},
    .allowed = "Wl" HT_ACCOUNT_OPTIONS,
    .work = create,
    .print = ht_account_print_new,
};

static const struct ht_wallet_verb verb_backup = {
    .cmd = {.name = "account backup",
            .summary = "check that the words of a seed are kept, so that it can sign",
            .usage = "account backup [SEED]" HT_ACCOUNT_USAGE,
            .takes_operands = true},
    .allowed = HT_ACCOUNT_OPTIONS,
    .operands_max = 1,
    .work = backup,
    .print = ht_account_print_new,
};

static const struct ht_wallet_verb verb_restore = {
    .cmd = {.name = "account restore",
            .summary = "take a seed from its words (BIP-39)",
            .usage = "account restore [--label TEXT]" HT_ACCOUNT_USAGE,
            .more = "\nMakes the wallet first when there is none. From standard input: the "
                    "passphrase\n(twice for a new wallet), the words, the BIP-39 passphrase or an "
                    "empty line.\n",
            .takes_operands = true},
    .allowed = "l" HT_ACCOUNT_OPTIONS,
    .work = restore,
    .print = ht_account_print_new,
};

const struct ht_wallet_verb *const ht_account_verbs_seed[] = {&verb_create, &verb_backup,
                                                              &verb_restore, NULL};
