/* What people write and read: addresses, amounts, times, and what a request would do. */
#include "node/app/cmd.h"

#include <ctype.h>
#include <stdlib.h>
#include <time.h>

#include "node/app/cmd_wallet.h"
#include "node/base/hex.h"
#include "node/crypto/keccak.h"

#define ETHER_DIGITS 18U
#define TREE_DEPTH_MAX 40U

/* --- numbers and addresses --------------------------------------------------------------------*/

/* Each letter of an address is large where the hash of the small ones has a digit from 8 on. */
static bool has_checksum(const char *digits) {
    char small[40];
    ht_hash32 hash;
    for (size_t i = 0; i < sizeof small; i++) {
        small[i] = (char)tolower((unsigned char)digits[i]);
    }
    ht_keccak256(&hash, ht_bytes_of(small, sizeof small));
    bool is_right = true;
    for (size_t i = 0; i < sizeof small; i++) {
        unsigned nibble = i % 2 == 0 ? hash.b[i / 2] >> 4 : hash.b[i / 2] & 15U;
        bool is_letter = isalpha((unsigned char)digits[i]) != 0;
        bool is_large = isupper((unsigned char)digits[i]) != 0;
        is_right &= !is_letter || is_large == (nibble >= 8);
    }
    return is_right;
}

enum ht_err ht_wallet_address(ht_addr20 *out, const char *text, struct ht_why *why) {
    ht_addr20 address;
    bool is_address = strncmp(text, "0x", 2) == 0 &&
                      ht_hex_read(address.b, sizeof address.b, ht_bytes_str(text)) == HT_OK;
    if (!is_address) {
        return ht_fail(why, HT_EINPUT, "bad_address", "an address is 0x and 40 hex digits");
    }
    bool has_large = strpbrk(text + 2, "ABCDEF") != NULL;
    bool has_small = strpbrk(text + 2, "abcdef") != NULL;
    if (has_large && has_small && !has_checksum(text + 2)) {
        return ht_fail(why, HT_EINPUT, "bad_checksum",
                       "the capitals of the address do not fit it: is there a mistake in it?");
    }
    *out = address;
    return HT_OK;
}

enum ht_err ht_wallet_wei(ht_u256 *out, const char *text, struct ht_why *why) {
    char digits[HT_U256_DECIMAL_SIZE + 1];
    size_t whole = strspn(text, "0123456789");
    bool has_point = text[whole] == '.';
    const char *behind = has_point ? text + whole + 1 : "";
    size_t part = strspn(behind, "0123456789");
    bool is_amount = whole > 0 && whole <= 60 && part <= ETHER_DIGITS && behind[part] == '\0' &&
                     (has_point ? part > 0 : text[whole] == '\0');
    if (!is_amount) {
        return ht_fail(why, HT_EINPUT, "bad_amount",
                       "an amount of ether is a number like 0.25, with at most %u digits behind "
                       "the point",
                       ETHER_DIGITS);
    }
    (void)snprintf(digits, sizeof digits, "%.*s%s%.*s", (int)whole, text, behind,
                   (int)(ETHER_DIGITS - part), "000000000000000000");
    const char *first = digits + strspn(digits, "0");
    if (*first == '\0') first--;
    if (ht_u256_from_decimal(out, ht_bytes_str(first)) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_amount", "there is not that much ether");
}

void ht_wallet_ether(char out[static HT_WALLET_ETHER_SIZE], const char *wei) {
    size_t n = strlen(wei);
    char padded[HT_WALLET_ETHER_SIZE];
    (void)snprintf(padded, sizeof padded, "%s%.*s", n < 19 ? &"0000000000000000000"[n] : "",
                   (int)(sizeof padded - 20), wei);
    n = strlen(padded);
    size_t end = n;
    while (end > n - ETHER_DIGITS && padded[end - 1] == '0') end--;
    size_t whole = n - ETHER_DIGITS;
    (void)snprintf(out, HT_WALLET_ETHER_SIZE, "%.*s%s%.*s", (int)whole, padded,
                   end > whole ? "." : "", (int)(end - whole), padded + whole);
}

/* --- text -------------------------------------------------------------------------------------*/

const char *ht_wallet_text(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

void ht_wallet_put(FILE *to, const char *text) {
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        /* C1 controls are two bytes in UTF-8: C2 and 80 to 9F. */
        bool is_c1 = at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;
        bool is_control = *at < 0x20 || *at == 0x7f || is_c1;
        (void)fputc(is_control ? '?' : *at, to);
        if (is_c1) at++;
    }
}

void ht_wallet_put_ms(FILE *to, json_int_t ms) {
    time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    char text[32] = "";
    if (gmtime_r(&seconds, &parts) != NULL) {
        (void)strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    }
    fprintf(to, "%s", text);
}

/* --- what a request would do ------------------------------------------------------------------*/

static void put_line(FILE *to, const char *before, const char *text) {
    if (text[0] == '\0') return;
    fprintf(to, "%s", before);
    ht_wallet_put(to, text);
    (void)fputc('\n', to);
}

/* Recurses into the nodes of an EIP-712 tree or a decoded call; no deeper than TREE_DEPTH_MAX. */
static void put_tree(FILE *to, const json_t *node, unsigned depth) {
    static const char *const lists[] = {"children", "args", "calls"};
    size_t i;
    json_t *one;
    if (depth >= TREE_DEPTH_MAX) return;
    json_array_foreach(node, i, one) put_tree(to, one, depth);
    if (!json_is_object(node)) return;
    const char *name = ht_wallet_text(node, "signature");
    if (name[0] == '\0') name = ht_wallet_text(node, "name");
    fprintf(to, "  %*s", (int)(2 * depth), "");
    ht_wallet_put(to, name[0] != '\0' ? name : ht_wallet_text(node, "selector"));
    const char *type = ht_wallet_text(node, "type");
    if (type[0] != '\0') fprintf(to, " ");
    ht_wallet_put(to, type);
    const json_t *value = json_object_get(node, "value");
    if (json_is_string(value)) fprintf(to, ": ");
    if (json_is_string(value)) ht_wallet_put(to, json_string_value(value));
    (void)fputc('\n', to);
    for (i = 0; i < sizeof lists / sizeof *lists; i++) {
        const json_t *list = json_object_get(node, lists[i]);
        if (json_is_array(list)) put_tree(to, list, depth + 1);
    }
}

static void put_explain(FILE *to, const void *what) {
    const json_t *explain = what;
    size_t i;
    json_t *one;
    (void)fputc('\n', to);
    put_line(to, json_is_true(json_object_get(explain, "is_red")) ? "DANGER: " : "",
             ht_wallet_text(explain, "title"));
    put_line(to, "", ht_wallet_text(explain, "sentence"));
    json_array_foreach(json_object_get(explain, "leaves"), i, one) {
        fprintf(to, "  %-14s ", "Leaves");
        ht_wallet_put(to, ht_wallet_text(one, "amount"));
        (void)fputc(' ', to);
        ht_wallet_put(to, ht_wallet_text(one, "unit"));
        put_line(to, " to ", ht_wallet_text(one, "to"));
        if (ht_wallet_text(one, "to")[0] == '\0') (void)fputc('\n', to);
    }
    json_array_foreach(json_object_get(explain, "rows"), i, one) {
        fprintf(to, "  ");
        ht_wallet_put(to, ht_wallet_text(one, "label"));
        put_line(to, ": ", ht_wallet_text(one, "value"));
        if (ht_wallet_text(one, "value")[0] == '\0') (void)fputc('\n', to);
    }
    put_tree(to, json_object_get(explain, "tree"), 0);
    json_array_foreach(json_object_get(explain, "warnings"), i, one) {
        const char *level = ht_wallet_text(one, "level");
        put_line(to,
                 strcmp(level, "danger") == 0 ? "  !! Danger: "
                 : strcmp(level, "warn") == 0 ? "  !  Warning: "
                                              : "  -  ",
                 ht_wallet_text(one, "text"));
    }
}

/* What `put` writes, to where questions go. */
static void show(const struct ht_wallet *wallet, void (*put)(FILE *to, const void *what),
                 const void *what) {
    char *text = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);
    if (to == NULL) return;
    put(to, what);
    bool is_written = fclose(to) == 0;
    if (is_written) ht_prompt_show(&wallet->prompt, ht_bytes_of(text, n));
    free(text);
}

static void put_any_text(FILE *to, const void *text) {
    ht_wallet_put(to, text);
}

void ht_wallet_show_text(const struct ht_wallet *wallet, const char *text) {
    show(wallet, put_any_text, text);
}

void ht_wallet_show_explain(const struct ht_wallet *wallet, const json_t *explain) {
    show(wallet, put_explain, explain);
}

static bool is_dangerous(const json_t *explain) {
    size_t i;
    json_t *one;
    bool is = json_is_true(json_object_get(explain, "is_red"));
    json_array_foreach(json_object_get(explain, "warnings"), i, one) {
        is |= strcmp(ht_wallet_text(one, "level"), "danger") == 0;
    }
    return is;
}

enum ht_err ht_wallet_confirm(const struct ht_wallet *wallet, const json_t *explain,
                              struct ht_why *why) {
    bool is_yes = false;
    char line[64] = "";
    enum ht_err err = HT_OK;
    if (!is_dangerous(explain)) {
        if (wallet->options.is_yes) return HT_OK;
        err = ht_prompt_yes(&is_yes, &wallet->prompt, "\nGo on? [y/N] ", why);
    } else if (wallet->options.is_yes) {
        return ht_fail(why, HT_EDENIED, "not_confirmed",
                       "this is dangerous: --yes is not enough for it");
    } else {
        err = ht_prompt_line(
            line, sizeof line, &wallet->prompt,
            "\nThis is dangerous. Type the word danger to go on all the same: ", why);
        is_yes = strcmp(line, "danger") == 0;
    }
    if (err == HT_OK && !is_yes) {
        err = ht_fail(why, HT_EDENIED, "not_confirmed", "nothing was done");
    }
    return err;
}
