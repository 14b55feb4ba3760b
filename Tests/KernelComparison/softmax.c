// Softmax, and its numerators as operands of a product.
#include "comparison.h"

#include <float.h>

enum { vocabulary = 30522, most_values = vocabulary };

/// The exponentials of the differences to the largest value, and their sum.
static double exponentiate(size_t count, const float *x, double scale, double *y) {
    double largest = -INFINITY, sum = 0;
    for (size_t i = 0; i < count; i++) largest = larger(x[i], largest);
    for (size_t i = 0; i < count; i++) sum += y[i] = exp(scale * (x[i] - largest));
    return sum;
}

static size_t length_at(size_t index) { return index < length_count ? lengths[index] : vocabulary; }

// Each difference to the largest value is rounded, and so is its product with log₂ e, which is rounded itself; each
// power is within 1.5 ulp, and so is each step of the sum, which may be as long as the row.
static void softmax(const penstock_kernels *kernels, float spread) {
    static double exact[most_values];
    generator random = {3};
    for (size_t i = 0; i <= length_count; i++) {
        const buffer x = random_buffer(&random, length_at(i), spread), y = copy_of(x.count, x.base);
        const double sum = exponentiate(x.count, x.base, 1, exact);
        kernels->softmax(y.count, y.base);
        double worst = 0, largest = -INFINITY;
        for (size_t j = 0; j < x.count; j++) largest = larger(x.base[j], largest);
        for (size_t j = 0; j < x.count; j++) {
            const double relative = ((double)x.count + 6 + 3 * (largest - x.base[j])) * 0x1p-24;
            const double share = fabs(y.base[j] - exact[j] / sum) / (exact[j] / sum * relative + 0x1p-148);
            if (!(share <= worst)) worst = share;
        }
        EXPECT(worst <= 1 && is_intact(y), "%zu values, spread %g: %g times the bound", x.count, spread, worst);
        note_figure("softmax", worst);
        release_buffers();
    }
}

static void softmax_of_equal_values(const penstock_kernels *kernels) {
    const float values[] = {0, -7, 1e30f, -FLT_MAX};
    for (size_t i = 0; i <= length_count; i++)
        for (size_t j = 0; j < COUNT(values); j++) {
            const buffer x = unwritten(length_at(i));
            size_t wrong = 0;
            for (size_t k = 0; k < x.count; k++) x.base[k] = values[j];
            kernels->softmax(x.count, x.base);
            for (size_t k = 0; k < x.count; k++) wrong += x.base[k] != 1 / (float)x.count;
            EXPECT(wrong == 0, "%zu of %zu values %g", wrong, x.count, values[j]);
            release_buffers();
        }
}

static void softmax_beyond_finite_values(const penstock_kernels *kernels) {
    const float poisons[] = {NAN, -NAN, INFINITY};
    generator random = {4};
    for (size_t i = 0; i < length_count; i++) {
        const size_t count = lengths[i], place = (size_t)random_integer(&random, 0, (long)count - 1);
        const buffer values = random_buffer(&random, count, 1);
        for (size_t j = 0; j < COUNT(poisons); j++) {
            const buffer x = copy_of(count, values.base);
            x.base[place] = poisons[j];
            kernels->softmax(count, x.base);
            for (size_t k = 0; k < count; k++) EXPECT(isnan(x.base[k]), "%g at %zu of %zu", poisons[j], place, count);
        }
        const buffer masked = copy_of(count, values.base);
        masked.base[place] = -INFINITY;
        kernels->softmax(count, masked.base);
        double sum = 0;
        for (size_t k = 0; k < count; k++) sum += masked.base[k];
        EXPECT(count == 1 ? isnan(masked.base[0]) : masked.base[place] == 0 && fabs(sum - 1) < 1e-5, "%zu masked",
               count);
        release_buffers();
    }
}

typedef struct {
    float sum;
    float numbers[1023];  ///< as they are stored
} row_of_numerators;

static const row_of_numerators *numerators(const penstock_kernels *kernels, penstock_precision precision, float scale,
                                           buffer x) {
    static row_of_numerators found;
    const int is_narrow = precision == penstock_precision_bfloat16;
    const buffer before = copy_of(x.count, x.base), y = unwritten(is_narrow ? (x.count + 1) / 2 : x.count);
    found.sum = kernels->softmax_numerators(precision, x.count, scale, x.base, y.base);
    EXPECT(is_intact(x) && is_intact(y) && first_difference(x.count, x.base, before.base) == x.count, "%zu", x.count);
    for (size_t i = 0; i < x.count; i++)
        found.numbers[i] = is_narrow ? float_of_bfloat16(bfloat16_at(y.base, i)) : y.base[i];
    if (is_narrow) {
        if (x.count % 2) EXPECT(bfloat16_at(y.base, x.count) == 0, "a half-full unit of %zu numbers", x.count);
        return &found;
    }
    const float sum = kernels->softmax_numerators(precision, x.count, scale, before.base, before.base);
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
                if (!(share <= worst)) worst = share;
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

void compare_softmax(const penstock_kernels *kernels) {
    const float spreads[] = {0.01f, 1, 10, 200, 1e30f};
    for (size_t i = 0; i < COUNT(spreads); i++) softmax(kernels, spreads[i]);
    softmax_of_equal_values(kernels);
    softmax_beyond_finite_values(kernels);
    for (penstock_precision precision = penstock_precision_float32; precision <= penstock_precision_bfloat16;
         precision++) {
        numerators_are_close(kernels, precision);
        numerators_beyond_finite_values(kernels, precision);
    }
}
