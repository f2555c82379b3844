/* The node's handle to the signer process: a queue, and a thread that asks one thing at a time and
 * hands answers to the loop. What is asked and answered is not looked into here. */
#include "node/signer/signer.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "node/base/log.h"
#include "node/loop/thread.h"
#include "node/signer/signer_process.h"

#define CODE_SIZE 32U
#define CODES_MAX 128U
#define END_WAIT_MS 2000

struct ht_signer {
    struct ht_loop *loop;
    struct ht_mailbox queue;
    pthread_t thread;
    int fd;
    int pid;
    uint32_t number;         /* of the last request; the thread's own */
    bool is_gone;            /* the same */
    bool is_reaped;          /* the same */
    atomic_bool is_stopping; /* no further request is sent */
    struct ht_signer_hello hello;
};

/* --- reasons ----------------------------------------------------------------------------------*/

/* Codes of reasons live as long as the program, as literals do: they outlive calls. There are as
 * many as the signer has reasons, so none is ever taken out. */
static pthread_mutex_t codes_lock = PTHREAD_MUTEX_INITIALIZER;
static char codes[CODES_MAX][CODE_SIZE];

static bool is_code(ht_bytes text) {
    bool is_good = text.n > 0 && text.n < CODE_SIZE;
    for (size_t i = 0; is_good && i < text.n; i++) {
        uint8_t c = text.p[i];
        is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    return is_good;
}

static const char *keep_code(ht_bytes text) {
    const char *kept = "signer_refused";
    if (!is_code(text)) return kept;
    ht_assert(pthread_mutex_lock(&codes_lock) == 0);
    for (size_t i = 0; i < CODES_MAX; i++) {
        if (codes[i][0] == '\0') memcpy(codes[i], text.p, text.n);
        if (!ht_bytes_equal(ht_bytes_str(codes[i]), text)) continue;
        kept = codes[i];
        break;
    }
    ht_assert(pthread_mutex_unlock(&codes_lock) == 0);
    return kept;
}

static void take_reason(struct ht_signer_call *call) {
    ht_bytes reason = ht_signer_field(&call->reply, HT_SIGNER_TAG_REASON);
    const uint8_t *zero = reason.n > 0 ? memchr(reason.p, 0, reason.n) : NULL;
    size_t code_n = zero == NULL ? 0 : (size_t)(zero - reason.p);
    const char *code = keep_code(ht_bytes_of(reason.p, code_n));
    int text_n = zero == NULL ? 0 : (int)(reason.n - code_n - 1);
    (void)ht_fail(&call->why, call->err, code, "%.*s", text_n,
                  zero == NULL ? "" : (const char *)zero + 1);
}

/* --- the thread -------------------------------------------------------------------------------*/

static void say_gone(struct ht_signer *signer) {
    int status = 0;
    (void)kill(signer->pid, SIGKILL);
    signer->is_reaped = waitpid(signer->pid, &status, 0) == signer->pid;
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) {
        ht_log(HT_LOG_ERROR, "signer",
               "the signer process has ended (signal %d): nothing is signed until the next start",
               WTERMSIG(status));
    } else {
        ht_log(HT_LOG_ERROR, "signer",
               "the signer process has ended: nothing is signed until the next start");
    }
}

static enum ht_err exchange(struct ht_signer *signer, struct ht_signer_call *call) {
    struct ht_why why;
    enum ht_err err = ht_signer_send(signer->fd, ht_buf_view(&call->sent));
    ht_buf_fini(&call->sent);
    if (err == HT_OK) err = ht_signer_receive(&call->text, signer->fd);
    if (err == HT_OK) err = ht_signer_message_read(&call->reply, ht_buf_view(&call->text), &why);
    if (err != HT_OK) return err;
    bool is_ours = call->reply.number == signer->number && call->reply.type <= HT_EBUG;
    return is_ours ? HT_OK : HT_ENET;
}

static void ask(struct ht_signer *signer, struct ht_signer_call *call) {
    bool is_asked = !signer->is_gone && !atomic_load(&signer->is_stopping);
    if (is_asked) {
        ht_write_u32_le(call->sent.p + 4, ++signer->number);
        signer->is_gone = exchange(signer, call) != HT_OK;
        if (signer->is_gone && !atomic_load(&signer->is_stopping)) say_gone(signer);
    }
    if (!is_asked || signer->is_gone) {
        call->reply = (struct ht_signer_message){.number = 0};
        call->err = ht_fail(&call->why, HT_EAGAIN, "signer_gone", "the signer process has ended");
        return;
    }
    call->err = (enum ht_err)call->reply.type;
    if (call->err != HT_OK) take_reason(call);
}

static void finish_on_loop(struct ht_job *job) {
    struct ht_signer_call *call = (struct ht_signer_call *)job;
    /* done may free the call or ask with it again. */
    struct ht_buf sent = call->sent;
    struct ht_buf text = call->text;
    call->done(call);
    ht_buf_fini(&sent);
    ht_buf_fini(&text);
}

/* Asks the signer process one thing after another until the queue is closed and empty. */
static void *work(void *arg) {
    struct ht_signer *signer = arg;
    for (struct ht_job *job; (job = ht_mailbox_wait(&signer->queue)) != NULL;) {
        ask(signer, (struct ht_signer_call *)job);
        job->run = finish_on_loop;
        ht_loop_answer(signer->loop, job);
    }
    return NULL;
}

/* --- the loop's side --------------------------------------------------------------------------*/

static enum ht_err prepare(struct ht_signer_call *call, const struct ht_signer_field *fields,
                           size_t count) {
    struct ht_signer_message message = {.type = (uint32_t)call->request};
    for (size_t i = 0; i < count; i++) {
        ht_signer_message_add(&message, fields[i].tag, fields[i].bytes);
    }
    call->why = (struct ht_why){.code = NULL};
    call->reply = (struct ht_signer_message){.number = 0};
    ht_buf_init(&call->sent, HT_SIGNER_MESSAGE_MAX);
    ht_buf_init(&call->text, HT_SIGNER_MESSAGE_MAX);
    return ht_signer_message_write(&call->sent, &message);
}

enum ht_err ht_signer_ask(struct ht_signer *signer, struct ht_signer_call *call,
                          const struct ht_signer_field *fields, size_t count) {
    enum ht_err err = prepare(call, fields, count);
    if (err == HT_OK) err = ht_mailbox_post(&signer->queue, &call->job);
    if (err != HT_OK) ht_buf_fini(&call->sent);
    return err;
}

static enum ht_err say_hello(struct ht_signer *signer, struct ht_why *why) {
    struct ht_signer_call call = {.request = HT_SIGNER_HELLO};
    enum ht_err err = prepare(&call, NULL, 0);
    if (err == HT_OK) {
        ht_write_u32_le(call.sent.p + 4, ++signer->number);
        err = exchange(signer, &call);
    }
    ht_bytes key = ht_signer_field(&call.reply, HT_SIGNER_TAG_PUBLIC);
    ht_bytes confined = ht_signer_field(&call.reply, HT_SIGNER_TAG_CONFINED);
    bool is_good = err == HT_OK && key.n == HT_HPKE_PUBLIC_SIZE && confined.n == 8;
    if (is_good) {
        signer->hello.pid = signer->pid;
        signer->hello.confined = (unsigned)ht_read_u64_le(confined.p);
        memcpy(signer->hello.public_key, key.p, key.n);
    }
    ht_buf_fini(&call.sent);
    ht_buf_fini(&call.text);
    if (is_good) return HT_OK;
    return ht_fail(why, HT_EBUG, "signer_gone", "the signer process has ended at once");
}

/* Waits for the process to end by itself, for a while. */
static void reap(const struct ht_signer *signer) {
    const struct timespec pause = {.tv_nsec = 2000000};
    for (int waited_ms = 0; waited_ms < END_WAIT_MS; waited_ms += 2) {
        if (waitpid(signer->pid, NULL, WNOHANG) != 0) return;
        (void)nanosleep(&pause, NULL);
    }
    (void)kill(signer->pid, SIGKILL);
    (void)waitpid(signer->pid, NULL, 0);
}

static void end_process(const struct ht_signer *signer) {
    (void)close(signer->fd);
    if (!signer->is_reaped) reap(signer);
}

enum ht_err ht_signer_new(struct ht_signer **out, struct ht_loop *loop,
                          const struct ht_signer_process *process, struct ht_why *why) {
    struct ht_signer *signer = calloc(1, sizeof *signer);
    ht_assert(signer != NULL);
    signer->loop = loop;
    signer->fd = process->fd;
    signer->pid = process->pid;
    ht_mailbox_init(&signer->queue, HT_SIGNER_WAITING_MAX);
    enum ht_err err = say_hello(signer, why);
    if (err == HT_OK) err = ht_thread_start(&signer->thread, "signer", work, signer, why);
    if (err == HT_OK) {
        *out = signer;
        return HT_OK;
    }
    end_process(signer);
    ht_mailbox_fini(&signer->queue);
    free(signer);
    return err;
}

void ht_signer_free(struct ht_signer *signer) {
    if (signer == NULL) return;
    atomic_store(&signer->is_stopping, true);
    ht_mailbox_close(&signer->queue);
    /* Ends a read that waits in the thread, and the process with it. */
    (void)shutdown(signer->fd, SHUT_RDWR);
    ht_assert(pthread_join(signer->thread, NULL) == 0);
    ht_mailbox_fini(&signer->queue);
    end_process(signer);
    free(signer);
}

const struct ht_signer_hello *ht_signer_hello(const struct ht_signer *signer) {
    return &signer->hello;
}
