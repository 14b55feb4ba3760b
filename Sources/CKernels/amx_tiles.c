// The configuration of the tile registers. To configure them takes as long as ten products of tiles, so a thread keeps
// them from one product to the next; it gives them back before it rests or hands its processor to code of others.

#include "amx_tiles.h"

#if defined(__x86_64__)

#include <immintrin.h>

_Thread_local int penstock_has_tiles;

/// The memory that LDTILECFG reads.
typedef struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_configuration;

__attribute__((target(AMX_TARGET))) void penstock_configure_tiles(void) {
    enum { tiles = 8 };
    _Alignas(64) tile_configuration configuration = {.palette = 1};
    for (int tile = 0; tile < tiles; tile++) {
        configuration.row_bytes[tile] = TILE_ROW_BYTES;
        configuration.rows[tile] = TILE_SIDE;
    }
    _tile_loadconfig(&configuration);
    penstock_has_tiles = 1;
}

__attribute__((target(AMX_TARGET))) static void release(void) { _tile_release(); }

void penstock_release_tiles(void) {
    if (!penstock_has_tiles) return;
    release();
    penstock_has_tiles = 0;
}

#else

void penstock_release_tiles(void) {}

#endif
