#pragma once
// Coroutines of controllers: a reconcile spans virtual time because every call to the API does. A Task starts when it is
// awaited (or spawned by a work queue) and resumes only from the event loop, in Phase::reconcile. What is known without a call
// needs no coroutine: a plain function may return a Task made of the value (or an empty Task<void>), which costs no frame.
//
// g++ 12 miscompiles some co_await expressions whose operand holds a temporary with a destructor: await named locals, or
// what Client returns (calls are trivially destructible).
#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "orrery/cluster/frame_pool.hpp"

namespace orrery {

template <class T>
class [[nodiscard]] Task;

/// Lets one coroutine wait for several tasks that run at the same time. It must outlive them; see WhenAll.
struct Latch {
  std::uint32_t open = 0;
  std::coroutine_handle<> waiting;
};

namespace detail {
struct TaskPromiseBase : PooledFrame {
  std::coroutine_handle<> continuation;
  Latch* latch = nullptr;
  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> h) noexcept {
      if (Latch* counted = h.promise().latch; counted != nullptr)
        return --counted->open == 0 && counted->waiting ? counted->waiting : std::noop_coroutine();
      auto next = h.promise().continuation;
      return next ? next : std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
};
template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  void return_value(T v) { value.emplace(std::move(v)); }
  T take() { return std::move(*value); }
};
template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  void return_void() {}
  void take() {}
};
}  // namespace detail

/// Owns its frame, if it has one. Move-only; await it once.
template <class T>
class [[nodiscard]] Task {
  struct Nothing {};
  /// Only small values are kept in the Task itself.
  static constexpr bool kHoldsValue = std::is_trivially_copyable_v<T>;
  using Value = std::conditional_t<kHoldsValue, T, Nothing>;

 public:
  using promise_type = detail::TaskPromise<T>;
  Task() = default;
  explicit Task(std::coroutine_handle<promise_type> h) : handle_(h) {}
  /// Done from the beginning.
  Task(Value value)
    requires kHoldsValue
      : value_(value) {}
  Task(Task&& o) noexcept : handle_(std::exchange(o.handle_, {})), value_(o.value_) {}
  Task& operator=(Task&& o) noexcept {
    std::swap(handle_, o.handle_);
    std::swap(value_, o.value_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }
  /// It was never more than a value.
  bool ready() const { return !handle_; }
  bool done() const { return ready() || handle_.done(); }
  /// Starts it as one of those that `latch` counts.
  void start(Latch& latch) {
    if (ready()) return;
    ++latch.open;
    handle_.promise().latch = &latch;
    handle_.resume();
  }
  T take() {
    if constexpr (kHoldsValue) {
      if (ready()) return value_;
    } else if constexpr (std::is_void_v<T>) {
      if (ready()) return;
    }
    return handle_.promise().take();
  }

  bool await_ready() const noexcept { return ready(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
    handle_.promise().continuation = waiting;
    return handle_;
  }
  T await_resume() { return take(); }

 private:
  std::coroutine_handle<promise_type> handle_;
  [[no_unique_address]] Value value_{};
};

namespace detail {
template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}
}  // namespace detail

/// Runs all tasks at once and waits for the last:
///   std::vector<Task<void>> tasks = …; Latch latch; WhenAll all{tasks, latch}; co_await all;
struct WhenAll {
  std::vector<Task<void>>& tasks;
  Latch& latch;
  bool await_ready() {
    ++latch.open;  // held until all have started, so that none of them resumes the waiting coroutine too early
    for (auto& t : tasks) t.start(latch);
    return --latch.open == 0;
  }
  void await_suspend(std::coroutine_handle<> h) { latch.waiting = h; }
  void await_resume() const noexcept {}
};

}  // namespace orrery
