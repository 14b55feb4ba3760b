#define _GNU_SOURCE

#include "penstock_kernels.h"

#if defined(__x86_64__)

#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

typedef struct {
    unsigned a, b, c, d;
} registers;

static registers cpuid(unsigned leaf, unsigned subleaf) {
    registers r = {0};
    __get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d);
    return r;
}

/// Tells whether the operating system saves the register state of `bits` (XCR0) on a context switch.
static int saves_state(unsigned bits) {
    const unsigned osxsave = 1u << 27;
    if (!(cpuid(1, 0).c & osxsave)) return 0;
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & bits) == bits;
}

static int has_all(unsigned set, unsigned bits) { return (set & bits) == bits; }

/// Asks the system for the state of tiles, which a process has to be granted once for all of its threads.
static int is_granted_tiles(void) {
#if defined(__linux__) && defined(SYS_arch_prctl)
    enum { request_permission = 0x1023, tile_data = 18 };
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
    return 0;
#endif
}

/// Tells whether there are tiles for bfloat16 and bytes, eight of 16 rows of 64 bytes.
static int has_tiles(registers leaf7) {
    const unsigned amx = 1u << 22 | 1u << 24 | 1u << 25, tile_state = 0x60000;
    if (!has_all(leaf7.d, amx) || !saves_state(tile_state)) return 0;
    const registers palette = cpuid(0x1D, 1);
    return palette.a >> 16 == 1024 && palette.b == (8u << 16 | 64) && (palette.c & 0xFFFF) == 16 && is_granted_tiles();
}

/// Intel's cores start a VDPBF16PS of 512 bits every other cycle (measured on Emerald Rapids), and in that time four fused
/// multiply-adds of as many floats, of which it takes the place of two.
static int is_of_intel(void) {
    const registers vendor = cpuid(0, 0);
    return vendor.b == 0x756E6547 && vendor.d == 0x49656E69 && vendor.c == 0x6C65746E;
}

unsigned penstock_cpu_features(void) {
    const unsigned fma = 1u << 12, f16c = 1u << 29, avx2 = 1u << 5, ymm_state = 0x6, zmm_state = 0xE6;
    const unsigned avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
    const registers leaf7 = cpuid(7, 0), leaf71 = cpuid(7, 1);
    unsigned features = 0;
    if (!(cpuid(1, 0).c & fma) || !saves_state(ymm_state)) return 0;
    features |= penstock_cpu_fma;
    if (!(leaf7.b & avx2) || !(cpuid(1, 0).c & f16c)) return features;
    features |= penstock_cpu_avx2_fma;
    if (leaf71.a & 1u << 4) features |= penstock_cpu_avx_vnni;
    if (!has_all(leaf7.b, avx512) || !saves_state(zmm_state)) return features;
    features |= penstock_cpu_avx512;
    if (leaf7.c & 1u << 11) features |= penstock_cpu_avx512_vnni;
    if (leaf71.a & 1u << 5) features |= penstock_cpu_avx512_bf16;
    if (leaf71.a & 1u << 5 && !is_of_intel()) features |= penstock_cpu_fast_dot_bf16;
    if (has_tiles(leaf7)) features |= penstock_cpu_amx;
    return features;
}

#elif defined(__aarch64__) && defined(__linux__)

#include <sys/auxv.h>

unsigned penstock_cpu_features(void) {
    const unsigned long dotprod = 1ul << 20, bf16 = 1ul << 14;
    unsigned features = penstock_cpu_neon;
    if (getauxval(AT_HWCAP) & dotprod) features |= penstock_cpu_neon_dotprod;
    if (getauxval(AT_HWCAP2) & bf16) features |= penstock_cpu_neon_bf16;
    return features;
}

#elif defined(__aarch64__) && defined(__APPLE__)

#include <sys/sysctl.h>

static int has(const char *name) {
    int value = 0;
    size_t size = sizeof value;
    return sysctlbyname(name, &value, &size, NULL, 0) == 0 && value;
}

unsigned penstock_cpu_features(void) {
    unsigned features = penstock_cpu_neon;
    if (has("hw.optional.arm.FEAT_DotProd")) features |= penstock_cpu_neon_dotprod;
    if (has("hw.optional.arm.FEAT_BF16")) features |= penstock_cpu_neon_bf16;
    return features;
}

#elif defined(__aarch64__)

unsigned penstock_cpu_features(void) { return penstock_cpu_neon; }

#else

unsigned penstock_cpu_features(void) { return 0; }

#endif
