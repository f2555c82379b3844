/* Putting together what proves the execution chain. */
#include "node/app/proven.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/base/log.h"

/* --- the cache -------------------------------------------------------------------------------- */

static size_t cache_migrations(struct ht_migration *out, size_t max) {
    const struct {
        const struct ht_migration *list;
        size_t count;
    } parts[] = {
        {ht_chain_migrations, ht_chain_migration_count},
        {ht_blocks_migrations, ht_blocks_migration_count},
    };
    size_t n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        for (size_t j = 0; j < parts[i].count; j++) {
            ht_assert(n < max);
            out[n++] = parts[i].list[j];
        }
    }
    return n;
}

static void remove_cache(const char *path) {
    static const char *const tails[] = {"", "-wal", "-shm"};
    char name[sizeof((struct ht_config *)0)->data_dir + 40];
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, tails[i]);
        (void)unlink(name);
    }
}

/* Nothing in it is worth refusing to start for. */
static enum ht_err open_cache(struct ht_proven *proven, struct ht_why *why) {
    const struct ht_config *config = proven->host.config;
    struct ht_migration migrations[8];
    size_t count = cache_migrations(migrations, sizeof migrations / sizeof *migrations);
    char path[sizeof config->data_dir + 32];
    sqlite3 *db = NULL;
    enum ht_err err = ht_config_path(path, sizeof path, config, HT_NODE_CACHE, why);
    if (err != HT_OK) return err;
    err = ht_db_open(&db, path, migrations, count, why);
    bool is_useless = err == HT_ESTORE && (strcmp(why->code, "database_damaged") == 0 ||
                                           strcmp(why->code, "database_newer") == 0 ||
                                           strcmp(why->code, "database_foreign") == 0);
    if (is_useless) {
        ht_log(HT_LOG_WARN, "cache", "%s; it is replaced by an empty one", why->text);
        remove_cache(path);
        err = ht_db_open(&db, path, migrations, count, why);
    }
    if (err == HT_OK) err = ht_writer_new(&proven->cache_writer, proven->host.loop, db, why);
    if (err == HT_OK) err = ht_reader_new(&proven->cache_reader, proven->host.pool, path, why);
    return err;
}

/* --- providers -------------------------------------------------------------------------------- */

static void on_providers(void *user) {
    const struct ht_proven *proven = user;
    proven->host.on_change(proven->host.user, "l1.providers");
}

/* A server on this computer is the user's own: it may be asked as much as it can answer. */
static bool is_local(const char *name) {
    static const char *const hosts[] = {"127.", "localhost:", "[::1]"};
    bool is_it = strcmp(name, "localhost") == 0;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        is_it |= strncmp(name, hosts[i], strlen(hosts[i])) == 0;
    }
    return is_it;
}

/* The execution providers stand in one list with the others: one score, one page to see them on. */
static enum ht_err add_providers(struct ht_proven *proven, struct ht_why *why) {
    struct ht_providers *providers = ht_sync_providers(proven->host.sync);
    const struct ht_config_urls *urls = &proven->host.config->execution;
    for (size_t i = 0; i < urls->count; i++) {
        enum ht_err err = ht_providers_add(providers, HT_PROVIDER_EXECUTION, urls->list[i], why);
        if (err == HT_OK) continue;
        ht_why_context(why, "execution provider %zu of the list", i + 1);
        return err;
    }
    for (size_t i = 0; i < providers->count; i++) {
        providers->list[i].is_unbounded = is_local(providers->list[i].name);
    }
    ht_providers_set_budget(providers, proven->host.config->requests_per_second);
    return HT_OK;
}

static enum ht_err add_evidence(struct ht_proven *proven, sqlite3 *db, struct ht_why *why) {
    struct ht_evidence_host host = {
        .writer = proven->host.writer,
        .reader = proven->reader,
        .providers = ht_sync_providers(proven->host.sync),
        .on_change = on_providers,
        .user = proven,
    };
    enum ht_err err = ht_evidence_new(&proven->evidence, &host, db, why);
    if (err == HT_OK) ht_asker_set_evidence(proven->asker, proven->evidence);
    return err;
}

/* --- services --------------------------------------------------------------------------------- */

static void on_outbox(void *user) {
    const struct ht_proven *proven = user;
    proven->host.on_change(proven->host.user, "l1.outbox");
}

static enum ht_err add_services(struct ht_proven *proven) {
    struct ht_chain_options chain = {
        .loop = proven->host.loop,
        .sync = proven->host.sync,
        .asker = proven->asker,
        .reader = proven->cache_reader,
        .writer = proven->cache_writer,
    };
    enum ht_err err = ht_chain_new(&proven->chain, &chain);
    struct ht_blocks_options blocks = {
        .chain = proven->chain,
        .reader = proven->cache_reader,
        .writer = proven->cache_writer,
    };
    if (err == HT_OK) err = ht_blocks_new(&proven->blocks, &blocks);
    if (err == HT_OK) err = ht_state_new(&proven->state, proven->chain);
    if (err == HT_OK) {
        err = ht_runner_new(&proven->runner, proven->host.loop, proven->host.pool, proven->state,
                            &proven->host.config->network);
    }
    return err;
}

static enum ht_err add_outbox(struct ht_proven *proven, sqlite3 *db, struct ht_why *why) {
    struct ht_outbox_options options = {
        .loop = proven->host.loop,
        .blocks = proven->blocks,
        .state = proven->state,
        .writer = proven->host.writer,
        .on_change = on_outbox,
        .user = proven,
    };
    return ht_outbox_new(&proven->outbox, &options, db, why);
}

enum ht_err ht_proven_init(struct ht_proven *proven, const struct ht_proven_host *host,
                           struct ht_why *why) {
    sqlite3 *db = NULL;
    *proven = (struct ht_proven){.host = *host};
    enum ht_err err = add_providers(proven, why);
    if (err == HT_OK) err = open_cache(proven, why);
    if (err == HT_OK) err = ht_reader_new(&proven->reader, host->pool, host->path, why);
    if (err == HT_OK) err = ht_db_open_reader(&db, host->path, why);
    if (err == HT_OK) {
        err = ht_asker_new(&proven->asker, host->loop, host->pool, host->http,
                           ht_sync_providers(host->sync), on_providers, proven);
        if (err == HT_OK) err = add_services(proven);
        if (err != HT_OK) (void)ht_fail(why, err, "no_memory", "out of memory");
    }
    if (err == HT_OK) err = add_evidence(proven, db, why);
    if (err == HT_OK) err = add_outbox(proven, db, why);
    ht_db_close(db);
    proven->host.path = NULL;
    return err;
}

void ht_proven_on_head(struct ht_proven *proven) {
    if (proven->chain != NULL) ht_chain_on_head(proven->chain);
}

/* --- the end ---------------------------------------------------------------------------------- */

void ht_proven_stop(struct ht_proven *proven) {
    ht_reader_stop(proven->cache_reader);
    ht_reader_stop(proven->reader);
    ht_asker_stop(proven->asker);
    ht_runner_stop(proven->runner);
}

void ht_proven_end_writers(struct ht_proven *proven) {
    ht_reader_free(proven->cache_reader); /* readers go before the writer closes the file */
    ht_reader_free(proven->reader);
    proven->cache_reader = NULL;
    proven->reader = NULL;
    if (proven->cache_writer != NULL) ht_writer_free(proven->cache_writer);
    proven->cache_writer = NULL;
}

void ht_proven_end_questions(struct ht_proven *proven) {
    ht_asker_free(proven->asker);
    proven->asker = NULL;
    ht_runner_free(proven->runner);
    proven->runner = NULL;
}

void ht_proven_free(struct ht_proven *proven) {
    ht_outbox_free(proven->outbox);
    ht_state_free(proven->state);
    ht_blocks_free(proven->blocks);
    ht_chain_free(proven->chain);
    ht_evidence_free(proven->evidence);
    *proven = (struct ht_proven){0};
}
