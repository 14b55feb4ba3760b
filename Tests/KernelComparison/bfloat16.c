// Numbers rounded to bfloat16, and rows of them interleaved.
#include "comparison.h"

static void round_buffer(const penstock_kernels *kernels, buffer x, buffer units) {
    kernels->to_bfloat16(x.count, x.base, units.base);
    EXPECT(is_intact(x) && is_intact(units), "memory beside it was written");
    if (x.count % 2) EXPECT(bfloat16_at(units.base, x.count) == 0, "a half-full unit of %zu numbers", x.count);
}

// Every bfloat16, with what follows it in single precision: nothing, the least, all around the tie, and the most.
static void every_number_and_its_ties(const penstock_kernels *kernels) {
    const uint32_t tails[] = {0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF};
    enum { count = 1 << 16 };
    for (size_t i = 0; i < COUNT(tails); i++) {
        const buffer x = unwritten(count), units = unwritten(count / 2);
        for (uint32_t bits = 0; bits < count; bits++) x.base[bits] = float_of(bits << 16 | tails[i]);
        round_buffer(kernels, x, units);
        size_t wrong = 0;
        for (size_t j = 0; j < count; j++) wrong += !is_bfloat16_of(bfloat16_at(units.base, j), x.base[j], kernels);
        EXPECT(wrong == 0, "%zu numbers with %#x behind them are rounded wrongly", wrong, tails[i]);
        release_buffers();
    }
}

static void any_length(const penstock_kernels *kernels) {
    generator random = {1};
    for (size_t i = 0; i < length_count; i++) {
        const size_t count = lengths[i];
        const buffer x = random_buffer(&random, count, 1), units = unwritten((count + 1) / 2);
        round_buffer(kernels, x, units);
        size_t wrong = 0;
        for (size_t j = 0; j < count; j++) wrong += bfloat16_at(units.base, j) != nearest_bfloat16(x.base[j]);
        EXPECT(wrong == 0, "%zu of %zu", wrong, count);
        release_buffers();
    }
}

static void interleaving(const penstock_kernels *kernels) {
    generator random = {2};
    for (size_t i = 0; i <= length_count; i++) {
        const size_t count = i < length_count ? lengths[i] : 0;
        const buffer even = random_buffer(&random, (count + 1) / 2, 1),
                     odd = random_buffer(&random, (count + 1) / 2, 1);
        const buffer units = unwritten(count);
        kernels->interleave_bfloat16(count, even.base, odd.base, units.base);
        size_t wrong = 0;
        for (size_t j = 0; j < count; j++)
            wrong += bfloat16_at(units.base, 2 * j) != bfloat16_at(even.base, j) ||
                     bfloat16_at(units.base, 2 * j + 1) != bfloat16_at(odd.base, j);
        EXPECT(wrong == 0 && is_intact(units), "%zu of %zu", wrong, count);
        release_buffers();
    }
}

void compare_bfloat16(const penstock_kernels *kernels) {
    every_number_and_its_ties(kernels);
    any_length(kernels);
    interleaving(kernels);
}
