// The kernels of one instruction set. A file that includes this has included its vector layer and defined
// KERNELS_NAME, its name in messages, and KERNELS_FUNCTION, the function that returns its table.

#include "elementary.inc.h"
#include "operands.inc.h"
#include "matrix_product.inc.h"
#include "peak.inc.h"

// Sums and maxima run over four vectors at a time, always in the same order for the same n.
typedef struct {
    vector part[4];
} lanes;

INLINE lanes lanes_of(float x) { return (lanes){{v_set(x), v_set(x), v_set(x), v_set(x)}}; }
INLINE vector lanes_added(lanes l) { return v_add(v_add(l.part[0], l.part[1]), v_add(l.part[2], l.part[3])); }

static float sum_of(size_t n, const float *x) {
    lanes sums = lanes_of(0.0f);
    size_t i = 0;
    for (; i + 4 * VECTOR_WIDTH <= n; i += 4 * VECTOR_WIDTH)
        for (int j = 0; j < 4; j++) sums.part[j] = v_add(sums.part[j], v_load(x + i + j * VECTOR_WIDTH));
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) sums.part[0] = v_add(sums.part[0], v_load(x + i));
    if (i < n) sums.part[1] = v_add(sums.part[1], v_load_first(x + i, n - i, 0.0f));
    return v_sum(lanes_added(sums));
}

static float squared_deviations(size_t n, const float *x, float mean) {
    const vector center = v_set(mean);
    lanes sums = lanes_of(0.0f);
    size_t i = 0;
    for (; i + 4 * VECTOR_WIDTH <= n; i += 4 * VECTOR_WIDTH)
        for (int j = 0; j < 4; j++) {
            vector d = v_sub(v_load(x + i + j * VECTOR_WIDTH), center);
            sums.part[j] = v_fma(d, d, sums.part[j]);
        }
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) {
        vector d = v_sub(v_load(x + i), center);
        sums.part[0] = v_fma(d, d, sums.part[0]);
    }
    if (i < n) {
        vector d = v_sub(v_load_first(x + i, n - i, mean), center);
        sums.part[1] = v_fma(d, d, sums.part[1]);
    }
    return v_sum(lanes_added(sums));
}

static void layer_norm(size_t n, const float *x, const float *gain, const float *shift, float epsilon, float *y) {
    const float mean = sum_of(n, x) / (float)n;
    const float variance = squared_deviations(n, x, mean) / (float)n;
    const vector center = v_set(mean);
    const vector factor = v_set(1.0f / __builtin_sqrtf(variance + epsilon));
    size_t i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) {
        vector normalized = v_mul(v_sub(v_load(x + i), center), factor);
        v_store(y + i, v_fma(normalized, v_load(gain + i), v_load(shift + i)));
    }
    if (i < n) {
        const size_t left = n - i;
        vector normalized = v_mul(v_sub(v_load_first(x + i, left, mean), center), factor);
        vector result = v_fma(normalized, v_load_first(gain + i, left, 0.0f), v_load_first(shift + i, left, 0.0f));
        v_store_first(y + i, result, left);
    }
}

static float largest_of(size_t n, const float *x) {
    vector largest = v_set(-__builtin_inff());
    size_t i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) largest = v_max(largest, v_load(x + i));
    if (i < n) largest = v_max(largest, v_load_first(x + i, n - i, -__builtin_inff()));
    return v_largest(largest);
}

INLINE float exponentials(size_t n, float scale, const float *x, const int is_bfloat16, void *y) {
    const vector factor = v_set(scale * 1.44269504088896341f);
    const vector largest = v_set(largest_of(n, x));
    vector sums = v_set(0.0f);
    for (size_t i = 0; i < n; i += VECTOR_WIDTH) {
        const size_t left = n - i;
        const int is_whole = left >= VECTOR_WIDTH;
        const vector v = is_whole ? v_load(x + i) : v_load_first(x + i, left, -__builtin_inff());
        const vector e = power_of_2(v_max(v_set(-160.0f), v_mul(v_sub(v, largest), factor)), is_bfloat16);
        sums = v_add(sums, e);
        if (is_bfloat16) store_bfloat16(left, e, (uint16_t *)y + i);
        else if (is_whole) v_store((float *)y + i, e);
        else v_store_first((float *)y + i, e, left);
    }
    if (is_bfloat16 && n % 2) ((uint16_t *)y)[n] = 0;
    return v_sum(sums);
}

static float softmax_numerators(penstock_precision precision, size_t n, float scale, const float *x, void *units) {
    return precision == penstock_precision_bfloat16 ? exponentials(n, scale, x, 1, units)
                                                    : exponentials(n, scale, x, 0, units);
}

static void softmax(size_t n, float *x) {
    const vector sum = v_set(exponentials(n, 1.0f, x, 0, x));
    size_t i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) v_store(x + i, v_div(v_load(x + i), sum));
    if (i < n) v_store_first(x + i, v_div(v_load_first(x + i, n - i, 0.0f), sum), n - i);
}

static void activate(size_t n, const float *x, penstock_activation kind, float *y) {
    size_t i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) v_store(y + i, activation(kind, 0, v_load(x + i)));
    if (i < n) v_store_first(y + i, activation(kind, 0, v_load_first(x + i, n - i, 0.0f)), n - i);
}

static void add(size_t n, const float *x, float *y) {
    size_t i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) v_store(y + i, v_add(v_load(y + i), v_load(x + i)));
    if (i < n) v_store_first(y + i, v_add(v_load_first(y + i, n - i, 0.0f), v_load_first(x + i, n - i, 0.0f)), n - i);
}

const penstock_kernels *KERNELS_FUNCTION(void) {
    static const penstock_kernels table = {
        .name = KERNELS_NAME,
#ifdef NATIVE_BFLOAT16
        .has_bfloat16 = 1,
#endif
#ifdef NATIVE_INT8_DOT
        .has_int8 = 1,
#endif
        .matrix_product = matrix_product,
        .matrix_sums = matrix_sums,
        .to_bfloat16 = to_bfloat16_units,
        .interleave_bfloat16 = interleave_bfloat16,
        .to_int8 = to_int8_units,
        .to_int8_weights = to_int8_weights,
        .transpose = transpose,
        .layer_norm = layer_norm,
        .softmax_numerators = softmax_numerators,
        .softmax = softmax,
        .activate = activate,
        .add = add,
        .sum = sum_of,
        .exercise = exercise,
    };
    return &table;
}
