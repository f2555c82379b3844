/* Methods and the topic of communities of ours.
 *
 *   dao.create    {"account", …} as create_wishes.h says; waits for the owner. -> the creation, as
 *                 dao.created. EAS is the network's.
 *   dao.created   {"id"} -> ht_gov_creation_json
 *   dao.register  {"address": the registry, "uids": [uid], "account"} -> {"hash"}
 *   dao.strike    {"address": the registry, "person", "account"} -> {"hash"}
 *   topic dao.creations  {"creations": [creation]}, newest first
 *
 * Reasons besides those of the wishes: HT_EAGAIN "no_wallet", HT_ENOTFOUND "no_such_creation", and
 * what the queue answers (HT_EDENIED "rejected", …). Loop thread. */
#ifndef HT_GOVERNANCE_CREATE_CREATE_METHODS_H
#define HT_GOVERNANCE_CREATE_CREATE_METHODS_H

#include "governance/governance.h"

extern const struct ht_gov_part ht_gov_create_part;
/* self: the struct ht_governance. */
enum ht_err ht_gov_creations_topic(void *self, json_t **value, struct ht_why *why);

#endif
