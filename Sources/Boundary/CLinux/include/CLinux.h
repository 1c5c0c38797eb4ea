// What Swift's Glibc module leaves out or cannot import: epoll, accept4, socket options, peer addresses, signals.
// Every shim is as thin as it can be and returns -errno on failure, so that Swift reads one value.
#ifndef CLINUX_H
#define CLINUX_H
// Only headers without feature tests: what Swift imports here must look the same as in its Glibc module.
#include <stddef.h>
#include <stdint.h>

// An IPv4 address is held as ::ffff:a.b.c.d, so that one form serves both families. Port in host order.
struct cl_address { uint8_t bytes[16]; uint16_t port; uint16_t is_v4; uint32_t scope; };

// One epoll report: the registered value and the events.
struct cl_event { uint64_t value; uint32_t events; uint32_t reserved; };

enum { CL_READABLE = 0x001, CL_WRITABLE = 0x004, CL_ERROR = 0x008, CL_HANGUP = 0x010, CL_READ_HANGUP = 0x2000 };

int cl_epoll_create(void);
// Edge-triggered registration for everything (edge != 0), or level-triggered for reading only.
int cl_epoll_add(int poller, int fd, uint64_t value, int edge);
int cl_epoll_remove(int poller, int fd);
int cl_epoll_wait(int poller, struct cl_event *out, int capacity, int timeout_milliseconds);

int cl_listen_tcp(const struct cl_address *address, int backlog, int reuse_port);
int cl_listen_unix(const char *path, int backlog);
int cl_connect_unix(const char *path);
// Stops a listening socket without closing its descriptor.
int cl_stop_listening(int fd);
// A descriptor to hold in reserve, or -1.
int cl_spare_open(void);
// Gives the reserve up, accepts one connection and closes it, takes the reserve back: 1 done, 0 nothing waits, -errno.
int cl_shed_one(int listener, int *spare);
int cl_local_address(int fd, struct cl_address *out);
// Accepts a non-blocking, close-on-exec connection and sets TCP_NODELAY.
int cl_accept(int listener, struct cl_address *peer);
// Starts a non-blocking connect; a writable event reports its end.
int cl_connect_tcp(const struct cl_address *address);
// 0 when a started connect has succeeded, else -errno.
int cl_connect_result(int fd);
ptrdiff_t cl_receive(int fd, void *bytes, size_t count);
// The same, leaving the bytes in the socket.
ptrdiff_t cl_peek(int fd, void *bytes, size_t count);
ptrdiff_t cl_send(int fd, const void *bytes, size_t count);
ptrdiff_t cl_send_two(int fd, const void *first, size_t first_count, const void *second, size_t second_count);
int cl_shutdown_write(int fd);
int cl_reset_on_close(int fd);
int cl_wait_readable(int fd, int timeout_milliseconds);

int cl_signal_descriptor(const int *signals, int count);
int cl_next_signal(int fd);
int cl_ignore_sigpipe(void);


int cl_watch_create(void);
int cl_watch_directory(int watcher, const char *path);
// Reads pending notices; 1 when one of them names `name`, 0 when none does, -errno on failure.
int cl_watch_drain(int watcher, const char *name);

// 0 on success.
int cl_entropy(void *bytes, size_t count);
uint64_t cl_monotonic_nanoseconds(void);
int64_t cl_wall_milliseconds(void);
int cl_processors(void);
int64_t cl_raise_descriptor_limit(void);
#endif
