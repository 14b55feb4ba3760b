// Rotary positions: pairs of numbers turned by an angle each (Su et al. 2021, RoFormer), in place.

INLINE void turn(vector *a, vector *b, vector cosine, vector sine) {
    const vector turned = v_sub(v_mul(*a, cosine), v_mul(*b, sine));
    *b = v_add(v_mul(*b, cosine), v_mul(*a, sine));
    *a = turned;
}

// Numbers from a place on, of which the first n count.
INLINE vector load_numbers(size_t n, const void *x, size_t place, const int is_bfloat16) {
    if (!is_bfloat16) {
        const float *p = (const float *)x + place;
        return n >= VECTOR_WIDTH ? v_load(p) : v_load_first(p, n, 0.0f);
    }
    const uint16_t *p = (const uint16_t *)x + place;
    if (n >= VECTOR_WIDTH) return v_load_bfloat16(p);
    uint16_t all[VECTOR_WIDTH] = {0};
    for (size_t i = 0; i < n; i++) all[i] = p[i];
    return v_load_bfloat16(all);
}

INLINE void store_numbers(size_t n, vector v, void *x, size_t place, const int is_bfloat16) {
    if (is_bfloat16) return store_bfloat16(n, v, (uint16_t *)x + place);
    if (n >= VECTOR_WIDTH) v_store((float *)x + place, v);
    else v_store_first((float *)x + place, v, n);
}

INLINE void rotate_halves(size_t pairs, const float *cosines, const float *sines, void *x, const int is_bfloat16) {
    for (size_t i = 0; i < pairs; i += VECTOR_WIDTH) {
        const size_t left = pairs - i;
        vector a = load_numbers(left, x, i, is_bfloat16), b = load_numbers(left, x, pairs + i, is_bfloat16);
        turn(&a, &b, load_numbers(left, cosines, i, 0), load_numbers(left, sines, i, 0));
        store_numbers(left, a, x, i, is_bfloat16);
        store_numbers(left, b, x, pairs + i, is_bfloat16);
    }
}

INLINE void turn_neighbours(void *x, vector cosine, vector sine, const int is_bfloat16) {
    vector a, b;
    if (is_bfloat16) v_load_bfloat16_pairs(x, &a, &b);
    else v_load_pairs(x, &a, &b);
    turn(&a, &b, cosine, sine);
    if (is_bfloat16) v_store_bfloat16_pairs(x, a, b);
    else v_store_pairs(x, a, b);
}

INLINE void rotate_neighbours(size_t pairs, const float *cosines, const float *sines, void *x, const int is_bfloat16) {
    const size_t size = 2 * (is_bfloat16 ? sizeof(uint16_t) : sizeof(float));
    char *pair = x;
    size_t i = 0;
    for (; i + VECTOR_WIDTH <= pairs; i += VECTOR_WIDTH)
        turn_neighbours(pair + i * size, v_load(cosines + i), v_load(sines + i), is_bfloat16);
    if (i == pairs) return;
    const size_t left = pairs - i;
    union {
        float floats[2 * VECTOR_WIDTH];
        uint16_t halves[2 * VECTOR_WIDTH];
    } all = {{0}};
    __builtin_memcpy(&all, pair + i * size, left * size);
    turn_neighbours(&all, v_load_first(cosines + i, left, 0.0f), v_load_first(sines + i, left, 0.0f), is_bfloat16);
    __builtin_memcpy(pair + i * size, &all, left * size);
}

INLINE void rotate_heads(const penstock_rotation *r, const float *cosines, const float *sines, void *x,
                         const int is_bfloat16) {
    const size_t bytes = r->head_size * (is_bfloat16 ? sizeof(uint16_t) : sizeof(float));
    for (size_t head = 0; head < r->heads; head++) {
        void *numbers = (char *)x + head * bytes;
        if (r->pairing == penstock_pairing_halves) rotate_halves(r->pairs, cosines, sines, numbers, is_bfloat16);
        else rotate_neighbours(r->pairs, cosines, sines, numbers, is_bfloat16);
    }
}

static void rotate(const penstock_rotation *rotation, const float *cosines, const float *sines, void *x) {
    if (rotation->precision == penstock_precision_bfloat16) rotate_heads(rotation, cosines, sines, x, 1);
    else rotate_heads(rotation, cosines, sines, x, 0);
}
