/* Starts the signer process and is what runs in it: waits for a message, has it answered, replies.
 * It ends when the pair closes. What requests do is in signer_requests.c. */
#include "node/signer/signer_process.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/crypto/warm_up.h"
#include "node/signer/signer_requests.h"

/* What is kept of a buffer between messages; the vault's file can be much longer. */
#define KEPT_MAX 16384U

/* --- both sides -------------------------------------------------------------------------------*/

static enum ht_err read_all(int fd, uint8_t *out, size_t n) {
    while (n > 0) {
        ssize_t got = read(fd, out, n);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return HT_ENET;
        out += got;
        n -= (size_t)got;
    }
    return HT_OK;
}

enum ht_err ht_signer_receive(struct ht_buf *out, int fd) {
    uint8_t head[HT_SIGNER_HEAD_SIZE];
    size_t size = 0;
    ht_buf_clear(out);
    enum ht_err err = read_all(fd, head, sizeof head);
    if (err != HT_OK) return err;
    if (ht_signer_message_size(&size, head) != HT_OK) return HT_ENET;
    uint8_t *at = ht_buf_reserve(out, size);
    if (at == NULL) return HT_ENOMEM;
    memcpy(at, head, sizeof head);
    err = read_all(fd, at + sizeof head, size - sizeof head);
    if (err == HT_OK) out->n = size;
    return err;
}

enum ht_err ht_signer_send(int fd, ht_bytes message) {
    while (message.n > 0) {
        ssize_t sent = write(fd, message.p, message.n);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return HT_ENET;
        message = ht_bytes_of(message.p + sent, message.n - (size_t)sent);
    }
    return HT_OK;
}

/* --- the process ------------------------------------------------------------------------------*/

static void wait_or_hang_up(void *self, int ms) {
    struct pollfd other = {.fd = *(const int *)self, .events = POLLRDHUP};
    (void)poll(&other, 1, ms);
}

static void shrink(struct ht_buf *buf) {
    if (buf->cap > KEPT_MAX) ht_buf_fini(buf);
}

static void serve(int fd, struct ht_signer_keeper *keeper) {
    struct ht_signer_reply reply;
    struct ht_signer_message request;
    struct ht_buf in;
    struct ht_buf out;
    ht_buf_init(&in, HT_SIGNER_MESSAGE_MAX);
    ht_buf_init(&out, HT_SIGNER_MESSAGE_MAX);
    ht_signer_reply_init(&reply);
    /* The node makes these messages itself: one that cannot be read means that it is not itself any
     * more, and then there is nobody left to answer. */
    while (ht_signer_receive(&in, fd) == HT_OK &&
           ht_signer_message_read(&request, ht_buf_view(&in), NULL) == HT_OK) {
        ht_signer_answer(&reply, keeper, &request);
        ht_buf_clear(&out);
        if (ht_signer_message_write(&out, &reply.message) != HT_OK) break;
        if (ht_signer_send(fd, ht_buf_view(&out)) != HT_OK) break;
        shrink(&in);
        shrink(&out);
    }
    ht_signer_reply_fini(&reply);
    ht_buf_fini(&in);
    ht_buf_fini(&out);
}

/* Code and constants of libraries that only starting needed: most of them are OpenSSL's. What is
 * used again comes back from the system's cache of files. */
static int give_back(struct dl_phdr_info *info, size_t size, void *arg) {
    (void)size;
    (void)arg;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type != PT_LOAD || (info->dlpi_phdr[i].p_flags & PF_W)) continue;
        uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        uintptr_t end = (start + info->dlpi_phdr[i].p_filesz) / page * page;
        start = (start + page - 1) / page * page;
        if (start < end) (void)madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

static void ignore(int number) {
    const struct sigaction nothing = {.sa_handler = SIG_IGN};
    (void)sigaction(number, &nothing, NULL);
}

/* Above 2, where no library writes by mistake. */
static int move_up(int fd) {
    return fd > STDERR_FILENO ? fd : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

static __attribute__((noreturn)) void run(int fd, int parent, const struct ht_vault_cost *cost) {
    struct ht_signer_keeper *keeper = NULL;
    unsigned confined = 0;
    ignore(SIGINT);
    ignore(SIGTERM);
    ignore(SIGHUP);
    ignore(SIGPIPE);
    if (!ht_confine_to_parent(&confined, parent)) _exit(0);
    (void)prctl(PR_SET_NAME, "hearth-signer", 0, 0, 0);
    fd = move_up(fd);
    if (fd < 0) _exit(1);
    ht_crypto_warm_up();
    if (ht_signer_keeper_new(&keeper, &ht_system_random, cost) != HT_OK) _exit(1);
    confined |= ht_confine_signer(fd);
    keeper->confined = confined;
    keeper->wait = wait_or_hang_up;
    keeper->wait_self = &fd;
    (void)malloc_trim(0);
    (void)dl_iterate_phdr(give_back, NULL);
    serve(fd, keeper);
    ht_signer_keeper_free(keeper);
    _exit(0);
}

enum ht_err ht_signer_fork_with(struct ht_signer_process *out, const struct ht_vault_cost *cost,
                                struct ht_why *why) {
    int pair[2];
    int parent = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return ht_fail(why, HT_EAGAIN, "no_signer", "cannot start the signer: %s", strerror(errno));
    }
    pid_t pid = fork();
    if (pid == 0) run(pair[1], parent, cost);
    int failed = errno;
    (void)close(pair[1]);
    if (pid < 0) {
        (void)close(pair[0]);
        return ht_fail(why, failed == ENOMEM ? HT_ENOMEM : HT_EAGAIN, "no_signer",
                       "cannot start the signer: %s", strerror(failed));
    }
    *out = (struct ht_signer_process){.fd = pair[0], .pid = pid};
    return HT_OK;
}

enum ht_err ht_signer_fork(struct ht_signer_process *out, struct ht_why *why) {
    return ht_signer_fork_with(out, &ht_vault_cost_moderate, why);
}
