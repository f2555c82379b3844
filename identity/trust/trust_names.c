/* Names of the web's people: whom to ask about next, the two halves of asking, what is kept. */
#include "identity/trust/trust_names.h"

#include <stdlib.h>

#include "identity/names/ens_ask.h"

/* Between two asks, so that a long list holds neither the loop nor the provider. */
#define STEP_MS 20
/* Until there is a final block. */
#define WAIT_MS 2000

struct entry {
    ht_addr20 address;
    ht_hash32 link;
    size_t rank;       /* among the wanted: 0 is wanted most */
    int64_t due_ms;    /* monotonic, as all of these */
    int64_t proven_ms; /* when the name came */
    struct ht_trust_named named;
};

struct ht_trust_names {
    const struct ht_host *host;
    void (*on_change)(void *user);
    void *user;
    struct entry *list; /* by address */
    size_t count;
    int64_t round_ms;
    size_t left; /* of this round */
    struct ht_timer timer;
    struct ht_ens_ask ask; /* when is_asking */
    ht_addr20 asked;
    bool is_asking, has_round, is_quitting;
};

static struct ht_trust_names *names_of(struct ht_ens_ask *ask) {
    return (struct ht_trust_names *)(void *)((char *)ask - offsetof(struct ht_trust_names, ask));
}

static int64_t now_ms(const struct ht_trust_names *names) {
    return ht_mono_ms(names->host->clock);
}

static int by_address(const void *a, const void *b) {
    return memcmp(((const struct entry *)a)->address.b, ((const struct entry *)b)->address.b,
                  sizeof((const struct entry *)a)->address.b);
}

static struct entry *find(const struct ht_trust_names *names, const ht_addr20 *address) {
    const struct entry key = {.address = *address};
    if (names->count == 0) return NULL;
    return bsearch(&key, names->list, names->count, sizeof key, by_address);
}

/* --- what is kept ----------------------------------------------------------------------------- */

static bool is_old(const struct ht_trust_names *names, const struct entry *entry) {
    return now_ms(names) - entry->proven_ms > HT_TRUST_NAME_OLD_MS;
}

const struct ht_trust_named *ht_trust_name_of(const struct ht_trust_names *names,
                                              const ht_addr20 *address) {
    const struct entry *entry = names != NULL ? find(names, address) : NULL;
    bool has_name = entry != NULL && entry->named.name[0] != '\0' && !is_old(names, entry);
    return has_name ? &entry->named : NULL;
}

static void pump(struct ht_trust_names *names);

static void fire(struct ht_timer *timer) {
    pump((struct ht_trust_names *)(void *)((char *)timer - offsetof(struct ht_trust_names, timer)));
}

static void pump_in(struct ht_trust_names *names, int64_t delay_ms) {
    if (!names->is_quitting && names->host->loop != NULL)
        ht_timer_set(names->host->loop, &names->timer, delay_ms, fire);
}

/* Frees the ask; the name of whom it was about is what it says, "" for none, as of its block. */
static void take(struct ht_trust_names *names, const char *name) {
    struct entry *entry = find(names, &names->asked);
    const struct ht_exec_header_verified header = names->ask.header;
    bool is_new = entry != NULL && strcmp(entry->named.name, name) != 0;
    if (entry != NULL) {
        struct ht_trust_named named = {.block = header.header.number, .block_hash = header.hash};
        memcpy(named.name, name, strlen(name) + 1);
        entry->named = named;
        entry->proven_ms = now_ms(names);
    }
    ht_ens_ask_fini(&names->ask);
    names->is_asking = false;
    if (names->is_quitting) return;
    if (is_new) names->on_change(names->user);
    pump_in(names, STEP_MS);
}

/* It could not be told: what was proven before stays, with its block. */
static void give_up(struct ht_trust_names *names) {
    struct entry *entry = find(names, &names->asked);
    int64_t retry_ms = now_ms(names) + HT_TRUST_NAME_RETRY_MS;
    if (entry != NULL && entry->due_ms > retry_ms) entry->due_ms = retry_ms;
    ht_ens_ask_fini(&names->ask);
    names->is_asking = false;
    pump_in(names, STEP_MS);
}

/* --- asking ----------------------------------------------------------------------------------- */

/* An error that is an answer: the chain was looked at, and there is no name there. */
static bool is_proven_none(const struct ht_ens_ask *ask) {
    bool is_about_names = ask->why.code != NULL && strncmp(ask->why.code, "ens_", 4) == 0;
    bool is_final_word = ask->err == HT_ENOTFOUND || ask->err == HT_EDENIED ||
                         ask->err == HT_EINPUT || ask->err == HT_EUNVERIFIED ||
                         ask->err == HT_ELIMIT;
    return is_about_names && is_final_word && ask->header.header.number > 0;
}

static void led_back(struct ht_ens_ask *ask) {
    struct ht_trust_names *names = names_of(ask);
    bool is_it = ask->err == HT_OK && ask->has_record && ask->how != HT_ENS_OFFCHAIN &&
                 memcmp(ask->address.b, names->asked.b, sizeof names->asked.b) == 0;
    if (ask->err == HT_OK || is_proven_none(ask)) {
        /* The name is the ask's, which take frees only when it has copied it. */
        take(names, is_it ? ask->name : "");
    } else {
        give_up(names);
    }
}

/* Whether it may be shown; then it is in out. */
static bool is_normal(char out[static HT_ENS_NAME_MAX + 1], ht_bytes name) {
    struct ht_buf normal;
    ht_buf_init(&normal, HT_ENS_NAME_MAX);
    bool is_it = name.n > 0 && name.n <= HT_TRUST_NAME_MAX &&
                 ht_ens_normalize(&normal, name, NULL) == HT_OK &&
                 ht_bytes_equal(ht_buf_view(&normal), name);
    if (is_it) {
        memcpy(out, name.p, name.n);
        out[name.n] = '\0';
    }
    ht_buf_fini(&normal);
    return is_it;
}

static void claimed(struct ht_ens_ask *ask) {
    struct ht_trust_names *names = names_of(ask);
    struct ht_ens_ask next = {.host = names->host,
                              .block = {.kind = HT_BLOCK_HASH, .hash = ask->header.hash},
                              .record = HT_ENS_ADDRESS,
                              .done = led_back};
    bool is_none = ask->err == HT_OK && !ask->has_record;
    if (names->is_quitting || (ask->err != HT_OK && !is_proven_none(ask))) {
        give_up(names);
    } else if (ask->err != HT_OK || is_none || ask->how == HT_ENS_OFFCHAIN ||
               !is_normal(next.name, ht_buf_view(&ask->text))) {
        take(names, "");
    } else {
        ht_ens_ask_fini(ask);
        *ask = next;
        ht_ens_ask(ask);
    }
}

/* The most wanted that is due; NULL without. */
static struct entry *next_due(const struct ht_trust_names *names, int64_t now) {
    struct entry *best = NULL;
    for (size_t i = 0; i < names->count; i++) {
        struct entry *entry = &names->list[i];
        if (entry->due_ms <= now && (best == NULL || entry->rank < best->rank)) best = entry;
    }
    return best;
}

static void ask_about(struct ht_trust_names *names, struct entry *entry) {
    entry->due_ms = now_ms(names) + HT_TRUST_NAME_DAY_MS;
    names->asked = entry->address;
    names->is_asking = true;
    names->ask = (struct ht_ens_ask){.host = names->host,
                                     .block = {.kind = HT_BLOCK_FINALIZED},
                                     .record = HT_ENS_NAME,
                                     .done = claimed};
    ht_ens_reverse_name(names->ask.name, &entry->address);
    ht_ens_ask(&names->ask);
}

static void pump(struct ht_trust_names *names) {
    if (names->is_quitting || names->is_asking || names->count == 0) return;
    int64_t now = now_ms(names);
    if (ht_chain_finalized(ht_state_chain(names->host->state)) == NULL) {
        pump_in(names, WAIT_MS);
        return;
    }
    struct entry *entry = next_due(names, now);
    if (entry == NULL) {
        pump_in(names, HT_TRUST_NAMES_ROUND_MS);
        return;
    }
    if (!names->has_round || now - names->round_ms >= HT_TRUST_NAMES_ROUND_MS) {
        names->has_round = true;
        names->round_ms = now;
        names->left = HT_TRUST_NAMES_ROUND;
    }
    if (names->left == 0) {
        pump_in(names, names->round_ms + HT_TRUST_NAMES_ROUND_MS - now);
        return;
    }
    names->left--;
    ask_about(names, entry);
}

/* --- who is wanted ---------------------------------------------------------------------------- */

static bool is_known_here(const struct ht_network *network) {
    static const uint64_t chains[] = {1, 11155111, 17000};
    static const ht_addr20 not_named;
    const ht_addr20 *named = &network->contracts.ens_registry;
    if (memcmp(named->b, ht_ens_registry.b, sizeof named->b) == 0) return true;
    /* Another contract than the one that would be asked. */
    if (memcmp(named->b, not_named.b, sizeof named->b) != 0) return false;
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        if (network->chain_id == chains[i]) return true;
    }
    return false;
}

static int by_address_and_rank(const void *a, const void *b) {
    const struct entry *left = a, *right = b;
    int order = by_address(a, b);
    return order != 0 ? order : (left->rank > right->rank) - (left->rank < right->rank);
}

/* What is known of an account is known of it still; another link is a reason to look anew. */
static void carry_over(const struct ht_trust_names *names, struct entry *entry) {
    const struct entry *before = find(names, &entry->address);
    if (before == NULL) return;
    bool is_same = ht_hash32_equal(&before->link, &entry->link);
    entry->named = before->named;
    entry->proven_ms = before->proven_ms;
    if (is_same) entry->due_ms = before->due_ms;
}

void ht_trust_names_want(struct ht_trust_names *names, const struct ht_trust_wanted *list,
                         size_t count) {
    if (!is_known_here(names->host->network)) return;
    if (count > HT_TRUST_NAMES_MAX) count = HT_TRUST_NAMES_MAX;
    struct entry *entries = calloc(count + 1, sizeof *entries);
    if (entries == NULL) return;
    int64_t now = now_ms(names);
    for (size_t i = 0; i < count; i++) {
        entries[i] = (struct entry){
            .address = list[i].address, .link = list[i].link, .rank = i, .due_ms = now};
    }
    qsort(entries, count, sizeof *entries, by_address_and_rank);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_double = kept > 0 && by_address(&entries[kept - 1], &entries[i]) == 0;
        if (is_double) continue;
        entries[kept] = entries[i];
        carry_over(names, &entries[kept++]);
    }
    free(names->list);
    names->list = entries;
    names->count = kept;
    pump_in(names, STEP_MS);
}

/* --- begin and end ---------------------------------------------------------------------------- */

enum ht_err ht_trust_names_new(struct ht_trust_names **out, const struct ht_host *host,
                               void (*on_change)(void *user), void *user, struct ht_why *why) {
    struct ht_trust_names *names = calloc(1, sizeof *names);
    if (names == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    names->host = host;
    names->on_change = on_change;
    names->user = user;
    *out = names;
    return HT_OK;
}

void ht_trust_names_quit(struct ht_trust_names *names) {
    if (names == NULL || names->is_quitting) return;
    names->is_quitting = true;
    ht_timer_cancel(&names->timer);
}

void ht_trust_names_free(struct ht_trust_names *names) {
    if (names == NULL) return;
    ht_trust_names_quit(names);
    if (names->is_asking) ht_ens_ask_fini(&names->ask);
    free(names->list);
    free(names);
}
