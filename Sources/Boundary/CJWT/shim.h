// libjwt 1.10, and the C library's free for the texts that it returns.
#include <jwt.h>
#include <stdlib.h>
