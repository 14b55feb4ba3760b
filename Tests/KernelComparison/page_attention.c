// Attention over pages, of numbers and of bytes, as Sources/Compute/Pages puts it together.
#include "pages.h"

#include <string.h>

enum { most_rows = 13, most_keys = PENSTOCK_RANGE_PAGES * PENSTOCK_PAGE, most_head_size = 130 };

typedef struct {
    page_set pages;
    size_t rows;
    size_t length;  ///< tokens; places behind them have none
    buffer queries;  ///< [rows][head_size], as numbers
    buffer query_units;
    uint32_t first[most_rows], end[most_rows];
    buffer addends;
    int has_addends;
    float scale, cap;
    int is_in_place;  ///< whether weights, of single precision, take the place of the scores
    buffer widened, scores, weights;
} range;

enum { query_gap = 1, score_gap = 3, weight_gap = 5, part_gap = 3 };

/// Units of rows that are so far apart; behind the last there is no gap.
static size_t row_units(size_t rows, size_t width, size_t gap) { return rows * (width + gap) - gap; }
/// The place of rows at the end of a buffer.
static float *rows_at_end(buffer b, size_t rows, size_t width, size_t gap) {
    return b.base + b.count - row_units(rows, width, gap);
}
/// Returns whether nothing but rows at the end of a buffer was written.
static int are_gaps_intact(buffer b, size_t rows, size_t width, size_t gap) {
    const float *first = rows_at_end(b, rows, width, gap);
    for (const float *unit = b.base; unit < first; unit++)
        if (!is_guard(*unit)) return 0;
    for (size_t row = 0; row + 1 < rows; row++)
        for (size_t i = 0; i < gap; i++)
            if (!is_guard(first[row * (width + gap) + width + i])) return 0;
    return is_intact(b);
}

static void choose_seen(range *r, generator *random) {
    for (size_t row = 0; row < r->rows; row++) {
        const long first = random_integer(random, 0, 1) * random_integer(random, 0, (long)r->length - 1);
        const long ends[] = {(long)r->length, random_integer(random, first + 1, (long)r->length)};
        r->first[row] = (uint32_t)first;
        r->end[row] = (uint32_t)(random_integer(random, 0, 7) ? PICK(random, ends) : first);
    }
}

/// Random tokens, written by a table, and queries.
static range random_range(const penstock_kernels *kernels, page_set pages, size_t rows, generator *random) {
    range r = {.pages = pages, .rows = rows, .scale = 1 / sqrtf((float)pages.head_size)};
    const size_t head_size = pages.head_size, numbers = numbers_in_unit(pages.precision);
    const size_t units = unit_count(pages.precision, head_size), keys = pages.count * PENSTOCK_PAGE;
    r.length = keys - (size_t)random_integer(random, 0, PENSTOCK_PAGE - 1);
    const buffer key = unwritten(head_size), value = unwritten(head_size);
    for (size_t token = 0; token < r.length; token++) {
        random_floats(random, head_size, 2, key.base);
        random_floats(random, head_size, 2, value.base);
        write_token(kernels, &pages, token, key.base, value.base);
    }
    r.queries = random_buffer(random, rows * head_size, 2);
    for (size_t i = 0; i < r.queries.count && pages.precision == penstock_precision_bfloat16; i++)
        r.queries.base[i] = float_of_bfloat16(nearest_bfloat16(r.queries.base[i]));
    r.query_units = unwritten(row_units(rows, units, query_gap));
    for (size_t row = 0; row < rows; row++)
        for (size_t unit = 0; unit < units; unit++) {
            float all[2] = {0, 0};
            for (size_t i = 0; i < numbers && unit * numbers + i < head_size; i++)
                all[i] = r.queries.base[row * head_size + unit * numbers + i];
            r.query_units.base[row * (units + query_gap) + unit] = unit_of(pages.precision, all);
        }
    choose_seen(&r, random);
    r.addends = random_buffer(random, keys, 3);
    const size_t key_count = key_units(&pages), value_count = value_units(&pages);
    r.widened = unwritten(pages.has_bytes ? key_count > value_count ? key_count : value_count : 0);
    r.scores = unwritten(row_units(rows, keys, score_gap));
    r.weights = unwritten(row_units(rows, unit_count(pages.precision, keys), weight_gap));
    return r;
}

static uint32_t clamped(uint32_t key, size_t first, size_t count) {
    return key < first ? 0 : key - first < count ? (uint32_t)(key - first) : (uint32_t)count;
}

static size_t part_width(const range *r) { return columns_of(&r->pages) + 2; }
static buffer unwritten_parts(const range *r, size_t rows) {
    return unwritten(row_units(rows, part_width(r), part_gap));
}

/// Makes the parts of so many rows from `row` on and of so many pages from `page` on, at the end of a buffer.
static void attend(const penstock_kernels *kernels, const range *r, size_t row, size_t rows, size_t page, size_t pages,
                   buffer parts) {
    const page_set *p = &r->pages;
    const size_t keys = pages * PENSTOCK_PAGE, units = unit_count(p->precision, p->head_size);
    const size_t weight_units = unit_count(p->precision, keys);
    uint32_t first[most_rows], end[most_rows];
    for (size_t i = 0; i < rows; i++) {
        first[i] = clamped(r->first[row + i], page * PENSTOCK_PAGE, keys);
        end[i] = clamped(r->end[row + i], page * PENSTOCK_PAGE, keys);
    }
    const void *addresses[PENSTOCK_RANGE_PAGES];
    for (size_t i = 0; i < pages; i++) addresses[i] = page_at(p, page + i);
    const buffer scratch[] = {r->widened, r->scores, r->weights, parts};
    for (size_t i = 0; i < COUNT(scratch); i++) fill_with_guards(scratch[i]);
    float *scores = rows_at_end(r->scores, rows, keys, score_gap);
    kernels->attend_pages(&(penstock_page_attention){
        .precision = p->precision,
        .rows = rows,
        .head_size = p->head_size,
        .queries = r->query_units.base + row * (units + query_gap),
        .query_stride = (ptrdiff_t)(units + query_gap),
        .pages = pages,
        .page = addresses,
        .widened = p->has_bytes ? r->widened.base : NULL,
        .first = first,
        .end = end,
        .addends = r->has_addends ? r->addends.base + page * PENSTOCK_PAGE : NULL,
        .scale = r->scale,
        .cap = r->cap,
        .scores = scores,
        .score_stride = (ptrdiff_t)(keys + score_gap),
        .weights = r->is_in_place ? scores : rows_at_end(r->weights, rows, weight_units, weight_gap),
        .weight_stride = (ptrdiff_t)(r->is_in_place ? keys + score_gap : weight_units + weight_gap),
        .parts = rows_at_end(parts, rows, part_width(r), part_gap),
        .part_stride = (ptrdiff_t)(part_width(r) + part_gap),
    });
    EXPECT(is_intact(r->widened) && are_gaps_intact(r->scores, rows, keys, score_gap) &&
               are_gaps_intact(r->weights, rows, weight_units, weight_gap) &&
               are_gaps_intact(parts, rows, part_width(r), part_gap) && is_intact(p->memory),
           "precision %d, bytes %d, head of %zu, %zu rows, %zu pages: memory beside it was written", p->precision,
           p->has_bytes, p->head_size, rows, pages);
}

typedef struct {
    double greatest, sum, values[most_head_size];
    double score_magnitude, magnitudes[most_head_size];
} exact_part;

/// The part of a row over all pages, of the numbers as they are stored, its values divided by the sum.
static const exact_part *exactly(const range *r, size_t row) {
    static exact_part part;
    static double weights[most_keys];
    const page_set *p = &r->pages;
    const size_t head_size = p->head_size;
    part = (exact_part){.greatest = -INFINITY};
    for (size_t key = r->first[row]; key < r->end[row]; key++) {
        const float *page = page_at(p, key / PENSTOCK_PAGE);
        const size_t token = key % PENSTOCK_PAGE;
        double score = 0, magnitude = 0;
        for (size_t i = 0; i < head_size; i++) {
            const double query = r->queries.base[row * head_size + i];
            const double term = query * number_at(p, page, key_place(p, token, i));
            score += term;
            magnitude += fabs(term);
        }
        const double scale = scale_at(p, page, 0, token), addend = r->has_addends ? r->addends.base[key] : 0;
        score = score * scale + addend;
        part.score_magnitude = larger(magnitude * scale + fabs(addend), part.score_magnitude);
        if (r->cap > 0) score = r->cap * tanh(r->scale * score / r->cap);
        weights[key] = score;
        part.greatest = larger(score, part.greatest);
    }
    for (size_t key = r->first[row]; key < r->end[row]; key++)
        part.sum += weights[key] = exp((weights[key] - part.greatest) * (r->cap > 0 ? 1 : r->scale));
    for (size_t key = r->first[row]; key < r->end[row]; key++) {
        const float *page = page_at(p, key / PENSTOCK_PAGE);
        const size_t token = key % PENSTOCK_PAGE;
        const double share = weights[key] / part.sum * scale_at(p, page, 1, token);
        for (size_t i = 0; i < head_size; i++) {
            const double term = share * number_at(p, page, value_place(p, token, i));
            part.values[i] += term;
            part.magnitudes[i] += fabs(term);
        }
    }
    return &part;
}

/// The largest error of what is made of a part as a share of its bound, which is that of attention over rows.
static double worst_share(const penstock_kernels *kernels, const range *r, const float *part, const exact_part *exact,
                          buffer output, buffer rounded) {
    const size_t head_size = r->pages.head_size;
    const double relative = r->pages.precision == penstock_precision_bfloat16 ? 0x1p-8 + 2e-4 : 0;
    double worst = 0;
    kernels->finish_part(head_size, part, 0, output.base);
    kernels->finish_part(head_size, part, 1, rounded.base);
    size_t wrong = head_size % 2 && bfloat16_at(rounded.base, head_size) != 0;
    for (size_t i = 0; i < head_size; i++) {
        wrong += !is_bfloat16_of(bfloat16_at(rounded.base, i), output.base[i], kernels);
        const double share = fabs(output.base[i] - exact->values[i]) / (4e-6 + exact->magnitudes[i] * relative);
        worst = worse(share, worst);
    }
    EXPECT(wrong == 0 && is_intact(output) && is_intact(rounded), "head of %zu: %zu are not rounded", head_size, wrong);
    return worst;
}

/// Compares the greatest score and the sum. The share is that of their bounds.
static double worst_of_sum(const range *r, const float *part, const exact_part *exact) {
    const size_t columns = columns_of(&r->pages);
    const double score = exact->score_magnitude * (r->cap > 0 ? r->scale : 1) * 0x1p-20;
    const double sum = exact->sum * (8e-5 + most_keys * 0x1p-24);
    return worse(fabs(part[columns] - exact->greatest) / (score + 1e-6), fabs(part[columns + 1] - exact->sum) / sum);
}

static void compare_range(const penstock_kernels *kernels, const range *r, generator *random) {
    const page_set *p = &r->pages;
    const size_t width = part_width(r), columns = columns_of(p), stride = width + part_gap;
    const buffer parts = unwritten_parts(r, r->rows), others = unwritten_parts(r, r->rows);
    const buffer alone = unwritten_parts(r, 1), behind = unwritten(width);
    const buffer output = unwritten(p->head_size), rounded = unwritten((p->head_size + 1) / 2);
    attend(kernels, r, 0, r->rows, 0, p->count, parts);
    attend(penstock_kernels_scalar(), r, 0, r->rows, 0, p->count, others);
    const size_t half = (size_t)random_integer(random, 0, (long)p->count);
    size_t unlike_scalar = 0, unlike_alone = 0, unseen = 0;
    double worst = 0, worst_sum = 0;
    for (size_t row = 0; row < r->rows; row++) {
        const float *part = parts.base + row * stride;
        if (r->first[row] == r->end[row]) {
            unseen += part[columns] != -INFINITY || part[columns + 1] != 0;
            continue;
        }
        // Of a row nothing but the sum of its weights depends on the width of vectors.
        if (is_defined(p->precision, kernels))
            unlike_scalar += first_difference(columns + 1, part, others.base + row * stride) != columns + 1;
        digest(columns + 1, part);
        const size_t page = r->first[row] / PENSTOCK_PAGE;
        attend(kernels, r, row, 1, page, (r->end[row] - 1) / PENSTOCK_PAGE + 1 - page, alone);
        unlike_alone += first_difference(width, part, alone.base) != width;
        const exact_part *exact = exactly(r, row);
        worst = worse(worst_share(kernels, r, part, exact, output, rounded), worst);
        worst_sum = worse(worst_of_sum(r, part, exact), worst_sum);
        // In two ranges.
        if (half == 0 || half == p->count) continue;
        attend(kernels, r, row, 1, half, p->count - half, alone);
        memcpy(behind.base, alone.base, width * sizeof(float));
        attend(kernels, r, row, 1, 0, half, alone);
        kernels->merge_parts(p->head_size, r->cap > 0 ? 1 : r->scale, behind.base, alone.base);
        worst = worse(worst_share(kernels, r, alone.base, exact, output, rounded), worst);
        worst_sum = worse(worst_of_sum(r, alone.base, exact), worst_sum);
    }
    EXPECT(worst <= 1 && worst_sum <= 1 && unlike_scalar + unlike_alone + unseen == 0,
           "precision %d, bytes %d, head of %zu, %zu rows, %zu pages, addends %d, cap %g, in place %d: %g and %g times "
           "the bounds, %zu rows unlike the scalar table's, %zu unlike themselves alone, %zu that see nothing",
           p->precision, p->has_bytes, p->head_size, r->rows, p->count, r->has_addends, r->cap, r->is_in_place, worst,
           worst_sum, unlike_scalar, unlike_alone, unseen);
    const char *const names[][2] = {{"pages", "byte pages"}, {"bfloat16 pages", "bfloat16 byte pages"}};
    note_figure(names[p->precision == penstock_precision_bfloat16][p->has_bytes], worse(worst, worst_sum));
    release_buffers();
}

// A key or a value of bytes that is not finite makes the results of all that see it NaN.
static void of_odd_tokens(const penstock_kernels *kernels, penstock_precision precision, generator *random) {
    const float odd[] = {NAN, -NAN, INFINITY, -INFINITY};
    for (int is_value = 0; is_value < 2; is_value++)
        for (size_t i = 0; i < COUNT(odd); i++) {
            range r = random_range(kernels, blank_pages(precision, 1, 20, 2), 3, random);
            const size_t token = (size_t)random_integer(random, 0, (long)r.length - 1);
            const buffer finite = random_buffer(random, 20, 2), other = copy_of(20, finite.base);
            const buffer parts = unwritten_parts(&r, r.rows), output = unwritten(20);
            other.base[random_integer(random, 0, 19)] = odd[i];
            write_token(kernels, &r.pages, token, is_value ? finite.base : other.base,
                        is_value ? other.base : finite.base);
            for (size_t row = 0; row < r.rows; row++) {
                r.first[row] = 0;
                r.end[row] = (uint32_t)r.length;
            }
            attend(kernels, &r, 0, r.rows, 0, r.pages.count, parts);
            size_t wrong = 0;
            for (size_t row = 0; row < r.rows; row++) {
                kernels->finish_part(20, parts.base + row * (part_width(&r) + part_gap), 0, output.base);
                for (size_t j = 0; j < 20; j++) wrong += !isnan(output.base[j]);
            }
            EXPECT(wrong == 0, "precision %d, %g in a %s: %zu results are numbers", precision, odd[i],
                   is_value ? "value" : "key", wrong);
            release_buffers();
        }
}

void compare_pages(const penstock_kernels *kernels) {
    const size_t head_sizes[] = {1, 2, 5, 8, 16, 24, 32, 64, 72, 80, 128, most_head_size};
    const size_t rows[] = {1, 2, 3, 4, 5, 6, 7, 12, most_rows}, counts[] = {1, 2, 3, 5, PENSTOCK_RANGE_PAGES};
    generator random = {41};
    for (penstock_precision precision = penstock_precision_float32; precision <= penstock_precision_bfloat16;
         precision++)
        for (int has_bytes = 0; has_bytes < 2; has_bytes++) {
            for (size_t i = 0; i < COUNT(head_sizes); i++)
                for (size_t j = 0; j < COUNT(rows); j++) {
                    const page_set pages = blank_pages(precision, has_bytes, head_sizes[i], PICK(&random, counts));
                    range r = random_range(kernels, pages, rows[j], &random);
                    // Neither, addends, or a cap.
                    r.has_addends = j % 3 == 1;
                    r.cap = j % 3 == 2 ? 5 : 0;
                    r.is_in_place = precision == penstock_precision_float32 && random_integer(&random, 0, 1);
                    compare_range(kernels, &r, &random);
                }
            if (has_bytes) of_odd_tokens(kernels, precision, &random);
        }
}
