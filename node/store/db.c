/* Opens the data directory and its databases, refuses what is not ours or not whole, and brings the
 * schema up to date. SQL text is in db_sql.c; what is stored is the business of others. */
#include "node/store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/base/log.h"
#include "node/store/db_sql.h"

#define BUSY_MS 5000

struct ht_datadir {
    int lock_fd;
};

static bool is_disk_full(int error) {
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

static enum ht_err dir_fail(struct ht_why *why, const char *path, int error) {
    if (is_disk_full(error))
        return ht_fail(why, HT_ESTORE, "disk_full", "the disk of %s is full", path);
    if (error == EROFS || error == EACCES || error == EPERM)
        return ht_fail(why, HT_ESTORE, "data_dir_read_only", "%s cannot be written: %s", path,
                       strerror(error));
    return ht_fail(why, HT_ESTORE, "data_dir_unusable", "%s cannot be used: %s", path,
                   strerror(error));
}

/* Creates the directory and those above it; 0 or an errno. */
static int make_dirs(const char *path) {
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n == 0) return ENOENT;
    if (n >= sizeof part) return ENAMETOOLONG;
    memcpy(part, path, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        part[i] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) return errno;
        part[i] = path[i];
    }
    struct stat st;
    if (stat(path, &st) != 0) return errno;
    return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
}

static enum ht_err refuse_in_use(int fd, const char *path, struct ht_why *why) {
    char text[16] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    long pid = n > 0 ? strtol(text, NULL, 10) : 0;
    if (pid <= 0)
        return ht_fail(why, HT_EDENIED, "data_dir_in_use", "%s is in use by another process", path);
    return ht_fail(why, HT_EDENIED, "data_dir_in_use", "%s is in use by process %ld", path, pid);
}

/* Locks the directory and leaves our pid for the message another process shows. */
static enum ht_err lock_dir(int fd, const char *path, struct ht_why *why) {
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? refuse_in_use(fd, path, why) : dir_fail(why, path, errno);
    char text[16];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
        return dir_fail(why, path, errno);
    return HT_OK;
}

enum ht_err ht_datadir_open(struct ht_datadir **out, const char *path, struct ht_why *why) {
    char lock[PATH_MAX];
    int error = make_dirs(path);
    if (error != 0) return dir_fail(why, path, error);
    int n = snprintf(lock, sizeof lock, "%s/lock", path);
    if (n < 0 || (size_t)n >= sizeof lock) return dir_fail(why, path, ENAMETOOLONG);
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return dir_fail(why, path, errno);
    struct ht_datadir *dir = NULL;
    enum ht_err err = lock_dir(fd, path, why);
    if (err != HT_OK) goto out;
    dir = malloc(sizeof *dir);
    if (dir == NULL) {
        err = ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the data directory");
        goto out;
    }
    dir->lock_fd = fd;
    *out = dir;
out:
    if (err != HT_OK) (void)close(fd);
    return err;
}

void ht_datadir_close(struct ht_datadir *dir) {
    if (dir == NULL) return;
    (void)close(dir->lock_fd); /* the file stays: removing it would race with the next to lock it */
    free(dir);
}

enum ht_err ht_db_fail(struct ht_why *why, sqlite3 *db, const char *doing) {
    int rc = sqlite3_extended_errcode(db);
    int error = sqlite3_system_errno(db);
    switch (rc & 0xff) {
    case SQLITE_NOMEM: return ht_fail(why, HT_ENOMEM, "no_memory", "%s: no memory", doing);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ht_fail(why, HT_EAGAIN, "database_busy", "%s: another process uses the database",
                       doing);
    case SQLITE_READONLY:
        return ht_fail(why, HT_ESTORE, "read_only", "%s: the database cannot be written", doing);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ht_fail(why, HT_ESTORE, "database_damaged", "%s: the database is damaged (%s)",
                       doing, sqlite3_errmsg(db));
    case SQLITE_FULL: return ht_fail(why, HT_ESTORE, "disk_full", "%s: the disk is full", doing);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        if (is_disk_full(error))
            return ht_fail(why, HT_ESTORE, "disk_full", "%s: the disk is full", doing);
        if (error == EROFS || error == EACCES || error == EPERM)
            return ht_fail(why, HT_ESTORE, "read_only", "%s: %s", doing, strerror(error));
        break;
    default: break;
    }
    return ht_fail(why, HT_ESTORE, "database_failed", "%s: %s (%d)", doing, sqlite3_errmsg(db), rc);
}

/* A new file is made by us, so that keys' and messages' neighbours cannot read it; SQLite gives its
 * log the same mode. Never opens a file that exists: closing it would drop SQLite's locks. */
static enum ht_err create_file(const char *path, struct ht_why *why) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) return HT_OK;
    if (fd < 0 && is_disk_full(errno))
        return ht_fail(why, HT_ESTORE, "disk_full", "the disk of %s is full", path);
    if (fd < 0 && (errno == EROFS || errno == EACCES || errno == EPERM))
        return ht_fail(why, HT_ESTORE, "read_only", "cannot create %s: %s", path, strerror(errno));
    if (fd < 0)
        return ht_fail(why, HT_ESTORE, "database_failed", "cannot create %s: %s", path,
                       strerror(errno));
    (void)close(fd);
    return HT_OK;
}

/* A log left behind is the mark of an unclean stop: closing the last connection removes it. */
static bool was_stopped_uncleanly(const char *path) {
    char wal[PATH_MAX];
    int n = snprintf(wal, sizeof wal, "%s-wal", path);
    return n > 0 && (size_t)n < sizeof wal && access(wal, F_OK) == 0;
}

static enum ht_err open_connection(sqlite3 **out, const char *path, int flags, struct ht_why *why) {
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_busy_timeout(db, BUSY_MS);
    if (rc == SQLITE_OK) rc = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    /* Until we know that the file is ours and whole, nothing in it is touched. */
    if (rc == SQLITE_OK) rc = sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (rc == SQLITE_OK) {
        *out = db;
        return HT_OK;
    }
    enum ht_err err = ht_db_fail(why, db, "cannot open the database");
    (void)sqlite3_close(db);
    return err;
}

/* Is this a database of ours, or one that is still empty? */
static enum ht_err check_owner(sqlite3 *db, const char *path, struct ht_why *why) {
    int64_t id = 0;
    int64_t objects = 0;
    int rc = ht_db_sql_read_application_id(&id, db);
    if (rc == SQLITE_OK && id == 0) rc = ht_db_sql_count_objects(&objects, db);
    if ((rc & 0xff) == SQLITE_NOTADB)
        return ht_fail(why, HT_ESTORE, "database_foreign",
                       "%s is no SQLite database: another program's file, or overwritten", path);
    if (rc != SQLITE_OK) return ht_db_fail(why, db, "cannot read the database");
    if (id == HT_DB_APPLICATION_ID || (id == 0 && objects == 0)) return HT_OK;
    return ht_fail(why, HT_ESTORE, "database_foreign", "%s is another program's database", path);
}

static const char *part_of(const struct ht_migration *migration) {
    return migration->part != NULL ? migration->part : "main";
}

/* How many steps of that part are among the first `count` of the list. */
static size_t steps_of(const struct ht_migration *migrations, size_t count, const char *part) {
    size_t steps = 0;
    for (size_t i = 0; i < count; i++) steps += strcmp(part_of(&migrations[i]), part) == 0;
    return steps;
}

/* How many steps of a part were run. Before parts were told apart, steps were run in the list's
 * order, whoever they belonged to. */
static enum ht_err read_part(int64_t *out, sqlite3 *db, const struct ht_migration *migrations,
                             size_t count, const char *part, struct ht_why *why) {
    int64_t total = 0;
    if (ht_db_sql_read_version(&total, db) != SQLITE_OK ||
        ht_db_sql_read_part(out, db, part) != SQLITE_OK) {
        return ht_db_fail(why, db, "cannot read the database");
    }
    if (*out >= 0) return HT_OK;
    size_t run = total < 0 || (uint64_t)total > count ? count : (size_t)total;
    *out = (int64_t)steps_of(migrations, run, part);
    return HT_OK;
}

/* The whole and its parts are counted together; a whole that is more was counted by a program that
 * does it in another way, some day. */
static enum ht_err check_whole_version(sqlite3 *db, const char *path, size_t count,
                                       struct ht_why *why) {
    int64_t total = 0, parts = 0;
    if (ht_db_sql_read_version(&total, db) != SQLITE_OK ||
        ht_db_sql_read_parts(&parts, db) != SQLITE_OK) {
        return ht_db_fail(why, db, "cannot read the database");
    }
    int64_t known = parts >= 0 ? parts : (int64_t)count;
    if (total >= 0 && total <= known) return HT_OK;
    return ht_fail(why, HT_ESTORE, "database_newer",
                   "%s was written by a newer version of Hearth (schema %lld, this one knows %lld)",
                   path, (long long)total, (long long)known);
}

static enum ht_err check_version(sqlite3 *db, const char *path,
                                 const struct ht_migration *migrations, size_t count,
                                 struct ht_why *why) {
    enum ht_err whole = check_whole_version(db, path, count, why);
    if (whole != HT_OK) return whole;
    for (size_t i = 0; i < count; i++) {
        const char *part = part_of(&migrations[i]);
        int64_t version = 0;
        enum ht_err err = read_part(&version, db, migrations, count, part, why);
        if (err != HT_OK) return err;
        size_t steps = steps_of(migrations, count, part);
        if ((uint64_t)version <= steps) continue;
        return ht_fail(why, HT_ESTORE, "database_newer",
                       "%s was written by a newer version of Hearth (%s %lld, this one knows %zu)",
                       path, part, (long long)version, steps);
    }
    return HT_OK;
}

static enum ht_err check_whole(sqlite3 *db, const char *path, struct ht_why *why) {
    char found[120];
    ht_log(HT_LOG_INFO, "store", "%s was not closed properly: checking it", path);
    if (ht_db_sql_quick_check(found, sizeof found, db) != SQLITE_OK)
        return ht_db_fail(why, db, "cannot check the database");
    if (strcmp(found, "ok") == 0) return HT_OK;
    return ht_fail(why, HT_ESTORE, "database_damaged", "%s is damaged: %s", path, found);
}

static enum ht_err configure_writer(sqlite3 *db, const char *path, struct ht_why *why) {
    bool is_wal = false;
    if (sqlite3_db_readonly(db, "main") != 0)
        return ht_fail(why, HT_ESTORE, "read_only", "%s cannot be written", path);
    if (sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL) != SQLITE_OK ||
        ht_db_sql_configure_writer(&is_wal, db) != SQLITE_OK)
        return ht_db_fail(why, db, "cannot set up the database");
    if (is_wal) return HT_OK;
    return ht_fail(why, HT_ESTORE, "database_failed", "%s: its file system has no shared memory",
                   path);
}

/* Writes down for all parts how far an older database is, before any of them goes on. */
static enum ht_err tell_parts_apart(sqlite3 *db, const struct ht_migration *migrations,
                                    size_t count, struct ht_why *why) {
    int64_t version = 0;
    if (count == 0) return HT_OK;
    if (ht_db_sql_read_part(&version, db, part_of(&migrations[0])) != SQLITE_OK) {
        return ht_db_fail(why, db, "cannot read the database");
    }
    if (version >= 0) return HT_OK;
    int64_t run[64];
    ht_assert(count <= sizeof run / sizeof *run);
    for (size_t i = 0; i < count; i++) {
        enum ht_err err = read_part(&run[i], db, migrations, count, part_of(&migrations[i]), why);
        if (err != HT_OK) return err;
    }
    int rc = ht_db_sql_begin(db);
    for (size_t i = 0; rc == SQLITE_OK && i < count; i++) {
        if (run[i] == 0) continue;
        rc = ht_db_sql_set_part(db, part_of(&migrations[i]), (uint32_t)run[i]);
    }
    if (rc == SQLITE_OK) rc = ht_db_sql_commit(db);
    if (rc == SQLITE_OK) return HT_OK;
    enum ht_err err = ht_db_fail(why, db, "cannot change the schema");
    (void)ht_db_sql_rollback(db);
    return err;
}

static enum ht_err migrate(sqlite3 *db, const struct ht_migration *migrations, size_t count,
                           struct ht_why *why) {
    int64_t total = 0;
    if (ht_db_sql_read_version(&total, db) != SQLITE_OK) {
        return ht_db_fail(why, db, "cannot read the database");
    }
    if (total > 0) {
        enum ht_err err = tell_parts_apart(db, migrations, count, why);
        if (err != HT_OK) return err;
    }
    for (size_t i = 0; i < count; i++) {
        const char *part = part_of(&migrations[i]);
        size_t step = steps_of(migrations, i, part);
        int64_t run = 0;
        enum ht_err err = read_part(&run, db, migrations, count, part, why);
        if (err != HT_OK) return err;
        if ((uint64_t)run > step) continue;
        total++;
        if (ht_db_sql_migrate(db, migrations[i].sql, part, (uint32_t)step + 1, (uint32_t)total) ==
            SQLITE_OK) {
            continue;
        }
        err = ht_db_fail(why, db, "cannot change the schema");
        ht_why_context(why, "migration %zu of %s, %s", step + 1, part, migrations[i].name);
        (void)ht_db_sql_rollback(db);
        return err;
    }
    return HT_OK;
}

enum ht_err ht_db_open(sqlite3 **out, const char *path, const struct ht_migration *migrations,
                       size_t count, struct ht_why *why) {
    sqlite3 *db = NULL;
    enum ht_err err = create_file(path, why);
    if (err != HT_OK) return err;
    bool is_unclean = was_stopped_uncleanly(path);
    err = open_connection(&db, path, SQLITE_OPEN_READWRITE, why);
    if (err != HT_OK) return err;
    err = check_owner(db, path, why);
    if (err == HT_OK) err = check_version(db, path, migrations, count, why);
    if (err == HT_OK && is_unclean) err = check_whole(db, path, why);
    if (err == HT_OK) err = configure_writer(db, path, why);
    if (err == HT_OK) err = migrate(db, migrations, count, why);
    if (err == HT_OK)
        *out = db;
    else
        (void)sqlite3_close(db);
    return err;
}

enum ht_err ht_db_open_reader(sqlite3 **out, const char *path, struct ht_why *why) {
    sqlite3 *db = NULL;
    if (access(path, F_OK) != 0)
        return ht_fail(why, HT_ENOTFOUND, "database_missing", "%s does not exist", path);
    enum ht_err err = open_connection(&db, path, SQLITE_OPEN_READONLY, why);
    if (err != HT_OK) return err;
    err = check_owner(db, path, why);
    if (err == HT_OK && ht_db_sql_configure_reader(db) != SQLITE_OK)
        err = ht_db_fail(why, db, "cannot set up reading");
    if (err == HT_OK)
        *out = db;
    else
        (void)sqlite3_close(db);
    return err;
}

void ht_db_close(sqlite3 *db) {
    if (db == NULL) return;
    /* Statements of virtual tables are among them, which are not ours to finalize: the first close
     * ends those tables. */
    for (sqlite3_stmt *stmt = NULL; (stmt = sqlite3_next_stmt(db, stmt)) != NULL;)
        (void)sqlite3_reset(stmt);
    if (sqlite3_db_readonly(db, "main") == 0) ht_db_sql_tidy(db);
    if (sqlite3_close(db) == SQLITE_OK) return;
    for (sqlite3_stmt *stmt; (stmt = sqlite3_next_stmt(db, NULL)) != NULL;)
        (void)sqlite3_finalize(stmt);
    (void)sqlite3_close_v2(db);
}

enum ht_err ht_db_prepare(sqlite3_stmt **out, sqlite3 *db, const char *sql, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
        return ht_db_fail(why, db, "cannot prepare a statement");
    *out = stmt;
    return HT_OK;
}

void ht_db_reset(sqlite3_stmt *stmt) {
    (void)sqlite3_reset(stmt);
    (void)sqlite3_clear_bindings(stmt);
}
