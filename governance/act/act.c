/* Acting as a part of the module. */
#include "governance/act/act.h"

#include "governance/act/act_actions.h"
#include "governance/act/act_delegate.h"
#include "governance/act/act_delegation.h"
#include "governance/act/act_power.h"
#include "governance/act/act_propose.h"
#include "governance/act/act_step.h"
#include "governance/act/act_vote.h"
#include "governance/ballots/ballot_box.h"
#include "governance/ballots/ballot_refresh.h"
#include "governance/ballots/ballot_relay.h"

static const struct ht_rpc_method METHODS[] = {
    {.name = "dao.power", .start = ht_gov_power_start},
    {.name = "dao.vote", .start = ht_gov_vote_start, .is_patient = true},
    {.name = "dao.delegate", .start = ht_gov_delegate_start, .is_patient = true},
    {.name = "dao.delegation", .start = ht_gov_delegation_start},
    {.name = "dao.templates", .fn = ht_gov_templates},
    {.name = "dao.preview", .start = ht_gov_preview_start},
    {.name = "dao.propose", .start = ht_gov_propose_start, .is_patient = true},
    {.name = "dao.queue", .start = ht_gov_queue_start, .is_patient = true},
    {.name = "dao.execute", .start = ht_gov_execute_start, .is_patient = true},
    {.name = "dao.cancel", .start = ht_gov_cancel_start, .is_patient = true},
    {.name = "dao.ballots", .start = ht_gov_ballots_start},
    {.name = "dao.relay", .start = ht_gov_relay_start, .is_patient = true},
};

const struct ht_gov_part ht_gov_act_part = {
    .methods = METHODS,
    .method_count = sizeof METHODS / sizeof *METHODS,
    .start = ht_ballot_box_new,
    .on_head = ht_ballot_box_on_head,
    .quit = ht_ballot_box_quit,
    .free = ht_ballot_box_free,
};
