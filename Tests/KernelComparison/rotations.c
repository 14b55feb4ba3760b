// Rotations: every pair of every head, and nothing else, with the same bits in every table.
#include "comparison.h"

#include <string.h>

static size_t first_of(const penstock_rotation *r, size_t pair) {
    return r->pairing == penstock_pairing_halves ? pair : 2 * pair;
}
static size_t second_of(const penstock_rotation *r, size_t pair) {
    return r->pairing == penstock_pairing_halves ? pair + r->pairs : 2 * pair + 1;
}

static float number_at(const penstock_rotation *r, buffer x, size_t index) {
    return r->precision == penstock_precision_float32 ? x.base[index] : float_of_bfloat16(bfloat16_at(x.base, index));
}

/// Returns whether a number is a float, or the bfloat16 of one.
static int is_stored(const penstock_rotation *r, const penstock_kernels *kernels, buffer x, size_t index, float value) {
    if (r->precision == penstock_precision_float32) return is_identical(x.base[index], value);
    return is_bfloat16_of(bfloat16_at(x.base, index), value, kernels);
}

static void rotation_of(const penstock_kernels *kernels, const penstock_rotation *r, generator *random) {
    const size_t numbers = r->heads * r->head_size, half = r->precision == penstock_precision_bfloat16 ? 2 : 1;
    const buffer cosines = random_buffer(random, r->pairs, 1), sines = random_buffer(random, r->pairs, 1);
    const buffer x = unwritten((numbers + half - 1) / half);
    if (half == 1) random_floats(random, numbers, 2, x.base);
    for (size_t i = 0; i < numbers && half == 2; i++) {
        const uint16_t number = nearest_bfloat16(random_float(random, 2));
        memcpy((char *)x.base + i * sizeof number, &number, sizeof number);
    }
    const buffer before = copy_of(x.count, x.base);
    kernels->rotate(r, cosines.base, sines.base, x.base);
    size_t wrong = 0;
    for (size_t head = 0; head < r->heads; head++) {
        const size_t start = head * r->head_size;
        for (size_t pair = 0; pair < r->pairs; pair++) {
            const size_t first = start + first_of(r, pair), second = start + second_of(r, pair);
            const float a = number_at(r, before, first), b = number_at(r, before, second);
            // One rounding with each step: as large as a float is a double's product of two exact.
            const float ac = (float)((double)a * cosines.base[pair]), bs = (float)((double)b * sines.base[pair]);
            const float bc = (float)((double)b * cosines.base[pair]), as = (float)((double)a * sines.base[pair]);
            wrong += !is_stored(r, kernels, x, first, (float)((double)ac - bs));
            wrong += !is_stored(r, kernels, x, second, (float)((double)bc + as));
        }
        for (size_t i = 2 * r->pairs; i < r->head_size; i++)
            wrong += !is_identical(number_at(r, x, start + i), number_at(r, before, start + i));
    }
    EXPECT(wrong == 0 && is_intact(x) && is_intact(cosines) && is_intact(sines),
           "precision %d, pairing %d, %zu pairs of %zu, %zu heads: %zu wrong", r->precision, r->pairing, r->pairs,
           r->head_size, r->heads, wrong);
    if (half == 1) digest(x.count, x.base);
    release_buffers();
}

// A turn by nothing changes nothing, not even the sign of zero, and what is no number stays within its pair.
static void of_odd_numbers(const penstock_kernels *kernels, penstock_pairing pairing) {
    const size_t pairs = 33;
    for (size_t place = 0; place < 2 * pairs; place++) {
        const buffer cosines = unwritten(pairs), sines = unwritten(pairs), x = unwritten(2 * pairs);
        const penstock_rotation r = {
            .pairing = pairing, .heads = 1, .head_size = 2 * pairs, .pairs = pairs};
        for (size_t i = 0; i < pairs; i++) {
            cosines.base[i] = 1;
            sines.base[i] = 0;
        }
        for (size_t i = 0; i < 2 * pairs; i++) x.base[i] = i == place ? NAN : 0;
        kernels->rotate(&r, cosines.base, sines.base, x.base);
        size_t wrong = 0;
        for (size_t pair = 0; pair < pairs; pair++) {
            const size_t first = first_of(&r, pair), second = second_of(&r, pair);
            const int is_poisoned = first == place || second == place;
            wrong += is_poisoned ? !isnan(x.base[first]) + !isnan(x.base[second])
                                 : bits_of(x.base[first]) + bits_of(x.base[second]) != 0;
        }
        EXPECT(wrong == 0, "pairing %d, place %zu: %zu wrong", pairing, place, wrong);
        release_buffers();
    }
}

void compare_rotations(const penstock_kernels *kernels) {
    generator random = {27};
    for (penstock_precision precision = penstock_precision_float32; precision <= penstock_precision_bfloat16;
         precision++)
        for (penstock_pairing pairing = penstock_pairing_halves; pairing <= penstock_pairing_neighbours; pairing++)
            for (size_t head_size = 0; head_size <= 140; head_size++) {
                if (precision == penstock_precision_bfloat16 && head_size % 2) continue;
                // The whole head, and a part of it.
                const size_t parts[] = {head_size / 2, (size_t)random_integer(&random, 0, (long)head_size / 2)};
                for (size_t i = 0; i < COUNT(parts); i++) {
                    const penstock_rotation r = {.precision = precision,
                                                 .pairing = pairing,
                                                 .heads = (size_t)random_integer(&random, 0, 3),
                                                 .head_size = head_size,
                                                 .pairs = parts[i]};
                    rotation_of(kernels, &r, &random);
                }
            }
    for (penstock_pairing pairing = penstock_pairing_halves; pairing <= penstock_pairing_neighbours; pairing++)
        of_odd_numbers(kernels, pairing);
}
