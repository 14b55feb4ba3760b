// Operations on each number of a row by itself.

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

// The first n numbers of activation(x)·factor, of which the vectors hold as many.
INLINE void store_gated(const penstock_activation kind, const int is_rounded, size_t n, vector x, vector factor, void *y) {
    const vector result = v_mul(activation(kind, is_rounded, x), factor);
    if (is_rounded) store_bfloat16(n, result, y);
    else if (n >= VECTOR_WIDTH) v_store(y, result);
    else v_store_first(y, result, n);
}

INLINE void gate_with(const penstock_activation kind, const int is_rounded, size_t n, const float *x, const float *factor,
                      void *y) {
    const size_t size = is_rounded ? sizeof(uint16_t) : sizeof(float);
    size_t i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH)
        store_gated(kind, is_rounded, VECTOR_WIDTH, v_load(x + i), v_load(factor + i), (char *)y + i * size);
    if (i < n)
        store_gated(kind, is_rounded, n - i, v_load_first(x + i, n - i, 0.0f), v_load_first(factor + i, n - i, 0.0f),
                    (char *)y + i * size);
    if (is_rounded && n % 2) ((uint16_t *)y)[n] = 0;
}

// Rounded results are coarse in the first place. The functions of gated layers get loops of their own.
static void gate(size_t n, const float *x, const float *factor, penstock_activation kind, int is_rounded, void *y) {
    switch (kind) {
    case penstock_activation_gelu:
        if (is_rounded) return gate_with(penstock_activation_gelu, 1, n, x, factor, y);
        return gate_with(penstock_activation_gelu, 0, n, x, factor, y);
    case penstock_activation_silu:
        if (is_rounded) return gate_with(penstock_activation_silu, 1, n, x, factor, y);
        return gate_with(penstock_activation_silu, 0, n, x, factor, y);
    default:
        if (is_rounded) return gate_with(kind, 1, n, x, factor, y);
        return gate_with(kind, 0, n, x, factor, y);
    }
}
