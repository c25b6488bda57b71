#pragma once
// The hash of the fingerprint with vectors of 256 bits, on processors that have them: the same values, in half the time.
#include <cstddef>

#ifdef ORRERY_XXH3_AVX2
namespace orrery {
/// XXH3_64bits_update. `state` is an XXH3_state_t, which is laid out alike for all vectors.
void xxh3_update_avx2(void* state, const void* bytes, std::size_t size);
}  // namespace orrery
#endif
