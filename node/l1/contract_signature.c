/* Whether a signature is an account's, as the contract that the account is says itself (ERC-1271),
 * as the contract says that would be deployed first (ERC-6492), or by its key. The order is that of
 * ERC-6492's reference: the wrapper first, then code, then ecrecover. */
#include "node/l1/contract_signature.h"

#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/codec/json.h"
#include "node/crypto/secp256k1.h"

#define ARENA_MAX ((size_t)1 << 20)
#define P256VERIFY_NUMBER 0x100U

static const uint8_t VALID[4] = {0x16, 0x26, 0xba, 0x7e}; /* isValidSignature(bytes32,bytes) */

/* ERC-6492: what such a signature ends in. */
static const uint8_t MAGIC[32] = {
    0x64, 0x92, 0x64, 0x92, 0x64, 0x92, 0x64, 0x92, 0x64, 0x92, 0x64, 0x92, 0x64, 0x92, 0x64, 0x92,
    0x64, 0x92, 0x64, 0x92, 0x64, 0x92, 0x64, 0x92, 0x64, 0x92, 0x64, 0x92, 0x64, 0x92, 0x64, 0x92,
};

static struct ht_signature_check *check_of(struct ht_run *run) {
    return (struct ht_signature_check *)((char *)run - offsetof(struct ht_signature_check, run));
}

void ht_signature_check_fini(struct ht_signature_check *check) {
    ht_run_fini(&check->run);
}

static enum ht_err bad(struct ht_why *why, const char *text) {
    return ht_fail(why, HT_EUNVERIFIED, "bad_signature", "%s", text);
}

/* --- calls ------------------------------------------------------------------------------------ */

/* Who asks: the address that a contract would have which an eth_call of nobody creates, as the
 * reference has itself called. */
static ht_addr20 asker_address(void) {
    const ht_addr20 nobody = {{0}};
    ht_addr20 asker;
    ht_evm_create_address(&asker, &nobody, 0);
    return asker;
}

static enum ht_err call(struct ht_evm_result *out, const struct ht_run_place *place,
                        enum ht_evm_kind kind, const ht_addr20 *to, ht_bytes input,
                        struct ht_why *why) {
    const struct ht_evm_message message = {.kind = kind,
                                           .sender = asker_address(),
                                           .to = *to,
                                           .code = *to,
                                           .is_static = kind == HT_EVM_STATICCALL,
                                           .gas = HT_RUN_GAS_MAX,
                                           .input = input};
    return ht_evm_run(place->evm, out, &message, why);
}

/* The call of isValidSignature. */
static enum ht_err write_question(struct ht_buf *out, const ht_hash32 *digest, ht_bytes signature) {
    static const uint8_t zeros[32];
    uint8_t word[32] = {[31] = 64};
    ht_u256 length = ht_u256_of(signature.n);
    enum ht_err err = ht_buf_add(out, HT_BYTES(VALID));
    if (err == HT_OK) err = ht_buf_add(out, HT_BYTES(digest->b));
    if (err == HT_OK) err = ht_buf_add(out, HT_BYTES(word));
    ht_u256_to_be(word, &length);
    if (err == HT_OK) err = ht_buf_add(out, HT_BYTES(word));
    if (err == HT_OK) err = ht_buf_add(out, signature);
    if (err == HT_OK) err = ht_buf_add(out, ht_bytes_of(zeros, (32 - signature.n % 32) % 32));
    return err;
}

/* Whether the contract says yes; one without code, one that reverts and one that answers anything
 * but the exact word does not. */
static enum ht_err ask_contract(bool *is_valid, const struct ht_run_place *place,
                                const struct ht_signature_check *check, ht_bytes signature,
                                struct ht_why *why) {
    static const uint8_t yes[32] = {0x16, 0x26, 0xba, 0x7e};
    struct ht_evm_object *signer = NULL;
    struct ht_evm_result result;
    struct ht_buf question;
    *is_valid = false;
    enum ht_err err = ht_evm_world_find(&signer, place->world, &check->signer, why);
    if (err != HT_OK || !ht_evm_object_has_code(signer)) return err;
    ht_buf_init(&question, HT_CONTRACT_SIGNATURE_MAX + 256);
    err = write_question(&question, &check->digest, signature);
    if (err == HT_OK) {
        err = call(&result, place, HT_EVM_STATICCALL, &check->signer, ht_buf_view(&question), why);
    } else {
        (void)ht_fail(why, err, "no_memory", "out of memory");
    }
    ht_buf_fini(&question);
    if (err != HT_OK) return err;
    *is_valid = result.status == HT_EVM_SUCCESS && result.output.n >= sizeof yes &&
                memcmp(result.output.p, yes, sizeof yes) == 0;
    return HT_OK;
}

/* --- the wrapper of ERC-6492 ------------------------------------------------------------------ */

static bool is_wrapped(ht_bytes signature) {
    return signature.n >= sizeof MAGIC &&
           memcmp(signature.p + signature.n - sizeof MAGIC, MAGIC, sizeof MAGIC) == 0;
}

struct wrapped {
    ht_addr20 factory;
    struct ht_buf prepare, signature; /* what the factory is called with; for the contract */
};

static enum ht_err read_wrapped(struct wrapped *out, ht_bytes signature, struct ht_why *why) {
    struct ht_abi_type type;
    struct ht_arena arena;
    json_t *parts = NULL;
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_abi_type_read(&type, &arena, ht_bytes_str("(address,bytes,bytes)"), why);
    if (err == HT_OK) {
        err = ht_abi_decode(&parts, &type, ht_bytes_of(signature.p, signature.n - sizeof MAGIC),
                            HT_ABI_TRAILING_ALLOWED, why);
    }
    ht_arena_fini(&arena);
    if (err == HT_EINPUT || err == HT_ELIMIT) {
        return bad(why, "what is wrapped as ERC-6492 cannot be read");
    }
    if (err == HT_OK) err = ht_json_hex(out->factory.b, 20, parts, "[0]", why);
    if (err == HT_OK) err = ht_json_hex_buf(&out->prepare, parts, "[1]", why);
    if (err == HT_OK) err = ht_json_hex_buf(&out->signature, parts, "[2]", why);
    json_decref(parts);
    return err;
}

static enum ht_err prepare(const struct ht_run_place *place, const struct wrapped *wrapped,
                           struct ht_why *why) {
    struct ht_evm_result result;
    enum ht_err err =
        call(&result, place, HT_EVM_CALL, &wrapped->factory, ht_buf_view(&wrapped->prepare), why);
    if (err != HT_OK || result.status == HT_EVM_SUCCESS) return err;
    return bad(why, "the factory that the signature names fails");
}

/* A contract that is there already is asked as it is; only when it says no, the factory's call may
 * be what it lacks. */
static enum ht_err judge_wrapped(const struct ht_run_place *place,
                                 const struct ht_signature_check *check,
                                 const struct wrapped *wrapped, bool has_code, struct ht_why *why) {
    bool is_valid = false;
    ht_bytes signature = ht_buf_view(&wrapped->signature);
    enum ht_err err = has_code ? HT_OK : prepare(place, wrapped, why);
    if (err == HT_OK) err = ask_contract(&is_valid, place, check, signature, why);
    if (err == HT_OK && !is_valid && has_code) {
        err = prepare(place, wrapped, why);
        if (err == HT_OK) err = ask_contract(&is_valid, place, check, signature, why);
    }
    if (err != HT_OK || is_valid) return err;
    return bad(why, "the contract does not accept the signature");
}

/* --- the judgement ---------------------------------------------------------------------------- */

static enum ht_err judge_key(const struct ht_signature_check *check, struct ht_why *why) {
    struct ht_ecdsa_signature signature;
    ht_addr20 signer;
    ht_bytes bytes = check->signature;
    if (bytes.n != 65) return bad(why, "the account has no code, and this is no key's signature");
    uint8_t v = bytes.p[64];
    memcpy(signature.r, bytes.p, 32);
    memcpy(signature.s, bytes.p + 32, 32);
    signature.y_parity = (uint8_t)(v - 27);
    bool is_one = v == 27 || v == 28;
    if (is_one) {
        is_one = ht_ecdsa_recover_address(&signer, &check->digest, &signature, HT_ECDSA_ANY_S,
                                          NULL) == HT_OK;
    }
    if (!is_one) return bad(why, "it is no signature of any key");
    if (memcmp(signer.b, check->signer.b, sizeof signer.b) == 0) return HT_OK;
    return bad(why, "another key signed");
}

static enum ht_err judge(struct ht_signature_check *check, const struct ht_run_place *place,
                         struct ht_why *why) {
    struct ht_evm_object *signer = NULL;
    bool is_valid = false;
    enum ht_err err = ht_evm_world_find(&signer, place->world, &check->signer, why);
    if (err != HT_OK) return err;
    bool has_code = ht_evm_object_has_code(signer);
    if (is_wrapped(check->signature)) {
        struct wrapped wrapped;
        check->kind = HT_SIGNATURE_ERC6492;
        ht_buf_init(&wrapped.prepare, HT_CONTRACT_SIGNATURE_MAX);
        ht_buf_init(&wrapped.signature, HT_CONTRACT_SIGNATURE_MAX);
        err = read_wrapped(&wrapped, check->signature, why);
        if (err == HT_OK) err = judge_wrapped(place, check, &wrapped, has_code, why);
        ht_buf_fini(&wrapped.prepare);
        ht_buf_fini(&wrapped.signature);
        return err;
    }
    check->kind = has_code ? HT_SIGNATURE_ERC1271 : HT_SIGNATURE_ECDSA;
    if (!has_code) return judge_key(check, why);
    err = ask_contract(&is_valid, place, check, check->signature, why);
    if (err != HT_OK || is_valid) return err;
    return bad(why, "the contract does not accept the signature");
}

/* On a worker. */
static enum ht_err work(struct ht_run *run, const struct ht_run_place *place, struct ht_why *why) {
    const struct ht_evm_rules *rules = place->rules;
    ht_evm_world_begin(place->world);
    ht_evm_world_warm_from_start(place->world, rules->precompile_count,
                                 rules->has_p256verify ? P256VERIFY_NUMBER : 0,
                                 rules->has_warm_coinbase ? &place->block.coinbase : NULL);
    return judge(check_of(run), place, why);
}

static void ran(struct ht_run *run) {
    struct ht_signature_check *check = check_of(run);
    check->err = run->err;
    check->why = run->why;
    check->header = run->header;
    check->is_final = run->is_final;
    check->done(check);
}

void ht_signature_check(struct ht_runner *runner, struct ht_signature_check *check) {
    if (check->signature.n > HT_CONTRACT_SIGNATURE_MAX) {
        check->err = ht_fail(&check->why, HT_ELIMIT, "signature_too_long",
                             "a signature has at most %u bytes here", HT_CONTRACT_SIGNATURE_MAX);
        check->done(check);
        return;
    }
    check->run = (struct ht_run){.block = check->block, .work = work, .done = ran};
    ht_run_start(runner, &check->run);
}
