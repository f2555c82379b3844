/* What the owner's methods share: look things up on the reader's worker, then write on the writer's
 * thread or sign and publish, then answer.
 *
 * A task is what a method is doing. `work` runs on the worker with the store; it sets result, or
 * draft (an event to be signed), or leaves both for `then`. Then, on the loop, `then` goes on: it
 * ends the task, or hands it on. Without `then` the draft is published (publish.h) or the result
 * given. Each task is ended once, by ht_task_end. Loop thread but for `work` and `write`. */
#ifndef HT_SOCIAL_CLIENT_TASK_H
#define HT_SOCIAL_CLIENT_TASK_H

#include "social/social.h"

/* An event that is to be signed. */
struct ht_draft {
    bool is_there;
    uint32_t kind;
    char *content;    /* malloc'd UTF-8 */
    json_t *tags;     /* arrays of texts */
    const char *what; /* for the audit log: "a post" */
    int64_t after;    /* it is newer than this: what it replaces; seconds */
    json_t *readers;  /* URLs: where those read whom it names; publish.c finds them */
};

struct ht_task {
    struct ht_read read; /* first */
    struct ht_write write;
    struct ht_social *social;
    struct ht_rpc_call *call; /* NULL: nobody waits */
    json_t *params;           /* its own copy */
    bool has_owner;
    ht_hash32 owner;
    int64_t now_s;
    enum ht_err (*work)(struct ht_task *task, sqlite3 *db, struct ht_why *why);
    enum ht_err (*change)(struct ht_task *task, sqlite3 *db, struct ht_why *why);
    void (*then)(struct ht_task *task);
    void (*changed)(struct ht_task *task);
    /* Of a task without a call, before it is freed; its result is there when err is HT_OK. */
    void (*ended)(struct ht_task *task, enum ht_err err, const struct ht_why *why);
    struct ht_store *store; /* while it works */
    sqlite3 *db;            /* the store's, likewise */
    json_t *result;
    struct ht_draft draft;
    json_t *ask; /* what relays are to be asked, see peers.h; NULL: none are */
    bool has_asked;
    json_t *source; /* what they said */
    void *user;
    void (*free_user)(void *user); /* when it ends, unless user is NULL */
};

/* A method's beginning: a copy of params, the owner, the time. When it cannot be made the call is
 * refused, and NULL comes back. call may be NULL. */
struct ht_task *ht_task_new(struct ht_social *social, struct ht_rpc_call *call,
                            const json_t *params);
/* The same, refused with HT_EDENIED "no_nostr_key" when there is no owner. */
struct ht_task *ht_task_new_owned(struct ht_social *social, struct ht_rpc_call *call,
                                  const json_t *params);
/* Runs `work`, then `then`. Ends the task when it cannot. */
void ht_task_look(struct ht_task *task,
                  enum ht_err (*work)(struct ht_task *task, sqlite3 *db, struct ht_why *why),
                  void (*then)(struct ht_task *task));
/* Runs `change` in a transaction, then `changed`, NULL: the result is given. */
void ht_task_change(struct ht_task *task,
                    enum ht_err (*change)(struct ht_task *task, sqlite3 *db, struct ht_why *why),
                    void (*changed)(struct ht_task *task));
/* Answers with task->result, which it takes, or with the error, and frees the task. */
void ht_task_end(struct ht_task *task, enum ht_err err, const struct ht_why *why);

/* What a method's parameters name, all of which may be left out when is_there is given: 32 bytes of
 * hex, an npub, nprofile, note or nevent. HT_EINPUT "bad_npub", "bad_id". */
enum ht_err ht_task_pubkey(ht_hash32 *out, const json_t *params, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_task_id(ht_hash32 *out, const json_t *params, const char *name,
                       struct ht_why *why) HT_MUST_USE;
/* 64 characters and a zero. */
void ht_task_hex(char out[static 65], const ht_hash32 *value);
/* A new reference; NULL without memory. */
json_t *ht_task_hex_json(const ht_hash32 *value);
enum ht_err ht_task_no_memory(struct ht_why *why) HT_MUST_USE;

#endif
