/* Keys that leave the wallet, sealed to the page that asked. */
#include "identity/keys/accounts_export.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/audit.h"
#include "node/base/hex.h"
#include "node/codec/json.h"

enum ht_err ht_accounts_kind(char out[static 16], const json_t *params, const char *name,
                             struct ht_why *why) {
    const char *kind;
    enum ht_err err = ht_json_text(&kind, params, name, why);
    if (err != HT_OK) return err;
    if (strlen(kind) > 15) return ht_fail(why, HT_EINPUT, "key_kind", "that is no format of keys");
    memcpy(out, kind, strlen(kind) + 1);
    return HT_OK;
}

struct export_call {
    struct ht_vault_request request; /* first */
    char key[64], format[16];
    bool has_address;
    ht_addr20 address;
};

static bool exported(struct ht_vault_request *request, json_t **result) {
    const struct export_call *waiting = (struct export_call *)request;
    const struct ht_signer_message *reply = &request->call.reply;
    ht_bytes sealed = ht_signer_field(reply, HT_SIGNER_TAG_SEALED);
    ht_bytes passphrase = ht_signer_field(reply, HT_SIGNER_TAG_NUMBER);
    char *text = malloc(HT_HEX_SIZE(sealed.n));
    if (text != NULL) {
        ht_hex_write(text, sealed);
        *result = json_pack("{s:s}", "sealed", text);
        free(text);
    }
    if (passphrase.n == 8) {
        /* The words alone do not restore a seed that has one. */
        bool has_one = ht_read_u64_le(passphrase.p) != 0;
        (void)json_object_set_new(*result, "has_passphrase", json_boolean(has_one));
    }
    char detail[96];
    (void)snprintf(detail, sizeof detail, "%s as %s", waiting->key, waiting->format);
    ht_audit_add(request->identity, "exported", NULL,
                 waiting->has_address ? &waiting->address : NULL, detail);
    ht_vault_touch(request->identity);
    return true;
}

static enum ht_err plan_export(struct export_call *waiting, const json_t *params,
                               struct ht_why *why) {
    const struct ht_identity *identity = waiting->request.identity;
    struct ht_account_named named;
    enum ht_err err = ht_accounts_named(&named, identity, params, "id", why);
    if (err == HT_OK) err = ht_accounts_kind(waiting->format, params, "format", why);
    if (err == HT_OK) err = ht_vault_check_unlocked(identity, why);
    if (err != HT_OK) return err;
    const char *key = named.account != NULL ? named.account->key
                      : named.seed != NULL  ? named.seed->name
                                            : named.nostr->key;
    if (key[0] == '\0') {
        return ht_fail(why, HT_EDENIED, "watch_only", "its key is not here");
    }
    (void)snprintf(waiting->key, sizeof waiting->key, "%s", key);
    waiting->has_address = named.account != NULL;
    if (waiting->has_address) waiting->address = named.account->address;
    return HT_OK;
}

void ht_accounts_export(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    uint8_t reply_key[HT_HPKE_PUBLIC_SIZE];
    struct ht_buf sealed;
    ht_buf_init(&sealed, HT_SEALED_MAX);
    struct export_call *waiting = calloc(1, sizeof *waiting);
    enum ht_err err = HT_OK;
    if (waiting == NULL) err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err == HT_OK) {
        waiting->request.identity = self;
        waiting->request.rpc = call;
        err = plan_export(waiting, params, &why);
    }
    if (err == HT_OK) err = ht_json_hex(reply_key, sizeof reply_key, params, "reply_key", &why);
    if (err == HT_OK) err = ht_vault_sealed(&sealed, params, &why);
    if (err == HT_OK) {
        waiting->request.call.request = HT_SIGNER_EXPORT;
        waiting->request.finish = exported;
        const struct ht_signer_field fields[] = {
            {HT_SIGNER_TAG_NAME, ht_bytes_str(waiting->key)},
            {HT_SIGNER_TAG_KIND, ht_bytes_str(waiting->format)},
            {HT_SIGNER_TAG_SEALED, ht_buf_view(&sealed)},
            {HT_SIGNER_TAG_PUBLIC, HT_BYTES(reply_key)},
        };
        ht_vault_ask(&waiting->request, fields, 4);
    } else {
        ht_rpc_refuse(call, err, &why);
        free(waiting);
    }
    ht_buf_fini(&sealed);
}
