/* The owner's methods, by name. */
#include "social/client.h"

#include "social/bunker/bunker.h"
#include "social/feed/announce.h"
#include "social/feed/contacts.h"
#include "social/feed/feed.h"
#include "social/feed/lists.h"
#include "social/feed/profile.h"
#include "social/feed/thread.h"
#include "social/feed/writing.h"
#include "social/feed/writing_post.h"
#include "social/links/nip05.h"
#include "social/media/media.h"
#include "social/messages/messages.h"
#include "social/settings.h"
#include "social/upkeep.h"

const struct ht_rpc_method ht_client_methods[] = {
    {.name = "social.feed", .start = ht_feed_start, .is_patient = true},
    {.name = "social.thread", .start = ht_thread_read_start, .is_patient = true},
    {.name = "social.refresh", .start = ht_refresh_start, .is_patient = true},
    {.name = "social.profile", .start = ht_profile_start},
    {.name = "social.set_profile", .start = ht_set_profile_start},
    {.name = "social.post", .start = ht_post_start},
    {.name = "social.react", .start = ht_react_start},
    {.name = "social.repost", .start = ht_repost_start},
    {.name = "social.delete", .start = ht_delete_start},
    {.name = "social.report", .start = ht_report_start},
    {.name = "social.vote", .start = ht_vote_start},
    {.name = "social.follow", .start = ht_follow_start},
    {.name = "social.mute", .start = ht_mute_start},
    {.name = "social.bookmark", .start = ht_bookmark_start},
    {.name = "social.lists", .start = ht_lists_start},
    {.name = "social.draft_put", .start = ht_draft_put_start},
    {.name = "social.drafts", .start = ht_drafts_start},
    {.name = "social.draft_delete", .start = ht_draft_delete_start},
    {.name = "social.moderation", .start = ht_moderation_start},
    {.name = "social.block", .start = ht_block_start},
    {.name = "social.remove", .start = ht_remove_start},
    {.name = "social.settings", .start = ht_settings_start},
    {.name = "social.set_settings", .start = ht_set_settings_start},
    {.name = "social.announce", .start = ht_announce_start},
    {.name = "social.stats", .start = ht_stats_start},
    {.name = "social.import", .start = ht_import_start},
    {.name = "social.export", .start = ht_export_start},
    {.name = "social.conversations", .start = ht_conversations_start},
    {.name = "social.messages", .start = ht_messages_start, .is_patient = true},
    {.name = "social.message_read", .start = ht_message_read_start},
    {.name = "social.message_send", .start = ht_message_send_start, .is_patient = true},
    {.name = "social.media", .start = ht_media_start},
    {.name = "social.media_authorize", .start = ht_media_authorize_start},
    {.name = "social.media_fetch", .start = ht_media_fetch_start, .is_patient = true},
    {.name = "social.media_delete", .start = ht_media_delete_start},
    {.name = "social.media_find", .start = ht_media_find_start},
    {.name = "social.name_check", .start = ht_name_check_start, .is_patient = true},
    {.name = "social.names", .start = ht_names_start},
    {.name = "social.set_names", .start = ht_set_names_start},
    {.name = "social.bunker_invite", .start = ht_bunker_invite_start},
    {.name = "social.bunker_connect", .start = ht_bunker_connect_start},
    {.name = "social.bunker_decide", .start = ht_bunker_decide_start},
    {.name = "social.bunker_end", .start = ht_bunker_end_start},
};
_Static_assert(sizeof ht_client_methods / sizeof *ht_client_methods == HT_CLIENT_METHODS,
               "the table's size stands in the header");
