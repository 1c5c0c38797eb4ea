#include "CFuzzer.h"

// What a lazy global holds is only reachable through words that the leak check does not look at.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:once_slow\nleak:swift_once\n"; }
