#pragma once
// What the parts of one simulated cluster share: the kernel, the names, the store and the timing model. No globals: two
// clusters in one process know nothing of each other.
#include <memory>

#include "orrery/cluster/frame_pool.hpp"
#include "orrery/cluster/objects.hpp"
#include "orrery/cluster/store.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/core/intern.hpp"
#include "orrery/core/kernel.hpp"

namespace orrery {

/// The latencies of the control plane; the defaults are the profile "ideal". All >= 0.
struct Timing {
  Duration api_latency{};    ///< a controller's call is committed this long after it is made
  Duration watch_latency{};  ///< a commit reaches every cache this much later
  Duration bind_latency{};   ///< pod created -> bound, where it fits
  Duration skew{};           ///< added k times to the calls of the k-th controller
  Duration commit_gap{};     ///< least distance of two writes of controllers, kubelets and the scheduler
  std::int64_t qps_milli = 0;  ///< client limiter of each controller in 1/1000 per second; 0 = unlimited
  std::int32_t burst = 0;
};

struct ClusterOptions {
  Time start{};                                    ///< wall-clock instant of t = 0
  std::uint64_t seed = 0;
  Timing timing;
};

/// The controllers start this long before t = 0, which fixes the phase of their periodic loops.
inline constexpr Duration kLead = std::chrono::seconds{1};

class Cluster;
class EvictionQueue;
std::shared_ptr<EvictionQueue> make_eviction_queue(Cluster& cluster);

class Cluster {
 public:
  explicit Cluster(const ClusterOptions& options)
      : options_(options),
        kernel_({.start = options.start - kLead, .seed = options.seed}),
        store_((intern_well_known(names_), kernel_), names_, options.timing.watch_latency) {}
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  Kernel& kernel() { return kernel_; }
  Interner& names() { return names_; }
  /// Of the coroutines that belong to this cluster.
  FramePool& frame_pool() { return frame_pool_; }
  Store& store() { return store_; }
  const Store& store() const { return store_; }
  const Timing& timing() const { return options_.timing; }
  Time now() const { return kernel_.now(); }
  /// Wall-clock instant of t = 0.
  Time start() const { return options_.start; }
  std::uint64_t seed() const { return options_.seed; }
  std::string_view text(Symbol s) const { return names_.text(s); }
  Symbol symbol(std::string_view s) { return names_.intern(s); }

  /// Those who evict pods; made when first asked for.
  EvictionQueue& evictions() {
    if (!evictions_) evictions_ = make_eviction_queue(*this);
    return *evictions_;
  }

  /// Kubelets and the scheduler write one after the other: while one of them waits for its turn, the others wait too.
  Time agents_busy_until{};

  /// No call reaches the API server (apiOutage): calls of controllers end with `unavailable`, their Events wait.
  bool api_down = false;

  /// Reserves the next turn for a write: now, or `commit_gap` after the turn before it.
  Time reserve_commit() {
    Time turn = kernel_.now();
    if (options_.timing.commit_gap.count() > 0) {
      const Time free = last_turn_ + options_.timing.commit_gap;
      if (free > turn) turn = free;
      last_turn_ = turn;
    }
    return turn;
  }

 private:
  ClusterOptions options_;
  FramePool frame_pool_;
  Interner names_;
  Kernel kernel_;
  Store store_;
  Time last_turn_{};
  std::shared_ptr<EvictionQueue> evictions_;
};

}  // namespace orrery
