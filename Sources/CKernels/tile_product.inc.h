// The matrix product over tiles.

// Steps of a panel that are fetched ahead of their use where rows are few; a step reads as many lines.
#define STEPS_AHEAD 2
#define LINES_OF_STEP (TILE_SIDE * BYTES_OF_ROW / 64)

// A product on its way.
typedef struct {
    steps_table *table;
    size_t m, n, k;
    const penstock_rows *a;
    const penstock_panel *b;
    float *c;
    ptrdiff_t c_stride;
    const penstock_epilogue *epilogue;
    float *sums;  // rows of PENSTOCK_PANEL, as many as there are in whole tiles
} tiled_product;

// Finishes the rows of a tile, of which those of the tile before it come first where the two overlap.
static void finish_tile(const tiled_product *p, size_t tile) {
    const size_t row = tile * TILE_SIDE, behind = p->m - row;
    const float *residual = p->epilogue->residual;
    finish_strip(p->n, &(strip){
                           .rows = behind < TILE_SIDE ? behind : TILE_SIDE,
                           .sums = p->sums + (row + row - tile_start(tile, p->m)) * PENSTOCK_PANEL,
                           .row_scale = p->a->scale ? p->a->scale + row : NULL,
                           .row_zero = p->a->zero ? p->a->zero + row : NULL,
                           .b = p->b,
                           .epilogue = p->epilogue,
                           .residual = residual ? residual + (ptrdiff_t)row * p->epilogue->residual_stride : NULL,
                           .c = p->c + (ptrdiff_t)row * p->c_stride,
                           .c_stride = p->c_stride,
                       });
}

// One tile of rows reads its panel at the pace of memory: what it needs soon is fetched, at the end the next panel.
static void multiply_strip(const tiled_product *p) {
    const tile_rows rows = rows_of_tiles(p->a, 0, p->m);
    const size_t columns = count_tiles(p->n);
    const size_t steps = p->k / TILE_SIDE, early = (steps > STEPS_AHEAD ? steps - STEPS_AHEAD : 0) * TILE_SIDE;
    const char *panel = p->b->units, *next = p->b->next, *late = panel + early * BYTES_OF_ROW;
    tile_rows last = rows;
    last.first += early * sizeof(float);
    clear_sums();
    multiply_tiles(p->table, &rows, columns, early, panel, BYTES_OF_ROW, panel + STEPS_AHEAD * TILE_SIDE * BYTES_OF_ROW,
                   LINES_OF_STEP);
    multiply_tiles(p->table, &last, columns, p->k - early, late, BYTES_OF_ROW, next ? next : late,
                   next ? LINES_OF_STEP : 0);
    store_sums(1, columns, p->sums, NULL, PENSTOCK_PANEL);
    finish_tile(p, 0);
}

// Several strips divide the next panel among their parts.
static void multiply_strips(const tiled_product *p) {
    const size_t tiles = count_tiles(p->m), columns = count_tiles(p->n), parts = tiles / 2 * ((columns + 1) / 2) + tiles % 2;
    const size_t lines = p->k * BYTES_OF_ROW / 64 / parts, steps = p->k / TILE_SIDE + 1;
    const char *next = p->b->next;
    for (size_t tile = 0; tile < tiles; tile += 2) {
        const tile_rows rows = rows_of_tiles(p->a, tile, p->m);
        for (size_t column = 0; column < columns; column += columns_at_once(&rows)) {
            const size_t count = columns_from(&rows, column, columns);
            const char *panel = (const char *)p->b->units + column * TILE_ROW_BYTES;
            clear_sums();
            multiply_tiles(p->table, &rows, count, p->k, panel, BYTES_OF_ROW, next ? next : panel,
                           next ? (lines + steps - 1) / steps : 0);
            next += next ? lines * 64 : 0;
            float *first = p->sums + tile * TILE_SIDE * PENSTOCK_PANEL + column * TILE_SIDE;
            store_sums(rows.tiles, count, first, first + TILE_SIDE * PENSTOCK_PANEL, PENSTOCK_PANEL);
        }
        for (size_t i = 0; i < rows.tiles; i++) finish_tile(p, tile + i);
    }
}

static void matrix_product_by_tiles(penstock_precision precision, size_t m, size_t n, size_t k, const penstock_rows *a,
                                    const penstock_panel *b, void *c, ptrdiff_t c_stride,
                                    const penstock_epilogue *epilogue) {
    if (precision == penstock_precision_float32) return matrix_product(precision, m, n, k, a, b, c, c_stride, epilogue);
    if (m == 0 || n == 0) return;
    _Alignas(64) float sums[PENSTOCK_ROWS * PENSTOCK_PANEL];
    const tiled_product p = {steps_of(precision), m, n, k, a, b, c, c_stride, epilogue, sums};
    use_tiles();
    if (m <= TILE_SIDE) multiply_strip(&p);
    else multiply_strips(&p);
}

// Sums of rows and a panel. Some lines of memory are fetched with each step of the first part.
static void sum_tiles(steps_table *table, size_t m, size_t n, size_t k, const penstock_rows *a, const void *b, float *c,
                      ptrdiff_t c_stride, const char *fetch, size_t lines) {
    const size_t columns = count_tiles(n);
    for (size_t tile = 0; tile < count_tiles(m); tile += 2) {
        const tile_rows rows = rows_of_tiles(a, tile, m);
        for (size_t column = 0; column < columns; column += columns_at_once(&rows), lines = 0) {
            const size_t count = columns_from(&rows, column, columns);
            clear_sums();
            multiply_tiles(table, &rows, count, k, (const char *)b + column * TILE_ROW_BYTES, BYTES_OF_ROW, fetch, lines);
            store_rows(&rows, tile, m, count, c + column * TILE_SIDE, c_stride);
        }
    }
}

static void matrix_sums_by_tiles(penstock_precision precision, size_t m, size_t n, size_t k, const penstock_rows *a,
                                 const void *b, float *c, ptrdiff_t c_stride) {
    if (precision == penstock_precision_float32) return matrix_sums(precision, m, n, k, a, b, c, c_stride);
    use_tiles();
    sum_tiles(steps_of(precision), m, n, k, a, b, c, c_stride, b, 0);
}
