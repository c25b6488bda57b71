#include "orrery/core/fingerprint.hpp"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace orrery {

struct Fingerprint::State {
  XXH3_state_t xxh;
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
  XXH3_64bits_update(&state_->xxh, bytes.data(), bytes.size());
}

std::uint64_t Fingerprint::value() const {
  flush();
  return XXH3_64bits_digest(&state_->xxh);
}

std::string Fingerprint::hex() const { return fmt::format("{:016x}", value()); }

void Fingerprint::flush() const {
  XXH3_64bits_update(&state_->xxh, buffer_.data(), used_);
  used_ = 0;
}

}  // namespace orrery
