/* What a proposal would do: its actions taken apart, down to the last call within a call.
 *
 * A call is made by `caller` and runs as `self`: the target itself or, for a delegate call, whoever
 * makes it. The actions are made by the treasury, which is the timelock, or the governor without
 * one. Whatever is decoded is encoded again and must be the same bytes; if not, the call is shown
 * raw. A function is a guess as long as only its selector says which it is: not one when its target
 * is known to keep to a standard that has it (calls_family.h). Raw bytes and wei are always there.
 *
 * Bounds: HT_GOV_CALL_DEPTH_MAX levels, HT_GOV_CALLS_MAX calls and HT_GOV_CALLS_BYTES_MAX bytes of
 * call data in all; what lies behind them is counted (left_out) and warned of, and its bytes stand
 * in the call around it. Pure; any thread. It takes about 10 us for each call and as long again for
 * the JSON, 10 ms and more at the bounds: what may be large belongs on a worker. */
#ifndef HT_GOVERNANCE_CALLS_CALLS_H
#define HT_GOVERNANCE_CALLS_CALLS_H

#include "governance/governor/proposal.h"
#include "node/codec/known_calls.h"

#define HT_GOV_CALL_DEPTH_MAX 8U /* levels, the action itself is one */
#define HT_GOV_CALLS_MAX 256U    /* the actions among them */
#define HT_GOV_CALLS_BYTES_MAX ((size_t)512 << 10)
#define HT_GOV_CALL_PATH_SIZE 40U
#define HT_GOV_ALARMS_MAX 12U /* of one call */
#define HT_GOV_PLACE_NAME_MAX 48U

/* What is known of an address. */
struct ht_gov_place {
    ht_addr20 address;
    bool is_looked_at;  /* has_code is proven */
    bool has_code;      /* its account has code */
    uint32_t families;  /* HT_GOV_FAMILY_…, calls_family.h */
    const char *name;   /* "USDC"; NULL: none */
    const char *symbol; /* of a token, with decimals; NULL: not known */
    unsigned decimals;
};
struct ht_gov_calls_context {
    uint64_t chain_id;
    ht_addr20 governor;
    bool has_timelock, has_token;
    ht_addr20 timelock, token;
    const char *token_symbol; /* NULL: not known */
    unsigned token_decimals;
    enum ht_gov_clock clock;
    const struct ht_gov_place *places; /* what the caller found out besides; may be none */
    size_t place_count;
};

/* The names are the codes in JSON: "role_grant". Worst first. */
enum ht_gov_alarm_code {
    HT_GOV_ALARM_DOES_NOT_ROUND_TRIP, /* danger */
    HT_GOV_ALARM_SIGNATURE_COLLISION, /* another function than the proposal names has its bytes */
    HT_GOV_ALARM_DELEGATE_CALL,
    HT_GOV_ALARM_UPGRADE,
    HT_GOV_ALARM_OWNERSHIP,
    HT_GOV_ALARM_ROLE_GRANT,
    HT_GOV_ALARM_GUARDIAN,
    HT_GOV_ALARM_GOVERNOR_RELAY,
    HT_GOV_ALARM_GOVERNOR_TIMELOCK,
    HT_GOV_ALARM_SAFE_CONTROL,
    HT_GOV_ALARM_APPROVAL_UNLIMITED,
    HT_GOV_ALARM_APPROVAL_FOR_ALL,
    HT_GOV_ALARM_NO_CODE,
    HT_GOV_ALARM_TOKEN_TO_ITSELF,
    HT_GOV_ALARM_LEFT_OUT,
    HT_GOV_ALARM_GOVERNOR_SELF_CALL, /* warn */
    HT_GOV_ALARM_TIMELOCK_SELF_CALL,
    HT_GOV_ALARM_CONTROL,
    HT_GOV_ALARM_ROLE_REVOKE,
    HT_GOV_ALARM_APPROVAL,
    HT_GOV_ALARM_SUPPLY,
    HT_GOV_ALARM_OTHER_CHAIN,
    HT_GOV_ALARM_PACKED,
    HT_GOV_ALARM_UNKNOWN_FUNCTION,
    HT_GOV_ALARM_DECEIVING_TEXT,
    HT_GOV_ALARM_EMPTY_CALL_WITH_VALUE, /* note */
    HT_GOV_ALARM_GUESS,
    HT_GOV_ALARM_UNDONE,
    HT_GOV_ALARM_COUNT,
};
struct ht_gov_alarm {
    enum ht_gov_alarm_code code;
    const char *text;
};
const char *ht_gov_alarm_name(enum ht_gov_alarm_code code);
const char *ht_gov_alarm_level(enum ht_gov_alarm_code code); /* "danger", "warn", "note" */

#define HT_GOV_NO_PARENT SIZE_MAX
struct ht_gov_call {
    size_t parent;                    /* its place among the calls; HT_GOV_NO_PARENT: an action */
    unsigned depth;                   /* 0: an action */
    char path[HT_GOV_CALL_PATH_SIZE]; /* "2.1": the first call of the second action */
    bool has_target;                  /* lists of different lengths may leave it out */
    ht_addr20 target;                 /* whose code runs */
    ht_addr20 caller, self;
    ht_u256 wei;
    ht_bytes signature;          /* GovernorBravo's text, "" without */
    ht_bytes calldata;           /* as it stands there, behind the signature's selector if any */
    ht_bytes data;               /* what the target gets */
    bool is_delegate;            /* runs as the caller */
    bool is_undone;              /* is cancelled here: nothing of it happens */
    bool is_opaque;              /* past a bound: data has not all of it */
    bool is_guess;               /* see above */
    struct ht_known_call *named; /* by the signature's text alone */
    const struct ht_known_call *known; /* NULL: raw, or without data */
    json_t *values, *args;             /* of ht_known_call_read and _nodes, with known */
    struct ht_why raw;                 /* why it is raw though it has data */
    struct ht_gov_alarm alarms[HT_GOV_ALARMS_MAX]; /* worst first */
    size_t alarm_count;
    size_t left_out;      /* of its own calls */
    const char *title;    /* "Send tokens" */
    const char *sentence; /* "Sends 96000 USDC to 0x…." */
};

struct ht_gov_calls {
    struct ht_arena arena;
    struct ht_gov_calls_context context;       /* places are the caller's */
    struct ht_gov_call call[HT_GOV_CALLS_MAX]; /* each behind the call that makes it */
    size_t count, action_count;
    size_t bytes;
};

/* Takes the actions apart; their bytes are borrowed, as are the context's, until
 * ht_gov_calls_free. HT_ENOMEM "no_memory"; HT_ELIMIT "too_many_actions" (over
 * HT_GOV_ACTIONS_MAX). */
enum ht_err ht_gov_calls_new(struct ht_gov_calls **out, const struct ht_gov_calls_context *context,
                             const struct ht_gov_action *actions, size_t count,
                             struct ht_why *why) HT_MUST_USE;
void ht_gov_calls_free(struct ht_gov_calls *calls);

/* Addresses whose code runs or that get something, each once, those of the actions first: what to
 * look at (account, code, symbol, decimals), in order to take the actions apart again with places
 * that are looked at. At most max; returns how many. */
size_t ht_gov_calls_targets(const struct ht_gov_calls *calls, ht_addr20 *out, size_t max);

/* The actions as dao.proposal has them, a new reference; NULL without memory. Each call, action or
 * not, is
 *   {"path", "target": address | null, "target_name": text | null, "wei", "signature": text,
 *    "calldata": hex, "operation": "call" | "delegate", "guess": bool,
 *    "explain": as identity's explain.h has it, its tree {"contract", "name", "title", "signature",
 *               "args"} or, raw, {"contract", "name": null, "selector": hex | null, "data": hex,
 *               "why"}; its warnings are this call's alone,
 *    "calls": [the same], "left_out": n}
 * and an action has besides "alarms": [{"level", "code", "text", "path"}], its own and those of all
 * the calls in it, worst first. */
json_t *ht_gov_calls_json(const struct ht_gov_calls *calls);

/* --- for the files of this part ---------------------------------------------------------------*/

/* A call by an address; has_target false: the address is not known. */
struct ht_gov_call_inner {
    bool has_target, is_delegate, is_undone;
    ht_addr20 target, caller;
    ht_u256 wei;
    ht_bytes signature, calldata;
};
/* Puts a call among those that `parent` makes; a bound makes it left_out. HT_ENOMEM. */
enum ht_err ht_gov_calls_add(struct ht_gov_calls *calls, size_t parent,
                             const struct ht_gov_call_inner *inner) HT_MUST_USE;
/* n bytes, of which more would be over the bound: NULL, and *err is HT_ELIMIT or HT_ENOMEM. */
uint8_t *ht_gov_calls_bytes(struct ht_gov_calls *calls, size_t n, enum ht_err *err);
void ht_gov_call_alarm(struct ht_gov_calls *calls, struct ht_gov_call *call,
                       enum ht_gov_alarm_code code, const char *fmt, ...) HT_PRINTF(4, 5);
/* The argument of this name, its text, its number; "?" and 0 when there is none. Borrowed. */
const json_t *ht_gov_call_arg(const json_t *args, const char *name);
const char *ht_gov_call_text(const json_t *args, const char *name);
ht_u256 ht_gov_call_number(const json_t *args, const char *name);
bool ht_gov_call_address(ht_addr20 *out, const json_t *node);

#endif
