#define _GNU_SOURCE 1
#include "CLinuxInterfaces.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>

int cl_address_families(int counts_loopback) {
    struct ifaddrs *list;
    if (getifaddrs(&list) < 0) return -errno;
    int families = 0;
    for (struct ifaddrs *item = list; item; item = item->ifa_next) {
        if (!item->ifa_addr || !(item->ifa_flags & IFF_UP)) continue;
        if ((item->ifa_flags & IFF_LOOPBACK) && !counts_loopback) continue;
        if (item->ifa_addr->sa_family == AF_INET) families |= CL_FAMILY_IPV4;
        if (item->ifa_addr->sa_family == AF_INET6) families |= CL_FAMILY_IPV6;
    }
    freeifaddrs(list);
    return families;
}
