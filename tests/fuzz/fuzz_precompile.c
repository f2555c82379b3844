/* Precompiles with any input: the first byte chooses which, the second the fork, the rest is the
 * call's input. What costs more gas than a fuzzer has time for is only counted.
 *
 * A refusal has its reason and nothing else ends a run; answers have their length; additions may be
 * turned around; a second run gives the same. */
#include <stdlib.h>

#include "node/evm/precompile.h"

#define OUTPUT_MAX ((size_t)1 << 20)
#define GAS_MAX 3000000U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static enum ht_err run(struct ht_buf *output, const struct ht_evm_rules *rules, unsigned number,
                       ht_bytes input) {
    struct ht_why why = {.code = NULL};
    ht_buf_init(output, OUTPUT_MAX);
    enum ht_err err = ht_precompile_run(output, rules, number, input, &why);
    must(err == HT_OK || err == HT_EINPUT);
    must(err == HT_OK || strcmp(why.code, "precompile_input") == 0);
    return err;
}

static void check_length(unsigned number, size_t input_n, size_t n) {
    switch (number) {
    case 0x01:
    case 0x100: must(n == 0 || n == 32); break;
    case 0x02:
    case 0x03:
    case 0x08:
    case 0x0f: must(n == 32); break;
    case 0x04: must(n == input_n); break;
    case 0x05: break;
    case 0x06:
    case 0x07:
    case 0x09:
    case 0x0a: must(n == 64); break;
    case 0x0b:
    case 0x0c:
    case 0x10: must(n == 128); break;
    default: must(n == 256); break;
    }
}

/* The size of a term when the precompile adds two of them. */
static size_t addend_of(unsigned number, size_t n) {
    if (number == 0x06 && n == 128) return 64;
    if (number == 0x0b && n == 256) return 128;
    return number == 0x0d && n == 512 ? 256 : 0;
}

static void run_turned(const struct ht_evm_rules *rules, unsigned number, ht_bytes input,
                       ht_bytes want) {
    uint8_t turned[512];
    struct ht_buf output;
    size_t half = addend_of(number, input.n);
    if (half == 0) return;
    memcpy(turned, input.p + half, half);
    memcpy(turned + half, input.p, half);
    must(run(&output, rules, number, ht_bytes_of(turned, 2 * half)) == HT_OK);
    must(ht_bytes_equal(ht_buf_view(&output), want));
    ht_buf_fini(&output);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n < 2) return 0;
    const struct ht_evm_rules *rules =
        ht_evm_rules_of((enum ht_evm_fork)(data[1] % HT_EVM_FORK_COUNT));
    unsigned number = data[0] % 19U;
    if (number == 18) number = 0x100;
    ht_addr20 address = {{[18] = (uint8_t)(number >> 8), [19] = (uint8_t)number}};
    if (number == 0 || ht_precompile_at(rules, &address) != number) return 0;
    ht_bytes input = ht_bytes_of(data + 2, n - 2);
    uint64_t gas = ht_precompile_gas(rules, number, input);
    if (gas > GAS_MAX) return 0;
    struct ht_buf first;
    struct ht_buf second;
    enum ht_err err = run(&first, rules, number, input);
    must(run(&second, rules, number, input) == err);
    if (err == HT_OK) {
        check_length(number, input.n, first.n);
        must(ht_bytes_equal(ht_buf_view(&first), ht_buf_view(&second)));
        run_turned(rules, number, input, ht_buf_view(&first));
    }
    ht_buf_fini(&first);
    ht_buf_fini(&second);
    return 0;
}
