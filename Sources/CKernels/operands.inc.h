// Rows of floats on their way into a matrix product: rounded to the precision of the product, in units of 32 bits.

// The first n numbers of a vector, or all of it.
INLINE void store_bfloat16(size_t n, vector v, uint16_t *p) {
    if (n >= VECTOR_WIDTH) return v_store_bfloat16(p, v);
    uint16_t all[VECTOR_WIDTH];
    v_store_bfloat16(all, v);
    for (size_t i = 0; i < n; i++) p[i] = all[i];
}

// Two bfloat16 to a unit, the one of the even place in the low half. A last unit may be half full.
static void to_bfloat16_units(size_t n, const float *x, void *units) {
    uint16_t *y = units;
    size_t i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) v_store_bfloat16(y + i, v_load(x + i));
    if (i < n) store_bfloat16(n - i, v_load_first(x + i, n - i, 0.0f), y + i);
    if (n % 2) y[n] = 0;
}

// Units out of two rows of bfloat16: the even one's in the low halves.
static void interleave_bfloat16(size_t n, const void *even, const void *odd, void *units) {
    const uint16_t *low = even, *high = odd;
    uint16_t *y = units;
    for (size_t i = 0; i < n; i++) {
        y[2 * i] = low[i];
        y[2 * i + 1] = high[i];
    }
}

// Values within a smaller extent are taken for zero, since its inverse might overflow.
#define SMALLEST_EXTENT 0x1p-100f

typedef struct {
    float smallest;
    float largest;
    float check;  // NaN if a value is not finite, else 0
} extent;

static extent extent_of(size_t n, const float *x) {
    vector smallest = v_set(0.0f), largest = v_set(0.0f), check = v_set(0.0f);
    size_t i = 0;
    for (; i < n; i += VECTOR_WIDTH) {
        const vector v = n - i >= VECTOR_WIDTH ? v_load(x + i) : v_load_first(x + i, n - i, 0.0f);
        smallest = v_min(v, smallest);
        largest = v_max(v, largest);
        check = v_fma(v, v_set(0.0f), check);
    }
    const vector none = v_set(0.0f);
    return (extent){-v_largest(v_sub(none, smallest)), v_largest(largest), v_sum(check)};
}

// Bytes round(x·factor + zero), clamped to low ... high; the last unit is filled with zeros.
INLINE void store_bytes(size_t n, const float *x, float factor, float zero, float low, float high, uint8_t *y) {
    size_t i = 0;
#define BYTES(v) v_min(v_max(v_fma(v, v_set(factor), v_set(zero)), v_set(low)), v_set(high))
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) v_store_low_bytes(y + i, BYTES(v_load(x + i)));
    if (i < n) {
        uint8_t rest[VECTOR_WIDTH];
        v_store_low_bytes(rest, BYTES(v_load_first(x + i, n - i, 0.0f)));
        __builtin_memcpy(y + i, rest, n - i);
    }
#undef BYTES
    for (; n % 4; n++) y[n] = 0;
}

static void to_int8_units(size_t n, const float *x, void *units, float *scale, int32_t *zero) {
    const extent e = extent_of(n, x);
    const float range = e.largest - e.smallest;
    const float factor = range > SMALLEST_EXTENT ? 255.0f / range : 0.0f;
    const float origin = factor > 0.0f ? __builtin_rintf(-e.smallest * factor) : 0.0f;
    store_bytes(n, x, factor, origin, 0.0f, 255.0f, units);
    *scale = range / 255.0f + e.check;
    *zero = (int32_t)origin;
}

static void to_int8_weights(size_t n, const float *x, void *units, float *scale, int32_t *sum) {
    const extent e = extent_of(n, x);
    const float largest = e.largest > -e.smallest ? e.largest : -e.smallest;
    const float factor = largest > SMALLEST_EXTENT ? 127.0f / largest : 0.0f;
    store_bytes(n, x, factor, 0.0f, -127.0f, 127.0f, units);
    *scale = largest / 127.0f + e.check;
    int32_t total = 0;
    for (size_t i = 0; i < n; i++) total += ((const int8_t *)units)[i];
    *sum = total;
}

static void transpose(size_t rows, size_t columns, const float *source, ptrdiff_t source_stride, float *target,
                      ptrdiff_t target_stride) {
    const size_t whole_rows = rows - rows % VECTOR_WIDTH, whole_columns = columns - columns % VECTOR_WIDTH;
    for (size_t column = 0; column < whole_columns; column += VECTOR_WIDTH)
        for (size_t row = 0; row < whole_rows; row += VECTOR_WIDTH)
            v_transpose(source + (ptrdiff_t)row * source_stride + column, source_stride,
                        target + (ptrdiff_t)column * target_stride + row, target_stride);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = row < whole_rows ? whole_columns : 0; column < columns; column++)
            target[(ptrdiff_t)column * target_stride + (ptrdiff_t)row] = source[(ptrdiff_t)row * source_stride + column];
}
