// The matrix product of weights in blocks over the vector layer: the codes of a block are unpacked to bytes, once for
// all rows, and multiplied by tiles of rows, whose sums of integers are scaled and added up.

#include "block_tiles.inc.h"

// The most blocks that are unpacked at one time.
#define DEEPEST (MOST_GROUPS / 2)

// Blocks of a panel's columns: unsigned bytes as units of each column, scales and offsets of the groups.
typedef struct {
    _Alignas(64) float units[DEEPEST * PENSTOCK_BLOCK / 4][PENSTOCK_PANEL];
    _Alignas(64) float scale[MOST_GROUPS][PENSTOCK_PANEL];
    _Alignas(64) float offset[MOST_GROUPS][PENSTOCK_PANEL];
} unpacked_blocks;

// Bytes ahead of the block that is unpacked, which are fetched meanwhile.
#define BLOCK_BYTES_AHEAD 6144

INLINE void unpack_codes(const int bits, const uint8_t *values, const uint8_t *codes, size_t first, size_t n,
                         float (*units)[PENSTOCK_PANEL]) {
    const size_t row = PENSTOCK_PANEL * sizeof(float), half = PENSTOCK_BLOCK / 8;
    const uint8_t *planes = codes + half * row;
    const size_t plane_row = PENSTOCK_PANEL / 2, plane = 2 * half * plane_row;
    for (size_t unit = 0; unit < half; unit++)
        for (size_t column = first; column < first + n; column += VECTOR_WIDTH) {
            const vector both = v_load((const float *)(codes + unit * row) + column);
            vector low = v_low_nibbles(both), high = v_high_nibbles(both);
            if (values) {
                low = v_look_up(values, low);
                high = v_look_up(values, high);
            }
            UNROLL for (int bit = 4; bit < bits; bit++) {
                const uint8_t *p = planes + (size_t)(bit - 4) * plane + unit * plane_row;
                low = v_add_bits(low, p, column, (uint8_t)(1 << bit));
                high = v_add_bits(high, p + half * plane_row, column, (uint8_t)(1 << bit));
            }
            v_store(&units[unit][column], low);
            v_store(&units[half + unit][column], high);
        }
}

INLINE const uint16_t *unpack_halves(const uint16_t *halves, int groups, size_t first, size_t n,
                                     float (*numbers)[PENSTOCK_PANEL]) {
    for (int group = 0; group < groups; group++, halves += PENSTOCK_PANEL)
        for (size_t column = first; column < first + n; column += VECTOR_WIDTH)
            v_store(&numbers[group][column], v_load_half(halves + column));
    return halves;
}

static void unpack_block(const penstock_block_form *form, const uint8_t *block, size_t first, size_t n,
                         unpacked_blocks *u, size_t index) {
    const size_t group = index * (size_t)form->scales;
    const uint16_t *halves = unpack_halves((const uint16_t *)block, form->scales, first, n, &u->scale[group]);
    if (form->has_offsets) halves = unpack_halves(halves, form->scales, first, n, &u->offset[group]);
    const uint8_t *codes = (const uint8_t *)halves;
    float(*units)[PENSTOCK_PANEL] = &u->units[index * PENSTOCK_BLOCK / 4];
    if (form->values) return unpack_codes(4, form->values, codes, first, n, units);
    switch (form->bits) {
    case 4: return unpack_codes(4, NULL, codes, first, n, units);
    case 5: return unpack_codes(5, NULL, codes, first, n, units);
    case 6: return unpack_codes(6, NULL, codes, first, n, units);
    default: break;
    }
    for (size_t unit = 0; unit < PENSTOCK_BLOCK / 4; unit++)
        for (size_t column = first; column < first + n; column += VECTOR_WIDTH)
            v_store(&units[unit][column], v_load((const float *)codes + unit * PENSTOCK_PANEL + column));
}

// The part of a row behind its bytes, for each block.
typedef struct {
    float scale, scaled_sum;
    int32_t sum[2];
} row_block;

// The factors of the groups of so many blocks in a strip of rows.
INLINE void find_factors(const penstock_block_form *form, size_t blocks, size_t rows, const float *notes,
                         ptrdiff_t stride, group_factors *factors) {
    const int subtracted = form->zero - DOT_BIAS;
    for (size_t r = 0; r < rows; r++) {
        const row_block *note = (const row_block *)(notes + (ptrdiff_t)r * stride);
        for (size_t block = 0; block < blocks; block++, note++) {
            if (form->scales == 1) {
                factors[block].scale[r] = note->scale;
                factors[block].offset[r] = note->scaled_sum;
                factors[block].start[r] = -subtracted * (note->sum[0] + note->sum[1]);
                continue;
            }
            for (size_t half = 0; half < 2; half++) {
                group_factors *f = factors + 2 * block + half;
                f->scale[r] = note->scale;
                f->offset[r] = note->scale * (float)note->sum[half];
                f->start[r] = -subtracted * note->sum[half];
            }
        }
    }
}

// The products of a strip of rows with unpacked blocks are added to their sums.
static void add_blocks(const unpacked_blocks *u, size_t first, size_t n, size_t rows, block_tile_arguments t,
                       int has_offsets) {
    for (size_t column = first, width; column < first + n; column += width) {
        const size_t left = first + n - column;
        t.b = &u->units[0][column];
        t.scale = &u->scale[0][column];
        t.offset = has_offsets ? &u->offset[0][column] : NULL;
        if (rows <= WIDE_ROWS && left > (WIDE_VECTORS - 1) * VECTOR_WIDTH) {
            width = WIDE_VECTORS * VECTOR_WIDTH;
            wide_block_tiles[rows - 1](&t);
        } else {
            width = left > (BLOCK_VECTORS - 1) * VECTOR_WIDTH ? BLOCK_VECTORS * VECTOR_WIDTH : VECTOR_WIDTH;
            block_tiles[rows - 1][width / VECTOR_WIDTH - 1](&t);
        }
        t.sums += width;
    }
}

// Brings what is BLOCK_BYTES_AHEAD into the caches: of this panel, or of the next one.
INLINE void fetch_ahead(const penstock_block_panel *b, size_t place, size_t size, size_t all) {
    const size_t ahead = place + BLOCK_BYTES_AHEAD;
    if (ahead >= all && !b->next) return;
    const char *fetched = ahead < all ? (const char *)b->blocks + ahead : (const char *)b->next + (ahead - all);
    for (size_t line = 0; line < size; line += 64) __builtin_prefetch(fetched + line);
}

static void block_product(size_t m, size_t first, size_t n, size_t blocks, const penstock_rows *a,
                          const penstock_block_panel *b, void *c, ptrdiff_t c_stride,
                          const penstock_epilogue *epilogue) {
    _Alignas(64) float sums[PENSTOCK_ROWS * PENSTOCK_PANEL];
    unpacked_blocks unpacked;
    group_factors factors[MOST_GROUPS];
    const size_t size = penstock_block_bytes(b->form), units = PENSTOCK_BLOCK / 4;
    __builtin_memset(sums, 0, m * PENSTOCK_PANEL * sizeof(float));
    for (size_t block = 0, depth; block < blocks; block += depth) {
        depth = blocks - block < DEEPEST ? blocks - block : DEEPEST;
        for (size_t index = 0; index < depth; index++) {
            fetch_ahead(b, (block + index) * size, size, blocks * size);
            unpack_block(b->form, (const uint8_t *)b->blocks + (block + index) * size, first, n, &unpacked, index);
        }
        for (size_t row = 0; row < m; row += TILE_ROWS) {
            const float *rows = (const float *)a->units + (ptrdiff_t)row * a->stride;
            const size_t height = m - row < TILE_ROWS ? m - row : TILE_ROWS;
            find_factors(b->form, depth, height, rows + blocks * units + block * 4, a->stride, factors);
            add_blocks(&unpacked, first, n, height,
                       (block_tile_arguments){
                           .a = rows + block * units,
                           .a_stride = a->stride,
                           .factors = factors,
                           .groups = depth * (size_t)b->form->scales,
                           .depth = units / (size_t)b->form->scales,
                           .sums = sums + row * PENSTOCK_PANEL,
                       },
                       b->form->has_offsets);
        }
    }
    const penstock_panel columns = {.scale = b->scale + first};
    finish_strip(n, &(strip){
                        .rows = m,
                        .sums = sums,
                        .b = &columns,
                        .epilogue = epilogue,
                        .residual = epilogue->residual,
                        .c = c,
                        .c_stride = c_stride,
                    });
}

// The largest magnitude of some numbers; adds NaN to `check` if one is not finite, else nothing.
INLINE float magnitude_of(size_t n, const float *x, vector *check) {
    vector largest = v_set(0.0f);
    for (size_t i = 0; i < n; i += VECTOR_WIDTH) {
        const vector v = n - i >= VECTOR_WIDTH ? v_load(x + i) : v_load_first(x + i, n - i, 0.0f);
        largest = v_max(v_abs(v), largest);
        *check = v_fma(v, v_set(0.0f), *check);
    }
    return v_largest(largest);
}

INLINE row_block quantise_row_block(size_t n, const float *x, int8_t *bytes, vector *check) {
    const float largest = magnitude_of(n, x, check);
    const float factor = largest > SMALLEST_EXTENT ? 127.0f / largest : 0.0f;
    if (n < PENSTOCK_BLOCK) __builtin_memset(bytes, 0, PENSTOCK_BLOCK);
    store_bytes(n, x, factor, 0.0f, -127.0f, 127.0f, (uint8_t *)bytes);
    int32_t sum[2] = {0, 0};
    for (int half = 0; half < 2; half++)
        for (int i = 0; i < PENSTOCK_BLOCK / 2; i++) sum[half] += bytes[half * PENSTOCK_BLOCK / 2 + i];
    const float scale = largest / 127.0f;
    return (row_block){scale, scale * (float)(sum[0] + sum[1]), {sum[0], sum[1]}};
}

static void to_blocks(size_t n, const float *x, void *units) {
    const size_t blocks = (n + PENSTOCK_BLOCK - 1) / PENSTOCK_BLOCK;
    row_block *notes = (row_block *)((float *)units + blocks * (PENSTOCK_BLOCK / 4));
    vector check = v_set(0.0f);
    for (size_t start = 0; start < n; start += PENSTOCK_BLOCK) {
        int8_t *bytes = (int8_t *)units + start;
        notes[start / PENSTOCK_BLOCK] = n - start >= PENSTOCK_BLOCK
            ? quantise_row_block(PENSTOCK_BLOCK, x + start, bytes, &check)
            : quantise_row_block(n - start, x + start, bytes, &check);
    }
    if (v_sum(check) == 0.0f) return;
    for (size_t block = 0; block < blocks; block++) {
        const size_t start = block * PENSTOCK_BLOCK;
        check = v_set(0.0f);
        magnitude_of(n - start < PENSTOCK_BLOCK ? n - start : PENSTOCK_BLOCK, x + start, &check);
        notes[block].scale += v_sum(check);
        notes[block].scaled_sum += v_sum(check);
    }
}
