/* The methods of signing in, and the settings behind them. */
#include "identity/credentials/sign_in.h"

#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "identity/audit.h"
#include "identity/credentials/sign_in_sql.h"
#include "identity/keys/accounts.h"
#include "node/codec/address.h"
#include "node/codec/eip712.h"
#include "node/codec/json.h"
#include "node/crypto/secp256k1.h"

struct ht_sign_in {
    struct ht_siwe_sessions sessions;
    struct ht_sign_in_settings settings;
    unsigned checks; /* under way */
    bool is_saving;
};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- who may ---------------------------------------------------------------------------------- */

static bool may_sign_in(const struct ht_identity *identity, const ht_addr20 *address) {
    const struct ht_sign_in_settings *settings = &identity->sign_in->settings;
    if (!settings->is_enabled) return false;
    for (size_t i = 0; i < settings->count; i++) {
        if (memcmp(settings->addresses[i].b, address->b, sizeof address->b) == 0) return true;
    }
    const struct ht_account_info *account = ht_accounts_find(identity, address);
    return settings->takes_accounts && account != NULL && account->kind != HT_ACCOUNT_WATCH;
}

enum ht_err ht_sign_in_redeem(ht_addr20 *out, struct ht_identity *identity, ht_bytes ticket,
                              ht_bytes host, struct ht_why *why) {
    ht_addr20 address;
    enum ht_err err = ht_siwe_redeem(&address, &identity->sign_in->sessions, ticket, host,
                                     ht_mono_ms(identity->host->clock), why);
    if (err != HT_OK) return err;
    if (!may_sign_in(identity, &address)) {
        return ht_fail(why, HT_EDENIED, "siwe_not_allowed", "this account may not sign in here");
    }
    ht_audit_add(identity, "signed_in_with_ethereum", NULL, &address, "to the web UI");
    *out = address;
    return HT_OK;
}

bool ht_sign_in_is_open(const struct ht_identity *identity) {
    const struct ht_sign_in_settings *settings = &identity->sign_in->settings;
    if (!settings->is_enabled || settings->count > 0) return settings->is_enabled;
    size_t count = settings->takes_accounts ? ht_accounts_count(identity) : 0;
    for (size_t i = 0; i < count; i++) {
        if (ht_accounts_at(identity, i)->kind != HT_ACCOUNT_WATCH) return true;
    }
    return false;
}

static bool way_is_open(void *self) {
    return ht_sign_in_is_open(self);
}

static enum ht_err way_redeem(void *self, char who[static HT_SIGN_IN_WHO_SIZE], ht_bytes ticket,
                              ht_bytes host, struct ht_why *why) {
    ht_addr20 address;
    enum ht_err err = ht_sign_in_redeem(&address, self, ticket, host, why);
    if (err == HT_OK) ht_address_checksum(who, &address);
    return err;
}

const struct ht_sign_in_way ht_sign_in_way = {.is_open = way_is_open, .redeem = way_redeem};

/* --- settings --------------------------------------------------------------------------------- */

static json_t *settings_json(const struct ht_sign_in_settings *settings) {
    json_t *list = json_array();
    for (size_t i = 0; i < settings->count; i++) {
        (void)json_array_append_new(list, ht_address_json(&settings->addresses[i]));
    }
    return json_pack("{s:b, s:b, s:o}", "is_enabled", (int)settings->is_enabled, "takes_accounts",
                     (int)settings->takes_accounts, "addresses", list);
}

static enum ht_err show_settings(void *self, json_t **result, const json_t *params,
                                 struct ht_why *why) {
    const struct ht_identity *identity = self;
    (void)params;
    *result = settings_json(&identity->sign_in->settings);
    return *result != NULL ? HT_OK : no_memory(why);
}

static enum ht_err read_flag(bool *out, const json_t *params, const char *key, struct ht_why *why) {
    return ht_json_member(params, key) != NULL ? ht_json_bool(out, params, key, why) : HT_OK;
}

static enum ht_err read_addresses(struct ht_sign_in_settings *out, const json_t *params,
                                  struct ht_why *why) {
    const json_t *list = NULL;
    if (ht_json_member(params, "addresses") == NULL) return HT_OK;
    enum ht_err err = ht_json_array(&list, params, "addresses", why);
    if (err == HT_OK && json_array_size(list) > HT_SIGN_IN_ADDRESSES_MAX) {
        err = ht_fail(why, HT_ELIMIT, "too_many_addresses", "at most %u addresses",
                      HT_SIGN_IN_ADDRESSES_MAX);
    }
    if (err != HT_OK) return err;
    out->count = json_array_size(list);
    for (size_t i = 0; err == HT_OK && i < out->count; i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "addresses[%zu]", i);
        err = ht_address_param(&out->addresses[i], params, path, why);
    }
    return err;
}

struct save {
    struct ht_write write;
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    struct ht_sign_in_settings settings;
};

/* On the writer's thread. */
static enum ht_err write_settings(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    const struct save *save = (struct save *)write;
    return ht_sign_in_sql_save(db, &save->settings, why);
}

static void wrote_settings(struct ht_write *write) {
    struct save *save = (struct save *)write;
    struct ht_sign_in *sign_in = save->identity->sign_in;
    sign_in->is_saving = false;
    if (write->err == HT_OK) {
        sign_in->settings = save->settings;
        ht_siwe_drop_tickets(&sign_in->sessions);
        ht_audit_add(save->identity, "sign_in_settings", NULL, NULL,
                     save->settings.is_enabled ? "accounts may sign in to the web UI"
                                               : "no account may sign in to the web UI");
        ht_rpc_finish(save->call, settings_json(&save->settings));
    } else {
        ht_rpc_refuse(save->call, write->err, &write->why);
    }
    free(save);
}

static void set_settings(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_sign_in *sign_in = identity->sign_in;
    struct ht_why why = {0};
    struct save *save = calloc(1, sizeof *save);
    enum ht_err err = save != NULL ? HT_OK : no_memory(&why);
    if (err == HT_OK && sign_in->is_saving) {
        err = ht_fail(&why, HT_EAGAIN, "siwe_busy", "settings are being kept just now");
    }
    if (err == HT_OK) {
        save->identity = identity;
        save->call = call;
        save->settings = sign_in->settings;
        save->write.write = write_settings;
        save->write.done = wrote_settings;
        err = read_flag(&save->settings.is_enabled, params, "is_enabled", &why);
    }
    if (err == HT_OK)
        err = read_flag(&save->settings.takes_accounts, params, "takes_accounts", &why);
    if (err == HT_OK) err = read_addresses(&save->settings, params, &why);
    if (err == HT_OK) {
        err = ht_writer_submit(identity->host->writer, &save->write);
        if (err != HT_OK) (void)ht_fail(&why, err, "busy", "the disk is too busy now");
    }
    if (err == HT_OK) {
        sign_in->is_saving = true;
        return;
    }
    free(save);
    ht_rpc_refuse(call, err, &why);
}

/* --- challenges ------------------------------------------------------------------------------- */

static enum ht_err read_request(struct ht_siwe_request *out, const char **statement,
                                ht_addr20 *address, const json_t *params, struct ht_why *why) {
    enum ht_err err = ht_json_text(&out->domain, params, "domain", why);
    if (err == HT_OK) err = ht_json_text(&out->uri, params, "uri", why);
    if (err == HT_OK && ht_json_member(params, "statement") != NULL)
        err = ht_json_text(statement, params, "statement", why);
    if (err == HT_OK && ht_json_member(params, "address") != NULL) {
        err = ht_address_param(address, params, "address", why);
        out->address = address;
    }
    return err;
}

static enum ht_err answer_challenge(json_t **result, const struct ht_siwe_challenge *challenge,
                                    const char *statement, struct ht_why *why) {
    struct ht_buf text;
    ht_buf_init(&text, HT_SIWE_ANSWER_MAX);
    enum ht_err err = HT_OK;
    json_t *out =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "nonce", challenge->nonce, "domain",
                  challenge->domain, "uri", challenge->uri, "chain_id",
                  (json_int_t)challenge->chain_id, "issued_ms", (json_int_t)challenge->issued_ms,
                  "ends_ms", (json_int_t)(challenge->issued_ms + HT_SIWE_CHALLENGE_MS));
    if (out == NULL) err = no_memory(why);
    if (err == HT_OK && challenge->has_address) {
        err = ht_siwe_challenge_text(&text, challenge, &challenge->address, statement, why);
        if (err == HT_OK &&
            json_object_set_new(out, "message", json_stringn((char *)text.p, text.n)) != 0)
            err = no_memory(why);
    }
    ht_buf_fini(&text);
    if (err == HT_OK) {
        *result = out;
    } else {
        json_decref(out);
    }
    return err;
}

static enum ht_err give_challenge(void *self, json_t **result, const json_t *params,
                                  struct ht_why *why) {
    struct ht_identity *identity = self;
    const struct ht_host *host = identity->host;
    const struct ht_siwe_challenge *challenge = NULL;
    const char *statement = NULL;
    ht_addr20 address;
    struct ht_siwe_request request = {.chain_id = host->network->chain_id,
                                      .wall_ms = ht_wall_ms(host->clock),
                                      .mono_ms = ht_mono_ms(host->clock)};
    enum ht_err err = read_request(&request, &statement, &address, params, why);
    if (err == HT_OK)
        err = ht_siwe_challenge(&challenge, &identity->sign_in->sessions, host->random, &request,
                                why);
    return err == HT_OK ? answer_challenge(result, challenge, statement, why) : err;
}

/* --- verifying -------------------------------------------------------------------------------- */

struct verify {
    struct ht_signature_check check;
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    ht_addr20 address;
    char domain[HT_SIWE_DOMAIN_MAX + 1];
    struct ht_buf signature;
};

struct verdict {
    const char *name;
    const char *how; /* NULL unless valid */
    const struct ht_why *why;
    json_t *provenance; /* taken over; NULL: nothing of the chain was asked */
};

static void free_verify(struct verify *verify) {
    ht_buf_fini(&verify->signature);
    free(verify);
}

/* Adds what is there; value is taken over. */
static bool put(json_t *out, const char *key, json_t *value) {
    return value != NULL && json_object_set_new(out, key, value) == 0;
}

static json_t *verdict_json(struct verify *verify, const struct verdict *verdict) {
    char ticket[HT_SIWE_TICKET_LEN + 1];
    const struct ht_host *host = verify->identity->host;
    struct ht_sign_in *sign_in = verify->identity->sign_in;
    bool is_valid = verdict->how != NULL;
    bool may = is_valid && may_sign_in(verify->identity, &verify->address);
    json_t *out = json_pack("{s:o, s:s, s:b}", "address", ht_address_json(&verify->address),
                            "verdict", verdict->name, "may_sign_in", (int)may);
    bool is_good = out != NULL;
    if (is_valid) {
        is_good = is_good && put(out, "how", json_string(verdict->how));
    } else {
        is_good = is_good && put(out, "code", json_string(verdict->why->code)) &&
                  put(out, "reason", json_string(verdict->why->text));
    }
    if (verdict->provenance != NULL)
        is_good = is_good && put(out, "provenance", verdict->provenance);
    if (may && is_good) {
        ht_siwe_ticket(ticket, &sign_in->sessions, host->random, &verify->address,
                       ht_bytes_str(verify->domain), ht_mono_ms(host->clock));
        is_good = put(out, "ticket", json_string(ticket));
        sodium_memzero(ticket, sizeof ticket);
    }
    if (is_good) return out;
    json_decref(out);
    return NULL;
}

static void answer(struct verify *verify, const struct verdict *verdict) {
    ht_rpc_finish(verify->call, verdict_json(verify, verdict));
    free_verify(verify);
}

/* What the account's code said. */
static void checked(struct ht_signature_check *check) {
    static const char *const names[] = {[HT_SIGNATURE_ECDSA] = "ecdsa",
                                        [HT_SIGNATURE_ERC1271] = "erc1271",
                                        [HT_SIGNATURE_ERC6492] = "erc6492"};
    struct verify *verify = check->user;
    struct ht_why why = check->why;
    struct verdict verdict = {.name = "unverified", .why = &why};
    /* Other proofs that do not hold say nothing of the signature. */
    bool is_refused = check->err == HT_EUNVERIFIED && strcmp(check->why.code, "bad_signature") == 0;
    bool is_told = check->err == HT_OK || is_refused;
    verify->identity->sign_in->checks--;
    if (is_told) {
        verdict.provenance = ht_chain_provenance_json(verify->identity->host->chain, &check->header,
                                                      check->is_final, check->run.source);
    }
    if (check->err == HT_OK && check->kind != HT_SIGNATURE_ECDSA) {
        verdict.name = "valid";
        verdict.how = names[check->kind];
    } else if (check->err == HT_OK) {
        /* A key's signature would have counted before; what is left is the other s. */
        verdict.name = "invalid";
        (void)ht_fail(&why, HT_EUNVERIFIED, "high_s", "s is in the upper half (EIP-2)");
    } else if (is_refused) {
        verdict.name = "invalid";
    }
    ht_signature_check_fini(check);
    answer(verify, &verdict);
}

/* 65 bytes with v of 0, 1, 27 or 28, or 64 with the parity in s (EIP-2098). */
static bool is_keys_own(const struct verify *verify, const ht_hash32 *digest) {
    struct ht_ecdsa_signature signature;
    ht_addr20 signer;
    ht_bytes bytes = ht_buf_view(&verify->signature);
    if (bytes.n != 64 && bytes.n != 65) return false;
    memcpy(signature.r, bytes.p, 32);
    memcpy(signature.s, bytes.p + 32, 32);
    if (bytes.n == 64) {
        signature.y_parity = signature.s[0] >> 7;
        signature.s[0] &= 0x7f;
    } else {
        signature.y_parity = (uint8_t)(bytes.p[64] >= 27 ? bytes.p[64] - 27 : bytes.p[64]);
    }
    return ht_ecdsa_recover_address(&signer, digest, &signature, HT_ECDSA_LOW_S, NULL) == HT_OK &&
           memcmp(signer.b, verify->address.b, sizeof signer.b) == 0;
}

/* A key's signature is its account's whatever code stands there by now (EIP-7702). */
static void judge(struct verify *verify, const ht_hash32 *digest) {
    struct ht_runner *runner = verify->identity->host->runner;
    struct ht_why why = {0};
    if (is_keys_own(verify, digest)) {
        answer(verify, &(struct verdict){.name = "valid", .how = "ecdsa"});
        return;
    }
    if (runner == NULL) {
        (void)ht_fail(&why, HT_EAGAIN, "no_state", "the account's code cannot be asked now");
        answer(verify, &(struct verdict){.name = "unverified", .why = &why});
        return;
    }
    verify->check = (struct ht_signature_check){.block = {.kind = HT_BLOCK_LATEST},
                                                .signer = verify->address,
                                                .digest = *digest,
                                                .signature = ht_buf_view(&verify->signature),
                                                .done = checked,
                                                .user = verify};
    verify->identity->sign_in->checks++;
    ht_signature_check(runner, &verify->check);
}

static enum ht_err read_answer(struct verify *verify, ht_hash32 *digest, const json_t *params,
                               struct ht_why *why) {
    struct ht_identity *identity = verify->identity;
    const struct ht_clock *clock = identity->host->clock;
    struct ht_siwe message;
    ht_bytes text = ht_bytes_of(NULL, 0);
    enum ht_err err = ht_json_str(&text, params, "message", why);
    if (err == HT_OK) err = ht_json_hex_buf(&verify->signature, params, "signature", why);
    if (err == HT_OK && verify->signature.n == 0) {
        err = ht_fail(why, HT_EINPUT, "siwe_signature", "the signature has no bytes");
    }
    if (err == HT_OK && identity->sign_in->checks >= HT_SIGN_IN_CHECKS_MAX) {
        err = ht_fail(why, HT_EAGAIN, "siwe_busy", "too many are being verified just now");
    }
    if (err == HT_OK) {
        err = ht_siwe_answer(&message, &identity->sign_in->sessions, text, ht_wall_ms(clock),
                             ht_mono_ms(clock), why);
    }
    if (err != HT_OK) return err;
    verify->address = message.address;
    (void)snprintf(verify->domain, sizeof verify->domain, "%.*s", (int)message.domain.n,
                   (const char *)message.domain.p);
    ht_eip191_digest(digest, text);
    return HT_OK;
}

static void start_verify(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    ht_hash32 digest;
    struct verify *verify = calloc(1, sizeof *verify);
    if (verify == NULL) {
        ht_rpc_refuse(call, no_memory(&why), &why);
        return;
    }
    verify->identity = self;
    verify->call = call;
    ht_buf_init(&verify->signature, HT_CONTRACT_SIGNATURE_MAX);
    enum ht_err err = read_answer(verify, &digest, params, &why);
    if (err == HT_OK) {
        judge(verify, &digest);
    } else {
        ht_rpc_refuse(call, err, &why);
        free_verify(verify);
    }
}

/* --- life ------------------------------------------------------------------------------------- */

enum ht_err ht_sign_in_new(struct ht_identity *identity, sqlite3 *db, struct ht_why *why) {
    identity->sign_in = calloc(1, sizeof *identity->sign_in);
    if (identity->sign_in == NULL) return no_memory(why);
    enum ht_err err = ht_sign_in_sql_load(&identity->sign_in->settings, db, why);
    if (err != HT_OK) ht_sign_in_free(identity);
    return err;
}

void ht_sign_in_free(struct ht_identity *identity) {
    if (identity->sign_in != NULL) sodium_memzero(identity->sign_in, sizeof *identity->sign_in);
    free(identity->sign_in);
    identity->sign_in = NULL;
}

static const struct ht_rpc_method METHODS[] = {
    {.name = "siwe.challenge", .fn = give_challenge},
    {.name = "siwe.verify", .start = start_verify},
    {.name = "siwe.settings", .fn = show_settings},
    {.name = "siwe.set_settings", .start = set_settings},
};
const struct ht_identity_methods ht_sign_in_methods = {METHODS, sizeof METHODS / sizeof *METHODS};
_Static_assert(sizeof METHODS / sizeof *METHODS == HT_SIGN_IN_METHODS, "identity.h counts them");
