// What a process gives up for good: capabilities, system calls, and files (Landlock).

#include "CLinux.h"

#include <dirent.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

int clinux_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

int clinux_drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};
    return (int)syscall(SYS_capset, &header, none);
}

// System calls that no name server needs, and that make an intruder's work easier: other programs, other processes,
// mounts, modules, clocks, and parts of the kernel known for their faults.
static const unsigned refused[] = {
    SYS_execve, SYS_execveat,
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_open, SYS_kcmp,
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_open_by_handle_at,
    SYS_swapon, SYS_swapoff, SYS_quotactl, SYS_acct, SYS_reboot,
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
    SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_sethostname, SYS_setdomainname, SYS_syslog,
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_personality, SYS_add_key, SYS_request_key, SYS_keyctl,
    // Headers may be older than the kernel: the same numbers on all machines.
    425, 426, 427,            // io_uring_setup, _enter, _register
    428, 429, 430, 431, 432,  // open_tree, move_mount, fsopen, fsconfig, fsmount
    438, 442,                 // pidfd_getfd, mount_setattr
#ifdef __x86_64__
    SYS_kexec_file_load, SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_uselib,
#endif
};

int clinux_filter_calls(void) {
#if defined __x86_64__
    const unsigned machine = AUDIT_ARCH_X86_64, largest = 0x3fffffff;  // Above are the calls of x32.
#elif defined __aarch64__
    const unsigned machine = AUDIT_ARCH_AARCH64, largest = ~0u;
#else
    const unsigned machine = 0, largest = 0;
    errno = ENOSYS;
    return -1;
#endif
    enum { COUNT = sizeof refused / sizeof *refused };
    const struct sock_filter refuse = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    struct sock_filter program[COUNT * 2 + 7] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, machine, 1, 0),
        refuse,
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, largest, 0, 1),
        refuse,
    };
    unsigned short length = 6;
    for (int i = 0; i < COUNT; i++) {
        program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[i], 0, 1);
        program[length++] = refuse;
    }
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog filter = {.len = length, .filter = program};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}

// Landlock. Its structures are declared here, since headers may be older than the kernel.

enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };

int clinux_landlock_version(void) { return (int)syscall(CREATE_RULESET, NULL, 0, 1); }

int clinux_landlock_create(uint64_t files, uint64_t network) {
    struct { uint64_t files, network, scopes; } handled = {files, network, 0};
    return (int)syscall(CREATE_RULESET, &handled, sizeof handled, 0);
}

int clinux_landlock_allow(int rules, const char *path, uint64_t access, uint64_t access_to_file) {
    struct { uint64_t access; int32_t place; } __attribute__((packed)) rule = {.access = access};
    rule.place = open(path, O_PATH | O_CLOEXEC);
    if (rule.place < 0) return -1;
    struct stat status;
    if (fstat(rule.place, &status) == 0 && !S_ISDIR(status.st_mode)) rule.access &= access_to_file;
    int result = (int)syscall(ADD_RULE, rules, 1, &rule, 0);
    int error = errno;
    close(rule.place);
    errno = error;
    return result;
}

// Landlock binds the calling thread and those that it starts, and its version for all threads is too new to count on.
// So each thread is sent a signal, whose handler makes the call.

static int rules_for_threads;
static int bound_threads, failure_of_thread;

static void bind_thread(int number) {
    (void)number;
    int error = errno;
    if (syscall(RESTRICT_SELF, rules_for_threads, 0) != 0) __atomic_store_n(&failure_of_thread, errno, __ATOMIC_RELEASE);
    __atomic_add_fetch(&bound_threads, 1, __ATOMIC_RELEASE);
    errno = error;
}

// Waits for the handler, or for the end of the thread.
static int bind_other_thread(pid_t thread, int number) {
    int before = __atomic_load_n(&bound_threads, __ATOMIC_ACQUIRE);
    if (syscall(SYS_tgkill, getpid(), thread, number) != 0) return errno == ESRCH ? 0 : -1;
    enum { ATTEMPTS = 100000 };  // 2 s at least: a thread may be waiting for a disk.
    for (int i = 0; i < ATTEMPTS; i++) {
        if (__atomic_load_n(&bound_threads, __ATOMIC_ACQUIRE) != before) return 0;
        if (syscall(SYS_tgkill, getpid(), thread, 0) != 0) return 0;
        nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    }
    errno = ETIMEDOUT;
    return -1;
}

int clinux_landlock_bind_all_threads(int rules) {
    enum { THREADS = 4096 };
    pid_t self = (pid_t)syscall(SYS_gettid), done[THREADS];
    int count = 0, number = SIGRTMIN + 3, isStable = 0, result = 0;
    DIR *threads = opendir("/proc/self/task");
    if (threads == NULL) return -1;
    // It stays, for a thread that takes the signal late.
    struct sigaction action = {.sa_handler = bind_thread, .sa_flags = SA_RESTART};
    sigaction(number, &action, NULL);
    rules_for_threads = rules;
    __atomic_store_n(&failure_of_thread, 0, __ATOMIC_RELEASE);
    // A thread that is not bound yet may start others: until no round finds a new one.
    while (!isStable && result == 0) {
        isStable = 1;
        rewinddir(threads);
        for (struct dirent *entry; result == 0 && (entry = readdir(threads)) != NULL;) {
            pid_t thread = atoi(entry->d_name);
            int known = thread == 0 || thread == self;
            for (int i = 0; i < count && !known; i++) known = done[i] == thread;
            if (known) continue;
            if (count == THREADS) {
                errno = EAGAIN;
                result = -1;
                break;
            }
            isStable = 0;
            done[count++] = thread;
            result = bind_other_thread(thread, number);
        }
    }
    int error = errno;
    if (result == 0) {
        bind_thread(number);
        error = __atomic_load_n(&failure_of_thread, __ATOMIC_ACQUIRE);
        if (error != 0) result = -1;
    }
    closedir(threads);
    errno = error;
    return result;
}
