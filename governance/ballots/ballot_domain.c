/* What a contract says of its domain, and whether it hashes to what it uses. */
#include "governance/ballots/ballot_domain.h"

#include <stdio.h>

#include "node/codec/abi.h"
#include "node/codec/json.h"

#define TYPE_ARENA ((size_t)8 << 10)
#define EIP712_DOMAIN 0x84b0196eU
#define NAME 0x06fdde03U
#define VERSION 0x54fd4d50U
#define DOMAIN_SEPARATOR 0x3644e515U
#define DOMAIN_TYPEHASH 0x20606b70U

enum { VIEW_DOMAIN, VIEW_NAME, VIEW_VERSION, VIEW_SEPARATOR, VIEW_TYPEHASH, VIEWS };

/* keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)") */
static const uint8_t WITHOUT_VERSION[32] = {
    0x8c, 0xad, 0x95, 0x68, 0x7b, 0xa8, 0x2c, 0x2c, 0xe5, 0x0e, 0x74, 0xf7, 0xb7, 0x54, 0x64, 0x5e,
    0x51, 0x17, 0xc3, 0xa5, 0xbe, 0xc8, 0x15, 0x1c, 0x07, 0x26, 0xd5, 0x85, 0x79, 0x80, 0xa8, 0x66};

static bool take_text(char *out, size_t size, ht_bytes text) {
    if (text.n >= size || (text.n > 0 && memchr(text.p, 0, text.n) != NULL)) return false;
    if (text.n > 0) memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return true;
}

/* (bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32
 * salt, uint256[] extensions); of fields only those of OpenZeppelin: all but a salt. */
static bool read_5267(struct ht_gov_domain *out, const struct ht_gov_view *view) {
    struct ht_arena arena;
    struct ht_abi_type type;
    json_t *values = NULL;
    ht_bytes name, version;
    ht_arena_init(&arena, TYPE_ARENA);
    ht_bytes types = ht_bytes_str("(bytes1,string,string,uint256,address,bytes32,uint256[])");
    bool is_read = view->has_answer && ht_abi_type_read(&type, &arena, types, NULL) == HT_OK &&
                   ht_abi_decode(&values, &type, ht_bytes_of(view->output, view->output_n),
                                 HT_ABI_TRAILING_ALLOWED, NULL) == HT_OK;
    struct ht_gov_domain domain = {.has_version = true};
    uint8_t fields = 0;
    is_read =
        is_read && ht_json_hex(&fields, 1, values, "[0]", NULL) == HT_OK && fields == 0x0f &&
        ht_json_str(&name, values, "[1]", NULL) == HT_OK &&
        take_text(domain.name, sizeof domain.name, name) &&
        ht_json_str(&version, values, "[2]", NULL) == HT_OK &&
        take_text(domain.version, sizeof domain.version, version) &&
        ht_json_u64(&domain.chain_id, values, "[3]", NULL) == HT_OK &&
        ht_json_hex(domain.contract.b, sizeof domain.contract.b, values, "[4]", NULL) == HT_OK;
    if (is_read) *out = domain;
    json_decref(values);
    ht_arena_fini(&arena);
    return is_read;
}

static bool read_parts(struct ht_gov_domain *out, const struct ht_gov_view *views) {
    ht_bytes text;
    const struct ht_gov_view *typehash = &views[VIEW_TYPEHASH];
    if (!ht_gov_view_text(&text, &views[VIEW_NAME]) ||
        !take_text(out->name, sizeof out->name, text))
        return false;
    out->has_version = !(typehash->has_answer && typehash->output_n >= 32 &&
                         memcmp(typehash->output, WITHOUT_VERSION, 32) == 0);
    if (!ht_gov_view_text(&text, &views[VIEW_VERSION])) text = ht_bytes_str("1");
    return !out->has_version || take_text(out->version, sizeof out->version, text);
}

static enum ht_err take(struct ht_gov_domain_read *read) {
    const struct ht_gov_view *separator = &read->view[VIEW_SEPARATOR];
    struct ht_gov_domain told = {.chain_id = read->governance->host->network->chain_id,
                                 .contract = read->contract};
    struct ht_gov_domain *out = &read->domain;
    *out = told;
    bool is_5267 = read_5267(out, &read->view[VIEW_DOMAIN]);
    if (!is_5267 && !read_parts(out, read->view)) {
        return ht_fail(&read->why, HT_EUNVERIFIED, "no_domain",
                       "the contract does not say what its signatures are for");
    }
    bool is_its_own = out->chain_id == told.chain_id &&
                      memcmp(out->contract.b, told.contract.b, sizeof told.contract.b) == 0;
    ht_hash32 hash;
    ht_gov_domain_separator(&hash, out);
    bool has_separator = separator->has_answer && separator->output_n >= 32;
    if (is_its_own && (!has_separator || memcmp(separator->output, hash.b, 32) == 0)) return HT_OK;
    return ht_fail(&read->why, HT_EUNVERIFIED, "domain_differs",
                   "the contract takes signatures of another form than it says");
}

static void got_views(struct ht_gov_views *views) {
    struct ht_gov_domain_read *read = views->user;
    read->err = views->err;
    read->why = views->why;
    ht_gov_views_fini(views);
    if (read->err == HT_OK) read->err = take(read);
    read->done(read);
}

void ht_gov_domain_start(struct ht_gov_domain_read *read) {
    static const uint32_t SELECTORS[VIEWS] = {EIP712_DOMAIN, NAME, VERSION, DOMAIN_SEPARATOR,
                                              DOMAIN_TYPEHASH};
    for (size_t i = 0; i < VIEWS; i++)
        ht_gov_view_set(&read->view[i], &read->contract, SELECTORS[i], NULL, 0);
    read->views = (struct ht_gov_views){.block = {.kind = HT_BLOCK_LATEST},
                                        .views = read->view,
                                        .count = VIEWS,
                                        .done = got_views,
                                        .user = read};
    ht_gov_views_read(read->governance, &read->views);
}
