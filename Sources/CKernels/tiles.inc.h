// The register tiles of one precision. A file that includes this has defined TILE_NAME(rows, vectors), the name of a
// tile, TILE_TABLE, that of the table of them, and MULTIPLY_ADD(a, b, sum), which adds the products of two units to a
// sum. PARTS is the number of parts that a unit of b is taken apart into, and COLUMN(part, p) loads one of a vector of
// units; in rows of a each part has a place of its own. The last part is added first. All are undefined at the end.

// For all that the compiler knows the pointer is another one: what is loaded from there again takes no register meanwhile.
#define FORGET(pointer) __asm__ volatile("" : "+r"(pointer))

// One block of k for `rows` rows and `vectors` vectors of columns, both constants where this is inlined.
#define TILE(rows, vectors) \
    static __attribute__((noinline)) void TILE_NAME(rows, vectors)(const tile_arguments *t) { \
        vector sum[rows][vectors]; \
        UNROLL for (int r = 0; r < rows; r++) \
            UNROLL for (int v = 0; v < vectors; v++) \
                sum[r][v] = t->is_first ? v_set(0.0f) : v_load(t->sums + r * t->sums_stride + v * VECTOR_WIDTH); \
        const float *a = t->a; \
        const float *b = t->b; \
        const ptrdiff_t stride = t->a_stride, b_stride = t->b_stride, apart = t->fetch_step; \
        const char *fetch = t->fetch; \
        for (size_t k = t->k; k > 0; k--) { \
            UNROLL for (int line = 0; line < 4; line++) __builtin_prefetch(fetch + line * apart); \
            UNROLL for (int part = PARTS - 1; part >= 0; part--) { \
                vector column[vectors]; \
                UNROLL for (int v = 0; v < vectors; v++) column[v] = COLUMN(part, b + v * VECTOR_WIDTH); \
                UNROLL for (int r = 0; r < rows; r++) { \
                    vector row = v_set(a[r * stride + part]); \
                    UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = MULTIPLY_ADD(row, column[v], sum[r][v]); \
                } \
                if (part > 0) FORGET(b); \
            } \
            a += PARTS; \
            b += b_stride; \
            fetch += 4 * apart; \
        } \
        UNROLL for (int r = 0; r < rows; r++) \
            UNROLL for (int v = 0; v < vectors; v++) v_store(t->sums + r * t->sums_stride + v * VECTOR_WIDTH, sum[r][v]); \
    }

#if TILE_VECTORS == 4
#define TILES(rows) TILE(rows, 1) TILE(rows, 2) TILE(rows, 3) TILE(rows, 4)
#define ENTRIES(rows) {TILE_NAME(rows, 1), TILE_NAME(rows, 2), TILE_NAME(rows, 3), TILE_NAME(rows, 4)}
#else
#define TILES(rows) TILE(rows, 1) TILE(rows, 2)
#define ENTRIES(rows) {TILE_NAME(rows, 1), TILE_NAME(rows, 2)}
#endif

// Each tile is a function of its own: in one large function the register allocator spills the sums.
TILES(1)
TILES(2)
TILES(3)
TILES(4)
#if TILE_ROWS == 6
TILES(5)
TILES(6)
#endif

// [rows - 1][vectors - 1]
static void (*const TILE_TABLE[TILE_ROWS][TILE_VECTORS])(const tile_arguments *) = {
    ENTRIES(1), ENTRIES(2), ENTRIES(3), ENTRIES(4),
#if TILE_ROWS == 6
    ENTRIES(5), ENTRIES(6),
#endif
};

#undef TILE
#undef TILES
#undef ENTRIES
#undef FORGET
#undef TILE_NAME
#undef TILE_TABLE
#undef MULTIPLY_ADD
#undef PARTS
#undef COLUMN
