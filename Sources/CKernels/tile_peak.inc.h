// The most that tiles can do.

// Products of a round, and the multiplications of units in one of them.
#define TILES_OF_ROUND 4
#define UNITS_OF_TILES (TILE_SIDE * TILE_SIDE * TILE_SIDE)

#define TILE_PEAK(name, dot) \
    static __attribute__((noinline)) void name(size_t rounds) { \
        for (; rounds > 0; rounds--) { \
            dot(0, 4, 6); \
            dot(1, 4, 7); \
            dot(2, 5, 6); \
            dot(3, 5, 7); \
        } \
    }
TILE_PEAK(tile_peak_bfloat16, _tile_dpbf16ps)
TILE_PEAK(tile_peak_int8, _tile_dpbusd)
#undef TILE_PEAK

static double exercise_by_tiles(penstock_precision precision, size_t rounds) {
    if (precision == penstock_precision_float32) return exercise(precision, rounds);
    const double products = (double)rounds * TILES_OF_ROUND * UNITS_OF_TILES;
    use_tiles();
    clear_sums();
    _tile_zero(4);
    _tile_zero(5);
    _tile_zero(6);
    _tile_zero(7);
    if (precision == penstock_precision_int8) {
        tile_peak_int8(rounds);
        return 8 * products;
    }
    tile_peak_bfloat16(rounds);
    return 4 * products;
}
