// Inlines that Swift cannot express. Header only, no system call.
#ifndef CINTRINSICS_H
#define CINTRINSICS_H

static inline void minidns_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

#endif
