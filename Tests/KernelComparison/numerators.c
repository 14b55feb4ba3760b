// Numerators of a softmax, as operands of a product: of all keys or of those that are seen, with and without addends.
#include "comparison.h"

typedef struct {
    float sum;
    float numbers[1023];  ///< as they are stored
} row_of_numerators;

static const row_of_numerators *numerators(const penstock_kernels *kernels, penstock_precision precision, float scale,
                                           buffer x) {
    static row_of_numerators found;
    const int is_narrow = precision == penstock_precision_bfloat16;
    const buffer before = copy_of(x.count, x.base), y = unwritten(is_narrow ? (x.count + 1) / 2 : x.count);
    penstock_scores row = {.count = x.count, .end = x.count, .scores = x.base, .scale = scale};
    found.sum = kernels->softmax_numerators(precision, &row, y.base);
    EXPECT(is_intact(x) && is_intact(y) && first_difference(x.count, x.base, before.base) == x.count, "%zu", x.count);
    for (size_t i = 0; i < x.count; i++)
        found.numbers[i] = is_narrow ? float_of_bfloat16(bfloat16_at(y.base, i)) : y.base[i];
    if (is_narrow) {
        if (x.count % 2) EXPECT(bfloat16_at(y.base, x.count) == 0, "a half-full unit of %zu numbers", x.count);
        return &found;
    }
    row.scores = before.base;
    const float sum = kernels->softmax_numerators(precision, &row, before.base);
    EXPECT(
        is_identical(sum, found.sum) && first_difference(x.count, before.base, y.base) == x.count && is_intact(before),
        "%zu: other results in place", x.count);
    return &found;
}

// Each difference to the largest is rounded, and so is its product with the scale, of which there are two roundings
// more; then the exponential is within 1.5 ulp, or coarse and rounded to bfloat16.
static void numerators_are_close(const penstock_kernels *kernels, penstock_precision precision) {
    const struct {
        float spread, scale;
    } choices[] = {{1, 1}, {10, 0.125f}, {200, 1}, {1e30f, 0.5f}, {3, 1e-8f}};
    const int is_narrow = precision == penstock_precision_bfloat16;
    const double rounding = is_narrow ? 0x1p-8 + 8e-5 : 3 * 0x1p-24, smallest = is_narrow ? 0x1p-126 : 0x1p-148;
    static double exact[1023];
    generator random = {7};
    for (size_t i = 0; i < length_count; i++)
        for (size_t j = 0; j < COUNT(choices); j++) {
            const double scale = choices[j].scale;
            const buffer x = random_buffer(&random, lengths[i], choices[j].spread);
            const row_of_numerators *found = numerators(kernels, precision, choices[j].scale, x);
            const double sum = exponentiate(x.count, x.base, scale, exact);
            double worst = 0, largest = -INFINITY;
            for (size_t k = 0; k < x.count; k++) largest = larger(x.base[k], largest);
            for (size_t k = 0; k < x.count; k++) {
                const double argument = scale * (largest - x.base[k]) * 4 * 0x1p-24;
                const double share = fabs(found->numbers[k] - exact[k]) / (exact[k] * (argument + rounding) + smallest);
                worst = worse(share, worst);
            }
            EXPECT(worst <= 1, "%zu values, spread %g: %g times the bound", x.count, choices[j].spread, worst);
            note_figure(is_narrow ? "bfloat16 numerators" : "numerators", worst);
            const double bound = (is_narrow ? 8e-5 : 0) + (double)(x.count + 400) * 0x1p-24;
            EXPECT(fabs(found->sum - sum) <= sum * bound, "%zu values: sum %g instead of %g", x.count, found->sum, sum);
            release_buffers();
        }
}

static void numerators_beyond_finite_values(const penstock_kernels *kernels, penstock_precision precision) {
    const float poisons[] = {NAN, -NAN, INFINITY};
    generator random = {8};
    for (size_t i = 0; i < length_count; i++) {
        const buffer x = random_buffer(&random, lengths[i], 1);
        const size_t place = (size_t)random_integer(&random, 0, (long)x.count - 1);
        for (size_t j = 0; j < COUNT(poisons); j++) {
            x.base[place] = poisons[j];
            EXPECT(isnan(numerators(kernels, precision, 1, x)->sum), "%g at %zu of %zu", poisons[j], place, x.count);
        }
        x.base[place] = -INFINITY;
        const row_of_numerators *found = numerators(kernels, precision, 1, x);
        EXPECT(x.count == 1 ? isnan(found->sum) : found->numbers[place] == 0 && isfinite(found->sum), "%zu", x.count);
        release_buffers();
    }
}

// What is seen, and what is added before, changes nothing else: the same numbers as of a row of nothing but the sums.
static void numerators_of_some_keys(const penstock_kernels *kernels, penstock_precision precision) {
    const int is_narrow = precision == penstock_precision_bfloat16;
    generator random = {21};
    for (size_t count = 1; count <= 140; count++)
        for (int has_addends = 0; has_addends <= 1; has_addends++) {
            const size_t first = (size_t)random_integer(&random, 0, (long)count - 1);
            const size_t end = (size_t)random_integer(&random, (long)first + 1, (long)count);
            const buffer x = random_buffer(&random, count, 9), addends = random_buffer(&random, count, 9);
            const buffer sums = copy_of(end - first, x.base + first), y = unwritten(is_narrow ? (count + 1) / 2 : count);
            for (size_t i = 0; i < sums.count && has_addends; i++) sums.base[i] += addends.base[first + i];
            // What is not seen is not looked at.
            for (size_t i = 0; i < count; i++)
                if (i < first || i >= end) x.base[i] = addends.base[i] = NAN;
            const penstock_scores row = {.count = count,
                                         .first = first,
                                         .end = end,
                                         .scores = x.base,
                                         .addends = has_addends ? addends.base : NULL,
                                         .scale = 0.5f};
            const float sum = kernels->softmax_numerators(precision, &row, y.base);
            const row_of_numerators *seen = numerators(kernels, precision, 0.5f, sums);
            size_t wrong = !is_identical(sum, seen->sum);
            for (size_t i = 0; i < count + (is_narrow && count % 2); i++) {
                const float found = is_narrow ? float_of_bfloat16(bfloat16_at(y.base, i)) : y.base[i];
                const float expected = i >= first && i < end ? seen->numbers[i - first] : 0;
                wrong += bits_of(found) != bits_of(expected);
            }
            EXPECT(wrong == 0 && is_intact(y), "keys %zu to %zu of %zu: %zu wrong", first, end, count, wrong);
            if (!is_narrow) {
                kernels->softmax_numerators(precision, &row, x.base);
                EXPECT(first_difference(count, x.base, y.base) == count && is_intact(x), "%zu: other results in place",
                       count);
            }
            release_buffers();
        }
}

// An addend of -∞ hides a key, NaN or +∞ spoils the row.
static void addends_beyond_finite_values(const penstock_kernels *kernels, penstock_precision precision) {
    const int is_narrow = precision == penstock_precision_bfloat16;
    const float poisons[] = {NAN, INFINITY};
    generator random = {22};
    for (size_t i = 0; i < length_count; i++) {
        const size_t count = lengths[i], place = (size_t)random_integer(&random, 0, (long)count - 1);
        const buffer x = random_buffer(&random, count, 1), addends = random_buffer(&random, count, 1);
        const buffer y = unwritten(count);
        const penstock_scores row = {
            .count = count, .end = count, .scores = x.base, .addends = addends.base, .scale = 1};
        for (size_t j = 0; j < COUNT(poisons); j++) {
            addends.base[place] = poisons[j];
            EXPECT(isnan(kernels->softmax_numerators(precision, &row, y.base)), "%g at %zu", poisons[j], place);
        }
        addends.base[place] = -INFINITY;
        const float sum = kernels->softmax_numerators(precision, &row, y.base);
        const float hidden = is_narrow ? float_of_bfloat16(bfloat16_at(y.base, place)) : y.base[place];
        EXPECT(count == 1 ? isnan(sum) : hidden == 0 && isfinite(sum), "%zu", count);
        release_buffers();
    }
}

void compare_numerators(const penstock_kernels *kernels) {
    for (penstock_precision precision = penstock_precision_float32; precision <= penstock_precision_bfloat16;
         precision++) {
        numerators_are_close(kernels, precision);
        numerators_beyond_finite_values(kernels, precision);
        numerators_of_some_keys(kernels, precision);
        addends_beyond_finite_values(kernels, precision);
    }
}
