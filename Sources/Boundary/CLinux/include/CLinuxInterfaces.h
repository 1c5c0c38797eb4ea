// What the network interfaces of the machine can do. Every shim returns a value, or -errno on failure.
#ifndef CLINUX_INTERFACES_H
#define CLINUX_INTERFACES_H

enum { CL_FAMILY_IPV4 = 1, CL_FAMILY_IPV6 = 2 };

// The families of which an interface that is up has an address; the loopback interface counts only when told so.
int cl_address_families(int counts_loopback);
#endif
