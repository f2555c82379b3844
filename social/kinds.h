/* Kinds of events that the client reads and writes, by their NIPs. */
#ifndef HT_SOCIAL_KINDS_H
#define HT_SOCIAL_KINDS_H

enum {
    HT_KIND_PROFILE = 0,
    HT_KIND_NOTE = 1,
    HT_KIND_FOLLOWS = 3,
    HT_KIND_DELETE = 5,
    HT_KIND_REPOST = 6,
    HT_KIND_REACTION = 7,
    HT_KIND_CHAT = 14, /* a rumor of NIP-17 */
    HT_KIND_GENERIC_REPOST = 16,
    HT_KIND_PICTURE = 20,
    HT_KIND_VOTE = 1018,
    HT_KIND_WRAP = 1059,
    HT_KIND_POLL = 1068,
    HT_KIND_COMMENT = 1111,
    HT_KIND_REPORT = 1984,
    HT_KIND_MUTES = 10000,
    HT_KIND_RELAYS = 10002,
    HT_KIND_BOOKMARKS = 10003,
    HT_KIND_DM_RELAYS = 10050,
    HT_KIND_ARTICLE = 30023,
    HT_KIND_APP = 30078, /* data of applications, by the d tag (NIP-78) */
};

#endif
