// Threads, wake-ups and log descriptors. Every shim returns a value, or -errno on failure.
#ifndef CLINUX_THREADS_H
#define CLINUX_THREADS_H
#include <stddef.h>
#include <stdint.h>

// Starts a thread with all signals blocked but those that report a fault of the thread itself.
int cl_thread_start(unsigned long *thread, const char *name, size_t stack_bytes, void *(*body)(void *), void *argument);
int cl_thread_join(unsigned long thread);
int cl_thread_detach(unsigned long thread);
int cl_thread_pin(unsigned long thread, int cpu);
int cl_thread_pin_current(int cpu);

int cl_event_create(void);
int cl_event_signal(int fd);
int cl_event_drain(int fd);

// How a log descriptor takes bytes.
enum {
    CL_LOG_REGULAR = 0,      // a file or a device: writes complete
    CL_LOG_NONBLOCKING = 1,  // -EAGAIN when full
    CL_LOG_SLICED = 2        // may block: write at most CL_LOG_SLICE bytes after poll(2) has said so
};
enum { CL_LOG_SLICE = 4096 };

// Opens a file for appending, creating it with mode 0640.
int cl_log_open(const char *path, int *kind);
// A private descriptor for what `fd` leads to; its file status flags are not shared where that can be avoided.
int cl_log_duplicate(int fd, int *kind);
long cl_log_write(int fd, const void *bytes, size_t count);
// 1 when there is room to write, 0 after the time, -errno on failure.
// Starts writing the last `window` bytes of a regular file to its disk, and gives back the memory of those before them, which an
// earlier call started and the disk has taken by now.
void cl_log_settle(int fd, int64_t window);
int cl_log_wait(int fd, int timeout_milliseconds);
#endif
