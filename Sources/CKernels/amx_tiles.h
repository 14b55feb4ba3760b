// The tile registers of AMX: eight of 16 rows of 64 bytes, all of them in use, on each thread that multiplies.
//
// A product of tiles adds 16 units of k to sums of 16 rows and 16 columns. Rows come as [16][16 units] and columns as
// [16 units][16 columns], any distance apart, which is how rows and panels lie anyway.
#pragma once

#include "inline.h"

#if defined(__x86_64__)

#define TILE_ROW_BYTES 64
/// Rows, columns and units of k of a tile.
#define TILE_SIDE 16

#define AMX_TARGET "amx-tile,amx-bf16,amx-int8"

/// True if the calling thread's tiles are configured.
extern _Thread_local int penstock_has_tiles;

/// Configures the calling thread's tiles.
void penstock_configure_tiles(void);

/// Makes the calling thread's tiles usable, with any contents; they are so until penstock_release_tiles.
INLINE void use_tiles(void) {
    if (__builtin_expect(!penstock_has_tiles, 0)) penstock_configure_tiles();
}

#endif
