#include "inline.h"
#include "simd_scalar.h"

#include "elementary.inc.h"

#define LAYER_FUNCTION scalar_layer
#include "layer.inc.h"
