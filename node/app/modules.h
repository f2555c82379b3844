/* The list of modules, in start order: which distribution this is. */
#ifndef HT_APP_MODULES_H
#define HT_APP_MODULES_H

#include "node/module.h"

/* Ends with NULL. */
extern const struct ht_module *const ht_modules[];

#endif
