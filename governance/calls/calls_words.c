/* Sentences about calls: who gives what to whom, and what is set to which value. */
#include "governance/calls/calls_words.h"

#include <stdio.h>

#include "governance/calls/calls_family.h"
#include "governance/calls/calls_roles.h"
#include "governance/text.h"
#include "node/base/hex.h"
#include "node/codec/amount.h"

#define SENTENCE_SIZE 800U
#define ETHER_DECIMALS 18U

HT_PRINTF(3, 4)
static void say(struct ht_gov_calls *calls, struct ht_gov_call *call, const char *fmt, ...) {
    char text[SENTENCE_SIZE];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    const char *copy = ht_arena_copy_str(&calls->arena, ht_bytes_str(text));
    call->sentence = copy != NULL ? copy : "";
}

static void place_of(char out[static HT_GOV_PLACE_TEXT_SIZE], const struct ht_gov_calls *calls,
                     const struct ht_gov_call *call, const char *name) {
    ht_addr20 address;
    if (ht_gov_call_address(&address, ht_gov_call_arg(call->args, name))) {
        ht_gov_place_text(out, &calls->context, &address);
    } else {
        (void)snprintf(out, HT_GOV_PLACE_TEXT_SIZE, "?");
    }
}

static void target_of(char out[static HT_GOV_PLACE_TEXT_SIZE], const struct ht_gov_calls *calls,
                      const struct ht_gov_call *call) {
    if (call->has_target)
        ht_gov_place_text(out, &calls->context, &call->target);
    else
        (void)snprintf(out, HT_GOV_PLACE_TEXT_SIZE, "an unknown address");
}

/* --- tokens -----------------------------------------------------------------------------------*/

static void tell_transfer(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    char to[HT_GOV_PLACE_TEXT_SIZE], from[HT_GOV_PLACE_TEXT_SIZE];
    char amount[HT_GOV_AMOUNT_TEXT_SIZE];
    ht_u256 number = ht_gov_call_number(call->args, "amount");
    ht_gov_token_amount(amount, &calls->context, &call->target, &number);
    place_of(to, calls, call, "to");
    place_of(from, calls, call, "from");
    if (call->known->kind == HT_CALL_TRANSFER)
        say(calls, call, "Sends %s to %s.", amount, to);
    else
        say(calls, call, "Moves %s of %s to %s, as far as that is allowed.", amount, from, to);
}

static void tell_nft(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    char to[HT_GOV_PLACE_TEXT_SIZE], from[HT_GOV_PLACE_TEXT_SIZE], at[HT_GOV_PLACE_TEXT_SIZE];
    const char *id = ht_gov_call_text(call->args, "tokenId");
    if (id[0] == '?') id = ht_gov_call_text(call->args, "id");
    place_of(to, calls, call, "to");
    place_of(from, calls, call, "from");
    target_of(at, calls, call);
    if (id[0] == '?')
        say(calls, call, "Moves tokens of %s from %s to %s.", at, from, to);
    else
        say(calls, call, "Moves token %.80s of %s from %s to %s.", id, at, from, to);
}

static void tell_approve(struct ht_gov_calls *calls, struct ht_gov_call *call, const char *name,
                         unsigned bits) {
    char spender[HT_GOV_PLACE_TEXT_SIZE], amount[HT_GOV_AMOUNT_TEXT_SIZE];
    char holder[HT_GOV_PLACE_TEXT_SIZE];
    ht_u256 number = ht_gov_call_number(call->args, name);
    ht_gov_token_amount(amount, &calls->context, &call->target, &number);
    place_of(spender, calls, call, "spender");
    ht_gov_place_text(holder, &calls->context, &call->caller);
    if (ht_u256_is_zero(&number))
        say(calls, call, "%s may no longer spend this token of %s.", spender, holder);
    else if (ht_is_unlimited(&number, bits))
        say(calls, call, "Allows %s to spend any amount of this token of %s.", spender, holder);
    else
        say(calls, call, "Allows %s to spend %s of %s.", spender, amount, holder);
}

/* --- settings and rights ----------------------------------------------------------------------*/

static void tell_role(struct ht_gov_calls *calls, struct ht_gov_call *call, bool is_given) {
    char role[HT_GOV_ROLE_TEXT_SIZE], who[HT_GOV_PLACE_TEXT_SIZE], at[HT_GOV_PLACE_TEXT_SIZE];
    ht_hash32 hash;
    ht_bytes text = ht_bytes_str(ht_gov_call_text(call->args, "role"));
    if (ht_hex_read(hash.b, sizeof hash.b, text) != HT_OK) return;
    ht_gov_role_text(role, &hash);
    place_of(who, calls, call, "account");
    target_of(at, calls, call);
    say(calls, call, is_given ? "Gives %s %s at %s." : "Takes from %s %s at %s.", who, role, at);
}

/* The functions whose one argument is a setting. */
static const struct setting {
    uint32_t selector;
    const char *name, *arg;
    enum { PLAIN, CLOCK, SECONDS, VOTES, SHARE } unit;
} SETTINGS[] = {
    {0x79051887U, "the voting delay", "newVotingDelay", CLOCK},
    {0x70b0f660U, "the voting delay", "newVotingDelay", CLOCK},
    {0x1dfb1b5aU, "the voting delay", "newVotingDelay", CLOCK},
    {0xe540d01dU, "the voting period", "newVotingPeriod", CLOCK},
    {0xea0217cfU, "the voting period", "newVotingPeriod", CLOCK},
    {0x0ea2d98cU, "the voting period", "newVotingPeriod", CLOCK},
    {0xece40cc1U, "the votes that are needed to propose", "newProposalThreshold", VOTES},
    {0x17ba1b8bU, "the votes that are needed to propose", "newProposalThreshold", VOTES},
    {0x06f3f9e6U, "the quorum's share", "newQuorumNumerator", SHARE},
    {0x64d62353U, "the timelock's shortest delay", "newDelay", SECONDS},
    {0xe177246eU, "the timelock's delay", "delay", SECONDS},
    {0x694e80c3U, "how many owners of the Safe must sign", "threshold", PLAIN},
};

static bool tell_setting(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    const char *const clock = calls->context.clock == HT_GOV_TIME ? " seconds" : " blocks";
    char amount[HT_AMOUNT_SIZE], at[HT_GOV_PLACE_TEXT_SIZE];
    const struct setting *setting = NULL;
    for (size_t i = 0; i < sizeof SETTINGS / sizeof *SETTINGS; i++) {
        if (SETTINGS[i].selector == call->known->selector) setting = &SETTINGS[i];
    }
    if (setting == NULL) return false;
    ht_u256 number = ht_gov_call_number(call->args, setting->arg);
    const bool is_votes = setting->unit == VOTES && calls->context.token_symbol != NULL;
    const char *unit = setting->unit == CLOCK                ? clock
                       : setting->unit == SECONDS            ? " seconds"
                       : setting->unit == SHARE              ? " (of the denominator, mostly 100)"
                       : setting->unit == VOTES && !is_votes ? " base units"
                                                             : "";
    ht_amount_text(amount, &number, is_votes ? calls->context.token_decimals : 0);
    target_of(at, calls, call);
    say(calls, call, "Sets %s to %s%s at %s.", setting->name, amount, unit, at);
    return true;
}

/* before, the contract, between, the address of the argument, after. */
static const struct handing {
    const char *arg, *before, *between, *after;
} HANDINGS[] = {
    {"newImplementation", "The code of ", " becomes that at ", "."},
    {"implementation", "The code of ", " becomes that at ", "."},
    {"newOwner", "Hands ", " over to ", "."},
    {"newAdmin", "Hands ", " over to ", "."},
    {"pendingAdmin", "Hands ", " over to ", ", who has to take it."},
    {"newPendingAdmin", "Hands ", " over to ", ", who has to take it."},
    {"newTimelock", "At ", " the timelock becomes ", "."},
    {"newProposalGuardian", "At ", " proposals can be cancelled by ", " from then on."},
    {"minter", "At ", " tokens can be minted by ", " from then on."},
    {"module", "For ", " the module ", " may act without signatures."},
};

static void tell_handing(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    const uint32_t disable_module = 0xe009cfdeU;
    char at[HT_GOV_PLACE_TEXT_SIZE], who[HT_GOV_PLACE_TEXT_SIZE];
    if (call->known->selector == disable_module) return;
    for (size_t i = 0; i < sizeof HANDINGS / sizeof *HANDINGS; i++) {
        const struct handing *handing = &HANDINGS[i];
        if (ht_gov_call_arg(call->args, handing->arg) == NULL) continue;
        if (ht_gov_call_arg(call->args, "proxy") != NULL)
            place_of(at, calls, call, "proxy");
        else
            target_of(at, calls, call);
        place_of(who, calls, call, handing->arg);
        say(calls, call, "%s%s%s%s%s", handing->before, at, handing->between, who, handing->after);
        return;
    }
}

static void tell_other(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    const uint32_t grant = 0x2f2ff15dU, revoke = 0xd547741fU, renounce = 0x36568abeU;
    char at[HT_GOV_PLACE_TEXT_SIZE];
    uint32_t selector = call->known->selector;
    target_of(at, calls, call);
    say(calls, call, "Calls %.*s at %s: %s.", (int)strcspn(call->known->signature, "("),
        call->known->signature, at, call->known->title);
    if (selector == grant || selector == revoke || selector == renounce) {
        tell_role(calls, call, selector == grant);
    } else if (!tell_setting(calls, call)) {
        tell_handing(calls, call);
    }
}

static void tell_without(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    char at[HT_GOV_PLACE_TEXT_SIZE], amount[HT_AMOUNT_SIZE];
    target_of(at, calls, call);
    ht_amount_text(amount, &call->wei, ETHER_DECIMALS);
    if (call->data.n > 0) {
        call->title = "Call an unknown function";
        say(calls, call, "Calls a function of %s that is not known here.", at);
    } else if (ht_u256_is_zero(&call->wei)) {
        call->title = "Call without data";
        say(calls, call, "Calls %s without data and without ETH.", at);
    } else {
        call->title = "Send ETH";
        say(calls, call, "Sends %s ETH to %s.", amount, at);
    }
}

void ht_gov_call_tell(struct ht_gov_calls *calls, size_t i) {
    struct ht_gov_call *call = &calls->call[i];
    if (call->known == NULL) {
        tell_without(calls, call);
        return;
    }
    call->title = call->known->title;
    switch (call->known->kind) {
    case HT_CALL_TRANSFER:
    case HT_CALL_TRANSFER_FROM: tell_transfer(calls, call); break;
    case HT_CALL_NFT_TRANSFER: tell_nft(calls, call); break;
    case HT_CALL_APPROVE: {
        bool is_set = ht_gov_call_arg(call->args, "amount") != NULL;
        tell_approve(calls, call, is_set ? "amount" : "addedValue", 256);
        break;
    }
    case HT_CALL_PERMIT: tell_approve(calls, call, "value", 256); break;
    case HT_CALL_PERMIT2_APPROVE: tell_approve(calls, call, "amount", 160); break;
    case HT_CALL_APPROVE_ALL:
    case HT_CALL_PERMIT_ALL:
    case HT_CALL_CALLS:
    case HT_CALL_CALLS_SELF:
    case HT_CALL_CALLS_UNDONE:
    case HT_CALL_DELEGATE:
    case HT_CALL_UPGRADE:
    case HT_CALL_MULTISEND:
    case HT_CALL_EXECUTION:
    case HT_CALL_CONTROL:
    case HT_CALL_PACKED:
    case HT_CALL_OTHER: tell_other(calls, call); break;
    }
}
