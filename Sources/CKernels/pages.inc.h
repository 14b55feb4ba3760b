// Attention over keys and values in pages.
//
// Of a row each sum runs over keys in ascending order from the start of the range, and keys that it does not see weigh 0:
// its result does not depend on the rows beside it, nor on pages of which it sees nothing.

INLINE size_t page_columns(size_t head_size) { return (head_size + 15) / 16 * 16; }

INLINE size_t units_of(penstock_precision precision, size_t numbers) {
    return precision == penstock_precision_bfloat16 ? (numbers + 1) / 2 : numbers;
}

#include "byte_pages.inc.h"

// The address of the values of a page behind its keys.
INLINE const float *values_of(const penstock_page_attention *a, size_t page) {
    if (a->widened) return (const float *)((const int8_t *)a->page[page] + key_bytes(a->precision, a->head_size));
    return (const float *)a->page[page] + units_of(a->precision, a->head_size) * PENSTOCK_PAGE;
}

// The numbers of the keys of a page, and of its values.
INLINE const float *key_numbers(const penstock_page_attention *a, size_t page) {
    if (!a->widened) return a->page[page];
    return widen_bytes(a->precision, key_bytes(a->precision, a->head_size), a->page[page], a->widened);
}
INLINE const float *value_numbers(const penstock_page_attention *a, size_t page) {
    const float *values = values_of(a, page);
    if (!a->widened) return values;
    return widen_bytes(a->precision, value_bytes(a->head_size), (const int8_t *)values, a->widened);
}

// The keys that one of the rows sees.
INLINE void seen_by_any(const penstock_page_attention *a, size_t *first, size_t *end) {
    *first = a->pages * PENSTOCK_PAGE;
    *end = 0;
    for (size_t row = 0; row < a->rows; row++) {
        if (a->first[row] >= a->end[row]) continue;
        if (a->first[row] < *first) *first = a->first[row];
        if (a->end[row] > *end) *end = a->end[row];
    }
}

// Fetches what is read next while the first strip reads a page.
INLINE void fetch_next(tile_arguments *t, size_t strip, const float *next) {
    t->fetch = (const char *)(strip == 0 && next ? next : t->b);
    t->fetch_step = strip == 0 && next ? 64 : 0;
}

// The memory that is read behind the keys of a page: the next keys, and behind the last the first values.
INLINE const float *behind_keys(const penstock_page_attention *a, size_t page, size_t first, size_t end) {
    const int is_last = (page + 1) * PENSTOCK_PAGE >= end;
    return is_last ? values_of(a, first / PENSTOCK_PAGE) : a->page[page + 1];
}

// The memory that is read behind the values of a page, if any is.
INLINE const float *behind_values(const penstock_page_attention *a, size_t page, size_t end) {
    return (page + 1) * PENSTOCK_PAGE < end ? values_of(a, page + 1) : a->next;
}

static void page_scores(const penstock_page_attention *a, size_t first, size_t end) {
    tile_table *tiles = tiles_of(a->precision);
    for (size_t page = first / PENSTOCK_PAGE; page * PENSTOCK_PAGE < end; page++) {
        const size_t key = page * PENSTOCK_PAGE;
        const size_t keys = end - key < PENSTOCK_PAGE ? end - key : PENSTOCK_PAGE;
        const float *next = behind_keys(a, page, first, end), *numbers = key_numbers(a, page);
        for (size_t row = 0; row < a->rows; row += TILE_ROWS) {
            tile_arguments t = {
                .a = (const float *)a->queries + (ptrdiff_t)row * a->query_stride,
                .a_stride = a->query_stride,
                .b = numbers,
                .b_stride = PENSTOCK_PAGE,
                .sums = a->scores + (ptrdiff_t)row * a->score_stride + key,
                .sums_stride = a->score_stride,
                .k = units_of(a->precision, a->head_size),
                .is_first = 1,
            };
            fetch_next(&t, row, next);
            add_strip(tiles, a->rows - row < TILE_ROWS ? a->rows - row : TILE_ROWS, keys, t);
        }
        if (a->widened) scale_scores(a, page, end);
    }
}

static void page_values(const penstock_page_attention *a, size_t first, size_t end) {
    tile_table *tiles = tiles_of(a->precision);
    const size_t columns = page_columns(a->head_size);
    for (size_t page = first / PENSTOCK_PAGE; page * PENSTOCK_PAGE < end; page++) {
        const size_t key = page * PENSTOCK_PAGE;
        const size_t keys = end - key < PENSTOCK_PAGE ? end - key : PENSTOCK_PAGE;
        const float *next = behind_values(a, page, end), *numbers = value_numbers(a, page);
        for (size_t row = 0; row < a->rows; row += TILE_ROWS) {
            tile_arguments t = {
                .a = (const float *)a->weights + (ptrdiff_t)row * a->weight_stride + units_of(a->precision, key),
                .a_stride = a->weight_stride,
                .b = numbers,
                .b_stride = (ptrdiff_t)columns,
                .sums = a->parts + (ptrdiff_t)row * a->part_stride,
                .sums_stride = a->part_stride,
                .k = units_of(a->precision, keys),
                .is_first = page == first / PENSTOCK_PAGE,
            };
            fetch_next(&t, row, next);
            add_strip(tiles, a->rows - row < TILE_ROWS ? a->rows - row : TILE_ROWS, columns, t);
        }
    }
}

// cap·tanh(scale·x / cap) over the keys that a row sees.
static void cap_scores(size_t n, float factor, float cap, float *x) {
    size_t i = 0;
#define CAPPED(v) v_mul(v_set(cap), hyperbolic_tangent(v_mul(v, v_set(factor))))
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) v_store(x + i, CAPPED(v_load(x + i)));
    if (i < n) v_store_first(x + i, CAPPED(v_load_first(x + i, n - i, 0.0f)), n - i);
#undef CAPPED
}

// The weights of a row from the key `start` on, the first of a page, up to `end`, and their greatest score and sum.
static void page_weights(const penstock_page_attention *a, size_t row, size_t start, size_t end) {
    float *scores = a->scores + (ptrdiff_t)row * a->score_stride;
    float *weights = (float *)a->weights + (ptrdiff_t)row * a->weight_stride + units_of(a->precision, start);
    float *result = a->parts + (ptrdiff_t)row * a->part_stride + page_columns(a->head_size);
    const size_t first = a->first[row];
    if (first >= a->end[row]) {
        __builtin_memset(weights, 0, units_of(a->precision, end - start) * sizeof(float));
        result[0] = -__builtin_inff();
        result[1] = 0.0f;
        return;
    }
    if (a->cap > 0.0f) cap_scores(a->end[row] - first, a->scale / a->cap, a->cap, scores + first);
    const penstock_scores visible = {
        .count = end - start,
        .first = first - start,
        .end = a->end[row] - start,
        .scores = scores + start,
        .addends = a->addends ? a->addends + start : NULL,
        .scale = a->cap > 0.0f ? 1.0f : a->scale,
    };
    if (!a->widened) {
        result[1] = numerators(a->precision, &visible, weights, &result[0]);
        return;
    }
    // Those of bfloat16 are rounded after they are scaled.
    float *numbers = a->precision == penstock_precision_float32 ? weights : scores + start;
    result[1] = numerators(penstock_precision_float32, &visible, numbers, &result[0]);
    scale_weights(a, start, end, numbers, weights);
}

// Products of all rows and the pages of a range of keys: scores out of keys, or parts out of values.
typedef void (*page_products)(const penstock_page_attention *, size_t first, size_t end);

INLINE void attend_with(const penstock_page_attention *a, page_products scores, page_products values) {
    size_t first, end;
    seen_by_any(a, &first, &end);
    const size_t start = first / PENSTOCK_PAGE * PENSTOCK_PAGE;
    if (first < end) scores(a, first, end);
    for (size_t row = 0; row < a->rows; row++) page_weights(a, row, first < end ? start : 0, first < end ? end : 0);
    if (first < end) values(a, first, end);
}

static void attend_pages(const penstock_page_attention *a) { attend_with(a, page_scores, page_values); }

static void merge_parts(size_t head_size, float scale, const float *part, float *into) {
    const size_t columns = page_columns(head_size);
    if (part[columns + 1] == 0.0f) return;
    if (into[columns + 1] == 0.0f) {
        __builtin_memcpy(into, part, (columns + 2) * sizeof(float));
        return;
    }
    const float largest = part[columns] > into[columns] ? part[columns] : into[columns];
    const float factor = scale * 1.44269504088896341f;
#define SHARE(p) power_of_2(v_max(v_set(-160.0f), v_mul(v_sub(v_set((p)[columns]), v_set(largest)), v_set(factor))), 0)
    const vector theirs = SHARE(part), ours = SHARE(into);
#undef SHARE
    for (size_t i = 0; i < columns; i += VECTOR_WIDTH)
        v_store(into + i, v_fma(v_load(part + i), theirs, v_mul(v_load(into + i), ours)));
    float sum[VECTOR_WIDTH];
    v_store(sum, v_fma(v_set(part[columns + 1]), theirs, v_mul(v_set(into[columns + 1]), ours)));
    into[columns] = largest;
    into[columns + 1] = sum[0];
}

static void finish_part(size_t head_size, const float *part, int is_rounded, void *output) {
    const vector inverse = v_set(1.0f / part[page_columns(head_size) + 1]);
    const size_t size = is_rounded ? sizeof(uint16_t) : sizeof(float);
    for (size_t i = 0; i < head_size; i += VECTOR_WIDTH)
        store_numbers(head_size - i, v_mul(v_load(part + i), inverse), (char *)output + i * size, 0, is_rounded);
    if (is_rounded && head_size % 2) ((uint16_t *)output)[head_size] = 0;
}

static void write_page(penstock_precision precision, size_t head_size, size_t place, const float *key, const float *value,
                       void *page) {
    const size_t columns = page_columns(head_size);
    if (precision == penstock_precision_float32) {
        float *keys = (float *)page + place, *values = (float *)page + head_size * PENSTOCK_PAGE + place * columns;
        for (size_t i = 0; i < head_size; i++) keys[i * PENSTOCK_PAGE] = key ? key[i] : 0.0f;
        for (size_t i = 0; i < head_size; i++) values[i] = value ? value[i] : 0.0f;
        return;
    }
    uint16_t *keys = (uint16_t *)page + 2 * place;
    uint16_t *values = (uint16_t *)((float *)page + (head_size + 1) / 2 * PENSTOCK_PAGE + place / 2 * columns) + place % 2;
    for (size_t i = 0; i < head_size; i += VECTOR_WIDTH) {
        const size_t left = head_size - i, count = left < VECTOR_WIDTH ? left : VECTOR_WIDTH;
        uint16_t rounded[VECTOR_WIDTH];
        v_store_bfloat16(rounded, key ? load_numbers(left, key, i, 0) : v_set(0.0f));
        for (size_t j = 0; j < count; j++) keys[(i + j) / 2 * 2 * PENSTOCK_PAGE + (i + j) % 2] = rounded[j];
        v_store_bfloat16(rounded, value ? load_numbers(left, value, i, 0) : v_set(0.0f));
        for (size_t j = 0; j < count; j++) values[2 * (i + j)] = rounded[j];
    }
}
