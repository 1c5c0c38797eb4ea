// PCRE2 picks its function names by this macro: 8 means code units of one byte.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
