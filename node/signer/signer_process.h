/* The signer process itself: its loop of requests and replies, and how it is started. */
#ifndef HT_SIGNER_SIGNER_PROCESS_H
#define HT_SIGNER_SIGNER_PROCESS_H

#include "node/signer/signer.h"
#include "node/signer/vault.h"

/* ht_signer_fork with another cost of passphrases than ht_vault_cost_moderate: for tests. */
enum ht_err ht_signer_fork_with(struct ht_signer_process *out, const struct ht_vault_cost *cost,
                                struct ht_why *why) HT_MUST_USE;

/* A whole message from a socket, into out, which is emptied before; blocks. HT_ENET when the other
 * side has ended or announces what no message can be, HT_ENOMEM. */
enum ht_err ht_signer_receive(struct ht_buf *out, int fd) HT_MUST_USE;
/* Writes all of it; blocks. HT_ENET. SIGPIPE must be ignored. */
enum ht_err ht_signer_send(int fd, ht_bytes message) HT_MUST_USE;

#endif
