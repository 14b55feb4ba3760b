// Blocks of weights that are made of floats. These are plain loops, of which the compiler makes vectors: products and
// sums are rounded one by one and in an order of their own, so that blocks are the same on all processors.

#define SUM_PARTS 8
#define MOST_STARTS 4
#define START_BEYOND 1.08f

// The range of a form's numbers, which are multiples of a scale, and of the scales that are tried.
typedef struct {
    float values[16];           // ascending; for codes of 4 bits
    float least, most;          // else the integers of this range
    float starts[MOST_STARTS];  // where the largest number may be
    int start_count, turns;
} block_levels;

INLINE block_levels levels_of(const penstock_block_form *form) {
    block_levels levels = {.turns = 1, .start_count = form->bits == 8 ? 1 : 4};
    for (int k = 0; form->values && k < 16; k++) levels.values[k] = (float)(form->values[k] - form->zero);
    levels.least = form->values ? levels.values[0] : (float)-form->zero;
    levels.most = form->values ? levels.values[15] : (float)((1 << form->bits) - 1 - form->zero);
    // The largest number is at an end or, so that others are closer, beyond it.
    levels.starts[0] = levels.most;
    levels.starts[1] = levels.least;
    levels.starts[2] = START_BEYOND * levels.most;
    levels.starts[3] = START_BEYOND * levels.least;
    return levels;
}

INLINE float block_sum(const float *x) {
#pragma clang fp contract(off)
    float part[SUM_PARTS] = {0};
    for (int i = 0; i < PENSTOCK_BLOCK; i += SUM_PARTS)
        for (int j = 0; j < SUM_PARTS; j++) part[j] += x[i + j];
    return ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
}

INLINE float block_product_sum(const float *a, const float *b) {
#pragma clang fp contract(off)
    float products[PENSTOCK_BLOCK];
    for (int i = 0; i < PENSTOCK_BLOCK; i++) products[i] = a[i] * b[i];
    return block_sum(products);
}

// Rounds to the nearest level: to integers by a sum that has no place for fractions, to values by their borders.
INLINE void to_levels(const int has_values, const block_levels *levels, const float *x, float factor, float *found) {
#pragma clang fp contract(off)
    float scaled[PENSTOCK_BLOCK];
    for (int i = 0; i < PENSTOCK_BLOCK; i++) scaled[i] = x[i] * factor;
    if (!has_values) {
        for (int i = 0; i < PENSTOCK_BLOCK; i++) {
            float level = scaled[i] > levels->least ? scaled[i] : levels->least;
            level = level < levels->most ? level : levels->most;
            found[i] = (level + 0x1.8p23f) - 0x1.8p23f;
        }
        return;
    }
    for (int i = 0; i < PENSTOCK_BLOCK; i++) found[i] = levels->values[0];
    for (int k = 1; k < 16; k++) {
        const float value = levels->values[k], border = 0.5f * (levels->values[k - 1] + value);
        for (int i = 0; i < PENSTOCK_BLOCK; i++) found[i] = scaled[i] > border ? value : found[i];
    }
}

// The levels with one factor, and by how much their squared errors are less than the squares if the scale is that of
// least squares.
INLINE float try_factor(const int has_values, const block_levels *levels, const float *x, float factor, float *found,
                        float *scale) {
#pragma clang fp contract(off)
    to_levels(has_values, levels, x, factor, found);
    const float product = block_product_sum(x, found), square = block_product_sum(found, found);
    *scale = square > 0.0f ? product / square : 0.0f;
    return product * *scale;
}

// Rounds with several factors, and from the best of them on takes turns to find the scale and to round anew.
INLINE void quantise_block(const int has_values, const penstock_block_form *form, const block_levels *levels,
                           const float *x, penstock_block *block) {
#pragma clang fp contract(off)
    float least = x[0], most = x[0];
    for (int i = 1; i < PENSTOCK_BLOCK; i++) {
        least = x[i] < least ? x[i] : least;
        most = x[i] > most ? x[i] : most;
    }
    const float largest = most > -least ? most : least;
    float numbers[PENSTOCK_BLOCK], found[PENSTOCK_BLOCK], best[PENSTOCK_BLOCK] = {0}, scale = 0.0f, gain = 0.0f;
    // Numbers of a smaller block are nothing: their inverse might be none.
    const int rounds = largest > 0x1p-100f || largest < -0x1p-100f ? levels->start_count + levels->turns : 0;
    const float inverse = rounds ? 1.0f / largest : 0.0f;
    for (int i = 0; i < PENSTOCK_BLOCK; i++) numbers[i] = x[i] * inverse;
    for (int round = 0; round < rounds; round++) {
        const int is_start = round < levels->start_count;
        if (!is_start && scale <= 0.0f && scale >= 0.0f) break;
        float fit;
        const float factor = is_start ? levels->starts[round] : 1.0f / scale;
        const float more = try_factor(has_values, levels, numbers, factor, found, &fit);
        if (more > gain) {
            gain = more;
            scale = fit;
            memcpy(best, found, sizeof best);
        } else if (!is_start) {
            break;
        }
    }
    for (int i = 0; i < PENSTOCK_BLOCK; i++) block->codes[i] = (uint8_t)((int32_t)best[i] + form->zero);
    if (has_values) {
        uint8_t codes[PENSTOCK_BLOCK] = {0};
        for (int k = 1; k < 16; k++)
            for (int i = 0; i < PENSTOCK_BLOCK; i++) codes[i] += block->codes[i] >= form->values[k];
        memcpy(block->codes, codes, sizeof codes);
    }
    block->scale[0] = block->scale[1] = scale * largest;
    block->offset[0] = block->offset[1] = 0.0f;
}

static void quantise_blocks(const penstock_block_form *form, size_t n, const float *x, penstock_block *blocks) {
#pragma clang fp contract(off)
    const block_levels levels = levels_of(form);
    for (size_t start = 0; start < n; start += PENSTOCK_BLOCK, blocks++) {
        const size_t count = n - start < PENSTOCK_BLOCK ? n - start : PENSTOCK_BLOCK;
        float numbers[PENSTOCK_BLOCK], nothing[PENSTOCK_BLOCK];
        memcpy(numbers, x + start, count * sizeof *x);
        // Numbers that are missing in the last block do not widen its extent.
        for (size_t i = count; i < PENSTOCK_BLOCK; i++) numbers[i] = numbers[count - 1];
        for (int i = 0; i < PENSTOCK_BLOCK; i++) nothing[i] = numbers[i] * 0.0f;
        const float check = block_sum(nothing);
        if (check != 0.0f || check != check) {
            *blocks = (penstock_block){.scale = {check, check}, .offset = {check, check}};
        } else if (form->values) {
            quantise_block(1, form, &levels, numbers, blocks);
        } else {
            quantise_block(0, form, &levels, numbers, blocks);
        }
    }
}
