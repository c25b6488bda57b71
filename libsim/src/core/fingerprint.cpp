#include "orrery/core/fingerprint.hpp"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/xxh3_avx2.hpp"

namespace orrery {

struct Fingerprint::State {
  void update(const void* bytes, std::size_t size) {
#ifdef ORRERY_XXH3_AVX2
    if (has_avx2) return xxh3_update_avx2(&xxh, bytes, size);
#endif
    XXH3_64bits_update(&xxh, bytes, size);
  }
  XXH3_state_t xxh;
#ifdef ORRERY_XXH3_AVX2
  const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
#endif
};

Fingerprint::Fingerprint() : state_(std::make_unique<State>()) {
  XXH3_INITSTATE(&state_->xxh);
  XXH3_64bits_reset(&state_->xxh);
}
Fingerprint::~Fingerprint() = default;
Fingerprint::Fingerprint(Fingerprint&&) noexcept = default;
Fingerprint& Fingerprint::operator=(Fingerprint&&) noexcept = default;

void Fingerprint::add_many(std::string_view bytes) {
  add_u64(bytes.size());
  flush();
  state_->update(bytes.data(), bytes.size());
}

std::uint64_t Fingerprint::value() const {
  flush();
  return XXH3_64bits_digest(&state_->xxh);
}

std::string Fingerprint::hex() const { return fmt::format("{:016x}", value()); }

void Fingerprint::flush() const {
  state_->update(buffer_.data(), used_);
  used_ = 0;
}

}  // namespace orrery
