/* Preloaded (ld.so(8)): the real-time clock is as many seconds ahead or behind as the file named by CLOCK_OFFSET_FILE says,
   and the monotonic one as many ahead as that named by MONOTONIC_OFFSET_FILE, which may change at any time, the latter to more.
   There is no namespace for CLOCK_REALTIME, and in one for CLOCK_MONOTONIC it cannot be set again (time_namespaces(7)). */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long offset_s(const char *variable) {
  char text[32] = "";
  const char *path = getenv(variable);
  int saved = errno, file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file >= 0) {
    ssize_t count = read(file, text, sizeof text - 1);
    text[count > 0 ? count : 0] = 0;
    close(file);
  }
  errno = saved;
  return atol(text);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (syscall(SYS_clock_gettime, clock, time)) return -1;
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) time->tv_sec += offset_s("CLOCK_OFFSET_FILE");
  if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE) time->tv_sec += offset_s("MONOTONIC_OFFSET_FILE");
  return 0;
}

int gettimeofday(struct timeval *time, void *zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}
