/* The origin behind the proxies: it answers every request with as many bytes as the target asks for.
 *
 *     origin PORT [BYTES]        `…/size/N` in the target asks for N bytes; any other target gets BYTES (128)
 *
 * One thread, one epoll. Request bodies are read and dropped, by Content-Length or chunked; the answer comes after the
 * body. One request at a time on each connection: a client that pipelines is cut off. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { HEAD_MAX = 16384, FILLER = 1 << 20, EVENTS_PER_WAIT = 512 };

enum reading { HEAD, BODY, CHUNK_SIZE, CHUNK_BYTES, CHUNK_END, TRAILERS };

struct connection {
    int fd;
    int wants_room;           /* whether epoll watches for room to send */
    enum reading reading;
    long long left;           /* bytes of the body, or of the chunk, still to come */
    long long asked;          /* bytes of body that the answer will have */
    int line_bytes;           /* of the trailer line being read */
    char head[512];           /* the answer's head while it goes out */
    size_t head_bytes, head_sent;
    long long body_left;      /* bytes of the answer's body still to go out */
    char *held;               /* a request head that came in pieces */
    size_t held_bytes;
};

static char received[1 << 18], filler[FILLER];
static long long usual_bytes = 128;
static int epoll;

static void drop(struct connection *c) {
    close(c->fd);
    free(c->held);
    free(c);
}

static const char *field(const char *head, size_t size, const char *name) {
    size_t length = strlen(name);
    for (const char *line = head, *end = head + size; (line = memchr(line, '\n', (size_t)(end - line))); ) {
        line++;
        if ((size_t)(end - line) > length && !strncasecmp(line, name, length) && line[length] == ':') return line + length + 1;
    }
    return NULL;
}

/* Reads a whole head, which ends in an empty line: what to answer, and how the body is framed. */
static void understand(struct connection *c, const char *head, size_t size) {
    const char *line_end = memchr(head, '\r', size);
    const char *size_word = memmem(head, (size_t)(line_end - head), "/size/", 6);
    c->asked = size_word ? atoll(size_word + 6) : usual_bytes;
    c->left = 0;
    c->reading = BODY;
    if (!strncmp(head, "GET ", 4)) return;
    const char *coding = field(head, size, "transfer-encoding"), *length = field(head, size, "content-length");
    if (coding) c->reading = CHUNK_SIZE;
    else if (length) c->left = atoll(length);
}

static void prepare_answer(struct connection *c) {
    int size = snprintf(c->head, sizeof c->head,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: bench-origin\r\n"
        "Cache-Control: no-store\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: %lld\r\n\r\n", c->asked);
    c->head_bytes = (size_t)size;
    c->head_sent = 0;
    c->body_left = c->asked;
    c->reading = HEAD;
}

/* Chunked coding, one byte at a time except for the chunks' own bytes. Returns the bytes used; *done says that it ended. */
static size_t skip_chunked(struct connection *c, const char *bytes, size_t count, int *done) {
    size_t used = 0;
    while (used < count && !*done) {
        char byte = bytes[used];
        if (c->reading == CHUNK_BYTES) {
            size_t step = count - used < (size_t)c->left ? count - used : (size_t)c->left;
            used += step;
            c->left -= (long long)step;
            if (!c->left) c->reading = CHUNK_END;
            continue;
        }
        used++;
        if (c->reading == CHUNK_SIZE) {
            if (byte >= '0' && byte <= '9') c->left = c->left * 16 + (byte - '0');
            else if ((byte | 32) >= 'a' && (byte | 32) <= 'f') c->left = c->left * 16 + ((byte | 32) - 'a' + 10);
            else if (byte == '\n') c->reading = c->left ? CHUNK_BYTES : TRAILERS, c->line_bytes = 0;
        } else if (c->reading == CHUNK_END) {
            if (byte == '\n') c->reading = CHUNK_SIZE, c->left = 0;
        } else if (byte == '\n') {
            if (!c->line_bytes) *done = 1;
            c->line_bytes = 0;
        } else if (byte != '\r') {
            c->line_bytes++;
        }
    }
    return used;
}

/* Takes a head that may come in pieces. Returns the bytes used, or -1 when it is larger than any head of the bench. */
static ssize_t take_head(struct connection *c, const char *bytes, size_t count) {
    const char *end = c->held_bytes ? NULL : memmem(bytes, count, "\r\n\r\n", 4);
    if (end) {
        understand(c, bytes, (size_t)(end - bytes) + 4);
        return end - bytes + 4;
    }
    if (!c->held) c->held = malloc(HEAD_MAX);
    size_t before = c->held_bytes, room = HEAD_MAX - before, step = count < room ? count : room;
    memcpy(c->held + before, bytes, step);
    c->held_bytes += step;
    end = memmem(c->held, c->held_bytes, "\r\n\r\n", 4);
    if (!end) return step < count ? -1 : (ssize_t)step;
    size_t size = (size_t)(end - c->held) + 4;
    understand(c, c->held, size);
    c->held_bytes = 0;
    return (ssize_t)(size - before);
}

/* Feeds what was received. Returns 0 when the connection must go. */
static int feed(struct connection *c, const char *bytes, size_t count) {
    int whole = 0;
    while (count || whole) {
        size_t used = 0;
        if (whole) {
            /* Anything behind a whole request would be a second one. */
            if (count) return 0;
            prepare_answer(c);
            return 1;
        }
        if (c->reading == HEAD) {
            ssize_t taken = take_head(c, bytes, count);
            if (taken < 0) return 0;
            used = (size_t)taken;
            whole = c->reading == BODY && !c->left;
        } else if (c->reading == BODY) {
            used = count < (size_t)c->left ? count : (size_t)c->left;
            c->left -= (long long)used;
            whole = !c->left;
        } else {
            used = skip_chunked(c, bytes, count, &whole);
        }
        bytes += used;
        count -= used;
    }
    return 1;
}

static int owes(const struct connection *c) { return c->head_sent < c->head_bytes || c->body_left; }

/* Sends what the socket takes. Returns 0 when the connection must go. */
static int send_answer(struct connection *c) {
    while (owes(c)) {
        struct iovec parts[2] = {
            {.iov_base = c->head + c->head_sent, .iov_len = c->head_bytes - c->head_sent},
            {.iov_base = filler, .iov_len = c->body_left < FILLER ? (size_t)c->body_left : FILLER},
        };
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
        ssize_t sent = sendmsg(c->fd, &message, MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN || errno == EINTR;
        size_t of_head = (size_t)sent < parts[0].iov_len ? (size_t)sent : parts[0].iov_len;
        c->head_sent += of_head;
        c->body_left -= sent - (ssize_t)of_head;
    }
    return 1;
}

static int serve(struct connection *c, unsigned events) {
    if (!owes(c) && events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        ssize_t count = recv(c->fd, received, sizeof received, 0);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return 0;
        if (count > 0 && !feed(c, received, (size_t)count)) return 0;
    } else if (events & (EPOLLHUP | EPOLLERR)) {
        return 0;
    }
    if (!send_answer(c)) return 0;
    if (owes(c) != c->wants_room) {
        /* While an answer is owed, nothing is read: one request at a time. */
        c->wants_room = owes(c);
        struct epoll_event event = {.events = c->wants_room ? EPOLLOUT : EPOLLIN, .data.ptr = c};
        epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
    }
    return 1;
}

static void welcome(int fd) {
    struct connection *c = calloc(1, sizeof *c);
    int on = 1;
    c->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3) return fprintf(stderr, "usage: origin PORT [BYTES]\n"), 64;
    if (argc == 3) usual_bytes = atoll(argv[2]);
    memset(filler, 'x', sizeof filler);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 4096)) return perror("origin"), 1;
    epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event events[EVENTS_PER_WAIT];
        int count = epoll_wait(epoll, events, EVENTS_PER_WAIT, -1), fd;
        for (int index = 0; index < count; index++) {
            struct connection *c = events[index].data.ptr;
            if (!c) {
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) welcome(fd);
            } else if (!serve(c, events[index].events)) {
                drop(c);
            }
        }
    }
}
