// Activations against the exact functions, within the bounds of elementary.inc.h.
#include "inputs.h"

#include <float.h>
#include <stdlib.h>

static double exact_sigmoid(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }

static double exact(penstock_activation activation, double x) {
    const double root_of_2_by_pi = 0.79788456080286535588;
    switch (activation) {
    case penstock_activation_none: return x;
    case penstock_activation_relu: return larger(x, 0);
    case penstock_activation_gelu: return x / 2 * erfc(-x * sqrt(0.5));
    case penstock_activation_gelu_tanh: return x * exact_sigmoid(2 * root_of_2_by_pi * (x + 0.044715 * x * x * x));
    case penstock_activation_gelu_quick: return x * exact_sigmoid(1.702 * x);
    case penstock_activation_silu: return x * exact_sigmoid(x);
    case penstock_activation_sigmoid: return exact_sigmoid(x);
    case penstock_activation_tanh: return tanh(x);
    }
    return x;
}

static double bound(penstock_activation activation, double x) {
    const double ulp = ulp_of(exact(activation, x));
    switch (activation) {
    case penstock_activation_none:
    case penstock_activation_relu: return 0;
    case penstock_activation_gelu: return fabs(x) * 7e-8 + 2e-8;
    case penstock_activation_gelu_tanh:
    case penstock_activation_gelu_quick:
    case penstock_activation_silu: return fabs(x) * 7e-8 + ulp;
    case penstock_activation_sigmoid: return x < -87.3 ? 1.2e-38 : 3.5 * ulp;
    case penstock_activation_tanh: return 1.5 * ulp;
    }
    return 0;
}

static const char *const names[] = {
    [penstock_activation_none] = "none",
    [penstock_activation_relu] = "relu",
    [penstock_activation_gelu] = "gelu",
    [penstock_activation_gelu_tanh] = "gelu_tanh",
    [penstock_activation_gelu_quick] = "gelu_quick",
    [penstock_activation_silu] = "silu",
    [penstock_activation_sigmoid] = "sigmoid",
    [penstock_activation_tanh] = "tanh",
};

static void within_the_stated_bounds(const penstock_kernels *kernels, penstock_activation activation) {
    const size_t count = input_count();
    const buffer x = unwritten(count), y = unwritten(count), reference = unwritten(count);
    choose_inputs(x.base);
    kernels->activate(count, x.base, activation, y.base);
    penstock_kernels_scalar()->activate(count, x.base, activation, reference.base);
    const size_t other = first_difference(count, y.base, reference.base);
    EXPECT(other == count, "%s: other bits than the scalar table at %a: %a instead of %a", names[activation],
           x.base[other], y.base[other], reference.base[other]);
    digest(count, y.base);
    double worst = 0, place = 0;
    for (size_t i = 0; i < count; i++) {
        const double error = fabs(y.base[i] - exact(activation, x.base[i]));
        const double share = error == 0 ? 0 : error / bound(activation, x.base[i]);
        if (!(share <= worst) && !isnan(worst)) {
            worst = share;
            place = x.base[i];
        }
    }
    EXPECT(worst <= 1, "%s: %g times the bound at %a", names[activation], worst, place);
    note_figure(names[activation], worst);
    kernels->activate(count, x.base, activation, x.base);
    EXPECT(first_difference(count, x.base, y.base) == count, "%s: other results in place", names[activation]);
    EXPECT(is_intact(x) && is_intact(y), "%s: memory beside it was written", names[activation]);
    release_buffers();
}

static void far_from_zero(const penstock_kernels *kernels) {
    const float x[] = {-INFINITY, -FLT_MAX, -100, -0.0f, 0, 100, FLT_MAX, INFINITY};
    static const struct {
        penstock_activation activation;
        float y[8];
    } expected[] = {
        {penstock_activation_none, {-INFINITY, -FLT_MAX, -100, 0, 0, 100, FLT_MAX, INFINITY}},
        {penstock_activation_relu, {0, 0, 0, 0, 0, 100, FLT_MAX, INFINITY}},
        {penstock_activation_gelu, {0, 0, 0, 0, 0, 100, FLT_MAX, INFINITY}},
        {penstock_activation_gelu_tanh, {NAN, 0, 0, 0, 0, 100, FLT_MAX, INFINITY}},
        {penstock_activation_gelu_quick, {NAN, 0, 0, 0, 0, 100, FLT_MAX, INFINITY}},
        {penstock_activation_silu, {NAN, 0, 0, 0, 0, 100, FLT_MAX, INFINITY}},
        {penstock_activation_sigmoid, {0, 0, 0, 0.5f, 0.5f, 1, 1, 1}},
        {penstock_activation_tanh, {-1, -1, -1, 0, 0, 1, 1, 1}},
    };
    for (size_t i = 0; i < COUNT(expected); i++) {
        const penstock_activation activation = expected[i].activation;
        const float tolerance = activation == penstock_activation_gelu ? 2e-8f : 0;
        float y[8];
        kernels->activate(8, x, activation, y);
        for (int j = 0; j < 8; j++)
            EXPECT(y[j] == expected[i].y[j] || fabsf(y[j] - expected[i].y[j]) <= tolerance || isnan(expected[i].y[j]),
                   "%s at %g: %g", names[activation], x[j], y[j]);
    }
}

static void not_a_number(const penstock_kernels *kernels, penstock_activation activation) {
    const float x[] = {0.5f, NAN, 0.5f, -NAN, 0.5f};
    float y[5];
    kernels->activate(5, x, activation, y);
    for (int i = 0; i < 5; i++) EXPECT(!isnan(y[i]) == !isnan(x[i]), "%s of %g: %g", names[activation], x[i], y[i]);
}

// Each length runs into another mixture of whole and partial vectors.
static void any_length(const penstock_kernels *kernels, penstock_activation activation) {
    generator random = {1};
    for (size_t count = 0; count <= 70; count++) {
        const buffer x = random_buffer(&random, count, 5), y = unwritten(count);
        kernels->activate(count, x.base, activation, y.base);
        for (size_t i = 0; i < count; i++) {
            float alone;
            penstock_kernels_scalar()->activate(1, x.base + i, activation, &alone);
            EXPECT(is_identical(alone, y.base[i]), "%s: element %zu of %zu", names[activation], i, count);
        }
        EXPECT(is_intact(x) && is_intact(y), "memory beside it was written");
        release_buffers();
    }
}

// x·Φ(x) where it is coarse, over all magnitudes.
static void coarse_gelu(const penstock_kernels *kernels) {
    const size_t count = input_count();
    const buffer x = unwritten(count), y = unwritten(count), reference = unwritten(count),
                 one = unwritten(PENSTOCK_PANEL);
    choose_inputs(x.base);
    for (size_t i = 0; i < one.count; i++) one.base[i] = i == 0;
    const penstock_panel panel = {.units = one.base};
    const penstock_epilogue epilogue = {.activation = penstock_activation_gelu, .is_coarse = 1};
    for (size_t start = 0; start < count; start += PENSTOCK_ROWS) {
        const penstock_rows rows = {.units = x.base + start, .stride = 1};
        const size_t m = count - start < PENSTOCK_ROWS ? count - start : PENSTOCK_ROWS;
        kernels->matrix_product(penstock_precision_float32, m, 1, 1, &rows, &panel, y.base + start, 1, &epilogue);
        penstock_kernels_scalar()->matrix_product(penstock_precision_float32, m, 1, 1, &rows, &panel,
                                                  reference.base + start, 1, &epilogue);
    }
    EXPECT(first_difference(count, y.base, reference.base) == count, "coarse gelu: other bits than the scalar table");
    EXPECT(is_intact(y), "memory beside it was written");
    digest(count, y.base);
    double worst = 0;
    for (size_t i = 0; i < count; i++) {
        const double result = exact(penstock_activation_gelu, x.base[i]);
        const double share = fabs(y.base[i] - result) / (2e-5 + ulp_of(result));
        worst = worse(share, worst);
    }
    EXPECT(worst <= 1, "coarse gelu: %g times its bound", worst);
    note_figure("coarse gelu", worst);
    release_buffers();
}

void compare_activations(const penstock_kernels *kernels) {
    for (penstock_activation activation = penstock_activation_none; activation <= penstock_activation_tanh;
         activation++) {
        within_the_stated_bounds(kernels, activation);
        not_a_number(kernels, activation);
        any_length(kernels, activation);
    }
    far_from_zero(kernels);
    coarse_gelu(kernels);
}
