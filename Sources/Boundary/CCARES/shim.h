// c-ares, and what of it is a macro or wants mutable text.
#include <ares.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static inline int cares_library_init(void) { return ares_library_init(ARES_LIB_INIT_ALL); }

// `lookups`: f for the hosts file, b for servers. The time is that of the first try; it doubles with each round of the servers.
static inline int cares_open(ares_channel *out, const char *lookups, int flags, int timeout_milliseconds, int tries) {
    struct ares_options options;
    memset(&options, 0, sizeof options);
    options.flags = flags;
    options.timeout = timeout_milliseconds;
    options.tries = tries;
    options.lookups = (char *)lookups; // The library copies it.
    return ares_init_options(
        out, &options, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);
}

// Unsorted: sorting would open a socket for each address, and the order means nothing to us.
static inline void cares_ask(
    ares_channel channel, const char *name, int family, ares_addrinfo_callback answered, void *argument) {
    struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_NOSORT, .ai_family = family, .ai_socktype = SOCK_STREAM};
    ares_getaddrinfo(channel, name, NULL, &hints, answered, argument);
}

enum { CARES_SOCKETS_MAX = ARES_GETSOCK_MAXNUM };

static inline int cares_wants_read(int bits, int index) { return ARES_GETSOCK_READABLE(bits, index) != 0; }
static inline int cares_wants_write(int bits, int index) { return ARES_GETSOCK_WRITABLE(bits, index) != 0; }
