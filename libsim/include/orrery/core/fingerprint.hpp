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

  void add_u64(std::uint64_t v) {
    if (used_ + sizeof v > kBuffer) flush();
    store(buffer_.data() + used_, v);
    used_ += sizeof v;
  }
  /// For who adds much at a time: so many bytes, at most kRoomMax, to be written from the front, and what was written then.
  static constexpr std::size_t kRoomMax = 512;
  unsigned char* room(std::size_t bytes) {
    if (used_ + bytes > kBuffer) flush();
    return buffer_.data() + used_;
  }
  void written_to(const unsigned char* end) { used_ = static_cast<std::size_t>(end - buffer_.data()); }
  /// As add_u64 adds it; returns where the next goes.
  static unsigned char* store(unsigned char* to, std::uint64_t v) {
    if constexpr (std::endian::native == std::endian::little)
      std::memcpy(to, &v, sizeof v);
    else
      for (std::size_t i = 0; i < sizeof v; ++i) to[i] = static_cast<unsigned char>(v >> (8 * i));
    return to + sizeof v;
  }
  void add_i64(std::int64_t v) { add_u64(static_cast<std::uint64_t>(v)); }
  /// The length as u64, then the bytes.
  void add_bytes(std::string_view bytes) {
    if (bytes.size() > kRoomMax - sizeof(std::uint64_t)) return add_many(bytes);
    unsigned char* const at = store(room(sizeof(std::uint64_t) + bytes.size()), bytes.size());
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    written_to(at + bytes.size());
  }

  /// Of everything added so far; more may follow.
  std::uint64_t value() const;
  /// value() as 16 lower-case hexadecimal digits.
  std::string hex() const;

 private:
  struct State;
  static constexpr std::size_t kBuffer = 4096;
  void add_many(std::string_view bytes);
  void flush() const;

  std::unique_ptr<State> state_;
  // Feeding the hash early does not change its value, so value() may do it.
  mutable std::size_t used_ = 0;
  std::array<unsigned char, kBuffer> buffer_;
};

}  // namespace orrery
