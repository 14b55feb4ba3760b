// Pages of bytes: each key and each value of a token is scale·q, with q from -127 to 127.
//
// The bytes lie as the numbers of a page do: a key or value of bytes becomes one of numbers by widening them one by one,
// which is exact. Scores are then multiplied by the scales of keys, and weights by those of values.

// The bytes of the keys of a page, and of its values: as many as they have numbers.
INLINE size_t numbers_of(penstock_precision precision, size_t units) {
    return precision == penstock_precision_bfloat16 ? 2 * units : units;
}
INLINE size_t key_bytes(penstock_precision precision, size_t head_size) {
    return numbers_of(precision, units_of(precision, head_size)) * PENSTOCK_PAGE;
}
INLINE size_t value_bytes(size_t head_size) { return PENSTOCK_PAGE * page_columns(head_size); }

// The scales of keys behind the bytes of a page, and behind them those of values.
INLINE const float *page_scales(penstock_precision precision, size_t head_size, const void *page) {
    return (const float *)((const int8_t *)page + key_bytes(precision, head_size) + value_bytes(head_size));
}

// Makes numbers of bytes.
static const float *widen_bytes(penstock_precision precision, size_t n, const int8_t *bytes, void *numbers) {
    if (precision == penstock_precision_float32) {
        float *y = numbers;
        for (size_t i = 0; i < n; i++) y[i] = (float)bytes[i];
    } else {
        uint16_t *y = numbers;
        for (size_t i = 0; i < n; i++) {
            const float x = (float)bytes[i];
            uint32_t bits;
            __builtin_memcpy(&bits, &x, sizeof bits);
            y[i] = (uint16_t)(bits >> 16);
        }
    }
    return numbers;
}

// Multiplies the scores of keys up to `end` by the scales of their pages.
static void scale_scores(const penstock_page_attention *a, size_t page, size_t end) {
    const size_t key = page * PENSTOCK_PAGE, keys = end - key < PENSTOCK_PAGE ? end - key : PENSTOCK_PAGE;
    const float *scales = page_scales(a->precision, a->head_size, a->page[page]);
    for (size_t row = 0; row < a->rows; row++) {
        float *scores = a->scores + (ptrdiff_t)row * a->score_stride + key;
        for (size_t i = 0; i < keys; i++) scores[i] *= scales[i];
    }
}

// Multiplies weights, which have the place of the scores, by the scales of values, and rounds them.
static void scale_weights(const penstock_page_attention *a, size_t start, size_t end, float *weights, void *units) {
    for (size_t key = start; key < end; key += PENSTOCK_PAGE) {
        const size_t keys = end - key < PENSTOCK_PAGE ? end - key : PENSTOCK_PAGE;
        const float *scales =
            page_scales(a->precision, a->head_size, a->page[key / PENSTOCK_PAGE]) + PENSTOCK_PAGE;
        float *of_page = weights + (key - start);
        for (size_t i = 0; i < keys; i++) of_page[i] *= scales[i];
    }
    if (a->precision == penstock_precision_bfloat16) to_bfloat16_units(end - start, weights, units);
}

// Returns the scale of numbers: of those that are not all finite it is a NaN, and of all that are next to nothing 0.
static float scale_of(size_t n, const float *x) {
    float largest = 0.0f;
    int is_finite = 1;
    for (size_t i = 0; i < n; i++) {
        const float magnitude = __builtin_fabsf(x[i]);
        if (!(magnitude < __builtin_inff())) is_finite = 0;
        if (magnitude > largest) largest = magnitude;
    }
    if (!is_finite) return __builtin_nanf("");
    return largest < 0x1p-100f ? 0.0f : largest / 127.0f;
}

// Writes numbers as bytes, those of a pair side by side and the next pair `step` bytes further. Returns their scale.
static float write_bytes(size_t n, const float *x, int8_t *bytes, size_t step, size_t pair) {
    const float scale = x ? scale_of(n, x) : 0.0f;
    const float inverse = scale > 0.0f ? 1.0f / scale : 0.0f;
    for (size_t i = 0; i < n; i++) {
        const float rounded = scale > 0.0f ? __builtin_rintf(x[i] * inverse) : 0.0f;
        const float bounded = rounded > 127.0f ? 127.0f : rounded < -127.0f ? -127.0f : rounded;
        bytes[i / pair * step + i % pair] = (int8_t)bounded;
    }
    return scale;
}

static void write_byte_page(penstock_precision precision, size_t head_size, size_t place, const float *key,
                            const float *value, void *page) {
    const size_t columns = page_columns(head_size), pair = numbers_of(precision, 1);
    int8_t *keys = (int8_t *)page + place * pair;
    int8_t *values =
        (int8_t *)page + key_bytes(precision, head_size) + place / pair * pair * columns + place % pair;
    float *scales = (float *)page_scales(precision, head_size, page);
    scales[place] = write_bytes(head_size, key, keys, PENSTOCK_PAGE * pair, pair);
    scales[PENSTOCK_PAGE + place] = write_bytes(head_size, value, values, pair, 1);
}
