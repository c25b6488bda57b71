#pragma once
// Values that come and go, known by numbers, for whoever hands the numbers about.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace orrery {

/// Always gives the lowest free number, so that after a crowd the memory of the high ones goes back to whoever else needs some.
/// Values stay where they are. Access costs one look into a small table; taking and giving back are O(1) but for a look at one
/// bit for every 64 values where there are many. Memory: blocks of 64 values.
template <class T>
class Numbered {
 public:
  Numbered() = default;
  Numbered(const Numbered&) = delete;

  T& operator[](std::uint32_t i) { return blocks_[i / kBlock]->values[i % kBlock]; }
  const T& operator[](std::uint32_t i) const { return blocks_[i / kBlock]->values[i % kBlock]; }
  std::uint32_t size() const { return size_; }
  bool has(std::uint32_t i) const { return i / kBlock < free_.size() && (free_[i / kBlock] >> i % kBlock & 1) == 0; }
  /// Blocks that there is memory for at present.
  std::size_t blocks() const { return blocks_.size(); }
  const T* find(std::uint32_t i) const { return has(i) ? &(*this)[i] : nullptr; }
  T* find(std::uint32_t i) { return has(i) ? &(*this)[i] : nullptr; }
  /// Calls `f(T&)` for every value, in the order of their numbers.
  template <class F>
  void for_each(F&& f) {
    for (std::size_t b = 0; b < free_.size(); ++b)
      for (std::uint64_t used = ~free_[b]; used != 0; used &= used - 1) f(blocks_[b]->values[std::countr_zero(used)]);
  }
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t b = 0; b < free_.size(); ++b)
      for (std::uint64_t used = ~free_[b]; used != 0; used &= used - 1) f(std::as_const(blocks_[b]->values[std::countr_zero(used)]));
  }

  /// The number of a value as T{}.
  std::uint32_t take() {
    while (first_free_ < free_.size() && free_[first_free_] == 0) ++first_free_;
    if (first_free_ == free_.size()) {
      blocks_.push_back(std::make_unique<Block>());
      free_.push_back(~std::uint64_t{0});
    }
    std::uint64_t& word = free_[first_free_];
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(word));
    word &= word - 1;
    ++size_;
    return static_cast<std::uint32_t>(first_free_) * kBlock + bit;
  }
  /// The value becomes T{} again.
  void give_back(std::uint32_t i) {
    (*this)[i] = T{};
    const std::size_t block = i / kBlock;
    free_[block] |= std::uint64_t{1} << i % kBlock;
    if (block < first_free_) first_free_ = block;
    --size_;
    // One empty block is kept.
    while (free_.size() > 1 && free_[free_.size() - 1] == ~std::uint64_t{0} && free_[free_.size() - 2] == ~std::uint64_t{0}) {
      free_.pop_back();
      blocks_.pop_back();
    }
  }

 private:
  static constexpr std::uint32_t kBlock = 64;
  struct Block {
    T values[kBlock]{};
  };
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::uint64_t> free_;  ///< of each block, a bit for every number that nobody has
  std::size_t first_free_ = 0;       ///< no block before this one has a free number
  std::uint32_t size_ = 0;
};

}  // namespace orrery
