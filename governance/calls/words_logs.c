/* Logs and slots in words. A contract may log what is not so: its logs say what it claims, the
 * slots of ERC-1967 what is. */
#include "governance/calls/words_logs.h"

#include <stdio.h>

#include "governance/calls/calls_family.h"
#include "governance/calls/calls_roles.h"
#include "node/base/hex.h"
#include "node/codec/amount.h"

#define WORD 32U

bool ht_gov_words_bytes(uint8_t *out, size_t n, const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) return false;
    ht_bytes text = ht_bytes_of(json_string_value(value), json_string_length(value));
    return ht_hex_read(out, n, text) == HT_OK;
}

static bool is_of_vote(const struct ht_gov_calls_context *context, const ht_addr20 *who) {
    if (memcmp(who->b, context->governor.b, sizeof who->b) == 0) return true;
    return context->has_timelock && memcmp(who->b, context->timelock.b, sizeof who->b) == 0;
}

void ht_gov_words_tell(struct ht_gov_wording *wording, json_t *list, const ht_addr20 *who,
                       const char *fmt, ...) {
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    bool is_danger = who != NULL && !is_of_vote(wording->context, who);
    (void)json_array_append_new(wording->words, json_string(text));
    if (list == NULL) return;
    (void)json_array_append_new(
        list, json_pack("{ss ss}", "text", text, "severity", is_danger ? "danger" : "note"));
}

/* --- logs -------------------------------------------------------------------------------------*/

/* A log's topics and the first words of its data. */
struct log {
    ht_addr20 address;
    uint8_t topics[4][WORD], words[3][WORD];
    size_t topic_count, word_count;
};

static bool read_log(struct log *out, const json_t *log) {
    const json_t *topics = json_object_get(log, "topics");
    const json_t *data = json_object_get(log, "data");
    memset(out, 0, sizeof *out);
    if (!ht_gov_words_bytes(out->address.b, sizeof out->address.b, log, "address")) return false;
    out->topic_count = json_array_size(topics);
    if (out->topic_count == 0 || out->topic_count > 4) return false;
    for (size_t i = 0; i < out->topic_count; i++) {
        const char *hex = json_string_value(json_array_get(topics, i));
        if (hex == NULL || ht_hex_read(out->topics[i], WORD, ht_bytes_str(hex)) != HT_OK)
            return false;
    }
    const char *hex = json_string_value(data);
    size_t n = json_string_length(data) >= 2 ? (json_string_length(data) - 2) / 2 : 0;
    out->word_count = n / WORD < 3 ? n / WORD : 3;
    if (out->word_count == 0) return true;
    ht_bytes first = ht_bytes_of(hex, 2 + 2 * WORD * out->word_count);
    return ht_hex_read(out->words[0], WORD * out->word_count, first) == HT_OK;
}

static void address_of(ht_addr20 *out, const uint8_t word[static WORD]) {
    memcpy(out->b, word + WORD - sizeof out->b, sizeof out->b);
}

/* The address of an event that newer contracts index and older ones do not. */
static bool first_address(ht_addr20 *out, const struct log *log) {
    if (log->topic_count < 2 && log->word_count < 1) return false;
    address_of(out, log->topic_count >= 2 ? log->topics[1] : log->words[0]);
    return true;
}

static void tell_owner(struct ht_gov_wording *wording, const struct log *log) {
    char from[HT_GOV_PLACE_TEXT_SIZE], to[HT_GOV_PLACE_TEXT_SIZE], at[HT_GOV_PLACE_TEXT_SIZE];
    ht_addr20 before, after;
    static const ht_addr20 nobody;
    if (log->topic_count < 3) return;
    address_of(&before, log->topics[1]);
    address_of(&after, log->topics[2]);
    ht_gov_place_text(from, wording->context, &before);
    ht_gov_place_text(to, wording->context, &after);
    ht_gov_place_text(at, wording->context, &log->address);
    if (memcmp(after.b, nobody.b, sizeof nobody.b) == 0) {
        ht_gov_words_tell(wording, wording->owners, &after, "%s would have no owner, was %s.", at,
                          from);
    } else {
        ht_gov_words_tell(wording, wording->owners, &after, "%s would be owned by %s, was %s.", at,
                          to, from);
    }
}

static void tell_role(struct ht_gov_wording *wording, const struct log *log, bool is_given) {
    char role[HT_GOV_ROLE_TEXT_SIZE], who[HT_GOV_PLACE_TEXT_SIZE], at[HT_GOV_PLACE_TEXT_SIZE];
    ht_hash32 hash;
    ht_addr20 account;
    if (log->topic_count < 3) return;
    memcpy(hash.b, log->topics[1], sizeof hash.b);
    address_of(&account, log->topics[2]);
    ht_gov_role_text(role, &hash);
    ht_gov_place_text(who, wording->context, &account);
    ht_gov_place_text(at, wording->context, &log->address);
    ht_gov_words_tell(wording, wording->roles, is_given ? &account : NULL, "%s would %s %s at %s.",
                      who, is_given ? "get" : "lose", role, at);
}

/* Events with one address: before, the contract, between, the address, after. */
static const struct naming {
    uint32_t topic; /* the first four bytes, which tell these apart */
    const char *before, *between, *after;
} NAMINGS[] = {
    {0x9465fa0cU, "The Safe ", " would have the owner ", " as well."},       /* AddedOwner */
    {0xf8d49fc5U, "The Safe ", " would no longer have the owner ", "."},     /* RemovedOwner */
    {0xecdf3a3eU, "For ", " the module ", " could act without signatures."}, /* EnabledModule */
    {0xaab4fa2bU, "For ", " the module ", " could act no more."},            /* DisabledModule */
    {0x11511169U, "At ", " the guard would be ", "."},                       /* ChangedGuard */
    {0xbc7cd75aU, "", " says that its code would be that at ", "."},         /* Upgraded */
    {0x1cf3b03aU, "", " says that its beacon would be ", "."},               /* BeaconUpgraded */
    {0x71614071U, "", " would have the admin ", "."},                        /* NewAdmin */
    {0x69d78e38U, "", " could be taken over by ", "."},                      /* NewPendingAdmin */
};

/* Events with what was and what would be. */
static const struct setting {
    uint32_t topic;
    const char *name;
    bool is_address;
} SETTINGS[] = {
    {0xc565b045U, "the voting delay", false},
    {0x7e3f7f07U, "the voting period", false},
    {0xccb45da8U, "the votes that are needed to propose", false},
    {0x0553476bU, "the quorum's share", false},
    {0x7ca4ac11U, "how long a late quorum extends the vote", false},
    {0x11c24f4eU, "the timelock's shortest delay", false},
    {0x08f74ea4U, "the governor's timelock", true},
    {0xeabe7d6dU, "who can cancel proposals", true},
    {0x7e644d79U, "the proxy's admin", true},
    {0xd604de94U, "the code", true},
};

static void tell_setting(struct ht_gov_wording *wording, const struct log *log,
                         const struct setting *setting) {
    char from[HT_GOV_AMOUNT_TEXT_SIZE], to[HT_GOV_AMOUNT_TEXT_SIZE], at[HT_GOV_PLACE_TEXT_SIZE];
    ht_addr20 after;
    if (log->word_count < 2) return;
    ht_gov_place_text(at, wording->context, &log->address);
    if (setting->is_address) {
        ht_addr20 before;
        address_of(&before, log->words[0]);
        address_of(&after, log->words[1]);
        ht_gov_place_text(from, wording->context, &before);
        ht_gov_place_text(to, wording->context, &after);
        ht_gov_words_tell(wording, wording->owners, &after, "At %s, %s would be %s, was %s.", at,
                          setting->name, to, from);
        return;
    }
    ht_u256 old = ht_u256_from_be32(log->words[0]), new = ht_u256_from_be32(log->words[1]);
    ht_amount_text(from, &old, 0);
    ht_amount_text(to, &new, 0);
    ht_gov_words_tell(wording, NULL, NULL, "At %s, %s would be %s, was %s.", at, setting->name, to,
                      from);
}

static void tell_naming(struct ht_gov_wording *wording, const struct log *log,
                        const struct naming *naming) {
    char who[HT_GOV_PLACE_TEXT_SIZE], at[HT_GOV_PLACE_TEXT_SIZE];
    ht_addr20 address;
    if (!first_address(&address, log)) return;
    ht_gov_place_text(who, wording->context, &address);
    ht_gov_place_text(at, wording->context, &log->address);
    ht_gov_words_tell(wording, wording->owners, &address, "%s%s%s%s%s", naming->before, at,
                      naming->between, who, naming->after);
}

void ht_gov_words_log(struct ht_gov_wording *wording, const json_t *json) {
    const uint32_t ownership = 0x8be0079cU, granted = 0x2f878811U, revoked = 0xf6391f5cU;
    const uint32_t threshold = 0x610f7ff2U;
    char at[HT_GOV_PLACE_TEXT_SIZE], number[HT_AMOUNT_SIZE];
    struct log log;
    if (!read_log(&log, json)) return;
    const uint8_t *t = log.topics[0];
    uint32_t topic =
        (uint32_t)t[0] << 24 | (uint32_t)t[1] << 16 | (uint32_t)t[2] << 8 | (uint32_t)t[3];
    if (topic == ownership) tell_owner(wording, &log);
    if (topic == granted || topic == revoked) tell_role(wording, &log, topic == granted);
    if (topic == threshold && log.word_count > 0) {
        ht_u256 value = ht_u256_from_be32(log.words[0]);
        ht_amount_text(number, &value, 0);
        ht_gov_place_text(at, wording->context, &log.address);
        ht_gov_words_tell(wording, wording->owners, NULL,
                          "For the Safe %s, %s of its owners would have to sign.", at, number);
    }
    for (size_t i = 0; i < sizeof NAMINGS / sizeof *NAMINGS; i++) {
        if (NAMINGS[i].topic == topic) tell_naming(wording, &log, &NAMINGS[i]);
    }
    for (size_t i = 0; i < sizeof SETTINGS / sizeof *SETTINGS; i++) {
        if (SETTINGS[i].topic == topic) tell_setting(wording, &log, &SETTINGS[i]);
    }
}

/* --- slots ------------------------------------------------------------------------------------*/

void ht_gov_words_slot(struct ht_gov_wording *wording, const json_t *change) {
    static const struct {
        const char *slot, *name;
    } slots[] = {
        {"0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc", "code"},
        {"0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103", "admin"},
        {"0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50", "beacon"},
    };
    char at[HT_GOV_PLACE_TEXT_SIZE], from[HT_GOV_PLACE_TEXT_SIZE], to[HT_GOV_PLACE_TEXT_SIZE];
    uint8_t slot[WORD], known[WORD], before[WORD], after[WORD];
    ht_addr20 address, old, new;
    if (!ht_gov_words_bytes(slot, WORD, change, "slot") ||
        !ht_gov_words_bytes(before, WORD, change, "before") ||
        !ht_gov_words_bytes(after, WORD, change, "after") ||
        !ht_gov_words_bytes(address.b, sizeof address.b, change, "address")) {
        return;
    }
    address_of(&old, before);
    address_of(&new, after);
    ht_gov_place_text(at, wording->context, &address);
    ht_gov_place_text(from, wording->context, &old);
    ht_gov_place_text(to, wording->context, &new);
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        enum ht_err err = ht_hex_read(known, WORD, ht_bytes_str(slots[i].slot));
        if (err != HT_OK || memcmp(known, slot, WORD) != 0) continue;
        ht_gov_words_tell(wording, wording->owners, &new,
                          "The proxy %s would have the %s %s, has %s. By its storage.", at,
                          slots[i].name, to, from);
    }
}
