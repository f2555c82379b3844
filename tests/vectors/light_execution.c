/* Recorded answers of execution nodes, by their form:
 *   a proof   JSON with "accountProof" and "address", alone or as "result"; proven under the state
 *             root of a recorded block, which is found by the hash of the proof's first node
 *   a block   JSON with "stateRoot" and "hash", alone or as "result"; or an SSZ SignedBeaconBlock
 *             from Bellatrix to Fulu, for the state root of its execution payload
 *   code      JSON text of bytes, alone or as "result", beside a proof: its hash is proven there
 * Where a recorded JSON block and a beacon block have the same hash, their state roots must agree.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "node/crypto/keccak.h"
#include "tests/vectors/light_kinds.h"
#include "tests/vectors/proof_attacks.h"

#define BLOCKS_MAX 4096U
#define PROOFS_MAX 4096U
#define ARENA_MAX ((size_t)64 << 20)
/* Shorter text is an answer of another kind: a number, a hash, a word. */
#define CODE_MIN 33U
#define CODE_MAX ((size_t)1 << 20)

struct block {
    ht_hash32 hash, state_root;
};

/* A code hash that was proven for some account. */
struct proven {
    const struct ht_lv_file *file;
    ht_hash32 code_hash;
};

struct run {
    struct ht_lv_tree *tree;
    struct ht_vec_report *report;
    struct block *blocks;
    size_t block_count;
    struct proven *proven;
    size_t proven_count;
    size_t proofs, slots, codes;
};

/* --- blocks ----------------------------------------------------------------------------------- */

static void keep_block(struct run *run, const struct ht_lv_file *file, const struct block *block) {
    for (size_t i = 0; i < run->block_count; i++) {
        const struct block *known = &run->blocks[i];
        if (!ht_hash32_equal(&known->hash, &block->hash)) continue;
        if (!ht_hash32_equal(&known->state_root, &block->state_root)) {
            ht_vec_fail(run->report, ht_lv_name(run->tree, file),
                        "the block is recorded elsewhere with another state root");
        }
        return;
    }
    if (run->block_count < BLOCKS_MAX) run->blocks[run->block_count++] = *block;
}

/* Offsets in a SignedBeaconBlock; the container's own offsets say whether it is one. */
static bool read_beacon_block(struct block *out, ht_bytes ssz) {
    enum { MESSAGE = 100, BODY = MESSAGE + 84, FIELDS = 200, PAYLOAD_OFFSET = FIELDS + 20 + 160 };
    enum { STATE_ROOT = 52, HASH = 472, PAYLOAD_MIN = HASH + 32 };
    if (ssz.n < BODY + PAYLOAD_OFFSET + 4) return false;
    const uint8_t *body = ssz.p + BODY;
    const size_t body_n = ssz.n - BODY;
    if (ht_read_u32_le(ssz.p) != MESSAGE || ht_read_u32_le(ssz.p + BODY - 4) != 84) return false;
    const uint32_t fixed_n = ht_read_u32_le(body + FIELDS);
    const uint32_t payload = ht_read_u32_le(body + PAYLOAD_OFFSET);
    /* Bellatrix to Electra: the payload's offset and up to three more. */
    const bool is_known = fixed_n >= PAYLOAD_OFFSET + 4 && fixed_n <= PAYLOAD_OFFSET + 16;
    if (!is_known || payload < fixed_n || payload > body_n || body_n - payload < PAYLOAD_MIN) {
        return false;
    }
    memcpy(out->state_root.b, body + payload + STATE_ROOT, 32);
    memcpy(out->hash.b, body + payload + HASH, 32);
    return true;
}

/* The value itself, or what a JSON-RPC answer carries. */
static const json_t *result_of(const json_t *json) {
    const json_t *result = ht_json_member(json, "result");
    return result != NULL ? result : json;
}

static void read_block(struct run *run, const struct ht_lv_file *file, ht_bytes bytes,
                       const json_t *json) {
    struct block block;
    const json_t *result = result_of(json);
    const bool is_block =
        json == NULL ? read_beacon_block(&block, bytes)
                     : ht_json_hex(block.state_root.b, 32, result, "stateRoot", NULL) == HT_OK &&
                           ht_json_hex(block.hash.b, 32, result, "hash", NULL) == HT_OK;
    if (is_block) keep_block(run, file, &block);
}

/* --- proofs ----------------------------------------------------------------------------------- */

static const struct block *find_block(const struct run *run, const struct ht_proof_nodes *proof) {
    ht_hash32 hash;
    if (proof->count == 0) return NULL;
    ht_keccak256(&hash, proof->nodes[0]);
    for (size_t i = 0; i < run->block_count; i++) {
        if (ht_hash32_equal(&run->blocks[i].state_root, &hash)) return &run->blocks[i];
    }
    return NULL;
}

static enum ht_err prove(struct run *run, const struct ht_lv_file *file,
                         const struct ht_get_proof *answer, const struct block *block,
                         struct ht_why *why) {
    struct ht_account account;
    bool exists = false;
    ht_hash32 *slots = calloc(answer->slot_count + 1, sizeof *slots);
    ht_assert(slots != NULL);
    for (size_t i = 0; i < answer->slot_count; i++) slots[i] = answer->slots[i].slot;
    enum ht_err err = ht_get_proof_check(&account, &exists, answer, &block->state_root,
                                         &answer->address, slots, answer->slot_count, why);
    free(slots);
    if (err == HT_OK) err = ht_vec_attack_answer(&block->state_root, answer, why);
    if (err == HT_OK && run->proven_count < PROOFS_MAX) {
        run->proven[run->proven_count++] = (struct proven){file, account.code_hash};
    }
    return err;
}

static void run_proof(struct run *run, struct ht_lv_file *file, const json_t *result) {
    const char *name = ht_lv_name(run->tree, file);
    struct ht_why why = {.code = "", .text = ""};
    struct ht_arena arena;
    struct ht_get_proof answer;
    ht_arena_init(&arena, ARENA_MAX);
    file->is_used = true;
    enum ht_err err = ht_get_proof_read(&answer, &arena, result, &why);
    const struct block *block = err == HT_OK ? find_block(run, &answer.proof) : NULL;
    if (err == HT_OK && block == NULL) {
        ht_vec_skip(run->report, name, "no recorded block has the state root of its first node");
    } else {
        if (err == HT_OK) err = prove(run, file, &answer, block, &why);
        run->proofs++;
        run->slots += err == HT_OK ? answer.slot_count : 0;
        if (err == HT_OK)
            ht_vec_pass(run->report, name);
        else
            ht_vec_fail(run->report, name, "%s", why.text);
    }
    ht_arena_fini(&arena);
}

/* --- code ------------------------------------------------------------------------------------- */

/* Whether an account of the folder has that code; *has_any when it has accounts with code at all.
 */
static bool is_proven_code(const struct run *run, const struct ht_lv_file *file, ht_bytes code,
                           bool *has_any) {
    for (size_t i = 0; i < run->proven_count; i++) {
        const struct proven *proven = &run->proven[i];
        const bool is_beside = proven->file->folder_len == file->folder_len &&
                               memcmp(proven->file->path, file->path, file->folder_len) == 0;
        if (!is_beside || ht_code_check(&proven->code_hash, (ht_bytes){0}, NULL) == HT_OK) continue;
        *has_any = true;
        if (ht_code_check(&proven->code_hash, code, NULL) == HT_OK) return true;
    }
    return false;
}

static void run_code(struct run *run, struct ht_lv_file *file, const json_t *result) {
    struct ht_buf code;
    bool has_any = false;
    ht_buf_init(&code, CODE_MAX);
    if (ht_json_hex_buf(&code, result, "", NULL) == HT_OK && code.n >= CODE_MIN) {
        const char *name = ht_lv_name(run->tree, file);
        if (is_proven_code(run, file, ht_buf_view(&code), &has_any)) {
            file->is_used = true;
            run->codes++;
            ht_vec_pass(run->report, name);
        } else if (has_any && strcasestr(file->name, "code") != NULL) {
            ht_vec_fail(run->report, name, "is the code of no account proven in its folder");
        }
    }
    ht_buf_fini(&code);
}

/* --- files ------------------------------------------------------------------------------------ */

enum pass { BLOCKS, PROOFS, CODES };

static void look_at(struct run *run, struct ht_lv_file *file, enum pass pass) {
    struct ht_buf bytes;
    json_t *json = NULL;
    const bool is_text = ht_lv_has_suffix(file->name, ".json");
    if (file->is_used || (pass != BLOCKS && !is_text)) return;
    if (ht_lv_read(&bytes, file, NULL) == HT_OK &&
        (!is_text || ht_json_parse(&json, ht_buf_view(&bytes), HT_LV_FILE_MAX, NULL) == HT_OK)) {
        const json_t *result = result_of(json);
        switch (pass) {
        case BLOCKS: read_block(run, file, ht_buf_view(&bytes), json); break;
        case PROOFS:
            if (ht_json_member(result, "accountProof") == NULL) break;
            if (ht_json_member(result, "address") != NULL)
                run_proof(run, file, result);
            else
                ht_vec_note("%s: a proof, but no answer to eth_getProof", file->name);
            break;
        case CODES:
            if (json_is_string(result)) run_code(run, file, result);
            break;
        }
    }
    json_decref(json);
    ht_buf_fini(&bytes);
}

void ht_lv_run_execution(struct ht_lv_tree *tree, struct ht_vec_report *report) {
    struct run run = {.tree = tree,
                      .report = report,
                      .blocks = calloc(BLOCKS_MAX, sizeof *run.blocks),
                      .proven = calloc(PROOFS_MAX, sizeof *run.proven)};
    ht_assert(run.blocks != NULL && run.proven != NULL);
    for (enum pass pass = BLOCKS; pass <= CODES; pass++) {
        for (size_t i = 0; i < tree->count; i++) look_at(&run, &tree->files[i], pass);
    }
    if (run.proofs + run.codes > 0) {
        ht_vec_note("execution: %zu accounts with %zu slots and %zu codes under the state roots of "
                    "%zu recorded blocks",
                    run.proofs, run.slots, run.codes, run.block_count);
    }
    free(run.blocks);
    free(run.proven);
}
