/* Kinds that putting has rules for. */
#ifndef HT_SOCIAL_STORE_STORE_PUT_H
#define HT_SOCIAL_STORE_STORE_PUT_H

#define HT_KIND_DELETION 5U /* NIP-09 */
#define HT_KIND_VANISH 62U  /* NIP-62 */
#define HT_KIND_GIFT_WRAP 1059U

#endif
