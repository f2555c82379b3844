/* What the node and the signer process say to each other: one request, one reply, in turn.
 *
 * A message is a fixed head (type or result u32, number u32, length of the whole message u32) and
 * fields, each a tag u8, a length u32 and bytes; numbers little-endian; at most
 * HT_SIGNER_MESSAGE_MAX bytes and HT_SIGNER_FIELDS_MAX fields in all, no tag twice. A request has
 * exactly the fields that stand beside it below; HT_EINPUT "signer_fields" otherwise. Secrets come
 * and go sealed (crypto/hpke.h, info HT_SIGNER_INFO, aad the request's name, "unlock"), so that the
 * node carries them without being able to read them. What is encrypted to other people (NIP-44) is
 * the owner's to read, so the node sees it: the key stays here, the texts do not. Pure; used on
 * both sides. */
#ifndef HT_SIGNER_PROTOCOL_H
#define HT_SIGNER_PROTOCOL_H

#include "node/base/bytes.h"

#define HT_SIGNER_MESSAGE_MAX ((size_t)4 << 20)
#define HT_SIGNER_INFO "hearth signer v1"
#define HT_SIGNER_FIELDS_MAX 8U

enum ht_signer_request {
    HT_SIGNER_HELLO,      /* -> PUBLIC (its HPKE key), CONFINED (bits of enum ht_confined) */
    HT_SIGNER_CREATE,     /* SEALED passphrase -> VAULT; unlocked then. EDENIED "vault_open" */
    HT_SIGNER_UNLOCK,     /* VAULT, SEALED passphrase, NUMBER least generation -> */
    HT_SIGNER_LOCK,       /* -> ; wipes all keys */
    HT_SIGNER_PASSPHRASE, /* SEALED {old, new} -> VAULT */
    HT_SIGNER_NEW_SEED,   /* NUMBER words, PUBLIC reply key -> VAULT, NAME, SEALED words */
    HT_SIGNER_CHECK_SEED, /* NAME, SEALED words -> ; EDENIED "words_differ" */
    HT_SIGNER_IMPORT,     /* KIND, SEALED secret, DATA what is there (below) -> VAULT, NAME.
                             EINPUT "account_exists": nothing was kept */
    HT_SIGNER_EXPORT,     /* NAME, KIND, SEALED {passphrase, password}, PUBLIC -> SEALED text */
    HT_SIGNER_REMOVE,     /* NAME, SEALED passphrase -> VAULT */
    HT_SIGNER_PUBLIC_KEY, /* KEY -> PUBLIC: 64 bytes, x and y */
    HT_SIGNER_SIGN_TX,    /* KEY, DATA unsigned transaction -> SIGNATURE */
    HT_SIGNER_SIGN_TEXT,  /* KEY, DATA message (EIP-191 version 0x45) -> SIGNATURE */
    HT_SIGNER_SIGN_TYPED, /* KEY, DATA domain separator and struct hash (EIP-712) -> SIGNATURE */
    HT_SIGNER_SIGN_AUTHORIZATION, /* KEY, DATA rlp([chain_id, address, nonce]) (EIP-7702) ->
                                     SIGNATURE */
    HT_SIGNER_SIGN_JWT,   /* KEY, DATA "header.payload" of a JSON web token (ES256K, ES256K-R) ->
                             SIGNATURE */
    HT_SIGNER_SIGN_EVENT, /* KEY, DATA a Nostr event's id -> SIGNATURE (BIP-340) */
    HT_SIGNER_ENCRYPT, /* KEY, PUBLIC x of the other side, DATA plaintext -> DATA payload (NIP-44)
                        */
    HT_SIGNER_DECRYPT, /* KEY, PUBLIC x of the other side, DATA payload -> DATA plaintext */
    HT_SIGNER_REQUEST_COUNT,
};

enum ht_signer_tag {
    HT_SIGNER_TAG_SEALED = 1,
    HT_SIGNER_TAG_VAULT,
    HT_SIGNER_TAG_NAME,   /* of a record: "seed-1", "key-3" */
    HT_SIGNER_TAG_KIND,   /* text: "mnemonic", "raw", "keystore", "nip49", "nsec" */
    HT_SIGNER_TAG_NUMBER, /* 8 bytes, little-endian */
    HT_SIGNER_TAG_PUBLIC, /* a public key */
    HT_SIGNER_TAG_KEY,    /* a record's name, and for a seed " m/44'/60'/0'/0/0" behind it */
    HT_SIGNER_TAG_DATA,
    HT_SIGNER_TAG_SIGNATURE, /* 65 bytes r, s, y_parity; BIP-340: 64 */
    HT_SIGNER_TAG_CONFINED,
    HT_SIGNER_TAG_REASON, /* of a refusal: code, a zero, text */
};

/* What is inside of a sealed field: up to three parts, each a 4-byte little-endian length and
 * bytes. UNLOCK, CREATE, REMOVE: passphrase. PASSPHRASE: old, new. CHECK_SEED: words. IMPORT: the
 * secret's text, its password (keystore, nip49; for a mnemonic its BIP-39 passphrase). EXPORT: the
 * vault's passphrase, the password of the file to be made. Replies: one part, the text. */
#define HT_SIGNER_PARTS_MAX 3U

/* DATA of an IMPORT: who is in the wallet with a key already, one behind the other, at most
 * HT_SIGNER_KNOWN_MAX bytes: addresses of 20 bytes, for nip49 and nsec public keys of 32 (x alone,
 * BIP-340). A key, or a seed's first account, that is among them is not kept. HT_EINPUT
 * "known_malformed". */
#define HT_SIGNER_KNOWN_MAX ((size_t)8192)

struct ht_signer_field {
    enum ht_signer_tag tag;
    ht_bytes bytes;
};

struct ht_signer_message {
    uint32_t number; /* of the request; the reply repeats it */
    uint32_t type;   /* enum ht_signer_request, or in a reply enum ht_err */
    struct ht_signer_field fields[HT_SIGNER_FIELDS_MAX];
    size_t field_count;
};

#define HT_SIGNER_HEAD_SIZE 12U

/* Reads head and fields out of one whole message; views into it. HT_EINPUT "signer_message". */
enum ht_err ht_signer_message_read(struct ht_signer_message *out, ht_bytes text,
                                   struct ht_why *why) HT_MUST_USE;
/* The length that a head announces, the head itself included; HT_ELIMIT past the maximum, HT_EINPUT
 * when it is shorter than a head. */
enum ht_err ht_signer_message_size(size_t *out,
                                   const uint8_t head[static HT_SIGNER_HEAD_SIZE]) HT_MUST_USE;
/* Appends a whole message. HT_ELIMIT, HT_ENOMEM. */
enum ht_err ht_signer_message_write(struct ht_buf *out,
                                    const struct ht_signer_message *message) HT_MUST_USE;

/* The field with that tag; empty bytes with p NULL when there is none. */
ht_bytes ht_signer_field(const struct ht_signer_message *message, enum ht_signer_tag tag);
void ht_signer_message_add(struct ht_signer_message *message, enum ht_signer_tag tag,
                           ht_bytes bytes);

/* Parts of what was sealed, into an array of HT_SIGNER_PARTS_MAX; those that are not there are
 * empty. Views into text. HT_EINPUT "signer_parts". */
enum ht_err ht_signer_parts_read(ht_bytes *parts, size_t *count, ht_bytes text,
                                 struct ht_why *why) HT_MUST_USE;
/* The reverse, into `room` bytes of the caller's, who wipes them: no copy is left elsewhere.
 * HT_ELIMIT. Each part takes 4 bytes more than it has. */
enum ht_err ht_signer_parts_write(uint8_t *out, size_t *n, size_t room, const ht_bytes *parts,
                                  size_t count) HT_MUST_USE;

/* "unlock": the aad of a reply's sealed field, and what that of a request's begins with. */
const char *ht_signer_request_name(enum ht_signer_request request);

/* The aad of a request's sealed field: its name and, where there is one, the key that the reply is
 * to be sealed to, so that nobody on the way can put in another. reply_key is empty or
 * HT_HPKE_PUBLIC_SIZE bytes. Returns its length. */
#define HT_SIGNER_AAD_MAX 96U
size_t ht_signer_aad(uint8_t out[static HT_SIGNER_AAD_MAX], enum ht_signer_request request,
                     ht_bytes reply_key);

#endif
