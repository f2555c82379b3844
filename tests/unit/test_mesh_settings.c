/* Settings about peers: what stands at first, what is taken, what is refused. */
#include "social/mesh/mesh_settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct ht_mesh_settings s;
static struct ht_why why;

static int begin(void **state) {
    (void)state;
    ht_mesh_settings_init(&s);
    why = (struct ht_why){.code = ""};
    return 0;
}

static enum ht_err read_text(const char *text) {
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    enum ht_err err = ht_mesh_settings_read(&s, json, &why);
    json_decref(json);
    return err;
}

static void what_makes_a_node_reachable_or_known_is_off_at_first(void **state) {
    (void)state;
    assert_false(s.listen || s.lan || s.map_port || s.onion || s.exchange || s.rendezvous);
    assert_false(s.is_open || s.plain_lan);
    assert_int_equal(s.tell, HT_TELL_PEERS);
    assert_true(s.accept_follows && s.couriers && s.serve_chain && s.serve_blobs);
}

static void what_is_written_is_read_again(void **state) {
    (void)state;
    assert_int_equal(read_text("{\"listen\": true, \"port\": 8422, \"bind\": \"::\", \"hosts\": "
                               "[\"example.org\", \"[2001:db8::1]:9\"], \"tell\": \"follows\", "
                               "\"courier_bytes\": 5, \"serve_chain\": false}"),
                     HT_OK);
    json_t *json = ht_mesh_settings_json(&s);
    struct ht_mesh_settings again;
    ht_mesh_settings_init(&again);
    assert_int_equal(ht_mesh_settings_read(&again, json, &why), HT_OK);
    json_decref(json);
    assert_true(again.listen && !again.serve_chain);
    assert_int_equal(again.port, 8422);
    assert_int_equal(again.courier_bytes, 5);
    assert_int_equal(again.tell, HT_TELL_FOLLOWS);
    assert_int_equal(again.host_count, 2);
    assert_string_equal(again.hosts[1], "[2001:db8::1]:9");
    assert_string_equal(again.bind, "::");
}

static void what_is_left_out_stays(void **state) {
    (void)state;
    assert_int_equal(read_text("{\"port\": 1}"), HT_OK);
    assert_int_equal(read_text("{\"listen\": true}"), HT_OK);
    assert_int_equal(s.port, 1);
}

static void refused(const char *text, const char *code) {
    struct ht_mesh_settings before = s;
    assert_int_not_equal(read_text(text), HT_OK);
    assert_string_equal(why.code, code);
    assert_memory_equal(&before, &s, sizeof s);
}

static void a_name_that_is_no_setting_is_refused(void **state) {
    (void)state;
    refused("{\"listen\": true, \"listening\": true}", "bad_setting");
}

static void a_port_beyond_65535_is_refused(void **state) {
    (void)state;
    refused("{\"listen\": true, \"port\": 65536}", "bad_setting");
}

static void a_meeting_place_has_a_name_and_a_port(void **state) {
    (void)state;
    static const char *const good[] = {"example.org:4222", "192.0.2.1:1", "[2001:db8::1]:65535",
                                       ""};
    static const char *const wrong[] = {
        "example.org",      "example.org:",      ":4222",   "example.org:0", "example.org:65536",
        "2001:db8::1:4222", "exa mple.org:4222", "[]:4222", "a:04222"};
    char text[128];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        (void)snprintf(text, sizeof text, "{\"rendezvous_bootstrap\": \"%s\"}", good[i]);
        assert_int_equal(read_text(text), HT_OK);
        assert_string_equal(s.rendezvous_bootstrap, good[i]);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        (void)snprintf(text, sizeof text, "{\"rendezvous_bootstrap\": \"%s\"}", wrong[i]);
        refused(text, "bad_setting");
        assert_non_null(strstr(why.text, "example.org:4222"));
    }
}

static void an_address_to_listen_on_is_numeric(void **state) {
    (void)state;
    refused("{\"bind\": \"example.org\"}", "bad_setting");
}

static void a_host_with_a_path_is_refused(void **state) {
    (void)state;
    refused("{\"hosts\": [\"example.org/x\"]}", "bad_setting");
}

static void nine_hosts_are_too_many(void **state) {
    (void)state;
    refused("{\"hosts\": [\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\"]}", "bad_setting");
}

static void who_is_told_is_one_of_three(void **state) {
    (void)state;
    refused("{\"tell\": \"everybody\"}", "bad_setting");
}

static void a_flag_is_true_or_false(void **state) {
    (void)state;
    refused("{\"port\": 5, \"listen\": 1}", "json_type");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_makes_a_node_reachable_or_known_is_off_at_first, begin),
        cmocka_unit_test_setup(what_is_written_is_read_again, begin),
        cmocka_unit_test_setup(what_is_left_out_stays, begin),
        cmocka_unit_test_setup(a_name_that_is_no_setting_is_refused, begin),
        cmocka_unit_test_setup(a_port_beyond_65535_is_refused, begin),
        cmocka_unit_test_setup(a_meeting_place_has_a_name_and_a_port, begin),
        cmocka_unit_test_setup(an_address_to_listen_on_is_numeric, begin),
        cmocka_unit_test_setup(a_host_with_a_path_is_refused, begin),
        cmocka_unit_test_setup(nine_hosts_are_too_many, begin),
        cmocka_unit_test_setup(who_is_told_is_one_of_three, begin),
        cmocka_unit_test_setup(a_flag_is_true_or_false, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
