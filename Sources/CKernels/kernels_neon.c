#include "inline.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#include "simd_neon.h"

#define KERNELS_NAME "NEON"
#define KERNELS_FUNCTION penstock_kernels_neon
#include "kernels.inc.h"

#else

const penstock_kernels *penstock_kernels_neon(void) { return NULL; }

#endif
