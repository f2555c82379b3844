/* A port of the router: what is said and read, and a router on loopback that speaks NAT-PMP, UPnP,
 * or nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/p2p/port_map.h"
#include "tests/unit/loopback.h"

#define TYPE "urn:schemas-upnp-org:service:WANIPConnection:1"

static struct ht_why why;

static ht_bytes view(const char *text) {
    return ht_bytes_str(text);
}

/* --- NAT-PMP in bytes ------------------------------------------------------------------------- */

static void pmp_request_is_as_the_rfc_has_it(void **state) {
    (void)state;
    static const uint8_t wanted[] = {0, 2, 0, 0, 0x20, 0xe6, 0x20, 0xe7, 0, 0, 0x0e, 0x10};
    uint8_t out[HT_PMP_REQUEST_SIZE];
    assert_int_equal(ht_pmp_ask_port(out, 8422, 8423, 3600), sizeof wanted);
    assert_memory_equal(out, wanted, sizeof wanted);
    assert_int_equal(ht_pmp_ask_address(out), 2);
}

static void pmp_reads_address_and_port(void **state) {
    (void)state;
    static const uint8_t address[] = {0, 128, 0, 0, 0, 0, 0, 1, 203, 0, 113, 7};
    static const uint8_t port[] = {0, 130, 0, 0, 0, 0, 0, 1, 0x20, 0xe6, 0x9c, 0x40, 0, 0, 2, 1};
    struct ht_pmp_reply reply;
    assert_int_equal(ht_pmp_read(&reply, HT_BYTES(address), NULL), HT_OK);
    assert_false(reply.is_port);
    assert_int_equal(reply.address[3], 7);
    assert_int_equal(ht_pmp_read(&reply, HT_BYTES(port), NULL), HT_OK);
    assert_true(reply.is_port);
    assert_int_equal(reply.internal, 8422);
    assert_int_equal(reply.external, 40000);
    assert_int_equal(reply.lease_s, 513);
}

static void pmp_tells_a_refusal_from_a_malformed_reply(void **state) {
    (void)state;
    static const uint8_t refused[] = {0, 130, 0, 2, 0, 0, 0, 1};
    static const uint8_t question[] = {0, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t cut[] = {0, 130, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0};
    struct ht_pmp_reply reply;
    assert_int_equal(ht_pmp_read(&reply, HT_BYTES(refused), &why), HT_EDENIED);
    assert_string_equal(why.code, "router_refused");
    assert_int_equal(ht_pmp_read(&reply, HT_BYTES(question), &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_pmp");
    assert_int_equal(ht_pmp_read(&reply, HT_BYTES(cut), &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_pmp");
}

/* --- UPnP in text ----------------------------------------------------------------------------- */

#define FOUND(url) "HTTP/1.1 200 OK\r\nST: x\r\nLocation:  " url " \r\nEXT:\r\n\r\n"

static void upnp_takes_a_device_at_its_own_address_only(void **state) {
    (void)state;
    struct ht_upnp_device device;
    const char *from = "192.168.1.1";
    assert_int_equal(
        ht_upnp_read_found(&device, view(FOUND("http://192.168.1.1:5000/d.xml")), from, NULL),
        HT_OK);
    assert_string_equal(device.url, "http://192.168.1.1:5000/d.xml");
    static const char *const elsewhere[] = {
        FOUND("http://192.168.1.10/d.xml"), FOUND("http://192.168.1.1.evil/d.xml"),
        FOUND("https://192.168.1.1/d.xml"), FOUND("file:///etc/passwd")};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(ht_upnp_read_found(&device, view(elsewhere[i]), from, &why), HT_EDENIED);
        assert_string_equal(why.code, "upnp_elsewhere");
    }
    assert_int_equal(
        ht_upnp_read_found(&device, view("HTTP/1.1 404 No\r\nLocation: x\r\n"), from, &why),
        HT_EINPUT);
    assert_string_equal(why.code, "bad_upnp");
    assert_int_equal(ht_upnp_read_found(&device, view(FOUND("http://192.168.1.1/\"a")), from, &why),
                     HT_EINPUT);
    assert_string_equal(why.code, "bad_upnp");
}

#define SERVICE(type, url)                                                         \
    "<service><serviceType>" type "</serviceType><controlURL>" url "</controlURL>" \
    "</service>"

static void upnp_finds_the_service_that_maps_ports(void **state) {
    (void)state;
    const struct ht_upnp_device device = {.url = "http://10.0.0.1:80/d.xml", .host = "10.0.0.1"};
    struct ht_upnp_service service;
    const char *xml = "<?xml version=\"1.0\"?><root>" SERVICE("urn:x:service:Layer3:1", "/l3")
        SERVICE(TYPE, " /ctl/IP ") "</root>";
    assert_int_equal(ht_upnp_read_description(&service, view(xml), &device, NULL), HT_OK);
    assert_string_equal(service.control, "http://10.0.0.1:80/ctl/IP");
    assert_string_equal(service.type, TYPE);
    xml = "<root>" SERVICE("urn:x:service:Layer3:1", "/l3") "</root>";
    assert_int_equal(ht_upnp_read_description(&service, view(xml), &device, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "upnp_no_service");
    xml = SERVICE(TYPE, "http://10.0.0.2/ctl");
    assert_int_equal(ht_upnp_read_description(&service, view(xml), &device, &why), HT_EDENIED);
    assert_string_equal(why.code, "upnp_elsewhere");
}

static void upnp_reads_errors_by_their_code(void **state) {
    (void)state;
    char address[HT_UPNP_ADDRESS_SIZE] = "";
    unsigned code = 0;
    const char *xml = "<s:Fault><detail><m:errorCode>725</m:errorCode></detail></s:Fault>";
    assert_int_equal(ht_upnp_read(address, &code, view(xml), HT_UPNP_ADD, &why), HT_EDENIED);
    assert_string_equal(why.code, "router_refused");
    assert_int_equal(code, 725);
    assert_int_equal(ht_upnp_read(address, &code, view("<html>"), HT_UPNP_ADD, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_upnp");
    xml = "<u:GetExternalIPAddressResponse><NewExternalIPAddress>nowhere</NewExternalIPAddress>";
    assert_int_equal(ht_upnp_read(address, &code, view(xml), HT_UPNP_ADDRESS, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_upnp");
    assert_string_equal(address, "");
}

/* --- a router --------------------------------------------------------------------------------- */

static struct ht_loop *loop;
static struct ht_watches *watches;
static struct ht_http *http;
static struct ht_port_map *map;
static struct ht_watch pmp, ssdp;
static uint16_t pmp_port, ssdp_port;
static struct ht_timer deadline;
static uint8_t outside[4];
static bool speaks_pmp, refuses_pmp, speaks_upnp, has_leases;
static unsigned pmp_mapped, pmp_removed;
static atomic_uint upnp_added, upnp_removed;
static struct ht_peer device;
static enum ht_port_map_state wanted;

static void on_pmp(struct ht_watch *watch) {
    uint8_t in[64], out[16] = {0};
    struct sockaddr_in from = {0};
    socklen_t len = sizeof from;
    ssize_t n;
    while ((n = recvfrom(watch->fd, in, sizeof in, MSG_DONTWAIT, (struct sockaddr *)&from, &len)) >
           0) {
        bool is_port = n == 12;
        size_t size = is_port ? 16 : 12;
        out[1] = is_port ? 130 : 128;
        out[3] = refuses_pmp ? 2 : 0;
        memcpy(out + 8, is_port ? in + 4 : outside, 4);
        if (is_port) memcpy(out + 12, in + 8, 4);
        bool is_removal = is_port && memcmp(in + 8, "\0\0\0\0", 4) == 0;
        pmp_removed += is_removal;
        pmp_mapped += is_port && !is_removal;
        if (is_removal) ht_loop_stop(loop);
        if (speaks_pmp) {
            (void)!sendto(watch->fd, out, size, 0, (const struct sockaddr *)&from, len);
        }
    }
}

static void on_ssdp(struct ht_watch *watch) {
    char in[1024], out[256];
    struct sockaddr_in from = {0};
    socklen_t len = sizeof from;
    ssize_t n;
    while ((n = recvfrom(watch->fd, in, sizeof in, MSG_DONTWAIT, (struct sockaddr *)&from, &len)) >
           0) {
        assert_int_equal(n, strlen(ht_upnp_search));
        int size = snprintf(out, sizeof out, FOUND("http://127.0.0.1:%u/d.xml"), device.port);
        if (!speaks_upnp) continue;
        (void)!sendto(watch->fd, out, (size_t)size, 0, (const struct sockaddr *)&from, len);
    }
}

static void reply(int fd, const char *status, const char *xml) {
    char head[128];
    (void)snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", status,
                   strlen(xml));
    (void)(ht_peer_say(fd, head) && ht_peer_say(fd, xml));
}

static void on_device(struct ht_peer *peer, int fd) {
    const char *request = peer->request;
    char xml[256];
    if (strncmp(request, "GET /d.xml ", 11) == 0) {
        reply(fd, "200 OK", "<root>" SERVICE(TYPE, "/ctl") "</root>");
    } else if (strstr(request, "SOAPAction: \"" TYPE "#GetExternalIPAddress\"") != NULL) {
        (void)snprintf(xml, sizeof xml,
                       "<u:GetExternalIPAddressResponse><NewExternalIPAddress>%u.%u.%u.%u"
                       "</NewExternalIPAddress></u:GetExternalIPAddressResponse>",
                       outside[0], outside[1], outside[2], outside[3]);
        reply(fd, "200 OK", xml);
    } else if (strstr(request, "#AddPortMapping\"") != NULL) {
        bool has_lease = strstr(request, "<NewLeaseDuration>0<") == NULL;
        bool is_ours = strstr(request, "<NewInternalClient>127.0.0.1<") != NULL &&
                       strstr(request, "<NewInternalPort>8422<") != NULL;
        if (has_lease && !has_leases) {
            reply(fd, "500 No", "<m:errorCode>725</m:errorCode>");
        } else if (is_ours) {
            atomic_fetch_add(&upnp_added, 1);
            reply(fd, "200 OK", "<u:AddPortMappingResponse/>");
        }
    } else if (strstr(request, "#DeletePortMapping\"") != NULL) {
        atomic_fetch_add(&upnp_removed, 1);
        reply(fd, "200 OK", "<u:DeletePortMappingResponse/>");
    }
}

static void on_late(struct ht_timer *timer) {
    ht_loop_stop(timer->loop);
}

static void run(int64_t ms) {
    ht_timer_set(loop, &deadline, ms, on_late);
    ht_loop_run(loop);
    ht_timer_cancel(&deadline);
}

static void on_changed(void *user) {
    (void)user;
    if (ht_port_map_state(map) == wanted) ht_loop_stop(loop);
}

static uint16_t open_udp(struct ht_watch *watch, void (*readable)(struct ht_watch *)) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    watch->readable = readable;
    assert_int_equal(ht_watch_open(watch, watches, fd, NULL), HT_OK);
    return ntohs(at.sin_port);
}

static int start(void **state) {
    (void)state;
    memcpy(outside, (const uint8_t[]){203, 0, 113, 7}, 4);
    speaks_pmp = refuses_pmp = speaks_upnp = false;
    has_leases = true;
    pmp_mapped = pmp_removed = 0;
    atomic_store(&upnp_added, 0);
    atomic_store(&upnp_removed, 0);
    assert_int_equal(ht_loop_new(&loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_watches_new(&watches, loop, NULL), HT_OK);
    assert_int_equal(ht_http_new(&http, loop, "test", NULL), HT_OK);
    pmp_port = open_udp(&pmp, on_pmp);
    ssdp_port = open_udp(&ssdp, on_ssdp);
    return ht_peer_start(&device, on_device) ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    ht_watch_close(&pmp);
    ht_watch_close(&ssdp);
    ht_watches_free(watches);
    ht_http_free(http);
    ht_peer_stop(&device);
    ht_loop_free(loop);
    return 0;
}

static void ask(enum ht_port_map_state for_state, uint32_t lease_s) {
    const struct ht_port_map_options options = {.loop = loop,
                                                .watches = watches,
                                                .http = http,
                                                .random = &ht_system_random,
                                                .port = 8422,
                                                .changed = on_changed,
                                                .gateway = "127.0.0.1",
                                                .gateway_port = pmp_port,
                                                .search = "127.0.0.1",
                                                .search_port = ssdp_port,
                                                .lease_s = lease_s};
    wanted = for_state;
    assert_int_equal(ht_port_map_new(&map, &options, NULL), HT_OK);
    run(20000);
    assert_int_equal(ht_port_map_state(map), for_state);
}

static void port_map_opens_renews_and_removes_by_nat_pmp(void **state) {
    (void)state;
    speaks_pmp = true;
    ask(HT_PORT_MAP_OPEN, 2);
    assert_string_equal(ht_port_map_address(map), "203.0.113.7:8422");
    assert_true(ht_port_map_lease_s(map) <= 2);
    assert_string_equal(ht_port_map_why(map)->code, "");
    run(5000); /* half of the lease later */
    assert_int_equal(pmp_mapped, 2);
    assert_int_equal(pmp_removed, 0);
    ht_port_map_free(map, true);
    run(2000);
    assert_true(pmp_removed > 0);
}

static void port_map_opens_by_upnp_where_nat_pmp_is_refused(void **state) {
    (void)state;
    speaks_pmp = refuses_pmp = speaks_upnp = true;
    ask(HT_PORT_MAP_OPEN, 3600);
    assert_string_equal(ht_port_map_address(map), "203.0.113.7:8422");
    assert_true(ht_port_map_lease_s(map) > 3500);
    assert_int_equal(atomic_load(&upnp_added), 1);
    ht_port_map_free(map, true);
    assert_int_equal(atomic_load(&upnp_removed), 1);
}

static void port_map_opens_without_an_end_when_the_router_knows_none(void **state) {
    (void)state;
    speaks_pmp = refuses_pmp = speaks_upnp = true;
    has_leases = false;
    ask(HT_PORT_MAP_OPEN, 3600);
    assert_int_equal(ht_port_map_lease_s(map), 0);
    ht_port_map_free(map, false);
    for (unsigned i = 0; i < 100 && atomic_load(&upnp_removed) == 0; i++) run(50);
    assert_int_equal(atomic_load(&upnp_removed), 1);
}

static void port_map_says_that_no_router_answers(void **state) {
    (void)state;
    ask(HT_PORT_MAP_NONE, 0);
    assert_string_equal(ht_port_map_why(map)->code, "no_answer");
    assert_string_equal(ht_port_map_address(map), "");
    ht_port_map_free(map, true);
}

static void port_map_says_that_the_router_refuses(void **state) {
    (void)state;
    speaks_pmp = refuses_pmp = true;
    ask(HT_PORT_MAP_FAILED, 0);
    assert_string_equal(ht_port_map_why(map)->code, "router_refused");
    ht_port_map_free(map, true);
}

static void port_map_says_that_the_router_is_behind_another(void **state) {
    (void)state;
    speaks_pmp = true;
    memcpy(outside, (const uint8_t[]){100, 64, 0, 9}, 4);
    ask(HT_PORT_MAP_FAILED, 0);
    assert_string_equal(ht_port_map_why(map)->code, "double_nat");
    assert_int_equal(pmp_mapped, 0);
    ht_port_map_free(map, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pmp_request_is_as_the_rfc_has_it),
        cmocka_unit_test(pmp_reads_address_and_port),
        cmocka_unit_test(pmp_tells_a_refusal_from_a_malformed_reply),
        cmocka_unit_test(upnp_takes_a_device_at_its_own_address_only),
        cmocka_unit_test(upnp_finds_the_service_that_maps_ports),
        cmocka_unit_test(upnp_reads_errors_by_their_code),
        cmocka_unit_test_setup_teardown(port_map_opens_renews_and_removes_by_nat_pmp, start, end),
        cmocka_unit_test_setup_teardown(port_map_opens_by_upnp_where_nat_pmp_is_refused, start,
                                        end),
        cmocka_unit_test_setup_teardown(port_map_opens_without_an_end_when_the_router_knows_none,
                                        start, end),
        cmocka_unit_test_setup_teardown(port_map_says_that_no_router_answers, start, end),
        cmocka_unit_test_setup_teardown(port_map_says_that_the_router_refuses, start, end),
        cmocka_unit_test_setup_teardown(port_map_says_that_the_router_is_behind_another, start,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
