/* View functions, run by our own EVM over proven state, on a worker. */
#include "governance/reads/reads_view.h"

#include "governance/reads/reads_slots.h"

#define GAS 30000000U /* of one call */

static struct ht_gov_views *views_of(struct ht_run *run) {
    return (struct ht_gov_views *)((char *)run - offsetof(struct ht_gov_views, run));
}

static enum ht_err run_one(struct ht_gov_view *view, const struct ht_run_place *place,
                           struct ht_why *why) {
    const struct ht_evm_message message = {.kind = HT_EVM_STATICCALL,
                                           .to = view->to,
                                           .code = view->to,
                                           .is_static = true,
                                           .gas = GAS,
                                           .input = ht_bytes_of(view->data, view->data_n)};
    struct ht_evm_result result;
    enum ht_err err = ht_evm_run(place->evm, &result, &message, why);
    if (err != HT_OK) return err;
    view->has_answer = result.status == HT_EVM_SUCCESS;
    view->output_n = result.output.n < sizeof view->output ? result.output.n : sizeof view->output;
    if (view->output_n > 0) memcpy(view->output, result.output.p, view->output_n);
    return HT_OK;
}

/* All of them in each round: a guess in place of what is missing lets them go on, so that what
 * several miss is asked for at once. */
static enum ht_err work(struct ht_run *run, const struct ht_run_place *place, struct ht_why *why) {
    struct ht_gov_views *read = views_of(run);
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < read->count && err == HT_OK; i++)
        err = run_one(&read->views[i], place, why);
    return err;
}

static void done(struct ht_run *run) {
    struct ht_gov_views *read = views_of(run);
    read->err = run->err;
    read->why = run->why;
    if (run->err == HT_OK) ht_gov_as_of_set(&read->as_of, &run->header, run->is_final);
    read->done(read);
}

void ht_gov_views_read(struct ht_governance *governance, struct ht_gov_views *read) {
    ht_assert(read->count <= HT_GOV_VIEWS_MAX);
    read->run = (struct ht_run){.block = read->block, .work = work, .done = done};
    for (size_t i = 0; i < read->count; i++) {
        struct ht_why why;
        /* A hint to itself; what it does not name is found in the first round. */
        if (ht_run_want(&read->run, &read->views[i].to, NULL, 0, &why) != HT_OK) break;
    }
    ht_run_start(governance->host->runner, &read->run);
}

void ht_gov_views_fini(struct ht_gov_views *read) {
    ht_run_fini(&read->run);
}

/* --- writing and reading ---------------------------------------------------------------------- */

void ht_gov_view_set(struct ht_gov_view *view, const ht_addr20 *to, uint32_t selector,
                     const uint8_t (*words)[32], size_t count) {
    ht_assert(4 + 32 * count <= sizeof view->data);
    view->to = *to;
    for (size_t i = 0; i < 4; i++) view->data[i] = (uint8_t)(selector >> (24 - 8 * i));
    if (count > 0) memcpy(view->data + 4, words, 32 * count);
    view->data_n = 4 + 32 * count;
    view->has_answer = false;
    view->output_n = 0;
}

void ht_gov_word_u256(uint8_t out[static 32], const ht_u256 *value) {
    ht_u256_to_be(out, value);
}

void ht_gov_word_address(uint8_t out[static 32], const ht_addr20 *address) {
    memset(out, 0, 12);
    memcpy(out + 12, address->b, 20);
}

bool ht_gov_view_u256(ht_u256 *out, const struct ht_gov_view *view) {
    if (!view->has_answer || view->output_n < 32) return false;
    *out = ht_u256_from_be32(view->output);
    return true;
}

bool ht_gov_view_address(ht_addr20 *out, const struct ht_gov_view *view) {
    static const uint8_t zeros[12];
    bool is_one =
        view->has_answer && view->output_n >= 32 && memcmp(view->output, zeros, sizeof zeros) == 0;
    if (is_one) memcpy(out->b, view->output + 12, 20);
    return is_one;
}

bool ht_gov_view_text(ht_bytes *out, const struct ht_gov_view *view) {
    if (!view->has_answer || view->output_n < 64) return false;
    ht_u256 at = ht_u256_from_be32(view->output), n = {{0}};
    if (!ht_u256_is_u64(&at) || at.limb[0] > view->output_n - 32) return false;
    n = ht_u256_from_be32(view->output + at.limb[0]);
    size_t room = view->output_n - 32 - (size_t)at.limb[0];
    if (!ht_u256_is_u64(&n) || n.limb[0] > room) return false;
    *out = ht_bytes_of(view->output + at.limb[0] + 32, (size_t)n.limb[0]);
    return true;
}
