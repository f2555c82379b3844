/* What this program is made of besides the node itself. A line taken out takes the module out. */
#include "node/app/modules.h"

#include "governance/governance.h"
#include "identity/identity.h"
#include "social/social.h"

const struct ht_module *const ht_modules[] = {
    &ht_identity_module,
    &ht_social_module,
    &ht_governance_module,
    NULL,
};
