/* Mnemonics: BIP-39 with the English word list.
 *
 * Everything here is secret: callers keep it in locked memory and wipe it. Does not allocate, but
 * for the normalisation of a passphrase that is not ASCII (NFKD), whose memory is wiped.
 *
 * Reasons, HT_EINPUT: "words_count" (not 12, 15, 18, 21 or 24), "words_unknown" (the text names the
 * word's place, never the word), "words_checksum", "passphrase_text" (no UTF-8); HT_ELIMIT
 * "too_long" (over HT_BIP39_WORDS_TEXT_MAX or HT_BIP39_PASSPHRASE_MAX); HT_ENOMEM "no_memory". */
#ifndef HT_CRYPTO_BIP39_H
#define HT_CRYPTO_BIP39_H

#include "node/base/bytes.h"

#define HT_BIP39_ENTROPY_MAX 32U
#define HT_BIP39_WORDS_MAX 24U
#define HT_BIP39_TEXT_SIZE 216U       /* 24 words of at most 8 letters, spaces and a zero */
#define HT_BIP39_WORDS_TEXT_MAX 1024U /* bytes, white space included */
#define HT_BIP39_SEED_SIZE 64U
#define HT_BIP39_PASSPHRASE_MAX 1024U /* bytes */

/* The words for 16, 20, 24, 28 or 32 bytes of entropy, separated by single spaces. HT_EINPUT
 * "words_count" for another length. */
enum ht_err ht_bip39_from_entropy(char out[static HT_BIP39_TEXT_SIZE], ht_bytes entropy,
                                  struct ht_why *why) HT_MUST_USE;

/* The entropy of words: any white space between them, capitals taken for small letters. Checks the
 * checksum. *n is 16 to 32. */
enum ht_err ht_bip39_to_entropy(uint8_t out[static HT_BIP39_ENTROPY_MAX], size_t *n, ht_bytes words,
                                struct ht_why *why) HT_MUST_USE;

/* The seed: PBKDF2-HMAC-SHA512, 2048 rounds, of the words and "mnemonic" with the passphrase, both
 * in NFKD. entropy as above; passphrase is UTF-8, may be empty. */
enum ht_err ht_bip39_seed(uint8_t out[static HT_BIP39_SEED_SIZE], ht_bytes entropy,
                          ht_bytes passphrase, struct ht_why *why) HT_MUST_USE;

/* The place of a word in the list, 0 to 2047; false when it is none. For completing words. */
bool ht_bip39_find_word(unsigned *out, ht_bytes word);
const char *ht_bip39_word(unsigned index);

#endif
