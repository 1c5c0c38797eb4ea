// Files, folders and figures of the process, for the control plane. Every shim returns a value, or -errno on failure.
#ifndef CLINUX_FILES_H
#define CLINUX_FILES_H
#include <stddef.h>
#include <stdint.h>

// Opens a file for reading; `size` receives its length in octets (0 for what is not a regular file). -EISDIR for a folder.
int cl_file_open(const char *path, int64_t *size);
ptrdiff_t cl_file_read(int fd, void *bytes, size_t count);
int cl_file_remove(const char *path);
// Writes everything, waiting when the descriptor is full; 0 on success.
int cl_write_all(int fd, const void *bytes, size_t count);

// The path without links, `.` and `..`; 0 on success.
int cl_real_path(const char *path, char *out, size_t capacity);
// Makes a folder with mode 0700 if there is none. -EPERM unless it is a folder that belongs to this user alone.
int cl_private_directory(const char *path);

unsigned int cl_user(void);
int cl_open_descriptors(void);
int64_t cl_descriptor_limit(void);
int64_t cl_page_bytes(void);
// Processor time of all threads so far.
uint64_t cl_processor_nanoseconds(void);
// The calling thread alone gives way to others (a nice value of 19).
int cl_thread_give_way(void);
// The calling thread asks for turns of this length at its processor, and is given them the sooner.
int cl_thread_take_short_turns(uint64_t nanoseconds);
#endif
