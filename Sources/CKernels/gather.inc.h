// Sums of numbers that are looked up by place.

INLINE void gather_rows(size_t n, const int32_t *places, const float *x, const float *rows, ptrdiff_t stride,
                        const int has_x, const int has_rows, float *y) {
    size_t i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) {
        vector sum = v_set(0.0f);
        if (has_x) sum = v_gather(x, 0, places + i);
        if (has_rows) {
            const vector picked = v_gather(rows + (ptrdiff_t)i * stride, (int32_t)stride, places + i);
            sum = has_x ? v_add(sum, picked) : picked;
        }
        v_store(y + i, sum);
    }
    for (; i < n; i++) {
        float sum = 0.0f;
        if (has_x) sum = x[places[i]];
        if (has_rows) {
            const float picked = rows[(ptrdiff_t)i * stride + places[i]];
            sum = has_x ? sum + picked : picked;
        }
        y[i] = sum;
    }
}

static void gather_sums(size_t n, const int32_t *places, const float *x, const float *rows, ptrdiff_t stride, float *y) {
    if (x && rows) return gather_rows(n, places, x, rows, stride, 1, 1, y);
    if (rows) return gather_rows(n, places, x, rows, stride, 0, 1, y);
    gather_rows(n, places, x, rows, stride, 1, 0, y);
}
