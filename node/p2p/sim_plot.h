/* A chart of several runs as SVG: one panel a figure, a point a run. */
#ifndef HT_P2P_SIM_PLOT_H
#define HT_P2P_SIM_PLOT_H

#include "node/base/bytes.h"

#define HT_SIM_POINTS_MAX 12U
#define HT_SIM_PANELS_MAX 4U

struct ht_sim_panel {
    const char *title;
    uint64_t values[HT_SIM_POINTS_MAX];
    uint64_t bound; /* drawn as a line; 0: none */
};

struct ht_sim_chart {
    const char *title, *x_title;
    uint64_t x[HT_SIM_POINTS_MAX]; /* shown at even distances, whatever they are */
    size_t count;
    struct ht_sim_panel panels[HT_SIM_PANELS_MAX];
    size_t panel_count;
};

/* Appends it. Titles are text of ours, without what XML would have to be told. HT_ELIMIT,
 * HT_ENOMEM. */
enum ht_err ht_sim_plot(struct ht_buf *out, const struct ht_sim_chart *chart) HT_MUST_USE;

#endif
