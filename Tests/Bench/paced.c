/* Sends requests at a steady rate, whether or not the answers keep up, and writes down how long each took.
 *
 *     paced PORT TARGET CONNECTIONS REQUESTS_PER_SECOND SECONDS OUTPUT
 *
 * OUTPUT receives one struct record for each request. The time counts from the instant at which the request was due, so
 * an answer that holds up the next request makes that one late too, as it would for a client of its own. SIGTERM ends
 * the run early. Times are those of CLOCK_MONOTONIC, which every process of the machine shares. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, EVENTS_PER_WAIT = 256 };

struct record {
    double due_seconds, took_seconds;
    int64_t status; /* 0: the connection failed before an answer */
};

struct connection {
    int fd;
    double due;          /* of the request in flight; 0 when idle */
    size_t held, wanted; /* bytes of the answer received, and its whole size once the head is known */
    int status;
    char answer[8192];
};

static struct connection connections[CONNECTIONS_MAX];
static int idle[CONNECTIONS_MAX], idle_count, epoll;
static struct sockaddr_in gateway;
static char request[1024];
static size_t request_bytes;
static FILE *output;
static volatile sig_atomic_t stopped;

static void stop(int signal_number) {
    (void)signal_number;
    stopped = 1;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void open_connection(int index) {
    struct connection *c = &connections[index];
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c->fd, (struct sockaddr *)&gateway, sizeof gateway)) exit((perror("paced: connect"), 1));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static void finish(int index, int status) {
    struct connection *c = &connections[index];
    struct record record = {.due_seconds = c->due, .took_seconds = now() - c->due, .status = status};
    fwrite(&record, sizeof record, 1, output);
    c->due = 0;
    idle[idle_count++] = index;
}

/* The peer has closed: a request in flight has failed, an idle connection is only replaced. */
static void replace(int index) {
    close(connections[index].fd);
    if (connections[index].due) finish(index, 0);
    open_connection(index);
}

static void send_due(double due) {
    int index = idle[--idle_count];
    struct connection *c = &connections[index];
    c->due = due;
    c->held = c->wanted = 0;
    /* A request is far smaller than a socket's buffer: it goes out whole, or the connection is broken. */
    if (send(c->fd, request, request_bytes, MSG_NOSIGNAL) != (ssize_t)request_bytes) replace(index);
}

static void receive(int index) {
    struct connection *c = &connections[index];
    size_t room = sizeof c->answer - 1 - (c->wanted ? 0 : c->held);
    ssize_t count = recv(c->fd, c->answer + (c->wanted ? 0 : c->held), room, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return replace(index);
    c->held += (size_t)count;
    if (!c->wanted) {
        c->answer[c->held] = 0;
        char *end = strstr(c->answer, "\r\n\r\n"), *length = strcasestr(c->answer, "\r\ncontent-length:");
        if (!end) return;
        c->status = atoi(c->answer + 9);
        c->wanted = (size_t)(end - c->answer) + 4 + (length && length < end ? (size_t)atoll(length + 17) : 0);
    }
    if (c->held >= c->wanted && c->due) finish(index, c->status);
}

int main(int argc, char **argv) {
    if (argc != 7) return fprintf(stderr, "usage: paced PORT TARGET CONNECTIONS RATE SECONDS OUTPUT\n"), 64;
    int count = atoi(argv[3]);
    double rate = atof(argv[4]), seconds = atof(argv[5]);
    if (count < 1 || count > CONNECTIONS_MAX || rate <= 0) return 64;
    gateway = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    gateway.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    request_bytes = (size_t)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", argv[2]);
    output = fopen(argv[6], "wb");
    if (!output) return perror("paced"), 1;
    signal(SIGTERM, stop);
    /* The kernel may otherwise be 50 µs late with each wake-up, which is as long as an answer takes. */
    prctl(PR_SET_TIMERSLACK, 1);
    epoll = epoll_create1(0);
    for (int index = 0; index < count; index++) {
        open_connection(index);
        idle[idle_count++] = index;
    }
    double begin = now(), due = begin;
    while (!stopped && (due < begin + seconds || idle_count < count)) {
        double time = now();
        while (due <= time && due < begin + seconds && idle_count) {
            send_due(due);
            due += 1 / rate;
        }
        /* With no idle connection the next request waits for an answer; its clock is running already. */
        double wait = idle_count && due < begin + seconds ? due - now() : 1;
        if (wait < 0) wait = 0;
        struct timespec timeout = {.tv_sec = (time_t)wait, .tv_nsec = (long)((wait - (double)(time_t)wait) * 1e9)};
        struct epoll_event events[EVENTS_PER_WAIT];
        int ready = epoll_pwait2(epoll, events, EVENTS_PER_WAIT, &timeout, NULL);
        for (int event = 0; event < ready; event++) receive((int)events[event].data.u32);
    }
    return fclose(output) ? 1 : 0;
}
