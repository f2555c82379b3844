/* The key of the onion service on disk. */
#include "node/p2p/onion_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/base/hex.h"

#define DIGITS (2 * HT_ONION_KEY_SIZE)

static enum ht_err unusable(struct ht_why *why, const char *path, const char *reason) {
    return ht_fail(why, HT_ESTORE, "onion_key", "%.120s: %.60s", path, reason);
}

static enum ht_err read_key(uint8_t key[static HT_ONION_KEY_SIZE], const char *path, int fd,
                            struct ht_why *why) {
    char text[DIGITS + 2], id[HT_ONION_ID_SIZE];
    ssize_t n = read(fd, text, sizeof text);
    if (n < 0) return unusable(why, path, strerror(errno));
    if (n > 0 && text[n - 1] == '\n') n--;
    bool is_good = n == DIGITS &&
                   ht_hex_read(key, HT_ONION_KEY_SIZE, ht_bytes_of(text, DIGITS)) == HT_OK &&
                   ht_onion_id(id, key, NULL) == HT_OK;
    sodium_memzero(text, sizeof text);
    return is_good ? HT_OK : unusable(why, path, "holds no key");
}

static bool sync_folder(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) (void)close(fd);
    return is_done;
}

static enum ht_err make_key(uint8_t key[static HT_ONION_KEY_SIZE], const char *folder,
                            const char *path, const struct ht_random *random, struct ht_why *why) {
    char temp[620], hex[HT_HEX_SIZE(HT_ONION_KEY_SIZE)];
    uint8_t seed[32];
    ht_random_fill(random, seed, sizeof seed);
    ht_onion_key_make(key, seed);
    ht_hex_write(hex, ht_bytes_of(key, HT_ONION_KEY_SIZE));
    hex[2 + DIGITS] = '\n';
    (void)snprintf(temp, sizeof temp, "%s.new", path);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool is_done = fd >= 0 && fchmod(fd, 0600) == 0 &&
                   write(fd, hex + 2, DIGITS + 1) == (ssize_t)(DIGITS + 1) && fsync(fd) == 0;
    int reason = errno;
    if (fd >= 0) (void)close(fd);
    if (is_done) {
        is_done = rename(temp, path) == 0 && sync_folder(folder);
        reason = errno;
    }
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(hex, sizeof hex);
    return is_done ? HT_OK : unusable(why, path, strerror(reason));
}

enum ht_err ht_onion_key_open(uint8_t key[static HT_ONION_KEY_SIZE], const char *data_dir,
                              const struct ht_random *random, struct ht_why *why) {
    char folder[560], path[600];
    (void)snprintf(folder, sizeof folder, "%.500s/peer", data_dir);
    (void)snprintf(path, sizeof path, "%s/onion.key", folder);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return unusable(why, folder, strerror(errno));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return make_key(key, folder, path, random, why);
    if (fd < 0) return unusable(why, path, strerror(errno));
    enum ht_err err = read_key(key, path, fd, why);
    (void)close(fd);
    return err;
}
