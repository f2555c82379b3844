/* What a router says: NAT-PMP, the answer to a search, a description, an answer to a call. */
#include <stdlib.h>

#include "node/p2p/port_map_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const char base[] = "http://192.168.1.1";
    const ht_bytes bytes = ht_bytes_of(data, n);
    struct ht_pmp_reply reply;
    struct ht_upnp_device device = {.url = "http://192.168.1.1:80/d", .host = "192.168.1.1"};
    struct ht_upnp_service service;
    char address[HT_UPNP_ADDRESS_SIZE];
    unsigned code;
    (void)!ht_pmp_read(&reply, bytes, NULL);
    /* Wherever it leads, it is the device's own address. */
    if (ht_upnp_read_description(&service, bytes, &device, NULL) == HT_OK) {
        must(strncmp(service.control, base, sizeof base - 1) == 0);
        must(strpbrk(service.type, "\r\n\"<>&") == NULL);
    }
    if (ht_upnp_read_found(&device, bytes, "192.168.1.1", NULL) == HT_OK) {
        must(strncmp(device.url, base, sizeof base - 1) == 0);
        must(strpbrk(device.url, "\r\n\" ") == NULL);
    }
    for (int action = HT_UPNP_ADDRESS; action <= HT_UPNP_DELETE; action++) {
        enum ht_err err = ht_upnp_read(address, &code, bytes, (enum ht_upnp_action)action, NULL);
        if (err == HT_OK && action == HT_UPNP_ADDRESS) must(strlen(address) >= 7);
    }
    return 0;
}
