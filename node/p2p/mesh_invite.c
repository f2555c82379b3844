/* Invitations of ours: secrets that let one node in, once. */
#include "node/p2p/mesh_invite.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static void drop(struct ht_mesh *mesh, struct ht_mesh_invitation **at) {
    struct ht_mesh_invitation *invitation = *at;
    *at = invitation->next;
    mesh->invitation_count--;
    sodium_memzero(invitation, sizeof *invitation);
    free(invitation);
}

/* Where the one with that secret hangs; what is compared takes as long for all. */
static struct ht_mesh_invitation **find(struct ht_mesh *mesh, const char *secret, size_t n) {
    if (n != HT_INVITE_SECRET_SIZE - 1) return NULL;
    struct ht_mesh_invitation **found = NULL;
    for (struct ht_mesh_invitation **at = &mesh->invitations; *at != NULL; at = &(*at)->next) {
        bool is_good = (*at)->expires_s > ht_mesh_now_s(mesh);
        if (sodium_memcmp((*at)->secret, secret, n) == 0 && is_good) found = at;
    }
    return found;
}

static enum ht_err add(struct ht_mesh *mesh, const char *secret, int64_t expires_s,
                       const char *label, struct ht_why *why) {
    if (mesh->invitation_count >= HT_MESH_INVITES_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_invites", "%u invitations are open",
                       HT_MESH_INVITES_MAX);
    }
    struct ht_mesh_invitation *invitation = calloc(1, sizeof *invitation);
    if (invitation == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    (void)snprintf(invitation->secret, sizeof invitation->secret, "%s", secret);
    (void)snprintf(invitation->label, sizeof invitation->label, "%s", label != NULL ? label : "");
    invitation->expires_s = expires_s;
    invitation->next = mesh->invitations;
    mesh->invitations = invitation;
    mesh->invitation_count++;
    return HT_OK;
}

enum ht_err ht_mesh_invite(char secret[static HT_INVITE_SECRET_SIZE], struct ht_mesh *mesh,
                           int64_t expires_s, const char *label, struct ht_why *why) {
    uint8_t bytes[(HT_INVITE_SECRET_SIZE - 1) / 2];
    ht_random_fill(mesh->random, bytes, sizeof bytes);
    (void)sodium_bin2hex(secret, HT_INVITE_SECRET_SIZE, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    enum ht_err err = add(mesh, secret, expires_s, label, why);
    if (err == HT_OK) ht_mesh_keep(mesh, NULL);
    return err;
}

struct ht_mesh_invitation *ht_mesh_invitations(struct ht_mesh *mesh) {
    return mesh->invitations;
}

enum ht_err ht_mesh_recall_invitation(struct ht_mesh *mesh,
                                      const struct ht_mesh_invitation *invitation) {
    if (invitation->expires_s <= ht_mesh_now_s(mesh)) return HT_ESTALE;
    return add(mesh, invitation->secret, invitation->expires_s, invitation->label, NULL);
}

bool ht_mesh_revoke(struct ht_mesh *mesh, const char *secret) {
    struct ht_mesh_invitation **at = find(mesh, secret, strlen(secret));
    if (at == NULL) return false;
    drop(mesh, at);
    ht_mesh_keep(mesh, NULL);
    return true;
}

bool ht_mesh_invite_has(struct ht_mesh *mesh, const json_t *secret) {
    return find(mesh, json_string_value(secret), json_string_length(secret)) != NULL;
}

bool ht_mesh_invite_use(char label[static HT_NODE_NAME_SIZE], struct ht_mesh *mesh,
                        const json_t *secret) {
    struct ht_mesh_invitation **at =
        find(mesh, json_string_value(secret), json_string_length(secret));
    if (at == NULL) return false;
    memcpy(label, (*at)->label, HT_NODE_NAME_SIZE);
    drop(mesh, at);
    return true;
}

int64_t ht_mesh_invite_due_s(const struct ht_mesh *mesh) {
    int64_t due = INT64_MAX;
    for (const struct ht_mesh_invitation *at = mesh->invitations; at != NULL; at = at->next) {
        if (at->expires_s < due) due = at->expires_s;
    }
    return due;
}

void ht_mesh_invite_tick(struct ht_mesh *mesh) {
    struct ht_mesh_invitation **at = &mesh->invitations;
    bool has_changed = false;
    while (*at != NULL) {
        if ((*at)->expires_s > ht_mesh_now_s(mesh)) {
            at = &(*at)->next;
        } else {
            drop(mesh, at);
            has_changed = true;
        }
    }
    if (has_changed) ht_mesh_keep(mesh, NULL);
}

void ht_mesh_invite_free(struct ht_mesh *mesh) {
    while (mesh->invitations != NULL) drop(mesh, &mesh->invitations);
}
