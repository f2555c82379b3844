/* View functions, run by our own EVM over proven state; rules as in reads.h. Loop thread. */
#ifndef HT_GOVERNANCE_READS_READS_VIEW_H
#define HT_GOVERNANCE_READS_READS_VIEW_H

#include "governance/community/community.h"

#define HT_GOV_VIEWS_MAX 24U
#define HT_GOV_VIEW_DATA_MAX 512U
#define HT_GOV_VIEW_OUTPUT_MAX 4096U

/* One view function. */
struct ht_gov_view {
    ht_addr20 to;
    uint8_t data[HT_GOV_VIEW_DATA_MAX];
    size_t data_n;
    bool has_answer; /* false: it reverted, or there is no such function */
    uint8_t output[HT_GOV_VIEW_OUTPUT_MAX];
    size_t output_n; /* longer answers are cut */
};
struct ht_gov_views {
    struct ht_block_id block;
    struct ht_gov_view *views; /* the caller's until done */
    size_t count;
    void (*done)(struct ht_gov_views *read);
    void *user;

    enum ht_err err;
    struct ht_why why;
    struct ht_gov_as_of as_of;
    struct ht_run run; /* its own */
};
void ht_gov_views_read(struct ht_governance *governance, struct ht_gov_views *read);
void ht_gov_views_fini(struct ht_gov_views *read);
/* Sets to and data: a selector and words behind it. */
void ht_gov_view_set(struct ht_gov_view *view, const ht_addr20 *to, uint32_t selector,
                     const uint8_t (*words)[32], size_t count);
void ht_gov_word_u256(uint8_t out[static 32], const ht_u256 *value);
void ht_gov_word_address(uint8_t out[static 32], const ht_addr20 *address);
/* The answer as one word, an address, or a text (ABI string); false when it is none. */
bool ht_gov_view_u256(ht_u256 *out, const struct ht_gov_view *view);
bool ht_gov_view_address(ht_addr20 *out, const struct ht_gov_view *view);
bool ht_gov_view_text(ht_bytes *out, const struct ht_gov_view *view);

#endif
