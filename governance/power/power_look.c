/* Proving what hidden power is asked for: codes, roles' logs, then question by question. */
#include "governance/power/power_look.h"

#include <stdlib.h>

#include "governance/discovery/hints.h"
#include "governance/governor/code.h"
#include "governance/power/power_made.h"
#include "node/base/log.h"
#include "node/codec/json.h"
#include "node/crypto/keccak.h"

#define KEPT_MS 300000
#define PARTS_MAX 48U
#define ROUNDS_MAX 8U

struct ht_gov_power_kept {
    json_t *power, *hidden;
    int64_t at_ms;
    bool is_people; /* ht_gov_power_of_people */
    bool is_made;   /* power_made.h; of that treasury */
    ht_addr20 treasury;
};

enum code { CODE_GOVERNOR, CODE_TIMELOCK, CODE_TOKEN, CODES };

struct looking {
    struct ht_community *community;
    struct ht_governance *governance;
    ht_gov_power_looked done;
    void *user;
    struct ht_block_id block;
    struct ht_gov_calls_context context;
    struct ht_gov_slots read;
    struct ht_buf codes[CODES];
    unsigned code;
    struct ht_gov_as_of as_of;
    struct ht_gov_hints hints;
    struct ht_gov_power_made made;
    struct ht_gov_power power;
    struct ht_gov_view view[HT_GOV_VIEWS_MAX];
    size_t asked[HT_GOV_VIEWS_MAX], asked_count;
    ht_hash32 slots[HT_GOV_POWER_ASKS_MAX];
    size_t slot_ask[HT_GOV_POWER_ASKS_MAX], slot_count;
    struct ht_gov_views views;
    unsigned rounds;
};

void ht_gov_context_of(struct ht_gov_calls_context *out, const struct ht_community *community) {
    static const ht_addr20 none;
    const struct ht_gov_profile *profile = &community->profile;
    *out = (struct ht_gov_calls_context){
        .chain_id = community->governance->host->network->chain_id,
        .governor = community->address,
        .has_timelock = profile->has_timelock,
        .timelock = profile->timelock,
        .has_token = memcmp(profile->token.b, none.b, sizeof none.b) != 0,
        .token = profile->token,
        .token_symbol = community->token_symbol[0] != '\0' ? community->token_symbol : NULL,
        .token_decimals = profile->token_decimals,
        .clock = profile->layout.clock};
}

void ht_gov_power_forget(struct ht_community *community) {
    struct ht_gov_power_kept *kept = community->power;
    community->power = NULL;
    if (kept == NULL) return;
    json_decref(kept->power);
    json_decref(kept->hidden);
    free(kept);
}

static bool is_people(ht_bytes code) {
    enum ht_gov_ours part = HT_GOV_OURS_COUNT;
    return code.n > 0 && ht_gov_code_ours(&part, code) != NULL && part == HT_GOV_OURS_PEOPLE;
}

bool ht_gov_power_of_people(const struct ht_community *community, bool *is_known) {
    *is_known = community->power != NULL;
    return *is_known && community->power->is_people;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void end(struct looking *looking, enum ht_err err, const struct ht_why *why) {
    static const struct ht_why none;
    struct ht_community *community = looking->community;
    struct ht_gov_power_kept *kept = err == HT_OK ? calloc(1, sizeof *kept) : NULL;
    if (kept != NULL) {
        kept->power = ht_gov_power_json(&looking->power);
        kept->hidden = ht_gov_power_hidden(&looking->power);
        kept->at_ms = ht_mono_ms(looking->governance->host->clock);
        kept->is_people = is_people(ht_buf_view(&looking->codes[CODE_TOKEN]));
        kept->is_made = looking->made.is_made;
        kept->treasury = community->profile.timelock;
        ht_gov_power_forget(community);
        community->power = kept;
    }
    looking->done(looking->user, err, why != NULL ? why : &none, kept != NULL ? kept->power : NULL,
                  kept != NULL ? kept->hidden : NULL);
    for (size_t i = 0; i < CODES; i++) ht_buf_fini(&looking->codes[i]);
    ht_gov_hints_fini(&looking->hints);
    free(looking);
}

/* --- questions -------------------------------------------------------------------------------- */

static void ask_on(struct looking *looking);

static void got_views(struct ht_gov_views *views) {
    struct looking *looking = views->user;
    struct ht_why why = views->why;
    enum ht_err err = views->err;
    ht_gov_views_fini(views);
    if (err != HT_OK) {
        end(looking, err, &why);
        return;
    }
    for (size_t i = 0; i < looking->asked_count; i++) {
        struct ht_gov_power_ask *ask = &looking->power.asks[looking->asked[i]];
        const struct ht_gov_view *view = &looking->view[i];
        ask->is_answered = true;
        ask->value_n = !view->has_answer                    ? 0
                       : view->output_n < sizeof ask->value ? view->output_n
                                                            : sizeof ask->value;
        memcpy(ask->value, view->output, ask->value_n);
    }
    ask_on(looking);
}

static void got_slots(struct ht_gov_slots *read) {
    struct looking *looking = read->user;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    for (size_t i = 0; err == HT_OK && i < looking->slot_count; i++) {
        struct ht_gov_power_ask *ask = &looking->power.asks[looking->slot_ask[i]];
        ask->is_answered = true;
        ask->value_n = 32;
        memcpy(ask->value, read->values[i], 32);
    }
    ht_gov_slots_fini(read);
    if (err == HT_OK) {
        ask_on(looking);
    } else {
        end(looking, err, &why);
    }
}

/* All that are open of the contract of the first of them, in one proof. */
static void ask_slots(struct looking *looking, size_t first) {
    const struct ht_gov_power *power = &looking->power;
    const ht_addr20 *to = &power->asks[first].to;
    looking->slot_count = 0;
    for (size_t i = first; i < power->count; i++) {
        const struct ht_gov_power_ask *ask = &power->asks[i];
        if (ask->is_answered || !ask->is_slot || memcmp(ask->to.b, to->b, sizeof to->b) != 0)
            continue;
        looking->slots[looking->slot_count] = ask->slot;
        looking->slot_ask[looking->slot_count++] = i;
    }
    looking->read = (struct ht_gov_slots){.block = looking->block,
                                          .address = *to,
                                          .slots = looking->slots,
                                          .count = looking->slot_count,
                                          .done = got_slots,
                                          .user = looking};
    ht_gov_slots_read(looking->governance, &looking->read);
}

static size_t gather_views(struct looking *looking) {
    size_t count = 0;
    for (size_t i = 0; i < looking->power.count && count < HT_GOV_VIEWS_MAX; i++) {
        const struct ht_gov_power_ask *ask = &looking->power.asks[i];
        if (ask->is_answered || ask->is_slot) continue;
        ht_gov_view_set(&looking->view[count], &ask->to, ask->selector, ask->words,
                        ask->word_count);
        looking->asked[count++] = i;
    }
    looking->asked_count = count;
    return count;
}

static bool is_answered(const struct looking *looking) {
    for (size_t i = 0; i < looking->power.count; i++) {
        if (!looking->power.asks[i].is_answered) return false;
    }
    return true;
}

static void ask_on(struct looking *looking) {
    struct ht_why why;
    if (looking->governance->is_quitting) {
        enum ht_err err = ht_fail(&why, HT_EAGAIN, "stopping", "the node stops");
        end(looking, err, &why);
        return;
    }
    /* What the answers lead to is asked as well. */
    if (is_answered(looking) && looking->rounds++ < ROUNDS_MAX)
        (void)ht_gov_power_next(&looking->power);
    for (size_t i = 0; i < looking->power.count; i++) {
        if (looking->power.asks[i].is_answered || !looking->power.asks[i].is_slot) continue;
        ask_slots(looking, i);
        return;
    }
    if (gather_views(looking) == 0) {
        end(looking, HT_OK, NULL);
        return;
    }
    looking->views = (struct ht_gov_views){.block = looking->block,
                                           .views = looking->view,
                                           .count = looking->asked_count,
                                           .done = got_views,
                                           .user = looking};
    ht_gov_views_read(looking->governance, &looking->views);
}

/* --- roles ------------------------------------------------------------------------------------ */

static void take_log(struct looking *looking, const json_t *log) {
    ht_hash32 topics[4];
    const json_t *list = json_object_get(log, "topics");
    size_t count = json_array_size(list) < 4 ? json_array_size(list) : 4;
    for (size_t i = 0; i < count; i++) {
        if (ht_json_hex(topics[i].b, 32, json_array_get(list, i), "", NULL) != HT_OK) return;
    }
    ht_gov_power_log(&looking->power, &looking->community->profile.timelock, topics, count);
}

static void got_made(struct ht_gov_power_made *made) {
    struct looking *looking = made->user;
    looking->power.are_roles_complete = made->is_complete;
    if (!made->is_complete)
        ht_log(HT_LOG_INFO, "governance", "roles may not be all: %s", made->why.text);
    ask_on(looking);
}

/* Of ours: governor and treasury. Of other code nobody knows with what roles it began. */
static bool is_ours(const struct looking *looking) {
    enum ht_gov_ours part = HT_GOV_OURS_COUNT;
    const struct ht_gov_contract *governor =
        ht_gov_code_ours(&part, ht_buf_view(&looking->codes[CODE_GOVERNOR]));
    return looking->power.are_roles_slots && governor != NULL && part == HT_GOV_OURS_GOVERNOR;
}

/* With the treasury's first role it was made. */
static void got_roles(struct ht_gov_hints *hints) {
    struct looking *looking = hints->user;
    const struct ht_gov_power_kept *kept = looking->community->power;
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < json_array_size(hints->logs); i++) {
        const json_t *log = json_array_get(hints->logs, i);
        uint64_t number;
        take_log(looking, log);
        if (ht_gov_hint_block(&number, log) && number < first) first = number;
    }
    const ht_addr20 *treasury = &looking->community->profile.timelock;
    bool is_made_known = kept != NULL && kept->is_made &&
                         memcmp(kept->treasury.b, treasury->b, sizeof treasury->b) == 0;
    if (!is_ours(looking) || (first == UINT64_MAX && !is_made_known)) {
        ask_on(looking);
        return;
    }
    looking->made = (struct ht_gov_power_made){.community = looking->community,
                                               .as_of = looking->as_of,
                                               .created = first,
                                               .is_made_known = is_made_known,
                                               .done = got_made,
                                               .user = looking};
    ht_gov_power_made_start(&looking->made);
}

static void begin(struct looking *looking) {
    static const char EVENT[] = "RoleGranted(bytes32,address,address)";
    const struct ht_gov_profile *profile = &looking->community->profile;
    const struct ht_exec_header_verified *head = ht_chain_head(looking->governance->host->chain);
    const struct ht_gov_power_codes codes = {
        .governor = ht_buf_view(&looking->codes[CODE_GOVERNOR]),
        .timelock = ht_buf_view(&looking->codes[CODE_TIMELOCK]),
        .token = ht_buf_view(&looking->codes[CODE_TOKEN])};
    enum ht_gov_timelock kind = profile->layout.timelock;
    if (kind == HT_GOV_NO_TIMELOCK && profile->has_timelock) kind = HT_GOV_TIMELOCK_CONTROLLER;
    ht_gov_power_init(&looking->power, &looking->context, kind, &codes);
    if (kind != HT_GOV_TIMELOCK_CONTROLLER || head == NULL) {
        ask_on(looking);
        return;
    }
    looking->hints = (struct ht_gov_hints){.address = profile->timelock,
                                           .topic_count = 1,
                                           .to = head->header.number,
                                           .is_backward = true,
                                           .max = 256,
                                           .parts_max = PARTS_MAX,
                                           .done = got_roles,
                                           .user = looking};
    ht_keccak256(&looking->hints.topics[0], ht_bytes_str(EVENT));
    ht_gov_hints_start(looking->governance, &looking->hints);
}

/* --- codes ------------------------------------------------------------------------------------ */

static void next_code(struct looking *looking);

static void got_code(struct ht_gov_slots *read) {
    struct looking *looking = read->user;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err != HT_OK) {
        ht_gov_slots_fini(read);
        end(looking, err, &why);
        return;
    }
    looking->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = read->as_of.hash};
    looking->as_of = read->as_of;
    looking->codes[looking->code++] = read->code;
    ht_buf_init(&read->code, 0);
    ht_gov_slots_fini(read);
    next_code(looking);
}

static void next_code(struct looking *looking) {
    const struct ht_gov_profile *profile = &looking->community->profile;
    const ht_addr20 *address = NULL;
    while (address == NULL && looking->code < CODES) {
        switch ((enum code)looking->code) {
        case CODE_GOVERNOR:
            address =
                profile->proxy != HT_GOV_NO_PROXY ? &profile->implementation : &profile->address;
            break;
        case CODE_TIMELOCK: address = profile->has_timelock ? &profile->timelock : NULL; break;
        case CODE_TOKEN: address = looking->context.has_token ? &profile->token : NULL; break;
        case CODES: break;
        }
        if (address == NULL) looking->code++;
    }
    if (address == NULL) {
        begin(looking);
        return;
    }
    looking->read = (struct ht_gov_slots){.block = looking->block,
                                          .address = *address,
                                          .wants_code = true,
                                          .done = got_code,
                                          .user = looking};
    ht_gov_slots_read(looking->governance, &looking->read);
}

void ht_gov_power_look(struct ht_community *community, ht_gov_power_looked done, void *user) {
    static const struct ht_why none;
    const struct ht_gov_power_kept *kept = community->power;
    int64_t now_ms = ht_mono_ms(community->governance->host->clock);
    if (kept != NULL && now_ms - kept->at_ms < KEPT_MS) {
        done(user, HT_OK, &none, kept->power, kept->hidden);
        return;
    }
    struct ht_why why;
    struct looking *looking = calloc(1, sizeof *looking);
    if (looking == NULL || community->standing == HT_GOV_STANDS_NOT) {
        free(looking);
        enum ht_err err = ht_fail(&why, HT_EUNVERIFIED, "no_layout",
                                  "it is not known what this community's contract is");
        done(user, err, &why, NULL, NULL);
        return;
    }
    looking->community = community;
    looking->governance = community->governance;
    looking->done = done;
    looking->user = user;
    looking->block = (struct ht_block_id){.kind = HT_BLOCK_LATEST};
    ht_gov_context_of(&looking->context, community);
    next_code(looking);
}
