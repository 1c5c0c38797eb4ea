/* The floor under every proxy on this machine: it moves bytes between a client's socket and a socket of its own to the
 * origin, and looks at none of them. What a proxy costs beyond this is the proxy's own doing.
 *
 *     floor PORT ORIGIN_PORT
 *
 * One thread, one epoll, level-triggered: for each readable socket one receive and one send, as in a proxy at its best.
 * It is meant for exchanges that fit a socket buffer; a send that does not fit is waited for. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 65536, EVENTS_PER_WAIT = 512 };

/* The other end of each open descriptor; 0 is none, for descriptor 0 is never a socket here. */
static int partner[DESCRIPTORS_MAX];
static char bytes[1 << 18];

static struct sockaddr_in loopback(const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void watch(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) abort();
}

static void pair_up(int epoll, int client, const struct sockaddr_in *origin) {
    int upstream = socket(AF_INET, SOCK_STREAM, 0);
    if (upstream < 0 || upstream >= DESCRIPTORS_MAX || client >= DESCRIPTORS_MAX ||
        connect(upstream, (const struct sockaddr *)origin, sizeof *origin)) {
        if (upstream >= 0) close(upstream);
        close(client);
        return;
    }
    partner[client] = upstream;
    partner[upstream] = client;
    watch(epoll, client);
    watch(epoll, upstream);
}

static void part(int fd) {
    int other = partner[fd];
    partner[fd] = partner[other] = 0;
    close(fd);
    close(other);
}

/* Returns 0 when the pair is gone. */
static int relay(int fd) {
    ssize_t received = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) return 1;
    if (received <= 0) return 0;
    for (ssize_t sent = 0; sent < received;) {
        ssize_t count = send(partner[fd], bytes + sent, (size_t)(received - sent), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count >= 0) {
            sent += count;
        } else if (errno == EAGAIN) {
            struct pollfd room = {.fd = partner[fd], .events = POLLOUT};
            poll(&room, 1, -1);
        } else {
            return 0;
        }
    }
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 3) return fprintf(stderr, "usage: floor PORT ORIGIN_PORT\n"), 64;
    struct sockaddr_in here = loopback(argv[1]), origin = loopback(argv[2]);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), epoll = epoll_create1(0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 4096)) return perror("floor"), 1;
    watch(epoll, listener);
    for (;;) {
        struct epoll_event events[EVENTS_PER_WAIT];
        int count = epoll_wait(epoll, events, EVENTS_PER_WAIT, -1);
        for (int index = 0; index < count; index++) {
            int fd = events[index].data.fd, client;
            if (fd == listener) {
                while ((client = accept4(listener, NULL, NULL, 0)) >= 0) pair_up(epoll, client, &origin);
            } else if (partner[fd] && !relay(fd)) {
                /* An event of the partner later in this batch finds no partner and is dropped. */
                part(fd);
            }
        }
    }
}
