/* What Kernel needs of Linux that Swift's own Glibc module does not carry, or cannot import: variadic calls,
 * function-like macros and a few headers. No logic lives here. */
#ifndef WEFT_CLINUX_H
#define WEFT_CLINUX_H

/* No _GNU_SOURCE: with it the same libc types would differ from the ones in Swift's Glibc module. What it hides is
 * declared below. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <linux/capability.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* epoll_event.data as one word, past the anonymous union. */
static inline void weft_epoll_set_token(struct epoll_event *event, uint64_t token) { event->data.u64 = token; }
static inline uint64_t weft_epoll_token(const struct epoll_event *event) { return event->data.u64; }

/* Variadic in C, so not importable. */
static inline int weft_fcntl(int fd, int command, long argument) { return fcntl(fd, command, argument); }
static inline int weft_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }
static inline int weft_prctl(int option, unsigned long a, unsigned long b, unsigned long c) {
  return prctl(option, a, b, c, 0);
}

/* GNU extensions that Swift's Glibc module hides, because it is built without _GNU_SOURCE. */
extern int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags);
static inline int weft_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags) {
  return accept4(fd, address, size, flags);
}

/* The raw call: it returns how many bytes of the mask it wrote. */
static inline long weft_sched_getaffinity(void *mask, size_t size) {
  return syscall(SYS_sched_getaffinity, 0, size, mask);
}

/* struct ucred, sys/socket.h: what SO_PEERCRED gives (unix(7)). */
struct weft_peer_credentials {
  int32_t pid;
  uint32_t uid;
  uint32_t gid;
};
/* asm-generic/socket.h, Linux 6.5: a pidfd of who connected. Not in the headers of Debian 12. */
#define WEFT_SO_PEERPIDFD 77

/* The data path's calls without glibc around them: its wrappers are cancellation points and pay two atomic
 * operations a call in a program with threads (docs/decisions/0006). The result is the kernel's own: a count, or -errno. */
#if defined(__x86_64__)
static inline __attribute__((always_inline)) long weft_raw_call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#else
static inline long weft_raw_call(long number, long a, long b, long c, long d, long e, long f) {
  long result = syscall(number, a, b, c, d, e, f);
  return result < 0 ? -errno : result;
}
#endif
static inline __attribute__((always_inline)) long weft_raw_receive(int fd, void *buffer, size_t size) {
  return weft_raw_call(SYS_recvfrom, fd, (long)buffer, (long)size, 0, 0, 0);
}
static inline __attribute__((always_inline)) long weft_raw_send(int fd, const void *bytes, size_t size, int flags) {
  return weft_raw_call(SYS_sendto, fd, (long)bytes, (long)size, flags, 0, 0);
}
static inline __attribute__((always_inline)) long weft_raw_epoll_wait(int fd, struct epoll_event *events, int count, int timeout_ms) {
#ifdef SYS_epoll_wait
  return weft_raw_call(SYS_epoll_wait, fd, (long)events, count, timeout_ms, 0, 0);
#else
  /* Newer architectures have only epoll_pwait(2), which without a mask is the same. */
  return weft_raw_call(SYS_epoll_pwait, fd, (long)events, count, timeout_ms, 0, 8);
#endif
}
static inline __attribute__((always_inline)) void weft_raw_pause(long ns) {
  struct timespec length = {0, ns};
  (void)weft_raw_call(SYS_nanosleep, (long)&length, 0, 0, 0, 0, 0);
}

/* capset(2), capget(2) have no glibc wrapper. */
static inline int weft_capset(struct __user_cap_header_struct *header, const struct __user_cap_data_struct *data) {
  return (int)syscall(SYS_capset, header, data);
}
static inline int weft_capget(struct __user_cap_header_struct *header, struct __user_cap_data_struct *data) {
  return (int)syscall(SYS_capget, header, data);
}

/* CMSG_* are function-like macros. One descriptor array at a time is all Weft passes. */
static inline size_t weft_cmsg_space(size_t bytes) { return CMSG_SPACE(bytes); }
static inline size_t weft_cmsg_len(size_t bytes) { return CMSG_LEN(bytes); }
static inline struct cmsghdr *weft_cmsg_first(struct msghdr *message) { return CMSG_FIRSTHDR(message); }
static inline unsigned char *weft_cmsg_data(struct cmsghdr *header) { return CMSG_DATA(header); }

/* dl_iterate_phdr(3) is a GNU extension, and so is its struct; these are the members that it has always begun with. */
#include <link.h>
struct dl_phdr_info;
struct weft_loaded_object {
  ElfW(Addr) base;
  const char *name;
  const ElfW(Phdr) *headers;
  ElfW(Half) count;
};
extern int dl_iterate_phdr(int (*)(struct dl_phdr_info *, size_t, void *), void *);
extern int madvise(void *, size_t, int);
/* Unmaps the pages of one object's segments that are never written, which the kernel maps again from the file as they
 * are used. Segments that may be written hold relocations and variables, and are left alone. */
static inline int weft_release_object(struct dl_phdr_info *object, size_t size, void *unused) {
  const struct weft_loaded_object *loaded = (const struct weft_loaded_object *)(const void *)object;
  (void)size;
  (void)unused;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (int index = 0; index < loaded->count; index++) {
    const ElfW(Phdr) *segment = &loaded->headers[index];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
    /* Whole pages within the segment: a page shared with the next one may be written there. */
    uintptr_t first = (loaded->base + segment->p_vaddr + page - 1) & ~(page - 1);
    uintptr_t last = (loaded->base + segment->p_vaddr + segment->p_filesz) & ~(page - 1);
    if (last > first) madvise((void *)first, last - first, 4 /* MADV_DONTNEED, hidden without _DEFAULT_SOURCE */);
  }
  return 0;
}
static inline void weft_release_code(void) { dl_iterate_phdr(weft_release_object, 0); }

/* linux/netfilter_ipv4.h and linux/netfilter_ipv6/ip6_tables.h, which clash with glibc's net/if.h. */
#define WEFT_SO_ORIGINAL_DST 80
#define WEFT_IP6T_SO_ORIGINAL_DST 80

/* linux/in.h; not in every libc's headers from Debian 12. */
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* Namespaces and identities of one thread (sched.h, sys/fsuid.h), hidden without _GNU_SOURCE. */
extern int setns(int fd, int kind);
extern int unshare(int flags);
extern int setfsuid(uid_t uid);
extern int setfsgid(gid_t gid);
#define WEFT_CLONE_NEWNET 0x40000000
static inline int weft_enter_network_namespace(int fd) { return setns(fd, WEFT_CLONE_NEWNET); }
static inline int weft_unshare_network(void) { return unshare(WEFT_CLONE_NEWNET); }
/* Both take effect for sockets made afterwards by this thread; the previous id is returned, never an error. */
static inline uid_t weft_set_file_user(uid_t uid) { return (uid_t)setfsuid(uid); }
static inline gid_t weft_set_file_group(gid_t gid) { return (gid_t)setfsgid(gid); }
/* memfd_create(2) and its seals, which glibc shows only under _GNU_SOURCE. */
static inline int weft_memfd(const char *name) { return (int)syscall(SYS_memfd_create, name, 3u /* CLOEXEC, ALLOW_SEALING */); }
static inline int weft_memfd_seal(int fd) { return fcntl(fd, 1033 /* F_ADD_SEALS */, 15 /* SEAL, SHRINK, GROW, WRITE */); }

/* Swift forbids fork(2), since a child of a process with threads can do little. The process finder is forked before the
 * first thread. close_range(2), and user ids that setuid(2) leaves behind, are hidden without _GNU_SOURCE. */
static inline pid_t weft_fork(void) { return fork(); }
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
static inline int weft_close_range(unsigned int first, unsigned int last) {
  return (int)syscall(SYS_close_range, first, last, 0u);
}
extern int setresuid(uid_t real, uid_t effective, uid_t saved);
extern int setresgid(gid_t real, gid_t effective, gid_t saved);
extern int getresuid(uid_t *real, uid_t *effective, uid_t *saved);
extern int getresgid(gid_t *real, gid_t *effective, gid_t *saved);
static inline int weft_set_users(uid_t uid) { return setresuid(uid, uid, uid); }
static inline int weft_set_groups(gid_t gid) { return setresgid(gid, gid, gid); }
static inline int weft_users_are(uid_t uid) {
  uid_t real, effective, saved;
  return getresuid(&real, &effective, &saved) == 0 && real == uid && effective == uid && saved == uid;
}
static inline int weft_groups_are(gid_t gid) {
  gid_t real, effective, saved;
  return getresgid(&real, &effective, &saved) == 0 && real == gid && effective == gid && saved == gid;
}

#endif
