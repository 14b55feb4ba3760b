// Sums over rows, and what is normalised by them.

// Sums run over four vectors at a time, always in the same order for the same n.
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

// y = (x - center)·factor·gain + shift; without a gain it is 1, without a shift nothing is added. y may be x.
INLINE void scale_and_shift(size_t n, const float *x, float center, float factor, const float *gain, const float *shift,
                            const int has_gain, const int has_shift, float *y) {
    const vector centers = v_set(center), factors = v_set(factor);
    size_t i = 0;
    // A gain of 1 changes no product, and the negative zero no sum.
#define RESULT(LOAD) \
    v_fma(v_mul(v_sub(LOAD(x, center), centers), factors), has_gain ? LOAD(gain, 0.0f) : v_set(1.0f), \
          has_shift ? LOAD(shift, 0.0f) : v_set(-0.0f))
#define LOAD_ALL(p, rest) v_load((p) + i)
#define LOAD_FIRST(p, rest) v_load_first((p) + i, n - i, rest)
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) v_store(y + i, RESULT(LOAD_ALL));
    if (i < n) v_store_first(y + i, RESULT(LOAD_FIRST), n - i);
#undef RESULT
#undef LOAD_ALL
#undef LOAD_FIRST
}

static void normalise(size_t n, const float *x, float center, float factor, const float *gain, const float *shift,
                       float *y) {
    if (gain && shift) return scale_and_shift(n, x, center, factor, gain, shift, 1, 1, y);
    if (gain) return scale_and_shift(n, x, center, factor, gain, NULL, 1, 0, y);
    scale_and_shift(n, x, center, factor, NULL, shift, 0, shift != NULL, y);
}

static void layer_norm(size_t n, const float *x, const float *gain, const float *shift, float epsilon, float *y) {
    const float mean = sum_of(n, x) / (float)n;
    const float variance = squared_deviations(n, x, mean) / (float)n;
    normalise(n, x, mean, 1.0f / __builtin_sqrtf(variance + epsilon), gain, shift, y);
}

static void rms_norm(size_t n, const float *x, const float *gain, float epsilon, float *y) {
    const float mean_square = squared_deviations(n, x, 0.0f) / (float)n;
    normalise(n, x, 0.0f, 1.0f / __builtin_sqrtf(mean_square + epsilon), gain, NULL, y);
}
