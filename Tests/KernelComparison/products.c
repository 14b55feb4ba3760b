// Sums of products against their definition, for each precision.
#include "product.h"

static const float scales[] = {1, 1e-30f, 0x1p-140f, 1e15f, 1e30f};  // of the last, the products overflow
static float found[PENSTOCK_ROWS * PENSTOCK_PANEL];

static product random_small_product(penstock_precision precision, float scale, byte_choice bytes, generator *random) {
    const size_t m = (size_t)random_integer(random, 1, 13), n = (size_t)random_integer(random, 1, PENSTOCK_PANEL);
    return random_product(precision, m, n, random_depth(precision, random), scale, bytes, random);
}

static void expect_definition(const product *p, const float *results) {
    const size_t index = first_undefined(p, results);
    EXPECT(index == p->m * p->n, "precision %d, %zu×%zu×%zu: element %zu is %a instead of %a", p->precision, p->m, p->n,
           p->k, index, results[index], definition(p, index / p->n, index % p->n));
    EXPECT(is_product_intact(p), "%zu×%zu×%zu: memory beside it was written", p->m, p->n, p->k);
    digest(p->m * p->n, results);
}

static void floats_have_the_bits_of_the_definition(const penstock_kernels *kernels) {
    generator random = {1};
    for (size_t i = 0; i < COUNT(scales); i++)
        for (int repetition = 0; repetition < 20; repetition++) {
            const product p = random_small_product(penstock_precision_float32, scales[i], any_bytes, &random);
            sums_of_product(&p, kernels, found);
            expect_definition(&p, found);
            for (size_t index = 0; index < p.m * p.n && scales[i] == 1; index++) {
                double magnitude;
                const double sum = exact_sum(&p, index / p.n, index % p.n, &magnitude);
                EXPECT(fabs(found[index] - sum) <= magnitude * (double)p.k * 0x1p-24, "%zu×%zu×%zu", p.m, p.n, p.k);
            }
            release_buffers();
        }
}

static void bytes_are_exact(const penstock_kernels *kernels) {
    generator random = {2};
    for (int repetition = 0; repetition < 60; repetition++) {
        const product p =
            random_small_product(penstock_precision_int8, 1, repetition % 2 ? extreme_bytes : any_bytes, &random);
        sums_of_product(&p, kernels, found);
        expect_definition(&p, found);
        release_buffers();
    }
}

// As many bytes as a layer may have inputs, all of them at one end.
static void the_largest_sums_of_bytes_fit(const penstock_kernels *kernels) {
    const struct {
        int byte, zero, weight;
    } choices[] = {{255, 0, -127}, {255, 0, 127}, {0, 255, -127}, {0, 255, 127}, {255, 255, 127}};
    enum { k = 1 << 16 };
    for (size_t i = 0; i < COUNT(choices); i++) {
        const float byte = (float)choices[i].byte, weight = (float)choices[i].weight;
        const buffer a = unwritten(k / 4), b = unwritten(k / 4 * PENSTOCK_PANEL), c = unwritten(3);
        const buffer ones = unwritten(PENSTOCK_PANEL), sums = unwritten(PENSTOCK_PANEL);
        for (size_t j = 0; j < a.count; j++)
            a.base[j] = unit_of(penstock_precision_int8, (float[]){byte, byte, byte, byte});
        for (size_t j = 0; j < b.count; j++)
            b.base[j] = unit_of(penstock_precision_int8, (float[]){weight, weight, weight, weight});
        for (size_t j = 0; j < PENSTOCK_PANEL; j++) {
            ones.base[j] = 1;
            integers(sums)[j] = choices[i].weight * k;
        }
        const int32_t zero = choices[i].zero;
        const penstock_rows rows = {.units = a.base, .stride = k / 4, .scale = ones.base, .zero = &zero};
        const penstock_panel panel = {.units = b.base, .scale = ones.base, .sum = integers(sums)};
        kernels->matrix_product(penstock_precision_int8, 1, 3, k / 4, &rows, &panel, c.base, 3,
                                &(penstock_epilogue){0});
        const float sum = (float)((long)(choices[i].byte - zero) * choices[i].weight * k);
        for (int column = 0; column < 3; column++)
            EXPECT(c.base[column] == sum, "(%g - %d)·%g: %a instead of %a", byte, zero, weight, c.base[column], sum);
        EXPECT(is_intact(c), "memory beside it was written");
        release_buffers();
    }
}

// Each of a unit's two products is rounded, and so are their additions to the sum; beside it, subnormal numbers may be
// taken for zero.
static void bfloat16_is_close_to_the_exact_sum(const penstock_kernels *kernels) {
    generator random = {3};
    for (size_t i = 0; i < COUNT(scales); i++)
        for (int repetition = 0; repetition < 20; repetition++) {
            const product p = random_small_product(penstock_precision_bfloat16, scales[i], any_bytes, &random);
            sums_of_product(&p, kernels, found);
            if (is_defined(p.precision, kernels)) expect_definition(&p, found);
            EXPECT(is_product_intact(&p), "%zu×%zu×%zu: memory beside it was written", p.m, p.n, p.k);
            double worst = 0;
            for (size_t index = 0; index < p.m * p.n; index++) {
                double magnitude;
                const double sum = exact_sum(&p, index / p.n, index % p.n, &magnitude), units = (double)p.units;
                if (!(magnitude < 0x1p127)) continue;
                const double rounding = 2 * (units + 1) * 0x1p-24 * magnitude;
                const double bound = rounding + 4 * units * 0x1p-126 * larger(1, scales[i]);
                const double error = fabs(found[index] - sum);
                worst = worse(error / bound, worst);
            }
            EXPECT(worst <= 1, "%zu×%zu×%zu, scale %g: %g times the bound", p.m, p.n, p.k, scales[i], worst);
            note_figure("bfloat16 sum", worst);
            release_buffers();
        }
}

static void tiles_have_the_bits_of_their_definition(const penstock_kernels *kernels) {
    const size_t rows[] = {1, 2, 15, 16, 17, 31, 32, 33, 48, 96};
    generator random = {12};
    for (size_t i = 0; i < COUNT(scales) * COUNT(rows); i++) {
        const size_t n = (size_t)random_integer(&random, 1, PENSTOCK_PANEL);
        const size_t k = random_depth(penstock_precision_bfloat16, &random);
        const product p = random_product(penstock_precision_bfloat16, rows[i / COUNT(scales)], n, k,
                                         scales[i % COUNT(scales)], any_bytes, &random);
        sums_of_product(&p, kernels, found);
        size_t wrong = 0;
        for (size_t index = 0; index < p.m * n; index++)
            wrong += !is_identical(found[index], sum_by_tiles(&p, index / n, index % n));
        EXPECT(wrong == 0, "%zu×%zu×%zu, scale %g: %zu wrong", p.m, n, k, scales[i % COUNT(scales)], wrong);
        EXPECT(is_product_intact(&p), "%zu×%zu×%zu: memory beside it was written", p.m, n, k);
        release_buffers();
    }
}

// What is no number stays in its row.
static void rows_are_apart(const penstock_kernels *kernels) {
    static float clean[COUNT(found)];
    const struct {
        size_t m;
        float poison;
    } choices[] = {{2, NAN}, {7, INFINITY}, {40, -INFINITY}, {96, NAN}};
    generator random = {10};
    for (penstock_precision precision = penstock_precision_float32; precision <= penstock_precision_bfloat16;
         precision++)
        for (size_t i = 0; i < COUNT(choices); i++) {
            const float poison = choices[i].poison;
            const product p = random_product(precision, choices[i].m, 37, 30, 1, any_bytes, &random);
            sums_of_product(&p, kernels, clean);
            const size_t row = (size_t)random_integer(&random, 0, (long)p.m - 1);
            p.a.base[row * p.a_stride + 3] = unit_of(precision, (float[]){poison, poison});
            sums_of_product(&p, kernels, found);
            for (size_t index = 0; index < p.m * p.n; index++)
                EXPECT(index / p.n == row ? !isfinite(found[index]) : is_identical(found[index], clean[index]),
                       "%g in row %zu comes to element %zu", poison, row, index);
            release_buffers();
        }
}

static void a_row_of_bytes_without_a_scale_is_not_a_number(const penstock_kernels *kernels) {
    generator random = {11};
    const product p = random_product(penstock_precision_int8, 9, 20, 12, 1, any_bytes, &random);
    p.row_scale.base[4] = NAN;
    sums_of_product(&p, kernels, found);
    for (size_t index = 0; index < p.m * p.n; index++)
        EXPECT((index / p.n == 4) == !!isnan(found[index]), "element %zu is %g", index, found[index]);
    release_buffers();
}

static void exercise_counts_its_operations(const penstock_kernels *kernels) {
    for (penstock_precision precision = penstock_precision_float32; precision <= penstock_precision_int8; precision++) {
        const double once = kernels->exercise(precision, 1);
        EXPECT(once > 0 && kernels->exercise(precision, 50) == 50 * once, "precision %d", precision);
    }
}

void compare_products(const penstock_kernels *kernels) {
    floats_have_the_bits_of_the_definition(kernels);
    bytes_are_exact(kernels);
    the_largest_sums_of_bytes_fit(kernels);
    bfloat16_is_close_to_the_exact_sum(kernels);
    if (kernels == penstock_kernels_amx()) tiles_have_the_bits_of_their_definition(kernels);
    rows_are_apart(kernels);
    a_row_of_bytes_without_a_scale_is_not_a_number(kernels);
    exercise_counts_its_operations(kernels);
}
