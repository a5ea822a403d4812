#include "CLinux.h"

#include <sched.h>
#include <stdlib.h>

int clinux_accept(int listener, struct sockaddr *peer, socklen_t *size) {
    return accept4(listener, peer, size, SOCK_CLOEXEC | SOCK_NONBLOCK);
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

int clinux_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

void clinux_spawn_in_directory(posix_spawn_file_actions_t *actions, const char *path) {
    posix_spawn_file_actions_addchdir_np(actions, path);
}
