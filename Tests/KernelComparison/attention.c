// A head of attention out of the kernels, as Sources/Compute/CPU+Attention.swift puts it together.
#include "product.h"

#include <string.h>

enum { most_tokens = 130, most_head_size = 72, query_rows = 48 };

typedef struct {
    penstock_precision precision;
    size_t length, head_size;
    size_t before, behind;  ///< the keys that a query sees beside its own
    buffer rows[3];   ///< queries, keys, values: [length][head_size], as numbers
    buffer units[3];  ///< the same, in units
    buffer table;     ///< addends by distance, from that of the first key and the last query on: [2·length - 1]
    int has_table;
    buffer output;    ///< [length][head_size], of floats
} head;

static head random_head(penstock_precision precision, size_t length, size_t head_size, generator *random) {
    head h = {.precision = precision, .length = length, .head_size = head_size, .before = length, .behind = length};
    h.table = random_buffer(random, 2 * length - 1, 3);
    const size_t units = unit_count(precision, head_size), numbers = numbers_in_unit(precision);
    for (int i = 0; i < 3; i++) {
        h.rows[i] = random_buffer(random, length * head_size, 2);
        h.units[i] = unwritten(length * units);
        for (size_t j = 0; j < h.rows[i].count && precision == penstock_precision_bfloat16; j++)
            h.rows[i].base[j] = float_of_bfloat16(nearest_bfloat16(h.rows[i].base[j]));
        for (size_t j = 0; j < length * units; j++)
            h.units[i].base[j] = unit_of(precision, h.rows[i].base + j * numbers);
    }
    h.output = unwritten(length * head_size);
    return h;
}

/// Rows of values, or of pairs of them, side by side in panels of 64 columns.
static void pack_values(const penstock_kernels *kernels, const head *h, size_t column, size_t count, float *panel) {
    const size_t width = unit_count(h->precision, h->head_size);
    for (size_t unit = 0; unit < unit_count(h->precision, h->length); unit++, panel += PENSTOCK_PANEL) {
        if (h->precision == penstock_precision_float32) {
            memcpy(panel, h->units[2].base + unit * width + column, count * sizeof(float));
            continue;
        }
        const float *even = h->units[2].base + 2 * unit * width + column / 2;
        // Behind the last row stands itself, times a weight of zero.
        kernels->interleave_bfloat16(count, even, 2 * unit + 1 < h->length ? even + width : even, panel);
    }
}

/// The first key that a query sees, and the one behind the last.
static size_t first_key(const head *h, size_t query) { return query < h->before ? 0 : query - h->before; }
static size_t end_of_keys(const head *h, size_t query) {
    return h->length - query <= h->behind ? h->length : query + h->behind + 1;
}

static void attend(const penstock_kernels *kernels, const head *h, float scale) {
    const size_t key_units = unit_count(h->precision, h->head_size), units = unit_count(h->precision, h->length);
    const size_t panels = (h->length + PENSTOCK_PANEL - 1) / PENSTOCK_PANEL, stride = panels * PENSTOCK_PANEL;
    const buffer keys = unwritten(panels * key_units * PENSTOCK_PANEL), values = unwritten(units * PENSTOCK_PANEL);
    const buffer scores = unwritten(query_rows * stride), weights = unwritten(query_rows * units);
    for (size_t key = 0; key < h->length; key += PENSTOCK_PANEL) {
        const size_t count = h->length - key < PENSTOCK_PANEL ? h->length - key : PENSTOCK_PANEL;
        kernels->transpose(count, key_units, h->units[1].base + key * key_units, (ptrdiff_t)key_units,
                           keys.base + key * key_units, PENSTOCK_PANEL);
    }
    for (size_t first = 0; first < h->length; first += query_rows) {
        const size_t m = h->length - first < query_rows ? h->length - first : query_rows;
        const penstock_rows queries = {.units = h->units[0].base + first * key_units, .stride = (ptrdiff_t)key_units};
        // Panels that no query sees are left out.
        const size_t start = first_key(h, first) / PENSTOCK_PANEL * PENSTOCK_PANEL;
        const size_t seen = end_of_keys(h, first + m - 1) - start;
        for (size_t key = 0; key < seen; key += PENSTOCK_PANEL) {
            const size_t count = seen - key < PENSTOCK_PANEL ? seen - key : PENSTOCK_PANEL;
            kernels->matrix_sums(h->precision, m, count, key_units, &queries, keys.base + (start + key) * key_units,
                                 scores.base + key, (ptrdiff_t)stride);
        }
        float inverses[query_rows];
        for (size_t row = 0; row < m; row++) {
            const size_t query = first + row;
            const penstock_scores s = {
                .count = seen,
                .first = first_key(h, query) - start,
                .end = end_of_keys(h, query) - start,
                .scores = scores.base + row * stride,
                .addends = h->has_table ? h->table.base + start + h->length - 1 - query : NULL,
                .scale = scale,
            };
            inverses[row] = 1 / kernels->softmax_numerators(h->precision, &s, weights.base + row * units);
        }
        const penstock_rows rows = {.units = weights.base, .stride = (ptrdiff_t)units, .scale = inverses};
        for (size_t column = 0; column < h->head_size; column += PENSTOCK_PANEL) {
            const size_t count = h->head_size - column < PENSTOCK_PANEL ? h->head_size - column : PENSTOCK_PANEL;
            pack_values(kernels, h, column, count, values.base);
            const penstock_panel panel = {
                .units = values.base + start / numbers_in_unit(h->precision) * PENSTOCK_PANEL, .is_fetched = 1};
            kernels->matrix_product(h->precision, m, count, unit_count(h->precision, seen), &rows, &panel,
                                    h->output.base + first * h->head_size + column, (ptrdiff_t)h->head_size,
                                    &(penstock_epilogue){0});
        }
    }
    EXPECT(is_intact(keys) && is_intact(values) && is_intact(scores) && is_intact(weights),
           "memory beside it was written");
}

/// The largest error as a share of its bound: 4e-6, and where weights are rounded to bfloat16, 2⁻⁸ of each beside 2e-4
/// of its own error.
static double worst_share(const head *h, double scale) {
    const double relative = h->precision == penstock_precision_bfloat16 ? 0x1p-8 + 2e-4 : 0;
    double worst = 0;
    for (size_t query = 0; query < h->length; query++) {
        double weights[most_tokens], largest = -INFINITY, sum = 0;
        const size_t first = first_key(h, query), end = end_of_keys(h, query);
        for (size_t key = first; key < end; key++) {
            double score = h->has_table ? h->table.base[key + h->length - 1 - query] : 0;
            for (size_t i = 0; i < h->head_size; i++)
                score += (double)h->rows[0].base[query * h->head_size + i] * h->rows[1].base[key * h->head_size + i];
            weights[key] = score * scale;
            largest = larger(weights[key], largest);
        }
        for (size_t key = first; key < end; key++) sum += weights[key] = exp(weights[key] - largest);
        for (size_t i = 0; i < h->head_size; i++) {
            double value = 0, magnitude = 0;
            for (size_t key = first; key < end; key++) {
                const double term = weights[key] / sum * h->rows[2].base[key * h->head_size + i];
                value += term;
                magnitude += fabs(term);
            }
            const double share = fabs(h->output.base[query * h->head_size + i] - value) / (4e-6 + magnitude * relative);
            worst = worse(share, worst);
        }
    }
    return worst;
}

static void compare_head(const penstock_kernels *kernels, const head *h) {
    const float scale = 1 / sqrtf((float)h->head_size);
    attend(kernels, h, scale);
    const double worst = worst_share(h, scale);
    EXPECT(worst <= 1 && is_intact(h->output),
           "precision %d, %zu tokens that see %zu and %zu, head of %zu, table %d: %g times the bound", h->precision,
           h->length, h->before, h->behind, h->head_size, h->has_table, worst);
    note_figure(h->precision == penstock_precision_float32 ? "attention" : "bfloat16 attention", worst);
    release_buffers();
}

void compare_attention(const penstock_kernels *kernels) {
    const size_t counts[] = {1, 2, 3, 7, 17, 33, 47, 48, 49, 63, 64, 65, 97, 130};
    const struct {
        size_t size;
        penstock_precision most;  ///< bfloat16 only where a head lies within a panel and is of pairs
    } heads[] = {{1, penstock_precision_float32},
                 {2, penstock_precision_bfloat16},
                 {5, penstock_precision_float32},
                 {8, penstock_precision_bfloat16},
                 {16, penstock_precision_bfloat16},
                 {24, penstock_precision_float32},
                 {32, penstock_precision_bfloat16},
                 {64, penstock_precision_bfloat16},
                 {most_head_size, penstock_precision_float32}};
    const struct {
        size_t before, behind;
    } windows[] = {{SIZE_MAX, SIZE_MAX}, {SIZE_MAX, 0}, {0, 0}, {5, 2}, {20, 20}, {64, 64}};
    generator random = {13};
    for (size_t i = 0; i < COUNT(heads); i++)
        for (size_t j = 0; j < COUNT(counts); j++)
            for (penstock_precision precision = penstock_precision_float32; precision <= heads[i].most; precision++)
                for (size_t k = 0; k < 2 * COUNT(windows); k++) {
                    head h = random_head(precision, counts[j], heads[i].size, &random);
                    h.before = windows[k / 2].before;
                    h.behind = windows[k / 2].behind;
                    h.has_table = k % 2;
                    compare_head(kernels, &h);
                }
}
