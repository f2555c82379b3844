/* What the owner does not want to see: people, threads, words and hashtags of the list of mutes
 * (NIP-51, kind 10000), as far as the list is public.
 *
 * A word hides what holds it anywhere, also within a longer word, as programs that read the same
 * list do: "art" hides "party". Letters are compared without regard to case (Unicode case folding,
 * composed form). A hashtag hides posts that are tagged with it. A repost is hidden when what it
 * reposts is. The owner's own posts are never hidden. Functions over one list: any thread. */
#ifndef HT_SOCIAL_FEED_MUTES_H
#define HT_SOCIAL_FEED_MUTES_H

#include "node/module.h"

#define HT_MUTES_WORDS_MAX 1000U /* words, and as many hashtags, that are heeded */
#define HT_MUTES_WORD_MAX 100U   /* bytes of one; longer ones are passed over */

struct ht_mutes {
    ht_hash32 owner;
    bool has_owner;
    ht_hash32 *people, *threads; /* sorted */
    size_t people_count, thread_count;
    json_t *words, *hashtags; /* arrays of folded texts */
};

/* Reads a list, NULL: none; owner may be NULL. HT_ENOMEM; out needs no fini then. */
enum ht_err ht_mutes_read(struct ht_mutes *out, const json_t *list, const ht_hash32 *owner,
                          struct ht_why *why) HT_MUST_USE;
/* All zero is fine. */
void ht_mutes_fini(struct ht_mutes *mutes);

/* A word as the list spells it (NIP-51): in lower case; malloc'd, NULL without memory. */
char *ht_mutes_lower(const char *word);

/* Whether an event, as JSON, is not to be seen. Without memory it is seen. */
bool ht_mutes_hides(const struct ht_mutes *mutes, const json_t *event);
/* Whether there is anything that could hide an event of that author and kind: when not, it need not
 * be read to be judged; *is_sure when its author alone hides it. */
bool ht_mutes_may_hide(const struct ht_mutes *mutes, const ht_hash32 *author, uint32_t kind,
                       bool *is_sure);

#endif
