/* Draws a chart in whole numbers. */
#include "node/p2p/sim_plot.h"

#include <stdio.h>

#define PANEL_WIDTH 380U
#define PANEL_HEIGHT 280U
#define LEFT 70U
#define TOP 60U
#define WIDE 280U /* of the field that is drawn in */
#define HIGH 170U
#define LINES 4U

static enum ht_err add(struct ht_buf *out, const char *fmt, ...) HT_PRINTF(2, 3);

static enum ht_err add(struct ht_buf *out, const char *fmt, ...) {
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return ht_buf_add_str(out, text);
}

/* The least of 1, 2, 5, 10, 20, … of which LINES reach the value. */
static uint64_t step_for(uint64_t most) {
    uint64_t step = 1;
    for (unsigned i = 0; step * LINES < most; i++) step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

static unsigned x_of(const struct ht_sim_chart *chart, size_t i) {
    size_t gaps = chart->count > 1 ? chart->count - 1 : 1;
    return LEFT + (unsigned)(i * WIDE / gaps);
}

static unsigned y_of(uint64_t value, uint64_t top) {
    return TOP + HIGH - (unsigned)(value * HIGH / top);
}

static enum ht_err draw_axes(struct ht_buf *out, const struct ht_sim_chart *chart, uint64_t step) {
    enum ht_err err = HT_OK;
    for (unsigned i = 0; i <= LINES && err == HT_OK; i++) {
        unsigned y = y_of(i * step, LINES * step);
        err = add(out,
                  "<path d=\"M%u %uh%u\" stroke=\"#ddd\"/><text x=\"%u\" y=\"%u\" "
                  "text-anchor=\"end\">%llu</text>\n",
                  LEFT, y, WIDE, LEFT - 8, y + 4, (unsigned long long)(i * step));
    }
    for (size_t i = 0; i < chart->count && err == HT_OK; i++) {
        err = add(out, "<text x=\"%u\" y=\"%u\" text-anchor=\"middle\">%llu</text>\n",
                  x_of(chart, i), TOP + HIGH + 18, (unsigned long long)chart->x[i]);
    }
    if (err != HT_OK) return err;
    return add(out, "<text x=\"%u\" y=\"%u\" text-anchor=\"middle\" fill=\"#555\">%s</text>\n",
               LEFT + WIDE / 2, TOP + HIGH + 38, chart->x_title);
}

static enum ht_err draw_panel(struct ht_buf *out, const struct ht_sim_chart *chart, size_t number) {
    const struct ht_sim_panel *panel = &chart->panels[number];
    uint64_t most = panel->bound > 0 ? panel->bound : 1;
    for (size_t i = 0; i < chart->count; i++) {
        if (panel->values[i] > most) most = panel->values[i];
    }
    uint64_t step = step_for(most), top = step * LINES;
    enum ht_err err = add(out,
                          "<g transform=\"translate(%zu 30)\">\n<text x=\"%u\" y=\"%u\" "
                          "font-weight=\"bold\">%s</text>\n",
                          number * PANEL_WIDTH, LEFT, TOP - 16, panel->title);
    if (err == HT_OK) err = draw_axes(out, chart, step);
    if (err == HT_OK && panel->bound > 0) {
        err = add(out,
                  "<path d=\"M%u %uh%u\" stroke=\"#b3261e\" stroke-dasharray=\"6 4\"/><text "
                  "x=\"%u\" y=\"%u\" text-anchor=\"end\" fill=\"#b3261e\">bound %llu</text>\n",
                  LEFT, y_of(panel->bound, top), WIDE, LEFT + WIDE, y_of(panel->bound, top) - 5,
                  (unsigned long long)panel->bound);
    }
    if (err == HT_OK) err = add(out, "<path fill=\"none\" stroke=\"#1b5e9b\" d=\"");
    for (size_t i = 0; i < chart->count && err == HT_OK; i++) {
        err = add(out, "%c%u %u", i == 0 ? 'M' : 'L', x_of(chart, i), y_of(panel->values[i], top));
    }
    if (err == HT_OK) err = add(out, "\" stroke-width=\"2\"/>\n");
    for (size_t i = 0; i < chart->count && err == HT_OK; i++) {
        err =
            add(out,
                "<circle cx=\"%u\" cy=\"%u\" r=\"3\" fill=\"#1b5e9b\"><title>%llu</title>"
                "</circle>\n",
                x_of(chart, i), y_of(panel->values[i], top), (unsigned long long)panel->values[i]);
    }
    return err == HT_OK ? add(out, "</g>\n") : err;
}

enum ht_err ht_sim_plot(struct ht_buf *out, const struct ht_sim_chart *chart) {
    size_t width = chart->panel_count * PANEL_WIDTH;
    enum ht_err err = add(out,
                          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%u\" "
                          "viewBox=\"0 0 %zu %u\" font-family=\"sans-serif\" font-size=\"12\">\n"
                          "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
                          width, PANEL_HEIGHT + 40, width, PANEL_HEIGHT + 40);
    if (err == HT_OK) {
        err = add(out, "<text x=\"16\" y=\"26\" font-size=\"16\">%s</text>\n", chart->title);
    }
    for (size_t i = 0; i < chart->panel_count && err == HT_OK; i++) {
        err = draw_panel(out, chart, i);
    }
    return err == HT_OK ? add(out, "</svg>\n") : err;
}
