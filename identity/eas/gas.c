/* Gas of EAS, from what it stores: a slot that was empty is by far the most of it. */
#include "identity/eas/gas.h"

#include "node/codec/transaction_rules.h"

#define BASE_GAS 90000U     /* the transaction, the schema, a delegate's nonce and signature */
#define SLOT_GAS 22500U     /* written for the first time, with its hash */
#define EACH_GAS 13000U     /* checks, the uid, the event */
#define REVOKED_GAS 45000U  /* a time, checks, the event */
#define CALLDATA_GAS 40U    /* of a byte: EIP-7623's floor */
#define FOREIGN_GAS 500000U /* a resolver, or a contract that says whether it signed */
#define SLOTS_ALWAYS 5U     /* uid, schema, times, who attested, the data's length */

static uint64_t slots_of(const struct ht_attestation *one) {
    static const ht_hash32 no_uid;
    static const ht_addr20 nobody;
    uint64_t slots = SLOTS_ALWAYS + (one->data.n > 31 ? (one->data.n + 31) / 32 : 0);
    if (!ht_hash32_equal(&one->ref_uid, &no_uid)) slots++;
    if (memcmp(one->recipient.b, nobody.b, sizeof nobody.b) != 0) slots++;
    return slots;
}

enum ht_err ht_eas_gas(uint64_t *out, const struct ht_attestation *list, size_t count,
                       ht_bytes calldata, struct ht_why *why) {
    uint64_t most = ht_tx_rules_all[ht_tx_rules_count - 1].gas_max;
    uint64_t gas = BASE_GAS + CALLDATA_GAS * (uint64_t)calldata.n;
    for (size_t i = 0; i < count; i++)
        gas += list == NULL ? REVOKED_GAS : EACH_GAS + SLOT_GAS * slots_of(&list[i]);
    if (most != 0 && gas > most)
        return ht_fail(why, HT_ELIMIT, "eas_too_large",
                       "it may take %llu gas, and a transaction at most %llu: less at once",
                       (unsigned long long)gas, (unsigned long long)most);
    gas += FOREIGN_GAS;
    *out = most != 0 && gas > most ? most : gas;
    return HT_OK;
}
