/* The English word list of BIP-39: 2048 words of at most 8 letters, sorted. */
#ifndef HT_CRYPTO_BIP39_WORDS_GEN_H
#define HT_CRYPTO_BIP39_WORDS_GEN_H

#define HT_BIP39_WORDS_COUNT 2048U
#define HT_BIP39_WORD_SIZE 9U

extern const char ht_bip39_words[HT_BIP39_WORDS_COUNT][HT_BIP39_WORD_SIZE];

#endif
