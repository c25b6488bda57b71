#pragma once
// client-go's event recorder: Events are aggregated and rate-limited per object, then posted one after the other through
// the API, `apiLatency` (plus skew) each. They delay nobody and do not count against the client's limiter.
// upstream: staging/src/k8s.io/client-go/tools/record/{event,events_cache}.go
#include <deque>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "orrery/cluster/client.hpp"

namespace orrery {

class EventRecorder final : public Actor {
 public:
  EventRecorder(Cluster& cluster, std::string component, Duration skew);
  EventRecorder(const EventRecorder&) = delete;

  /// `type` is sym::Normal or sym::Warning.
  void event(const Object& on, Symbol type, Symbol reason, std::string message);

  void on_event(const Event&) override;
  std::string_view actor_name() const override { return component_; }

 private:
  struct Posted {
    std::string message;
    Ref<const Object> stored;  ///< the Event as last written; null until then
    std::int32_t count = 0;
    std::string event_name;
    Stamp first;
  };
  struct Similar {
    std::vector<std::string> messages;
    Time last{};
  };
  struct Draft {
    Ref<EventObject> object;
    std::string key;
    bool update = false;
    std::string name;
  };
  void post_next();
  void write(Draft& draft);

  Cluster& cluster_;
  std::string component_;
  Symbol component_symbol_;
  ActorId self_;
  Duration latency_;
  std::unordered_map<std::string, Similar> similar_;
  std::unordered_map<std::string, Posted> seen_;
  std::unordered_map<std::string, TokenBucket> spam_;
  std::deque<Ref<EventObject>> queue_;
  Draft current_;
  bool posting_ = false;
  std::uint64_t made_ = 0;
};

}  // namespace orrery
