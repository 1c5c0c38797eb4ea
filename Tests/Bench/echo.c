/* WebSocket echo, both ends of it, as plainly as can be: what lies between them is what is measured.
 *
 *     echo origin PORT                          answers each upgrade with 101, then sends back whatever comes
 *     echo client PORT CONNECTIONS SECONDS      upgrades so many connections, keeps one masked frame of 64 octets in flight on
 *                                               each, and prints how many came back whole
 *
 * The origin does not unmask: frames go back as they came, which no client of a real origin would accept, but costs nothing. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 2 + 4 + 64, CONNECTIONS_MAX = 1024 };

static const char upgrade[] = "GET /api/v1/products/chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
static const char switching[] = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static int fail(const char *what) {
    perror(what);
    return 1;
}

static void no_delay(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int origin(struct sockaddr_in *address) {
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0);
    static char upgraded[65536], buffer[65536];
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (void *)address, sizeof *address) || listen(listener, 1024)) return fail("echo origin");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                fd = accept(listener, NULL, NULL);
                if (fd < 0 || fd >= (int)sizeof upgraded) continue;
                no_delay(fd);
                upgraded[fd] = 0;
                event.data.fd = fd;
                epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
                continue;
            }
            ssize_t n = recv(fd, buffer, sizeof buffer, 0);
            if (n <= 0) {
                close(fd);
            } else if (!upgraded[fd]) {
                /* A head is small, and comes in one piece here. */
                upgraded[fd] = 1;
                if (send(fd, switching, sizeof switching - 1, MSG_NOSIGNAL) < 0) close(fd);
            } else if (send(fd, buffer, (size_t)n, MSG_NOSIGNAL) != n) {
                close(fd);
            }
        }
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int client(struct sockaddr_in *address, int connections, double seconds) {
    static int got[65536];
    char frame[FRAME], buffer[65536];
    int poll = epoll_create1(0);
    long messages = 0;
    memset(frame, 'x', sizeof frame);
    frame[0] = (char)0x82;
    frame[1] = (char)(0x80 | 64);
    for (int i = 0; i < connections; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (void *)address, sizeof *address)) return fail("echo client");
        no_delay(fd);
        if (send(fd, upgrade, sizeof upgrade - 1, 0) < 0) return fail("echo client");
        size_t held = 0;
        do {
            ssize_t n = recv(fd, buffer + held, 1, 0);
            if (n <= 0 || ++held == sizeof buffer) return fail("echo client: no answer");
        } while (held < 4 || memcmp(buffer + held - 4, "\r\n\r\n", 4));
        if (memcmp(buffer, "HTTP/1.1 101", 12)) return fprintf(stderr, "%.40s\n", buffer), 1;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
        if (send(fd, frame, sizeof frame, MSG_NOSIGNAL) != sizeof frame) return fail("echo client");
    }
    for (double end = now() + seconds; now() < end;) {
        struct epoll_event events[256];
        int count = epoll_wait(poll, events, 256, 100);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            ssize_t n = recv(fd, buffer, sizeof buffer, 0);
            if (n <= 0) return fail("echo client: closed");
            got[fd] += (int)n;
            if (got[fd] < FRAME) continue;
            got[fd] -= FRAME;
            messages++;
            if (send(fd, frame, sizeof frame, MSG_NOSIGNAL) != sizeof frame) return fail("echo client");
        }
    }
    printf("%ld\n", messages);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[2])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (!strcmp(argv[1], "origin")) return origin(&address);
    if (argc < 5 || atoi(argv[3]) < 1 || atoi(argv[3]) > CONNECTIONS_MAX) return 2;
    return client(&address, atoi(argv[3]), atof(argv[4]));
}
