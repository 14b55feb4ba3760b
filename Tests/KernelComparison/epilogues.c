// What happens to a product's sums before they are stored, step after step in single precision.
#include "product.h"

static float sums[13 * PENSTOCK_PANEL], found[COUNT(sums)], scalar[COUNT(sums)];

/// The epilogue over the sums that the table itself gave, with the scalar table's activation.
static float expected_result(const product *p, const penstock_epilogue *epilogue, size_t index) {
    const size_t row = index / p->n, column = index % p->n;
    const float value = epilogue->bias ? sums[index] + epilogue->bias[column] : sums[index];
    float result;
    penstock_kernels_scalar()->activate(1, &value, epilogue->activation, &result);
    return epilogue->residual ? result + epilogue->residual[row * (size_t)epilogue->residual_stride + column] : result;
}

static void floats_are_stored(const product *p, const penstock_kernels *kernels, const penstock_epilogue *epilogue) {
    run_product(p, kernels, epilogue);
    EXPECT(is_product_intact(p), "memory beside it was written");
    copy_result(p, found);
    const int is_exact = !epilogue->is_coarse || epilogue->activation != penstock_activation_gelu;
    size_t wrong = 0;
    for (size_t i = 0; i < p->m * p->n; i++) {
        const float expected = expected_result(p, epilogue, i);
        if (is_identical(found[i], expected)) continue;
        wrong += is_exact || !(fabs((double)found[i] - expected) <= 2e-5 + ulp_of(expected));
    }
    EXPECT(wrong == 0, "precision %d, activation %d, coarse %d, bias %d, residual %d: %zu wrong", p->precision,
           epilogue->activation, epilogue->is_coarse, epilogue->bias != NULL, epilogue->residual != NULL, wrong);
    if (!is_defined(p->precision, kernels)) return;
    run_product(p, penstock_kernels_scalar(), epilogue);
    copy_result(p, scalar);
    EXPECT(first_difference(p->m * p->n, found, scalar) == p->m * p->n,
           "precision %d, activation %d, coarse %d: other bits than the scalar table", p->precision,
           epilogue->activation, epilogue->is_coarse);
    digest(p->m * p->n, found);
}

// A last unit that is not full is filled with zero: it may be an operand next.
static void bfloat16_are_stored(const product *p, const penstock_kernels *kernels, const penstock_epilogue *epilogue) {
    const size_t units = (p->n + 1) / 2;
    size_t wrong = 0, touched = 0;
    run_product(p, kernels, epilogue);
    for (size_t row = 0; row < p->m; row++) {
        const float *c = p->rounded_c.base + row * p->c_stride;
        for (size_t column = 0; column < p->n; column++)
            wrong += !is_bfloat16_of(bfloat16_at(c, column), found[row * p->n + column], kernels);
        wrong += p->n % 2 && bfloat16_at(c, p->n) != 0;
        for (size_t unit = units; unit < p->c_stride && row + 1 < p->m; unit++) touched += !is_guard(c[unit]);
    }
    EXPECT(wrong == 0, "precision %d, %zu×%zu: %zu are rounded wrongly", p->precision, p->m, p->n, wrong);
    EXPECT(touched == 0 && is_product_intact(p), "memory beside it was written");
}

static void every_epilogue(const penstock_kernels *kernels, penstock_precision precision,
                           penstock_activation activation) {
    const size_t depths[] = {1, 9, 600};
    generator random = {12};
    for (int choice = 0; choice < 16; choice++) {
        const size_t m = (size_t)random_integer(&random, 1, 13), n = (size_t)random_integer(&random, 1, PENSTOCK_PANEL);
        product p = random_product(precision, m, n, PICK(&random, depths), 1, any_bytes, &random);
        if (choice & 8) p.is_scaled = 1;
        const size_t stride = n + (size_t)random_integer(&random, 0, 5);
        const buffer bias = random_buffer(&random, n, 3), residual = random_buffer(&random, (m - 1) * stride + n, 1);
        penstock_epilogue epilogue = {
            .bias = choice & 1 ? bias.base : NULL,
            .activation = activation,
            .is_coarse = choice >> 2 & 1,
            .residual = choice & 2 ? residual.base : NULL,
            .residual_stride = (ptrdiff_t)stride,
        };
        sums_of_product(&p, kernels, sums);
        floats_are_stored(&p, kernels, &epilogue);
        fill_with_guards(p.rounded_c);
        epilogue.is_rounded = 1;
        bfloat16_are_stored(&p, kernels, &epilogue);
        EXPECT(is_intact(bias) && is_intact(residual), "memory beside it was written");
        release_buffers();
    }
}

void compare_epilogues(const penstock_kernels *kernels) {
    for (penstock_precision precision = penstock_precision_float32; precision <= penstock_precision_int8; precision++)
        for (penstock_activation activation = penstock_activation_none; activation <= penstock_activation_tanh;
             activation++)
            every_epilogue(kernels, precision, activation);
}
