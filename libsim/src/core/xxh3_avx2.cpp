// Compiled for AVX2, so nothing but the hash may be in here: a function of a header that other files use as well could be
// taken from this one.
#include "core/xxh3_avx2.hpp"

#ifdef ORRERY_XXH3_AVX2
#define XXH_INLINE_ALL
#define XXH_VECTOR XXH_AVX2
#include <xxhash.h>

void orrery::xxh3_update_avx2(void* state, const void* bytes, std::size_t size) {
  (void)XXH3_64bits_update(static_cast<XXH3_state_t*>(state), bytes, size);
}
#endif
