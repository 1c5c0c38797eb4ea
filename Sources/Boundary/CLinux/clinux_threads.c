#define _GNU_SOURCE 1
#include "CLinuxThreads.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(sizeof(pthread_t) == sizeof(unsigned long), "Swift holds a thread as an integer");

int cl_thread_start(unsigned long *thread, const char *name, size_t stack_bytes, void *(*body)(void *), void *argument) {
    pthread_attr_t attributes;
    sigset_t blocked, before;
    int code = pthread_attr_init(&attributes);
    if (code) return -code;
    code = pthread_attr_setstacksize(&attributes, stack_bytes);
    // The new thread inherits the mask, so there is no moment in which it could take a signal meant for the process.
    sigfillset(&blocked);
    const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) sigdelset(&blocked, own[i]);
    if (!code) code = pthread_sigmask(SIG_SETMASK, &blocked, &before);
    if (!code) {
        pthread_t started;
        code = pthread_create(&started, &attributes, body, argument);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (!code) {
            // The kernel keeps 15 bytes of a name; a longer one is cut here, or it would be refused.
            char cut[16];
            snprintf(cut, sizeof cut, "%s", name);
            pthread_setname_np(started, cut);
            *thread = (unsigned long)started;
        }
    }
    pthread_attr_destroy(&attributes);
    return -code;
}

int cl_thread_join(unsigned long thread) { return -pthread_join((pthread_t)thread, NULL); }

int cl_thread_detach(unsigned long thread) { return -pthread_detach((pthread_t)thread); }

int cl_thread_pin(unsigned long thread, int cpu) {
    cpu_set_t set;
    if (cpu < 0 || cpu >= CPU_SETSIZE) return -EINVAL;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return -pthread_setaffinity_np((pthread_t)thread, sizeof set, &set);
}

int cl_thread_pin_current(int cpu) { return cl_thread_pin((unsigned long)pthread_self(), cpu); }

int cl_event_create(void) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int cl_event_signal(int fd) {
    uint64_t one = 1;
    ssize_t n;
    do n = write(fd, &one, sizeof one);
    while (n < 0 && errno == EINTR);
    // A full counter is as good as a signal: the reader will wake up.
    return n < 0 && errno != EAGAIN ? -errno : 0;
}

int cl_event_drain(int fd) {
    uint64_t count;
    ssize_t n;
    do n = read(fd, &count, sizeof count);
    while (n < 0 && errno == EINTR);
    return n < 0 && errno != EAGAIN ? -errno : 0;
}

static int kind_of(int fd) {
    struct stat status;
    if (fstat(fd, &status) < 0) return -errno;
    if (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)) return CL_LOG_REGULAR;
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_NONBLOCK)) return CL_LOG_NONBLOCKING;
    // Terminals and sockets may block; of the other devices (/dev/null) nobody expects it, and a slice more does no harm.
    return CL_LOG_SLICED;
}

int cl_log_open(const char *path, int *kind) {
    int fd;
    // Non-blocking, or opening a named pipe that nobody reads would wait for ever.
    do fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640);
    while (fd < 0 && errno == EINTR);
    if (fd < 0) return -errno;
    *kind = kind_of(fd);
    return fd;
}

int cl_log_duplicate(int fd, int *kind) {
    struct stat status;
    if (fstat(fd, &status) < 0) return -errno;
    if (S_ISFIFO(status.st_mode)) {
        // Setting O_NONBLOCK on a descriptor we were given would set it for every process that shares it. Opening the pipe
        // once more gives a description of our own. It fails where /proc is missing or the pipe is another user's.
        char path[32];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        int own = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
        if (own >= 0) {
            *kind = CL_LOG_NONBLOCKING;
            return own;
        }
    }
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return -errno;
    *kind = kind_of(copy);
    return copy;
}

long cl_log_write(int fd, const void *bytes, size_t count) {
    ssize_t n;
    do n = write(fd, bytes, count);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

void cl_log_settle(int fd, int64_t window) {
    off_t end = lseek(fd, 0, SEEK_CUR);
    if (end < window) return;
    // Neither result matters: what is not done now is done by the kernel in its own time.
    (void)sync_file_range(fd, end - window, window, SYNC_FILE_RANGE_WRITE);
    // The window just before may still be on its way to the disk, and pages that are stay where they are.
    if (end >= 3 * window) (void)posix_fadvise(fd, end - 3 * window, window, POSIX_FADV_DONTNEED);
}

int cl_log_wait(int fd, int timeout_milliseconds) {
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    int n;
    do n = poll(&wanted, 1, timeout_milliseconds);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}
