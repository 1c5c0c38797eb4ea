#define _GNU_SOURCE 1
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(struct cl_event) == 16, "Swift reads this layout");

int cl_epoll_create(void) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int cl_epoll_add(int poller, int fd, uint64_t value, int edge) {
    struct epoll_event event = {.data.u64 = value};
    event.events = edge ? (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) : EPOLLIN;
    return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int cl_epoll_remove(int poller, int fd) { return epoll_ctl(poller, EPOLL_CTL_DEL, fd, NULL) < 0 ? -errno : 0; }

int cl_epoll_wait(int poller, struct cl_event *out, int capacity, int timeout_milliseconds) {
    enum { BATCH = 256 };
    struct epoll_event events[BATCH];
    int count = epoll_wait(poller, events, capacity < BATCH ? capacity : BATCH, timeout_milliseconds);
    if (count < 0) return -errno;
    for (int i = 0; i < count; i++) {
        out[i].value = events[i].data.u64;
        out[i].events = events[i].events;
    }
    return count;
}

static socklen_t to_native(const struct cl_address *address, struct sockaddr_storage *out) {
    memset(out, 0, sizeof *out);
    if (address->is_v4) {
        struct sockaddr_in *v4 = (void *)out;
        v4->sin_family = AF_INET;
        v4->sin_port = htons(address->port);
        memcpy(&v4->sin_addr, address->bytes + 12, 4);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = (void *)out;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address->port);
    v6->sin6_scope_id = address->scope;
    memcpy(&v6->sin6_addr, address->bytes, 16);
    return sizeof *v6;
}

static void from_native(const struct sockaddr *native, struct cl_address *out) {
    memset(out, 0, sizeof *out);
    if (native->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)native;
        out->is_v4 = 1;
        out->port = ntohs(v4->sin_port);
        out->bytes[10] = out->bytes[11] = 0xff;
        memcpy(out->bytes + 12, &v4->sin_addr, 4);
    } else if (native->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)native;
        out->port = ntohs(v6->sin6_port);
        out->scope = v6->sin6_scope_id;
        memcpy(out->bytes, &v6->sin6_addr, 16);
        out->is_v4 = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
    }
}

static int fail(int fd) {
    int code = errno;
    close(fd);
    return -code;
}

int cl_listen_tcp(const struct cl_address *address, int backlog, int reuse_port) {
    struct sockaddr_storage native;
    socklen_t size = to_native(address, &native);
    int one = 1, fd = socket(native.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (native.ss_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    if (reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0) return fail(fd);
    if (bind(fd, (struct sockaddr *)&native, size) < 0 || listen(fd, backlog) < 0) return fail(fd);
    return fd;
}

static int unix_address(const char *path, struct sockaddr_un *out) {
    memset(out, 0, sizeof *out);
    out->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof out->sun_path) return -ENAMETOOLONG;
    strcpy(out->sun_path, path);
    return 0;
}

int cl_listen_unix(const char *path, int backlog) {
    struct sockaddr_un native;
    int bad = unix_address(path, &native);
    if (bad) return bad;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    unlink(path);
    // The mask makes the socket private from its first moment; a chmod afterwards would leave a gap.
    mode_t before = umask(0177);
    int bound = bind(fd, (struct sockaddr *)&native, sizeof native);
    umask(before);
    if (bound < 0 || listen(fd, backlog) < 0) return fail(fd);
    return fd;
}

int cl_connect_unix(const char *path) {
    struct sockaddr_un native;
    int bad = unix_address(path, &native);
    if (bad) return bad;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (connect(fd, (struct sockaddr *)&native, sizeof native) < 0) return fail(fd);
    return fd;
}

int cl_stop_listening(int fd) { return shutdown(fd, SHUT_RDWR) < 0 ? -errno : 0; }

int cl_spare_open(void) { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

int cl_shed_one(int listener, int *spare) {
    if (*spare < 0) return 0;
    close(*spare);
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), code = errno;
    if (fd >= 0) close(fd);
    *spare = cl_spare_open();
    return fd >= 0 ? 1 : code == EAGAIN ? 0 : -code;
}

int cl_local_address(int fd, struct cl_address *out) {
    struct sockaddr_storage native;
    socklen_t size = sizeof native;
    if (getsockname(fd, (struct sockaddr *)&native, &size) < 0) return -errno;
    from_native((struct sockaddr *)&native, out);
    return 0;
}

int cl_accept(int listener, struct cl_address *peer) {
    struct sockaddr_storage native;
    socklen_t size = sizeof native;
    int one = 1, fd;
    do fd = accept4(listener, (struct sockaddr *)&native, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd < 0) return -errno;
    from_native((struct sockaddr *)&native, peer);
    if (native.ss_family != AF_UNIX) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

int cl_connect_tcp(const struct cl_address *address) {
    struct sockaddr_storage native;
    socklen_t size = to_native(address, &native);
    int one = 1, fd = socket(native.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&native, size) < 0) {
        // An interrupted connect goes on in the background, like one in progress.
        if (errno != EINPROGRESS && errno != EINTR) return fail(fd);
    }
    return fd;
}

int cl_connect_result(int fd) {
    int code = 0;
    socklen_t size = sizeof code;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0) return -errno;
    return -code;
}

ptrdiff_t cl_receive(int fd, void *bytes, size_t count) {
    ssize_t n;
    do n = recv(fd, bytes, count, 0);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

ptrdiff_t cl_peek(int fd, void *bytes, size_t count) {
    ssize_t n;
    do n = recv(fd, bytes, count, MSG_PEEK);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

ptrdiff_t cl_send(int fd, const void *bytes, size_t count) {
    ssize_t n;
    do n = send(fd, bytes, count, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

ptrdiff_t cl_send_two(int fd, const void *first, size_t first_count, const void *second, size_t second_count) {
    struct iovec parts[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t n;
    do n = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

int cl_shutdown_write(int fd) { return shutdown(fd, SHUT_WR) < 0 ? -errno : 0; }

int cl_reset_on_close(int fd) {
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    return setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now) < 0 ? -errno : 0;
}

int cl_wait_readable(int fd, int timeout_milliseconds) {
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    int n;
    do n = poll(&wanted, 1, timeout_milliseconds);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

int cl_signal_descriptor(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    int code = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (code) return -code;
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int cl_next_signal(int fd) {
    struct signalfd_siginfo info;
    ssize_t n = read(fd, &info, sizeof info);
    if (n < 0) return -errno;
    return n == sizeof info ? (int)info.ssi_signo : -EIO;
}

int cl_ignore_sigpipe(void) { return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -errno : 0; }

int cl_watch_create(void) {
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int cl_watch_directory(int watcher, const char *path) {
    int watch = inotify_add_watch(watcher, path, IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE);
    return watch < 0 ? -errno : watch;
}

int cl_watch_drain(int watcher, const char *name) {
    _Alignas(struct inotify_event) char bytes[4096];
    int found = 0;
    for (;;) {
        ssize_t n = read(watcher, bytes, sizeof bytes);
        if (n < 0) return errno == EAGAIN ? found : -errno;
        for (char *at = bytes; at < bytes + n;) {
            const struct inotify_event *event = (const void *)at;
            // A symbolic link that was swapped beside the file (Kubernetes' ..data) changes what the name leads to.
            if (event->len && (!strcmp(event->name, name) || !strncmp(event->name, "..data", 6))) found = 1;
            at += sizeof *event + event->len;
        }
    }
}

int cl_entropy(void *bytes, size_t count) {
    // Requests below 256 bytes are never cut short.
    return getrandom(bytes, count, 0) == (ssize_t)count ? 0 : -errno;
}

uint64_t cl_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t cl_wall_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int cl_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) < 0 ? 1 : CPU_COUNT(&set);
}

int64_t cl_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    if (limit.rlim_cur < limit.rlim_max) {
        struct rlimit raised = {limit.rlim_max, limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    return limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}
