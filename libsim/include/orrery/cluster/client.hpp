#pragma once
// How a controller talks to the API: every call takes `apiLatency` (plus the caller's skew), waits for its turn in the
// client's own limiter before and for the store's commit gap after, and ends with the store's answer.
//
//   ApiResult made = co_await client.create(pod);               // one call
//   calls.push_back(client.start_create(pod)); …                // several at once
//   co_await client.all(calls); ApiResult r = client.take(calls[0]);
#include <coroutine>
#include <memory>
#include <span>
#include <vector>

#include "orrery/cluster/cluster.hpp"
#include "orrery/core/numbered.hpp"

namespace orrery {

/// Token bucket with the arithmetic of golang.org/x/time/rate (doubles; + - * / only, so the same everywhere).
class TokenBucket {
 public:
  TokenBucket() = default;
  /// `qps` <= 0: unlimited.
  TokenBucket(double qps, std::int32_t burst) : qps_(qps), burst_(burst), tokens_(burst) {}
  /// Takes one token and says how long to wait for it from `now`.
  Duration reserve(Time now);
  /// Takes one token if there is one now.
  bool try_take(Time now);

 private:
  double advance(Time now) const;
  double qps_ = 0;
  std::int32_t burst_ = 0;
  double tokens_ = 0;
  bool used_ = false;
  Time last_{};
};

/// Changes the copy of the live object that it is given; false = leave everything as it is (the call still succeeds).
/// `argument` and `payload` are what the caller passed to start_patch.
using PatchFunction = bool (*)(Cluster&, Object& copy, std::uint64_t argument, const RefCounted* payload);

using CallId = std::uint32_t;

class Client final : public Actor {
 public:
  struct Options {
    Duration skew{};
    std::int64_t qps_milli = 0;
    std::int32_t burst = 0;
  };
  Client(Cluster& cluster, std::string name, const Options& options);
  Client(const Client&) = delete;

  struct [[nodiscard]] Call {  // awaitable for one answer
    Client* client;
    CallId id;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h) { client->wait(id, h); }
    ApiResult await_resume() { return client->take(id); }
  };
  struct [[nodiscard]] All {  // awaitable for several; answers are then taken one by one
    Client* client;
    std::uint32_t group;
    bool await_ready() const noexcept { return client->groups_[group].open == 0; }
    void await_suspend(std::coroutine_handle<> h) { client->groups_[group].waiting = h; }
    void await_resume() { client->close_group(group); }
  };
  struct [[nodiscard]] Sleep {
    Client* client;
    Duration delay;
    bool await_ready() const noexcept { return delay.count() <= 0; }
    void await_suspend(std::coroutine_handle<> h);
    void await_resume() const noexcept {}
  };

  Call create(Ref<Object> object) { return {this, start_create(std::move(object))}; }
  /// Status subresource: takes the status (and finalizers, labels, annotations) of `object`, refuses with conflict when
  /// its resource version is not the live one.
  Call update_status(Ref<Object> object) { return {this, start_update(std::move(object))}; }
  Call update(Ref<Object> object) { return {this, start_update(std::move(object))}; }
  Call patch(Kind kind, Symbol ns, std::string_view name, Uid uid, PatchFunction f, std::uint64_t argument = 0, Ref<const Object> payload = {}) {
    return {this, start_patch(kind, ns, name, uid, f, argument, std::move(payload))};
  }
  /// The same for the object of that name; cheaper than by its name where the live object is still this one.
  Call patch(const Object& target, Uid uid, PatchFunction f, std::uint64_t argument = 0, Ref<const Object> payload = {}) {
    return {this, start_patch(target, uid, f, argument, std::move(payload))};
  }
  Call remove(const Object& target, const DeleteOptions& o) { return {this, start_remove(target, o)}; }
  Call remove(Kind kind, Symbol ns, std::string_view name, const DeleteOptions& o) { return {this, start_remove(kind, ns, name, o)}; }
  Call get(Kind kind, Symbol ns, std::string_view name) { return {this, start_get(kind, ns, name)}; }

  /// The eviction subresource of a pod: deletes it if its disruption budget allows (see eviction.hpp).
  Call evict(Symbol ns, std::string_view name, const DeleteOptions& o) { return {this, start_evict(ns, name, o)}; }

  CallId start_create(Ref<Object> object);
  CallId start_update(Ref<Object> object);
  /// `uid` zero = no precondition; another uid at that name is a conflict.
  CallId start_patch(Kind kind, Symbol ns, std::string_view name, Uid uid, PatchFunction f, std::uint64_t argument = 0, Ref<const Object> payload = {});
  CallId start_remove(Kind kind, Symbol ns, std::string_view name, const DeleteOptions& options);
  CallId start_patch(const Object& target, Uid uid, PatchFunction f, std::uint64_t argument = 0, Ref<const Object> payload = {});
  CallId start_remove(const Object& target, const DeleteOptions& options);
  CallId start_evict(Symbol ns, std::string_view name, const DeleteOptions& options);
  CallId start_get(Kind kind, Symbol ns, std::string_view name);

  All all(std::span<const CallId> calls) { return group_of(calls, false); }
  /// The same for who does not ask for the answers: they are gone by then, each as soon as it came.
  All all_ended(std::span<const CallId> calls) { return group_of(calls, true); }
  /// The answer of a finished call; the id is free afterwards.
  ApiResult take(CallId id);
  Sleep sleep(Duration d) { return {this, d}; }

  /// Ends a call that somebody else carries out.
  void answer(CallId id, ApiResult result);

  /// Its calls are answered as in an outage (`unavailable`) from now on, or no more: the network between this one client
  /// and the API. Cluster::api_down is the outage for all.
  void cut_off(bool cut) { cut_off_ = cut; }

  void on_event(const Event&) override;
  void fetch(const ComingEvent& event, unsigned step) const override;
  std::string_view actor_name() const override { return name_; }

 private:
  enum class Verb : std::uint8_t { create, update, patch, remove, get, evict };
  /// What calls by name, refusals, and those that expect another object than the one they name have: most are none of these.
  struct Rare {
    Symbol ns = 0;
    std::string name;
    Uid uid;
    ApiResult refusal;
  };
  /// 64 bytes: thousands of them may wait for their turn in the limiter.
  struct Pending {
    Verb verb = Verb::get;
    Kind kind = Kind::other;
    Propagation propagation = Propagation::unset;
    bool done = false;
    bool refused = false;
    bool same_uid = false;  ///< the object has to have the UID of `target`
    std::uint32_t group = UINT32_MAX;
    std::uint32_t slot = 0;  ///< of `target`
    std::coroutine_handle<> waiting;
    Ref<const Identity> target;  ///< instead of a name
    Ref<const Object> object;    ///< to be created or put in the place of another; payload of a patch; when the call is done, its answer
    union {
      PatchFunction function = nullptr;
      std::int64_t grace_s;  ///< of a deletion
    };
    std::uint64_t argument = 0;  ///< of a patch; of a deletion, the resource version that it expects
    std::unique_ptr<Rare> rare;

    Uid uid() const { return same_uid ? target->uid : rare ? rare->uid : Uid{}; }
  };
  static_assert(sizeof(Pending) == 64);
  struct Group {
    std::uint32_t open = 0;
    bool forgets = false;
    std::coroutine_handle<> waiting;
  };
  All group_of(std::span<const CallId> calls, bool forgets);
  CallId take_call(Verb verb);
  static void set_target(Pending& c, const Object& target, Uid uid);
  static void set_target(Pending& c, Kind kind, Symbol ns, std::string_view name, Uid uid);
  static void set_options(Pending& c, const DeleteOptions& options);
  static void set_patch(Pending& c, PatchFunction f, std::uint64_t argument, Ref<const Object> payload);
  static DeleteOptions options_of(const Pending& c);
  static Ref<Object> take_own(Pending& c);
  CallId begin(Verb verb);
  void arrive_after(Duration wait, CallId id);
  void wait(CallId id, std::coroutine_handle<> h) { calls_[id].waiting = h; }
  void finish(CallId id, ApiResult result);
  ApiResult execute(Pending& call);
  void close_group(std::uint32_t group) { free_groups_.push_back(group); }
  void resume_later(std::coroutine_handle<> h);

  Cluster& cluster_;
  std::string name_;
  ActorId self_;
  bool cut_off_ = false;
  FixedDelay latency_;
  Sequence waiting_;  ///< for their turn in the limiter
  TokenBucket limiter_;
  Numbered<Pending> calls_;
  std::vector<Group> groups_;
  std::vector<std::uint32_t> free_groups_;
};

}  // namespace orrery
