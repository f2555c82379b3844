/* OpenDHT, loaded at run time. What belongs to the loop and what to its threads: a lookup is
 * written by the loop before it is handed over and freed there when the library is done with it;
 * what comes is copied into jobs. The mailbox keeps the order, so that behind the job of the end
 * there is nothing of this store any more. */
#include "node/p2p/rendezvous_dht.h"

#include <dlfcn.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/p2p/rendezvous.h"

#define LIBRARY "libopendht-c.so.2"
#define NAME_SIZE 20U

/* As the library's own header declares them. */
struct dht_name {
    uint8_t d[NAME_SIZE];
};
struct dht_view {
    const uint8_t *data;
    size_t size;
};
struct dht_runner;
struct dht_value;
typedef bool dht_get(const struct dht_value *value, void *user);
typedef void dht_done(bool is_ok, void *user);

struct library {
    struct dht_runner *(*runner_new)(void);
    void (*runner_delete)(struct dht_runner *);
    int (*runner_run)(struct dht_runner *, in_port_t);
    void (*runner_bootstrap)(struct dht_runner *, const char *, const char *);
    in_port_t (*runner_port)(const struct dht_runner *, sa_family_t);
    void (*runner_get)(struct dht_runner *, const struct dht_name *, dht_get *, dht_done *, void *);
    void (*runner_put)(struct dht_runner *, const struct dht_name *, const struct dht_value *,
                       dht_done *, void *, bool);
    struct dht_value *(*value_new)(const uint8_t *, size_t);
    void (*value_unref)(struct dht_value *);
    struct dht_view (*value_data)(const struct dht_value *);
};

struct lookup {
    struct ht_job job; /* it is over */
    struct ht_dht *dht;
    struct lookup *next, **place;
    ht_hash32 who;
    unsigned values; /* the library's thread */
};

struct found {
    struct ht_job job;
    struct ht_dht *dht;
    ht_hash32 who;
    size_t n;
    uint8_t bytes[];
};

struct ht_dht {
    struct ht_dht_options options;
    char host[HT_RENDEZVOUS_HOST_SIZE], port[HT_RENDEZVOUS_PORT_SIZE];
    struct ht_work work; /* to begin and to end */
    struct ht_job end;
    struct library library;
    struct dht_runner *runner; /* the worker's while it begins and ends */
    struct ht_why work_why;
    struct ht_why why;
    enum ht_dht_state state;
    bool is_beginning, is_over;
    struct lookup *lookups;
    unsigned lookup_count;
};

/* --- beginning -------------------------------------------------------------------------------- */

/* ISO C has no cast from an object's pointer to a function's; POSIX has the same size for both. */
static bool load(void *handle, const char *name, void *out) {
    void *symbol = dlsym(handle, name);
    memcpy(out, &symbol, sizeof symbol);
    return symbol != NULL;
}

static bool load_all(struct library *out) {
    void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL); /* never closed: it has threads */
    if (handle == NULL) return false;
    return load(handle, "dht_runner_new", &out->runner_new) &&
           load(handle, "dht_runner_delete", &out->runner_delete) &&
           load(handle, "dht_runner_run", &out->runner_run) &&
           load(handle, "dht_runner_bootstrap", &out->runner_bootstrap) &&
           load(handle, "dht_runner_get_bound_port", &out->runner_port) &&
           load(handle, "dht_runner_get", &out->runner_get) &&
           load(handle, "dht_runner_put", &out->runner_put) &&
           load(handle, "dht_value_new", &out->value_new) &&
           load(handle, "dht_value_unref", &out->value_unref) &&
           load(handle, "dht_value_get_data", &out->value_data);
}

/* On a worker: loading the library takes tenths of a second. */
static void begin(struct ht_work *work) {
    struct ht_dht *dht = (struct ht_dht *)(void *)((char *)work - offsetof(struct ht_dht, work));
    const struct ht_dht_options *options = &dht->options;
    if (!load_all(&dht->library)) {
        (void)ht_fail(&dht->work_why, HT_ENOTFOUND, "dht_not_installed",
                      "OpenDHT is not installed (%s; on Debian: libopendht-c2)", LIBRARY);
        return;
    }
    dht->runner = dht->library.runner_new();
    int reason = dht->runner != NULL ? dht->library.runner_run(dht->runner, options->port) : -1;
    if (reason != 0) {
        (void)ht_fail(&dht->work_why, HT_ENET, "dht_failed", "OpenDHT cannot be started (%d)",
                      reason);
        if (dht->runner != NULL) dht->library.runner_delete(dht->runner);
        dht->runner = NULL;
    } else if (dht->host[0] != '\0') {
        dht->library.runner_bootstrap(dht->runner, dht->host, dht->port);
    }
}

/* --- the end ---------------------------------------------------------------------------------- */

static void free_all(struct ht_job *job) {
    struct ht_dht *dht = (struct ht_dht *)(void *)((char *)job - offsetof(struct ht_dht, end));
    while (dht->lookups != NULL) {
        struct lookup *one = dht->lookups;
        dht->lookups = one->next;
        free(one);
    }
    free(dht);
}

/* On a worker, or on the loop when there is none free: joins the library's threads. */
static void end(struct ht_work *work) {
    struct ht_dht *dht = (struct ht_dht *)(void *)((char *)work - offsetof(struct ht_dht, work));
    if (dht->runner != NULL) dht->library.runner_delete(dht->runner);
    dht->runner = NULL;
}

static void ended(struct ht_work *work) {
    struct ht_dht *dht = (struct ht_dht *)(void *)((char *)work - offsetof(struct ht_dht, work));
    dht->end.run = free_all;
    ht_loop_answer(dht->options.loop, &dht->end);
}

static void leave(struct ht_dht *dht) {
    dht->work.work = end;
    dht->work.done = ended;
    if (ht_pool_submit(dht->options.pool, &dht->work) == HT_OK) return;
    end(&dht->work);
    ended(&dht->work);
}

static void begun(struct ht_work *work) {
    struct ht_dht *dht = (struct ht_dht *)(void *)((char *)work - offsetof(struct ht_dht, work));
    dht->is_beginning = false;
    if (dht->is_over) {
        leave(dht);
        return;
    }
    dht->state = dht->runner != NULL ? HT_DHT_READY : HT_DHT_FAILED;
    dht->why = dht->work_why;
    dht->options.changed(dht->options.user);
}

enum ht_err ht_dht_new(struct ht_dht **out, const struct ht_dht_options *options,
                       struct ht_why *why) {
    struct ht_dht *dht = calloc(1, sizeof *dht);
    if (dht == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    dht->options = *options;
    const char *host = options->bootstrap != NULL ? options->bootstrap : HT_DHT_BOOTSTRAP;
    const char *port =
        options->bootstrap_port != NULL ? options->bootstrap_port : HT_DHT_BOOTSTRAP_PORT;
    (void)snprintf(dht->host, sizeof dht->host, "%s", host);
    (void)snprintf(dht->port, sizeof dht->port, "%s", port);
    dht->options.bootstrap = dht->options.bootstrap_port = NULL;
    dht->why.code = dht->work_why.code = "";
    dht->work.work = begin;
    dht->work.done = begun;
    if (ht_pool_submit(options->pool, &dht->work) != HT_OK) {
        free(dht);
        return ht_fail(why, HT_EAGAIN, "busy", "too much is to be done at once");
    }
    dht->is_beginning = true;
    *out = dht;
    return HT_OK;
}

void ht_dht_free(struct ht_dht *dht) {
    if (dht == NULL) return;
    dht->is_over = true;
    dht->state = HT_DHT_FAILED;
    if (!dht->is_beginning) leave(dht);
}

/* --- putting and looking ---------------------------------------------------------------------- */

static void deliver(struct ht_job *job) {
    struct found *found = (struct found *)(void *)job;
    struct ht_dht *dht = found->dht;
    if (!dht->is_over) {
        dht->options.found(dht->options.user, &found->who, ht_bytes_of(found->bytes, found->n));
    }
    free(found);
}

/* A thread of the library's. */
static bool on_value(const struct dht_value *value, void *user) {
    struct lookup *lookup = user;
    struct ht_dht *dht = lookup->dht;
    struct dht_view view = dht->library.value_data(value);
    if (lookup->values++ >= HT_DHT_VALUES_MAX) return false;
    if (view.size == 0 || view.size > HT_DHT_VALUE_MAX) return true;
    struct found *found = malloc(sizeof *found + view.size);
    if (found == NULL) return false;
    *found = (struct found){.job.run = deliver, .dht = dht, .who = lookup->who, .n = view.size};
    memcpy(found->bytes, view.data, view.size);
    ht_loop_answer(dht->options.loop, &found->job);
    return true;
}

static void finish(struct ht_job *job) {
    struct lookup *lookup = (struct lookup *)(void *)job;
    *lookup->place = lookup->next;
    if (lookup->next != NULL) lookup->next->place = lookup->place;
    lookup->dht->lookup_count--;
    free(lookup);
}

/* A thread of the library's; the last it says of this lookup. */
static void on_done(bool is_ok, void *user) {
    struct lookup *lookup = user;
    (void)is_ok;
    lookup->job.run = finish;
    ht_loop_answer(lookup->dht->options.loop, &lookup->job);
}

static struct dht_name name_of(const ht_hash32 *name) {
    struct dht_name out;
    memcpy(out.d, name->b, sizeof out.d);
    return out;
}

enum ht_err ht_dht_put(struct ht_dht *dht, const ht_hash32 *name, ht_bytes value) {
    const struct dht_name where = name_of(name);
    if (dht->state != HT_DHT_READY) return HT_EAGAIN;
    if (value.n > HT_DHT_VALUE_MAX) return HT_ELIMIT;
    struct dht_value *one = dht->library.value_new(value.p, value.n);
    if (one == NULL) return HT_ENOMEM;
    dht->library.runner_put(dht->runner, &where, one, NULL, NULL, false);
    dht->library.value_unref(one);
    return HT_OK;
}

enum ht_err ht_dht_look(struct ht_dht *dht, const ht_hash32 *name, const ht_hash32 *who) {
    const struct dht_name where = name_of(name);
    if (dht->state != HT_DHT_READY || dht->lookup_count == HT_DHT_LOOKUPS_MAX) return HT_EAGAIN;
    struct lookup *lookup = calloc(1, sizeof *lookup);
    if (lookup == NULL) return HT_ENOMEM;
    lookup->dht = dht;
    lookup->who = *who;
    lookup->place = &dht->lookups;
    lookup->next = dht->lookups;
    if (lookup->next != NULL) lookup->next->place = &lookup->next;
    dht->lookups = lookup;
    dht->lookup_count++;
    dht->library.runner_get(dht->runner, &where, on_value, on_done, lookup);
    return HT_OK;
}

enum ht_dht_state ht_dht_state(const struct ht_dht *dht) {
    return dht->state;
}

const struct ht_why *ht_dht_why(const struct ht_dht *dht) {
    return &dht->why;
}

uint16_t ht_dht_port(const struct ht_dht *dht) {
    return dht->state == HT_DHT_READY ? dht->library.runner_port(dht->runner, AF_INET) : 0;
}
