#include "penstock_kernels.h"

#if defined(__x86_64__)

#include <cpuid.h>

typedef struct {
    unsigned a, b, c, d;
} registers;

static registers cpuid(unsigned leaf) {
    registers r = {0};
    __get_cpuid_count(leaf, 0, &r.a, &r.b, &r.c, &r.d);
    return r;
}

/// Whether the operating system saves the register state of `bits` (XCR0) on a context switch.
static int saves_state(unsigned bits) {
    const unsigned osxsave = 1u << 27;
    if (!(cpuid(1).c & osxsave)) return 0;
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & bits) == bits;
}

int penstock_cpu_has_avx2_fma(void) {
    const unsigned fma = 1u << 12, avx2 = 1u << 5, ymm_state = 0x6;
    return (cpuid(1).c & fma) && (cpuid(7).b & avx2) && saves_state(ymm_state);
}

int penstock_cpu_has_avx512(void) {
    const unsigned avx512f = 1u << 16, zmm_state = 0xE6;
    return penstock_cpu_has_avx2_fma() && (cpuid(7).b & avx512f) && saves_state(zmm_state);
}

#else

int penstock_cpu_has_avx2_fma(void) { return 0; }
int penstock_cpu_has_avx512(void) { return 0; }

#endif
