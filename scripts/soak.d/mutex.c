/* Tells ThreadSanitizer of Swift's Mutex, preloaded into a program that was built with -sanitize=thread.
 *
 * Synchronization's Mutex takes and gives back its lock by atomics in the program itself, which the sanitizer sees. Only where
 * two threads meet does it call the two functions below, and these are in a library that was not built with the sanitizer: what
 * orders the threads then went unseen, and everything behind a contended Mutex was reported as a race. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

/* Swift's calling convention (clang's swiftcall): `self`, here the lock's address, comes in a register of its own. */
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))
typedef SWIFT void (*lock_function)(uint32_t thread, SELF void *self);
typedef SWIFT void (*unlock_function)(SELF void *self);

/* _MutexHandle._lockSlow(UInt32) */
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
/* _MutexHandle._unlockSlow() */
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock_slowly(uint32_t thread, SELF void *self) __asm__(LOCK);
SWIFT void unlock_slowly(SELF void *self) __asm__(UNLOCK);

SWIFT void lock_slowly(uint32_t thread, SELF void *self) {
  ((lock_function)dlsym(RTLD_NEXT, LOCK))(thread, self);
  if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT void unlock_slowly(SELF void *self) {
  if (__tsan_release) __tsan_release(self);
  ((unlock_function)dlsym(RTLD_NEXT, UNLOCK))(self);
}
