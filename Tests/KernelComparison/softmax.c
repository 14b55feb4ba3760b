// Softmax in place, and the place of the greatest value.
#include "comparison.h"

#include <float.h>

enum { vocabulary = 30522, most_values = vocabulary };

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
            worst = worse(share, worst);
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

static void place_of_greatest(const penstock_kernels *kernels) {
    generator random = {5};
    for (size_t i = 0; i <= length_count; i++)
        for (int kinds = 1; kinds <= 1 << 20; kinds <<= 10) {
            const buffer x = unwritten(length_at(i));
            // Few kinds of values are equal to many others.
            for (size_t j = 0; j < x.count; j++) x.base[j] = (float)random_integer(&random, -kinds, 0);
            size_t place = 0;
            for (size_t j = 1; j < x.count; j++)
                if (x.base[j] > x.base[place]) place = j;
            const size_t found = kernels->place_of_greatest(x.count, x.base);
            EXPECT(found == place, "%zu values: %zu instead of %zu", x.count, found, place);
            for (size_t j = 0; j < x.count; j++) x.base[j] = -INFINITY;
            EXPECT(kernels->place_of_greatest(x.count, x.base) == 0, "%zu values", x.count);
            release_buffers();
        }
}

void compare_softmax(const penstock_kernels *kernels) {
    const float spreads[] = {0.01f, 1, 10, 200, 1e30f};
    for (size_t i = 0; i < COUNT(spreads); i++) softmax(kernels, spreads[i]);
    softmax_of_equal_values(kernels);
    softmax_beyond_finite_values(kernels);
    place_of_greatest(kernels);
}
