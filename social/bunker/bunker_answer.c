/* From a result to an event on its way: text, encryption, signature, relays. */
#include "social/bunker/bunker_answer.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"
#include "social/bunker/bunker_relays.h"

#define GREETING_ID_SIZE 16U
/* Padded and in base64 it is an event that relays take. */
#define ANSWER_MAX ((size_t)80 << 10)

static const struct ht_nostr_keys *keys_of(const struct ht_bunker *bunker) {
    return bunker->social->host->nostr_keys(bunker->social->host);
}

static void give_up(struct ht_bunker_job *job, const struct ht_why *why) {
    if (!job->bunker->social->is_stopped) {
        ht_log(HT_LOG_WARN, "social", "a device was not answered: %s",
               why != NULL && why->code != NULL ? why->text : "out of memory");
    }
    ht_bunker_job_free(job);
}

static void published(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                      const struct ht_why *why) {
    struct ht_bunker_job *job =
        (struct ht_bunker_job *)(void *)((char *)publish - offsetof(struct ht_bunker_job, publish));
    (void)put;
    if (err != HT_OK) {
        give_up(job, why);
        return;
    }
    ht_bunker_job_free(job);
}

static void signed_answer(void *user, const struct ht_nostr_answer *answer) {
    struct ht_bunker_job *job = user;
    struct ht_social *social = job->bunker->social;
    enum ht_err err = social->is_stopped ? HT_EAGAIN : answer->err;
    if (err == HT_OK) {
        memcpy(job->answer.sig, answer->signature, sizeof job->answer.sig);
        err = ht_event_write(&job->json, &job->answer);
    }
    if (err != HT_OK) {
        give_up(job, &answer->why);
        return;
    }
    ht_bunker_relays_send(job->bunker, &job->row, ht_buf_view(&job->json));
    job->publish = (struct ht_relay_publish){
        .done = published, .json = ht_buf_view(&job->json), .is_trusted_source = true};
    ht_relay_publish(social->relay, &job->publish);
}

static void encrypted(void *user, const struct ht_nostr_answer *answer) {
    struct ht_bunker_job *job = user;
    struct ht_social *social = job->bunker->social;
    const struct ht_nostr_keys *keys = keys_of(job->bunker);
    enum ht_err err = social->is_stopped || keys == NULL ? HT_EAGAIN : answer->err;
    if (err == HT_OK) err = ht_buf_add(&job->payload, answer->text);
    if (err == HT_OK) {
        ht_task_hex(job->device_hex, &job->row.device);
        job->tag_items[0] = ht_bytes_str("p");
        job->tag_items[1] = ht_bytes_str(job->device_hex);
        job->tag = (struct ht_event_tag){.items = job->tag_items, .count = 2};
        job->answer = (struct ht_event){.pubkey = job->row.owner,
                                        .created_at = ht_social_now_s(social),
                                        .kind = HT_KIND_BUNKER,
                                        .tags = &job->tag,
                                        .tag_count = 1,
                                        .content = ht_buf_view(&job->payload)};
        err = ht_event_id(&job->answer.id, &job->answer);
    }
    if (err != HT_OK) {
        give_up(job, &answer->why);
        return;
    }
    /* Signing the envelope is no decision of the owner's: nothing for the audit log. */
    keys->sign(keys->self, &job->row.owner, &job->answer.id, "", false, signed_answer, job);
}

/* Takes the members over. HT_ELIMIT, HT_ENOMEM. */
static enum ht_err write_text(struct ht_buf *out, const char *id, json_t *result, json_t *error) {
    json_t *json = json_object();
    int failed = json_object_set_new(json, "id", json_string(id));
    failed |= json_object_set_new(json, "result", result);
    if (error != NULL) failed |= json_object_set_new(json, "error", error);
    enum ht_err err = failed != 0 ? HT_ENOMEM : ht_json_dump_compact(out, json);
    json_decref(json);
    return err;
}

static void post(struct ht_bunker_job *job, ht_bytes text) {
    const struct ht_nostr_keys *keys = keys_of(job->bunker);
    if (keys == NULL || job->bunker->social->is_stopped) {
        give_up(job, NULL);
        return;
    }
    keys->encrypt(keys->self, &job->row.owner, &job->row.device, text, encrypted, job);
}

void ht_bunker_answer(struct ht_bunker_job *job, ht_bytes result) {
    struct ht_buf text;
    ht_buf_init(&text, ANSWER_MAX);
    json_t *value = json_stringn(result.n > 0 ? (const char *)result.p : "", result.n);
    enum ht_err err =
        value != NULL ? write_text(&text, job->request.id, value, NULL) : HT_EUNVERIFIED;
    if (err == HT_OK) {
        post(job, ht_buf_view(&text));
    } else {
        ht_bunker_answer_error(job, value == NULL ? "what came out is no text"
                                                  : "the answer is too long to be sent");
    }
    ht_buf_fini(&text);
}

void ht_bunker_answer_error(struct ht_bunker_job *job, const char *error) {
    struct ht_buf text;
    json_t *words = json_string(error);
    ht_buf_init(&text, ANSWER_MAX);
    /* A reason may quote outside text, cut within a character. */
    if (words == NULL) words = json_string("it was refused");
    if (write_text(&text, job->request.id, json_string(""), words) == HT_OK) {
        post(job, ht_buf_view(&text));
    } else {
        give_up(job, NULL);
    }
    ht_buf_fini(&text);
}

void ht_bunker_greet(struct ht_bunker *bunker, const struct ht_bunker_device *device) {
    uint8_t id[GREETING_ID_SIZE / 2];
    char hex[HT_HEX_SIZE(sizeof id)];
    struct ht_buf text;
    struct ht_bunker_job *job = ht_bunker_job_new(bunker, &device->row);
    if (job == NULL) return;
    ht_random_fill(bunker->social->host->random, id, sizeof id);
    ht_hex_write(hex, HT_BYTES(id));
    ht_buf_init(&text, ANSWER_MAX);
    if (write_text(&text, hex + 2, json_string(device->greeting), NULL) == HT_OK) {
        post(job, ht_buf_view(&text));
    } else {
        give_up(job, NULL);
    }
    ht_buf_fini(&text);
}
