/* Receipts and headers as blocks of a count. */
#include "governance/count/count_receipts.h"

#include <stdlib.h>

enum ht_err ht_gov_count_receipts(struct ht_gov_count *count, const struct ht_exec_header *header,
                                  const struct ht_receipt *receipts, size_t receipt_count,
                                  struct ht_why *why) {
    size_t n = 0, at = 0;
    for (size_t i = 0; i < receipt_count; i++) n += receipts[i].log_count;
    struct ht_gov_log *logs = calloc(n + 1, sizeof *logs);
    if (logs == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    for (size_t i = 0; i < receipt_count; i++) {
        for (size_t k = 0; k < receipts[i].log_count; k++) {
            const struct ht_log *log = &receipts[i].logs[k];
            logs[at++] = (struct ht_gov_log){.address = log->address,
                                             .topics = log->topics,
                                             .topic_count = log->topic_count,
                                             .data = log->data,
                                             .transaction = (uint32_t)i};
        }
    }
    const struct ht_gov_block block = {.number = header->number,
                                       .time_s = header->timestamp,
                                       .bloom = header->logs_bloom,
                                       .has_receipts = true,
                                       .logs = logs,
                                       .log_count = n};
    enum ht_err err = ht_gov_count_block(count, &block, why);
    free(logs);
    return err;
}

enum ht_err ht_gov_count_header(struct ht_gov_count *count, const struct ht_exec_header *header,
                                struct ht_why *why) {
    const struct ht_gov_block block = {
        .number = header->number, .time_s = header->timestamp, .bloom = header->logs_bloom};
    return ht_gov_count_block(count, &block, why);
}
