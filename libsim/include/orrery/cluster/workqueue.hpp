#pragma once
// client-go's rate-limited work queue with its workers. A key waits at most once; a key added while it is being worked on
// runs again afterwards; never two workers at one key; first in, first out (J-061, J-062, J-064).
// upstream: staging/src/k8s.io/client-go/util/workqueue/
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "orrery/cluster/client.hpp"
#include "orrery/cluster/object_table.hpp"
#include "orrery/cluster/task.hpp"

namespace orrery {

/// The cached object of a kind under a key, or null.
inline const Object* find_cached(const Store& store, Kind kind, ObjectKeyView key) {
  const Object* o = key.slot != 0 ? store.cached_at(key.slot) : nullptr;
  return o != nullptr && o->kind == kind && slot_key_of(*o) == key ? o : store.cached(kind, key.ns, key.name);
}

/// How one reconcile ended.
struct Outcome {
  bool error = false;             ///< try again after the key's back-off
  Duration requeue_after{-1};     ///< >= 0: also add it again after this (and forget failures)
  bool keep_failures = false;     ///< neither an error nor a success: the key's failures still count
  static Outcome ok() { return {}; }
  static Outcome stopped() { return {.keep_failures = true}; }
  static Outcome failed() { return {.error = true}; }
  static Outcome again_after(Duration d) { return {.requeue_after = d}; }
};

/// Per-key exponential back-off base·2^k up to max, and an overall bucket (0 = none). Both delays are taken; the longer counts.
struct QueueLimits {
  Duration base = std::chrono::milliseconds{5};
  Duration max = std::chrono::seconds{1000};
  double qps = 10;
  std::int32_t burst = 100;
};

class WorkQueue final : public Actor {
 public:
  /// The key stays where it is until the reconcile has ended.
  using Reconcile = std::function<Task<Outcome>(const ObjectKey&)>;
  WorkQueue(Cluster& cluster, std::string name, std::uint32_t workers, const QueueLimits& limits, Reconcile reconcile);
  WorkQueue(const WorkQueue&) = delete;
  ~WorkQueue() override;

  void add(ObjectKeyView key);
  /// d <= 0 adds now. One pending timer per key; the earlier of two wins and the later is forgotten.
  void add_after(ObjectKeyView key, Duration d);
  void add_rate_limited(ObjectKeyView key);
  void forget(ObjectKeyView key);
  /// Failures of the key since it was last forgotten.
  std::uint32_t failures(ObjectKeyView key);
  /// Keys that wait now.
  std::size_t depth() const { return ready_.size(); }

  /// Workers take keys from now on.
  void start();
  /// Keys and timers are forgotten and no worker takes another key; what runs, runs to its end.
  void stop();

  FramePool& frame_pool() { return cluster_.frame_pool(); }

  void on_event(const Event&) override;
  std::string_view actor_name() const override { return name_; }

 private:
  struct Item {
    bool dirty = false, processing = false;
    std::uint32_t failures = 0;
    EventHandle timer;
    Time due{};
    std::coroutine_handle<> runner;  ///< the frame of a reconcile that is suspended
  };
  /// A coroutine that starts at once and destroys its own frame at its end.
  struct Runner {
    struct promise_type : PooledFrame {
      Runner get_return_object() noexcept { return {}; }
      std::suspend_never initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void return_void() noexcept {}
      [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
    };
    struct Self {
      std::coroutine_handle<> handle;
      bool await_ready() const noexcept { return false; }
      bool await_suspend(std::coroutine_handle<> h) noexcept {
        handle = h;
        return false;
      }
      std::coroutine_handle<> await_resume() const noexcept { return handle; }
    };
    static Self self() { return {}; }
  };
  void release(std::uint32_t item);
  void add_item(std::uint32_t item);
  void add_item_after(std::uint32_t item, Duration d);
  void add_item_rate_limited(std::uint32_t item);
  void pump();
  void dispatch();
  Runner run(std::uint32_t item, Task<Outcome> task);
  void finished(std::uint32_t item, const Outcome& outcome);

  Cluster& cluster_;
  std::string name_;
  std::uint32_t workers_, busy_ = 0;
  QueueLimits limits_;
  TokenBucket bucket_;
  Reconcile reconcile_;
  ActorId self_;
  FixedDelay usual_;  ///< for which controllers gather what happens
  bool running_ = false;
  bool dispatch_pending_ = false;
  ObjectTable<Item> items_;
  std::deque<std::uint32_t> ready_;
};

}  // namespace orrery
