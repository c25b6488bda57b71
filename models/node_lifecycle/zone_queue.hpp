#pragma once
// Nodes of one zone that wait for their NoExecute taint: each at most once, by due time, as fast as a limiter allows.
// upstream: pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "orrery/cluster/client.hpp"

namespace orrery {

class ZoneQueue {
 public:
  struct Head {
    Symbol node = 0;
    Time due{};
  };
  explicit ZoneQueue(float qps) { install(qps); }

  /// Nothing happens when the node is known: it waits, or has been served and was not removed since.
  void add(Symbol node, Time now) {
    if (known_.insert(node).second) push(node, now);
  }
  void remove(Symbol node) {
    if (known_.erase(node) != 0) take(node);
  }
  /// Served: it leaves the queue but stays known.
  void done(Symbol node) { take(node); }
  void retry(Symbol node, Time due) {
    if (take(node)) push(node, due);
  }
  bool empty() const { return queue_.empty(); }
  Head head() const { return {queue_.begin()->second, queue_.begin()->first.first}; }

  /// Rate 0 never accepts.
  bool try_accept(Time now) { return qps_ > 0 && bucket_.try_take(now); }
  bool accepts() const { return qps_ > 0; }
  /// A new bucket is full, unless the old one was empty.
  void set_rate(float qps, Time now) {
    if (qps == qps_) return;
    const bool had_token = qps > 0 && try_accept(now);
    install(qps);
    if (qps > 0 && !had_token) (void)try_accept(now);
  }

 private:
  void install(float qps) {
    qps_ = qps;
    bucket_ = TokenBucket(static_cast<double>(qps), 1);
  }
  void push(Symbol node, Time due) { places_[node] = queue_.emplace(std::make_pair(due, ++sequence_), node).first; }
  bool take(Symbol node) {
    auto it = places_.find(node);
    if (it == places_.end()) return false;
    queue_.erase(it->second);
    places_.erase(it);
    return true;
  }

  using Queue = std::map<std::pair<Time, std::uint64_t>, Symbol>;
  float qps_ = 0;
  TokenBucket bucket_;
  std::uint64_t sequence_ = 0;  ///< equal due times: first come, first served
  Queue queue_;
  std::unordered_map<Symbol, Queue::iterator> places_;
  std::unordered_set<Symbol> known_;
};

}  // namespace orrery
