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

// The products of a strip of rows with unpacked blocks are added to their sums.
static void add_blocks(const unpacked_blocks *u, size_t first, size_t n, size_t rows, block_tile_arguments *t) {
    const float *offsets = t->offset;
    for (size_t column = first, width; column < first + n; column += width) {
        const size_t left = first + n - column;
        t->b = &u->units[0][column];
        t->scale = &u->scale[0][column];
        t->offset = offsets ? offsets + column : NULL;
        if (rows <= WIDE_ROWS && left > (WIDE_VECTORS - 1) * VECTOR_WIDTH) {
            width = WIDE_VECTORS * VECTOR_WIDTH;
            wide_block_tiles[rows - 1](t);
        } else {
            width = left > (BLOCK_VECTORS - 1) * VECTOR_WIDTH ? BLOCK_VECTORS * VECTOR_WIDTH : VECTOR_WIDTH;
            block_tiles[rows - 1][width / VECTOR_WIDTH - 1](t);
        }
        t->sums += width;
        if (t->fetch) t->fetch += 64 * t->lines * t->groups;
    }
}

// The memory BLOCK_BYTES_AHEAD of a place in a panel: in this one, or in the next if there is one.
INLINE const char *memory_ahead(const penstock_block_panel *b, size_t place, size_t panel_bytes) {
    const size_t ahead = place + BLOCK_BYTES_AHEAD;
    if (ahead < panel_bytes) return (const char *)b->blocks + ahead;
    return b->next ? (const char *)b->next + (ahead - panel_bytes) : NULL;
}

// The tiles of so many rows and columns.
INLINE size_t tile_count(size_t rows, size_t n) {
    const size_t width = BLOCK_VECTORS * VECTOR_WIDTH;
    return (rows + TILE_ROWS - 1) / TILE_ROWS * ((n + width - 1) / width);
}

static void block_product(size_t m, size_t first, size_t n, size_t blocks, const penstock_rows *a,
                          const penstock_block_panel *b, void *c, ptrdiff_t c_stride,
                          const penstock_epilogue *epilogue) {
    _Alignas(64) float sums[PENSTOCK_ROWS * PENSTOCK_PANEL];
    unpacked_blocks unpacked;
    const penstock_block_form *form = b->form;
    const size_t size = penstock_block_bytes(form), units = PENSTOCK_BLOCK / 4, scales = (size_t)form->scales;
    // With few rows it is the memory that takes the time, and all is asked of it at once; with many, what it brings comes
    // beside the tiles.
    const int fetches_at_once = m <= TILE_ROWS;
    __builtin_memset(sums, 0, m * PENSTOCK_PANEL * sizeof(float));
    for (size_t block = 0, depth; block < blocks; block += depth) {
        depth = blocks - block < DEEPEST ? blocks - block : DEEPEST;
        for (size_t index = 0; index < depth; index++) {
            const size_t place = (block + index) * size;
            const char *ahead = fetches_at_once ? memory_ahead(b, place, blocks * size) : NULL;
            for (size_t byte = 0; ahead && byte < size; byte += 64) __builtin_prefetch(ahead + byte);
            unpack_block(form, (const uint8_t *)b->blocks + place, first, n, &unpacked, index);
        }
        const char *ahead = fetches_at_once ? NULL : memory_ahead(b, block * size, blocks * size);
        const size_t groups = depth * scales;
        for (size_t row = 0; row < m; row += TILE_ROWS) {
            const float *rows = (const float *)a->units + (ptrdiff_t)row * a->stride;
            block_tile_arguments t = {
                .a = rows + block * units,
                .notes = (const row_block *)(rows + blocks * units) + block,
                .a_stride = a->stride,
                .offset = form->has_offsets ? unpacked.offset[0] : NULL,
                .groups = groups,
                .halves = scales == 2,
                .depth = units / scales,
                .subtracted = form->zero - DOT_BIAS,
                .fetch = ahead,
                .lines = ahead ? depth * size / 64 / (groups * tile_count(m, n)) + 1 : 0,
                .sums = sums + row * PENSTOCK_PANEL,
            };
            add_blocks(&unpacked, first, n, m - row < TILE_ROWS ? m - row : TILE_ROWS, &t);
            ahead = t.fetch;
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

// Adds NaN to `check` if a number is not finite, else nothing.
INLINE void check_numbers(size_t n, const float *x, vector *check) {
    for (size_t i = 0; i < n; i += VECTOR_WIDTH) {
        const vector v = n - i >= VECTOR_WIDTH ? v_load(x + i) : v_load_first(x + i, n - i, 0.0f);
        *check = v_fma(v, v_set(0.0f), *check);
    }
}

// The largest magnitudes of blocks, at most one for each lane of a vector. They are checked, too.
INLINE void largest_magnitudes(size_t blocks, const float *x, float *largest, vector *check) {
    _Alignas(64) float lanes[VECTOR_WIDTH][VECTOR_WIDTH], turned[VECTOR_WIDTH][VECTOR_WIDTH];
    for (size_t block = 0; block < VECTOR_WIDTH; block++) {
        vector most = v_set(0.0f);
        for (size_t i = 0; block < blocks && i < PENSTOCK_BLOCK; i += VECTOR_WIDTH) {
            const vector v = v_load(x + block * PENSTOCK_BLOCK + i);
            most = v_max(v_abs(v), most);
            *check = v_fma(v, v_set(0.0f), *check);
        }
        v_store(lanes[block], most);
    }
    v_transpose(lanes[0], VECTOR_WIDTH, turned[0], VECTOR_WIDTH);
    vector most = v_load(turned[0]);
    for (size_t lane = 1; lane < VECTOR_WIDTH; lane++) most = v_max(v_load(turned[lane]), most);
    v_store(largest, most);
}

// The sums of the bytes of each unit.
INLINE void sum_units(size_t units, const int8_t *bytes, int32_t *sums) {
    const vector ones = v_set_int((int32_t)(UINT32_C(0x01010101) * (DOT_BIAS + 1)));
    for (size_t unit = 0; unit < units; unit += VECTOR_WIDTH) {
        const float *b = (const float *)bytes + unit;
        const vector v = units - unit >= VECTOR_WIDTH ? v_load(b) : v_load_first(b, units - unit, 0.0f);
        v_store((float *)sums + unit, v_dot_int8(ones, v, v_set(0.0f)));
    }
}

// Quantises blocks, at most one for each lane of a vector.
static void quantise_row_blocks(size_t blocks, const float *x, int8_t *bytes, row_block *notes, vector *check) {
    enum { half = PENSTOCK_BLOCK / 4 / 2 };
    _Alignas(64) float largest[VECTOR_WIDTH], factor[VECTOR_WIDTH];
    _Alignas(64) int32_t sums[VECTOR_WIDTH * 2 * half];
    largest_magnitudes(blocks, x, largest, check);
    for (size_t i = 0; i < VECTOR_WIDTH; i++) factor[i] = largest[i] > SMALLEST_EXTENT ? 127.0f / largest[i] : 0.0f;
    for (size_t i = 0; i < blocks; i++)
        store_bytes(PENSTOCK_BLOCK, x + i * PENSTOCK_BLOCK, factor[i], 0.0f, -127.0f, 127.0f,
                    (uint8_t *)bytes + i * PENSTOCK_BLOCK);
    sum_units(blocks * 2 * half, bytes, sums);
    for (size_t i = 0; i < blocks; i++) {
        const int32_t *s = sums + i * 2 * half;
        const int32_t first = s[0] + s[1] + s[2] + s[3], second = s[4] + s[5] + s[6] + s[7];
        const float scale = largest[i] / 127.0f;
        notes[i] = (row_block){scale, scale * (float)(first + second), {first, second}};
    }
}

static void to_blocks(size_t n, const float *x, void *units) {
    const size_t blocks = (n + PENSTOCK_BLOCK - 1) / PENSTOCK_BLOCK, whole = n / PENSTOCK_BLOCK;
    row_block *notes = (row_block *)((float *)units + blocks * (PENSTOCK_BLOCK / 4));
    int8_t *bytes = units;
    vector check = v_set(0.0f);
    for (size_t block = 0; block < whole; block += VECTOR_WIDTH)
        quantise_row_blocks(whole - block < VECTOR_WIDTH ? whole - block : VECTOR_WIDTH, x + block * PENSTOCK_BLOCK,
                            bytes + block * PENSTOCK_BLOCK, notes + block, &check);
    if (whole < blocks) {
        float last[PENSTOCK_BLOCK] = {0};
        __builtin_memcpy(last, x + whole * PENSTOCK_BLOCK, n % PENSTOCK_BLOCK * sizeof(float));
        quantise_row_blocks(1, last, bytes + whole * PENSTOCK_BLOCK, notes + whole, &check);
    }
    if (v_sum(check) == 0.0f) return;
    for (size_t block = 0; block < blocks; block++) {
        const size_t start = block * PENSTOCK_BLOCK;
        check = v_set(0.0f);
        check_numbers(n - start < PENSTOCK_BLOCK ? n - start : PENSTOCK_BLOCK, x + start, &check);
        notes[block].scale += v_sum(check);
        notes[block].scaled_sum += v_sum(check);
    }
}
