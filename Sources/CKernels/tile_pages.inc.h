// Attention over pages by tiles, of bfloat16.

// Lines to fetch with each of so many steps.
INLINE size_t lines_of_steps(size_t units, size_t steps) { return (units * sizeof(float) / 64 + steps - 1) / steps; }

static void page_scores_by_tiles(const penstock_page_attention *a, size_t first, size_t end) {
    const penstock_rows queries = {.units = a->queries, .stride = a->query_stride};
    const size_t units = units_of(a->precision, a->head_size), steps = (units + TILE_SIDE - 1) / TILE_SIDE;
    for (size_t page = first / PENSTOCK_PAGE; page * PENSTOCK_PAGE < end; page++) {
        const size_t key = page * PENSTOCK_PAGE, keys = end - key < PENSTOCK_PAGE ? end - key : PENSTOCK_PAGE;
        sum_tiles(steps_bfloat16, a->rows, keys, units, &queries, a->page[page], a->scores + key, a->score_stride,
                  (const char *)behind_keys(a, page, first, end), lines_of_steps(units * PENSTOCK_PAGE, steps));
    }
}

// The sums of a strip stay in the tiles from the first page to the last.
static void page_values_by_tiles(const penstock_page_attention *a, size_t first, size_t end) {
    const size_t width = page_columns(a->head_size), columns = count_tiles(width);
    const size_t steps = units_of(a->precision, PENSTOCK_PAGE) / TILE_SIDE;
    size_t lines = lines_of_steps(units_of(a->precision, PENSTOCK_PAGE) * width, steps);
    for (size_t tile = 0; tile < count_tiles(a->rows); tile += 2) {
        const penstock_rows weights = {.units = a->weights, .stride = a->weight_stride};
        const tile_rows rows = rows_of_tiles(&weights, tile, a->rows);
        for (size_t column = 0; column < columns; column += columns_at_once(&rows), lines = 0) {
            const size_t count = columns_from(&rows, column, columns);
            clear_sums();
            for (size_t page = first / PENSTOCK_PAGE; page * PENSTOCK_PAGE < end; page++) {
                const size_t key = page * PENSTOCK_PAGE, keys = end - key < PENSTOCK_PAGE ? end - key : PENSTOCK_PAGE;
                const float *values = values_of(a, page), *next = behind_values(a, page, end);
                tile_rows part = rows;
                part.first += units_of(a->precision, key) * sizeof(float);
                multiply_tiles(steps_bfloat16, &part, count, units_of(a->precision, keys),
                               (const char *)(values + column * TILE_SIDE), (ptrdiff_t)(width * sizeof(float)),
                               (const char *)(next ? next : values), next ? lines : 0);
            }
            store_rows(&rows, tile, a->rows, count, a->parts + column * TILE_SIDE, a->part_stride);
        }
    }
}

static void attend_pages_by_tiles(const penstock_page_attention *a) {
    if (a->precision == penstock_precision_float32 || a->widened) return attend_pages(a);
    use_tiles();
    attend_with(a, page_scores_by_tiles, page_values_by_tiles);
}
