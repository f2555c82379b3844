/* Trust beside posts and profiles. */
#include "social/feed/trust_mark.h"

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "social/feed/look.h"

#define EMBEDDED_DEPTH 4U

static json_t *person_json(const struct ht_trust *trust, const ht_hash32 *pubkey) {
    struct ht_trust_person person = {.distance = HT_TRUST_FAR};
    char address[HT_HEX_SIZE(20)];
    if (trust == NULL || !trust->person(trust->self, pubkey, &person)) return json_null();
    ht_hex_write(address, HT_BYTES(person.address.b));
    json_t *distance =
        person.distance != HT_TRUST_FAR ? json_integer((json_int_t)person.distance) : json_null();
    return json_pack("{s:s?, s:s?, s:o, s:I}", "address", person.has_address ? address : NULL,
                     "name", person.name[0] != '\0' ? person.name : NULL, "distance", distance,
                     "vouches", (json_int_t)person.vouches);
}

static void mark(const struct ht_trust *trust, json_t *object) {
    ht_hash32 pubkey;
    if (!ht_look_hash(&pubkey, object, "pubkey")) return;
    (void)json_object_set_new(object, "trust", person_json(trust, &pubkey));
}

void ht_trust_mark(const struct ht_social *social, json_t *result) {
    const struct ht_host *host = social->host;
    const struct ht_trust *trust = host->trust != NULL ? host->trust(host) : NULL;
    size_t i;
    json_t *post;
    if (ht_json_member(result, "nip05_state") != NULL) mark(trust, result);
    json_array_foreach(json_object_get(result, "posts"), i, post) {
        for (unsigned depth = 0; json_is_object(post) && depth < EMBEDDED_DEPTH; depth++) {
            mark(trust, post);
            post = json_object_get(post, "embedded");
        }
    }
}
