// Products of weights in blocks: the bits of the scalar table, which are within the error of their definition.
#include "comparison.h"

#include <string.h>

static const uint8_t values[16] = {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241};
static const penstock_block_form forms[] = {
    {4, 1, 0, 8, NULL},   {4, 1, 1, 0, NULL}, {5, 1, 0, 16, NULL}, {5, 1, 1, 0, NULL},    {8, 1, 0, 128, NULL},
    {8, 1, 1, 0, NULL},   {4, 2, 1, 0, NULL}, {4, 2, 0, 4, NULL},  {6, 2, 0, 32, NULL},   {6, 2, 1, 0, NULL},
    {4, 1, 0, 128, values}, {8, 2, 1, 0, NULL},
};

enum { columns = PENSTOCK_PANEL, most_blocks = 9, most_rows = 50 };

typedef struct {
    const penstock_block_form *form;
    size_t m, first, n, blocks, stride, c_stride;
    buffer rows, panel, scale, residual, bias;
    /// The numbers that blocks and rows stand for.
    float weights[most_blocks * PENSTOCK_BLOCK][columns];
    float inputs[most_rows][most_blocks * PENSTOCK_BLOCK];
} product;

static product p;

static void make_panel(generator *random) {
    const size_t size = penstock_block_bytes(p.form);
    p.panel = unwritten(p.blocks * size / 4);
    memset(p.panel.base, 0, p.blocks * size);
    p.scale = unwritten(columns);
    for (size_t column = 0; column < columns; column++) {
        p.scale.base[column] = ldexpf(1, (int)random_integer(random, -3, 3));
        for (size_t index = 0; index < p.blocks; index++) {
            penstock_block block;
            for (int i = 0; i < PENSTOCK_BLOCK; i++)
                block.codes[i] = (uint8_t)random_integer(random, 0, (1 << p.form->bits) - 1);
            for (int i = 0; i < 2; i++) {
                block.scale[i] = random_float(random, 0.1f);
                block.offset[i] = random_float(random, 1);
            }
            penstock_pack_block(p.form, &block, p.scale.base[column], column, (char *)p.panel.base + index * size);
        }
        float numbers[most_blocks * PENSTOCK_BLOCK];
        penstock_unpack_column(p.form, p.blocks * PENSTOCK_BLOCK, p.panel.base, p.scale.base[column], column, numbers);
        for (size_t i = 0; i < p.blocks * PENSTOCK_BLOCK; i++) p.weights[i][column] = numbers[i];
    }
}

static void make_rows(generator *random, const penstock_kernels *kernels) {
    const size_t n = p.blocks * PENSTOCK_BLOCK - (size_t)random_integer(random, 0, PENSTOCK_BLOCK - 1);
    p.stride = p.blocks * PENSTOCK_ROW_UNITS + (size_t)random_integer(random, 0, 3);
    p.rows = unwritten(p.m * p.stride);
    const buffer x = unwritten(n), same = unwritten(p.blocks * PENSTOCK_ROW_UNITS);
    for (size_t r = 0; r < p.m; r++) {
        random_floats(random, n, ldexpf(1, (int)random_integer(random, -20, 20)), x.base);
        float *row = p.rows.base + r * p.stride;
        kernels->to_blocks(n, x.base, row);
        penstock_kernels_scalar()->to_blocks(n, x.base, same.base);
        EXPECT(is_intact(x) && is_intact(same) && memcmp(row, same.base, 4 * same.count) == 0,
               "a row of %zu: other bits than the scalar table", n);
        digest(same.count, row);
        for (size_t i = 0; i < p.blocks * PENSTOCK_BLOCK; i++) {
            const float scale = row[p.blocks * PENSTOCK_BLOCK / 4 + 4 * (i / PENSTOCK_BLOCK)];
            p.inputs[r][i] = (float)((const int8_t *)row)[i] * scale;
            const float exact = i < n ? x.base[i] : 0;
            EXPECT(fabsf(p.inputs[r][i] - exact) <= 0.5001f * scale, "row %zu, input %zu of %zu", r, i, n);
        }
    }
    EXPECT(is_intact(p.rows), "memory in front of the rows was written");
}

static buffer run(const penstock_kernels *kernels, const penstock_epilogue *epilogue) {
    const buffer c = unwritten((p.m - 1) * p.c_stride + p.n);
    const penstock_rows rows = {.units = p.rows.base, .stride = (ptrdiff_t)p.stride};
    const penstock_block_panel panel = {.blocks = p.panel.base, .form = p.form, .scale = p.scale.base};
    kernels->block_product(p.m, p.first, p.n, p.blocks, &rows, &panel, c.base, (ptrdiff_t)p.c_stride, epilogue);
    EXPECT(is_intact(c), "memory in front of the result was written");
    return c;
}

static void compare_product(const penstock_kernels *kernels, generator *random) {
    p.form = &PICK(random, forms);
    p.m = (size_t)random_integer(random, 1, random_integer(random, 0, 3) ? 13 : most_rows);
    p.first = 16 * (size_t)random_integer(random, 0, 3);
    p.n = (size_t)random_integer(random, 1, (long)(columns - p.first));
    p.blocks = (size_t)random_integer(random, 1, most_blocks);
    p.c_stride = p.n + (size_t)random_integer(random, 0, 5);
    make_panel(random);
    make_rows(random, kernels);
    penstock_epilogue epilogue = {0};
    const buffer found = run(kernels, &epilogue), reference = run(penstock_kernels_scalar(), &epilogue);
    for (size_t r = 0; r < p.m; r++) {
        const float *row = found.base + r * p.c_stride;
        EXPECT(first_difference(p.n, row, reference.base + r * p.c_stride) == p.n,
               "%d bits, %d scales, offsets %d: %zu×%zu from %zu, %zu blocks: other bits than the scalar table",
               p.form->bits, p.form->scales, p.form->has_offsets, p.m, p.n, p.first, p.blocks);
        digest(p.n, row);
        for (size_t column = 0; column < p.n; column++) {
            double sum = 0, magnitude = 0;
            for (size_t i = 0; i < p.blocks * PENSTOCK_BLOCK; i++) {
                const double term = (double)p.inputs[r][i] * p.weights[i][p.first + column];
                sum += term;
                magnitude += fabs(term) + fabs((double)p.inputs[r][i]);
            }
            EXPECT(fabs(row[column] - sum) <= 1e-5 * (magnitude + 300 * fabs(sum)),
                   "row %zu, column %zu: %g, not %g", r, column, row[column], sum);
            if (column + 1 == p.n && r + 1 < p.m)
                for (size_t i = p.n; i < p.c_stride; i++) EXPECT(is_guard(row[i]), "beyond the columns");
        }
    }
    // Each row alone has the bits that it has among others.
    const size_t all = p.m, place = (size_t)random_integer(random, 0, (long)all - 1);
    const buffer rows = p.rows;
    p.rows.base += place * p.stride;
    p.m = 1;
    const penstock_rows alone = {.units = p.rows.base, .stride = (ptrdiff_t)p.stride};
    const penstock_block_panel panel = {.blocks = p.panel.base, .form = p.form, .scale = p.scale.base};
    const buffer c = unwritten(p.n);
    kernels->block_product(1, p.first, p.n, p.blocks, &alone, &panel, c.base, (ptrdiff_t)p.n, &epilogue);
    EXPECT(first_difference(p.n, c.base, found.base + place * p.c_stride) == p.n, "row %zu of %zu alone", place, all);
    p.rows = rows;
    release_buffers();
}

void compare_blocks(const penstock_kernels *kernels) {
    generator random = {11};
    for (int i = 0; i < 150; i++) compare_product(kernels, &random);
}
