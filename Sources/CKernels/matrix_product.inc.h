// The matrix product over the vector layer: register tiles of TILE_ROWS × TILE_VECTORS, b streamed past them.

// Rows of b fetched ahead of their use: about 6 KB of a full panel, the latency of memory at its bandwidth.
#define ROWS_AHEAD 24
// k is cut into blocks so that a block of a panel (128 KB) stays in the second-level cache over all rows of a.
#define BLOCK_K 512

typedef struct {
    const float *a;
    ptrdiff_t a_stride;
    const float *b;
    ptrdiff_t b_stride;
    float *c;
    ptrdiff_t c_stride;
    size_t k;
    size_t tail;  // columns used of the last vector: 0 when all are
    int is_first; // c holds nothing yet
} tile_arguments;

INLINE vector load_columns(const float *p, int is_last, size_t tail) {
    return is_last && tail ? v_load_first(p, tail, 0.0f) : v_load(p);
}

// One block of k for `rows` rows and `vectors` vectors of columns, both constants where this is inlined.
INLINE void tile(const int rows, const int vectors, const int has_tail, const tile_arguments *t) {
    const size_t tail = has_tail ? t->tail : 0;
    vector sum[TILE_ROWS][TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            sum[r][v] = t->is_first ? v_set(0.0f)
                                    : load_columns(t->c + r * t->c_stride + v * VECTOR_WIDTH, v == vectors - 1, tail);
    const float *a = t->a;
    const float *b = t->b;
    const ptrdiff_t a_stride = t->a_stride;
    const ptrdiff_t b_stride = t->b_stride;
    for (size_t k = t->k; k > 0; k--) {
        vector column[TILE_VECTORS];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            __builtin_prefetch(b + ROWS_AHEAD * b_stride + v * VECTOR_WIDTH);
            column[v] = load_columns(b + v * VECTOR_WIDTH, v == vectors - 1, tail);
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            vector row = v_set(a[r * a_stride]);
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) sum[r][v] = v_fma(row, column[v], sum[r][v]);
        }
        a += 1;
        b += b_stride;
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            float *c = t->c + r * t->c_stride + v * VECTOR_WIDTH;
            if (v == vectors - 1 && tail) v_store_first(c, sum[r][v], tail);
            else v_store(c, sum[r][v]);
        }
}

// Each tile is a function of its own: in one large function the register allocator spills the sums.
#define TILE(rows, vectors) \
    static __attribute__((noinline)) void tile_##rows##x##vectors(const tile_arguments *t) { \
        tile(rows, vectors, 0, t); \
    } \
    static __attribute__((noinline)) void tile_##rows##x##vectors##_tail(const tile_arguments *t) { \
        tile(rows, vectors, 1, t); \
    }
#define ENTRY(rows, vectors) {tile_##rows##x##vectors, tile_##rows##x##vectors##_tail}
#if TILE_VECTORS == 4
#define TILES(rows) TILE(rows, 1) TILE(rows, 2) TILE(rows, 3) TILE(rows, 4)
#define ENTRIES(rows) {ENTRY(rows, 1), ENTRY(rows, 2), ENTRY(rows, 3), ENTRY(rows, 4)}
#else
#define TILES(rows) TILE(rows, 1) TILE(rows, 2)
#define ENTRIES(rows) {ENTRY(rows, 1), ENTRY(rows, 2)}
#endif

TILES(1)
TILES(2)
TILES(3)
TILES(4)
#if TILE_ROWS == 6
TILES(5)
TILES(6)
#endif

// [rows - 1][vectors - 1][has a tail]
static void (*const tiles[TILE_ROWS][TILE_VECTORS][2])(const tile_arguments *) = {
    ENTRIES(1), ENTRIES(2), ENTRIES(3), ENTRIES(4),
#if TILE_ROWS == 6
    ENTRIES(5), ENTRIES(6),
#endif
};

static void finish_row(size_t n, float *c, const float *residual, const penstock_epilogue *e) {
    for (size_t i = 0; i < n; i += VECTOR_WIDTH) {
        const size_t left = n - i;
        const int is_whole = left >= VECTOR_WIDTH;
#define LOAD(p) (is_whole ? v_load((p) + i) : v_load_first((p) + i, left, 0.0f))
        vector x = v_mul(LOAD(c), v_set(e->scale));
        if (e->bias) x = v_add(x, LOAD(e->bias));
        x = activation(e->activation, x);
        if (residual) x = v_add(x, LOAD(residual));
#undef LOAD
        if (is_whole) v_store(c + i, x);
        else v_store_first(c + i, x, left);
    }
}

static void matrix_product(size_t m, size_t n, size_t k, const float *a, ptrdiff_t a_stride, const float *b,
                           ptrdiff_t b_stride, float *c, ptrdiff_t c_stride, const penstock_epilogue *epilogue) {
    const size_t block = m > TILE_ROWS ? BLOCK_K : k;
    size_t done = 0;
    do {
        const size_t depth = k - done < block ? k - done : block;
        const int is_last = done + depth == k;
        for (size_t column = 0; column < n; column += TILE_VECTORS * VECTOR_WIDTH) {
            const size_t left = n - column;
            const size_t width = left < TILE_VECTORS * VECTOR_WIDTH ? left : TILE_VECTORS * VECTOR_WIDTH;
            const size_t vectors = (width + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
            for (size_t row = 0; row < m; row += TILE_ROWS) {
                const size_t rows = m - row < TILE_ROWS ? m - row : TILE_ROWS;
                const tile_arguments t = {
                    .a = a + (ptrdiff_t)row * a_stride + done,
                    .a_stride = a_stride,
                    .b = b + (ptrdiff_t)done * b_stride + column,
                    .b_stride = b_stride,
                    .c = c + (ptrdiff_t)row * c_stride + column,
                    .c_stride = c_stride,
                    .k = depth,
                    .tail = width % VECTOR_WIDTH,
                    .is_first = done == 0,
                };
                tiles[rows - 1][vectors - 1][t.tail != 0](&t);
                if (!is_last) continue;
                for (size_t r = row; r < row + rows; r++) {
                    penstock_epilogue e = *epilogue;
                    if (e.bias) e.bias += column;
                    const float *residual =
                        e.residual ? e.residual + (ptrdiff_t)r * e.residual_stride + column : NULL;
                    finish_row(width, c + (ptrdiff_t)r * c_stride + column, residual, &e);
                }
            }
        }
        done += depth;
    } while (done < k);
}
