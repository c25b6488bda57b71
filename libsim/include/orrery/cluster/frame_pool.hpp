#pragma once
// Memory for the frames of coroutines. A reconcile makes half a dozen of them and needs none a moment later: what was given
// back last is taken first, so that frames stay in the cache.
#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace orrery {

/// O(1). Keeps some of what it was given back, sorted by size; a burst of hundreds leaves no memory behind. It must outlive all that is
/// taken from it.
class FramePool {
 public:
  FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  ~FramePool();

  void* take(std::size_t size) {
    const std::size_t c = size_class(size);
    if (c >= kClasses || free_[c] == nullptr) return from_heap(c >= kClasses ? size : (c + 1) * kStep);
    --kept_[c];
    return std::exchange(free_[c], free_[c]->next);
  }
  /// `size` as it was taken.
  void give_back(void* p, std::size_t size) {
    const std::size_t c = size_class(size);
    if (c >= kClasses || kept_[c] == kKeptMax) return to_heap(p);
    ++kept_[c];
    free_[c] = new (p) Free{free_[c]};
  }

  /// For frames without a pool.
  static void* from_heap(std::size_t size);
  static void to_heap(void* p);

 private:
  static constexpr std::size_t kStep = 64, kClasses = 32;
  static constexpr std::uint32_t kKeptMax = 64;
  struct Free {
    Free* next;
  };
  static std::size_t size_class(std::size_t size) { return (size - 1) / kStep; }
  std::array<Free*, kClasses> free_{};
  std::array<std::uint32_t, kClasses> kept_{};  ///< how many these are
};

/// Base of promises: the frame of a coroutine that is a member of somebody with a `frame_pool()` comes from there, all others
/// from the heap.
struct PooledFrame {
  template <class Owner, class... Arguments>
    requires requires(Owner& owner) { owner.frame_pool().take(1); }
  static void* operator new(std::size_t size, Owner& owner, Arguments&...) {
    FramePool& pool = owner.frame_pool();
    return mark(pool.take(size + sizeof(Mark)), &pool);
  }
  template <class... Arguments>
  static void* operator new(std::size_t size, Arguments&...) {
    return mark(FramePool::from_heap(size + sizeof(Mark)), nullptr);
  }
  static void operator delete(void* frame, std::size_t size) {
    Mark* m = static_cast<Mark*>(frame) - 1;
    if (m->pool != nullptr)
      m->pool->give_back(m, size + sizeof(Mark));
    else
      FramePool::to_heap(m);
  }

 private:
  /// In front of the frame: where it came from.
  struct alignas(__STDCPP_DEFAULT_NEW_ALIGNMENT__) Mark {
    FramePool* pool;
  };
  static void* mark(void* p, FramePool* pool) { return new (p) Mark{pool} + 1; }
};

}  // namespace orrery
