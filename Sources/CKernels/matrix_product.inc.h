// The matrix product over the vector layer: register tiles of TILE_ROWS × TILE_VECTORS, b streamed past them.
//
// All precisions share the addressing: a step of k is a unit of 32 bits, which a tile broadcasts from a and multiplies
// by a row of units of the panel.

// Rows of a panel that are fetched ahead of their use: about 6 KB, the latency of memory at its bandwidth.
#define ROWS_AHEAD 24
#define BYTES_OF_ROW (PENSTOCK_PANEL * sizeof(float))

typedef struct {
    const float *a;
    ptrdiff_t a_stride;
    const float *b;
    ptrdiff_t b_stride;
    float *sums;
    ptrdiff_t sums_stride;
    size_t k;
    int is_first;         // the sums hold nothing yet
    const char *fetch;    // memory to bring into the caches meanwhile, four lines with each step of k
    ptrdiff_t fetch_step;  // bytes between two of them; lines may overlap
} tile_arguments;

// The first or the second number of each of a vector's units.
INLINE vector half_of_units(int part, const float *p) {
    vector numbers[2];
    v_load_bfloat16_pairs((const uint16_t *)p, &numbers[0], &numbers[1]);
    return numbers[part];
}

#define WHOLE_UNITS(part, p) v_load(p)

#define TILE_NAME(rows, vectors) tile_float32_##rows##x##vectors
#define TILE_TABLE tiles_float32
#define MULTIPLY_ADD v_fma
#define PARTS 1
#define COLUMN WHOLE_UNITS
#include "tiles.inc.h"

#define TILE_NAME(rows, vectors) tile_bfloat16_##rows##x##vectors
#define TILE_TABLE tiles_bfloat16
#ifdef NATIVE_BFLOAT16_DOT
#define MULTIPLY_ADD v_dot_bfloat16
#define PARTS 1
#define COLUMN WHOLE_UNITS
#else
#define MULTIPLY_ADD v_fma
#define PARTS 2
#define COLUMN half_of_units
#endif
#include "tiles.inc.h"

#define TILE_NAME(rows, vectors) tile_int8_##rows##x##vectors
#define TILE_TABLE tiles_int8
#define MULTIPLY_ADD v_dot_int8
#define PARTS 1
#define COLUMN WHOLE_UNITS
#include "tiles.inc.h"

#undef WHOLE_UNITS

typedef void (*const tile_table[TILE_VECTORS])(const tile_arguments *);

INLINE tile_table *tiles_of(penstock_precision precision) {
    switch (precision) {
    case penstock_precision_float32: return tiles_float32;
    case penstock_precision_bfloat16: return tiles_bfloat16;
    case penstock_precision_int8: return tiles_int8;
    }
    return tiles_float32;
}

// The sums of one block of k for a strip of at most TILE_ROWS rows, in which each part of a unit has a place of its own; `t`
// is that of the first column.
INLINE void add_columns(tile_table *tiles, size_t rows, size_t n, tile_arguments t) {
    for (size_t column = 0; column < n; column += TILE_VECTORS * VECTOR_WIDTH) {
        const size_t left = n - column;
        const size_t width = left < TILE_VECTORS * VECTOR_WIDTH ? left : TILE_VECTORS * VECTOR_WIDTH;
        tiles[rows - 1][(width - 1) / VECTOR_WIDTH](&t);
        t.b += TILE_VECTORS * VECTOR_WIDTH;
        t.sums += TILE_VECTORS * VECTOR_WIDTH;
        // The lines were fetched by the first tile.
        t.fetch_step = 0;
    }
}

#ifdef NATIVE_BFLOAT16_DOT
#define WIDENS_BFLOAT16 0
#else
#define WIDENS_BFLOAT16 1
#endif
#include "widened_rows.inc.h"

// The sums of one block of k for a strip of rows of units.
INLINE void add_strip(tile_table *tiles, size_t rows, size_t n, tile_arguments t) {
    if (WIDENS_BFLOAT16 && tiles == tiles_bfloat16) add_widened(rows, n, t);
    else add_columns(tiles, rows, n, t);
}

// The way of a product's rows past a panel: in strips, for each of the blocks that k is cut into.
typedef struct {
    size_t strips;
    // The first strip fetches what it is about to read; else the strips divide the block behind among them.
    int is_streaming;
    size_t deepest;  // units of a block at most
} passage;

// Few rows wait for memory rather than for arithmetic. A block of a panel, the one behind it and what is multiplied by them
// stay in the second-level cache; with few strips in the first-level cache.
INLINE passage passage_of(size_t m) {
    const size_t strips = (m + TILE_ROWS - 1) / TILE_ROWS;
    if (m <= TILE_ROWS + 2) return (passage){strips, 1, 32};
    return (passage){strips, 0, strips <= 4 ? 48 : strips <= 6 ? 96 : 384};
}

// The first row of a strip: where all fetch, they are of about one height.
INLINE size_t first_row(passage p, size_t strip, size_t m) {
    if (!p.is_streaming) return m * strip / p.strips;
    return strip * TILE_ROWS < m ? strip * TILE_ROWS : m;
}

// The depth of the block that comes next, of `left` units. All are of about one size, so that while one is computed the next
// one can be fetched, and all but the last hold whole vectors of numbers of a row. A single strip reads a panel at one go, up
// to the rows that are fetched before its end.
INLINE size_t block_depth(passage p, size_t left) {
    if (p.strips == 1) return left > ROWS_AHEAD ? left - ROWS_AHEAD : left;
    if (left <= p.deepest) return left;
    const size_t blocks = (left + p.deepest - 1) / p.deepest;
    const size_t depth = ((left + blocks - 1) / blocks + 7) / 8 * 8;
    return depth < left ? depth : left;
}

INLINE void fetch_lines(tile_arguments *t, const char *first, size_t step) {
    t->fetch = first;
    t->fetch_step = (ptrdiff_t)step;
}

// Fetches memory for a strip: for a single one at the end of its panel the next panel; for one that reads what nobody has
// fetched, that; of several each fetches its part of what is next.
INLINE void plan_fetch(tile_arguments *t, passage p, size_t strip, int is_fetched, int is_last, const char *next) {
    const int is_at_end = p.strips == 1 && is_last;
    if (strip == 0 && !is_at_end && (p.is_streaming || !is_fetched))
        return fetch_lines(t, (const char *)t->b + ROWS_AHEAD * BYTES_OF_ROW, 64);
    if (!next || (p.is_streaming && !is_at_end)) return fetch_lines(t, (const char *)t->b, 0);
    const size_t before = p.strips > 1 && !is_fetched, part = strip - before, parts = p.strips - before;
    fetch_lines(t, next + t->k * BYTES_OF_ROW * part / parts, (64 + parts - 1) / parts);
}

static void matrix_product(penstock_precision precision, size_t m, size_t n, size_t k, const penstock_rows *a,
                           const penstock_panel *b, void *c, ptrdiff_t c_stride, const penstock_epilogue *epilogue) {
    tile_table *tiles = tiles_of(precision);
    _Alignas(64) float sums[PENSTOCK_ROWS * PENSTOCK_PANEL];
    const passage p = passage_of(m);
    size_t done = 0;
    do {
        const size_t depth = block_depth(p, k - done);
        const int is_last = done + depth == k;
        const float *panel = (const float *)b->units + done * PENSTOCK_PANEL;
        const char *next = is_last ? b->next : (const char *)(panel + depth * PENSTOCK_PANEL);
        for (size_t index = 0; index < p.strips; index++) {
            const size_t row = first_row(p, index, m), rows = first_row(p, index + 1, m) - row;
            tile_arguments t = {
                .a = (const float *)a->units + (ptrdiff_t)row * a->stride + done,
                .a_stride = a->stride,
                .b = panel,
                .b_stride = PENSTOCK_PANEL,
                .sums = sums + row * PENSTOCK_PANEL,
                .sums_stride = PENSTOCK_PANEL,
                .k = depth,
                .is_first = done == 0,
            };
            plan_fetch(&t, p, index, done > 0 || b->is_fetched, is_last, next);
            add_strip(tiles, rows, n, t);
            if (!is_last) continue;
            const penstock_epilogue *e = epilogue;
            finish_strip(n, &(strip){
                                .rows = rows,
                                .sums = t.sums,
                                .row_scale = a->scale ? a->scale + row : NULL,
                                .row_zero = a->zero ? a->zero + row : NULL,
                                .b = b,
                                .epilogue = e,
                                .residual = e->residual ? e->residual + (ptrdiff_t)row * e->residual_stride : NULL,
                                .c = (float *)c + (ptrdiff_t)row * c_stride,
                                .c_stride = c_stride,
                            });
        }
        done += depth;
    } while (done < k);
}

static void matrix_sums(penstock_precision precision, size_t m, size_t n, size_t k, const penstock_rows *a,
                        const void *b, float *c, ptrdiff_t c_stride) {
    for (size_t row = 0; row < m; row += TILE_ROWS) {
        const tile_arguments t = {
            .a = (const float *)a->units + (ptrdiff_t)row * a->stride,
            .a_stride = a->stride,
            .b = b,
            .b_stride = PENSTOCK_PANEL,
            .sums = c + (ptrdiff_t)row * c_stride,
            .sums_stride = c_stride,
            .k = k,
            .is_first = 1,
            .fetch = b,
        };
        add_strip(tiles_of(precision), m - row < TILE_ROWS ? m - row : TILE_ROWS, n, t);
    }
}
