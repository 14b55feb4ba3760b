// The kernels that work on rows: sums, layer normalisation, transposition.
#include "comparison.h"

static void adding(const penstock_kernels *kernels) {
    generator random = {1};
    for (size_t i = 0; i <= length_count; i++) {
        const size_t count = i < length_count ? lengths[i] : 0;
        const buffer x = random_buffer(&random, count, 1), y = random_buffer(&random, count, 1);
        const buffer expected = copy_of(count, y.base);
        for (size_t j = 0; j < count; j++) expected.base[j] += x.base[j];
        kernels->add(count, x.base, y.base);
        EXPECT(first_difference(count, y.base, expected.base) == count && is_intact(x) && is_intact(y), "%zu", count);
        release_buffers();
    }
}

static void summing(const penstock_kernels *kernels) {
    generator random = {9};
    for (size_t i = 0; i <= length_count; i++) {
        const buffer x = random_buffer(&random, i < length_count ? lengths[i] : 0, 1);
        double exact = 0;
        for (size_t j = 0; j < x.count; j++) exact += x.base[j];
        const double error = fabs(kernels->sum(x.count, x.base) - exact);
        EXPECT(error <= (double)x.count * 0x1p-20 && is_intact(x), "%zu: %g off", x.count, error);
        release_buffers();
    }
}

static void normalise_exactly(size_t n, const float *x, const float *gain, const float *shift, double epsilon,
                              double *y) {
    double mean = 0, variance = 0;
    for (size_t i = 0; i < n; i++) mean += x[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) variance += (x[i] - mean) * (x[i] - mean);
    const double factor = 1 / sqrt(variance / (double)n + epsilon);
    for (size_t i = 0; i < n; i++) y[i] = (x[i] - mean) * factor * gain[i] + shift[i];
}

// Rows around `mean` with deviations around 1, for which single precision leaves an error of about |mean|·2⁻²³.
static void layer_norm(const penstock_kernels *kernels, float mean) {
    const float epsilons[] = {1e-12f, 1e-5f, 0.1f};
    static double exact[1023];
    generator random = {2};
    for (size_t i = 0; i < length_count; i++) {
        const size_t count = lengths[i];
        const buffer x = random_buffer(&random, count, 2), gain = random_buffer(&random, count, 2);
        const buffer shift = random_buffer(&random, count, 1), y = unwritten(count);
        const float epsilon = PICK(&random, epsilons);
        for (size_t j = 0; j < count; j++) x.base[j] += mean;
        normalise_exactly(count, x.base, gain.base, shift.base, epsilon, exact);
        kernels->layer_norm(count, x.base, gain.base, shift.base, epsilon, y.base);
        // Of few values, some may deviate by much less than 1, which magnifies the error.
        const double tolerance = (count < 8 ? 20 : 1) * (4e-6 + 1e-6 * fabs(mean));
        double worst = 0;
        for (size_t j = 0; j < count; j++) {
            const double error = fabs(y.base[j] - exact[j]);
            worst = worse(error, worst);
        }
        EXPECT(worst < tolerance, "%zu values around %g: %g off", count, mean, worst);
        note_figure("layer norm", worst / tolerance);
        kernels->layer_norm(count, x.base, gain.base, shift.base, epsilon, x.base);
        EXPECT(first_difference(count, x.base, y.base) == count, "%zu values: other results in place", count);
        EXPECT(is_intact(x) && is_intact(y) && is_intact(gain) && is_intact(shift), "memory beside it was written");
        release_buffers();
    }
}

static void layer_norm_of_equal_values(const penstock_kernels *kernels) {
    for (size_t i = 0; i < length_count; i++) {
        const size_t count = lengths[i];
        const buffer x = unwritten(count), gain = unwritten(count), shift = unwritten(count);
        for (size_t j = 0; j < count; j++) {
            x.base[j] = 0.5f;
            gain.base[j] = 3;
            shift.base[j] = (float)j;
        }
        kernels->layer_norm(count, x.base, gain.base, shift.base, 1e-12f, x.base);
        EXPECT(first_difference(count, x.base, shift.base) == count, "%zu", count);
        release_buffers();
    }
}

// Without a gain it is 1, and without a shift nothing is added, not even the sign of zero.
static void layer_norm_without_weights(const penstock_kernels *kernels) {
    generator random = {23};
    for (size_t i = 0; i < length_count; i++) {
        const size_t count = lengths[i];
        const buffer x = random_buffer(&random, count, 2), ones = unwritten(count), zeros = unwritten(count);
        const buffer gain = random_buffer(&random, count, 2), shift = random_buffer(&random, count, 2);
        const buffer expected = unwritten(count), y = unwritten(count);
        for (size_t j = 0; j < count; j++) {
            ones.base[j] = 1;
            zeros.base[j] = -0.0f;
        }
        for (int has_gain = 0; has_gain <= 1; has_gain++)
            for (int has_shift = 0; has_shift <= 1; has_shift++) {
                kernels->layer_norm(count, x.base, has_gain ? gain.base : ones.base, has_shift ? shift.base : zeros.base,
                                    1e-5f, expected.base);
                kernels->layer_norm(count, x.base, has_gain ? gain.base : NULL, has_shift ? shift.base : NULL, 1e-5f,
                                    y.base);
                EXPECT(first_difference(count, y.base, expected.base) == count && is_intact(y), "%zu, gain %d, shift %d",
                       count, has_gain, has_shift);
            }
        release_buffers();
    }
}

// The mean of the squares is a sum of up to n / 4 steps of a rounding each; the root halves their error.
static void rms_norm(const penstock_kernels *kernels, float scale) {
    const float epsilons[] = {1e-12f, 1e-5f, 0.1f};
    generator random = {24};
    for (size_t i = 0; i < length_count; i++)
        for (int has_gain = 0; has_gain <= 1; has_gain++) {
            const size_t count = lengths[i];
            const buffer x = random_buffer(&random, count, scale), gain = random_buffer(&random, count, 2);
            const buffer y = unwritten(count);
            const float epsilon = PICK(&random, epsilons);
            double mean_square = 0, worst = 0;
            for (size_t j = 0; j < count; j++) mean_square += (double)x.base[j] * x.base[j] / (double)count;
            kernels->rms_norm(count, x.base, has_gain ? gain.base : NULL, epsilon, y.base);
            for (size_t j = 0; j < count; j++) {
                const double exact = x.base[j] / sqrt(mean_square + epsilon) * (has_gain ? gain.base[j] : 1);
                const double bound = fabs(exact) * ((double)count / 8 + 8) * 0x1p-24 + 0x1p-148;
                const double share = fabs(y.base[j] - exact) / bound;
                worst = worse(share, worst);
            }
            EXPECT(worst <= 1, "%zu values up to %g: %g times the bound", count, scale, worst);
            note_figure("rms norm", worst);
            kernels->rms_norm(count, x.base, has_gain ? gain.base : NULL, epsilon, x.base);
            EXPECT(first_difference(count, x.base, y.base) == count, "%zu values: other results in place", count);
            EXPECT(is_intact(x) && is_intact(y) && is_intact(gain), "memory beside it was written");
            release_buffers();
        }
}

// Zeros keep their sign, a row of zeros stays one, and what is no number or infinite spoils the row.
static void norms_beyond_finite_values(const penstock_kernels *kernels) {
    const float poisons[] = {NAN, INFINITY};
    generator random = {25};
    for (size_t i = 0; i < length_count; i++) {
        const size_t count = lengths[i], place = (size_t)random_integer(&random, 0, (long)count - 1);
        const buffer x = unwritten(count), y = unwritten(count);
        for (size_t j = 0; j < count; j++) x.base[j] = j % 2 ? -0.0f : 0;
        kernels->rms_norm(count, x.base, NULL, 1e-6f, y.base);
        size_t wrong = 0;
        for (size_t j = 0; j < count; j++) wrong += bits_of(y.base[j]) != bits_of(x.base[j]);
        EXPECT(wrong == 0, "%zu of %zu zeros are others", wrong, count);
        for (size_t j = 0; j < COUNT(poisons); j++) {
            x.base[place] = poisons[j];
            kernels->layer_norm(count, x.base, NULL, NULL, 1e-6f, y.base);
            for (size_t k = 0; k < count; k++) EXPECT(isnan(y.base[k]), "%g at %zu of %zu", poisons[j], place, count);
            kernels->rms_norm(count, x.base, NULL, 1e-6f, y.base);
            // Numbers beside an infinite one vanish, the infinite one is none any more.
            for (size_t k = 0; k < count; k++)
                EXPECT(isnan(y.base[k]) || (y.base[k] == 0 && j == 1 && k != place), "%g at %zu of %zu: %g", poisons[j],
                       place, count, y.base[k]);
        }
        release_buffers();
    }
}

static void transposition_of(const penstock_kernels *kernels, size_t rows, size_t columns, generator *random) {
    const long source_gaps[] = {0, 1, 5}, target_gaps[] = {0, 3};
    const size_t stride = columns + (size_t)PICK(random, source_gaps),
                 height = rows + (size_t)PICK(random, target_gaps);
    const buffer source = unwritten(rows && columns ? (rows - 1) * stride + columns : 0);
    const buffer target = unwritten(rows && columns ? (columns - 1) * height + rows : 0);
    // Any bits, also those of numbers that are none.
    for (size_t i = 0; i < source.count; i++) integers(source)[i] = (int32_t)(uint32_t)random_bits(random);
    kernels->transpose(rows, columns, source.base, (ptrdiff_t)stride, target.base, (ptrdiff_t)height);
    size_t wrong = 0;
    for (size_t i = 0; i < target.count; i++) {
        const size_t column = i / height, row = i % height;
        const uint32_t expected = row < rows ? bits_of(source.base[row * stride + column]) : GUARD_BITS;
        wrong += bits_of(target.base[i]) != expected;
    }
    EXPECT(wrong == 0 && is_intact(source) && is_intact(target), "%zu×%zu: %zu wrong", rows, columns, wrong);
    release_buffers();
}

void compare_transposition(const penstock_kernels *kernels) {
    const size_t extents[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 48, 64, 100};
    generator random = {6};
    for (size_t i = 0; i < COUNT(extents); i++)
        for (size_t j = 0; j < COUNT(extents); j++) transposition_of(kernels, extents[i], extents[j], &random);
}

void compare_rows(const penstock_kernels *kernels) {
    adding(kernels);
    summing(kernels);
    layer_norm(kernels, 0);
    layer_norm(kernels, 3);
    layer_norm(kernels, -1000);
    layer_norm_of_equal_values(kernels);
    layer_norm_without_weights(kernels);
    rms_norm(kernels, 2);
    rms_norm(kernels, 1e-4f);
    norms_beyond_finite_values(kernels);
}
