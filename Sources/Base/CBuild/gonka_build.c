#include "gonka_build.h"

// In a function, not in the header: a new commit compiles this file alone again.
const char *gonka_build_commit(void) { return GONKA_COMMIT; }
