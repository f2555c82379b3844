/* What the owner asks of communities of ours. */
#include "governance/create/create_methods.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/create/create_calls.h"
#include "governance/create/create_follow.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define REGISTER_MAX 64U
#define REGISTER_GAS 80000U
#define REGISTER_GAS_EACH 230000U
#define STRIKE_GAS 200000U

/* A transaction in the owner's queue. */
struct asking {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_gov_wishes *wishes; /* of dao.create, else NULL */
    json_t *params;
    ht_addr20 account;
};

static void asking_end(struct asking *asking, enum ht_err err, const struct ht_why *why,
                       json_t *result) {
    if (err == HT_OK)
        ht_rpc_finish(asking->call, result);
    else
        ht_rpc_refuse(asking->call, err, why);
    json_decref(asking->params);
    free(asking->wishes);
    free(asking);
}

static void refuse(struct ht_rpc_call *call, enum ht_err err, const char *code, const char *text) {
    struct ht_why why;
    (void)ht_fail(&why, err, code, "%s", text);
    ht_rpc_refuse(call, err, &why);
}

static void noted(void *user, struct ht_gov_creation *creation, enum ht_err err,
                  const struct ht_why *why) {
    struct asking *asking = user;
    asking_end(asking, err, why, creation == NULL ? NULL : ht_gov_creation_json(creation));
}

static void answered(void *user, const struct ht_wallet_answer *answer) {
    struct asking *asking = user;
    if (answer->err != HT_OK) {
        asking_end(asking, answer->err, &answer->why, NULL);
        return;
    }
    if (asking->wishes == NULL) {
        json_t *hash = ht_gov_hex_json(HT_BYTES(answer->hash.b));
        asking_end(asking, HT_OK, NULL, json_pack("{s:o}", "hash", hash));
        return;
    }
    const struct ht_gov_creation_sent sent = {.params = asking->params,
                                              .wishes = asking->wishes,
                                              .hash = answer->hash,
                                              .sender = asking->account};
    ht_gov_creation_begin(asking->governance, &sent, noted, asking);
}

/* Takes over what is there of wishes and ends the call in any case. */
static void send_off(struct ht_governance *governance, struct ht_rpc_call *call,
                     const json_t *params, struct ht_wallet_send *transaction,
                     struct ht_gov_wishes *wishes) {
    struct ht_why why;
    const struct ht_wallet *wallet = ht_gov_wallet(governance);
    enum ht_err err = ht_address_param(&transaction->from, params, "account", &why);
    struct asking *asking = err == HT_OK && wallet != NULL ? calloc(1, sizeof *asking) : NULL;
    if (asking == NULL) {
        free(wishes);
        if (err != HT_OK)
            ht_rpc_refuse(call, err, &why);
        else
            refuse(call, HT_EAGAIN, "no_wallet", "the wallet is not ready");
        return;
    }
    *asking = (struct asking){.governance = governance,
                              .call = call,
                              .wishes = wishes,
                              .params = json_deep_copy(params),
                              .account = transaction->from};
    wallet->send(wallet->self, transaction, answered, asking);
}

static void create(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {.code = "no_memory", .text = "out of memory"};
    struct ht_buf data;
    char what[128];
    enum ht_err err = HT_ENOMEM;
    struct ht_gov_wishes *wishes = calloc(1, sizeof *wishes);
    ht_buf_init(&data, HT_GOV_CREATE_MAX);
    if (wishes != NULL)
        err = ht_gov_wishes_read(wishes, params, ht_gov_eas(governance->host->network), &why);
    if (err == HT_OK) err = ht_gov_create_data(&data, wishes, &why);
    if (err == HT_OK) {
        struct ht_wallet_send transaction = {.wei = wishes->treasury_wei,
                                             .data = {data.p, data.n},
                                             .gas = ht_gov_create_gas(wishes),
                                             .what = what};
        (void)snprintf(what, sizeof what, "Create the community \"%s\"", wishes->name);
        send_off(governance, call, params, &transaction, wishes);
    } else {
        free(wishes);
        ht_rpc_refuse(call, err, &why);
    }
    ht_buf_fini(&data);
}

static enum ht_err created(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    uint64_t id;
    enum ht_err err = ht_json_u64(&id, params, "id", why);
    if (err != HT_OK) return err;
    const struct ht_gov_creation *creation = NULL;
    if (id <= INT64_MAX) creation = ht_gov_creation_find(self, (int64_t)id);
    if (creation == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "no_such_creation", "no community is made by that id");
    }
    *result = ht_gov_creation_json(creation);
    return *result != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err read_uids(ht_hash32 *uids, size_t *count, const json_t *params,
                             struct ht_why *why) {
    const json_t *list;
    enum ht_err err = ht_json_array(&list, params, "uids", why);
    if (err != HT_OK) return err;
    *count = json_array_size(list);
    if (*count == 0 || *count > REGISTER_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_people", "%zu attestations at once, not 1 to %u",
                       *count, REGISTER_MAX);
    }
    for (size_t i = 0; i < *count && err == HT_OK; i++) {
        err = ht_json_hex(uids[i].b, sizeof uids[i].b, json_array_get(list, i), "", why);
    }
    return err;
}

/* A call of the registry at "address". */
static void send_call(struct ht_governance *governance, struct ht_rpc_call *call,
                      const json_t *params, struct ht_wallet_send *transaction,
                      const struct ht_buf *data) {
    struct ht_why why;
    enum ht_err err = ht_address_param(&transaction->to, params, "address", &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    transaction->has_to = true;
    transaction->data = ht_bytes_of(data->p, data->n);
    send_off(governance, call, params, transaction, NULL);
}

static void register_people(void *self, struct ht_rpc_call *call, const json_t *params) {
    ht_hash32 uids[REGISTER_MAX];
    size_t count = 0;
    struct ht_why why;
    struct ht_buf data;
    ht_buf_init(&data, 4096);
    enum ht_err err = read_uids(uids, &count, params, &why);
    if (err == HT_OK) err = ht_gov_call_register(&data, uids, count, &why);
    if (err == HT_OK) {
        struct ht_wallet_send transaction = {.gas = REGISTER_GAS + REGISTER_GAS_EACH * count,
                                             .what = "Register people for whom is vouched"};
        send_call(self, call, params, &transaction, &data);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
    ht_buf_fini(&data);
}

static void strike(void *self, struct ht_rpc_call *call, const json_t *params) {
    ht_addr20 person;
    struct ht_why why;
    struct ht_buf data;
    ht_buf_init(&data, 64);
    enum ht_err err = ht_address_param(&person, params, "person", &why);
    if (err == HT_OK) err = ht_gov_call_strike(&data, &person, &why);
    if (err == HT_OK) {
        struct ht_wallet_send transaction = {
            .gas = STRIKE_GAS, .what = "Strike out a person for whom nobody vouches any more"};
        send_call(self, call, params, &transaction, &data);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
    ht_buf_fini(&data);
}

enum ht_err ht_gov_creations_topic(void *self, json_t **value, struct ht_why *why) {
    const struct ht_governance *governance = self;
    json_t *list = json_array();
    int failed = list == NULL;
    const struct ht_gov_creation *creation = governance->create->list;
    for (; creation != NULL; creation = creation->next) {
        failed |= json_array_append_new(list, ht_gov_creation_json(creation));
    }
    *value = failed == 0 ? json_pack("{s:O}", "creations", list) : NULL;
    json_decref(list);
    return *value != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static void on_topic(struct ht_governance *governance, const char *topic) {
    if (strcmp(topic, "l1.outbox") == 0) ht_gov_create_look(governance);
}

static const struct ht_rpc_method methods[] = {
    {.name = "dao.create", .start = create, .is_patient = true},
    {.name = "dao.created", .fn = created},
    {.name = "dao.register", .start = register_people, .is_patient = true},
    {.name = "dao.strike", .start = strike, .is_patient = true},
};
const struct ht_gov_part ht_gov_create_part = {
    .methods = methods,
    .method_count = sizeof methods / sizeof methods[0],
    .start = ht_gov_create_start,
    .on_topic = on_topic,
    .on_head = ht_gov_create_look,
    .free = ht_gov_create_free,
};
