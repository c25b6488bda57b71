#pragma once
// A list of plain values that copies share until one of them changes it. Versions of an object differ in one or two of
// their lists, so most copies cost a count and no allocation.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <new>
#include <type_traits>
#include <utility>

namespace orrery {

/// Eight bytes and, unless it is empty, one block on the heap. Reading is as with a const vector; whoever wants to change
/// items in place asks for edit(), which makes the list his own first. Not for sharing between threads.
template <class T>
class SharedList {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t));

 public:
  using value_type = T;
  using const_iterator = const T*;

  SharedList() = default;
  SharedList(std::initializer_list<T> items) { append(items.begin(), items.size()); }
  SharedList(const SharedList& o) : block_(o.block_) {
    if (block_ != nullptr) ++block_->refs;
  }
  SharedList(SharedList&& o) noexcept : block_(std::exchange(o.block_, nullptr)) {}
  SharedList& operator=(SharedList o) noexcept {
    std::swap(block_, o.block_);
    return *this;
  }
  ~SharedList() { release(); }

  std::size_t size() const { return block_ == nullptr ? 0 : block_->size; }
  bool empty() const { return size() == 0; }
  const T* data() const { return block_ == nullptr ? nullptr : items(block_); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size(); }
  const T& operator[](std::size_t i) const { return data()[i]; }
  const T& front() const { return data()[0]; }
  const T& back() const { return data()[size() - 1]; }

  /// The items, to change in place; valid until the next call that changes the list.
  T* edit() {
    if (block_ != nullptr && block_->refs > 1) reallocate(block_->size);
    return block_ == nullptr ? nullptr : items(block_);
  }
  /// The new item, to change in place like those of edit().
  T& push_back(const T& item) {
    append(&item, 1);
    return items(block_)[block_->size - 1];
  }
  /// Room for so many, so that adding them allocates once.
  void reserve(std::size_t count) {
    if (count > 0 && (block_ == nullptr || block_->refs > 1 || count > block_->capacity)) reallocate(count > size() ? count : size());
  }
  void append(const T* from, std::size_t count) {
    if (count == 0) return;
    const std::size_t had = size();
    if (block_ == nullptr || block_->refs > 1 || had + count > block_->capacity) {
      Block* fresh = copy(had < kShort ? had + count : had * 2 + count);
      // Before the old block goes: the items may be some of our own.
      std::memcpy(static_cast<void*>(items(fresh) + had), from, count * sizeof(T));
      take(fresh);
    } else {
      std::memmove(static_cast<void*>(items(block_) + had), from, count * sizeof(T));
    }
    block_->size = static_cast<std::uint32_t>(had + count);
  }
  /// New items are value-initialised.
  void resize(std::size_t count) {
    if (count == 0) return clear();
    const std::size_t had = size();
    if (block_ == nullptr || block_->refs > 1 || count > block_->capacity) reallocate(count);
    for (std::size_t i = had; i < count; ++i) new (items(block_) + i) T{};
    block_->size = static_cast<std::uint32_t>(count);
  }
  void clear() {
    release();
    block_ = nullptr;
  }
  /// Removes what `f` is true for; returns how many that were.
  template <class F>
  std::size_t erase_if(F f) {
    std::size_t kept = 0;
    const std::size_t had = size();
    while (kept < had && !f(data()[kept])) ++kept;
    if (kept == had) return 0;
    if (had == 1) {
      clear();
      return 1;
    }
    T* all = edit();
    for (std::size_t i = kept + 1; i < had; ++i)
      if (!f(all[i])) all[kept++] = all[i];
    resize(kept);
    return had - kept;
  }

  friend bool operator==(const SharedList& a, const SharedList& b) {
    if (a.block_ == b.block_) return true;
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!(a[i] == b[i])) return false;
    return true;
  }

 private:
  struct alignas(alignof(T) > 4 ? alignof(T) : 4) Block {
    std::uint32_t refs, size, capacity;
  };
  static constexpr std::size_t kShort = 16;  // from here on adding one by one costs O(1) on average
  static constexpr std::size_t kOffset = (sizeof(Block) + alignof(T) - 1) / alignof(T) * alignof(T);
  static T* items(Block* b) { return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(b) + kOffset); }
  /// A block with room for exactly so many, and with the first of our items: lists of objects are short and seldom grow.
  Block* copy(std::size_t capacity) const {
    auto* b = static_cast<Block*>(::operator new(kOffset + capacity * sizeof(T)));
    const std::size_t kept = size() < capacity ? size() : capacity;
    *b = {1, static_cast<std::uint32_t>(kept), static_cast<std::uint32_t>(capacity)};
    if (kept > 0) std::memcpy(static_cast<void*>(items(b)), data(), kept * sizeof(T));
    return b;
  }
  void take(Block* fresh) {
    release();
    block_ = fresh;
  }
  void reallocate(std::size_t capacity) { take(copy(capacity)); }
  void release() {
    if (block_ != nullptr && --block_->refs == 0) ::operator delete(block_);
  }
  Block* block_ = nullptr;
};

}  // namespace orrery
