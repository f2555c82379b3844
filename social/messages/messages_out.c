/* Says again what was not delivered. */
#include "social/messages/messages_out.h"

#include <stdlib.h>

#include "node/base/log.h"
#include "node/codec/json.h"
#include "social/feed/look.h"
#include "social/links/peers.h"
#include "social/messages/messages_sql.h"

#define FIRST_MS 3000
#define AGAIN_MS 900000
#define BATCH 8U /* wraps that are said at once */

/* --- forgetting ---------------------------------------------------------------------------------
 */

struct forgetting {
    struct ht_write write; /* first */
    ht_hash32 id;
};

static enum ht_err delete_one(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    return ht_messages_sql_out_delete(db, &((struct forgetting *)write)->id, why);
}

/* One that stays is said again, which does no harm. */
static void deleted(struct ht_write *write) {
    if (write->err != HT_OK) ht_log(HT_LOG_WARN, "social", "a message sent: %s", write->why.text);
    free(write);
}

void ht_messages_out_settle(struct ht_messages *messages, const ht_hash32 *id, const json_t *sent) {
    size_t i;
    json_t *one;
    json_array_foreach(sent, i, one) {
        const char *state = json_string_value(ht_json_member(one, "state"));
        bool is_settled =
            state != NULL && (strcmp(state, "ok") == 0 || strcmp(state, "refused") == 0);
        if (!is_settled) return;
    }
    if (messages->is_stopped) return;
    struct forgetting *forgetting = calloc(1, sizeof *forgetting);
    if (forgetting == NULL) return;
    forgetting->write = (struct ht_write){.write = delete_one, .done = deleted};
    forgetting->id = *id;
    enum ht_err err = ht_writer_submit(messages->social->writer, &forgetting->write);
    if (err != HT_OK) free(forgetting);
}

/* --- saying again -------------------------------------------------------------------------------
 */

static void begin_round(struct ht_timer *timer);

struct round {
    struct ht_messages *messages;
    struct ht_task *task;
    unsigned under_way;
    bool is_over;
};

struct said {
    struct round *round;
    ht_hash32 id;
};

static void next_round(struct ht_messages *messages, int64_t delay_ms) {
    if (messages->is_stopped) return;
    ht_timer_set(messages->social->host->loop, &messages->out_timer, delay_ms, begin_round);
}

static void free_round(void *user) {
    struct round *round = user;
    if (!round->is_over) next_round(round->messages, AGAIN_MS);
    free(round);
}

/* The task ends when all have come, and with it the round. */
static void one_less(struct round *round) {
    if (--round->under_way > 0) return;
    round->is_over = true;
    next_round(round->messages, 0);
    ht_task_end(round->task, HT_OK, NULL);
}

static void said_again(void *user, json_t *sent) {
    struct said *said = user;
    struct round *round = said->round;
    ht_messages_out_settle(round->messages, &said->id, sent);
    free(said);
    one_less(round);
}

static void say(struct round *round, const json_t *row) {
    const json_t *wrap = ht_json_member(row, "wrap");
    struct said *said = calloc(1, sizeof *said);
    if (said == NULL || !ht_look_hash(&said->id, row, "id")) {
        free(said);
        return;
    }
    said->round = round;
    round->under_way++;
    ht_bytes text = ht_bytes_of(json_string_value(wrap), json_string_length(wrap));
    ht_peers_send_to(round->messages->social, text, ht_json_member(row, "urls"), said_again, said);
}

static enum ht_err read_rows(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    const struct round *round = task->user;
    return ht_messages_sql_out_list(&task->result, db, round->messages->out_seq, BATCH, why);
}

static void got_rows(struct ht_task *task) {
    struct round *round = task->user;
    struct ht_messages *messages = round->messages;
    size_t i;
    json_t *row;
    if (json_array_size(task->result) == 0) {
        messages->out_seq = 0;
        ht_task_end(task, HT_OK, NULL);
        return;
    }
    /* Answers may come from within; the last of them must not end it before all were said. */
    round->under_way = 1;
    json_array_foreach(task->result, i, row) {
        messages->out_seq = json_integer_value(json_object_get(row, "seq"));
        say(round, row);
    }
    one_less(round);
}

static enum ht_err trim(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    return ht_messages_sql_out_trim(db, task->now_s - HT_MESSAGE_OUT_S, why);
}

static void trimmed(struct ht_task *task) {
    ht_task_look(task, read_rows, got_rows);
}

static void begin_round(struct ht_timer *timer) {
    struct ht_messages *messages =
        (struct ht_messages *)(void *)((char *)timer - offsetof(struct ht_messages, out_timer));
    struct round *round = calloc(1, sizeof *round);
    struct ht_task *task = round != NULL ? ht_task_new(messages->social, NULL, NULL) : NULL;
    if (task == NULL) {
        free(round);
        next_round(messages, AGAIN_MS);
        return;
    }
    *round = (struct round){.messages = messages, .task = task};
    task->user = round;
    task->free_user = free_round;
    if (messages->out_seq == 0) {
        ht_task_change(task, trim, trimmed);
    } else {
        trimmed(task);
    }
}

void ht_messages_out_begin(struct ht_messages *messages) {
    next_round(messages, FIRST_MS);
}
