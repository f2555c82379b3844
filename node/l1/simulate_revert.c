/* Reading what a revert says: strictly, since what does not decode exactly is no such error. */
#include "node/l1/simulate_revert.h"

#include <stdio.h>

#include "node/base/u256.h"
#include "node/codec/abi.h"
#include "node/l1/execution/rpc_json.h"

#define ARENA_MAX ((size_t)1 << 20)
#define DATA_MAX 8192U  /* bytes that are told */
#define READ_MAX 65536U /* bytes; what is longer is no message to anybody */
#define REASON_MAX 600U

/* Errors that are the same everywhere, and those of ERC-6093 and of OpenZeppelin's Ownable, which
 * most tokens have. */
static const char *const ERRORS[] = {
    "Error(string)",
    "Panic(uint256)",
    "ERC20InsufficientBalance(address,uint256,uint256)",
    "ERC20InvalidSender(address)",
    "ERC20InvalidReceiver(address)",
    "ERC20InsufficientAllowance(address,uint256,uint256)",
    "ERC20InvalidApprover(address)",
    "ERC20InvalidSpender(address)",
    "ERC721InvalidOwner(address)",
    "ERC721NonexistentToken(uint256)",
    "ERC721IncorrectOwner(address,uint256,address)",
    "ERC721InvalidReceiver(address)",
    "ERC721InsufficientApproval(address,uint256)",
    "ERC1155InsufficientBalance(address,uint256,uint256,uint256)",
    "ERC1155MissingApprovalForAll(address,address)",
    "OwnableUnauthorizedAccount(address)",
    "AccessControlUnauthorizedAccount(address,bytes32)",
    "EnforcedPause()",
    "ReentrancyGuardReentrantCall()",
    "SafeERC20FailedOperation(address)",
};

static const char *panic_text(const json_t *number) {
    static const struct {
        const char *number, *text;
    } panics[] = {
        {"1", "assertion failed"},
        {"17", "arithmetic overflow or underflow"},
        {"18", "division or modulo by zero"},
        {"33", "conversion to an enum that has no such value"},
        {"34", "storage bytes that are encoded wrongly"},
        {"49", "pop of an empty array"},
        {"50", "array index out of bounds"},
        {"65", "too much memory, or too large an array"},
        {"81", "call of a function variable that is not set"},
    };
    const char *text = json_string_value(number);
    for (size_t i = 0; text != NULL && i < sizeof panics / sizeof *panics; i++) {
        if (strcmp(panics[i].number, text) == 0) return panics[i].text;
    }
    return "panic of an unknown kind";
}

/* The arguments when the data are an encoding of that error; else NULL. */
static json_t *read_args(const char *signature, ht_bytes data) {
    uint8_t selector[4];
    struct ht_abi_type type;
    struct ht_arena arena;
    json_t *args = NULL;
    ht_abi_selector(selector, signature);
    if (memcmp(selector, data.p, sizeof selector) != 0) return NULL;
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_abi_type_read(&type, &arena, ht_bytes_str(strchr(signature, '(')), NULL);
    if (err == HT_OK) {
        err = ht_abi_decode(&args, &type, ht_bytes_of(data.p + 4, data.n - 4),
                            HT_ABI_TRAILING_ALLOWED, NULL);
    }
    ht_arena_fini(&arena);
    return err == HT_OK ? args : NULL;
}

/* "Name(1, 0x…)" */
static json_t *written_out(const char *signature, size_t name_n, const json_t *args) {
    char text[REASON_MAX];
    const json_t *arg;
    size_t i, at = (size_t)snprintf(text, sizeof text, "%.*s(", (int)name_n, signature);
    json_array_foreach(args, i, arg) {
        const char *value = json_string_value(arg);
        int n = snprintf(text + at, sizeof text - at, "%s%s", i > 0 ? ", " : "",
                         value != NULL ? value : "?");
        at += (size_t)n;
        if (at >= sizeof text - 2) return NULL;
    }
    text[at] = ')';
    text[at + 1] = '\0';
    return json_string(text);
}

static json_t *reason_of(size_t error, size_t name_n, const json_t *args) {
    if (error == 0) return json_copy(json_array_get(args, 0));
    if (error > 1) return written_out(ERRORS[error], name_n, args);
    char text[160];
    const char *number = json_string_value(json_array_get(args, 0));
    (void)snprintf(text, sizeof text, "%s (panic %s)", panic_text(json_array_get(args, 0)),
                   number != NULL ? number : "?");
    return json_string(text);
}

static json_t *error_of(json_t **reason, ht_bytes data) {
    for (size_t i = 0; i < sizeof ERRORS / sizeof *ERRORS && data.n <= READ_MAX; i++) {
        json_t *args = read_args(ERRORS[i], data);
        if (args == NULL) continue;
        size_t name_n = (size_t)(strchr(ERRORS[i], '(') - ERRORS[i]);
        *reason = reason_of(i, name_n, args);
        return json_pack("{s:s%, s:o, s:o}", "name", ERRORS[i], name_n, "selector",
                         ht_rpc_data(ht_bytes_of(data.p, 4)), "args", args);
    }
    return json_pack("{s:n, s:o, s:n}", "name", "selector", ht_rpc_data(ht_bytes_of(data.p, 4)),
                     "args");
}

json_t *ht_revert_json(ht_bytes data) {
    json_t *reason = NULL;
    ht_bytes told = ht_bytes_of(data.p, data.n < DATA_MAX ? data.n : DATA_MAX);
    json_t *error = data.n >= 4 ? error_of(&reason, data) : NULL;
    if (data.n >= 4 && error == NULL) {
        json_decref(reason);
        return NULL;
    }
    return json_pack("{s:o?, s:o?, s:o}", "reason", reason, "error", error, "data",
                     ht_rpc_data(told));
}
