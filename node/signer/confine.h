/* What a process may still do: taken away step by step, never given back (Linux).
 *
 * What the kernel does not have is left out and told, so that `hearth doctor` can say it. */
#ifndef HT_SIGNER_CONFINE_H
#define HT_SIGNER_CONFINE_H

#include "node/base/err.h"

/* Bits of what is active. */
enum ht_confined {
    HT_CONFINED_NO_DUMP = 1,           /* PR_SET_DUMPABLE 0, RLIMIT_CORE 0 */
    HT_CONFINED_NO_NEW_PRIVILEGES = 2, /* PR_SET_NO_NEW_PRIVS */
    HT_CONFINED_SYSCALLS = 4,          /* a seccomp filter */
    HT_CONFINED_FILES = 8,             /* Landlock */
    HT_CONFINED_DIES_WITH_PARENT = 16, /* PR_SET_PDEATHSIG */
    HT_CONFINED_LOCKED_MEMORY = 32,    /* mlock works within RLIMIT_MEMLOCK */
};

/* The signer: reads and writes on open descriptors, memory that is never code, clock, random, exit;
 * no file is opened, no socket made, no process started. Returns the bits (DIES_WITH_PARENT is not
 * among them: it is asked for right after the fork); only what the filter itself refuses later ends
 * the process (SIGSYS). fd: its socket, the only one that stays open. Sanitizers need more than the
 * filter lets through, so programs built with them go without. */
unsigned ht_confine_signer(int fd);

/* The process ends when the one that started it ends. False when that one, `parent`, has ended
 * already: the caller then ends too. *confined gets the bit. */
bool ht_confine_to_parent(unsigned *confined, int parent);

/* The node: files below data_dir (read and write) and what TLS and names need for reading; no new
 * privileges. What is open already stays usable. May be called once threads do not exist yet. */
unsigned ht_confine_node(const char *data_dir);

/* "no_dump", "no_new_privileges", "syscalls", "files", "dies_with_parent", "locked_memory". */
const char *ht_confined_name(enum ht_confined bit);

#endif
