// What Swift's Glibc module leaves out: epoll, eventfd, inotify, accept4, affinity, peer addresses. Shims are as thin as they can be.
#ifndef CLINUX_H
#define CLINUX_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <sys/epoll.h>
#endif
