// The register tiles of blocks: for each group of numbers that share a scale, sums of integers, which are scaled and
// added to sums of floats.

// The most groups that a tile adds at one time.
#define MOST_GROUPS 8

// The part of a row behind its bytes, for each block.
typedef struct {
    float scale, scaled_sum;
    int32_t sum[2];  // of the halves
} row_block;

typedef struct {
    const float *a;
    const row_block *notes;  // behind the bytes of the row
    ptrdiff_t a_stride;      // of both, in units
    const float *b;          // the bytes of a group behind those of the one before
    const float *scale, *offset;  // PENSTOCK_PANEL for each group; offsets may be null
    size_t groups;
    int halves;       // whether a group is half a block
    size_t depth;     // units of a group, a multiple of 4
    int subtracted;   // from each code, but for what v_dot_int8 takes away
    const char *fetch;  // lines that are brought into the caches, so many with each group
    size_t lines;
    float *sums;  // rows of PENSTOCK_PANEL
} block_tile_arguments;

INLINE const row_block *note_of(const row_block *first, ptrdiff_t row, ptrdiff_t stride) {
    return (const row_block *)((const float *)first + row * stride);
}

// The sum of the bytes of a group.
INLINE int32_t group_sum(const row_block *note, int halves, size_t half) {
    return halves ? note->sum[half] : note->sum[0] + note->sum[1];
}

INLINE float scaled_group_sum(const row_block *note, int halves, size_t half) {
    return halves ? note->scale * (float)note->sum[half] : note->scaled_sum;
}

#define BLOCK_TILE_NAME(rows, vectors) block_tile_##rows##x##vectors
#define BLOCK_TILE(rows, vectors) \
    static __attribute__((noinline)) void BLOCK_TILE_NAME(rows, vectors)(const block_tile_arguments *t) { \
        vector total[rows][vectors]; \
        UNROLL for (int r = 0; r < rows; r++) \
            UNROLL for (int v = 0; v < vectors; v++) \
                total[r][v] = v_load(t->sums + r * PENSTOCK_PANEL + v * VECTOR_WIDTH); \
        const float *a = t->a, *b = t->b, *scales = t->scale, *offsets = t->offset; \
        const row_block *note = t->notes; \
        const char *fetch = t->fetch; \
        const ptrdiff_t stride = t->a_stride; \
        const int halves = t->halves, subtracted = t->subtracted; \
        for (size_t group = 0; group < t->groups; group++) { \
            const size_t half = halves ? group % 2 : 0; \
            for (size_t line = t->lines; line > 0; line--, fetch += 64) __builtin_prefetch(fetch); \
            vector sum[rows][vectors]; \
            UNROLL for (int r = 0; r < rows; r++) { \
                const vector start = \
                    subtracted ? v_set_int(-subtracted * group_sum(note_of(note, r, stride), halves, half)) : v_set(0.0f); \
                UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = start; \
            } \
            for (size_t k = t->depth; k > 0; k -= 4) { \
                UNROLL for (int unit = 0; unit < 4; unit++) { \
                    vector column[vectors]; \
                    UNROLL for (int v = 0; v < vectors; v++) \
                        column[v] = v_load(b + unit * PENSTOCK_PANEL + v * VECTOR_WIDTH); \
                    UNROLL for (int r = 0; r < rows; r++) { \
                        const vector row = v_set(a[r * stride + unit]); \
                        UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = v_dot_int8(column[v], row, sum[r][v]); \
                    } \
                } \
                a += 4; \
                b += 4 * PENSTOCK_PANEL; \
            } \
            vector scale[vectors]; \
            UNROLL for (int v = 0; v < vectors; v++) scale[v] = v_load(scales + v * VECTOR_WIDTH); \
            UNROLL for (int r = 0; r < rows; r++) { \
                const vector factor = v_set(note_of(note, r, stride)->scale); \
                UNROLL for (int v = 0; v < vectors; v++) \
                    total[r][v] = v_fma(v_of_ints(sum[r][v]), v_mul(scale[v], factor), total[r][v]); \
            } \
            scales += PENSTOCK_PANEL; \
            if (offsets) { \
                UNROLL for (int v = 0; v < vectors; v++) scale[v] = v_load(offsets + v * VECTOR_WIDTH); \
                UNROLL for (int r = 0; r < rows; r++) { \
                    const vector factor = v_set(scaled_group_sum(note_of(note, r, stride), halves, half)); \
                    UNROLL for (int v = 0; v < vectors; v++) total[r][v] = v_fma(scale[v], factor, total[r][v]); \
                } \
                offsets += PENSTOCK_PANEL; \
            } \
            if (!halves || half) note++; \
        } \
        UNROLL for (int r = 0; r < rows; r++) \
            UNROLL for (int v = 0; v < vectors; v++) \
                v_store(t->sums + r * PENSTOCK_PANEL + v * VECTOR_WIDTH, total[r][v]); \
    }

// Both kinds of sums stay in registers: a tile of few rows is wide, one of many is narrow.
#if BLOCK_VECTORS == 2
BLOCK_TILE(1, 4)
BLOCK_TILE(2, 4)
BLOCK_TILE(3, 4)
#define BLOCK_TILES(rows) BLOCK_TILE(rows, 1) BLOCK_TILE(rows, 2)
#define BLOCK_ENTRIES(rows) {BLOCK_TILE_NAME(rows, 1), BLOCK_TILE_NAME(rows, 2)}
static void (*const wide_block_tiles[])(const block_tile_arguments *) = {block_tile_1x4, block_tile_2x4,
                                                                        block_tile_3x4};
#define WIDE_ROWS 3
#else
#define BLOCK_TILES(rows) BLOCK_TILE(rows, 1)
#define BLOCK_ENTRIES(rows) {BLOCK_TILE_NAME(rows, 1)}
BLOCK_TILE(1, 2)
static void (*const wide_block_tiles[])(const block_tile_arguments *) = {block_tile_1x2};
#define WIDE_ROWS 1
#endif
#define WIDE_VECTORS (2 * BLOCK_VECTORS)

BLOCK_TILES(1)
BLOCK_TILES(2)
BLOCK_TILES(3)
BLOCK_TILES(4)
#if TILE_ROWS == 6
BLOCK_TILES(5)
BLOCK_TILES(6)
#endif

// [rows - 1][vectors - 1]
static void (*const block_tiles[TILE_ROWS][BLOCK_VECTORS])(const block_tile_arguments *) = {
    BLOCK_ENTRIES(1), BLOCK_ENTRIES(2), BLOCK_ENTRIES(3), BLOCK_ENTRIES(4),
#if TILE_ROWS == 6
    BLOCK_ENTRIES(5), BLOCK_ENTRIES(6),
#endif
};
