#pragma once
// A running 64-bit hash (XXH3) of what a run did: equal runs have equal fingerprints on every machine.
// Not cryptographic.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace orrery {

/// Values are fed as fixed-width little-endian integers and length-prefixed strings, so that no two sequences of
/// calls with the same types can run into each other.
class Fingerprint {
 public:
  Fingerprint();
  ~Fingerprint();
  Fingerprint(Fingerprint&&) noexcept;
  Fingerprint& operator=(Fingerprint&&) noexcept;

  void add_u64(std::uint64_t v) { add_words(&v, 1); }
  /// The same as adding them one by one; `count` at most 64.
  void add_words(const std::uint64_t* words, std::size_t count) {
    if (used_ + count * sizeof *words > kBuffer) flush();
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(buffer_.data() + used_, words, count * sizeof *words);
    } else {
      for (std::size_t w = 0; w < count; ++w)
        for (std::size_t i = 0; i < sizeof *words; ++i) buffer_[used_ + w * sizeof *words + i] = static_cast<unsigned char>(words[w] >> (8 * i));
    }
    used_ += count * sizeof *words;
  }
  void add_i64(std::int64_t v) { add_u64(static_cast<std::uint64_t>(v)); }
  /// The length as u64, then the bytes.
  void add_bytes(std::string_view bytes);

  /// Of everything added so far; more may follow.
  std::uint64_t value() const;
  /// value() as 16 lower-case hexadecimal digits.
  std::string hex() const;

 private:
  struct State;
  static constexpr std::size_t kBuffer = 4096;
  void flush() const;

  std::unique_ptr<State> state_;
  // Feeding the hash early does not change its value, so value() may do it.
  mutable std::size_t used_ = 0;
  std::array<unsigned char, kBuffer> buffer_;
};

}  // namespace orrery
