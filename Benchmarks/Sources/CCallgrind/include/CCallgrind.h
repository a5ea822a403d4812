// What callgrind is told by the program that it watches. Without valgrind all of this does nothing.
#pragma once

/// Begins to count; what ran before ran fast.
void callgrind_begin(void);
/// Forgets what was counted.
void callgrind_forget(void);
/// Writes what was counted, named by two numbers, and forgets it.
void callgrind_report(int kind, int part);
