/* Tasks: what one method of the owner's does, step by step. */
#include "social/client_task.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/nostr/entity.h"
#include "social/feed/publish.h"
#include "social/feed/trust_mark.h"

enum ht_err ht_task_no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

struct ht_task *ht_task_new(struct ht_social *social, struct ht_rpc_call *call,
                            const json_t *params) {
    struct ht_why why = {0};
    struct ht_task *task = calloc(1, sizeof *task);
    if (task != NULL) task->params = params != NULL ? json_deep_copy(params) : json_object();
    if (task == NULL || task->params == NULL) {
        free(task);
        if (call != NULL) ht_rpc_refuse(call, ht_task_no_memory(&why), &why);
        return NULL;
    }
    task->social = social;
    task->call = call;
    task->has_owner = ht_social_owner(social, &task->owner);
    task->now_s = ht_social_now_s(social);
    return task;
}

struct ht_task *ht_task_new_owned(struct ht_social *social, struct ht_rpc_call *call,
                                  const json_t *params) {
    struct ht_why why = {0};
    struct ht_task *task = ht_task_new(social, call, params);
    if (task == NULL || task->has_owner) return task;
    ht_task_end(task, ht_fail(&why, HT_EDENIED, "no_nostr_key", "the wallet has no Nostr key yet"),
                &why);
    return NULL;
}

void ht_task_end(struct ht_task *task, enum ht_err err, const struct ht_why *why) {
    struct ht_why reason = {0};
    if (task->ended != NULL) task->ended(task, err, why);
    if (err == HT_OK && task->call != NULL) ht_trust_mark(task->social, task->result);
    if (task->call != NULL && err != HT_OK) {
        ht_rpc_refuse(task->call, err, why);
    } else if (task->call != NULL && task->result != NULL) {
        ht_rpc_finish(task->call, json_incref(task->result));
    } else if (task->call != NULL) {
        ht_rpc_refuse(task->call, ht_task_no_memory(&reason), &reason);
    }
    json_decref(task->params);
    json_decref(task->result);
    json_decref(task->draft.tags);
    json_decref(task->draft.readers);
    json_decref(task->ask);
    json_decref(task->source);
    if (task->free_user != NULL && task->user != NULL) task->free_user(task->user);
    free(task->draft.content);
    free(task);
}

/* The reader's store is made by the first who needs it. */
static enum ht_err look(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct ht_task *task = (struct ht_task *)read;
    struct ht_social *social = task->social;
    if (social->store == NULL) {
        enum ht_err err = ht_store_new(&social->store, db, why);
        if (err != HT_OK) return err;
    }
    task->store = social->store;
    task->db = db;
    return task->work(task, db, why);
}

static void looked(struct ht_read *read) {
    struct ht_task *task = (struct ht_task *)read;
    if (read->err != HT_OK || task->social->is_stopped) {
        struct ht_why stopping = {0};
        enum ht_err err = read->err != HT_OK
                              ? read->err
                              : ht_fail(&stopping, HT_EAGAIN, "stopping", "the node is stopping");
        ht_task_end(task, err, read->err != HT_OK ? &read->why : &stopping);
    } else if (task->then != NULL) {
        task->then(task);
    } else if (task->draft.is_there) {
        ht_publish_draft(task);
    } else {
        ht_task_end(task, HT_OK, NULL);
    }
}

void ht_task_look(struct ht_task *task,
                  enum ht_err (*work)(struct ht_task *task, sqlite3 *db, struct ht_why *why),
                  void (*then)(struct ht_task *task)) {
    struct ht_why why = {0};
    task->work = work;
    task->then = then;
    task->read = (struct ht_read){.read = look, .done = looked};
    enum ht_err err =
        task->social->is_stopped ? HT_EAGAIN : ht_reader_submit(task->social->reader, &task->read);
    if (err != HT_OK) {
        ht_task_end(task, ht_fail(&why, err, "busy", "too much is being read just now"), &why);
    }
}

static enum ht_err change(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct ht_task *task =
        (struct ht_task *)(void *)((char *)write - offsetof(struct ht_task, write));
    return task->change(task, db, why);
}

static void changed(struct ht_write *write) {
    struct ht_task *task =
        (struct ht_task *)(void *)((char *)write - offsetof(struct ht_task, write));
    if (write->err != HT_OK || task->changed == NULL || task->social->is_stopped) {
        ht_task_end(task, write->err, &write->why);
    } else {
        task->changed(task);
    }
}

void ht_task_change(struct ht_task *task,
                    enum ht_err (*change_fn)(struct ht_task *task, sqlite3 *db, struct ht_why *why),
                    void (*changed_fn)(struct ht_task *task)) {
    struct ht_why why = {0};
    task->change = change_fn;
    task->changed = changed_fn;
    task->write = (struct ht_write){.write = change, .done = changed};
    enum ht_err err =
        task->social->is_stopped ? HT_EAGAIN : ht_writer_submit(task->social->writer, &task->write);
    if (err != HT_OK) {
        ht_task_end(task, ht_fail(&why, err, "busy", "too much is being written just now"), &why);
    }
}

/* --- parameters ------------------------------------------------------------------------------- */

static bool read_name(ht_hash32 *out, ht_bytes text, bool wants_event) {
    if (ht_event_hex32(out, text)) return true;
    struct ht_entity entity;
    struct ht_arena arena;
    ht_arena_init(&arena, HT_ENTITY_ARENA);
    bool is_read = ht_entity_read(&entity, &arena, text, NULL) == HT_OK;
    ht_arena_fini(&arena);
    if (!is_read) return false;
    bool is_event = entity.kind == HT_ENTITY_NOTE || entity.kind == HT_ENTITY_NEVENT;
    bool is_person = entity.kind == HT_ENTITY_NPUB || entity.kind == HT_ENTITY_NPROFILE;
    if (wants_event ? !is_event : !is_person) return false;
    *out = entity.key;
    return true;
}

enum ht_err ht_task_pubkey(ht_hash32 *out, const json_t *params, struct ht_why *why) {
    ht_bytes text;
    const char *name = ht_json_member(params, "pubkey") != NULL ? "pubkey" : "npub";
    if (ht_json_member(params, name) == NULL) name = "author";
    enum ht_err err = ht_json_str(&text, params, name, why);
    if (err != HT_OK) return err;
    if (read_name(out, text, false)) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_npub", "that is no public key of Nostr");
}

enum ht_err ht_task_id(ht_hash32 *out, const json_t *params, const char *name, struct ht_why *why) {
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, params, name, why);
    if (err != HT_OK) return err;
    if (read_name(out, text, true)) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_id", "that is no event's id");
}

void ht_task_hex(char out[static 65], const ht_hash32 *value) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(value->b));
    memcpy(out, text + 2, 65);
}

json_t *ht_task_hex_json(const ht_hash32 *value) {
    char text[65];
    ht_task_hex(text, value);
    return json_string(text);
}
