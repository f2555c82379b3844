/* How the verbs about keys and accounts are run, and how they ask the node. What they ask for is
 * theirs; what they show is in cmd_wallet_text.c. */
#include "node/app/cmd.h"

#include <stdlib.h>

#include <sodium.h>

#include "node/app/client.h"
#include "node/app/cmd_wallet.h"
#include "node/base/hex.h"
#include "node/codec/json.h"

#define SEALED_MAX (HT_WALLET_SECRET_MAX + HT_WALLET_PASSPHRASE_MAX + 64U)

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- running ----------------------------------------------------------------------------------*/

enum ht_err ht_wallet_usage(struct ht_wallet *wallet, struct ht_why *why, const char *text) {
    wallet->is_usage = true;
    return ht_fail(why, HT_EINPUT, "usage", "%s", text);
}

static enum ht_err work(struct ht_wallet *wallet, const struct ht_wallet_verb *verb,
                        json_t **result, struct ht_why *why) {
    bool is_right =
        wallet->operand_count >= verb->operands_min && wallet->operand_count <= verb->operands_max;
    if (!is_right) return ht_wallet_usage(wallet, why, "too few or too many words");
    enum ht_err err = ht_prompt_guard(why);
    if (err == HT_OK) err = ht_prompt_open(&wallet->prompt, why);
    return err == HT_OK ? verb->work(wallet, result, why) : err;
}

int ht_wallet_run(const struct ht_wallet_verb *verb, int argc, char **argv) {
    struct ht_wallet wallet = {.cmd = &verb->cmd};
    struct ht_why why = {0};
    json_t *result = NULL;
    int code = ht_cmd_read_options(&wallet.options, &verb->cmd, verb->allowed, argc, argv);
    if (code >= 0) return code;
    wallet.operands = argv + wallet.options.first_operand;
    wallet.operand_count = (size_t)(argc - wallet.options.first_operand);
    enum ht_err err = ht_config_load(&wallet.config, &wallet.options.flags, &why);
    bool has_config = err == HT_OK;
    if (err == HT_OK) err = work(&wallet, verb, &result, &why);
    bool is_json = wallet.options.is_json;
    if (wallet.is_usage) {
        fprintf(stderr, "hearth %s: %s\nTry: hearth %s --help\n", verb->cmd.name, why.text,
                verb->cmd.name);
    } else if (err == HT_OK && !wallet.is_printed && is_json) {
        ht_cmd_print_json(json_incref(result));
    } else if (err == HT_OK && !wallet.is_printed) {
        verb->print(&wallet, result);
    }
    code = wallet.is_usage ? HT_EXIT_USAGE
           : err == HT_OK  ? wallet.code
                           : ht_cmd_fail(&why, err, is_json);
    json_decref(result);
    ht_secret_free(&wallet.passphrase);
    ht_prompt_close(&wallet.prompt);
    if (has_config) ht_config_free(&wallet.config);
    return code;
}

/* --- asking the node --------------------------------------------------------------------------*/

enum ht_err ht_wallet_call(const struct ht_wallet *wallet, json_t **result, const char *method,
                           json_t *params, struct ht_why *why) {
    if (params == NULL) return no_memory(why);
    enum ht_err err = ht_client_call_with(result, &wallet->config, method, params, why);
    json_decref(params);
    return err;
}

/* What is used once, in locked memory. */
struct pairs {
    struct ht_hpke_pair ephemeral, reply;
};

static enum ht_err set_hex(json_t *params, const char *name, ht_bytes bytes, struct ht_why *why) {
    char *text = malloc(HT_HEX_SIZE(bytes.n));
    if (text == NULL) return no_memory(why);
    ht_hex_write(text, bytes);
    int failed = json_object_set_new(params, name, json_string(text));
    free(text);
    return failed == 0 ? HT_OK : no_memory(why);
}

static enum ht_err seal(const struct ht_wallet *wallet, struct pairs *pairs,
                        const struct ht_wallet_sealed *what, struct ht_why *why) {
    struct ht_secret plain = {0};
    struct ht_buf sealed;
    size_t room = 0;
    for (size_t i = 0; i < what->part_count; i++) room += 4 + what->parts[i].n;
    if (room > SEALED_MAX) return ht_fail(why, HT_ELIMIT, "too_long", "that is too long");
    ht_buf_init(&sealed, room + HT_HPKE_OVERHEAD);
    enum ht_err err = ht_secret_new(&plain, room, why);
    if (err == HT_OK) {
        err = ht_signer_parts_write((uint8_t *)plain.p, &plain.n, room, what->parts,
                                    what->part_count);
        if (err != HT_OK) err = ht_fail(why, err, "too_long", "that is too long");
    }
    if (err == HT_OK) err = ht_hpke_generate(&pairs->ephemeral, &ht_system_random, why);
    if (err == HT_OK) {
        uint8_t aad[HT_SIGNER_AAD_MAX];
        bool has_reply = what->reply != NULL;
        size_t aad_n = ht_signer_aad(
            aad, what->request, has_reply ? HT_BYTES(pairs->reply.public) : ht_bytes_of(NULL, 0));
        err = ht_hpke_seal(&sealed, wallet->signer_key, &pairs->ephemeral,
                           ht_bytes_str(HT_SIGNER_INFO), ht_bytes_of(aad, aad_n),
                           ht_secret_view(&plain), why);
    }
    if (err == HT_OK) err = set_hex(what->params, "sealed", ht_buf_view(&sealed), why);
    ht_secret_free(&plain);
    ht_buf_fini(&sealed);
    return err;
}

static enum ht_err open_reply(json_t *result, const struct pairs *pairs,
                              const struct ht_wallet_sealed *what, struct ht_why *why) {
    struct ht_secret plain = {0};
    struct ht_buf sealed;
    ht_bytes parts[HT_SIGNER_PARTS_MAX];
    size_t count = 0;
    ht_buf_init(&sealed, SEALED_MAX + HT_HPKE_OVERHEAD);
    enum ht_err err = ht_json_hex_buf(&sealed, result, "sealed", why);
    if (err == HT_OK) err = ht_secret_new(&plain, SEALED_MAX, why);
    if (err == HT_OK) {
        err = ht_hpke_open(
            (uint8_t *)plain.p, &plain.n, &pairs->reply, ht_bytes_str(HT_SIGNER_INFO),
            ht_bytes_str(ht_signer_request_name(what->request)), ht_buf_view(&sealed), why);
    }
    if (err == HT_OK) err = ht_signer_parts_read(parts, &count, ht_secret_view(&plain), why);
    if (err == HT_OK && count != 1) {
        err = ht_fail(why, HT_EINPUT, "bad_reply", "the signer's answer is no single text");
    }
    if (err == HT_OK) err = ht_secret_add(what->reply, parts[0], why);
    ht_secret_free(&plain);
    ht_buf_fini(&sealed);
    (void)json_object_del(result, "sealed");
    return err;
}

enum ht_err ht_wallet_call_sealed(const struct ht_wallet *wallet, json_t **result,
                                  const struct ht_wallet_sealed *what, struct ht_why *why) {
    struct pairs *pairs = what->params != NULL ? sodium_malloc(sizeof *pairs) : NULL;
    json_t *answer = NULL;
    enum ht_err err = pairs != NULL ? HT_OK : no_memory(why);
    if (err == HT_OK && what->reply != NULL) {
        err = ht_hpke_generate(&pairs->reply, &ht_system_random, why);
        if (err == HT_OK) {
            err = set_hex(what->params, "reply_key", HT_BYTES(pairs->reply.public), why);
        }
    }
    if (err == HT_OK && what->part_count > 0) err = seal(wallet, pairs, what, why);
    if (err == HT_OK) {
        err = ht_wallet_call(wallet, &answer, what->method, json_incref(what->params), why);
    }
    if (err == HT_OK && what->reply != NULL) err = open_reply(answer, pairs, what, why);
    if (err == HT_OK) {
        *result = answer;
    } else {
        json_decref(answer);
    }
    sodium_free(pairs);
    json_decref(what->params);
    return err;
}

/* --- open or not ------------------------------------------------------------------------------*/

enum ht_err ht_wallet_status(struct ht_wallet *wallet, json_t **status, struct ht_why *why) {
    json_t *answer = NULL;
    enum ht_err err = ht_wallet_call(wallet, &answer, "wallet.status", json_object(), why);
    if (err != HT_OK) return err;
    if (json_is_object(json_object_get(answer, "signer"))) {
        err = ht_json_hex(wallet->signer_key, sizeof wallet->signer_key, answer, "signer.key", why);
    } else {
        err = ht_fail(why, HT_EDENIED, "no_signer",
                      "the process that holds the keys is not there: %s",
                      ht_wallet_text(answer, "why"));
    }
    if (err == HT_OK) {
        *status = answer;
    } else {
        json_decref(answer);
    }
    return err;
}

enum ht_err ht_wallet_ask_passphrase(struct ht_wallet *wallet, struct ht_why *why) {
    if (wallet->passphrase.p != NULL) return HT_OK;
    enum ht_err err = ht_secret_new(&wallet->passphrase, HT_WALLET_PASSPHRASE_MAX, why);
    if (err != HT_OK) return err;
    err = ht_prompt_secret(&wallet->passphrase, &wallet->prompt, "Passphrase of the wallet: ", why);
    if (err != HT_OK) ht_secret_free(&wallet->passphrase);
    return err;
}

static enum ht_err make_vault(struct ht_wallet *wallet, struct ht_why *why) {
    ht_prompt_say(&wallet->prompt,
                  "There is no wallet yet. Its passphrase keeps the keys on this computer; it "
                  "cannot be\nrecovered when it is lost.\n");
    enum ht_err err = ht_secret_new(&wallet->passphrase, HT_WALLET_PASSPHRASE_MAX, why);
    if (err != HT_OK) return err;
    err = ht_prompt_new_secret(&wallet->passphrase, &wallet->prompt,
                               "New passphrase: ", HT_WALLET_PASSPHRASE_MIN, why);
    if (err != HT_OK) ht_secret_free(&wallet->passphrase);
    return err;
}

enum ht_err ht_wallet_open(struct ht_wallet *wallet, bool makes, struct ht_why *why) {
    json_t *status = NULL, *result = NULL;
    enum ht_err err = ht_wallet_status(wallet, &status, why);
    if (err != HT_OK) return err;
    const char *vault = ht_wallet_text(status, "vault");
    bool is_open = strcmp(vault, "open") == 0, is_new = strcmp(vault, "none") == 0;
    json_decref(status);
    if (is_open) return HT_OK;
    if (is_new && !makes) {
        return ht_fail(why, HT_EDENIED, "no_vault",
                       "there is no wallet yet: hearth account create, or restore");
    }
    err = is_new ? make_vault(wallet, why) : ht_wallet_ask_passphrase(wallet, why);
    if (err != HT_OK) return err;
    const ht_bytes part = ht_secret_view(&wallet->passphrase);
    const struct ht_wallet_sealed what = {
        .method = is_new ? "wallet.create" : "wallet.unlock",
        .request = is_new ? HT_SIGNER_CREATE : HT_SIGNER_UNLOCK,
        .params = json_object(),
        .parts = &part,
        .part_count = 1,
    };
    err = ht_wallet_call_sealed(wallet, &result, &what, why);
    json_decref(result);
    return err;
}

/* --- what is named ----------------------------------------------------------------------------*/

/* The id of the account with that address. */
static enum ht_err find_address(const struct ht_wallet *wallet, json_t **id, const char *text,
                                struct ht_why *why) {
    ht_addr20 wanted, address;
    json_t *answer = NULL;
    enum ht_err err = ht_wallet_address(&wanted, text, why);
    if (err == HT_OK) {
        err = ht_wallet_call(wallet, &answer, "wallet.accounts", json_object(), why);
    }
    if (err != HT_OK) return err;
    size_t i;
    json_t *one;
    *id = NULL;
    json_array_foreach(json_object_get(answer, "accounts"), i, one) {
        bool is_it = ht_json_hex(address.b, sizeof address.b, one, "address", NULL) == HT_OK &&
                     memcmp(address.b, wanted.b, sizeof address.b) == 0;
        if (is_it && *id == NULL) *id = json_incref(json_object_get(one, "id"));
    }
    json_decref(answer);
    if (*id != NULL) return HT_OK;
    return ht_fail(why, HT_ENOTFOUND, "no_such_account", "%.60s is not in the wallet", text);
}

enum ht_err ht_wallet_find(const struct ht_wallet *wallet, json_t **id, const char *text,
                           struct ht_why *why) {
    size_t n = strlen(text);
    if (strncmp(text, "0x", 2) == 0) return find_address(wallet, id, text, why);
    bool is_number = n > 0 && n < 16 && strspn(text, "0123456789") == n;
    *id = is_number ? json_integer((json_int_t)strtoll(text, NULL, 10)) : json_string(text);
    return *id != NULL ? HT_OK : ht_fail(why, HT_EINPUT, "bad_address", "that is no id");
}
