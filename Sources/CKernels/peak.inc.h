// The most that the processor can do: sums in registers and nothing else.

// For all that the compiler knows the row is another one each time, so that no product is computed once for several sums.
#if defined(__aarch64__)
#define OPAQUE(vector) __asm__ volatile("" : "+w"(vector))
#else
#define OPAQUE(vector) __asm__ volatile("" : "+x"(vector))
#endif

#define PEAK(name, multiply_add) \
    static __attribute__((noinline)) float name(size_t rounds) { \
        const volatile float small = 0x1p-100f; /* unknown to the compiler */ \
        vector row = v_set(small); \
        const vector column = v_set(small); \
        vector sum[TILE_ROWS][TILE_VECTORS]; \
        UNROLL for (int r = 0; r < TILE_ROWS; r++) \
            UNROLL for (int v = 0; v < TILE_VECTORS; v++) sum[r][v] = v_set((float)(r + v)); \
        for (; rounds > 0; rounds--) { \
            UNROLL for (int r = 0; r < TILE_ROWS; r++) \
                UNROLL for (int v = 0; v < TILE_VECTORS; v++) { \
                    OPAQUE(row); \
                    sum[r][v] = multiply_add(row, column, sum[r][v]); \
                } \
        } \
        vector total = v_set(0.0f); \
        UNROLL for (int r = 0; r < TILE_ROWS; r++) \
            UNROLL for (int v = 0; v < TILE_VECTORS; v++) total = v_add(total, sum[r][v]); \
        return v_sum(total); \
    }
PEAK(peak_float32, v_fma)
#ifdef NATIVE_BFLOAT16_DOT
PEAK(peak_bfloat16, v_dot_bfloat16)
#endif
PEAK(peak_int8, v_dot_int8)
#undef PEAK
#undef OPAQUE

static double exercise(penstock_precision precision, size_t rounds) {
    const double products = (double)rounds * TILE_ROWS * TILE_VECTORS * VECTOR_WIDTH;
    volatile float sink = 0.0f;
    switch (precision) {
    case penstock_precision_float32: sink = peak_float32(rounds); return 2 * products;
#ifdef NATIVE_BFLOAT16_DOT
    case penstock_precision_bfloat16: sink = peak_bfloat16(rounds); return 4 * products;
#else
    case penstock_precision_bfloat16: sink = peak_float32(rounds); return 2 * products;
#endif
    case penstock_precision_int8: sink = peak_int8(rounds); return 8 * products;
    }
    (void)sink;
    return 0;
}
