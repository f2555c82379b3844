/* Group `relay`: the relay of the running node with 100,000 events, as its clients see it. The load
 * is made by bench_relay.mjs; here, what verifying a signature costs, which no relay can do
 * without, is measured as the floor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "node/crypto/secp256k1.h"
#include "tests/bench/bench_process.h"

#define SIGNATURES 64U
#define ROUNDS 40U
#define LINE_MAX_LEN 4096

static const uint8_t secret[32] = {[31] = 7};

/* Microseconds of CPU to verify one signature of a key that was read before; 0 on failure. */
static double verify_us(void) {
    static uint8_t signatures[SIGNATURES][HT_SCHNORR_SIZE];
    static ht_hash32 digests[SIGNATURES];
    struct ht_bench_pair pair = {.count = 0};
    struct ht_schnorr_key key;
    uint8_t x[32];
    bool is_good = ht_secp256k1_public_key_x(x, secret, NULL) == HT_OK &&
                   ht_schnorr_key_read(&key, x, NULL) == HT_OK;
    for (size_t i = 0; i < SIGNATURES && is_good; i++) {
        memset(digests[i].b, (int)i, sizeof digests[i].b);
        is_good = ht_schnorr_sign(signatures[i], &digests[i], secret, NULL, NULL) == HT_OK;
    }
    for (size_t round = 0; round < ROUNDS && is_good; round++) {
        double begun = ht_bench_now_ms();
        for (size_t i = 0; i < SIGNATURES && is_good; i++) {
            ht_bytes message = ht_bytes_of(digests[i].b, sizeof digests[i].b);
            is_good = ht_schnorr_verify_key(signatures[i], message, &key, NULL) == HT_OK;
        }
        ht_bench_add(&pair, ht_bench_now_ms() - begun, 0);
    }
    return is_good ? ht_bench_median_ours(&pair) * 1e3 / SIGNATURES : 0;
}

/* Passes on what the script prints, line by line, as it comes. */
static bool run_script(const char *hearth, double floor_us) {
    char floor_text[32];
    char *line = malloc(LINE_MAX_LEN);
    int status = 0;
    FILE *out = NULL;
    (void)snprintf(floor_text, sizeof floor_text, "%.2f", floor_us);
    char *const argv[] = {"node",        "tests/bench/bench_relay.mjs",
                          "--hearth",    (char *)hearth,
                          "--verify-us", floor_text,
                          NULL};
    pid_t pid = line != NULL ? ht_bench_start(&out, argv) : -1;
    while (pid > 0 && fgets(line, LINE_MAX_LEN, out) != NULL) {
        fputs(line, stdout);
        (void)fflush(stdout);
    }
    bool is_good = pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
    if (out != NULL) (void)fclose(out);
    free(line);
    return is_good;
}

static bool run(const char *fixtures_dir) {
    (void)fixtures_dir;
    const char *hearth = getenv("HEARTH");
    double floor_us = verify_us();
    if (hearth != NULL && floor_us > 0 && run_script(hearth, floor_us)) return true;
    fputs("relay: node's script failed; run tests/bench/bench_relay.mjs to see why\n", stderr);
    return false;
}

const struct ht_bench_group ht_bench_relay = {.name = "relay", .run = run};
