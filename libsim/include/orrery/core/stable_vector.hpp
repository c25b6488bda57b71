#pragma once
// Values by number that stay where they are while others are added.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace orrery {

/// Grows at its end only; references stay good until it is destroyed. Access costs one look into a small table more than a
/// vector's. Memory: blocks of kBlock values, which must be a power of two, and nothing besides.
template <class T, std::uint32_t kBlock = 64>
class StableVector {
  static_assert((kBlock & (kBlock - 1)) == 0);

 public:
  StableVector() = default;
  StableVector(StableVector&& o) noexcept : blocks_(std::exchange(o.blocks_, {})), size_(std::exchange(o.size_, 0)) {}
  StableVector& operator=(StableVector&& o) noexcept {
    std::swap(blocks_, o.blocks_);
    std::swap(size_, o.size_);
    return *this;
  }
  ~StableVector() {
    for (T* block : blocks_) {
      std::destroy_n(block, kBlock);
      std::allocator<T>().deallocate(block, kBlock);
    }
  }

  T& operator[](std::uint32_t i) { return blocks_[i / kBlock][i % kBlock]; }
  const T& operator[](std::uint32_t i) const { return blocks_[i / kBlock][i % kBlock]; }
  std::uint32_t size() const { return size_; }
  /// Adds a value as T{} and returns its number.
  std::uint32_t add() {
    if (size_ % kBlock == 0) {
      blocks_.push_back(std::allocator<T>().allocate(kBlock));
      std::uninitialized_value_construct_n(blocks_.back(), kBlock);
    }
    return size_++;
  }
  /// Adds values until there is one of this number.
  void reach(std::uint32_t i) {
    while (size_ <= i) (void)add();
  }

 private:
  std::vector<T*> blocks_;
  std::uint32_t size_ = 0;
};

}  // namespace orrery
