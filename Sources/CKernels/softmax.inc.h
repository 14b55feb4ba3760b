// Exponentials of scores, and what is divided by their sum.

// Scores, and what is added to them if anything is; those behind the first n count as -∞.
INLINE vector load_scores(size_t n, const float *x, const float *addends, const int has_addends) {
    const int is_whole = n >= VECTOR_WIDTH;
    const vector scores = is_whole ? v_load(x) : v_load_first(x, n, -__builtin_inff());
    if (!has_addends) return scores;
    return v_add(scores, is_whole ? v_load(addends) : v_load_first(addends, n, 0.0f));
}

INLINE float largest_of(size_t n, const float *x, const float *addends, const int has_addends) {
    lanes largest = lanes_of(-__builtin_inff());
    size_t i = 0;
    for (; i + 4 * VECTOR_WIDTH <= n; i += 4 * VECTOR_WIDTH)
        UNROLL for (int j = 0; j < 4; j++) {
            const size_t place = i + (size_t)j * VECTOR_WIDTH;
            largest.part[j] = v_max(largest.part[j], load_scores(VECTOR_WIDTH, x + place, addends + place, has_addends));
        }
    for (; i < n; i += VECTOR_WIDTH)
        largest.part[0] = v_max(largest.part[0], load_scores(n - i, x + i, addends + i, has_addends));
    return v_largest(v_max(v_max(largest.part[0], largest.part[1]), v_max(largest.part[2], largest.part[3])));
}

// The exponentials of the first n numbers of a vector of scores, written to y and added to the sums.
INLINE vector exponentials_of(size_t n, vector scores, vector largest, vector factor, vector sums, const int is_bfloat16,
                              void *y) {
    const vector e = power_of_2(v_max(v_set(-160.0f), v_mul(v_sub(scores, largest), factor)), is_bfloat16);
    if (is_bfloat16) store_bfloat16(n, e, y);
    else if (n >= VECTOR_WIDTH) v_store(y, e);
    else v_store_first(y, e, n);
    return v_add(sums, e);
}

INLINE float exponentials(size_t n, float scale, float greatest, const float *x, const float *addends, const int has_addends,
                          const int is_bfloat16, void *y) {
    const size_t size = is_bfloat16 ? sizeof(uint16_t) : sizeof(float);
    const vector factor = v_set(scale * 1.44269504088896341f);
    const vector largest = v_set(greatest);
    vector sums = v_set(0.0f);
    size_t i = 0;
#define STEP(n) \
    exponentials_of(n, load_scores(n, x + i, addends + i, has_addends), largest, factor, sums, is_bfloat16, \
                    (char *)y + i * size)
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) sums = STEP(VECTOR_WIDTH);
    if (i < n) sums = STEP(n - i);
#undef STEP
    return v_sum(sums);
}

INLINE void clear(char *first, const char *end) {
    if (first < end) __builtin_memset(first, 0, (size_t)(end - first));
}

// The numerators of the scores that are seen, and 0 for the others. Returns their sum; none are seen of an empty range.
INLINE float visible_numerators(const penstock_scores *s, const int has_addends, const int is_bfloat16, void *units,
                                float *largest) {
    const size_t size = is_bfloat16 ? sizeof(uint16_t) : sizeof(float);
    // With the other half of a last unit.
    const size_t stored = is_bfloat16 ? s->count + s->count % 2 : s->count;
    char *weights = units, *visible = weights + s->first * size;
    const float *scores = s->scores + s->first, *addends = has_addends ? s->addends + s->first : scores;
    *largest = largest_of(s->end - s->first, scores, addends, has_addends);
    const float sum =
        exponentials(s->end - s->first, s->scale, *largest, scores, addends, has_addends, is_bfloat16, visible);
    clear(weights, visible);
    clear(weights + s->end * size, weights + stored * size);
    return sum;
}

INLINE float numerators(penstock_precision precision, const penstock_scores *s, void *units, float *largest) {
    if (precision == penstock_precision_bfloat16)
        return s->addends ? visible_numerators(s, 1, 1, units, largest) : visible_numerators(s, 0, 1, units, largest);
    return s->addends ? visible_numerators(s, 1, 0, units, largest) : visible_numerators(s, 0, 0, units, largest);
}

static float softmax_numerators(penstock_precision precision, const penstock_scores *scores, void *units) {
    float largest;
    return numerators(precision, scores, units, &largest);
}

static void softmax(size_t n, float *x) {
    const vector sum = v_set(exponentials(n, 1.0f, largest_of(n, x, x, 0), x, x, 0, 0, x));
    size_t i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) v_store(x + i, v_div(v_load(x + i), sum));
    if (i < n) v_store_first(x + i, v_div(v_load_first(x + i, n - i, 0.0f), sum), n - i);
}
