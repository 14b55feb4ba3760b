// Counts what a stretch of a program allocates.
#pragma once

/// Whether allocations can be counted here: with glibc, whose allocator can be replaced and reached under other
/// names, and without a sanitizer.
int allocation_counter_works(void);

/// Starts counting the allocations of all threads from 0.
void allocation_counter_start(void);

/// Stops counting and returns the number of allocations since the start.
long allocation_counter_stop(void);
