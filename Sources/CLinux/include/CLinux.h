// The Linux calls that Swift cannot make by itself: macros, packed structures, variadic
// functions, and what glibc shows only with _GNU_SOURCE. Everything else is called from Swift.

#ifndef CLINUX_H
#define CLINUX_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
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

/// NULL where memory is short.
struct clinux_datagrams *clinux_datagrams_create(uint32_t slots, size_t receive_size, size_t reply_size);
void clinux_datagrams_destroy(struct clinux_datagrams *datagrams);
/// Receives what is there, up to `slots` datagrams; clears the reply counts. Where nothing is there it waits for the
/// socket's SO_RCVTIMEO if `wait` is not 0 and the socket may.
int clinux_datagrams_receive(struct clinux_datagrams *datagrams, int socket, int wait);
/// Sends the replies of the first `count` slots, those to one client merged (UDP_SEGMENT) where `merge`
/// is not 0; returns how many left, which never fails as a whole.
int clinux_datagrams_send(struct clinux_datagrams *datagrams, int socket, uint32_t count, int merge);

// Connections

/// accept4 with SOCK_CLOEXEC and SOCK_NONBLOCK.
int clinux_accept(int listener, struct sockaddr *peer, socklen_t *size);

// Polling

struct clinux_event {
    uint64_t token;
    uint32_t events;
};

int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token);
/// `limit` is at most 256.
int clinux_epoll_wait(int epoll, struct clinux_event *events, int limit, int timeout_milliseconds);

// Signals: a bit mask stands for a set, bit n for signal n.

int clinux_signals_block(uint64_t mask);
int clinux_signals_open(uint64_t mask);
/// The number of the next pending signal, 0 where there is none.
int clinux_signals_next(int descriptor);
void clinux_signal_ignore(int signal);
/// The signal ends the process with an exit code; one signal has this at most.
void clinux_signal_end(int signal, int code);
/// The next SIGINT and SIGTERM do nothing but make clinux_interrupted say 1; those after it end the process.
void clinux_note_interruptions(void);
int clinux_interrupted(void);

// Processors, threads, limits

int clinux_available_processors(void);
void clinux_name_thread(const char *name);
/// The calling thread's, and that of the threads that it starts later.
int clinux_lower_priority(void);
/// Raises the soft limit of descriptors to the hard one and returns what holds now.
long clinux_raise_descriptor_limit(void);

// Files, programs and memory

/// pipe2 with O_CLOEXEC.
int clinux_pipe(int *ends);
void clinux_spawn_in_directory(posix_spawn_file_actions_t *actions, const char *path);

/// The next name in a directory, NULL at its end (errno 0) or after an error; its DT_ type.
const char *clinux_next_entry(DIR *directory, unsigned char *type);
/// NULL where it fails.
void *clinux_map(size_t size);
/// Allocations from 256 KiB on get pages of their own, which go back to the system when they are freed.
void clinux_map_large_allocations(void);
void clinux_release_free_memory(void);

#endif
