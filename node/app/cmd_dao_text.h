/* What the verbs about communities write to standard output. Main thread. */
#ifndef HT_APP_CMD_DAO_TEXT_H
#define HT_APP_CMD_DAO_TEXT_H

#include <jansson.h>
#include <stdbool.h>

/* A member that is a whole number; 0 without. */
long long ht_dao_number(const json_t *object, const char *key);
/* Decimal digits of the smallest unit, with a point where the token has it; "?" for no digits. */
void ht_dao_put_amount(const char *digits, long long decimals);
/* A line with a time; nothing when it is no number. */
void ht_dao_put_seconds(const char *title, const json_t *seconds, bool is_estimate);
/* A line with the block as of which something is shown; nothing without one. */
void ht_dao_put_as_of(const json_t *as_of);
/* Addresses and texts of a list, one a line; of objects their "text", or their "address". */
void ht_dao_put_list(const char *title, const json_t *list);

#endif
