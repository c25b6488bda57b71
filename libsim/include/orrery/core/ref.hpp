#pragma once
// Shared immutable data inside one simulation: like std::shared_ptr, at the price of one 32-bit non-atomic count.
// Not for sharing between threads.
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace orrery {

template <class T>
class Ref;

/// Base of what a Ref can point to. The count belongs to the place, not the value: copies start uncounted.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) {}
  RefCounted& operator=(const RefCounted&) { return *this; }
  std::uint32_t ref_count() const { return ref_count_; }

 protected:
  ~RefCounted() = default;

 private:
  template <class T>
  friend class Ref;
  mutable std::uint32_t ref_count_ = 0;
};

/// Owns a share of a heap object made by make_ref, or nothing. Ref<T> converts to Ref<const T>, and to a base of T that
/// has a virtual destructor.
template <class T>
class Ref {
 public:
  using element_type = T;

  Ref() = default;
  Ref(std::nullptr_t) {}
  /// Adopts `p`, which must come from `new` (or be null) and be owned by Refs only.
  explicit Ref(T* p) : p_(p) { acquire(); }
  Ref(const Ref& o) : p_(o.p_) { acquire(); }
  Ref(Ref&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  template <class U>
    requires(std::is_convertible_v<U*, T*> && !std::is_same_v<U, T> &&
             (std::is_same_v<std::remove_const_t<T>, std::remove_const_t<U>> || std::has_virtual_destructor_v<T>))
  Ref(const Ref<U>& o) : p_(o.get()) {
    acquire();
  }
  Ref& operator=(Ref o) noexcept {
    std::swap(p_, o.p_);
    return *this;
  }
  ~Ref() { release(); }

  T* get() const { return p_; }
  T& operator*() const { return *p_; }
  T* operator->() const { return p_; }
  explicit operator bool() const { return p_ != nullptr; }
  void reset() { *this = Ref(); }

  /// Whether both are the same object, not whether the objects are equal.
  friend bool operator==(const Ref& a, const Ref& b) { return a.p_ == b.p_; }
  friend bool operator==(const Ref& a, std::nullptr_t) { return a.p_ == nullptr; }

 private:
  void acquire() const {
    if (p_ != nullptr) ++static_cast<const RefCounted*>(p_)->ref_count_;
  }
  void release() {
    if (p_ != nullptr && --static_cast<const RefCounted*>(p_)->ref_count_ == 0) delete p_;
  }
  T* p_ = nullptr;
};

template <class T, class... Args>
Ref<T> make_ref(Args&&... args) {
  return Ref<T>(new T(std::forward<Args>(args)...));
}

}  // namespace orrery
