#include "CLinux.h"

#include <malloc.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

int clinux_accept(int listener, struct sockaddr *peer, socklen_t *size) {
    return accept4(listener, peer, size, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

int clinux_epoll_wait(int epoll, struct clinux_event *events, int limit, int timeout_milliseconds) {
    struct epoll_event ready[256];
    if (limit > 256) limit = 256;
    int count = epoll_wait(epoll, ready, limit, timeout_milliseconds);
    for (int i = 0; i < count; i++) {
        events[i].token = ready[i].data.u64;
        events[i].events = ready[i].events;
    }
    return count;
}

static sigset_t set_of(uint64_t mask) {
    sigset_t set;
    sigemptyset(&set);
    for (int signal = 1; signal < 64; signal++) {
        if (mask >> signal & 1) sigaddset(&set, signal);
    }
    return set;
}

int clinux_signals_block(uint64_t mask) {
    sigset_t set = set_of(mask);
    int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (error == 0) return 0;
    errno = error;
    return -1;
}

int clinux_signals_open(uint64_t mask) {
    sigset_t set = set_of(mask);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int clinux_signals_next(int descriptor) {
    struct signalfd_siginfo information;
    ssize_t count;
    do {
        count = read(descriptor, &information, sizeof information);
    } while (count < 0 && errno == EINTR);
    if (count == (ssize_t)sizeof information) return (int)information.ssi_signo;
    return count < 0 && errno != EAGAIN ? -1 : 0;
}

static volatile sig_atomic_t interrupted;

static void note_interruption(int signal) {
    (void)signal;
    interrupted = 1;
}

void clinux_note_interruptions(void) {
    struct sigaction action = {.sa_handler = note_interruption, .sa_flags = SA_RESTART | SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int clinux_interrupted(void) { return interrupted; }

void clinux_signal_ignore(int number) { signal(number, SIG_IGN); }

static volatile sig_atomic_t end_code;

static void end_process(int number) {
    (void)number;
    _exit(end_code);
}

void clinux_signal_end(int number, int code) {
    end_code = code;
    signal(number, end_process);
}

int clinux_available_processors(void) {
    // A set of fixed size fails with EINVAL where the machine has more than 1,024 processors.
    for (int processors = 1024; processors <= 1 << 20; processors *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)processors);
        if (set == NULL) return -1;
        size_t size = CPU_ALLOC_SIZE((size_t)processors);
        int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : -1;
        CPU_FREE(set);
        if (count > 0 || errno != EINVAL) return count;
    }
    return -1;
}

void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

// Of Linux, not of POSIX: 0 is the calling thread and not its process.
int clinux_lower_priority(void) { return setpriority(PRIO_PROCESS, 0, 10); }

long clinux_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    if (limit.rlim_cur < limit.rlim_max) {
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
    }
    return limit.rlim_cur > (rlim_t)1 << 30 ? 1L << 30 : (long)limit.rlim_cur;
}

const char *clinux_next_entry(DIR *directory, unsigned char *type) {
    errno = 0;
    struct dirent *entry = readdir(directory);
    if (entry == NULL) return NULL;
    *type = entry->d_type;
    return entry->d_name;
}

int clinux_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

void clinux_spawn_in_directory(posix_spawn_file_actions_t *actions, const char *path) {
    posix_spawn_file_actions_addchdir_np(actions, path);
}

void *clinux_map(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

// Left to itself the threshold grows with each large block that is freed, up to 32 MiB.
void clinux_map_large_allocations(void) { mallopt(M_MMAP_THRESHOLD, 1 << 18); }

void clinux_release_free_memory(void) { malloc_trim(0); }
