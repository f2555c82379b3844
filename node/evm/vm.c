/* The machine from outside: making it, setting it up, running a message, addresses of contracts. */
#include "node/evm/vm.h"

#include <stdlib.h>

#include "node/crypto/keccak.h"
#include "node/evm/vm_call.h"
#include "node/evm/vm_enter.h"
#include "node/evm/vm_loop.h"

#define MEMORY_MAX_DEFAULT ((size_t)64 << 20)
/* Frames of every depth, and the word below the first that an empty stack points to. */
#define STACK_WORDS ((HT_EVM_DEPTH_MAX + 1) * (size_t)HT_EVM_STACK_MAX + 1)
/* One more, in which a message that is too deep is refused. */
#define FRAME_COUNT (HT_EVM_DEPTH_MAX + 2)

const char *ht_evm_status_text(enum ht_evm_status status) {
    switch (status) {
    case HT_EVM_SUCCESS: return "success";
    case HT_EVM_REVERT: return "execution reverted";
    case HT_EVM_OUT_OF_GAS: return "out of gas";
    case HT_EVM_BAD_INSTRUCTION: return "invalid opcode";
    case HT_EVM_STACK_UNDERFLOW: return "stack underflow";
    case HT_EVM_STACK_OVERFLOW: return "stack limit reached";
    case HT_EVM_BAD_JUMP: return "invalid jump destination";
    case HT_EVM_STATIC_WRITE: return "write protection";
    case HT_EVM_RETURN_DATA_BOUNDS: return "return data out of bounds";
    case HT_EVM_PRECOMPILE_FAILED: return "precompile failed";
    case HT_EVM_CODE_REFUSED: return "invalid code";
    case HT_EVM_COLLISION: return "contract address collision";
    case HT_EVM_TOO_DEEP: return "max call depth exceeded";
    case HT_EVM_BALANCE_TOO_LOW: return "insufficient balance for transfer";
    case HT_EVM_NONCE_OVERFLOW: return "nonce overflow";
    }
    return "unknown";
}

/* Nothing is touched before it is used: the memory for the deepest run costs only its addresses. */
enum ht_err ht_evm_new(struct ht_evm **out) {
    struct ht_evm *evm = calloc(1, sizeof *evm);
    if (evm == NULL) return HT_ENOMEM;
    evm->stack = malloc(STACK_WORDS * sizeof *evm->stack);
    evm->frames = calloc(FRAME_COUNT, sizeof *evm->frames);
    if (evm->stack == NULL || evm->frames == NULL) {
        ht_evm_free(evm);
        return HT_ENOMEM;
    }
    ht_buf_init(&evm->precompile_output, MEMORY_MAX_DEFAULT);
    *out = evm;
    return HT_OK;
}

void ht_evm_free(struct ht_evm *evm) {
    if (evm == NULL) return;
    for (size_t i = 0; evm->frames != NULL && i < FRAME_COUNT; i++) free(evm->frames[i].memory);
    ht_buf_fini(&evm->precompile_output);
    free(evm->frames);
    free(evm->stack);
    free(evm);
}

static void set_costs(struct ht_evm *evm, const struct ht_evm_rules *rules) {
    if (evm->rules == rules) return;
    evm->rules = rules;
    for (size_t i = 0; i < 256; i++) {
        const struct ht_evm_op *op = &rules->ops[i];
        evm->costs[i] = op->name != NULL ? op->gas : HT_EVM_NO_OP;
    }
}

static void set_limits(struct ht_evm *evm, const struct ht_evm_limits *limits) {
    evm->limits = limits != NULL ? *limits : (struct ht_evm_limits){0};
    if (evm->limits.memory_max == 0) evm->limits.memory_max = MEMORY_MAX_DEFAULT;
    bool asks = evm->limits.is_over != NULL && evm->limits.gas_step > 0;
    uint64_t slice = asks ? evm->limits.gas_step : HT_EVM_SLICE_MAX;
    if (slice < HT_EVM_SLICE_MIN) slice = HT_EVM_SLICE_MIN;
    evm->slice = slice < HT_EVM_SLICE_MAX ? slice : HT_EVM_SLICE_MAX;
    evm->slice_left = evm->slice;
    evm->precompile_output.max = evm->limits.memory_max;
}

void ht_evm_set(struct ht_evm *evm, const struct ht_evm_rules *rules, struct ht_evm_world *world,
                const struct ht_evm_block *block, const struct ht_evm_origin *origin,
                const struct ht_evm_observer *observer, const struct ht_evm_limits *limits) {
    set_costs(evm, rules);
    set_limits(evm, limits);
    evm->world = world;
    evm->block = *block;
    evm->origin = *origin;
    evm->observer = observer != NULL ? *observer : (struct ht_evm_observer){0};
    ht_evm_set_precompiles(evm, NULL, 0);
}

void ht_evm_set_precompiles(struct ht_evm *evm, const struct ht_evm_precompile_place *places,
                            size_t count) {
    evm->places = places;
    evm->place_count = count;
}

/* --- running ----------------------------------------------------------------------------------*/

static enum ht_vm_step start_call(struct ht_evm *evm, struct ht_evm_result *now,
                                  struct ht_evm_object *sender) {
    struct ht_vm_frame *f = evm->frames;
    bool has_followed = memcmp(&f->message.code, &f->message.to, sizeof f->message.to) != 0;
    uint64_t gas = 0;
    struct ht_evm_object *object = NULL;
    enum ht_vm_step step = HT_VM_NEXT;
    enum ht_err err = HT_OK;
    f->precompile = 0;
    if (!has_followed) step = ht_vm_find_code(evm, f, &object, &gas);
    if (step != HT_VM_NEXT) return step;
    if (has_followed) err = ht_evm_world_find(&object, evm->world, &f->message.code, evm->why);
    if (has_followed && err == HT_OK)
        err = ht_evm_world_code(&f->code, evm->world, object, evm->why);
    if (err == HT_OK) err = ht_evm_world_find(&f->self, evm->world, &f->message.to, evm->why);
    return err == HT_OK ? ht_vm_begin_call(evm, now, f, sender) : ht_vm_error(evm, err);
}

/* What frames hold when a run ended in an error. */
static void let_go(struct ht_evm *evm) {
    for (struct ht_vm_frame *f = evm->frames; f <= evm->frame; f++) {
        ht_evm_code_release(f->own_code);
        f->own_code = NULL;
    }
}

static enum ht_err run(struct ht_evm *evm, struct ht_evm_result *now,
                       const struct ht_evm_message *message) {
    struct ht_evm_object *sender = NULL;
    enum ht_err err = ht_evm_world_find(&sender, evm->world, &message->sender, evm->why);
    if (err != HT_OK) return err;
    bool is_creation = message->kind == HT_EVM_CREATE || message->kind == HT_EVM_CREATE2;
    enum ht_vm_step step = is_creation ? ht_vm_begin_creation(evm, now, evm->frames, sender, false)
                                       : start_call(evm, now, sender);
    if (step == HT_VM_ERROR) return evm->err;
    if (step == HT_VM_NEXT) return HT_OK;
    err = ht_vm_loop(evm);
    if (err == HT_OK) *now = evm->result;
    return err;
}

enum ht_err ht_evm_run(struct ht_evm *evm, struct ht_evm_result *out,
                       const struct ht_evm_message *message, struct ht_why *why) {
    struct ht_evm_result result;
    struct ht_why none = {0};
    size_t mark = ht_evm_world_mark(evm->world);
    ht_vm_trim(evm);
    evm->why = why != NULL ? why : &none;
    evm->memory_used = 0;
    evm->slice_left = evm->slice;
    evm->frame = evm->frames;
    evm->frame->own_code = NULL;
    evm->frame->message = *message;
    enum ht_err err = run(evm, &result, message);
    evm->why = NULL;
    if (err != HT_OK) {
        let_go(evm);
        ht_evm_world_revert(evm->world, mark);
        return err;
    }
    *out = result;
    return HT_OK;
}

/* --- addresses --------------------------------------------------------------------------------*/

void ht_evm_create_address(ht_addr20 *out, const ht_addr20 *sender, uint64_t nonce) {
    uint8_t list[32] = {0, 0x80 + sizeof sender->b};
    size_t n = 1 + 1 + sizeof sender->b;
    memcpy(list + 2, sender->b, sizeof sender->b);
    unsigned bytes = 0;
    while (bytes < 8 && nonce >> (8 * bytes) != 0) bytes++;
    if (nonce == 0 || nonce > 0x7f) list[n++] = (uint8_t)(0x80 + bytes);
    for (unsigned i = bytes; i-- > 0;) list[n++] = (uint8_t)(nonce >> (8 * i));
    list[0] = (uint8_t)(0xc0 + n - 1);
    ht_hash32 hash;
    ht_keccak256(&hash, ht_bytes_of(list, n));
    memcpy(out->b, hash.b + 12, sizeof out->b);
}

void ht_evm_create2_address(ht_addr20 *out, const ht_addr20 *sender, const ht_hash32 *salt,
                            const ht_hash32 *init_code_hash) {
    uint8_t text[85] = {0xff};
    memcpy(text + 1, sender->b, sizeof sender->b);
    memcpy(text + 21, salt->b, sizeof salt->b);
    memcpy(text + 53, init_code_hash->b, sizeof init_code_hash->b);
    ht_hash32 hash;
    ht_keccak256(&hash, HT_BYTES(text));
    memcpy(out->b, hash.b + 12, sizeof out->b);
}
