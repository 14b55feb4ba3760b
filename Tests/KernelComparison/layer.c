#include "layer.h"

#include "inputs.h"

#include <float.h>
#include <stdlib.h>

static const char *const names[] = {
    [layer_max] = "max",         [layer_min] = "min",
    [layer_if_less] = "if less", [layer_copy_sign] = "copy sign",
    [layer_abs] = "abs",         [layer_round] = "round",
    [layer_add] = "add",         [layer_sub] = "sub",
    [layer_mul] = "mul",         [layer_div] = "div",
    [layer_fma] = "fma",         [layer_exponential] = "exp",
    [layer_power_of_2] = "exp2", [layer_coarse_power_of_2] = "coarse exp2",
};

static void expect_same(layer_operation operation, size_t count, const float *a, const float *b, float *y) {
    const buffer reference = unwritten(count);
    scalar_layer()[operation](count, a, b, reference.base);
    vector_layer()[operation](count, a, b, y);
    const size_t i = first_difference(count, y, reference.base);
    EXPECT(i == count, "%s of %a, %a: %a instead of %a", names[operation], a[i], b[i], y[i], reference.base[i]);
}

// Which of two numbers an operation takes where they are equal, or none, is part of the layers' contract.
static void every_pair_of_special_numbers(void) {
    const float special[] = {-INFINITY, -FLT_MAX, -2.5f,          -1.5f,   -1,        -0.5f,   -FLT_MIN, -0x1p-149f,
                             -0.0f,     NAN,      -NAN,           0,       0x1p-149f, FLT_MIN, 0.5f,     1,
                             1.5f,      2.5f,     0x1.fffffep22f, 0x1p24f, FLT_MAX,   INFINITY};
    enum { pairs = COUNT(special) * COUNT(special), count = (pairs + 15) / 16 * 16 };
    for (layer_operation operation = 0; operation < layer_exponential; operation++) {
        const buffer a = unwritten(count), b = unwritten(count), y = unwritten(count);
        for (size_t i = 0; i < count; i++) {
            a.base[i] = special[i / COUNT(special) % COUNT(special)];
            b.base[i] = special[i % COUNT(special)];
        }
        expect_same(operation, count, a.base, b.base, y.base);
        release_buffers();
    }
}

// Errors as shares of the bounds that elementary.inc.h states.
static double share_of_exponential(float x, float y) {
    const double exact = exp(x);
    if (x < -103.98f) return y == 0 ? 0 : INFINITY;
    if (x > 88.73f) return y == INFINITY ? 0 : INFINITY;
    return exact > FLT_MAX ? 0 : fabs(y - exact) / (1.5 * ulp_of(exact));
}

static double share_of_power_of_2(float x, float y) { return fabs(y - exp2(x)) / (1.5 * ulp_of(exp2(x))); }

static double share_of_coarse_power_of_2(float x, float y) { return fabs(y - exp2(x)) / (exp2(x) * 7.5e-5 + 0x1p-149); }

static void within_bounds(layer_operation operation, float least, float most, double (*share_of)(float, float)) {
    const size_t inputs = input_count();
    const buffer all = unwritten(inputs), x = unwritten(inputs), y = unwritten(inputs);
    size_t count = 0;
    choose_inputs(all.base);
    for (size_t i = 0; i < inputs; i++)
        if (all.base[i] >= least && all.base[i] <= most) x.base[count++] = all.base[i];
    count -= count % 16;
    expect_same(operation, count, x.base, x.base, y.base);
    digest(count, y.base);
    double worst = 0, place = 0;
    for (size_t i = 0; i < count; i++) {
        const double share = share_of(x.base[i], y.base[i]);
        if (!(share <= worst) && !isnan(worst)) {
            worst = share;
            place = x.base[i];
        }
    }
    EXPECT(worst <= 1, "%s: %g times the bound at %a", names[operation], worst, place);
    note_figure(names[operation], worst);
    release_buffers();
}

void compare_layer(void) {
    every_pair_of_special_numbers();
    within_bounds(layer_exponential, -FLT_MAX, FLT_MAX, share_of_exponential);
    within_bounds(layer_power_of_2, -160, 0.5f, share_of_power_of_2);
    within_bounds(layer_coarse_power_of_2, -160, 0.5f, share_of_coarse_power_of_2);
}
