/* One execution, and its output. */
#include "node/api/eth_call.h"

#include "node/api/eth_run.h"
#include "node/l1/execution/rpc_json.h"

static enum ht_err work(struct ht_run *run, const struct ht_run_place *place, struct ht_why *why) {
    struct ht_eth_running *running = (struct ht_eth_running *)run;
    struct ht_eth_execution execution = {.world = place->world, .tx = running->asked.tx};
    execution.tx.gas_limit = ht_eth_run_gas(running);
    return ht_eth_run_execute(running, place, &execution, why);
}

static json_t *make(struct ht_eth_running *running) {
    return ht_rpc_data(ht_buf_view(&running->output));
}

void ht_eth_call(void *self, struct ht_rpc_call *call, const json_t *params) {
    ht_eth_run_start(self, call, params, HT_ETH_RUN_OUTPUT, work, make);
}
