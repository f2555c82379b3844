/* Figures and assertions of a run as JSON. */
#include "node/p2p/sim_report.h"

void ht_sim_report_init(struct ht_sim_report *report) {
    report->figures = json_object();
    report->assertions = json_array();
}

/* jansson takes over the value and passes NULL on; a lack of memory shows when it is all taken. */
void ht_sim_figure(struct ht_sim_report *report, const char *name, uint64_t value) {
    (void)json_object_set_new(report->figures, name, json_integer((json_int_t)value));
}

static void assert_that(struct ht_sim_report *report, const char *name, bool holds, uint64_t is,
                        const char *word, uint64_t bound) {
    json_t *one = json_pack("{s:s, s:b, s:I, s:s, s:I}", "name", name, "holds", holds, "is",
                            (json_int_t)is, "must_be", word, "bound", (json_int_t)bound);
    (void)json_array_append_new(report->assertions, one);
}

void ht_sim_at_most(struct ht_sim_report *report, const char *name, uint64_t is, uint64_t bound) {
    assert_that(report, name, is <= bound, is, "at_most", bound);
}

void ht_sim_at_least(struct ht_sim_report *report, const char *name, uint64_t is, uint64_t bound) {
    assert_that(report, name, is >= bound, is, "at_least", bound);
}

json_t *ht_sim_report_take(struct ht_sim_report *report, const char *scenario, uint64_t seed) {
    bool holds = true;
    size_t i;
    const json_t *one;
    json_array_foreach(report->assertions, i, one) {
        if (!json_is_true(json_object_get(one, "holds"))) holds = false;
    }
    json_t *out = json_pack("{s:s, s:I, s:o, s:o, s:b}", "scenario", scenario, "seed",
                            (json_int_t)(seed & INT64_MAX), "figures", report->figures,
                            "assertions", report->assertions, "holds", holds);
    report->figures = report->assertions = NULL;
    return out;
}

void ht_sim_report_fini(struct ht_sim_report *report) {
    json_decref(report->figures);
    json_decref(report->assertions);
    report->figures = report->assertions = NULL;
}
