/* Rights given up: the signer's system calls (seccomp), the node's files (Landlock), privileges,
 * core dumps. Says what worked; what a caller makes of that is its own matter. */
#include "node/signer/confine.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

const char *ht_confined_name(enum ht_confined bit) {
    switch (bit) {
    case HT_CONFINED_NO_DUMP: return "no_dump";
    case HT_CONFINED_NO_NEW_PRIVILEGES: return "no_new_privileges";
    case HT_CONFINED_SYSCALLS: return "syscalls";
    case HT_CONFINED_FILES: return "files";
    case HT_CONFINED_DIES_WITH_PARENT: return "dies_with_parent";
    case HT_CONFINED_LOCKED_MEMORY: return "locked_memory";
    }
    return "";
}

static unsigned give_up_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? HT_CONFINED_NO_NEW_PRIVILEGES : 0;
}

bool ht_confine_to_parent(unsigned *confined, int parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0) *confined |= HT_CONFINED_DIES_WITH_PARENT;
    /* It may have ended before the line above; then nothing would tell. */
    return getppid() == parent;
}

/* --- the signer -------------------------------------------------------------------------------*/

static void close_all_but(int fd) {
    if (fd > 0) (void)close_range(0, (unsigned)fd - 1, 0);
    (void)close_range((unsigned)fd + 1, ~0U, 0);
}

static unsigned forbid_dumps(void) {
    const struct rlimit none = {0, 0};
    bool is_done = setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
    return is_done ? HT_CONFINED_NO_DUMP : 0;
}

static unsigned try_locking(void) {
    static uint8_t page[4096];
    if (mlock(page, sizeof page) != 0) return 0;
    (void)munlock(page, sizeof page);
    return HT_CONFINED_LOCKED_MEMORY;
}

#ifdef OUR_ARCH
#define FIELD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))
/* Goes on behind the next instruction unless the loaded word is `value`. */
#define IF_EQUAL(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1)
#define ALLOW(name) IF_EQUAL(__NR_##name), RETURN(SECCOMP_RET_ALLOW)
/* The lower half of the third argument; both architectures are little-endian. */
#define PROTECTION FIELD(args[2])
/* Memory may be mapped and its protection changed, but never to be run. */
#define ALLOW_DATA(name)                                                                         \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 4), PROTECTION,                          \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), RETURN(SECCOMP_RET_KILL_PROCESS), \
        RETURN(SECCOMP_RET_ALLOW)

/* What reading, writing, waiting, malloc, sodium_malloc, Argon2 and scrypt need, found by running
 * them. An x32 number is none of these, so it needs no check of its own. */
static struct sock_filter signer_filter[] = {
    FIELD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
    RETURN(SECCOMP_RET_KILL_PROCESS),
    FIELD(nr),
    ALLOW(read),
    ALLOW(write),
    ALLOW(futex),
    ALLOW(getrandom),
    ALLOW(clock_gettime),
#ifdef __NR_poll
    ALLOW(poll),
#endif
    ALLOW(ppoll),
    ALLOW(clock_nanosleep),
    ALLOW(nanosleep),
    ALLOW(restart_syscall),
    ALLOW_DATA(mmap),
    ALLOW_DATA(mprotect),
    ALLOW(munmap),
    ALLOW(mremap),
    ALLOW(madvise),
    ALLOW(mlock),
    ALLOW(munlock),
    ALLOW(brk),
    ALLOW(rt_sigreturn),
    ALLOW(exit),
    ALLOW(exit_group),
    RETURN(SECCOMP_RET_KILL_PROCESS),
};
#endif

static unsigned filter_syscalls(void) {
#ifdef OUR_ARCH
    const struct sock_fprog program = {
        .len = sizeof signer_filter / sizeof *signer_filter,
        .filter = signer_filter,
    };
    if (IS_SANITIZED) return 0;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0) return 0;
    return HT_CONFINED_SYSCALLS;
#else
    return 0;
#endif
}

unsigned ht_confine_signer(int fd) {
    close_all_but(fd);
    unsigned confined = forbid_dumps() | try_locking() | give_up_privileges();
    /* Without the line above the kernel takes a filter from nobody but root. */
    return confined | filter_syscalls();
}

/* --- the node ---------------------------------------------------------------------------------*/

/* Newer than the headers of some systems. */
#define ACCESS_REFER (UINT64_C(1) << 13)
#define ACCESS_TRUNCATE (UINT64_C(1) << 14)

#define ACCESS_READ ((uint64_t)(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR))
#define ACCESS_FILE                                                          \
    ((uint64_t)(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
                LANDLOCK_ACCESS_FS_READ_FILE) |                              \
     ACCESS_TRUNCATE)
#define ACCESS_ALL_OF_FIRST ((UINT64_C(1) << 13) - 1)

/* What names, TLS, time zones and the libraries' own reading of the machine need. */
static const char *const readable[] = {
    "/etc",
    "/usr",
    "/lib",
    "/lib64",
    "/proc/self",
    "/proc/meminfo",
    "/dev/urandom",
    "/sys/devices/system/cpu",
    "/run/systemd/resolve",
    "/run/NetworkManager",
    "/run/resolvconf",
    "/run/nscd",
    "/run/tor", /* the cookie of its control port; whom it is for, its mode says */
};

static uint64_t known_accesses(long abi) {
    uint64_t known = ACCESS_ALL_OF_FIRST;
    if (abi >= 2) known |= ACCESS_REFER;
    if (abi >= 3) known |= ACCESS_TRUNCATE;
    return known;
}

/* Allows what is there; false when it is there and cannot be allowed. */
static bool allow_below(int rules, const char *path, uint64_t access) {
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return true;
    struct stat status;
    bool is_done = fstat(fd, &status) == 0;
    if (is_done && !S_ISDIR(status.st_mode)) access &= ACCESS_FILE;
    const struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
    if (is_done) {
        is_done = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    }
    (void)close(fd);
    return is_done;
}

static bool allow_all(int rules, const char *data_dir, uint64_t known) {
    const uint64_t never =
        LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;
    if (!allow_below(rules, data_dir, known & ~never)) return false;
    if (!allow_below(rules, "/dev/null", ACCESS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE)) return false;
    for (size_t i = 0; i < sizeof readable / sizeof *readable; i++) {
        if (!allow_below(rules, readable[i], ACCESS_READ)) return false;
    }
    return true;
}

static unsigned confine_files(const char *data_dir) {
    /* A kernel without it answers with an error, here and nowhere else. */
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) return 0;
    const struct landlock_ruleset_attr asked = {.handled_access_fs = known_accesses(abi)};
    int rules =
        (int)syscall(SYS_landlock_create_ruleset, &asked, sizeof asked.handled_access_fs, 0);
    if (rules < 0) return 0;
    bool is_done = allow_all(rules, data_dir, asked.handled_access_fs) &&
                   syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    (void)close(rules);
    return is_done ? HT_CONFINED_FILES : 0;
}

unsigned ht_confine_node(const char *data_dir) {
    unsigned confined = give_up_privileges();
    return confined | confine_files(data_dir);
}
