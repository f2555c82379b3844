/* What the answers about power mean: who can do what, and how bad it is. Whatever could not be
 * asked is said, never taken for "nobody". */
#include "governance/power/power_words.h"

#include <stdio.h>

#include "governance/calls/calls_family.h"
#include "governance/text.h"
#include "node/codec/address.h"

#define DANGER "danger"
#define WARN "warn"
#define NOTE "note"

static bool is_same(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static bool is_about(const struct ht_gov_power_ask *ask, const ht_addr20 *contract) {
    return is_same(&ask->about, contract);
}

static bool is_zero(const ht_addr20 *address) {
    static const ht_addr20 zero;
    return is_same(address, &zero);
}

/* Compound's guardians have an expiry in the second word; 0: none. */
static uint64_t until_of(const struct ht_gov_power_ask *ask) {
    ht_u256 until = {{0}};
    if (ask->what == HT_GOV_POWER_GUARDIAN && ask->is_answered && ask->value_n >= 64) {
        until = ht_u256_from_be32(ask->value + 32);
    }
    return ht_u256_is_u64(&until) ? until.limb[0] : 0;
}

static bool number_of(uint64_t *out, const struct ht_gov_power_ask *ask) {
    if (!ask->is_answered || ask->value_n < 32) return false;
    ht_u256 number = ht_u256_from_be32(ask->value);
    if (!ht_u256_is_u64(&number) || number.limb[0] > INT64_MAX) return false;
    *out = number.limb[0];
    return true;
}

/* --- who --------------------------------------------------------------------------------------*/

static void add_who(json_t *list, const struct ht_gov_power *power,
                    const struct ht_gov_power_ask *ask, const ht_addr20 *address, const char *as) {
    struct ht_gov_place place;
    uint64_t until = until_of(ask);
    ht_gov_place_find(&place, power->context, address);
    json_t *name = place.name != NULL
                       ? ht_gov_text_json(ht_bytes_str(place.name), HT_GOV_PLACE_NAME_MAX)
                       : json_null();
    json_t *who = json_pack(
        "{so so ss so sb ss}", "address", ht_address_json(address), "name", name, "as", as,
        "until_s", until > 0 && until <= INT64_MAX ? json_integer((json_int_t)until) : json_null(),
        "by_vote", ht_gov_power_by_vote(power, address), "provenance",
        ask->is_slot ? "proven" : "called");
    (void)json_array_append_new(list, who);
}

static void add_canceller(json_t *list, const struct ht_gov_power *power,
                          const struct ht_gov_power_ask *ask) {
    const struct ht_gov_calls_context *context = power->context;
    ht_addr20 address;
    bool is_governor = is_about(ask, &context->governor);
    if (ask->what == HT_GOV_POWER_GUARDIAN && is_governor && ht_gov_power_address(&address, ask)) {
        add_who(list, power, ask, &address, "guardian");
    }
    if (ask->what == HT_GOV_POWER_WHITELIST_GUARDIAN && is_governor &&
        ht_gov_power_address(&address, ask)) {
        add_who(list, power, ask, &address, "whitelist guardian");
    }
    if (ht_gov_power_has(ask) &&
        ht_hash32_equal(&ask->role, &ht_gov_roles[HT_GOV_ROLE_CANCELLER].hash)) {
        add_who(list, power, ask, &ask->account, "CANCELLER of the timelock");
    }
    if (power->timelock_kind == HT_GOV_TIMELOCK_COMPOUND && ask->what == HT_GOV_POWER_ADMIN &&
        is_about(ask, &context->timelock) && ht_gov_power_address(&address, ask)) {
        add_who(list, power, ask, &address, "admin of the timelock");
    }
}

static void add_upgrader(json_t *list, const struct ht_gov_power *power,
                         const struct ht_gov_power_ask *ask) {
    ht_addr20 address;
    if (!ht_gov_power_address(&address, ask)) return;
    bool is_governor = is_about(ask, &power->context->governor);
    if (ask->what == HT_GOV_POWER_PROXY_ADMIN) {
        add_who(list, power, ask, &address,
                is_governor ? "admin of the governor's proxy" : "admin of a proxy");
    } else if (ask->what == HT_GOV_POWER_BEACON) {
        add_who(list, power, ask, &address, "beacon");
    } else if (ask->what == HT_GOV_POWER_OWNER && !is_same(&ask->to, &ask->about)) {
        add_who(list, power, ask, &address, "owner of that admin");
    } else if (ask->what == HT_GOV_POWER_OWNER && is_governor && power->governor_upgrades) {
        add_who(list, power, ask, &address, "owner of the governor");
    } else if (ask->what == HT_GOV_POWER_ADMIN && is_governor) {
        add_who(list, power, ask, &address, "admin of the governor");
    }
}

static void add_role(json_t *roles, const struct ht_gov_power *power,
                     const struct ht_gov_power_ask *ask) {
    char text[HT_GOV_ROLE_TEXT_SIZE];
    const char *name = ht_gov_role_name(&ask->role);
    if (name == NULL) {
        ht_gov_role_text(text, &ask->role);
        name = text;
    }
    json_t *list = json_object_get(roles, name);
    if (list == NULL) {
        list = json_array();
        (void)json_object_set_new(roles, name, list);
    }
    if (ht_gov_power_has(ask)) add_who(list, power, ask, &ask->account, name);
}

static void add_note(json_t *notes, const char *text) {
    (void)json_array_append_new(notes, json_string(text));
}

static size_t unanswered(const struct ht_gov_power *power) {
    size_t count = 0;
    for (size_t i = 0; i < power->count; i++) count += !power->asks[i].is_answered;
    return count;
}

static json_t *notes_of(const struct ht_gov_power *power) {
    char text[200];
    json_t *notes = json_array();
    size_t open = unanswered(power);
    if (open > 0 || power->is_cut) {
        (void)snprintf(text, sizeof text,
                       "%zu questions about power could not be answered: there may be more of it.",
                       open + power->is_cut);
        add_note(notes, text);
    }
    if (power->timelock_kind == HT_GOV_TIMELOCK_CONTROLLER && !power->are_roles_complete) {
        add_note(notes, "Who holds roles of the timelock was looked for in logs that are not "
                        "proven to be all there are: others may hold them as well.");
    }
    if (power->token_attests) {
        add_note(notes, "Those who attest decide who is a voter; only a vote decides whose "
                        "attestations count.");
    }
    if ((power->governor_families & HT_GOV_FAMILY_GOVERNOR) != 0) {
        add_note(notes, "Who proposed can take a proposal back before its vote begins.");
    }
    return notes;
}

json_t *ht_gov_power_json(const struct ht_gov_power *power) {
    json_t *cancel = json_array(), *upgrade = json_array(), *veto = json_array();
    json_t *roles = json_object(), *delay = NULL;
    bool is_open = false;
    for (size_t i = 0; i < power->count; i++) {
        const struct ht_gov_power_ask *ask = &power->asks[i];
        ht_addr20 address;
        uint64_t seconds;
        add_canceller(cancel, power, ask);
        add_upgrader(upgrade, power, ask);
        if (ask->what == HT_GOV_POWER_VETOER && ht_gov_power_address(&address, ask)) {
            add_who(veto, power, ask, &address, "vetoer");
        }
        if (ask->what == HT_GOV_POWER_ROLE) add_role(roles, power, ask);
        is_open =
            is_open || (ht_gov_power_has(ask) && is_zero(&ask->account) &&
                        ht_hash32_equal(&ask->role, &ht_gov_roles[HT_GOV_ROLE_EXECUTOR].hash));
        bool is_delay = ask->what == HT_GOV_POWER_MIN_DELAY && power->context->has_timelock &&
                        is_about(ask, &power->context->timelock);
        if (is_delay && delay == NULL && number_of(&seconds, ask)) {
            delay = json_integer((json_int_t)seconds);
        }
    }
    return json_pack("{so so so so sb so sb so}", "can_cancel", cancel, "can_upgrade", upgrade,
                     "can_veto", veto, "timelock_roles", roles, "are_roles_complete",
                     (int)power->are_roles_complete, "min_delay_s",
                     delay != NULL ? delay : json_null(), "executor_open", is_open, "notes",
                     notes_of(power));
}

/* --- hidden power -----------------------------------------------------------------------------*/

struct telling {
    const struct ht_gov_power *power;
    json_t *danger, *warn, *note;
};

HT_PRINTF(3, 4)
static void tell(struct telling *telling, const char *severity, const char *fmt, ...) {
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    json_t *list = telling->note;
    if (strcmp(severity, DANGER) == 0) list = telling->danger;
    if (strcmp(severity, WARN) == 0) list = telling->warn;
    (void)json_array_append_new(list, json_pack("{ss ss}", "text", text, "severity", severity));
}

static void tell_role(struct telling *telling, const struct ht_gov_power_ask *ask) {
    const struct ht_gov_power *power = telling->power;
    char who[HT_GOV_PLACE_TEXT_SIZE], role[HT_GOV_ROLE_TEXT_SIZE];
    bool is_governor = is_same(&ask->account, &power->context->governor);
    bool is_admin = ht_hash32_equal(&ask->role, &ht_gov_roles[HT_GOV_ROLE_ADMIN].hash) ||
                    ht_hash32_equal(&ask->role, &ht_gov_roles[HT_GOV_ROLE_TIMELOCK_ADMIN].hash);
    bool is_proposer = ht_hash32_equal(&ask->role, &ht_gov_roles[HT_GOV_ROLE_PROPOSER].hash);
    bool is_canceller = ht_hash32_equal(&ask->role, &ht_gov_roles[HT_GOV_ROLE_CANCELLER].hash);
    bool is_executor = ht_hash32_equal(&ask->role, &ht_gov_roles[HT_GOV_ROLE_EXECUTOR].hash);
    ht_gov_role_text(role, &ask->role);
    ht_gov_place_text(who, power->context, &ask->account);
    if (!ht_gov_power_has(ask)) {
        if (is_proposer && is_governor && ask->is_answered) {
            tell(telling, WARN,
                 "The governor may not use the timelock: what is decided cannot be queued.");
        }
        return;
    }
    if (is_zero(&ask->account) && is_executor) {
        tell(telling, NOTE, "Anybody can execute what is queued, once its delay is over.");
        return;
    }
    if (is_zero(&ask->account)) {
        tell(telling, DANGER, "Anybody holds %s of the timelock.", role);
        return;
    }
    if (ht_gov_power_by_vote(power, &ask->account)) return;
    if (is_admin) {
        tell(telling, DANGER,
             "%s holds %s of the timelock: it can give itself every other role, and so use the "
             "treasury without a vote.",
             who, role);
    } else if (is_proposer) {
        tell(telling, DANGER, "%s can put calls of the treasury in line without a vote.", who);
    } else if (is_canceller) {
        tell(telling, WARN, "%s can cancel whatever is in line.", who);
    }
}

static const char *name_of(const struct ht_gov_power *power, const struct ht_gov_power_ask *ask) {
    const struct ht_gov_calls_context *context = power->context;
    if (is_about(ask, &context->governor)) return "the governor";
    if (context->has_timelock && is_about(ask, &context->timelock)) return "the timelock";
    return "the votes' token";
}

static bool owner_of(ht_addr20 *out, const struct ht_gov_power *power, const ht_addr20 *contract) {
    for (size_t i = 0; i < power->count; i++) {
        const struct ht_gov_power_ask *ask = &power->asks[i];
        if (ask->what == HT_GOV_POWER_OWNER && is_same(&ask->to, contract)) {
            return ht_gov_power_address(out, ask);
        }
    }
    return false;
}

static void tell_proxy(struct telling *telling, const struct ht_gov_power_ask *ask,
                       const ht_addr20 *admin) {
    const struct ht_gov_power *power = telling->power;
    char who[HT_GOV_PLACE_TEXT_SIZE], by[HT_GOV_PLACE_TEXT_SIZE];
    const char *what = name_of(power, ask);
    ht_addr20 owner;
    bool has_owner = owner_of(&owner, power, admin);
    ht_gov_place_text(who, power->context, admin);
    if (has_owner) ht_gov_place_text(by, power->context, &owner);
    if (ht_gov_power_by_vote(power, admin)) {
        tell(telling, NOTE, "The code of %s can be replaced by a vote, through %s.", what, who);
    } else if (has_owner) {
        tell(telling, DANGER, "%s can replace the code of %s without a vote, through %s.", by, what,
             who);
    } else {
        tell(telling, DANGER, "%s can replace the code of %s without a vote.", who, what);
    }
}

static void tell_guardian(struct telling *telling, const struct ht_gov_power_ask *ask,
                          const char *who) {
    uint64_t until = until_of(ask);
    if (until > 0) {
        tell(telling, WARN, "%s can cancel proposals until second %llu (Unix time).", who,
             (unsigned long long)until);
    } else {
        tell(telling, WARN, "%s can cancel proposals.", who);
    }
}

static void tell_command(struct telling *telling, const struct ht_gov_power_ask *ask,
                         const ht_addr20 *address, const char *who) {
    const struct ht_gov_power *power = telling->power;
    const char *what = name_of(power, ask);
    bool is_token = power->context->has_token && is_about(ask, &power->context->token);
    bool is_own = is_same(&ask->to, &ask->about);
    if (!is_own || ht_gov_power_by_vote(power, address)) return;
    if (ask->what == HT_GOV_POWER_PENDING_ADMIN) {
        tell(telling, DANGER, "%s can take command of %s.", who, what);
    } else if (ask->what == HT_GOV_POWER_MINTER || (is_token && power->token_mints)) {
        tell(telling, DANGER, "%s can make new tokens, and votes with them.", who);
    } else if (is_token && !power->token_upgrades) {
        tell(telling, WARN, "%s owns the votes' token.", who);
    } else {
        tell(telling, DANGER, "%s commands %s without a vote.", who, what);
    }
}

static void tell_ask(struct telling *telling, const struct ht_gov_power_ask *ask) {
    const struct ht_gov_power *power = telling->power;
    char who[HT_GOV_PLACE_TEXT_SIZE];
    ht_addr20 address;
    uint64_t seconds;
    if (ask->what == HT_GOV_POWER_ROLE) tell_role(telling, ask);
    if (ask->what == HT_GOV_POWER_MIN_DELAY && number_of(&seconds, ask) && seconds == 0) {
        tell(telling, WARN, "The timelock does not wait: nobody has time to leave or to object.");
    }
    bool is_view = ask->what != HT_GOV_POWER_ROLE && ask->what != HT_GOV_POWER_MIN_DELAY;
    if (!is_view || !ht_gov_power_address(&address, ask)) return;
    ht_gov_place_text(who, power->context, &address);
    switch (ask->what) {
    case HT_GOV_POWER_PROXY_ADMIN:
    case HT_GOV_POWER_BEACON: tell_proxy(telling, ask, &address); break;
    case HT_GOV_POWER_GUARDIAN:
        if (!ht_gov_power_by_vote(power, &address)) tell_guardian(telling, ask, who);
        break;
    case HT_GOV_POWER_WHITELIST_GUARDIAN:
        if (ht_gov_power_by_vote(power, &address)) break;
        tell(telling, NOTE, "%s can cancel proposals of those on the whitelist.", who);
        break;
    case HT_GOV_POWER_VETOER:
        tell(telling, DANGER, "%s can veto every proposal until it is executed.", who);
        break;
    case HT_GOV_POWER_ADMIN:
    case HT_GOV_POWER_PENDING_ADMIN:
    case HT_GOV_POWER_OWNER:
    case HT_GOV_POWER_MINTER: tell_command(telling, ask, &address, who); break;
    case HT_GOV_POWER_ROLE:
    case HT_GOV_POWER_MIN_DELAY: break;
    }
}

static void tell_upgrades(struct telling *telling) {
    const struct ht_gov_power *power = telling->power;
    const char *const rule = "can be replaced by whomever its own code allows to; mostly that is "
                             "a vote alone. This condition is not checked here.";
    if (power->governor_upgrades) tell(telling, WARN, "The governor's code %s", rule);
    if (power->timelock_upgrades) tell(telling, WARN, "The timelock's code %s", rule);
    if (power->token_upgrades) tell(telling, WARN, "The token's code %s", rule);
}

json_t *ht_gov_power_hidden(const struct ht_gov_power *power) {
    struct telling telling = {
        .power = power, .danger = json_array(), .warn = json_array(), .note = json_array()};
    for (size_t i = 0; i < power->count; i++) tell_ask(&telling, &power->asks[i]);
    tell_upgrades(&telling);
    json_t *notes = notes_of(power);
    for (size_t i = 0; i < json_array_size(notes); i++) {
        tell(&telling, NOTE, "%s", json_string_value(json_array_get(notes, i)));
    }
    json_decref(notes);
    bool is_whole = telling.danger != NULL &&
                    json_array_extend(telling.danger, telling.warn) == 0 &&
                    json_array_extend(telling.danger, telling.note) == 0;
    json_decref(telling.warn);
    json_decref(telling.note);
    if (is_whole) return telling.danger;
    json_decref(telling.danger);
    return NULL;
}
