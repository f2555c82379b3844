/* What the verbs about communities write. */
#include "node/app/cmd.h"

#include <string.h>

#include "node/app/cmd_dao.h"
#include "node/app/cmd_dao_text.h"

long long ht_dao_number(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

void ht_dao_put_amount(const char *digits, long long decimals) {
    size_t n = strlen(digits), places = decimals > 0 && decimals <= 36 ? (size_t)decimals : 0;
    size_t whole = n > places ? n - places : 0, end = n;
    size_t zeros = places > n ? places - n : 0;
    if (strspn(digits, "0123456789") != n || n == 0) {
        printf("?");
        return;
    }
    while (places > 0 && end > whole && digits[end - 1] == '0') end--;
    printf("%.*s", whole > 0 ? (int)whole : 1, whole > 0 ? digits : "0");
    if (end <= whole) return;
    printf(".");
    for (size_t i = 0; i < zeros; i++) printf("0");
    printf("%.*s", (int)(end - whole), digits + whole);
}

void ht_dao_put_seconds(const char *title, const json_t *seconds, bool is_estimate) {
    if (!json_is_integer(seconds)) return;
    printf("%-11s ", title);
    ht_wallet_put_ms(stdout, json_integer_value(seconds) * 1000);
    printf(" UTC%s\n", is_estimate ? ", estimated" : "");
}

void ht_dao_put_as_of(const json_t *as_of) {
    if (!json_is_object(as_of)) return;
    printf("%-11s block %lld%s\n", "As of", ht_dao_number(as_of, "number"),
           json_is_true(json_object_get(as_of, "is_final")) ? ", final" : "");
}

void ht_dao_put_list(const char *title, const json_t *list) {
    size_t i;
    json_t *one;
    json_array_foreach((json_t *)list, i, one) {
        const char *text = json_string_value(one);
        if (text == NULL) text = ht_wallet_text(one, "text");
        if (text[0] == '\0') text = ht_wallet_text(one, "address");
        ht_cmd_dao_line(i == 0 ? title : "", text);
    }
}
