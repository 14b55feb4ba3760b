// Weights quantised to blocks of a form: the bits of the scalar table, which err no more than plain rounding does.
#include "comparison.h"

#include <string.h>

static const penstock_block_form forms[] = {
    {4, 1, 1, 0, NULL},  {5, 1, 1, 0, NULL},  {4, 1, 0, 8, NULL},
    {5, 1, 0, 16, NULL}, {6, 1, 0, 32, NULL}, {8, 1, 0, 128, NULL},
};

enum { most_blocks = 8 };

static size_t block_count(size_t count) { return (count + PENSTOCK_BLOCK - 1) / PENSTOCK_BLOCK; }

/// What a code stands for, in units of the scale.
static double level(const penstock_block_form *form, int code) { return code - form->zero; }

/// The sum of squared errors of some numbers if each is taken for the nearest level times a scale, and an offset.
static double error_with(const penstock_block_form *form, size_t count, const float *x, double scale, double offset) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double least = INFINITY;
        for (int code = 0; code < 1 << form->bits; code++)
            least = -larger(-least, -fabs(level(form, code) * scale + offset - x[i]));
        sum += least * least;
    }
    return sum;
}

/// The sum if the number of the largest magnitude becomes the last level or, with offsets, the extent becomes the range.
static double error_of_plain_rounding(const penstock_block_form *form, size_t count, const float *x) {
    if (form->has_offsets) {
        double least = x[0], most = x[0];
        for (size_t i = 0; i < count; i++) {
            least = -larger(-least, -(double)x[i]);
            most = larger(most, x[i]);
        }
        return error_with(form, count, x, (most - least) / level(form, (1 << form->bits) - 1), least);
    }
    double extreme = 0;
    for (size_t i = 0; i < count; i++)
        if (fabs((double)x[i]) > fabs(extreme)) extreme = x[i];
    return error_with(form, count, x, extreme / level(form, (1 << form->bits) - 1), 0);
}

static double error_of_block(const penstock_block_form *form, size_t count, const float *x,
                             const penstock_block *block) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const double error = level(form, block->codes[i]) * block->scale[0] + block->offset[0] - x[i];
        sum += error * error;
    }
    return sum;
}

/// The blocks of some numbers. Their bits are those of the scalar table, also of the numbers behind the last.
static void quantise(const penstock_kernels *kernels, const penstock_block_form *form, buffer x,
                     penstock_block *found) {
    penstock_block reference[most_blocks + 1];
    const size_t blocks = block_count(x.count), bytes = (most_blocks + 1) * sizeof *found;
    memset(found, 0x5A, bytes);
    memset(reference, 0x5A, bytes);
    kernels->quantise_blocks(form, x.count, x.base, found);
    penstock_kernels_scalar()->quantise_blocks(form, x.count, x.base, reference);
    EXPECT(is_intact(x), "%zu: memory in front of the numbers was written", x.count);
    EXPECT(memcmp(found + blocks, reference + blocks, bytes - blocks * sizeof *found) == 0, "beyond the blocks");
    for (size_t i = 0; i < blocks; i++) {
        const penstock_block *a = &found[i], *b = &reference[i];
        EXPECT(memcmp(a->codes, b->codes, sizeof a->codes) == 0 && first_difference(2, a->scale, b->scale) == 2 &&
                   first_difference(2, a->offset, b->offset) == 2,
               "%d bits, block %zu of %zu: other bits than the scalar table", form->bits, i, blocks);
        for (int j = 0; j < PENSTOCK_BLOCK; j++) {
            const float code = a->codes[j];
            digest(1, &code);
            EXPECT(a->codes[j] < 1 << form->bits, "%d bits: code %d", form->bits, a->codes[j]);
        }
        digest(2, a->scale);
        digest(2, a->offset);
        EXPECT(is_identical(a->scale[0], a->scale[1]) && is_identical(a->offset[0], a->offset[1]),
               "the halves of a block have scales of their own");
    }
}

enum { row_kinds = 9 };

static void make_row(int kind, size_t count, float *row) {
    for (size_t i = 0; i < count; i++) switch (kind) {
        case 0: break;
        case 1: row[i] = fabsf(row[i]); break;
        case 2: row[i] = -fabsf(row[i]); break;
        case 3: row[i] = i % PENSTOCK_BLOCK == 5 ? 30 : row[i]; break;
        case 4: row[i] = 3.7f; break;
        case 5: row[i] = row[i] * row[i] * row[i]; break;
        case 6: row[i] = row[i] * 1e-25f; break;
        case 7: row[i] = row[i] * 1.6e38f; break;
        default: row[i] = i % 2 ? 1.0f : -1.0f; break;
        }
}

static void no_worse_than_plain_rounding(const penstock_kernels *kernels) {
    generator random = {17};
    for (size_t f = 0; f < COUNT(forms); f++)
        for (int kind = 0; kind < row_kinds; kind++)
            for (int turn = 0; turn < 6; turn++) {
                const penstock_block_form *form = &forms[f];
                const buffer x = random_buffer(&random, (size_t)random_integer(&random, 1, 8 * PENSTOCK_BLOCK), 1);
                make_row(kind, x.count, x.base);
                penstock_block found[most_blocks + 1];
                quantise(kernels, form, x, found);
                for (size_t i = 0; i < block_count(x.count); i++) {
                    const size_t start = i * PENSTOCK_BLOCK;
                    const size_t count = x.count - start < PENSTOCK_BLOCK ? x.count - start : PENSTOCK_BLOCK;
                    // The numbers that a last block lacks count as repetitions of its last one.
                    float whole[PENSTOCK_BLOCK];
                    for (size_t j = 0; j < PENSTOCK_BLOCK; j++) whole[j] = x.base[start + (j < count ? j : count - 1)];
                    double squares = 0;
                    for (size_t j = 0; j < PENSTOCK_BLOCK; j++) squares += (double)whole[j] * whole[j];
                    const double error = error_of_block(form, PENSTOCK_BLOCK, whole, &found[i]);
                    const double plain = error_of_plain_rounding(form, PENSTOCK_BLOCK, whole);
                    EXPECT(error <= plain * 1.00001 + squares * 1e-12,
                           "%d bits, row %d, block %zu: %g, plain rounding %g", form->bits, kind, i, error, plain);
                    note_figure("blocks beside plain rounding", plain > squares * 1e-9 ? error / plain : 0);
                }
                release_buffers();
            }
}

static void what_is_no_number_makes_the_scale_none(const penstock_kernels *kernels) {
    const float poisons[] = {NAN, INFINITY, -INFINITY};
    generator random = {18};
    for (size_t f = 0; f < COUNT(forms); f++)
        for (size_t p = 0; p < COUNT(poisons); p++)
            for (size_t place = 0; place < 3 * PENSTOCK_BLOCK - 1; place += 7) {
                const buffer x = random_buffer(&random, 3 * PENSTOCK_BLOCK - 1, 1);
                x.base[place] = poisons[p];
                penstock_block found[most_blocks + 1];
                quantise(kernels, &forms[f], x, found);
                for (size_t i = 0; i < 3; i++)
                    EXPECT(isnan(found[i].scale[0]) == (i == place / PENSTOCK_BLOCK), "%g at %zu, block %zu: %g",
                           poisons[p], place, i, found[i].scale[0]);
                release_buffers();
            }
}

static void the_smallest_are_nothing(const penstock_kernels *kernels) {
    const float numbers[] = {0, -0.0f, 0x1p-149f, -0x1p-126f, 0x1p-101f};
    for (size_t f = 0; f < COUNT(forms); f++)
        for (size_t i = 0; i < COUNT(numbers); i++) {
            const buffer x = unwritten(PENSTOCK_BLOCK);
            for (size_t j = 0; j < x.count; j++) x.base[j] = numbers[i];
            penstock_block found[most_blocks + 1];
            quantise(kernels, &forms[f], x, found);
            for (size_t j = 0; j < x.count; j++) {
                const double number = level(&forms[f], found[0].codes[j]) * found[0].scale[0] + found[0].offset[0];
                EXPECT(number == 0, "%d bits: %a became %a", forms[f].bits, numbers[i], number);
            }
            release_buffers();
        }
}

void compare_quantisation(const penstock_kernels *kernels) {
    no_worse_than_plain_rounding(kernels);
    what_is_no_number_makes_the_scale_none(kernels);
    the_smallest_are_nothing(kernels);
}
