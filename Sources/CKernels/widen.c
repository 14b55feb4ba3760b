// Changes of type, done once at load: bound by memory, the same for all processors.

#include "penstock_kernels.h"

#include <string.h>

static float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// IEEE 754 half precision: the exponent is rebiased by a multiplication, which also normalises subnormals.
static float from_half(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    const uint32_t magnitude = half & 0x7FFFu;
    if (magnitude >= 0x7C00u) return from_bits(sign | 0x7F800000u | (magnitude & 0x3FFu) << 13);
    const float value = from_bits(magnitude << 13) * 0x1p112f;
    return sign ? -value : value;
}

void penstock_widen(size_t n, const void *source, penstock_element element, float *destination) {
    if (element == penstock_float32) {
        memcpy(destination, source, n * sizeof(float));
        return;
    }
    const unsigned char *bytes = source;
    if (element == penstock_float64) {
        for (size_t i = 0; i < n; i++) {
            double value;
            memcpy(&value, bytes + 8 * i, sizeof value);
            destination[i] = (float)value;
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint16_t half;
        memcpy(&half, bytes + 2 * i, sizeof half);
        destination[i] = element == penstock_float16 ? from_half(half) : from_bits((uint32_t)half << 16);
    }
}
