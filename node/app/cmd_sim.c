/* hearth sim: the simulator on the command line: a scenario, its figures and assertions, and with
 * --plot the same over several sizes, as a chart. Touches no data directory and no network. */
#include "node/app/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "node/p2p/sim.h"
#include "node/p2p/sim_plot.h"

#define PLOT_MAX ((size_t)1 << 20)

struct words { /* of the command line */
    struct ht_sim_options options;
    const char *plot;
    bool is_json;
};

static const char usage[] =
    "Usage: hearth sim SCENARIO [OPTION]...\n\n"
    "Run the core of peer links thousands of times in one process, under virtual time\n\n"
    "Scenarios:\n"
    "  gossip                   events spread; catch-up closes the holes\n"
    "  sybil                    a share of nodes lies, withholds, floods, forges and replays\n"
    "  partition                two halves that find each other again\n"
    "  skew                     clocks that are off by up to 10 minutes\n"
    "  swarm                    a blob from its author to many, and from the author alone\n"
    "  tail                     a node that has missed the newest 1 of 100 events\n\n"
    "Options:\n"
    "  --nodes N                how many; of a swarm, peers\n"
    "  --degree D               links of each (8)\n"
    "  --events N               that are published (20); of tail, that a store has (100000)\n"
    "  --offline P              of 100 nodes that are away\n"
    "  --sybil P                of 100 nodes that are dishonest (30 of sybil)\n"
    "  --seed N                 the same seed gives the same run (1)\n"
    "  --mesh                   with handshakes and all, not gossip's messages alone\n"
    "  --signatures             real ones instead of a stub\n"
    "  --plot FILE.svg          a chart over several sizes up to --nodes (gossip, swarm)\n"
    "  --json                   answer in JSON; what begins with measured_ is this machine's\n"
    "  --help                   this text\n\n"
    "Exit: 0 all assertions hold, 1 one does not, 2 usage, 4 it could not be run\n";

static int usage_error(const char *what, const char *which) {
    fprintf(stderr, "hearth sim: %s%s\nTry: hearth sim --help\n", what, which);
    return HT_EXIT_USAGE;
}

static bool read_number(uint64_t *out, const char *text, uint64_t most) {
    char *end = NULL;
    if (*text < '0' || *text > '9') return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || value > most) return false;
    *out = value;
    return true;
}

static void take_number(struct ht_sim_options *options, int letter, uint64_t value) {
    switch (letter) {
    case 'n': options->nodes = (unsigned)value; break;
    case 'd': options->degree = (unsigned)value; break;
    case 'e': options->events = options->store_events = (unsigned)value; break;
    case 'o': options->offline_percent = (unsigned)value; break;
    case 'y': options->sybil_percent = (unsigned)value; break;
    default: options->seed = value;
    }
}

/* Returns -1 to go on, else the exit code. */
static int read_words(struct words *words, int argc, char **argv) {
    static const struct option all[] = {
        {"nodes", required_argument, NULL, 'n'},  {"degree", required_argument, NULL, 'd'},
        {"events", required_argument, NULL, 'e'}, {"offline", required_argument, NULL, 'o'},
        {"sybil", required_argument, NULL, 'y'},  {"seed", required_argument, NULL, 's'},
        {"mesh", no_argument, NULL, 'm'},         {"signatures", no_argument, NULL, 'v'},
        {"plot", required_argument, NULL, 'p'},   {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {0}};
    optind = 1;
    opterr = 0;
    for (;;) {
        int index = optind;
        int letter = getopt_long(argc, argv, ":h", all, NULL);
        if (letter == -1) break;
        const char *which = index < argc ? argv[index] : "";
        uint64_t value = 0;
        switch (letter) {
        case 'h': fputs(usage, stdout); return 0;
        case ':': return usage_error("a value is missing after ", which);
        case '?': return usage_error("no such option: ", which);
        case 'm': words->options.layer = HT_SIM_LAYER_MESH; break;
        case 'v': words->options.verifies = true; break;
        case 'j': words->is_json = true; break;
        case 'p': words->plot = optarg; break;
        default:
            if (!read_number(&value, optarg, letter == 's' ? INT64_MAX : 10000000)) {
                return usage_error("not such a number: ", optarg);
            }
            take_number(&words->options, letter, value);
        }
    }
    return -1;
}

/* --- running ---------------------------------------------------------------------------------- */

static int64_t cpu_us(void *user) {
    struct rusage used = {0};
    (void)user;
    (void)getrusage(RUSAGE_THREAD, &used);
    return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
           used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

static void say(void *user, const char *line) {
    const struct words *words = user;
    fprintf(stderr, "%s, %u nodes: %s\n", ht_sim_scenario_name(words->options.scenario),
            words->options.nodes, line);
}

static void print_report(const json_t *report) {
    const char *name;
    const json_t *one;
    size_t i;
    printf("%s, seed %lld\n", json_string_value(json_object_get(report, "scenario")),
           (long long)json_integer_value(json_object_get(report, "seed")));
    json_t *figures = json_object_get(report, "figures"), *figure;
    json_object_foreach(figures, name, figure) {
        printf("  %-28s %12lld\n", name, (long long)json_integer_value(figure));
    }
    json_array_foreach(json_object_get(report, "assertions"), i, one) {
        bool is_most = strcmp(json_string_value(json_object_get(one, "must_be")), "at_most") == 0;
        printf("%s  %-28s %12lld, %s %lld\n",
               json_is_true(json_object_get(one, "holds")) ? "ok  " : "WRONG",
               json_string_value(json_object_get(one, "name")),
               (long long)json_integer_value(json_object_get(one, "is")),
               is_most ? "at most" : "at least",
               (long long)json_integer_value(json_object_get(one, "bound")));
    }
}

static bool holds(const json_t *report) {
    return json_is_true(json_object_get(report, "holds"));
}

/* --- charts ----------------------------------------------------------------------------------- */

static uint64_t number_of(const json_t *report, const char *name) {
    size_t i;
    const json_t *one, *figure = json_object_get(json_object_get(report, "figures"), name);
    if (figure != NULL) return (uint64_t)json_integer_value(figure);
    json_array_foreach(json_object_get(report, "assertions"), i, one) {
        if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0) {
            return (uint64_t)json_integer_value(json_object_get(one, "is"));
        }
    }
    return 0;
}

static const char *const gossip_figures[] = {"bytes_in_per_event", "p99_ms", "p50_ms"};
static const char *const swarm_figures[] = {"speedup_permille", "swarm_last_ms", "late_comer_ms"};

static struct ht_sim_chart chart_of(enum ht_sim_scenario scenario) {
    if (scenario == HT_SIM_SWARM) {
        return (struct ht_sim_chart){.title = "A blob to many: by swarm, and from its author alone",
                                     .x_title = "peers",
                                     .panels = {{.title = "times sooner, thousandths"},
                                                {.title = "until the last has all, ms"},
                                                {.title = "one that comes late, ms"}},
                                     .panel_count = 3};
    }
    return (struct ht_sim_chart){
        .title = "Gossip: what an event costs a node, and how long it takes",
        .x_title = "nodes",
        .panels = {{.title = "bytes in, per event and node", .bound = 2600},
                   {.title = "delay, 99 of 100, ms", .bound = 1000},
                   {.title = "delay, half of them, ms"}},
        .panel_count = 3};
}

static bool write_file(const char *path, ht_bytes text) {
    FILE *file = fopen(path, "wbe");
    bool is_good = file != NULL && fwrite(text.p, 1, text.n, file) == text.n;
    if (file != NULL && fclose(file) != 0) is_good = false;
    if (!is_good) fprintf(stderr, "hearth sim: %s cannot be written\n", path);
    return is_good;
}

/* Sizes below the one that is asked for, and that one. */
static size_t sizes_of(unsigned out[HT_SIM_POINTS_MAX], const struct ht_sim_options *options) {
    static const unsigned of_gossip[] = {100, 300, 1000, 3000, 10000, 30000};
    static const unsigned of_swarm[] = {1, 2, 5, 10, 20, 30, 40};
    bool is_swarm = options->scenario == HT_SIM_SWARM;
    const unsigned *sizes = is_swarm ? of_swarm : of_gossip;
    size_t n = is_swarm ? sizeof of_swarm / sizeof *of_swarm : sizeof of_gossip / sizeof *of_gossip;
    size_t count = 0;
    for (size_t i = 0; i < n && sizes[i] < options->nodes; i++) out[count++] = sizes[i];
    out[count++] = options->nodes;
    return count;
}

/* The report of the last, largest run, with all of them as "runs". */
static enum ht_err run_all(json_t **out, struct words *words, struct ht_why *why) {
    struct ht_sim_chart chart = chart_of(words->options.scenario);
    const char *const *names =
        words->options.scenario == HT_SIM_SWARM ? swarm_figures : gossip_figures;
    unsigned sizes[HT_SIM_POINTS_MAX];
    json_t *runs = json_array(), *report = NULL;
    bool all_hold = true;
    chart.count = sizes_of(sizes, &words->options);
    for (size_t i = 0; i < chart.count; i++) {
        words->options.nodes = sizes[i];
        json_decref(report);
        report = NULL;
        enum ht_err err = ht_sim_run(&report, &words->options, why);
        if (err != HT_OK) {
            json_decref(runs);
            return err;
        }
        all_hold = all_hold && holds(report);
        (void)json_array_append_new(runs, json_pack("{s:i, s:O}", "nodes", (int)sizes[i], "figures",
                                                    json_object_get(report, "figures")));
        chart.x[i] = sizes[i];
        for (size_t k = 0; k < chart.panel_count; k++) {
            chart.panels[k].values[i] = number_of(report, names[k]);
        }
    }
    struct ht_buf svg;
    ht_buf_init(&svg, PLOT_MAX);
    bool is_drawn =
        ht_sim_plot(&svg, &chart) == HT_OK && write_file(words->plot, ht_buf_view(&svg));
    ht_buf_fini(&svg);
    (void)json_object_set_new(report, "runs", runs);
    (void)json_object_set_new(report, "holds", json_boolean(all_hold));
    *out = report;
    return is_drawn ? HT_OK : ht_fail(why, HT_ESTORE, "no_file", "the chart was not written");
}

static int run(int argc, char **argv) {
    struct words words = {0};
    enum ht_sim_scenario scenario;
    bool is_named = argc > 1 && argv[1][0] != '-';
    if (is_named && !ht_sim_scenario_of(&scenario, argv[1])) {
        return usage_error("no such scenario: ", argv[1]);
    }
    if (is_named) ht_sim_defaults(&words.options, scenario);
    int code = read_words(&words, is_named ? argc - 1 : argc, is_named ? argv + 1 : argv);
    if (code >= 0) return code;
    if (!is_named) return usage_error("which scenario?", "");
    if (optind < argc - 1) return usage_error("one scenario at a time, not ", argv[optind + 1]);
    if (words.plot != NULL && scenario != HT_SIM_GOSSIP && scenario != HT_SIM_SWARM) {
        return usage_error("there is a chart of gossip and swarm only", "");
    }
    words.options.cpu_us = cpu_us;
    words.options.progress = say;
    words.options.user = &words;
    json_t *report = NULL;
    struct ht_why why = {0};
    enum ht_err err = words.plot != NULL ? run_all(&report, &words, &why)
                                         : ht_sim_run(&report, &words.options, &why);
    if (err != HT_OK) {
        json_decref(report);
        return err == HT_EINPUT ? usage_error(why.text, "") : ht_cmd_fail(&why, err, words.is_json);
    }
    code = holds(report) ? 0 : 1;
    if (words.is_json) {
        ht_cmd_print_json(report);
    } else {
        print_report(report);
        json_decref(report);
    }
    return code;
}

const struct ht_cmd ht_cmd_sim = {
    .name = "sim",
    .summary = "simulate thousands of nodes in one process",
    .usage = "sim SCENARIO [OPTION]...",
    .run = run,
    .takes_operands = true,
};
