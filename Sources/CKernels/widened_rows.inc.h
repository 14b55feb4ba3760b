// Products of bfloat16 by fused multiply-adds of floats, where there is no faster instruction: the odd number of a unit comes
// first, so that one which is missing in the last has no say in the sign of a sum that vanishes. The numbers of a strip of
// rows are widened once for all columns of a panel, those of the panel when they are loaded.

// Units of k whose rows are widened at one time, so that a strip of them stays in the first-level cache.
#define WIDENED_UNITS 384
#define WIDENED_STRIDE (2 * WIDENED_UNITS)

static void widen_row(size_t n, const uint16_t *numbers, float *wide) {
    size_t i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) v_store(wide + i, v_load_bfloat16(numbers + i));
    if (i < n) penstock_widen(n - i, numbers + i, penstock_bfloat16, wide + i);
}

static __attribute__((noinline)) void add_widened(size_t rows, size_t n, tile_arguments t) {
    _Alignas(64) float wide[TILE_ROWS * WIDENED_STRIDE];
    size_t left = t.k;
    do {
        t.k = left < WIDENED_UNITS ? left : WIDENED_UNITS;
        for (size_t row = 0; row < rows; row++)
            widen_row(2 * t.k, (const uint16_t *)(t.a + (ptrdiff_t)row * t.a_stride), wide + row * WIDENED_STRIDE);
        tile_arguments part = t;
        part.a = wide;
        part.a_stride = WIDENED_STRIDE;
        add_columns(tiles_bfloat16, rows, n, part);
        t.a += t.k;
        t.b += (ptrdiff_t)t.k * t.b_stride;
        t.fetch += (ptrdiff_t)t.k * 4 * t.fetch_step;
        t.is_first = 0;
        left -= t.k;
    } while (left > 0);
}

#undef WIDENED_STRIDE
#undef WIDENED_UNITS
