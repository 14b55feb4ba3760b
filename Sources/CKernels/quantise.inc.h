// Blocks of weights that are made of floats. These are plain loops, of which the compiler makes vectors: products and
// sums are rounded one by one and in an order of their own, so that blocks are the same on all processors.

#define SUM_PARTS 8
#define MOST_STARTS 5
#define TURNS 1
#define START_BEYOND 1.08f
#define START_WITHIN 0.03f

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

// Numbers scale·level + offset, where levels are integers of a range.
typedef struct {
    float levels[PENSTOCK_BLOCK], scale, offset, error;
} block_fit;

// Rounds to integers, by a sum that has no place for fractions.
INLINE void to_levels(const float *x, float scale, float offset, float least, float most, float *levels) {
#pragma clang fp contract(off)
    const float inverse = 1.0f / scale;
    for (int i = 0; i < PENSTOCK_BLOCK; i++) {
        float level = (x[i] - offset) * inverse;
        level = level > least ? level : least;
        level = level < most ? level : most;
        levels[i] = (level + 0x1.8p23f) - 0x1.8p23f;
    }
}

// The scale, and the offset if there is one, of least squares.
INLINE void fit_levels(const int has_offset, const float *x, block_fit *fit) {
#pragma clang fp contract(off)
    const float share = has_offset ? 1.0f / PENSTOCK_BLOCK : 0.0f;
    const float levels = block_sum(fit->levels), numbers = block_sum(x);
    const float square = block_product_sum(fit->levels, fit->levels) - levels * levels * share;
    const float product = block_product_sum(fit->levels, x) - levels * numbers * share;
    fit->scale = square > 0.0f ? product / square : 0.0f;
    fit->offset = (numbers - fit->scale * levels) * share;
    float errors[PENSTOCK_BLOCK];
    for (int i = 0; i < PENSTOCK_BLOCK; i++) errors[i] = fit->scale * fit->levels[i] + fit->offset - x[i];
    fit->error = block_product_sum(errors, errors);
}

// The scale and the offset of a start. Without offsets the largest number is at an end of the range or, so that others are
// closer, beyond it; with them the whole extent is the range or, for the same reason, a little less of it.
INLINE void start_fit(const int has_offset, int start, float lowest, float highest, float least, float most,
                      block_fit *fit) {
#pragma clang fp contract(off)
    if (has_offset) {
        const float half = 0.5f * (highest - lowest) * (1.0f - START_WITHIN * (float)start);
        fit->scale = 2.0f * half / (most - least);
        fit->offset = 0.5f * (lowest + highest) - half;
    } else {
        const float end = start % 2 ? least : most;
        fit->scale = 1.0f / (start < 2 ? end : START_BEYOND * end);
        fit->offset = 0.0f;
    }
}

// Rounds from several starts, and takes turns from each with offsets, or else from the best, to fit and to round anew.
INLINE void quantise_block(const int has_offset, const penstock_block_form *form, const float *x, penstock_block *block) {
#pragma clang fp contract(off)
    float lowest = x[0], highest = x[0];
    for (int i = 1; i < PENSTOCK_BLOCK; i++) {
        lowest = x[i] < lowest ? x[i] : lowest;
        highest = x[i] > highest ? x[i] : highest;
    }
    const float largest = highest > -lowest ? highest : lowest;
    const float least = (float)-form->zero, most = (float)((1 << form->bits) - 1 - form->zero);
    block_fit best = {.error = __builtin_inff()};
    // Numbers of a smaller block are nothing: their inverse might be none.
    if (largest > 0x1p-100f || largest < -0x1p-100f) {
        const float inverse = 1.0f / largest;
        float numbers[PENSTOCK_BLOCK];
        for (int i = 0; i < PENSTOCK_BLOCK; i++) numbers[i] = x[i] * inverse;
        const float one = largest > 0.0f ? lowest * inverse : highest * inverse;
        const int starts = has_offset ? MOST_STARTS : form->bits == 8 ? 1 : 4;
        for (int start = 0; start < starts; start++) {
            block_fit fit;
            start_fit(has_offset, start, one, 1.0f, least, most, &fit);
            for (int turn = 0; turn <= (has_offset ? TURNS : 0); turn++) {
                if (fit.scale > 0.0f || fit.scale < 0.0f) {
                    to_levels(numbers, fit.scale, fit.offset, least, most, fit.levels);
                } else {
                    memset(fit.levels, 0, sizeof fit.levels);
                }
                fit_levels(has_offset, numbers, &fit);
                if (fit.error < best.error) best = fit;
            }
        }
        for (int turn = 0; turn < (has_offset ? 0 : TURNS) && (best.scale > 0.0f || best.scale < 0.0f); turn++) {
            block_fit fit = best;
            to_levels(numbers, best.scale, 0.0f, least, most, fit.levels);
            fit_levels(0, numbers, &fit);
            if (fit.error < best.error) best = fit;
        }
    }
    for (int i = 0; i < PENSTOCK_BLOCK; i++) block->codes[i] = (uint8_t)((int32_t)best.levels[i] + form->zero);
    block->scale[0] = block->scale[1] = best.scale * largest;
    block->offset[0] = block->offset[1] = best.offset * largest;
}

static void quantise_blocks(const penstock_block_form *form, size_t n, const float *x, penstock_block *blocks) {
#pragma clang fp contract(off)
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
        } else if (form->has_offsets) {
            quantise_block(1, form, numbers, blocks);
        } else {
            quantise_block(0, form, numbers, blocks);
        }
    }
}
