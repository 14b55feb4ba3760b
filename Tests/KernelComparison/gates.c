// Gates: activation(x)·factor, with the bits of the activation and one multiplication in every table.
#include "product.h"

/// The definition: as floats it is the activation's, times the factor. Rounded, the activation may be coarse: then it is
/// that of a product of coarse numbers.
static float activated(const penstock_kernels *kernels, penstock_activation activation, int is_coarse, float x) {
    float y = 0;
    if (!is_coarse) {
        kernels->activate(1, &x, activation, &y);
        return y;
    }
    const float column[PENSTOCK_PANEL] = {1};
    const penstock_rows rows = {.units = &x, .stride = 1};
    const penstock_panel panel = {.units = column};
    const penstock_epilogue epilogue = {.activation = activation, .is_coarse = 1};
    kernels->matrix_product(penstock_precision_float32, 1, 1, 1, &rows, &panel, &y, 1, &epilogue);
    return y;
}

static void gate_of(const penstock_kernels *kernels, penstock_activation activation, int is_rounded, size_t count,
                    generator *random) {
    const penstock_kernels *scalar = penstock_kernels_scalar();
    const buffer x = random_buffer(random, count, 6), factor = random_buffer(random, count, 3);
    const buffer y = unwritten(is_rounded ? (count + 1) / 2 : count);
    kernels->gate(count, x.base, factor.base, activation, is_rounded, y.base);
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        const float expected = activated(scalar, activation, is_rounded, x.base[i]) * factor.base[i];
        wrong += is_rounded ? !is_bfloat16_of(bfloat16_at(y.base, i), expected, kernels)
                            : !is_identical(y.base[i], expected);
    }
    if (is_rounded && count % 2) wrong += bfloat16_at(y.base, count) != 0;
    EXPECT(wrong == 0 && is_intact(y), "activation %d, %zu values, rounded %d: %zu wrong", activation, count, is_rounded,
           wrong);
    if (!is_rounded) {
        digest(count, y.base);
        const buffer in_place = copy_of(count, x.base);
        kernels->gate(count, in_place.base, factor.base, activation, 0, in_place.base);
        EXPECT(first_difference(count, in_place.base, y.base) == count && is_intact(in_place), "over the input");
        kernels->gate(count, x.base, factor.base, activation, 0, factor.base);
        EXPECT(first_difference(count, factor.base, y.base) == count, "over the factor");
    }
    EXPECT(is_intact(x) && is_intact(factor), "memory beside it was written");
    release_buffers();
}

// As products of single numbers are: zeros have the product's sign, 0·∞ is none.
static void beyond_finite_values(const penstock_kernels *kernels) {
    const float x[] = {0, -0.0f, 1, -1, INFINITY, NAN, 1, 0}, factor[] = {-1, 1, INFINITY, INFINITY, 2, 1, NAN, INFINITY};
    const float expected[] = {-0.0f, -0.0f, INFINITY, NAN, INFINITY, NAN, NAN, NAN};
    float y[8];
    kernels->gate(8, x, factor, penstock_activation_none, 0, y);
    for (int i = 0; i < 8; i++) {
        const float product = x[i] * factor[i];
        EXPECT(is_identical(y[i], product), "%g times %g is %g", x[i], factor[i], y[i]);
    }
    kernels->gate(8, x, factor, penstock_activation_relu, 0, y);
    for (int i = 0; i < 8; i++)
        EXPECT(is_identical(y[i], expected[i]) || (i == 1 && y[i] == 0), "relu of %g times %g is %g", x[i], factor[i],
               y[i]);
}

void compare_gates(const penstock_kernels *kernels) {
    generator random = {26};
    for (penstock_activation activation = penstock_activation_none; activation <= penstock_activation_tanh;
         activation++)
        for (int is_rounded = 0; is_rounded <= 1; is_rounded++) {
            for (size_t count = 0; count <= 70; count++) gate_of(kernels, activation, is_rounded, count, &random);
            gate_of(kernels, activation, is_rounded, 1023, &random);
        }
    beyond_finite_values(kernels);
}
