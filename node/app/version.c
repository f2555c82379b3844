/* The build's version, from a header that the Makefile writes. */
#include "node/app/version.h"

#include "build_info.h"

const char *ht_version(void) {
    return HT_VERSION;
}

const char *ht_version_commit(void) {
    return HT_COMMIT;
}
