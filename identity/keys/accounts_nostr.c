/* From a public key to the signer's question and back. Who may ask for what is for the modules that
 * are given this. */
#include "identity/keys/accounts_nostr.h"

#include <stdlib.h>

#include "identity/audit.h"
#include "identity/keys/accounts_op.h"
#include "identity/keys/vault_calls.h"
#include "node/crypto/nip44.h"

struct asked {
    struct ht_signer_call call; /* first */
    struct ht_identity *identity;
    ht_nostr_done done;
    void *user;
    char what[HT_NOSTR_WHAT_MAX + 1]; /* empty: nothing is told */
    bool by_owner;
};

_Static_assert(offsetof(struct ht_signer_call, job) == 0, "a job is found from its call");
/* As much of a UTF-8 text as fits, cut between characters. */
static void copy_text(char *out, size_t size, const char *text) {
    size_t n = strlen(text);
    if (n >= size) {
        n = size - 1;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80) n--;
    }
    memcpy(out, text, n);
    out[n] = '\0';
}

static size_t list(void *self, struct ht_nostr_key *out, size_t max, bool *is_open) {
    const struct ht_identity *identity = self;
    const struct ht_accounts *accounts = identity->accounts;
    for (size_t i = 0; i < accounts->nostr_count && i < max; i++) {
        out[i].pubkey = accounts->nostr[i].public_key;
        copy_text(out[i].label, sizeof out[i].label, accounts->nostr[i].label);
    }
    *is_open = ht_vault_is_unlocked(identity);
    return accounts->nostr_count;
}

static enum ht_err find_key(const char **out, const struct ht_identity *identity,
                            const ht_hash32 *pubkey, struct ht_why *why) {
    const struct ht_accounts *accounts = identity->accounts;
    for (size_t i = 0; i < accounts->nostr_count; i++) {
        if (!ht_hash32_equal(&accounts->nostr[i].public_key, pubkey)) continue;
        *out = accounts->nostr[i].key;
        return HT_OK;
    }
    return ht_fail(why, HT_ENOTFOUND, "no_key", "the wallet has no such Nostr key");
}

static void end(struct asked *asked, const struct ht_nostr_answer *answer) {
    asked->done(asked->user, answer);
    free(asked);
}

/* --- answers ----------------------------------------------------------------------------------*/

static void take_result(struct ht_nostr_answer *answer, const struct asked *asked) {
    const struct ht_signer_message *reply = &asked->call.reply;
    if (asked->call.request != HT_SIGNER_SIGN_EVENT) {
        answer->text = ht_signer_field(reply, HT_SIGNER_TAG_DATA);
        return;
    }
    ht_bytes signature = ht_signer_field(reply, HT_SIGNER_TAG_SIGNATURE);
    if (signature.n == sizeof answer->signature) {
        memcpy(answer->signature, signature.p, signature.n);
    } else {
        answer->err =
            ht_fail(&answer->why, HT_EBUG, "signer_reply", "the signer gave no signature");
    }
}

static void answered(struct ht_signer_call *call) {
    struct asked *asked = (struct asked *)call;
    struct ht_identity *identity = asked->identity;
    struct ht_nostr_answer answer = {.err = call->err, .why = call->why};
    ht_vault_heard(identity, call->err, &call->why);
    /* The owner has locked it meanwhile: nothing comes out any more. */
    if (answer.err == HT_OK) answer.err = ht_vault_check_unlocked(identity, &answer.why);
    if (answer.err == HT_OK) take_result(&answer, asked);
    bool is_unreadable = call->request == HT_SIGNER_DECRYPT &&
                         (answer.err == HT_EINPUT || answer.err == HT_EUNVERIFIED);
    if (is_unreadable) {
        answer.why.code = "bad_ciphertext";
        answer.err = HT_EUNVERIFIED;
    }
    if (answer.err == HT_OK && asked->what[0] != '\0') {
        ht_audit_add(identity, "signed", NULL, NULL, asked->what);
    }
    if (answer.err == HT_OK && asked->by_owner) ht_vault_touch(identity);
    end(asked, &answer);
}

static void refused(struct ht_job *job) {
    struct asked *asked = (struct asked *)job;
    const struct ht_nostr_answer answer = {.err = asked->call.err, .why = asked->call.why};
    end(asked, &answer);
}

/* --- questions --------------------------------------------------------------------------------*/

struct question {
    bool by_owner;
    enum ht_signer_request request;
    const ht_hash32 *pubkey, *theirs; /* theirs: NULL for none */
    ht_bytes data;
    size_t data_max;
};

static enum ht_err ask(struct asked *asked, const struct question *question, struct ht_why *why) {
    const struct ht_identity *identity = asked->identity;
    const char *key = NULL;
    enum ht_err err = find_key(&key, identity, question->pubkey, why);
    if (err == HT_OK) err = ht_vault_check_signer(identity, why);
    if (err == HT_OK) err = ht_vault_check_unlocked(identity, why);
    if (err != HT_OK) return err;
    if (question->data.n > question->data_max) {
        return ht_fail(why, HT_ELIMIT, "nip44_long", "it has %zu bytes, at most %zu",
                       question->data.n, question->data_max);
    }
    /* A field is there also when it is empty. */
    ht_bytes data = question->data.n > 0 ? question->data : ht_bytes_str("");
    size_t count = question->theirs != NULL ? 3 : 2;
    const struct ht_signer_field fields[] = {
        {HT_SIGNER_TAG_KEY, ht_bytes_str(key)},
        {HT_SIGNER_TAG_DATA, data},
        {HT_SIGNER_TAG_PUBLIC, count == 3 ? HT_BYTES(question->theirs->b) : ht_bytes_str("")},
    };
    asked->call.request = question->request;
    asked->call.done = answered;
    err = ht_signer_ask(identity->host->signer, &asked->call, fields, count);
    if (err == HT_OK) return HT_OK;
    return ht_fail(why, err, "signer_busy", "the signer has too much to do");
}

/* An error is told later, as any other answer. */
static void begin(struct ht_identity *identity, const struct question *question, const char *what,
                  ht_nostr_done done, void *user) {
    struct asked *asked = calloc(1, sizeof *asked);
    ht_assert(asked != NULL);
    asked->identity = identity;
    asked->done = done;
    asked->user = user;
    asked->by_owner = question->by_owner;
    copy_text(asked->what, sizeof asked->what, what != NULL ? what : "");
    struct ht_why why = {.code = ""};
    enum ht_err err = ask(asked, question, &why);
    if (err == HT_OK) return;
    asked->call.err = err;
    asked->call.why = why;
    asked->call.job.run = refused;
    ht_loop_answer(identity->host->loop, &asked->call.job);
}

static void sign(void *self, const ht_hash32 *pubkey, const ht_hash32 *id, const char *what,
                 bool by_owner, ht_nostr_done done, void *user) {
    const struct question question = {.by_owner = by_owner,
                                      .request = HT_SIGNER_SIGN_EVENT,
                                      .pubkey = pubkey,
                                      .data = HT_BYTES(id->b),
                                      .data_max = sizeof id->b};
    begin(self, &question, what, done, user);
}

static void encrypt(void *self, const ht_hash32 *pubkey, const ht_hash32 *theirs, ht_bytes text,
                    ht_nostr_done done, void *user) {
    const struct question question = {.request = HT_SIGNER_ENCRYPT,
                                      .pubkey = pubkey,
                                      .theirs = theirs,
                                      .data = text,
                                      .data_max = HT_NIP44_PLAIN_MAX};
    begin(self, &question, NULL, done, user);
}

static void decrypt(void *self, const ht_hash32 *pubkey, const ht_hash32 *theirs, ht_bytes text,
                    ht_nostr_done done, void *user) {
    const struct question question = {.request = HT_SIGNER_DECRYPT,
                                      .pubkey = pubkey,
                                      .theirs = theirs,
                                      .data = text,
                                      .data_max = HT_NIP44_PAYLOAD_MAX};
    begin(self, &question, NULL, done, user);
}

struct ht_nostr_keys ht_nostr_keys_of(struct ht_identity *identity) {
    return (struct ht_nostr_keys){
        .list = list, .sign = sign, .encrypt = encrypt, .decrypt = decrypt, .self = identity};
}
