/* The methods that resolve names, and what is kept of their answers for as long as the head stays.
 */
#include "identity/names/resolve.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/names/ens_ask.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

enum kind { RESOLVE, TEXT, REVERSE };

/* What was asked: the kind, the name or address, the key. */
#define LABEL_SIZE (8U + HT_ENS_NAME_MAX + HT_ENS_KEY_MAX)

/* An answer that is kept. */
struct kept {
    char label[LABEL_SIZE];
    json_t *result; /* without its provenance; NULL: none */
    struct ht_exec_header_verified header;
    bool is_final;
    char source[128];
};

/* A call under way. */
struct call {
    struct ht_ens_ask ask; /* first */
    struct ht_names *names;
    struct ht_rpc_call *rpc;
    struct call *next, **link;
    enum kind kind;
    bool may_go_offchain;
    char label[LABEL_SIZE];
    ht_addr20 address; /* of REVERSE */
    /* Of REVERSE, when the name is being led back: */
    bool is_leading_back;
    enum ht_ens_how how; /* of the name itself */
    char gateway[128];
};

struct ht_names {
    const struct ht_host *host;
    struct call *calls;
    size_t under_way;
    struct kept kept[HT_ENS_KEPT];
    size_t next; /* to be replaced */
};

/* --- calls ------------------------------------------------------------------------------------ */

static void free_call(struct call *call) {
    *call->link = call->next;
    if (call->next != NULL) call->next->link = call->link;
    call->names->under_way--;
    ht_ens_ask_fini(&call->ask);
    free(call);
}

static void refuse(struct call *call, enum ht_err err, const struct ht_why *why) {
    struct ht_rpc_call *rpc = call->rpc;
    const struct ht_why kept = *why;
    free_call(call);
    ht_rpc_refuse(rpc, err, &kept);
}

static void refuse_memory(struct call *call) {
    struct ht_why why;
    (void)ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    refuse(call, HT_ENOMEM, &why);
}

/* --- provenance ------------------------------------------------------------------------------- */

static json_t *proven_json(const struct ht_names *names,
                           const struct ht_exec_header_verified *header, bool is_final,
                           const char *source) {
    return ht_chain_provenance_json(ht_state_chain(names->host->state), header, is_final, source);
}

static json_t *unproven_json(const char *gateway) {
    char text[256];
    (void)snprintf(text, sizeof text, "the gateway %s said so, off the chain", gateway);
    json_t *sources = json_array();
    (void)json_array_append_new(sources, json_string(gateway));
    return json_pack("{s:s, s:n, s:n, s:n, s:o, s:s, s:s}", "verdict", "unproven", "block", "level",
                     "age_ms", "sources", sources, "why", text, "code", "ens_offchain");
}

/* --- what is kept ----------------------------------------------------------------------------- */

static const struct kept *find_kept(const struct ht_names *names, const char *label) {
    const struct ht_exec_header_verified *head = ht_chain_head(ht_state_chain(names->host->state));
    for (size_t i = 0; i < HT_ENS_KEPT && head != NULL; i++) {
        const struct kept *kept = &names->kept[i];
        bool is_it = kept->result != NULL && strcmp(kept->label, label) == 0 &&
                     ht_hash32_equal(&kept->header.hash, &head->hash);
        if (is_it) return kept;
    }
    return NULL;
}

static void keep(const struct call *call, const json_t *result) {
    struct ht_names *names = call->names;
    json_t *copy = json_deep_copy(result);
    if (copy == NULL) return;
    struct kept *kept = &names->kept[names->next++ % HT_ENS_KEPT];
    json_decref(kept->result);
    *kept =
        (struct kept){.result = copy, .header = call->ask.header, .is_final = call->ask.is_final};
    memcpy(kept->label, call->label, sizeof kept->label);
    memcpy(kept->source, call->ask.source, sizeof kept->source);
}

/* Ends the rpc call from what is kept; false when it is not. */
static bool answer_from_kept(const struct ht_names *names, const char *label,
                             struct ht_rpc_call *rpc) {
    const struct kept *kept = find_kept(names, label);
    if (kept == NULL) return false;
    json_t *result = json_deep_copy(kept->result);
    json_t *provenance = proven_json(names, &kept->header, kept->is_final, kept->source);
    if (result == NULL || provenance == NULL) {
        json_decref(result);
        json_decref(provenance);
        return false;
    }
    (void)json_object_set_new(result, "provenance", provenance);
    ht_rpc_finish(rpc, result);
    return true;
}

/* --- answers ---------------------------------------------------------------------------------- */

static const char *how_text(enum ht_ens_how how) {
    static const char *const texts[] = {
        [HT_ENS_STORAGE] = "storage", [HT_ENS_CALL] = "call", [HT_ENS_OFFCHAIN] = "offchain"};
    return texts[how];
}

/* Takes result over. */
static void finish(struct call *call, enum ht_ens_how how, const char *gateway, json_t *result) {
    const struct ht_ens_ask *ask = &call->ask;
    bool is_proven = how != HT_ENS_OFFCHAIN;
    json_t *provenance = is_proven
                             ? proven_json(call->names, &ask->header, ask->is_final, ask->source)
                             : unproven_json(gateway);
    int failed = json_object_set_new(result, "how", json_string(how_text(how)));
    if (failed == 0 && is_proven) keep(call, result);
    failed |= json_object_set_new(result, "provenance", provenance);
    if (failed != 0) {
        json_decref(result);
        refuse_memory(call);
        return;
    }
    struct ht_rpc_call *rpc = call->rpc;
    free_call(call);
    ht_rpc_finish(rpc, result);
}

static json_t *address_or_null(bool is_there, const ht_addr20 *address) {
    return is_there ? ht_address_json(address) : json_null();
}

static json_t *text_or_null(const struct ht_ens_ask *ask) {
    return ask->has_record ? json_stringn((const char *)ask->text.p, ask->text.n) : json_null();
}

static void forward_done(struct ht_ens_ask *ask) {
    struct call *call = (struct call *)ask;
    if (ask->err != HT_OK) {
        refuse(call, ask->err, &ask->why);
        return;
    }
    json_t *resolver = address_or_null(ask->has_resolver, &ask->resolver);
    json_t *result =
        call->kind == RESOLVE
            ? json_pack("{s:s, s:o, s:o}", "name", ask->name, "address",
                        address_or_null(ask->has_record, &ask->address), "resolver", resolver)
            : json_pack("{s:s, s:s, s:o, s:o}", "name", ask->name, "key", ask->key, "value",
                        text_or_null(ask), "resolver", resolver);
    finish(call, ask->how, ask->source, result);
}

/* --- reverse ---------------------------------------------------------------------------------- */

static const char *gateway_of(const struct call *call) {
    return call->how == HT_ENS_OFFCHAIN ? call->gateway : call->ask.source;
}

/* The less sure of both halves. */
static enum ht_ens_how how_of(const struct call *call) {
    return call->is_leading_back && call->ask.how < call->how ? call->how : call->ask.how;
}

/* name NULL: none, for that reason. */
static void finish_reverse(struct call *call, const char *name, const struct ht_why *why) {
    json_t *result =
        json_pack("{s:o, s:s?}", "address", ht_address_json(&call->address), "name", name);
    if (name == NULL && result != NULL) {
        (void)json_object_set_new(result, "why",
                                  json_pack("{s:s, s:s}", "code", why->code, "text", why->text));
    }
    finish(call, how_of(call), gateway_of(call), result);
}

static void no_name(struct call *call, const char *code, const char *text) {
    struct ht_why why;
    (void)ht_fail(&why, HT_ENOTFOUND, code, "%s", text);
    finish_reverse(call, NULL, &why);
}

static void led_back(struct ht_ens_ask *ask) {
    struct call *call = (struct call *)ask;
    /* That it leads nowhere is an answer; that it could not be looked at is none. */
    bool is_about_names = ask->why.code != NULL && strncmp(ask->why.code, "ens_", 4) == 0;
    bool leads_nowhere = is_about_names && (ask->err == HT_ENOTFOUND || ask->err == HT_EDENIED ||
                                            ask->err == HT_EINPUT || ask->err == HT_EUNVERIFIED);
    if (leads_nowhere && ask->header.header.number > 0) {
        const struct ht_why why = ask->why;
        finish_reverse(call, NULL, &why);
    } else if (ask->err != HT_OK) {
        refuse(call, ask->err, &ask->why);
    } else if (ask->has_record && memcmp(ask->address.b, call->address.b, 20) == 0) {
        finish_reverse(call, ask->name, NULL);
    } else {
        no_name(call, "ens_other_address", "the name it gives itself leads to another address");
    }
}

/* Whether the name is its own normal form, which it is then put into out as. */
static bool is_normal(char out[static HT_ENS_NAME_MAX + 1], ht_bytes name) {
    struct ht_buf normal;
    ht_buf_init(&normal, HT_ENS_NAME_MAX);
    bool is_it = name.n > 0 && ht_ens_normalize(&normal, name, NULL) == HT_OK &&
                 ht_bytes_equal(ht_buf_view(&normal), name);
    if (is_it) {
        memcpy(out, name.p, name.n);
        out[name.n] = '\0';
    }
    ht_buf_fini(&normal);
    return is_it;
}

static void lead_back(struct call *call) {
    struct ht_ens_ask *ask = &call->ask;
    struct ht_ens_ask next = {.host = call->names->host,
                              .block = {.kind = HT_BLOCK_HASH, .hash = ask->header.hash},
                              .record = HT_ENS_ADDRESS,
                              .may_go_offchain = call->may_go_offchain,
                              .done = led_back};
    if (!is_normal(next.name, ht_buf_view(&ask->text))) {
        no_name(call, "ens_not_normalized", "the name it gives itself is not in its normal form");
        return;
    }
    call->is_leading_back = true;
    call->how = ask->how;
    memcpy(call->gateway, ask->source, sizeof call->gateway);
    ht_ens_ask_fini(ask);
    *ask = next;
    ht_ens_ask(ask);
}

static void named(struct ht_ens_ask *ask) {
    struct call *call = (struct call *)ask;
    if (ask->err != HT_OK) {
        refuse(call, ask->err, &ask->why);
    } else if (!ask->has_record) {
        no_name(call, "ens_no_reverse", "the address gives itself no name");
    } else {
        lead_back(call);
    }
}

/* --- parameters ------------------------------------------------------------------------------- */

static enum ht_err read_name(struct ht_ens_ask *ask, const json_t *params, struct ht_why *why) {
    struct ht_buf normal;
    ht_bytes name;
    enum ht_err err = ht_json_str(&name, params, "name", why);
    if (err != HT_OK) return err;
    ht_buf_init(&normal, HT_ENS_NAME_MAX);
    err = ht_ens_normalize(&normal, name, why);
    if (err == HT_OK && normal.n == 0) {
        err = ht_fail(why, HT_EINPUT, "ens_empty", "the name is empty");
    }
    if (err == HT_OK) {
        memcpy(ask->name, normal.p, normal.n);
        ask->name[normal.n] = '\0';
    }
    ht_buf_fini(&normal);
    return err;
}

static enum ht_err read_key(struct ht_ens_ask *ask, const json_t *params, struct ht_why *why) {
    const char *key = NULL;
    enum ht_err err = ht_json_text(&key, params, "key", why);
    if (err != HT_OK) return err;
    if (key[0] == '\0' || strlen(key) > HT_ENS_KEY_MAX) {
        return ht_fail(why, HT_EINPUT, "ens_key", "a key has 1 to %u bytes", HT_ENS_KEY_MAX);
    }
    (void)snprintf(ask->key, sizeof ask->key, "%s", key);
    return HT_OK;
}

static enum ht_err read_params(struct call *call, const json_t *params, struct ht_why *why) {
    static const enum ht_ens_record records[] = {
        [RESOLVE] = HT_ENS_ADDRESS, [TEXT] = HT_ENS_TEXT, [REVERSE] = HT_ENS_NAME};
    struct ht_ens_ask *ask = &call->ask;
    enum ht_err err = HT_OK;
    ask->record = records[call->kind];
    ask->done = call->kind == REVERSE ? named : forward_done;
    if (ht_json_member(params, "offchain") != NULL) {
        err = ht_json_bool(&call->may_go_offchain, params, "offchain", why);
    }
    if (err == HT_OK && call->kind == REVERSE) {
        err = ht_address_param(&call->address, params, "address", why);
        if (err == HT_OK) ht_ens_reverse_name(ask->name, &call->address);
    } else if (err == HT_OK) {
        err = read_name(ask, params, why);
    }
    if (err == HT_OK && call->kind == TEXT) err = read_key(ask, params, why);
    ask->may_go_offchain = call->may_go_offchain;
    /* A name in its normal form has no space. */
    (void)snprintf(call->label, sizeof call->label, "%d %s %s", (int)call->kind, ask->name,
                   ask->key);
    return err;
}

static void start(struct ht_identity *identity, struct ht_rpc_call *rpc, const json_t *params,
                  enum kind kind) {
    struct ht_names *names = identity->names;
    struct ht_why why = {0};
    if (names->under_way >= HT_ENS_UNDER_WAY_MAX) {
        (void)ht_fail(&why, HT_EAGAIN, "ens_busy", "too many names are being resolved");
        ht_rpc_refuse(rpc, HT_EAGAIN, &why);
        return;
    }
    struct call *call = calloc(1, sizeof *call);
    if (call == NULL) {
        (void)ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
        ht_rpc_refuse(rpc, HT_ENOMEM, &why);
        return;
    }
    call->ask.host = names->host;
    call->names = names;
    call->rpc = rpc;
    call->kind = kind;
    call->next = names->calls;
    call->link = &names->calls;
    if (call->next != NULL) call->next->link = &call->next;
    names->calls = call;
    names->under_way++;
    enum ht_err err = read_params(call, params, &why);
    if (err != HT_OK) {
        refuse(call, err, &why);
    } else if (answer_from_kept(names, call->label, rpc)) {
        free_call(call);
    } else {
        ht_ens_ask(&call->ask);
    }
}

static void start_resolve(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, RESOLVE);
}

static void start_text(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, TEXT);
}

static void start_reverse(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, REVERSE);
}

static const struct ht_rpc_method METHODS[HT_NAME_METHODS] = {
    {.name = "ens.resolve", .start = start_resolve},
    {.name = "ens.text", .start = start_text},
    {.name = "ens.reverse", .start = start_reverse},
};
const struct ht_identity_methods ht_name_methods = {METHODS, HT_NAME_METHODS};

/* --- life ------------------------------------------------------------------------------------- */

enum ht_err ht_names_new(struct ht_names **out, const struct ht_host *host, struct ht_why *why) {
    struct ht_names *names = calloc(1, sizeof *names);
    if (names == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    names->host = host;
    *out = names;
    return HT_OK;
}

void ht_names_free(struct ht_names *names) {
    struct ht_why why;
    if (names == NULL) return;
    (void)ht_fail(&why, HT_EDENIED, "stopping", "the node is stopping");
    while (names->calls != NULL) refuse(names->calls, HT_EDENIED, &why);
    for (size_t i = 0; i < HT_ENS_KEPT; i++) json_decref(names->kept[i].result);
    free(names);
}
