// Listening sockets that come from another process or go to one, and words to the service manager. Every shim returns a value, or
// -errno on failure.
#ifndef CLINUX_TAKEOVER_H
#define CLINUX_TAKEOVER_H
#include <stddef.h>
#include <stdint.h>

// Makes a descriptor that another process opened like one of ours: non-blocking, close-on-exec. -ENOTSOCK, -ESOCKTNOSUPPORT,
// -EAFNOSUPPORT or -EINVAL unless it is a listening TCP socket; then it is left as it was.
int cl_adopt_listener(int fd);
// Another descriptor of the same socket, close-on-exec.
int cl_duplicate(int fd);

int cl_process(void);
// Takes a variable out of the environment. No other thread may look at the environment meanwhile.
int cl_environment_clear(const char *name);

// Channels are sequenced-packet Unix sockets, non-blocking and close-on-exec: a message comes whole or not at all.
int cl_channel_listen(const char *path);
int cl_channel_connect(const char *path);
int cl_channel_accept(int fd);
int cl_channel_pair(int *first, int *second);
// Who was at the other end when the connection was made.
int cl_channel_peer(int fd, uint32_t *user, int32_t *process);
enum { CL_CHANNEL_DESCRIPTORS_MAX = 64 };
// Sends one message with copies of descriptors, at most CL_CHANNEL_DESCRIPTORS_MAX.
ptrdiff_t cl_channel_send(int fd, const void *bytes, size_t count, const int *descriptors, int descriptor_count);
// Receives one message and its descriptors, close-on-exec; 0 when the other side is gone. -EMSGSIZE when there was more than fits;
// then no descriptor is kept. `descriptors` has room for CL_CHANNEL_DESCRIPTORS_MAX.
ptrdiff_t cl_channel_receive(int fd, void *bytes, size_t capacity, int *descriptors, int *descriptor_count);
int cl_wait_writable(int fd, int timeout_milliseconds);

// Sends one datagram to a Unix socket by its name: a path, or, behind an @, a name of the abstract namespace.
int cl_notify(const char *name, size_t name_count, const void *bytes, size_t count);
#endif
