/* What is said to routers to have a port opened: NAT-PMP (RFC 6886) in bytes, UPnP (the services
 * WANIPConnection and WANPPPConnection of an Internet Gateway Device) in text. Pure.
 *
 * A device's description is not parsed as XML but searched for what is needed, within its bounds:
 * elements by name, first service that maps ports, its own control URL. Where it leads must be the
 * address that the description came from, so that a device can send us nowhere else. */
#ifndef HT_P2P_PORT_MAP_TEXT_H
#define HT_P2P_PORT_MAP_TEXT_H

#include "node/base/bytes.h"

#define HT_PMP_PORT 5351
#define HT_PMP_REQUEST_SIZE 12U
#define HT_PMP_REPLY_SIZE 16U
#define HT_UPNP_URL_SIZE 256U
#define HT_UPNP_ADDRESS_SIZE 46U
#define HT_UPNP_TEXT_MAX ((size_t)64 << 10) /* of a description or an answer */

/* Both return the length. Which address has the router outside? */
size_t ht_pmp_ask_address(uint8_t out[static HT_PMP_REQUEST_SIZE]);
/* Maps a TCP port; lease_s 0 removes the mapping. */
size_t ht_pmp_ask_port(uint8_t out[static HT_PMP_REQUEST_SIZE], uint16_t internal,
                       uint16_t external, uint32_t lease_s);
struct ht_pmp_reply {
    bool is_port; /* else of the address */
    uint8_t address[4];
    uint16_t internal, external;
    uint32_t lease_s;
};
/* HT_EINPUT "bad_pmp"; HT_EDENIED "router_refused" and what the router's code means. */
enum ht_err ht_pmp_read(struct ht_pmp_reply *out, ht_bytes reply, struct ht_why *why) HT_MUST_USE;

/* The question to all devices: who is a gateway? In ASCII. */
extern const char ht_upnp_search[];
struct ht_upnp_device {
    char url[HT_UPNP_URL_SIZE]; /* http, of its description */
    char host[HT_UPNP_ADDRESS_SIZE];
};
/* An answer to it, that came from `from` (IPv4 in text). HT_EINPUT "bad_upnp": no answer of a
 * gateway; HT_EDENIED "upnp_elsewhere": its description lies at another address. */
enum ht_err ht_upnp_read_found(struct ht_upnp_device *out, ht_bytes packet, const char *from,
                               struct ht_why *why) HT_MUST_USE;

struct ht_upnp_service {
    char control[HT_UPNP_URL_SIZE]; /* URL at the device's own address */
    char type[96];                  /* "urn:schemas-upnp-org:service:WANIPConnection:1" */
};
/* HT_ENOTFOUND "upnp_no_service": the device maps no ports; HT_EDENIED "upnp_elsewhere"; HT_EINPUT
 * "bad_upnp". */
enum ht_err ht_upnp_read_description(struct ht_upnp_service *out, ht_bytes xml,
                                     const struct ht_upnp_device *device,
                                     struct ht_why *why) HT_MUST_USE;

struct ht_upnp_mapping {
    uint16_t external, internal;
    const char *client; /* our own address there */
    uint32_t lease_s;   /* 0: until it is removed */
};
enum ht_upnp_action { HT_UPNP_ADDRESS, HT_UPNP_ADD, HT_UPNP_DELETE };
/* Appends the body of a call, and writes the header SOAPAction, in quotes. */
enum ht_err ht_upnp_write(struct ht_buf *out, char action_header[static 160],
                          enum ht_upnp_action action, const struct ht_upnp_service *service,
                          const struct ht_upnp_mapping *mapping) HT_MUST_USE;
/* An answer: HT_OK, the address outside of HT_UPNP_ADDRESS; or HT_EDENIED "router_refused" with
 * *code as UPnP has it (718: the port is another's, 725: only without an end), HT_EINPUT
 * "bad_upnp". */
enum ht_err ht_upnp_read(char address[static HT_UPNP_ADDRESS_SIZE], unsigned *code, ht_bytes xml,
                         enum ht_upnp_action action, struct ht_why *why) HT_MUST_USE;

#endif
