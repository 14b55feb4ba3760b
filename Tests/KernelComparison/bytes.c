// Rows quantised to bytes: inputs, which are not signed, and weights, which are.
#include "comparison.h"

#include <float.h>
#include <string.h>

typedef struct {
    buffer units;
    size_t count;
    float scale;
    int32_t number;  ///< the zero point of inputs, the sum of weights
} bytes;

static bytes quantised(const penstock_kernels *kernels, int are_weights, buffer x) {
    bytes b = {.units = unwritten((x.count + 3) / 4), .count = x.count, .scale = -1, .number = -1};
    (are_weights ? kernels->to_int8_weights : kernels->to_int8)(x.count, x.base, b.units.base, &b.scale, &b.number);
    EXPECT(is_intact(x) && is_intact(b.units), "%zu: memory beside it was written", x.count);
    for (size_t i = x.count; i < 4 * b.units.count; i++)
        EXPECT(byte_at(b.units.base, i) == 0, "a unit that is not full");
    return b;
}

static int value_at(const bytes *b, int are_weights, size_t index) {
    const uint8_t byte = byte_at(b->units.base, index);
    return are_weights ? (int8_t)byte : byte - b->number;
}

enum { row_kinds = 10 };

/// Rows of many kinds: of either sign, one-sided, constant, with outliers.
static void make_row(int kind, size_t count, const float *values, float *row) {
    for (size_t i = 0; i < count; i++) switch (kind) {
        case 0: row[i] = values[i]; break;
        case 1: row[i] = fabsf(values[i]); break;
        case 2: row[i] = -fabsf(values[i]); break;
        case 3: row[i] = i == count / 2 ? 500 : values[i]; break;
        case 4: row[i] = 0; break;
        case 5: row[i] = 3.7f; break;
        case 6: row[i] = -0.1f; break;
        case 7: row[i] = values[i] * 1e-25f; break;
        case 8: row[i] = values[i] * 1.6e38f; break;
        default: row[i] = values[i] + 100; break;
        }
}

static void within_half_a_step(const penstock_kernels *kernels, int are_weights) {
    generator random = {3};
    for (size_t i = 0; i < length_count; i++) {
        static float values[1023];
        const size_t count = lengths[i];
        random_floats(&random, count, 1, values);
        for (int kind = 0; kind < row_kinds; kind++) {
            const buffer x = unwritten(count + 1);
            make_row(kind, count, values, x.base);
            x.base[count] = 0;
            const bytes found = quantised(kernels, are_weights, x);
            const bytes reference = quantised(penstock_kernels_scalar(), are_weights, x);
            EXPECT(is_identical(found.scale, reference.scale) && found.number == reference.number &&
                       memcmp(found.units.base, reference.units.base, 4 * found.units.count) == 0,
                   "weights %d, row %d of %zu: other bits than the scalar table", are_weights, kind, count);
            digest(1, &found.scale);
            double worst = 0, least = 0, most = 0;
            int32_t sum = 0;
            for (size_t j = 0; j <= count; j++) {
                const int value = value_at(&found, are_weights, j);
                const float unit = (float)value;
                worst = worse(worst, fabs((double)value * found.scale - x.base[j]));
                least = -larger(-least, -x.base[j]);
                most = larger(most, x.base[j]);
                sum += value;
                digest(1, &unit);
                EXPECT(!are_weights || value != -128, "row %d of %zu: -128", kind, count);
            }
            EXPECT(worst <= 0.5001 * found.scale, "weights %d, row %d of %zu: %g steps off", are_weights, kind, count,
                   worst / found.scale);
            EXPECT(value_at(&found, are_weights, count) == 0, "weights %d, row %d: zero is not exact", are_weights,
                   kind);
            EXPECT(are_weights ? found.number == sum : found.number >= 0 && found.number <= 255, "%d", found.number);
            // The step is no larger than it has to be.
            const double extent = are_weights ? larger(most, -least) : most - least, steps = are_weights ? 127 : 255;
            EXPECT(fabs(found.scale * steps - extent) <= 1e-6 * extent, "row %d of %zu: step %g", kind, count,
                   found.scale);
            release_buffers();
        }
    }
}

// Rows so small that the inverse of a step overflows are taken for zero, and no row makes a wrong number.
static void the_smallest(const penstock_kernels *kernels, int are_weights) {
    const float values[] = {0x1p-149f, FLT_MIN, 0x1p-110f, -0x1p-101f, 0x1p-99f};
    const size_t counts[] = {1, 4, 17};
    for (size_t i = 0; i < COUNT(values); i++)
        for (size_t j = 0; j < COUNT(counts); j++) {
            const buffer x = unwritten(counts[j]);
            for (size_t k = 0; k < x.count; k++) x.base[k] = values[i];
            const bytes found = quantised(kernels, are_weights, x);
            for (size_t k = 0; k < x.count; k++) {
                const double stored = (double)value_at(&found, are_weights, k) * found.scale;
                EXPECT(fabs(stored - values[i]) <= larger(fabs(values[i]) * 1e-6, 0x1p-100), "%a: %a", values[i],
                       stored);
            }
            release_buffers();
        }
}

static void what_is_no_number_makes_the_scale_none(const penstock_kernels *kernels, int are_weights) {
    const float poisons[] = {NAN, -NAN, INFINITY, -INFINITY};
    generator random = {5};
    for (size_t i = 0; i < length_count; i++)
        for (size_t j = 0; j < COUNT(poisons); j++) {
            const buffer x = random_buffer(&random, lengths[i], 1);
            x.base[random_integer(&random, 0, (long)x.count - 1)] = poisons[j];
            const bytes found = quantised(kernels, are_weights, x);
            EXPECT(isnan(found.scale), "%g among %zu: %g", poisons[j], x.count, found.scale);
            release_buffers();
        }
}

// A row whose extent is no number any more does not pass for one that is.
static void an_extent_that_overflows(const penstock_kernels *kernels) {
    const bytes found = quantised(kernels, 0, copy_of(3, (float[]){-3e38f, 1, 3e38f}));
    EXPECT(!isfinite(found.scale) && found.number >= 0 && found.number <= 255, "%g, %d", found.scale, found.number);
    release_buffers();
}

void compare_bytes(const penstock_kernels *kernels) {
    for (int are_weights = 0; are_weights < 2; are_weights++) {
        within_half_a_step(kernels, are_weights);
        the_smallest(kernels, are_weights);
        what_is_no_number_makes_the_scale_none(kernels, are_weights);
    }
    an_extent_that_overflows(kernels);
}
