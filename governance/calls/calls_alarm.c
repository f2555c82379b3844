/* Alarms: what a call may do that voters should know before they vote.
 *
 * By the function (a table of selectors), by what it acts on (the governor itself, the timelock,
 * an address without code), by its arguments (unlimited amounts, texts that deceive). */
#include "governance/calls/calls_alarm.h"

#include "governance/calls/calls_family.h"
#include "governance/calls/calls_roles.h"
#include "governance/calls/calls_words.h"
#include "node/base/hex.h"
#include "node/codec/amount.h"
#include "node/codec/safe_text.h"

#define DANGER "danger"
#define WARN "warn"
#define NOTE "note"

static const struct {
    const char *name, *level;
} ALARMS[HT_GOV_ALARM_COUNT] = {
    [HT_GOV_ALARM_DOES_NOT_ROUND_TRIP] = {"does_not_round_trip", DANGER},
    [HT_GOV_ALARM_SIGNATURE_COLLISION] = {"signature_collision", DANGER},
    [HT_GOV_ALARM_DELEGATE_CALL] = {"delegate_call", DANGER},
    [HT_GOV_ALARM_UPGRADE] = {"upgrade", DANGER},
    [HT_GOV_ALARM_OWNERSHIP] = {"ownership", DANGER},
    [HT_GOV_ALARM_ROLE_GRANT] = {"role_grant", DANGER},
    [HT_GOV_ALARM_GUARDIAN] = {"guardian", DANGER},
    [HT_GOV_ALARM_GOVERNOR_RELAY] = {"governor_relay", DANGER},
    [HT_GOV_ALARM_GOVERNOR_TIMELOCK] = {"governor_timelock", DANGER},
    [HT_GOV_ALARM_SAFE_CONTROL] = {"safe_control", DANGER},
    [HT_GOV_ALARM_APPROVAL_UNLIMITED] = {"approval_unlimited", DANGER},
    [HT_GOV_ALARM_APPROVAL_FOR_ALL] = {"approval_for_all", DANGER},
    [HT_GOV_ALARM_NO_CODE] = {"no_code", DANGER},
    [HT_GOV_ALARM_TOKEN_TO_ITSELF] = {"token_to_itself", DANGER},
    [HT_GOV_ALARM_LEFT_OUT] = {"left_out", DANGER},
    [HT_GOV_ALARM_GOVERNOR_SELF_CALL] = {"governor_self_call", WARN},
    [HT_GOV_ALARM_TIMELOCK_SELF_CALL] = {"timelock_self_call", WARN},
    [HT_GOV_ALARM_CONTROL] = {"control", WARN},
    [HT_GOV_ALARM_ROLE_REVOKE] = {"role_revoke", WARN},
    [HT_GOV_ALARM_APPROVAL] = {"approval", WARN},
    [HT_GOV_ALARM_SUPPLY] = {"supply", WARN},
    [HT_GOV_ALARM_OTHER_CHAIN] = {"other_chain", WARN},
    [HT_GOV_ALARM_PACKED] = {"packed", WARN},
    [HT_GOV_ALARM_UNKNOWN_FUNCTION] = {"unknown_function", WARN},
    [HT_GOV_ALARM_DECEIVING_TEXT] = {"deceiving_text", WARN},
    [HT_GOV_ALARM_EMPTY_CALL_WITH_VALUE] = {"empty_call_with_value", NOTE},
    [HT_GOV_ALARM_GUESS] = {"guess", NOTE},
    [HT_GOV_ALARM_UNDONE] = {"undone", NOTE},
};

const char *ht_gov_alarm_name(enum ht_gov_alarm_code code) {
    return ALARMS[code].name;
}

const char *ht_gov_alarm_level(enum ht_gov_alarm_code code) {
    return ALARMS[code].level;
}

/* --- by the function --------------------------------------------------------------------------*/

static const char OWNS[] =
    "Hands command over a contract to another: who gets it decides from then on.";
static const char NAMES[] = "Hands a name over: who gets it decides over the name.";
static const char GIVES[] = "Gives a right that no later vote is asked about.";
static const char REPLACES[] =
    "Replaces the code behind a contract: afterwards it may do anything else than today.";
static const char GUARDS[] = "Decides who can stop what voters have decided.";
static const char MINTS[] = "Makes new tokens: everybody's share gets smaller.";
static const char BURNS[] = "Burns tokens of somebody.";
static const char ELSEWHERE[] = "What it sets off on another chain is not looked into here.";
static const char CONTROLS[] = "Changes who controls the money of a Safe.";

static const struct rule {
    uint32_t selector;
    enum ht_gov_alarm_code code;
    const char *text;
} RULES[] = {
    {0x3659cfe6U, HT_GOV_ALARM_UPGRADE, REPLACES}, /* upgradeTo */
    {0x4f1ef286U, HT_GOV_ALARM_UPGRADE, REPLACES}, /* upgradeToAndCall */
    {0x99a88ec4U, HT_GOV_ALARM_UPGRADE, REPLACES}, /* upgrade */
    {0x9623609dU, HT_GOV_ALARM_UPGRADE, REPLACES}, /* upgradeAndCall */
    {0xbb913f41U, HT_GOV_ALARM_UPGRADE, REPLACES}, /* _setImplementation */
    {0x555bcc40U, HT_GOV_ALARM_UPGRADE, REPLACES}, /* _setImplementation */
    {0xd784d426U, HT_GOV_ALARM_UPGRADE, REPLACES}, /* setImplementation */
    {0x1f931c1cU, HT_GOV_ALARM_UPGRADE, REPLACES}, /* diamondCut */
    {0x9627816fU, HT_GOV_ALARM_UPGRADE, REPLACES}, /* deployAndUpgradeTo */
    {0xf2fde38bU, HT_GOV_ALARM_OWNERSHIP, OWNS},   /* transferOwnership */
    {0x13af4035U, HT_GOV_ALARM_OWNERSHIP, OWNS},   /* setOwner */
    {0x8f283970U, HT_GOV_ALARM_OWNERSHIP, OWNS},   /* changeAdmin */
    {0x7eff275eU, HT_GOV_ALARM_OWNERSHIP, OWNS},   /* changeProxyAdmin */
    {0x4dd18bf5U, HT_GOV_ALARM_OWNERSHIP, OWNS},   /* setPendingAdmin */
    {0xb71d1a0cU, HT_GOV_ALARM_OWNERSHIP, OWNS},   /* _setPendingAdmin */
    {0x634e93daU, HT_GOV_ALARM_OWNERSHIP, OWNS},   /* beginDefaultAdminTransfer */
    {0x7a9e5e4bU, HT_GOV_ALARM_OWNERSHIP, OWNS},   /* setAuthority */
    {0x18ff183cU, HT_GOV_ALARM_OWNERSHIP, OWNS},   /* updateAuthority */
    {0xf00d4b5dU, HT_GOV_ALARM_OWNERSHIP, OWNS},   /* changeOwner */
    {0x5b0fc9c3U, HT_GOV_ALARM_OWNERSHIP, NAMES},  /* setOwner */
    {0x06ab5923U, HT_GOV_ALARM_OWNERSHIP, NAMES},  /* setSubnodeOwner */
    {0xcf408823U, HT_GOV_ALARM_OWNERSHIP, NAMES},  /* setRecord */
    {0x715018a6U, HT_GOV_ALARM_OWNERSHIP,
     "Gives a contract up: nobody commands it afterwards."},             /* renounceOwnership */
    {0x2f2ff15dU, HT_GOV_ALARM_ROLE_GRANT, GIVES},                       /* grantRole */
    {0x25c471a0U, HT_GOV_ALARM_ROLE_GRANT, GIVES},                       /* grantRole */
    {0x08d6122dU, HT_GOV_ALARM_ROLE_GRANT, GIVES},                       /* setTargetFunctionRole */
    {0x30cae187U, HT_GOV_ALARM_ROLE_GRANT, GIVES},                       /* setRoleAdmin */
    {0x65fae35eU, HT_GOV_ALARM_ROLE_GRANT, GIVES},                       /* rely */
    {0xfca3b5aaU, HT_GOV_ALARM_ROLE_GRANT, "Sets who may mint tokens."}, /* setMinter */
    {0x5c0204d9U, HT_GOV_ALARM_ROLE_GRANT,
     "Says whose attestations make somebody a voter."},             /* setAttester */
    {0xd547741fU, HT_GOV_ALARM_ROLE_REVOKE, "Takes a right away."}, /* revokeRole */
    {0x36568abeU, HT_GOV_ALARM_ROLE_REVOKE, "Takes a right away."}, /* renounceRole */
    {0xb7d2b162U, HT_GOV_ALARM_ROLE_REVOKE, "Takes a right away."}, /* revokeRole */
    {0x9c52a7f1U, HT_GOV_ALARM_ROLE_REVOKE, "Takes a right away."}, /* deny */
    {0xa660aca5U, HT_GOV_ALARM_GUARDIAN, GUARDS},                   /* setProposalGuardian */
    {0xb80d105aU, HT_GOV_ALARM_GUARDIAN, GUARDS},                   /* setProposalGuardian */
    {0xe563dfb6U, HT_GOV_ALARM_GUARDIAN, GUARDS},                   /* _setProposalGuardian */
    {0x99533365U, HT_GOV_ALARM_GUARDIAN, GUARDS},                   /* _setWhitelistGuardian */
    {0x6f283761U, HT_GOV_ALARM_GUARDIAN, GUARDS},                   /* setWhitelistGuardian */
    {0xd3f662e1U, HT_GOV_ALARM_GUARDIAN, GUARDS},                   /* _setPendingVetoer */
    {0xbf7a2963U, HT_GOV_ALARM_GUARDIAN, GUARDS},                   /* _burnVetoPower */
    {0x52962952U, HT_GOV_ALARM_GUARDIAN, GUARDS},                   /* setRoleGuardian */
    {0xa890c910U, HT_GOV_ALARM_GOVERNOR_TIMELOCK,
     "Replaces the timelock: the new one executes what is decided from then on."}, /* updateTimelock
                                                                                    */
    {0xc28bc2faU, HT_GOV_ALARM_GOVERNOR_RELAY,
     "Lets the governor itself make a call, in its own name."}, /* relay */
    {0xb63e800dU, HT_GOV_ALARM_SAFE_CONTROL, CONTROLS},         /* setup */
    {0x0d582f13U, HT_GOV_ALARM_SAFE_CONTROL, CONTROLS},         /* addOwnerWithThreshold */
    {0xf8dc5dd9U, HT_GOV_ALARM_SAFE_CONTROL, CONTROLS},         /* removeOwner */
    {0xe318b52bU, HT_GOV_ALARM_SAFE_CONTROL, CONTROLS},         /* swapOwner */
    {0x694e80c3U, HT_GOV_ALARM_SAFE_CONTROL, CONTROLS},         /* changeThreshold */
    {0x610b5925U, HT_GOV_ALARM_SAFE_CONTROL, CONTROLS},         /* enableModule */
    {0xe009cfdeU, HT_GOV_ALARM_SAFE_CONTROL, CONTROLS},         /* disableModule */
    {0xe19a9dd9U, HT_GOV_ALARM_SAFE_CONTROL, CONTROLS},         /* setGuard */
    {0xe068df37U, HT_GOV_ALARM_SAFE_CONTROL, CONTROLS},         /* setModuleGuard */
    {0xf08a0323U, HT_GOV_ALARM_SAFE_CONTROL, CONTROLS},         /* setFallbackHandler */
    {0x40c10f19U, HT_GOV_ALARM_SUPPLY, MINTS},                  /* mint */
    {0xa0712d68U, HT_GOV_ALARM_SUPPLY, MINTS},                  /* mint */
    {0x9dc29facU, HT_GOV_ALARM_SUPPLY, BURNS},                  /* burn */
    {0x79cc6790U, HT_GOV_ALARM_SUPPLY, BURNS},                  /* burnFrom */
    {0x3dbb202bU, HT_GOV_ALARM_OTHER_CHAIN, ELSEWHERE},         /* sendMessage */
    {0x679b6dedU, HT_GOV_ALARM_OTHER_CHAIN, ELSEWHERE},         /* createRetryableTicket */
    {0x6e6e8a6aU, HT_GOV_ALARM_OTHER_CHAIN, ELSEWHERE},         /* unsafeCreateRetryableTicket */
    {0x928c169aU, HT_GOV_ALARM_OTHER_CHAIN, ELSEWHERE},         /* sendTxToL1 */
    {0xb4720477U, HT_GOV_ALARM_OTHER_CHAIN, ELSEWHERE},         /* sendMessageToChild */
};

static void judge_function(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
        if (RULES[i].selector != call->known->selector) continue;
        ht_gov_call_alarm(calls, call, RULES[i].code, "%s", RULES[i].text);
        return;
    }
    if (call->known->kind == HT_CALL_CONTROL) {
        ht_gov_call_alarm(calls, call, HT_GOV_ALARM_CONTROL,
                          "%s: this changes how a contract works.", call->known->title);
    }
    if (call->known->kind == HT_CALL_PACKED) {
        ht_gov_call_alarm(calls, call, HT_GOV_ALARM_PACKED,
                          "The contract acts on packed data that cannot be shown in words.");
    }
}

/* --- by the arguments -------------------------------------------------------------------------*/

static void judge_approval(struct ht_gov_calls *calls, struct ht_gov_call *call, const char *who,
                           const char *amount, unsigned bits) {
    char words[HT_GOV_AMOUNT_TEXT_SIZE], holder[HT_GOV_PLACE_TEXT_SIZE];
    ht_u256 number = ht_gov_call_number(call->args, amount);
    if (ht_u256_is_zero(&number)) return;
    const char *spender = ht_gov_call_text(call->args, who);
    ht_gov_place_text(holder, &calls->context, &call->caller);
    if (ht_is_unlimited(&number, bits)) {
        ht_gov_call_alarm(calls, call, HT_GOV_ALARM_APPROVAL_UNLIMITED,
                          "%s could take all of this token from %s, now and at any time later.",
                          spender, holder);
        return;
    }
    ht_gov_token_amount(words, &calls->context, &call->target, &number);
    ht_gov_call_alarm(calls, call, HT_GOV_ALARM_APPROVAL,
                      "%s could take up to %s from %s at any time later.", spender, words, holder);
}

static void judge_approve_all(struct ht_gov_calls *calls, struct ht_gov_call *call, const char *who,
                              const char *flag) {
    const json_t *node = ht_gov_call_arg(call->args, flag);
    char holder[HT_GOV_PLACE_TEXT_SIZE];
    if (!json_is_true(json_object_get(node, "value"))) return;
    ht_gov_place_text(holder, &calls->context, &call->caller);
    ht_gov_call_alarm(calls, call, HT_GOV_ALARM_APPROVAL_FOR_ALL,
                      "%s could take all tokens of this contract from %s, now and at any time "
                      "later.",
                      ht_gov_call_text(call->args, who), holder);
}

static void judge_recipient(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    ht_addr20 to;
    if (!call->has_target) return;
    if (!ht_gov_call_address(&to, ht_gov_call_arg(call->args, "to"))) return;
    if (memcmp(to.b, call->target.b, sizeof to.b) != 0) return;
    ht_gov_call_alarm(calls, call, HT_GOV_ALARM_TOKEN_TO_ITSELF,
                      "The recipient is the token's own contract: what is sent there is lost.");
}

static void judge_arguments(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    switch (call->known->kind) {
    case HT_CALL_TRANSFER:
    case HT_CALL_TRANSFER_FROM:
    case HT_CALL_NFT_TRANSFER: judge_recipient(calls, call); break;
    case HT_CALL_APPROVE: {
        bool is_set = ht_gov_call_arg(call->args, "amount") != NULL;
        judge_approval(calls, call, "spender", is_set ? "amount" : "addedValue", 256);
        break;
    }
    case HT_CALL_PERMIT: judge_approval(calls, call, "spender", "value", 256); break;
    case HT_CALL_PERMIT2_APPROVE: judge_approval(calls, call, "spender", "amount", 160); break;
    case HT_CALL_APPROVE_ALL: judge_approve_all(calls, call, "operator", "approved"); break;
    case HT_CALL_PERMIT_ALL: judge_approve_all(calls, call, "spender", "allowed"); break;
    case HT_CALL_CALLS:
    case HT_CALL_CALLS_SELF:
    case HT_CALL_CALLS_UNDONE:
    case HT_CALL_DELEGATE:
    case HT_CALL_UPGRADE:
    case HT_CALL_MULTISEND:
    case HT_CALL_EXECUTION:
    case HT_CALL_CONTROL:
    case HT_CALL_PACKED:
    case HT_CALL_OTHER: break;
    }
}

static bool deceives(const json_t *value) {
    const char *text = json_string_value(value);
    const unsigned marks = HT_TEXT_BIDI | HT_TEXT_HIDDEN | HT_TEXT_NOT_UTF8;
    if (text == NULL) return false;
    return (ht_text_marks(ht_bytes_of(text, json_string_length(value))) & marks) != 0;
}

static void judge_texts(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    for (size_t i = 0; i < json_array_size(call->values); i++) {
        const json_t *value = json_array_get(call->values, i);
        bool is_found = deceives(value);
        for (size_t k = 0; k < json_array_size(value) && !is_found; k++) {
            is_found = deceives(json_array_get(value, k));
        }
        if (!is_found) continue;
        ht_gov_call_alarm(calls, call, HT_GOV_ALARM_DECEIVING_TEXT,
                          "A text in it has characters that cannot be seen or turn the writing "
                          "around. They are shown written out.");
        return;
    }
}

/* --- by what it acts on -----------------------------------------------------------------------*/

static bool is_same(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static void judge_self(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    const struct ht_gov_calls_context *context = &calls->context;
    const char *what = call->known != NULL ? call->known->title : "an unknown function";
    if (!call->has_target || call->data.n == 0) return;
    if (is_same(&call->self, &context->governor)) {
        ht_gov_call_alarm(calls, call, HT_GOV_ALARM_GOVERNOR_SELF_CALL,
                          "The vote acts on the governor itself: %s. The rules of later votes can "
                          "change by it.",
                          what);
    } else if (context->has_timelock && is_same(&call->self, &context->timelock)) {
        ht_gov_call_alarm(calls, call, HT_GOV_ALARM_TIMELOCK_SELF_CALL,
                          "The vote acts on the timelock, which holds the treasury: %s.", what);
    }
}

static void judge_target(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    struct ht_gov_place place;
    char words[HT_GOV_AMOUNT_TEXT_SIZE], where[HT_GOV_PLACE_TEXT_SIZE];
    if (!call->has_target) return;
    ht_gov_place_find(&place, &calls->context, &call->target);
    ht_gov_place_text(where, &calls->context, &call->target);
    if (call->data.n > 0 && place.is_looked_at && !place.has_code) {
        ht_gov_call_alarm(calls, call, HT_GOV_ALARM_NO_CODE,
                          "There is no contract at %s: the call would do nothing, and count as "
                          "done.",
                          where);
    }
    if (call->data.n == 0 && !ht_u256_is_zero(&call->wei)) {
        ht_amount_text(words, &call->wei, 18);
        ht_gov_call_alarm(
            calls, call, HT_GOV_ALARM_EMPTY_CALL_WITH_VALUE, "Sends %s ETH without call data%s.",
            words,
            place.is_looked_at && place.has_code ? " to a contract, which may act on it" : "");
    }
}

static void judge_raw(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    if (call->data.n == 0 || call->known != NULL) return;
    if (strcmp(call->raw.code, "unknown_function") != 0 && !call->is_opaque) return;
    ht_gov_call_alarm(calls, call, HT_GOV_ALARM_UNKNOWN_FUNCTION,
                      "Call data of %zu bytes for a function that is not known here: what it would "
                      "do cannot be told.",
                      call->data.n);
}

void ht_gov_call_judge(struct ht_gov_calls *calls, size_t i) {
    struct ht_gov_call *call = &calls->call[i];
    ht_gov_call_tell(calls, i);
    if (call->left_out > 0) {
        ht_gov_call_alarm(calls, call, HT_GOV_ALARM_LEFT_OUT,
                          "%zu calls in it are not shown, since at most %u calls, %u deep, are "
                          "looked into: what those would do cannot be told.",
                          call->left_out, HT_GOV_CALLS_MAX, HT_GOV_CALL_DEPTH_MAX);
    }
    judge_raw(calls, call);
    if (call->is_undone) {
        ht_gov_call_alarm(calls, call, HT_GOV_ALARM_UNDONE,
                          "This is a call that is cancelled: nothing of it would happen.");
        return;
    }
    if (call->is_delegate) {
        ht_gov_call_alarm(calls, call, HT_GOV_ALARM_DELEGATE_CALL,
                          "Another contract's code would run as the one that calls it, by a "
                          "delegate call: that code may do anything with it.");
    }
    judge_self(calls, call);
    judge_target(calls, call);
    if (call->known == NULL) return;
    judge_function(calls, call);
    judge_arguments(calls, call);
    judge_texts(calls, call);
    if (!call->is_guess) return;
    ht_gov_call_alarm(calls, call, HT_GOV_ALARM_GUESS,
                      "The name is a guess from its first 4 bytes. It is not known what this "
                      "contract is.");
}
