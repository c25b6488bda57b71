#pragma once
// client-go's event recorder: Events are aggregated and rate-limited per object, then posted one after the other through
// the API, `apiLatency` (plus skew) each. They delay nobody and do not count against the client's limiter.
// upstream: staging/src/k8s.io/client-go/tools/record/{event,events_cache}.go
#include <deque>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "orrery/cluster/client.hpp"

namespace orrery {

/// Keeps the most recently used values, as the caches of the recorder do: a run of any length needs bounded memory.
template <class V>
class RecentlyUsed {
 public:
  static constexpr std::size_t kSizeMax = 4096;
  V& get(const std::string& key) {
    return get(key, [] { return V{}; });
  }
  template <class Make>
  V& get(const std::string& key, Make make) {
    if (auto it = index_.find(key); it != index_.end()) {
      order_.splice(order_.begin(), order_, it->second);
      return it->second->second;
    }
    if (order_.size() >= kSizeMax) {
      index_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(key, make());
    index_.emplace(order_.front().first, order_.begin());
    return order_.front().second;
  }
  /// Does not count as a use; nullptr when unknown.
  V* find(const std::string& key) {
    auto it = index_.find(key);
    return it == index_.end() ? nullptr : &it->second->second;
  }

 private:
  std::list<std::pair<std::string, V>> order_;
  std::unordered_map<std::string_view, typename std::list<std::pair<std::string, V>>::iterator> index_;
};

class EventRecorder final : public Actor {
 public:
  EventRecorder(Cluster& cluster, std::string component, Duration skew);
  EventRecorder(const EventRecorder&) = delete;

  /// `type` is sym::Normal or sym::Warning.
  /// `field_path` and `host` are what kubelets add.
  void event(const Object& on, Symbol type, Symbol reason, std::string message, std::string field_path = {}, Symbol host = 0);

  /// The process ends. What was posted, and how often, is lost; Events under way are still posted if the API answers at
  /// once, but nobody is left to try again.
  void forget();

  void on_event(const Event&) override;
  std::string_view actor_name() const override { return component_; }

 private:
  struct Posted {
    std::int32_t count = 0;
    std::string event_name;
    Stamp first;
  };
  struct Similar {
    bool used = false;
    std::vector<std::string> messages;
    Time last{};
  };
  struct Draft {
    Ref<EventObject> object;
    std::string key;
    bool update = false;
    std::uint32_t life = 0;
  };
  struct Waiting {
    Ref<EventObject> object;
    std::uint32_t life;  ///< of the process that made it
  };
  void post_next();

  Cluster& cluster_;
  std::string component_;
  Symbol component_symbol_;
  ActorId self_;
  Duration latency_;
  RecentlyUsed<Similar> similar_;
  RecentlyUsed<Posted> seen_;
  RecentlyUsed<TokenBucket> spam_;
  std::deque<Waiting> queue_;
  Draft current_;
  bool posting_ = false;
  std::uint32_t life_ = 0;  ///< counts the processes
  EventHandle retry_;
  int tries_ = 0;  ///< of the Event that is being posted
};

}  // namespace orrery
