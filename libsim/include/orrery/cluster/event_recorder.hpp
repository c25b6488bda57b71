#pragma once
// client-go's event recorder: Events are aggregated and rate-limited per object, then posted one after the other through
// the API, `apiLatency` (plus skew) each. They delay nobody and do not count against the client's limiter.
// upstream: staging/src/k8s.io/client-go/tools/record/{event,events_cache}.go
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/cluster/client.hpp"
#include "orrery/cluster/recently_used.hpp"

namespace orrery {

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
  /// An Event that waits for its turn. Most of a large run are dropped then, so that an object is made of the others only.
  struct Waiting {
    Ref<const Identity> on;
    std::uint64_t resource_version;
    Time at;
    std::string message, field_path;
    Symbol type, reason, host;
    std::uint32_t life;  ///< of the process that made it
  };
  /// 128 bits of a hash stand for what was hashed: no two texts, and no two sets of fields, of a run have the same.
  struct Hash {
    std::uint64_t low = 0, high = 0;
    bool operator==(const Hash&) const = default;
    static Hash of(std::string_view text);  ///< zero of an empty one
    template <std::size_t kSize>
    static Hash of(const std::uint64_t (&words)[kSize]);
    std::uint64_t hash() const { return low; }
  };
  /// What counts as the same: by object, field and type; by the reason too; or by the message as well.
  struct Keys {
    Hash object, alike, seen;
  };
  struct Posted {
    std::int32_t count = 0;
    Time named{};                             ///< the time in its name, and its first
    std::unique_ptr<std::string> event_name;  ///< once posted, where it is not the one that `named` makes
  };
  struct Similar {
    Time last{};
    Hash message;                                ///< the oldest of those since then; there is one at least once it is used
    std::unique_ptr<std::vector<Hash>> messages;  ///< the others, where there are any
    bool used = false;
    /// How many there are, after this one has been added if it was not there.
    std::size_t add(const Hash& another);
    void forget_oldest();
    void clear() {
      used = false;
      messages.reset();
    }
  };
  struct Draft {
    Ref<EventObject> object;
    Hash key;
    bool update = false;
    std::uint32_t life = 0;
  };
  static Keys keys_of(const Waiting& w, const Hash& message);
  Ref<EventObject> make_event(const Waiting& w, Time named, const Posted& seen) const;
  void post(Waiting w);
  void post_next();

  Cluster& cluster_;
  std::string component_;
  Symbol component_symbol_;
  ActorId self_;
  FixedDelay latency_;
  RecentlyUsed<Hash, Similar> similar_;
  RecentlyUsed<Hash, Posted> seen_;
  RecentlyUsed<Hash, TokenBucket> spam_;
  std::deque<Waiting> queue_;
  Draft current_;
  bool posting_ = false;
  std::uint32_t life_ = 0;  ///< counts the processes
  EventHandle retry_;
  int tries_ = 0;  ///< of the Event that is being posted
};

}  // namespace orrery
