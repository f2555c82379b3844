/* A look without a layout: by proven calls alone. Only look*.c include this. */
#ifndef HT_GOVERNANCE_LOOK_LOOK_CALLS_H
#define HT_GOVERNANCE_LOOK_LOOK_CALLS_H

#include "governance/look/look_impl.h"

void ht_gov_look_by_calls(struct ht_gov_look *look);

#endif
