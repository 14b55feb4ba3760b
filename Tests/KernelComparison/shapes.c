// Products of every shape: register tiles, their tails, and how k is cut.
#include "product.h"

#include <string.h>

static float found[131 * PENSTOCK_PANEL];

#define FOR_EACH_PRECISION(precision) \
    for (penstock_precision precision = penstock_precision_float32; precision <= penstock_precision_int8; precision++)

/// Expects the definition, or where instructions round in a way of their own, numbers close to it.
static void expect_close(const product *p, const penstock_kernels *kernels, float tolerance) {
    const int is_exact = is_defined(p->precision, kernels);
    size_t wrong = 0;
    for (size_t i = 0; i < p->m * p->n; i++) {
        const float expected = definition(p, i / p->n, i % p->n);
        wrong += is_exact ? !is_identical(found[i], expected) : !(fabsf(found[i] - expected) <= tolerance);
    }
    EXPECT(wrong == 0, "precision %d, %zu×%zu×%zu: %zu wrong", p->precision, p->m, p->n, p->k, wrong);
    EXPECT(is_product_intact(p), "%zu×%zu×%zu: memory beside it was written", p->m, p->n, p->k);
    if (is_exact) digest(p->m * p->n, found);
}

static void every_shape(const penstock_kernels *kernels, penstock_precision precision) {
    generator random = {5};
    for (size_t m = 0; m <= 13; m++)
        for (size_t n = 0; n <= PENSTOCK_PANEL; n++) {
            const product p =
                random_product(precision, m, n, 3 * numbers_in_unit(precision) - 1, 1, any_bytes, &random);
            sums_of_product(&p, kernels, found);
            expect_close(&p, kernels, 4e-6f);
            release_buffers();
        }
}

// Numbers of rows between those of blocks: a row has the bits that it has alone, however k is cut.
static void company_does_not_matter(const penstock_kernels *kernels, penstock_precision precision) {
    const size_t rows[] = {6, 12, 17, 24, 25, 48, 95, 96}, columns[] = {1, 15, 16, 33, 47, 64};
    generator random = {6};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const size_t m = rows[i], n = PICK(&random, columns);
        const product p = random_product(precision, m, n, random_depth(precision, &random), 1, any_bytes, &random);
        sums_of_product(&p, kernels, found);
        if (is_defined(precision, kernels)) expect_close(&p, kernels, 0);
        const size_t places[] = {0, m / 2, m - 1};
        for (size_t j = 0; j < COUNT(places); j++) {
            const size_t row = places[j];
            product alone = p;
            alone.m = 1;
            alone.a.base += row * p.a_stride;
            alone.row_scale.base += row;
            alone.row_zero.base += row;
            float sums[PENSTOCK_PANEL];
            sums_of_product(&alone, kernels, sums);
            EXPECT(first_difference(n, sums, found + row * n) == n, "row %zu of %zu×%zu×%zu", row, m, n, p.k);
        }
        release_buffers();
    }
}

static void no_depth(const penstock_kernels *kernels, penstock_precision precision) {
    const size_t rows[] = {1, 7, 96};
    generator random = {7};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const product p = random_product(precision, rows[i], 19, 0, 1, any_bytes, &random);
        sums_of_product(&p, kernels, found);
        for (size_t index = 0; index < p.m * p.n; index++) EXPECT(found[index] == 0, "%zu rows: %g", p.m, found[index]);
        EXPECT(is_product_intact(&p), "%zu rows: memory beside it was written", p.m);
        release_buffers();
    }
}

// What is to be fetched meanwhile, if anything, changes no bit, and is neither written nor needed in full.
static void fetching_changes_nothing(const penstock_kernels *kernels, penstock_precision precision) {
    static float expected[PENSTOCK_ROWS * PENSTOCK_PANEL];
    const struct {
        size_t m, units;
    } shapes[] = {{1, 5}, {3, 400}, {7, 97}, {30, 200}, {96, 770}};
    generator random = {8};
    for (size_t i = 0; i < COUNT(shapes); i++) {
        const size_t k = shapes[i].units * numbers_in_unit(precision);
        const product p = random_product(precision, shapes[i].m, 50, k, 1, any_bytes, &random);
        sums_of_product(&p, kernels, expected);
        const buffer next = random_buffer(&random, 64, 1);
        const penstock_rows rows = rows_of(&p);
        for (int choice = 0; choice < 4; choice++) {
            penstock_panel panel = panel_of(&p);
            panel.next = choice & 1 ? next.base : NULL;
            panel.is_fetched = choice >> 1;
            kernels->matrix_product(precision, p.m, p.n, p.units, &rows, &panel, p.c.base, (ptrdiff_t)p.c_stride,
                                    &(penstock_epilogue){0});
            copy_result(&p, found);
            EXPECT(first_difference(p.m * p.n, found, expected) == p.m * p.n, "%zu rows", p.m);
            EXPECT(is_product_intact(&p) && is_intact(next), "%zu rows: memory beside it was written", p.m);
        }
        release_buffers();
    }
}

// Sums without an epilogue, of any number of rows; c is written up to the next multiple of 16 columns.
static void plain_sums(const penstock_kernels *kernels, penstock_precision precision) {
    const size_t row_counts[] = {0, 1, 2, 3, 5, 6, 7, 48, 96, 131}, columns[] = {0, 1, 7, 16, 17, 31, 48, 63, 64};
    const size_t depths[] = {1, 8, 64, 600};
    generator random = {9};
    for (size_t i = 0; i < COUNT(row_counts); i++)
        for (size_t j = 0; j < COUNT(columns); j++) {
            const size_t m = row_counts[i], n = columns[j], k = PICK(&random, depths), written = (n + 15) / 16 * 16;
            const product p = random_product(precision, m, n, k, 1, any_bytes, &random);
            const size_t stride = PENSTOCK_PANEL + (size_t)random_integer(&random, 0, 9);
            const buffer sums = unwritten(m ? (m - 1) * stride + written : 0);
            const penstock_rows rows = rows_of(&p);
            kernels->matrix_sums(precision, m, n, p.units, &rows, p.b.base, sums.base, (ptrdiff_t)stride);
            for (size_t row = 0; row < m; row++) memcpy(found + row * n, sums.base + row * stride, n * sizeof(float));
            expect_close(&p, kernels, 1e-6f * (float)(k + 4));
            size_t touched = 0;
            for (size_t index = 0; index < sums.count; index++)
                touched += index % stride >= written && !is_guard(sums.base[index]);
            EXPECT(touched == 0 && is_intact(sums), "%zu×%zu×%zu: memory beside it was written", m, n, k);
            release_buffers();
        }
}

void compare_shapes(const penstock_kernels *kernels) {
    FOR_EACH_PRECISION(precision) {
        every_shape(kernels, precision);
        company_does_not_matter(kernels, precision);
        no_depth(kernels, precision);
        fetching_changes_nothing(kernels, precision);
        // Plain sums of bytes still lack the correction for the zero point.
        if (precision != penstock_precision_int8) plain_sums(kernels, precision);
    }
}
