// Blocks of weights on their way into panels and back, the same for all processors.

#include "penstock_kernels.h"

#include <string.h>

// Products and sums are rounded one by one, as those of GGML are.
#pragma STDC FP_CONTRACT OFF

enum { unit_count = PENSTOCK_BLOCK / 4, half_units = unit_count / 2 };
enum { unit_row = 4 * PENSTOCK_PANEL, plane_row = PENSTOCK_PANEL / 2 };

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// The nearest number of half precision, of two the even one.
static uint16_t to_half(float value) {
    const uint16_t sign = (uint16_t)(bits_of(value) >> 16 & 0x8000u);
    uint32_t bits = bits_of(value) & 0x7FFFFFFFu;
    if (bits > 0x7F800000u) return (uint16_t)(sign | 0x7E00u);
    if (bits >= 0x477FF000u) return (uint16_t)(sign | 0x7C00u);
    if (bits >= 0x38800000u) {
        bits += 0xFFFu + (bits >> 13 & 1u);
        return (uint16_t)(sign | (uint16_t)((bits - 0x38000000u) >> 13));
    }
    // Below the normal numbers: the sum rounds to a multiple of the smallest one.
    float magnitude;
    memcpy(&magnitude, &bits, sizeof magnitude);
    return (uint16_t)(sign | (uint16_t)(bits_of(magnitude + 0.5f) - bits_of(0.5f)));
}

static float from_half(const uint8_t *bytes) {
    float value;
    penstock_widen(1, bytes, penstock_float16, &value);
    return value;
}

static size_t bytes_of_scales(const penstock_block_form *form) {
    return (size_t)(form->scales << form->has_offsets) * PENSTOCK_PANEL * sizeof(uint16_t);
}

size_t penstock_block_bytes(const penstock_block_form *form) {
    return bytes_of_scales(form) + (size_t)form->bits * PENSTOCK_PANEL * PENSTOCK_BLOCK / 8;
}

void penstock_pack_block(const penstock_block_form *form, const penstock_block *block, float scale, size_t column,
                         void *panel) {
    uint8_t *target = panel;
    const int values = form->scales << form->has_offsets;
    for (int i = 0; i < values; i++) {
        const uint16_t half = to_half((i < form->scales ? block->scale[i] : block->offset[i - form->scales]) / scale);
        memcpy(target + ((size_t)i * PENSTOCK_PANEL + column) * sizeof half, &half, sizeof half);
    }
    target += bytes_of_scales(form);
    const uint8_t *codes = block->codes;
    if (form->bits == 8) {
        for (int unit = 0; unit < unit_count; unit++)
            memcpy(target + unit * unit_row + 4 * column, codes + 4 * unit, 4);
        return;
    }
    uint8_t nibbles[PENSTOCK_BLOCK / 2];
    for (int i = 0; i < PENSTOCK_BLOCK / 2; i++)
        nibbles[i] = (uint8_t)((codes[i] & 15) | codes[i + PENSTOCK_BLOCK / 2] << 4);
    for (int unit = 0; unit < half_units; unit++) memcpy(target + unit * unit_row + 4 * column, nibbles + 4 * unit, 4);
    target += half_units * unit_row + column / 2;
    const int shift = column % 2 ? 4 : 0;
    for (int bit = 4; bit < form->bits; bit++)
        for (int unit = 0; unit < unit_count; unit++, target += plane_row) {
            uint32_t four;
            memcpy(&four, codes + 4 * unit, sizeof four);
            // The product gathers a bit of each byte.
            const uint32_t gathered = ((four >> bit & 0x01010101u) * 0x10204080u) >> 28;
            *target = (uint8_t)((*target & ~(15u << shift)) | gathered << shift);
        }
}

static void unpack_block(const penstock_block_form *form, const uint8_t *panel, size_t column, penstock_block *block) {
    for (int i = 0; i < 2; i++) {
        const int group = form->scales == 2 ? i : 0;
        block->scale[i] = from_half(panel + ((size_t)group * PENSTOCK_PANEL + column) * sizeof(uint16_t));
        block->offset[i] = !form->has_offsets ? 0.0f
            : from_half(panel + ((size_t)(form->scales + group) * PENSTOCK_PANEL + column) * sizeof(uint16_t));
    }
    panel += bytes_of_scales(form);
    uint8_t *codes = block->codes;
    if (form->bits == 8) {
        for (int unit = 0; unit < unit_count; unit++) memcpy(codes + 4 * unit, panel + unit * unit_row + 4 * column, 4);
        return;
    }
    const uint8_t *planes = panel + half_units * unit_row + column / 2;
    const int shift = column % 2 ? 4 : 0;
    for (int i = 0; i < PENSTOCK_BLOCK; i++) {
        const int unit = i / 4;
        const uint8_t both = panel[(unit % half_units) * unit_row + 4 * (int)column + i % 4];
        unsigned code = unit < half_units ? both & 15u : both >> 4;
        for (int bit = 4; bit < form->bits; bit++)
            code |= ((unsigned)planes[((bit - 4) * unit_count + unit) * plane_row] >> (shift + i % 4) & 1u) << bit;
        codes[i] = (uint8_t)code;
    }
}

static void decode_block(const penstock_block_form *form, const penstock_block *block, float *numbers) {
    for (int i = 0; i < PENSTOCK_BLOCK; i++) {
        const int group = i / (PENSTOCK_BLOCK / 2);
        const int value = form->values ? form->values[block->codes[i] & 15] : block->codes[i];
        const float product = block->scale[group] * (float)(value - form->zero);
        numbers[i] = form->has_offsets ? product + block->offset[group] : product;
    }
}

void penstock_unpack_column(const penstock_block_form *form, size_t n, const void *panel, float scale, size_t column,
                            float *numbers) {
    const size_t size = penstock_block_bytes(form);
    for (size_t start = 0; start < n; start += PENSTOCK_BLOCK) {
        penstock_block block;
        float all[PENSTOCK_BLOCK];
        unpack_block(form, (const uint8_t *)panel + start / PENSTOCK_BLOCK * size, column, &block);
        decode_block(form, &block, all);
        const size_t count = n - start < PENSTOCK_BLOCK ? n - start : PENSTOCK_BLOCK;
        for (size_t i = 0; i < count; i++) numbers[start + i] = all[i] * scale;
    }
}
