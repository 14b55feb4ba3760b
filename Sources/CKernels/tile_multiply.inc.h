// Products of bfloat16 and of bytes by AMX. A step multiplies tiles of 16 rows and 16 units by tiles of 16 units and 16
// columns; sums stay in the tiles from the first unit of k to the last.
//
// A sum of bfloat16 is, over each 16 units from the first on, the fused sum of the even products from zero on, plus that of
// the odd ones, added to what was there; each of these takes subnormal numbers for zero (Intel's manual, TDPBF16PS). What
// lies behind the last unit counts as zero.

typedef struct {
    const char *a;       // a tile of rows, and another one `a_apart` bytes behind
    ptrdiff_t a_stride;  // bytes
    ptrdiff_t a_apart;
    const char *b;
    ptrdiff_t b_stride;  // bytes
    size_t count;
    const char *fetch;  // memory to bring into the caches meanwhile, so many lines with each step
    size_t lines;
} tile_steps;

#define STEPS_NAME(rows, columns) steps_bfloat16_##rows##x##columns
#define STEPS_TABLE steps_bfloat16
#define DOT _tile_dpbf16ps
#include "tile_steps.inc.h"

#define STEPS_NAME(rows, columns) steps_int8_##rows##x##columns
#define STEPS_TABLE steps_int8
#define DOT _tile_dpbusd
#include "tile_steps.inc.h"

typedef void (*const steps_table[4])(const tile_steps *);

INLINE steps_table *steps_of(penstock_precision precision) {
    return precision == penstock_precision_int8 ? steps_int8 : steps_bfloat16;
}

// One or two tiles of rows. Fewer rows than a tile has are copied, but for one, which can be all of a tile.
typedef struct {
    const char *first;
    ptrdiff_t stride;  // bytes
    ptrdiff_t apart;   // bytes from one tile to the other
    size_t tiles;
    size_t copied;  // rows, or 0
} tile_rows;

// Tiles of so many rows, or columns.
INLINE size_t count_tiles(size_t count) { return (count + TILE_SIDE - 1) / TILE_SIDE; }

// The row at which a tile starts: the last one overlaps that before it, unless it is alone.
INLINE size_t tile_start(size_t tile, size_t m) {
    return m < TILE_SIDE ? 0 : (tile + 1) * TILE_SIDE < m ? tile * TILE_SIDE : m - TILE_SIDE;
}

INLINE tile_rows rows_of_tiles(const penstock_rows *a, size_t tile, size_t m) {
    const ptrdiff_t stride = a->stride * (ptrdiff_t)sizeof(float);
    if (m < TILE_SIDE) return (tile_rows){a->units, m == 1 ? 0 : stride, 0, 1, m == 1 ? 0 : m};
    const ptrdiff_t first = (ptrdiff_t)tile_start(tile, m), second = (ptrdiff_t)tile_start(tile + 1, m);
    return (tile_rows){
        (const char *)a->units + first * stride, stride, (second - first) * stride,
        tile * TILE_SIDE + TILE_SIDE < m ? 2 : 1, 0};
}

// Copies rows of units, up to the next multiple of a tile's, with zeros behind them.
INLINE void copy_units(size_t rows, size_t units, const char *source, ptrdiff_t stride, char *target,
                       ptrdiff_t target_stride) {
    for (size_t row = 0; row < rows; row++, source += stride, target += target_stride)
        for (size_t i = 0; i < units; i += VECTOR_WIDTH)
            v_store((float *)target + i, v_load_first((const float *)source + i,
                                                      units - i < VECTOR_WIDTH ? units - i : VECTOR_WIDTH, 0.0f));
}

// Steps of a copy of rows.
#define COPIED_STEPS 8

static void multiply_copied(void (*multiply)(const tile_steps *), const tile_rows *rows, tile_steps s) {
    _Alignas(64) char copy[TILE_SIDE * COPIED_STEPS * TILE_ROW_BYTES];
    const size_t count = s.count;
    s.a = copy;
    s.a_stride = COPIED_STEPS * TILE_ROW_BYTES;
    for (size_t done = 0; done < count; done += s.count) {
        s.count = count - done < COPIED_STEPS ? count - done : COPIED_STEPS;
        copy_units(rows->copied, s.count * TILE_SIDE, rows->first + done * TILE_ROW_BYTES, rows->stride, copy, s.a_stride);
        multiply(&s);
        s.b += (ptrdiff_t)(s.count * TILE_SIDE) * s.b_stride;
        s.fetch += s.count * s.lines * 64;
    }
}

// The last units of k, too few for a step.
static void multiply_rest(void (*multiply)(const tile_steps *), const tile_rows *rows, size_t columns, size_t units,
                          const char *a, const char *b, ptrdiff_t b_stride) {
    enum { width = 4 * TILE_ROW_BYTES, height = TILE_SIDE * TILE_ROW_BYTES };
    _Alignas(64) char row_copy[2 * height], column_copy[TILE_SIDE * width];
    const size_t count = rows->copied ? rows->copied : rows->stride ? TILE_SIDE : 1;
    for (size_t tile = 0; tile < rows->tiles; tile++)
        copy_units(count, units, a + (ptrdiff_t)tile * rows->apart, rows->stride, row_copy + tile * height, TILE_ROW_BYTES);
    copy_units(units, columns * TILE_SIDE, b, b_stride, column_copy, width);
    __builtin_memset(column_copy + units * width, 0, (TILE_SIDE - units) * width);
    multiply(&(tile_steps){row_copy, rows->stride ? TILE_ROW_BYTES : 0, height, column_copy, width, 1, b, 0});
}

// Adds the products of k units to the sums in the tiles.
static void multiply_tiles(steps_table *table, const tile_rows *rows, size_t columns, size_t k, const char *b,
                           ptrdiff_t b_stride, const char *fetch, size_t lines) {
    void (*const multiply)(const tile_steps *) = table[rows->tiles - 1][columns - 1];
    const tile_steps s = {rows->first, rows->stride, rows->apart, b, b_stride, k / TILE_SIDE, fetch, lines};
    if (rows->copied) multiply_copied(multiply, rows, s);
    else multiply(&s);
    const size_t rest = k % TILE_SIDE, done = k - rest;
    if (rest)
        multiply_rest(multiply, rows, columns, rest, rows->first + done * sizeof(float), b + (ptrdiff_t)done * b_stride,
                      b_stride);
}

INLINE void clear_sums(void) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
}

// Stores the sums of one or two tiles of rows.
INLINE void store_sums(size_t tiles, size_t columns, float *first, float *second, ptrdiff_t stride) {
    const ptrdiff_t bytes = stride * (ptrdiff_t)sizeof(float);
    _tile_stored(0, first, bytes);
    if (columns > 1) _tile_stored(1, first + TILE_SIDE, bytes);
    if (tiles > 1) {
        _tile_stored(2, second, bytes);
        if (columns > 1) _tile_stored(3, second + TILE_SIDE, bytes);
    } else {
        if (columns > 2) _tile_stored(2, first + 2 * TILE_SIDE, bytes);
        if (columns > 3) _tile_stored(3, first + 3 * TILE_SIDE, bytes);
    }
}

// There are sums of four tiles: of all columns of a panel, or of half of them for two tiles of rows.
INLINE size_t columns_at_once(const tile_rows *rows) { return rows->tiles > 1 ? 2 : 4; }

// The tiles of columns that are multiplied together from one on.
INLINE size_t columns_from(const tile_rows *rows, size_t column, size_t columns) {
    const size_t width = columns_at_once(rows);
    return columns - column < width ? columns - column : width;
}

// Stores the sums of a strip that starts at a tile of m rows in these rows, of fewer than a tile has by way of a copy.
static void store_rows(const tile_rows *rows, size_t tile, size_t m, size_t columns, float *c, ptrdiff_t stride) {
    if (m >= TILE_SIDE)
        return store_sums(rows->tiles, columns, c + (ptrdiff_t)tile_start(tile, m) * stride,
                          c + (ptrdiff_t)tile_start(tile + 1, m) * stride, stride);
    _Alignas(64) float few[TILE_SIDE * PENSTOCK_PANEL];
    store_sums(1, columns, few, NULL, PENSTOCK_PANEL);
    for (size_t row = 0; row < m; row++)
        __builtin_memcpy(c + (ptrdiff_t)row * stride, few + row * PENSTOCK_PANEL, columns * TILE_SIDE * sizeof(float));
}
