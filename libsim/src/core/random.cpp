#include "orrery/core/random.hpp"

#include <array>

#include "core/philox.hpp"

namespace orrery {

__extension__ typedef unsigned __int128 Wide;

std::uint64_t RandomStream::next() {
  if ((drawn_++ & 1) != 0) return spare_;
  const auto block = static_cast<std::uint32_t>((drawn_ - 1) >> 1);
  const std::array<std::uint32_t, 4> words =
      philox_block({block, purpose_, static_cast<std::uint32_t>(object_), static_cast<std::uint32_t>(object_ >> 32)},
                 {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)});
  spare_ = words[2] | std::uint64_t{words[3]} << 32;
  return words[0] | std::uint64_t{words[1]} << 32;
}

std::uint64_t RandomStream::below(std::uint64_t n) {
  // Lemire's multiplication; the rare values that would bias the result are drawn again.
  Wide product = Wide{next()} * n;
  if (static_cast<std::uint64_t>(product) < n) {
    const std::uint64_t threshold = (0 - n) % n;
    while (static_cast<std::uint64_t>(product) < threshold) product = Wide{next()} * n;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

void append_random_suffix(std::string& to, RandomStream& stream, std::size_t n) {
  constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  for (; n > 0; --n) to += kAlphabet[stream.below(kAlphabet.size())];
}

std::string random_suffix(RandomStream& stream, std::size_t n) {
  std::string out;
  append_random_suffix(out, stream, n);
  return out;
}

}  // namespace orrery
