/* Default servers by network, as public lists of the ecosystem name them. */
#include "node/app/endpoints.h"

#include <stddef.h>
#include <string.h>

static const struct ht_endpoints tables[] = {
    {
        .network = "mainnet",
        .beacon =
            (const char *const[]){
                "https://www.lightclientdata.org",
                "https://lodestar-mainnet.chainsafe.io",
                "https://ethereum.operationsolarstorm.org",
                NULL,
            },
        .checkpoint =
            (const char *const[]){
                "https://sync-mainnet.beaconcha.in",
                "https://beaconstate.info",
                "https://beaconstate.ethstaker.cc",
                "https://mainnet.checkpoint.sigp.io",
                "https://mainnet-checkpoint-sync.attestant.io",
                "https://mainnet-checkpoint-sync.stakely.io",
                "https://beaconstate-mainnet.chainsafe.io",
                NULL,
            },
        .execution =
            (const char *const[]){
                "https://ethereum-rpc.publicnode.com",
                "https://eth.llamarpc.com",
                "https://rpc.payload.de",
                NULL,
            },
    },
    {
        .network = "sepolia",
        .beacon =
            (const char *const[]){
                "http://unstable.sepolia.beacon-api.nimbus.team",
                "https://lodestar-sepolia.chainsafe.io",
                NULL,
            },
        .checkpoint =
            (const char *const[]){
                "https://sepolia.beaconstate.info",
                "https://checkpoint-sync.sepolia.ethpandaops.io",
                "https://beaconstate-sepolia.chainsafe.io",
                NULL,
            },
        .execution =
            (const char *const[]){
                "https://ethereum-sepolia-rpc.publicnode.com",
                NULL,
            },
    },
    {
        .network = "hoodi",
        .beacon =
            (const char *const[]){
                "https://lodestar-hoodi.chainsafe.io",
                NULL,
            },
        .checkpoint =
            (const char *const[]){
                "https://hoodi.beaconstate.info",
                "https://hoodi.beaconstate.ethstaker.cc",
                "https://checkpoint-sync.hoodi.ethpandaops.io",
                "https://hoodi.checkpoint.sigp.io",
                "https://hoodi-checkpoint-sync.attestant.io",
                "https://beaconstate-hoodi.chainsafe.io",
                NULL,
            },
        .execution =
            (const char *const[]){
                "https://ethereum-hoodi-rpc.publicnode.com",
                NULL,
            },
    },
};

const struct ht_endpoints *ht_endpoints_find(const char *network) {
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (strcmp(tables[i].network, network) == 0) return &tables[i];
    }
    return NULL;
}
