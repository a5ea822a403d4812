// Only where thread sanitizer looks on: a lock that it sees. Where Swift's Mutex has to wait, its library waits with a
// futex, and being no instrumented code it leaves no trace of who waited for whom, so that what the lock protects would
// count as a race. This stands in for that function; the rest of Mutex is compiled into its users, and is seen.

#if defined(__has_feature) && __has_feature(thread_sanitizer)

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

// Synchronization._MutexHandle._lockSlow(UInt32) -> (): 0 is a free lock, else it is the thread that holds it.
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define LOCK __attribute__((swift_context)) _Atomic uint32_t *lock

__attribute__((swiftcall)) void clinux_lock(uint32_t thread, LOCK) __asm__(LOCK_SLOW);
__attribute__((swiftcall)) void clinux_lock(uint32_t thread, LOCK) {
    for (uint32_t free = 0; !atomic_compare_exchange_weak(lock, &free, thread); free = 0) sched_yield();
}

#endif
