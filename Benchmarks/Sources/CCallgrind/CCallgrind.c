#include "CCallgrind.h"

#include <stdio.h>
#include <valgrind/callgrind.h>

void callgrind_begin(void) { CALLGRIND_START_INSTRUMENTATION; }
void callgrind_forget(void) { CALLGRIND_ZERO_STATS; }

void callgrind_report(int kind, int part) {
    char name[32];
    snprintf(name, sizeof name, "%d %d", kind, part);
    CALLGRIND_DUMP_STATS_AT(name);
}
