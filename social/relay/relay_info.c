/* NIP-11's document and the numbers of the relay as Prometheus text. */
#include "social/relay/relay_info.h"

#include <inttypes.h>
#include <stdio.h>

#include "node/base/hex.h"

static const int supported_nips[] = {1, 9, 11, 13, 40, 42, 45, 50, 62, 67, 70, 77, 86};

static void set(json_t *object, const char *name, json_t *value) {
    if (json_object_set_new(object, name, value) != 0) return;
}

static void set_number(json_t *object, const char *name, uint64_t value) {
    set(object, name, json_integer((json_int_t)value));
}

static json_t *limitation(const struct ht_relay *relay) {
    const struct ht_policy_settings *settings = ht_policy_settings(relay->options.policy);
    const struct ht_store_limits *limits = &relay->options.limits;
    json_t *object = json_object();
    bool is_free = settings->write <= HT_RANK_STRANGER;
    set_number(object, "max_message_length", HT_RELAY_MESSAGE_MAX);
    set_number(object, "max_subscriptions", HT_RELAY_SUBSCRIPTIONS_MAX);
    set_number(object, "max_filters", HT_FILTERS_MAX);
    set_number(object, "max_subid_length", HT_RELAY_SUBSCRIPTION_ID_MAX);
    set_number(object, "max_event_tags", HT_EVENT_TAGS_MAX);
    set_number(object, "max_content_length", HT_EVENT_SIZE_MAX);
    if (limits->limit_max > 0) set_number(object, "max_limit", limits->limit_max);
    if (limits->limit_default > 0) set_number(object, "default_limit", limits->limit_default);
    /* Work is asked of strangers only. */
    set_number(object, "min_pow_difficulty", is_free ? 0 : settings->stranger_difficulty);
    set_number(object, "created_at_upper_limit", (uint64_t)settings->future_max_s);
    set(object, "auth_required", json_boolean(settings->read > HT_RANK_STRANGER));
    set(object, "payment_required", json_false());
    set(object, "restricted_writes", json_boolean(!is_free));
    return object;
}

static void set_text(json_t *object, const char *name, const char *text) {
    if (text[0] != 0) set(object, name, json_string(text));
}

json_t *ht_relay_information(const struct ht_relay *relay) {
    const struct ht_relay_profile *profile = &relay->options.profile;
    char self[HT_HEX_SIZE(32)];
    json_t *object = json_object();
    json_t *nips = json_array();
    for (size_t i = 0; i < sizeof supported_nips / sizeof *supported_nips; i++) {
        if (json_array_append_new(nips, json_integer(supported_nips[i])) != 0) break;
    }
    set_text(object, "name", profile->name);
    set_text(object, "description", profile->description);
    set_text(object, "icon", profile->icon);
    set_text(object, "contact", profile->contact);
    ht_hex_write(self, HT_BYTES(relay->options.self.b));
    if (!ht_hash32_is_zero(&relay->options.self)) set_text(object, "self", self + 2);
    set(object, "supported_nips", nips);
    set_text(object, "software", "hearth");
    set_text(object, "version", relay->version);
    set(object, "limitation", limitation(relay));
    return object;
}

struct metric {
    const char *name, *type, *help;
    uint64_t value;
};

static enum ht_err write_metric(struct ht_buf *out, const struct metric *metric) {
    char line[400];
    int n = snprintf(line, sizeof line,
                     "# HELP hearth_relay_%s %s\n# TYPE hearth_relay_%s %s\n"
                     "hearth_relay_%s %" PRIu64 "\n",
                     metric->name, metric->help, metric->name, metric->type, metric->name,
                     metric->value);
    return ht_buf_add(out, ht_bytes_of(line, n > 0 ? (size_t)n : 0));
}

enum ht_err ht_relay_metrics(struct ht_buf *out, const struct ht_relay *relay) {
    const struct ht_relay_counts *counts = &relay->counts;
    const struct metric metrics[] = {
        {"connections_total", "counter", "Connections since start.", counts->connections},
        {"connections", "gauge", "Connections that are open.", counts->connections_now},
        {"events_received_total", "counter", "Events that peers sent.", counts->received},
        {"events_stored_total", "counter", "Events that were new.", counts->stored},
        {"events_refused_total", "counter", "Events that were not taken.", counts->refused},
        {"bad_signatures_total", "counter", "Ids and signatures that were wrong.",
         counts->bad_signatures},
        {"messages_sent_total", "counter", "Messages sent to peers.", counts->sent},
        {"queries_total", "counter", "REQ, COUNT and NEG-OPEN.", counts->queries},
        {"subscriptions", "gauge", "Subscriptions that are open.", counts->subscriptions_now},
        {"negs", "gauge", "Sessions of negentropy.", counts->negs_now},
        {"dropped_slow_total", "counter", "Peers that read too slowly.", counts->dropped_slow},
        {"events_waiting_bytes", "gauge", "Bytes of events on their way in.", relay->event_bytes},
    };
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < sizeof metrics / sizeof *metrics; i++)
        err = write_metric(out, &metrics[i]);
    return err;
}
