#define _GNU_SOURCE 1
#include "CLinuxFiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int cl_file_open(const char *path, int64_t *size) {
    // O_NONBLOCK: opening a named pipe must not wait for a writer.
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return -errno;
    struct stat found;
    int code = fstat(fd, &found) < 0 ? errno : S_ISDIR(found.st_mode) ? EISDIR : 0;
    if (code) {
        close(fd);
        return -code;
    }
    *size = S_ISREG(found.st_mode) ? found.st_size : 0;
    return fd;
}

ptrdiff_t cl_file_read(int fd, void *bytes, size_t count) {
    ssize_t n;
    do n = read(fd, bytes, count);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

int cl_file_remove(const char *path) { return unlink(path) < 0 ? -errno : 0; }

int cl_write_all(int fd, const void *bytes, size_t count) {
    for (const char *at = bytes; count > 0;) {
        ssize_t n = write(fd, at, count);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd wanted = {.fd = fd, .events = POLLOUT};
            poll(&wanted, 1, 1000);
        } else if (n < 0 && errno != EINTR) {
            return -errno;
        } else if (n > 0) {
            at += n;
            count -= (size_t)n;
        }
    }
    return 0;
}

int cl_real_path(const char *path, char *out, size_t capacity) {
    char found[PATH_MAX];
    if (!realpath(path, found)) return -errno;
    if (strlen(found) >= capacity) return -ENAMETOOLONG;
    strcpy(out, found);
    return 0;
}

int cl_private_directory(const char *path) {
    if (mkdir(path, 0700) < 0 && errno != EEXIST) return -errno;
    // lstat: a link that someone else put there would lead elsewhere.
    struct stat found;
    if (lstat(path, &found) < 0) return -errno;
    int is_ours = S_ISDIR(found.st_mode) && found.st_uid == geteuid() && (found.st_mode & 022) == 0;
    if (!is_ours) return -EPERM;
    return access(path, W_OK | X_OK) < 0 ? -errno : 0;
}

unsigned int cl_user(void) { return geteuid(); }

int cl_open_descriptors(void) {
    DIR *folder = opendir("/proc/self/fd");
    if (!folder) return -errno;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.') count++;
    closedir(folder);
    // The descriptor of the listing itself is not counted.
    return count - 1;
}

int64_t cl_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    return limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

int64_t cl_page_bytes(void) { return sysconf(_SC_PAGESIZE); }

uint64_t cl_processor_nanoseconds(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

// On Linux a thread has a nice value of its own (setpriority(2), "C library/kernel differences").
int cl_thread_give_way(void) {
    return setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 19) < 0 ? -errno : 0;
}

// glibc has neither the calls nor the structure: sched_setattr(2), version 0 of its layout.
struct cl_scheduling {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime;
    uint64_t deadline;
    uint64_t period;
};

int cl_thread_take_short_turns(uint64_t nanoseconds) {
    struct cl_scheduling now = {.size = sizeof now};
    if (syscall(SYS_sched_getattr, 0, &now, sizeof now, 0) < 0) return -errno;
    now.size = sizeof now;
    now.runtime = nanoseconds;
    return syscall(SYS_sched_setattr, 0, &now, 0) < 0 ? -errno : 0;
}
