// The steps behind the sums of a product: scales, bias, activation, residual, and the type of the result.

// A strip whose sums are complete.
typedef struct {
    size_t rows;
    const float *sums;  // rows of PENSTOCK_PANEL
    const float *row_scale;
    const int32_t *row_zero;
    const penstock_panel *b;
    const penstock_epilogue *epilogue;
    const float *residual;
    float *c;
    ptrdiff_t c_stride;
} strip;

// activation(scale·sum + bias) + residual over a vector of columns, of which `left` are used.
INLINE void finish_columns(const penstock_activation kind, const int is_coarse, const strip *s, size_t column, size_t left) {
    const int is_whole = left >= VECTOR_WIDTH;
    const penstock_epilogue *e = s->epilogue;
#define LOAD(p) (is_whole ? v_load(p) : v_load_first(p, left, 0.0f))
    const vector bias = e->bias ? LOAD(e->bias + column) : v_set(-0.0f);
    const vector column_scale = s->b->scale ? v_load(s->b->scale + column) : v_set(1.0f);
    const float *sums = s->sums + column;
    for (size_t r = 0; r < s->rows; r++) {
        vector x = v_load(sums + r * PENSTOCK_PANEL);
        if (s->b->sum) x = v_corrected_int8_sum(x, s->row_zero[r], s->b->sum + column);
        if (s->row_scale) x = v_mul(x, v_mul(column_scale, v_set(s->row_scale[r])));
        else if (s->b->scale) x = v_mul(x, column_scale);
        x = activation(kind, is_coarse, v_add(x, bias));
        if (s->residual) x = v_add(x, LOAD(s->residual + (ptrdiff_t)r * e->residual_stride + column));
        float *c = s->c + (ptrdiff_t)r * s->c_stride;
        if (e->is_rounded) store_bfloat16(left, x, (uint16_t *)c + column);
        else if (is_whole) v_store(c + column, x);
        else v_store_first(c + column, x, left);
    }
#undef LOAD
}

INLINE void finish_strip_with(const penstock_activation kind, const int is_coarse, size_t n, const strip *s) {
    for (size_t column = 0; column < n; column += VECTOR_WIDTH) finish_columns(kind, is_coarse, s, column, n - column);
    if (!s->epilogue->is_rounded || n % 2 == 0) return;
    for (size_t r = 0; r < s->rows; r++) ((uint16_t *)(s->c + (ptrdiff_t)r * s->c_stride))[n] = 0;
}

// The most frequent functions get loops of their own.
static void finish_strip(size_t n, const strip *s) {
    const penstock_activation kind = s->epilogue->activation;
    switch (kind) {
    case penstock_activation_none: return finish_strip_with(penstock_activation_none, 0, n, s);
    case penstock_activation_gelu:
        if (s->epilogue->is_coarse) return finish_strip_with(penstock_activation_gelu, 1, n, s);
        return finish_strip_with(penstock_activation_gelu, 0, n, s);
    default: return finish_strip_with(kind, 0, n, s);
    }
}
