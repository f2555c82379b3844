/* SSZ by every type table there is: what decodes encodes to the same bytes and has a root. The
 * first byte picks the table. */
#include <stdlib.h>

#include "node/l1/consensus/types.h"

#define ENCODED_MAX 65536U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct ht_ssz_type *pick_type(uint8_t choice) {
    const struct ht_preset *preset = (choice & 1) != 0 ? &ht_preset_mainnet : &ht_preset_minimal;
    unsigned rest = choice >> 1;
    const unsigned forks = HT_FORK_COUNT - HT_ALTAIR;
    if (rest < forks * HT_LC_KIND_COUNT) {
        return ht_lc_type(preset, (enum ht_fork)(HT_ALTAIR + rest % forks),
                          (enum ht_lc_kind)(rest / forks));
    }
    switch (rest % 4) {
    case 0: return &ht_beacon_block_header_type;
    case 1: return &ht_execution_payload_header_capella_type;
    case 2: return &ht_execution_payload_header_deneb_type;
    default: return ht_sync_committee_type(preset);
    }
}

static void check_value(const struct ht_ssz_type *type, const void *value, ht_bytes bytes) {
    struct ht_buf out;
    ht_hash32 root, again;
    ht_buf_init(&out, ENCODED_MAX);
    if (ht_ssz_encode(&out, type, value) != HT_OK) abort();
    if (!ht_bytes_equal(ht_buf_view(&out), bytes)) abort();
    ht_ssz_hash_tree_root(&root, type, value);
    ht_ssz_hash_tree_root(&again, type, value);
    if (!ht_hash32_equal(&root, &again)) abort();
    ht_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n == 0 || n > ENCODED_MAX) return 0;
    const struct ht_ssz_type *type = pick_type(data[0]);
    ht_bytes bytes = ht_bytes_of(data + 1, n - 1);
    struct ht_lc_update *value = calloc(1, sizeof *value); /* the largest of all */
    struct ht_why why = {.code = NULL};
    if (value == NULL) return 0;
    if (ht_ssz_decode(value, type, bytes, &why) == HT_OK) {
        check_value(type, value, bytes);
    } else if (why.code == NULL) {
        abort();
    }
    free(value);
    return 0;
}
