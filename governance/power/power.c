/* What to ask about power over a community. What the answers mean is for power_words.c. */
#include "governance/power/power.h"

#include "governance/calls/calls_family.h"
#include "governance/governor/code.h"
#include "governance/governor/profile_code.h"

#define HAS_ROLE 0x91d14854U
#define OWNER 0x8da5cb5bU
#define ADMIN 0xf851a440U
#define MINT 0x40c10f19U
#define SET_ATTESTER 0x5c0204d9U
#define PROXIABLE 0x52d1902dU /* proxiableUUID() */

/* ERC-1967: keccak256("eip1967.proxy.admin") - 1, keccak256("eip1967.proxy.beacon") - 1. */
static const ht_hash32 ADMIN_SLOT = {.b = {0xb5, 0x31, 0x27, 0x68, 0x4a, 0x56, 0x8b, 0x31,
                                           0x73, 0xae, 0x13, 0xb9, 0xf8, 0xa6, 0x01, 0x6e,
                                           0x24, 0x3e, 0x63, 0xb6, 0xe8, 0xee, 0x11, 0x78,
                                           0xd6, 0xa7, 0x17, 0x85, 0x0b, 0x5d, 0x61, 0x03}};
static const ht_hash32 BEACON_SLOT = {.b = {0xa3, 0xf0, 0xad, 0x74, 0xe5, 0x42, 0x3a, 0xeb,
                                            0xfd, 0x80, 0xd3, 0xef, 0x43, 0x46, 0x57, 0x83,
                                            0x35, 0xa9, 0xa7, 0x2a, 0xea, 0xee, 0x59, 0xff,
                                            0x6c, 0xb3, 0x58, 0x2b, 0x35, 0x13, 0x3d, 0x50}};
static const ht_hash32 ROLE_GRANTED = {.b = {0x2f, 0x87, 0x88, 0x11, 0x7e, 0x7e, 0xff, 0x1d,
                                             0x82, 0xe9, 0x26, 0xec, 0x79, 0x49, 0x01, 0xd1,
                                             0x7c, 0x78, 0x02, 0x4a, 0x50, 0x27, 0x09, 0x40,
                                             0x30, 0x45, 0x40, 0xa7, 0x33, 0x65, 0x6f, 0x0d}};

static bool is_same(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* --- asking -----------------------------------------------------------------------------------*/

static bool is_asked(const struct ht_gov_power *power, const struct ht_gov_power_ask *ask) {
    for (size_t i = 0; i < power->count; i++) {
        const struct ht_gov_power_ask *one = &power->asks[i];
        if (one->what == ask->what && is_same(&one->to, &ask->to) &&
            is_same(&one->about, &ask->about) && is_same(&one->account, &ask->account) &&
            ht_hash32_equal(&one->role, &ask->role)) {
            return true;
        }
    }
    return false;
}

static void put(struct ht_gov_power *power, const struct ht_gov_power_ask *ask) {
    if (is_asked(power, ask)) return;
    if (power->count == HT_GOV_POWER_ASKS_MAX) {
        power->is_cut = true;
        return;
    }
    power->asks[power->count++] = *ask;
}

static void ask_slot(struct ht_gov_power *power, enum ht_gov_power_what what, const ht_addr20 *to,
                     const ht_hash32 *slot) {
    struct ht_gov_power_ask ask = {
        .what = what, .to = *to, .about = *to, .is_slot = true, .slot = *slot};
    put(power, &ask);
}

static void ask_view(struct ht_gov_power *power, enum ht_gov_power_what what, const ht_addr20 *to,
                     const ht_addr20 *about, uint32_t selector) {
    struct ht_gov_power_ask ask = {.what = what, .to = *to, .about = *about, .selector = selector};
    put(power, &ask);
}

static void ask_role(struct ht_gov_power *power, const ht_hash32 *role, const ht_addr20 *account) {
    const ht_addr20 *timelock = &power->context->timelock;
    struct ht_gov_power_ask ask = {.what = HT_GOV_POWER_ROLE,
                                   .to = *timelock,
                                   .about = *timelock,
                                   .selector = HAS_ROLE,
                                   .word_count = 2,
                                   .role = *role,
                                   .account = *account};
    memcpy(ask.words[0], role->b, sizeof role->b);
    memcpy(ask.words[1] + 12, account->b, sizeof account->b);
    ask.is_slot = power->are_roles_slots;
    if (ask.is_slot) ht_gov_code_slot_role(&ask.slot, role, account);
    put(power, &ask);
}

static void ask_views(struct ht_gov_power *power, const ht_addr20 *to, ht_bytes code) {
    static const struct {
        uint32_t selector;
        enum ht_gov_power_what what;
    } views[] = {
        {0xfc473616U, HT_GOV_POWER_GUARDIAN},      {0xc5a8425dU, HT_GOV_POWER_WHITELIST_GUARDIAN},
        {0xd8bff440U, HT_GOV_POWER_VETOER},        {ADMIN, HT_GOV_POWER_ADMIN},
        {0x26782247U, HT_GOV_POWER_PENDING_ADMIN}, {OWNER, HT_GOV_POWER_OWNER},
        {0x07546172U, HT_GOV_POWER_MINTER},        {0xf27a0c92U, HT_GOV_POWER_MIN_DELAY},
        {0x6a42b8f8U, HT_GOV_POWER_MIN_DELAY},
    };
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        if (ht_gov_code_has(code, views[i].selector)) {
            ask_view(power, views[i].what, to, to, views[i].selector);
        }
    }
}

static void ask_contract(struct ht_gov_power *power, const ht_addr20 *to, ht_bytes code) {
    if (code.n == 0) return;
    ask_slot(power, HT_GOV_POWER_PROXY_ADMIN, to, &ADMIN_SLOT);
    ask_slot(power, HT_GOV_POWER_BEACON, to, &BEACON_SLOT);
    ask_views(power, to, code);
}

static void ask_roles(struct ht_gov_power *power, ht_bytes code) {
    static const ht_addr20 anybody;
    const ht_addr20 *const accounts[] = {&power->context->governor, &power->context->timelock,
                                         &anybody};
    if (power->timelock_kind != HT_GOV_TIMELOCK_CONTROLLER || !ht_gov_code_has(code, HAS_ROLE)) {
        return;
    }
    for (size_t role = 0; role <= HT_GOV_ROLE_TIMELOCK_ADMIN; role++) {
        for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++) {
            ask_role(power, &ht_gov_roles[role].hash, accounts[i]);
        }
    }
}

/* A treasury of ours: then it is known where it keeps its roles. */
static bool is_ours(ht_bytes code) {
    enum ht_gov_ours part;
    return code.n > 0 && ht_gov_code_ours(&part, code) != NULL && part == HT_GOV_OURS_TREASURY;
}

void ht_gov_power_init(struct ht_gov_power *out, const struct ht_gov_calls_context *context,
                       enum ht_gov_timelock timelock_kind, const struct ht_gov_power_codes *codes) {
    *out = (struct ht_gov_power){.context = context,
                                 .timelock_kind = timelock_kind,
                                 .governor_families = ht_gov_families_of_code(codes->governor),
                                 .token_families = ht_gov_families_of_code(codes->token),
                                 .governor_upgrades = ht_gov_code_has(codes->governor, PROXIABLE),
                                 .timelock_upgrades = ht_gov_code_has(codes->timelock, PROXIABLE),
                                 .token_upgrades = ht_gov_code_has(codes->token, PROXIABLE),
                                 .token_mints = ht_gov_code_has(codes->token, MINT),
                                 .token_attests = ht_gov_code_has(codes->token, SET_ATTESTER),
                                 .are_roles_slots = is_ours(codes->timelock)};
    ask_contract(out, &context->governor, codes->governor);
    if (context->has_timelock) {
        ask_contract(out, &context->timelock, codes->timelock);
        ask_roles(out, codes->timelock);
    }
    if (context->has_token) ask_contract(out, &context->token, codes->token);
}

void ht_gov_power_log(struct ht_gov_power *power, const ht_addr20 *emitter, const ht_hash32 *topics,
                      size_t topic_count) {
    ht_addr20 account;
    bool is_ours = power->context->has_timelock && is_same(emitter, &power->context->timelock);
    if (!is_ours || topic_count < 3 || !ht_hash32_equal(&topics[0], &ROLE_GRANTED)) return;
    memcpy(account.b, topics[2].b + 12, sizeof account.b);
    ask_role(power, &topics[1], &account);
}

bool ht_gov_power_next(struct ht_gov_power *power) {
    size_t before = power->count;
    for (size_t i = 0; i < before; i++) {
        ht_addr20 owner;
        const struct ht_gov_power_ask ask = power->asks[i];
        bool is_proxy = ask.what == HT_GOV_POWER_PROXY_ADMIN || ask.what == HT_GOV_POWER_BEACON;
        if (!is_proxy || !ht_gov_power_address(&owner, &ask)) continue;
        if (is_same(&owner, &power->context->governor) ||
            (power->context->has_timelock && is_same(&owner, &power->context->timelock))) {
            continue;
        }
        ask_view(power, HT_GOV_POWER_OWNER, &owner, &ask.about, OWNER);
    }
    return power->count > before;
}

/* --- answers ----------------------------------------------------------------------------------*/

bool ht_gov_power_address(ht_addr20 *out, const struct ht_gov_power_ask *ask) {
    static const uint8_t zeros[32];
    const size_t address_at = 12;
    if (!ask->is_answered || ask->value_n < 32) return false;
    if (memcmp(ask->value, zeros, address_at) != 0) return false;
    if (memcmp(ask->value, zeros, sizeof zeros) == 0) return false;
    memcpy(out->b, ask->value + address_at, sizeof out->b);
    return true;
}

bool ht_gov_power_has(const struct ht_gov_power_ask *ask) {
    static const uint8_t yes[32] = {[31] = 1};
    return ask->what == HT_GOV_POWER_ROLE && ask->is_answered && ask->value_n >= 32 &&
           memcmp(ask->value, yes, sizeof yes) == 0;
}

static bool is_of_vote(const struct ht_gov_power *power, const ht_addr20 *address) {
    const struct ht_gov_calls_context *context = power->context;
    return is_same(address, &context->governor) ||
           (context->has_timelock && is_same(address, &context->timelock));
}

bool ht_gov_power_by_vote(const struct ht_gov_power *power, const ht_addr20 *address) {
    if (is_of_vote(power, address)) return true;
    for (size_t i = 0; i < power->count; i++) {
        ht_addr20 owner;
        const struct ht_gov_power_ask *ask = &power->asks[i];
        if (ask->what != HT_GOV_POWER_OWNER || !is_same(&ask->to, address)) continue;
        /* A wallet of several signers has no owner() of this kind; only one that a vote owns
         * counts. */
        if (ht_gov_power_address(&owner, ask) && is_of_vote(power, &owner)) return true;
    }
    return false;
}
