#define _GNU_SOURCE 1
#include "CLinuxTakeover.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int fail(int fd) {
    int code = errno;
    close(fd);
    return -code;
}

static int option(int fd, int name, int *value) {
    socklen_t size = sizeof *value;
    return getsockopt(fd, SOL_SOCKET, name, value, &size) < 0 ? -errno : 0;
}

int cl_adopt_listener(int fd) {
    int type, family, listens, code;
    if ((code = option(fd, SO_TYPE, &type))) return code;
    if (type != SOCK_STREAM) return -ESOCKTNOSUPPORT;
    if ((code = option(fd, SO_DOMAIN, &family))) return code;
    if (family != AF_INET && family != AF_INET6) return -EAFNOSUPPORT;
    if ((code = option(fd, SO_ACCEPTCONN, &listens))) return code;
    if (!listens) return -EINVAL;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
    return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

int cl_duplicate(int fd) {
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    return copy < 0 ? -errno : copy;
}

int cl_process(void) { return getpid(); }

int cl_environment_clear(const char *name) { return unsetenv(name) < 0 ? -errno : 0; }

enum { CHANNEL_TYPE = SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC };

static int channel_address(const char *path, struct sockaddr_un *out) {
    memset(out, 0, sizeof *out);
    out->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof out->sun_path) return -ENAMETOOLONG;
    strcpy(out->sun_path, path);
    return 0;
}

int cl_channel_listen(const char *path) {
    struct sockaddr_un native;
    int bad = channel_address(path, &native);
    if (bad) return bad;
    int fd = socket(AF_UNIX, CHANNEL_TYPE, 0);
    if (fd < 0) return -errno;
    unlink(path);
    // The mask makes the socket private from its first moment.
    mode_t before = umask(0177);
    int bound = bind(fd, (struct sockaddr *)&native, sizeof native);
    umask(before);
    if (bound < 0 || listen(fd, 4) < 0) return fail(fd);
    return fd;
}

int cl_channel_connect(const char *path) {
    struct sockaddr_un native;
    int bad = channel_address(path, &native);
    if (bad) return bad;
    int fd = socket(AF_UNIX, CHANNEL_TYPE, 0);
    if (fd < 0) return -errno;
    if (connect(fd, (struct sockaddr *)&native, sizeof native) < 0) return fail(fd);
    return fd;
}

int cl_channel_accept(int fd) {
    int accepted;
    do accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (accepted < 0 && (errno == EINTR || errno == ECONNABORTED));
    return accepted < 0 ? -errno : accepted;
}

int cl_channel_pair(int *first, int *second) {
    int both[2];
    if (socketpair(AF_UNIX, CHANNEL_TYPE, 0, both) < 0) return -errno;
    *first = both[0];
    *second = both[1];
    return 0;
}

int cl_channel_peer(int fd, uint32_t *user, int32_t *process) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return -errno;
    *user = peer.uid;
    *process = peer.pid;
    return 0;
}

// Room for the descriptors of one message, aligned as its head wants to be.
union rights {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(CL_CHANNEL_DESCRIPTORS_MAX * sizeof(int))];
};

ptrdiff_t cl_channel_send(int fd, const void *bytes, size_t count, const int *descriptors, int descriptor_count) {
    if (descriptor_count < 0 || descriptor_count > CL_CHANNEL_DESCRIPTORS_MAX) return -EINVAL;
    union rights rights;
    struct iovec part = {(void *)bytes, count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor_count > 0) {
        size_t size = (size_t)descriptor_count * sizeof(int);
        memset(&rights, 0, sizeof rights);
        message.msg_control = rights.bytes;
        message.msg_controllen = CMSG_SPACE(size);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(head), descriptors, size);
    }
    ssize_t n;
    do n = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

ptrdiff_t cl_channel_receive(int fd, void *bytes, size_t capacity, int *descriptors, int *descriptor_count) {
    union rights rights;
    struct iovec part = {bytes, capacity};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = rights.bytes, .msg_controllen = sizeof rights.bytes};
    ssize_t n;
    do n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    *descriptor_count = 0;
    if (n < 0) return -errno;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        int count = (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int i = 0; i < count; i++) {
            int received;
            memcpy(&received, CMSG_DATA(head) + (size_t)i * sizeof(int), sizeof received);
            // The kernel gives no more than the room holds; if it did, they would have to be closed all the same.
            if (*descriptor_count < CL_CHANNEL_DESCRIPTORS_MAX) descriptors[(*descriptor_count)++] = received;
            else close(received);
        }
    }
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        for (int i = 0; i < *descriptor_count; i++) close(descriptors[i]);
        *descriptor_count = 0;
        return -EMSGSIZE;
    }
    return n;
}

int cl_wait_writable(int fd, int timeout_milliseconds) {
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    int n;
    do n = poll(&wanted, 1, timeout_milliseconds);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

int cl_notify(const char *name, size_t name_count, const void *bytes, size_t count) {
    struct sockaddr_un native = {.sun_family = AF_UNIX};
    if (name_count < 2 || name_count >= sizeof native.sun_path) return -EINVAL;
    if (name[0] != '/' && name[0] != '@') return -EINVAL;
    memcpy(native.sun_path, name, name_count);
    // An abstract name begins with a zero and has no end of its own but the length.
    if (name[0] == '@') native.sun_path[0] = 0;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name_count + (name[0] == '/' ? 1 : 0));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    ssize_t n;
    do n = sendto(fd, bytes, count, MSG_NOSIGNAL, (struct sockaddr *)&native, size);
    while (n < 0 && errno == EINTR);
    if (n < 0) return fail(fd);
    close(fd);
    return 0;
}
