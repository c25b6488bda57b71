#pragma once
// Strings that occur many times, kept once and compared as numbers.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace orrery {

/// An interned string, 0 = "". Equal numbers of one Interner are equal texts. Their order is that of first interning,
/// which is the same in equal runs but not alphabetical.
using Symbol = std::uint32_t;

/// Gives each different string a dense number, from 1 in the order of first use; "" is 0. Never forgets one.
class Interner {
 public:
  Interner();
  Interner(const Interner&) = delete;
  Interner& operator=(const Interner&) = delete;

  Symbol intern(std::string_view text);
  /// Does not add: nullopt when `text` was never interned.
  std::optional<Symbol> find(std::string_view text) const;
  /// Valid as long as the Interner. The symbol must be one of this Interner.
  std::string_view text(Symbol symbol) const { return texts_[symbol]; }
  /// XXH3 of the text, 0 for "": unlike the number itself, the same in every run that knows the text. O(1).
  std::uint64_t hash(Symbol symbol) const { return hashes_[symbol]; }
  /// Number of symbols, "" included.
  std::size_t size() const { return texts_.size(); }
  std::size_t memory_bytes() const;

 private:
  struct Entry {
    std::uint32_t hash = 0;
    std::uint32_t symbol = 0;  ///< 0 = free
  };
  std::size_t locate(std::string_view text, std::uint64_t hash) const;
  std::string_view keep(std::string_view text);
  void grow();

  std::vector<Entry> table_;  ///< linear probing, a power of two, at most two thirds full
  std::vector<std::string_view> texts_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* free_ = nullptr;  ///< unused rest of the newest shared block
  std::size_t free_bytes_ = 0;
  std::size_t block_bytes_ = 0;
};

}  // namespace orrery
