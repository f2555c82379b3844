/* What this build is. */
#ifndef HT_APP_VERSION_H
#define HT_APP_VERSION_H

/* "0.1.0" and the commit it was built from; static storage. */
const char *ht_version(void);
const char *ht_version_commit(void);

#endif
