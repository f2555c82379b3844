/* Credentials over the wallet's own JSON-RPC: what is asked of the owner, what the signer gets,
 * what is given out, and what is said of others'. Documents are what a test says. */
#include "tests/unit/wallet_world.h"

#include "identity/credentials/parties.h"
#include "identity/wallet/explain_credential.h"
#include "node/signer/signer_payload.h"
#include "tests/unit/token_maker.h"

#define NOW 1700000000
#define PKH "did:pkh:eip155:1337:" OURS
#define WATCHED_PKH "did:pkh:eip155:1337:" WATCHED
#define ISSUER "did:ethr:0x539:0x0000000000000000000000000000000000000001"
#define HOLDER "did:ethr:0x539:0x0000000000000000000000000000000000000002"
#define V1 "\"@context\":[\"https://www.w3.org/2018/credentials/v1\"]"
#define VC_TYPE "\"type\":[\"VerifiableCredential\",\"Membership\"]"
#define CREDENTIAL \
    "{" V1 "," VC_TYPE ",\"credentialSubject\":{\"id\":\"" HOLDER "\",\"level\":3}%s}"
#define VC "\"vc\":{" V1 "," VC_TYPE ",\"credentialSubject\":{\"id\":\"" HOLDER "\",\"level\":3}%s}"

static struct ask asked, decided;

/* --- documents -------------------------------------------------------------------------------- */

static struct {
    const char *err_did; /* that has none, for this reason */
    enum ht_err err;
    const char *code;
    bool holds;
    struct ht_did_resolve *held;
    unsigned count;
} dids;

/* Every account or address signs for the DID that names it; key 1 and 2 for issuer and holder. */
static json_t *document_of(const struct ht_did *did) {
    ht_addr20 address = did->address;
    char id[HT_DID_TEXT_MAX + 8], account[80], hex[HT_HEX_SIZE(20)];
    if (strcmp(did->text, ISSUER) == 0) ht_tm_address(&address, 1);
    if (strcmp(did->text, HOLDER) == 0) ht_tm_address(&address, 2);
    ht_hex_write(hex, HT_BYTES(address.b));
    (void)snprintf(id, sizeof id, "%s#key", did->text);
    (void)snprintf(account, sizeof account, "eip155:1337:%s", hex);
    return json_pack("{s:s, s:[{s:s, s:s, s:s, s:s}], s:[s], s:[s]}", "id", did->text,
                     "verificationMethod", "id", id, "type", "EcdsaSecp256k1RecoveryMethod2020",
                     "controller", did->text, "blockchainAccountId", account, "assertionMethod", id,
                     "authentication", id);
}

static void answer(struct ht_did_resolve *resolve) {
    bool fails = dids.err_did != NULL && strcmp(dids.err_did, resolve->did.text) == 0;
    bool is_ethr = resolve->did.method == HT_DID_ETHR;
    if (fails) {
        resolve->err = ht_fail(&resolve->why, dids.err, dids.code, "so it is");
    } else {
        resolve->result = json_pack("{s:o}", "didDocument", document_of(&resolve->did));
    }
    resolve->has_state = is_ethr && !fails;
    resolve->header.header.number = 100 + dids.count;
    resolve->is_final = resolve->block.kind == HT_BLOCK_FINALIZED;
    resolve->done(resolve);
}

void ht_did_resolve(struct ht_did_resolve *resolve) {
    dids.count++;
    if (dids.holds) {
        assert_null(dids.held);
        dids.held = resolve;
    } else {
        answer(resolve);
    }
}

void ht_did_resolve_fini(struct ht_did_resolve *resolve) {
    json_decref(resolve->result);
    resolve->result = NULL;
}

/* There is no pool: what would go there is done at once. */
enum ht_err ht_pool_submit(struct ht_pool *pool, struct ht_work *work) {
    (void)pool;
    (void)work;
    return HT_EAGAIN;
}

static int start(void **state) {
    if (world_start(state) != 0) return 1;
    memset(&dids, 0, sizeof dids);
    return ht_rpc_add_methods(api, ht_credential_methods.list, ht_credential_methods.count,
                              &bench.identity) == HT_OK
               ? 0
               : 1;
}

#define OF(test) cmocka_unit_test_setup_teardown(test, start, world_end)

/* --- asking ----------------------------------------------------------------------------------- */

static void ask_issue(const char *from, const char *more, const char *in_credential) {
    char params[2048], credential[1024];
    (void)snprintf(credential, sizeof credential, CREDENTIAL, in_credential);
    (void)snprintf(params, sizeof params, "{\"credential\":%s,\"from\":\"%s\"%s}", credential, from,
                   more);
    ask_owner(&asked, "credential.issue", params);
}

static void approve(void) {
    ask_owner(&decided, "wallet.decide", decision(0, true, ""));
    bench_signer_answers();
    assert_string_equal(result_of(&decided), "{\"state\":\"signed\"}");
}

/* A member of the result, which stays good until the next. */
static const char *member_of(const char *name) {
    static json_t *result;
    json_decref(result);
    const char *text = result_of(&asked);
    assert_int_equal(ht_json_parse(&result, ht_bytes_str(text), 1 << 16, NULL), HT_OK);
    const char *member = json_string_value(json_object_get(result, name));
    assert_non_null(member);
    return member;
}

static json_t *verdict;

static void verify(const char *token, const char *more) {
    char params[8192];
    (void)snprintf(params, sizeof params, "{\"token\":\"%s\"%s}", token, more);
    ask_owner(&asked, "credential.verify", params);
    json_decref(verdict);
    assert_int_equal(ht_json_parse(&verdict, ht_bytes_str(result_of(&asked)), 1 << 16, NULL),
                     HT_OK);
}

static void is_verdict(const char *want, const char *code) {
    const char *got = json_string_value(json_object_get(verdict, "verdict"));
    const char *got_code = json_string_value(json_object_get(verdict, "code"));
    if (strcmp(got, want) != 0 || strcmp(got_code != NULL ? got_code : "", code) != 0)
        fail_msg("want %s %s, got %s %s", want, code, got, got_code);
}

/* "form+ time+ signature- status?" */
static void are_steps(const char *want) {
    char got[256] = "";
    size_t index = 0, n = 0;
    const json_t *step = NULL;
    json_array_foreach(json_object_get(verdict, "steps"), index, step) {
        const json_t *ok = json_object_get(step, "ok");
        n += (size_t)snprintf(got + n, sizeof got - n, "%s%s%c", index > 0 ? " " : "",
                              json_string_value(json_object_get(step, "step")),
                              json_is_null(ok)   ? '?'
                              : json_is_true(ok) ? '+'
                                                 : '-');
    }
    assert_string_equal(got, want);
}

/* Of a key of the test's; %s of the credential is in_credential. */
static void theirs(char out[static 4096], unsigned key, const char *claims,
                   const char *in_credential) {
    char payload[2048], vc[1024];
    struct ht_buf token;
    ht_buf_init(&token, HT_TM_TOKEN_MAX);
    (void)snprintf(vc, sizeof vc, VC, in_credential);
    (void)snprintf(payload, sizeof payload, "{%s,\"sub\":\"" HOLDER "\"%s}", vc, claims);
    ht_tm_plain_token(&token, payload, HT_JWT_ES256K, key);
    assert_true(token.n < 4096);
    (void)snprintf(out, 4096, "%.*s", (int)token.n, (const char *)token.p);
    ht_buf_fini(&token);
}

#define GOOD_CLAIMS ",\"iss\":\"" ISSUER "\",\"nbf\":1699999000"

static void presented(char out[static 4096], unsigned key, const char *holder, const char *token,
                      const char *claims) {
    char payload[4096];
    struct ht_buf made;
    ht_buf_init(&made, HT_TM_TOKEN_MAX);
    (void)snprintf(payload, sizeof payload,
                   "{\"vp\":{" V1 ",\"type\":[\"VerifiablePresentation\"],"
                   "\"verifiableCredential\":[\"%s\"]},\"iss\":\"%s\",\"nbf\":1699999000%s}",
                   token, holder, claims);
    ht_tm_plain_token(&made, payload, HT_JWT_ES256K, key);
    assert_true(made.n < 4096);
    (void)snprintf(out, 4096, "%.*s", (int)made.n, (const char *)made.p);
    ht_buf_fini(&made);
}

/* --- issuing ---------------------------------------------------------------------------------- */

static void credential_is_confirmed_signed_and_holds(void **state) {
    (void)state;
    char token[4096];
    ask_issue(PKH, "", "");
    assert_string_equal(json_string_value(queued(0, "kind")), "credential");
    assert_string_equal(json_string_value(queued(0, "account")), OURS);
    approve();
    (void)snprintf(token, sizeof token, "%s", member_of("token"));
    verify(token, "");
    is_verdict("valid", "");
    assert_string_equal(json_string_value(json_object_get(verdict, "issuer")), PKH);
    assert_true(json_is_null(json_object_get(verdict, "as_of")));
    are_steps("form+ time+ document+ signature+ status+");
}

static void credential_of_an_address_is_of_its_did_ethr(void **state) {
    (void)state;
    ask_issue(OURS, "", "");
    approve();
    assert_string_equal(member_of("issuer"), "did:ethr:0x539:" OURS);
}

static void credential_is_signed_by_the_algorithm_that_is_asked_for(void **state) {
    (void)state;
    static const char *const algs[] = {"ES256K", "ES256K-R"};
    for (size_t i = 0; i < 2; i++) {
        char more[64];
        struct ht_jwt jwt;
        (void)snprintf(more, sizeof more, ",\"alg\":\"%s\"", algs[i]);
        ask_issue(PKH, more, "");
        approve();
        const char *token = member_of("token");
        assert_int_equal(ht_jwt_read(&jwt, ht_bytes_str(token), NULL), HT_OK);
        assert_int_equal(jwt.signature_size, 64 + i);
        ht_jwt_fini(&jwt);
    }
}

static void credential_of_no_account_is_refused_before_anybody_is_asked(void **state) {
    (void)state;
    static const struct {
        const char *from, *more, *in, *code;
    } cases[] = {
        {ISSUER, "", "", "vc_no_key"},
        {WATCHED_PKH, "", "", "vc_no_key"},
        {PKH, ",\"account\":\"" WATCHED "\"", "", "vc_no_key"},
        {"me", "", "", "vc_from"},
        {"did:web:issuer.example", "", "", "did_method"},
        {PKH, ",\"alg\":\"none\"", "", "vc_alg"},
        {PKH, ",\"alg\":\"EdDSA\"", "", "vc_alg"},
        {PKH, "", ",\"issuer\":\"" ISSUER "\"", "vc_issuer"},
        {PKH, "",
         ",\"expirationDate\":\"2020-01-01T00:00:00Z\",\"issuanceDate\":"
         "\"2019-01-01T00:00:00Z\"",
         "already_expired"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ask_issue(cases[i].from, cases[i].more, cases[i].in);
        const json_t *error = json_object_get(asked.reply, "error");
        const char *code =
            json_string_value(json_object_get(json_object_get(error, "data"), "code"));
        if (code == NULL || strcmp(code, cases[i].code) != 0)
            fail_msg("%zu: want %s, got %s", i, cases[i].code, code);
        json_decref(asked.reply);
        assert_int_equal(queue_size(), 0);
    }
}

static void credential_waits_for_the_document(void **state) {
    (void)state;
    dids.holds = true;
    ask_issue(PKH, "", "");
    assert_int_equal(queue_size(), 0);
    answer(dids.held);
    assert_int_equal(queue_size(), 1);
    approve();
    assert_string_equal(member_of("issuer"), PKH);
}

static void credential_of_a_document_that_cannot_be_had_is_refused(void **state) {
    (void)state;
    dids.err_did = PKH;
    dids.err = HT_EAGAIN;
    dids.code = "did_reorganised";
    ask_issue(PKH, "", "");
    const json_t *error = json_object_get(asked.reply, "error");
    assert_string_equal(json_string_value(json_object_get(json_object_get(error, "data"), "code")),
                        "did_reorganised");
    json_decref(asked.reply);
    assert_int_equal(queue_size(), 0);
}

static void credential_with_another_signature_is_not_given_out(void **state) {
    (void)state;
    ask_issue(PKH, "", "");
    bench.signs_wrongly = true;
    ask_owner(&decided, "wallet.decide", decision(0, true, ""));
    bench_signer_answers();
    json_decref(decided.reply);
    const json_t *error = json_object_get(asked.reply, "error");
    assert_string_equal(json_string_value(json_object_get(json_object_get(error, "data"), "code")),
                        "signature_differs");
    json_decref(asked.reply);
}

/* --- presenting ------------------------------------------------------------------------------- */

static void presentation_answers_its_challenge_for_its_domain(void **state) {
    (void)state;
    char token[4096], params[8192], made[4096];
    theirs(token, 1, GOOD_CLAIMS, "");
    (void)snprintf(
        params, sizeof params,
        "{\"tokens\":[\"%s\"],\"from\":\"" PKH "\",\"challenge\":\"c\",\"domain\":\"d\"}", token);
    ask_owner(&asked, "credential.present", params);
    approve();
    (void)snprintf(made, sizeof made, "%s", member_of("token"));
    verify(made, ",\"challenge\":\"c\",\"domain\":\"d\"");
    is_verdict("valid", "");
    are_steps("form+ time+ challenge+ domain+ document+ signature+ credentials+ status+");
    assert_true(json_is_false(json_object_get(verdict, "is_bound")));
    verify(made, ",\"challenge\":\"x\"");
    is_verdict("invalid", "vc_challenge");
    verify(made, ",\"domain\":\"x\"");
    is_verdict("invalid", "vc_domain");
}

static void presentation_of_no_tokens_or_too_long_a_challenge_is_refused(void **state) {
    (void)state;
    ask_owner(&asked, "credential.present", "{\"tokens\":[\"a.b.c\"],\"from\":\"" PKH "\"}");
    is_refused(&asked, -32602, "jwt_base64");
    ask_owner(&asked, "credential.present",
              "{\"tokens\":[],\"from\":\"" PKH "\",\"challenge\":\"\"}");
    is_refused(&asked, -32602, "vc_text");
}

/* --- verifying -------------------------------------------------------------------------------- */

static void verify_proves_the_issuer_and_names_the_block(void **state) {
    (void)state;
    char token[4096];
    theirs(token, 1, GOOD_CLAIMS, "");
    verify(token, "");
    is_verdict("valid", "");
    const json_t *as_of = json_object_get(verdict, "as_of");
    assert_int_equal(json_integer_value(json_object_get(as_of, "number")), 101);
    assert_string_equal(json_string_value(json_object_get(as_of, "level")), "head");
    verify(token, ",\"block\":\"finalized\"");
    as_of = json_object_get(verdict, "as_of");
    assert_string_equal(json_string_value(json_object_get(as_of, "level")), "finalized");
}

static void verify_tells_times_from_forgeries(void **state) {
    (void)state;
    static const struct {
        unsigned key;
        const char *claims, *in, *verdict, *code, *steps;
    } cases[] = {
        {2, GOOD_CLAIMS, "", "invalid", "jwt_signature",
         "form+ time+ document+ signature- status?"},
        {1, GOOD_CLAIMS ",\"exp\":1699999500", "", "expired", "vc_expired",
         "form+ time- document? signature? status?"},
        {1, ",\"iss\":\"" ISSUER "\",\"nbf\":1700009000", "", "not_yet", "vc_not_yet",
         "form+ time- document? signature? status?"},
        {1, ",\"nbf\":1699999000", "", "invalid", "vc_form",
         "form- time? document? signature? status?"},
        {1, GOOD_CLAIMS, ",\"credentialStatus\":{\"id\":\"x\",\"type\":\"y\"}", "unverified",
         "vc_status", "form+ time+ document+ signature+ status?"},
        {1, ",\"iss\":\"did:web:a.example\",\"nbf\":1699999000", "", "unverified", "did_method",
         "form+ time+ document? signature? status?"},
        {1, ",\"iss\":\"did:key:z6Mk\",\"nbf\":1699999000", "", "invalid", "did_key",
         "form+ time+ document- signature? status?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char token[4096];
        theirs(token, cases[i].key, cases[i].claims, cases[i].in);
        verify(token, "");
        is_verdict(cases[i].verdict, cases[i].code);
        are_steps(cases[i].steps);
    }
}

static void verify_says_unverified_when_the_document_cannot_be_proven(void **state) {
    (void)state;
    char token[4096];
    dids.err_did = ISSUER;
    dids.err = HT_EUNVERIFIED;
    dids.code = "did_owner";
    theirs(token, 1, GOOD_CLAIMS, "");
    verify(token, "");
    is_verdict("unverified", "did_owner");
    are_steps("form+ time+ document? signature? status?");
    assert_true(json_is_null(json_object_get(verdict, "claims")));
}

static void verify_refuses_what_is_no_token(void **state) {
    (void)state;
    verify("a.b", "");
    is_verdict("invalid", "jwt_form");
    verify("eyJhbGciOiJub25lIn0.e30.", "");
    is_verdict("invalid", "jwt_alg");
    ask_owner(&asked, "credential.verify", "{\"token\":\"x\",\"block\":\"safe\"}");
    is_refused(&asked, -32602, "vc_block");
}

static void verify_takes_no_credential_for_an_answer(void **state) {
    (void)state;
    char token[4096];
    theirs(token, 1, GOOD_CLAIMS, "");
    verify(token, ",\"challenge\":\"c\"");
    is_verdict("invalid", "vc_challenge");
    verify(token, ",\"domain\":\"d\"");
    is_verdict("invalid", "vc_domain");
}

static void verify_reports_whether_the_holder_is_the_subject(void **state) {
    (void)state;
    char token[4096], made[4096];
    theirs(token, 1, GOOD_CLAIMS, "");
    presented(made, 2, HOLDER, token, "");
    verify(made, "");
    is_verdict("valid", "");
    assert_true(json_is_true(json_object_get(verdict, "is_bound")));
    assert_int_equal(dids.count, 2);
    presented(made, 1, ISSUER, token, "");
    verify(made, "");
    is_verdict("valid", "");
    assert_true(json_is_false(json_object_get(verdict, "is_bound")));
    assert_int_equal(dids.count, 3);
}

static void verify_says_that_a_presented_credential_is_the_reason(void **state) {
    (void)state;
    char token[4096], made[4096];
    theirs(token, 2, GOOD_CLAIMS, "");
    presented(made, 2, HOLDER, token, "");
    verify(made, "");
    is_verdict("invalid", "jwt_signature");
    are_steps("form+ time+ document+ signature+ credentials- status?");
    assert_string_equal(json_string_value(json_object_get(verdict, "holder")), HOLDER);
}

/* --- what is shown ---------------------------------------------------------------------------- */

static enum ht_err explain(json_t **out, const char *header, const char *payload,
                           struct ht_why *why) {
    struct ht_buf token;
    char *raw = NULL;
    ht_buf_init(&token, HT_TM_TOKEN_MAX);
    ht_tm_token(&token, header, payload, HT_JWT_ES256K, 1);
    size_t n = token.n;
    while (token.p[n - 1] != '.') n--;
    enum ht_err err =
        ht_explain_credential(out, &raw, ht_bytes_of(token.p, n - 1), INT64_C(1700000000000), why);
    free(raw);
    ht_buf_fini(&token);
    return err;
}

#define HEADER "{\"alg\":\"ES256K\",\"typ\":\"JWT\"}"
#define SAYS(subject)                                                                  \
    "{\"vc\":{" V1 "," VC_TYPE ",\"credentialSubject\":" subject "},\"iss\":\"" ISSUER \
    "\",\"nbf\":1699999000}"

static bool has_row(const json_t *explained, const char *label, const char *value) {
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(json_object_get(explained, "rows"), index, row) {
        const char *its = json_string_value(json_object_get(row, "label"));
        const char *text = json_string_value(json_object_get(row, "value"));
        if (strcmp(its, label) == 0 && strcmp(text, value) == 0) return true;
    }
    return false;
}

static void explanation_shows_every_member(void **state) {
    (void)state;
    json_t *explained = NULL;
    static const char payload[] =
        "{\"vc\":{" V1 "," VC_TYPE ",\"credentialSubject\":{\"id\":\"a\",\"n\":{\"x\":[1,null]}},"
        "\"termsOfUse\":\"none\"},\"iss\":\"" ISSUER "\",\"nbf\":1699999000,\"odd\":true}";
    assert_int_equal(explain(&explained, HEADER, payload, NULL), HT_OK);
    assert_true(has_row(explained, "Issuer", ISSUER));
    assert_true(has_row(explained, "About", "a"));
    assert_true(has_row(explained, "Type", "Membership"));
    assert_true(has_row(explained, "Says", "n: {\"x\":[1,null]}"));
    assert_true(has_row(explained, "Also", "termsOfUse: none"));
    assert_true(has_row(explained, "Also", "odd: true"));
    assert_true(has_row(explained, "Expires", "Never"));
    assert_true(json_is_false(json_object_get(explained, "is_red")));
    json_decref(explained);
}

static void explanation_writes_out_what_turns_the_writing(void **state) {
    (void)state;
    json_t *explained = NULL;
    assert_int_equal(explain(&explained, HEADER, SAYS("{\"name\":\"\\u202eabc\"}"), NULL), HT_OK);
    assert_true(has_row(explained, "Says", "name: \\u202eabc"));
    assert_true(json_is_true(json_object_get(explained, "is_red")));
    json_decref(explained);
}

static void explanation_refuses_more_than_it_can_show(void **state) {
    (void)state;
    json_t *explained = NULL;
    struct ht_why why = {0};
    char subject[8192] = "{";
    size_t n = 1;
    for (unsigned i = 0; i < 300; i++)
        n += (size_t)snprintf(subject + n, sizeof subject - n, "%s\"k%u\":1", i > 0 ? "," : "", i);
    char payload[9216];
    (void)snprintf(payload, sizeof payload, SAYS("%s}"), subject);
    assert_int_equal(explain(&explained, HEADER, payload, &why), HT_ELIMIT);
    assert_string_equal(why.code, "explain_too_large");
    assert_null(explained);
}

static void explanation_refuses_headers_with_more_in_them(void **state) {
    (void)state;
    json_t *explained = NULL;
    struct ht_why why = {0};
    assert_int_equal(
        explain(&explained, "{\"alg\":\"ES256K\",\"jku\":\"x\"}", SAYS("{\"level\":1}"), &why),
        HT_EINPUT);
    assert_string_equal(why.code, "jwt_header");
}

/* --- the signer's side ------------------------------------------------------------------------ */

static enum ht_err digest_of(const char *header, const char *payload, struct ht_why *why) {
    struct ht_buf token;
    ht_hash32 digest, want;
    ht_buf_init(&token, HT_TM_TOKEN_MAX);
    ht_tm_token(&token, header, payload, HT_JWT_ES256K, 1);
    size_t n = token.n;
    while (token.p[n - 1] != '.') n--;
    const ht_bytes part = ht_bytes_of(token.p, n - 1);
    enum ht_err err = ht_signer_digest(&digest, HT_SIGNER_SIGN_JWT, part, why);
    ht_sha256(&want, part);
    if (err == HT_OK) assert_memory_equal(digest.b, want.b, sizeof want.b);
    ht_buf_fini(&token);
    return err;
}

static void signer_hashes_tokens_of_its_two_algorithms_alone(void **state) {
    (void)state;
    static const char payload[] = "{\"iss\":\"somebody\",\"vc\":{},\"more\":[1,2,3]}";
    static const char *const bad[] = {
        "{\"alg\":\"none\",\"typ\":\"JWT\"}",   "{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
        "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}",  "{\"typ\":\"JWT\",\"alg\":1}",
        "{\"alg\":\"ES256K\",\"crit\":[]}",     "{\"alg\":\"ES256K\",\"b64\":false}",
        "[\"alg\",\"ES256K\",\"typ\",\"JWT\"]",
    };
    assert_int_equal(digest_of(HEADER, payload, NULL), HT_OK);
    assert_int_equal(digest_of("{\"alg\":\"ES256K-R\"}", payload, NULL), HT_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_why why = {0};
        assert_int_equal(digest_of(bad[i], payload, &why), HT_EINPUT);
        assert_string_equal(why.code, "jwt_shape");
    }
}

static void signer_takes_nothing_short_and_nothing_but_two_parts(void **state) {
    (void)state;
    struct ht_why why = {0};
    ht_hash32 digest;
    static const char *const bad[] = {
        "eyJhbGciOiJFUzI1NksifQ.eyJhIjoxfQ",
        "eyJhbGciOiJFUzI1NksifQ.eyJpc3MiOiJzb21lYm9keSBvciBvdGhlciwgYW55Ym9keSBhdCBhbGwifQ.",
        "eyJhbGciOiJFUzI1NksifQeyJpc3MiOiJzb21lYm9keSBvciBvdGhlciwgYW55Ym9keSBhdCBhbGwifQ",
        "eyJhbGciOiJFUzI1NksifQ.IHsiaXNzIjoic29tZWJvZHkgb3Igb3RoZXIsIGFueWJvZHkgYXQgYWxsIn0=",
        " eyJhbGciOiJFUzI1NksifQ.eyJpc3MiOiJzb21lYm9keSBvciBvdGhlciwgYW55Ym9keSBhdCBhbGwifQ",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ht_signer_digest(&digest, HT_SIGNER_SIGN_JWT, ht_bytes_str(bad[i]), &why),
                         HT_EINPUT);
        assert_string_equal(why.code, "jwt_shape");
    }
    assert_int_equal(ht_signer_digest(&digest, HT_SIGNER_SIGN_JWT, ht_bytes_str(bad[4] + 1), &why),
                     HT_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OF(credential_is_confirmed_signed_and_holds),
        OF(credential_of_an_address_is_of_its_did_ethr),
        OF(credential_is_signed_by_the_algorithm_that_is_asked_for),
        OF(credential_of_no_account_is_refused_before_anybody_is_asked),
        OF(credential_waits_for_the_document),
        OF(credential_of_a_document_that_cannot_be_had_is_refused),
        OF(credential_with_another_signature_is_not_given_out),
        OF(presentation_answers_its_challenge_for_its_domain),
        OF(presentation_of_no_tokens_or_too_long_a_challenge_is_refused),
        OF(verify_proves_the_issuer_and_names_the_block),
        OF(verify_tells_times_from_forgeries),
        OF(verify_says_unverified_when_the_document_cannot_be_proven),
        OF(verify_refuses_what_is_no_token),
        OF(verify_takes_no_credential_for_an_answer),
        OF(verify_reports_whether_the_holder_is_the_subject),
        OF(verify_says_that_a_presented_credential_is_the_reason),
        cmocka_unit_test(explanation_shows_every_member),
        cmocka_unit_test(explanation_writes_out_what_turns_the_writing),
        cmocka_unit_test(explanation_refuses_more_than_it_can_show),
        cmocka_unit_test(explanation_refuses_headers_with_more_in_them),
        cmocka_unit_test(signer_hashes_tokens_of_its_two_algorithms_alone),
        cmocka_unit_test(signer_takes_nothing_short_and_nothing_but_two_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
