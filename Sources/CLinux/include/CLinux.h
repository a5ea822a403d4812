// The Linux calls that Swift cannot make by itself: macros, packed structures, variadic
// functions, and what glibc shows only with _GNU_SOURCE. Everything else is called from Swift.

#ifndef CLINUX_H
#define CLINUX_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <malloc.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

// Unless said otherwise a function returns -1 and sets errno where it fails.

// Datagrams

/// A peer's address: big enough for IPv4 and IPv6, half the size of sockaddr_storage.
union clinux_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/// Receive slots and reply slots of one worker. Slot i of `received` is at i * receive_stride and
/// holds receive_counts[i] octets; slot i of `replies` is at i * reply_stride, and a reply of
/// reply_counts[i] octets is sent to peers[i] where that count is not 0.
struct clinux_datagrams {
    uint32_t slots;
    size_t receive_size, receive_stride;
    size_t reply_size, reply_stride;
    uint8_t *received;
    uint8_t *replies;
    uint32_t *receive_counts;
    uint32_t *reply_counts;
    uint8_t *truncated;
    // Whether the last sending merged replies, and whether it was refused some that were merged.
    uint8_t merged, refused;
    union clinux_address *peers;
    struct clinux_headers *headers;
};

/// One allocation, to be freed; NULL where memory is short.
struct clinux_datagrams *clinux_datagrams_create(uint32_t slots, size_t receive_size, size_t reply_size);
/// Receives what is there, up to `slots` datagrams; clears the reply counts. Where nothing is there it waits for the
/// socket's SO_RCVTIMEO if `wait` is not 0 and the socket may.
int clinux_datagrams_receive(struct clinux_datagrams *datagrams, int socket, int wait);
/// Sends the replies of the first `count` slots, those to one client merged (UDP_SEGMENT) where `merge`
/// is not 0; returns how many left, which never fails as a whole.
int clinux_datagrams_send(struct clinux_datagrams *datagrams, int socket, uint32_t count, int merge);

// Connections

/// accept4 with SOCK_CLOEXEC and SOCK_NONBLOCK.
int clinux_accept(int listener, struct sockaddr *peer, socklen_t *size);

// Signals

/// The signal ends the process with an exit code; one signal has this at most.
void clinux_signal_end(int signal, int code);
/// The next SIGINT and SIGTERM do nothing but make clinux_interrupted say 1; those after it end the process.
void clinux_note_interruptions(void);
int clinux_interrupted(void);

// Processors, threads, limits

int clinux_available_processors(void);
void clinux_name_thread(const char *name);
// Protection: each holds for the calling thread and those that it starts, unless it says otherwise

int clinux_no_new_privileges(void);
/// For a user that is not root.
int clinux_drop_capabilities(void);
/// From now on calls that no server needs fail with EPERM.
int clinux_filter_calls(void);
/// 1 or more, or -1 where the kernel has no Landlock.
int clinux_landlock_version(void);
/// A descriptor of rules that refuse all of these accesses but those that are allowed.
int clinux_landlock_create(uint64_t files, uint64_t network);
/// Allows accesses beneath a directory, or those of them that files have to a file.
int clinux_landlock_allow(int rules, const char *path, uint64_t access, uint64_t access_to_file);
/// The rules hold for all threads of the process from now on; one call at a time.
int clinux_landlock_bind_all_threads(int rules);

// Files and programs

/// pipe2 with O_CLOEXEC.
int clinux_pipe(int *ends);
void clinux_spawn_in_directory(posix_spawn_file_actions_t *actions, const char *path);
/// The end of it is not told by its type, which has room for the longest.
static inline const char *clinux_entry_name(const struct dirent *entry) { return entry->d_name; }

#endif
