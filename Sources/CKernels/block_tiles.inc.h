// The register tiles of blocks: for each group of numbers that share a scale, sums of integers, which are scaled and
// added to sums of floats.

// The most groups that a tile adds at one time.
#define MOST_GROUPS 8

// The factors of the sums of a group in each row, and the integers that these sums begin with.
typedef struct {
    float scale[TILE_ROWS], offset[TILE_ROWS];
    int32_t start[TILE_ROWS];
} group_factors;

typedef struct {
    const float *a;
    ptrdiff_t a_stride;
    const float *b;               // the bytes of a group behind those of the one before
    const float *scale, *offset;  // PENSTOCK_PANEL for each group; offsets may be null
    const group_factors *factors;
    size_t groups;
    size_t depth;  // units of a group, a multiple of 4
    float *sums;   // rows of PENSTOCK_PANEL
} block_tile_arguments;

#define BLOCK_TILE_NAME(rows, vectors) block_tile_##rows##x##vectors
#define BLOCK_TILE(rows, vectors) \
    static __attribute__((noinline)) void BLOCK_TILE_NAME(rows, vectors)(const block_tile_arguments *t) { \
        vector total[rows][vectors]; \
        UNROLL for (int r = 0; r < rows; r++) \
            UNROLL for (int v = 0; v < vectors; v++) \
                total[r][v] = v_load(t->sums + r * PENSTOCK_PANEL + v * VECTOR_WIDTH); \
        const float *a = t->a, *b = t->b, *scales = t->scale, *offsets = t->offset; \
        const group_factors *factors = t->factors; \
        const ptrdiff_t stride = t->a_stride; \
        for (size_t group = t->groups; group > 0; group--) { \
            vector sum[rows][vectors]; \
            UNROLL for (int r = 0; r < rows; r++) \
                UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = v_set_int(factors->start[r]); \
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
            UNROLL for (int r = 0; r < rows; r++) \
                UNROLL for (int v = 0; v < vectors; v++) \
                    total[r][v] = v_fma(v_of_ints(sum[r][v]), v_mul(scale[v], v_set(factors->scale[r])), total[r][v]); \
            scales += PENSTOCK_PANEL; \
            if (offsets) { \
                UNROLL for (int v = 0; v < vectors; v++) scale[v] = v_load(offsets + v * VECTOR_WIDTH); \
                UNROLL for (int r = 0; r < rows; r++) \
                    UNROLL for (int v = 0; v < vectors; v++) \
                        total[r][v] = v_fma(scale[v], v_set(factors->offset[r]), total[r][v]); \
                offsets += PENSTOCK_PANEL; \
            } \
            factors++; \
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
