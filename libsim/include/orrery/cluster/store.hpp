#pragma once
// The API server's storage: live objects, versions, deletion, and the watch that shows every committed change to the
// caches `watchLatency` later. All calls act at the very instant; the latency of a caller is its Client's business.
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/circular_buffer.hpp>

#include "orrery/cluster/cron_job.hpp"
#include "orrery/cluster/objects.hpp"
#include "orrery/cluster/owned_pods.hpp"
#include "orrery/core/kernel.hpp"
#include "orrery/core/prefetch.hpp"
#include "orrery/core/random.hpp"
#include "orrery/core/slot_index.hpp"
#include "orrery/core/stable_vector.hpp"

namespace orrery {

enum class ApiStatus : std::uint8_t { ok, not_found, conflict, already_exists, invalid, forbidden, too_many_requests, unavailable, internal_error };

/// The answer of the API: the object as it stands after the call, or why it did not happen. Small, as nearly all are answers to calls that did.
class [[nodiscard]] ApiResult {
 public:
  ApiResult() = default;
  explicit ApiResult(ApiStatus s) : status(s) {}
  ApiResult(ApiStatus s, Ref<const Object> o) : status(s), object(std::move(o)) {}
  /// `cause`: see cause(). `retry_after_s`: what the answer proposes; 0 = nothing.
  ApiResult(ApiStatus s, std::string message, std::string cause = {}, std::int32_t retry_after_s = 0)
      : status(s), refusal_(std::make_unique<Refusal>(std::move(message), std::move(cause), retry_after_s)) {}

  ApiStatus status = ApiStatus::ok;
  Ref<const Object> object;

  bool ok() const { return status == ApiStatus::ok; }
  /// Empty where the call happened.
  std::string message() const { return refusal_ ? refusal_->message : std::string(); }
  /// Of a refused eviction: what stands in its way (E-012).
  std::string cause() const { return refusal_ ? refusal_->cause : std::string(); }
  std::int32_t retry_after_s() const { return refusal_ ? refusal_->retry_after_s : 0; }

 private:
  struct Refusal {
    Refusal(std::string m, std::string c, std::int32_t r) : message(std::move(m)), cause(std::move(c)), retry_after_s(r) {}
    std::string message, cause;
    std::int32_t retry_after_s;
  };
  std::unique_ptr<Refusal> refusal_;
};

enum class ChangeType : std::uint8_t { added, modified, deleted };

/// One committed change. `before` is null for added; for deleted, `object` is the last version, with the version of the deletion.
struct Change {
  ChangeType type = ChangeType::added;
  Kind kind = Kind::other;
  Time at{};
  std::uint64_t cause = 0;  ///< sequence number of the event that committed it
  Ref<const Object> object, before;
};

enum class Propagation : std::uint8_t { unset, background, foreground, orphan };

struct DeleteOptions {
  std::int64_t grace_s = -1;  ///< gracePeriodSeconds; -1 = the object's own
  Propagation propagation = Propagation::unset;
  Uid uid;  ///< precondition; zero = none
  std::uint64_t resource_version = 0;  ///< precondition; zero = none
};

/// So long the API keeps an Event after its last write (kube-apiserver --event-ttl).
inline constexpr Duration kEventTtl = std::chrono::hours{1};

class Store final : public Actor {
 public:
  Store(Kernel& kernel, Interner& names, Duration watch_latency);

  // ---- reading what is committed. O(1).
  const Object* live(Kind kind, Symbol ns, std::string_view name, Symbol other_kind = 0) const;
  template <class T>
  const T* live_as(Symbol ns, std::string_view name) const {
    return static_cast<const T*>(live(T{}.kind, ns, name));
  }
  const Pod* live_pod(Symbol ns, std::string_view name) const { return static_cast<const Pod*>(live(Kind::pod, ns, name)); }
  const Job* live_job(Symbol ns, std::string_view name) const { return static_cast<const Job*>(live(Kind::job, ns, name)); }
  const DaemonSet* live_daemon_set(Symbol ns, std::string_view name) const { return static_cast<const DaemonSet*>(live(Kind::daemonset, ns, name)); }
  const CronJob* live_cron_job(Symbol ns, std::string_view name) const { return static_cast<const CronJob*>(live(Kind::cronjob, ns, name)); }
  const Node* live_node(std::string_view name) const { return static_cast<const Node*>(live(Kind::node, 0, name)); }
  /// The live object in a slot (see Identity), or null.
  const Object* live_at(std::uint32_t slot) const { return slot < slots_.size() ? slots_[slot].live.get() : nullptr; }
  /// The live object of that name; found without a look at names where it is still the one of this identity.
  const Object* live_like(const Identity& id) const {
    const Object* o = live_at(id.slot);
    return o != nullptr && o->meta.id.get() == &id ? o : live(id.kind, id.ns, id.name(), id.other_kind());
  }
  /// Live objects of a kind in the order of namespace and name. O(n log n): for output and for timeline actions.
  std::vector<Ref<const Object>> list(Kind kind) const;

  // ---- reading the caches: what every informer has seen by now. O(1).
  const Object* cached(Kind kind, Symbol ns, std::string_view name) const;
  const Pod* cached_pod(Symbol ns, std::string_view name) const { return static_cast<const Pod*>(cached(Kind::pod, ns, name)); }
  const Job* cached_job(Symbol ns, std::string_view name) const { return static_cast<const Job*>(cached(Kind::job, ns, name)); }
  const DaemonSet* cached_daemon_set(Symbol ns, std::string_view name) const { return static_cast<const DaemonSet*>(cached(Kind::daemonset, ns, name)); }
  const CronJob* cached_cron_job(Symbol ns, std::string_view name) const { return static_cast<const CronJob*>(cached(Kind::cronjob, ns, name)); }
  const Node* cached_node(std::string_view name) const { return static_cast<const Node*>(cached(Kind::node, 0, name)); }
  /// The first question about a UID that none but a pod may have costs O(objects) once, and every pod from then on a little.
  const Object* cached_by_uid(Uid uid) const;
  /// The same for an object of another kind than Pod: an owner, in most cases.
  const Object* cached_no_pod(Uid uid) const;
  /// Fetches what live_at and cached_at look at.
  void fetch_slot(std::uint32_t slot) const {
    if (slot < slots_.size()) fetch_ahead(&slots_[slot], sizeof(Slot));
  }
  /// Fetches what will be asked for when the object in this slot changes: with step 0 what is found by the slot itself, with
  /// step 1 what that leads to. To be called some events apart.
  void fetch_behind(std::uint32_t slot, unsigned step) const;
  /// Whoever keeps something by slot takes part in that.
  void on_fetch(std::function<void(std::uint32_t slot, unsigned step)> hook) { fetch_hooks_.push_back(std::move(hook)); }
  /// The cached object in a slot (see Identity), or null.
  const Object* cached_at(std::uint32_t slot) const { return slot < slots_.size() ? slots_[slot].cached.get() : nullptr; }
  /// Cached pods whose controller has this UID, and pods of a namespace without controller; in no particular but a
  /// reproducible order. Valid until the next delivery.
  const std::vector<Ref<const Pod>>& cached_pods_of(Uid controller) const { return cached_owned_pods(controller).all(); }
  const OwnedPods& cached_owned_pods(Uid controller) const;
  const std::vector<Ref<const Pod>>& cached_orphans(Symbol ns) const;
  /// Every cached object of a kind in the order of namespace and name.
  std::vector<Ref<const Object>> cached_list(Kind kind) const;

  // ---- writing. Each bumps the resource version once where something changes, and emits one change.
  /// Takes a new object whose Identity has kind, ns and name or generate_name. Sets uid, creation time and version.
  ApiResult create(Ref<Object> object);
  /// The UID that an object about to be created may carry in what it refers to.
  Uid new_uid();
  /// A free name that begins with `prefix` (cut to 58 characters), as the API server makes it (J-043). False when none was found: then
  /// `out` is the last one tried.
  bool generate_name(Kind kind, Symbol ns, std::string_view prefix, std::string& out);
  /// Puts a changed version in the place of the live one, or removes it where it was only waiting for its last
  /// finalizer. A version that changes nothing is not written (and the call is ok). `expected_version` 0 = unconditional.
  ApiResult replace(Ref<Object> next, std::uint64_t expected_version = 0);
  /// Deletion as the generic registry does it: grace for pods, finalizers, propagation policy.
  /// upstream: staging/src/k8s.io/apiserver/pkg/registry/{rest/delete.go,generic/registry/store.go}
  ApiResult remove(Kind kind, Symbol ns, std::string_view name, const DeleteOptions& options, Symbol other_kind = 0);
  /// The same for the object of that name, see live_like.
  ApiResult remove(const Identity& id, const DeleteOptions& options);

  /// Takes Events away whose time is over. O(1) on average per Event ever written. Nobody is told.
  /// DEVIATION: in a real cluster each expiry takes a resource version.
  void expire_events();

  // ---- being told. Hooks are called in the order in which they were added.
  /// At the instant of the commit, before anything else: traces, fingerprint.
  void on_commit(std::function<void(const Change&)> hook) { commit_hooks_.push_back(std::move(hook)); }
  /// `watchLatency` later, after the caches show the change.
  void on_delivery(std::function<void(const Change&)> hook) { delivery_hooks_.push_back(std::move(hook)); }

  Duration watch_latency() const { return watch_latency_.delay; }
  std::uint64_t last_version() const { return version_; }
  /// Newest resource version of a kind that the caches have seen.
  std::uint64_t delivered_version(Kind kind) const { return delivered_version_[static_cast<std::size_t>(kind)]; }
  std::size_t count(Kind kind) const { return count_[static_cast<std::size_t>(kind)]; }
  Interner& names() { return names_; }
  const Interner& names() const { return names_; }
  Kernel& kernel() { return kernel_; }
  Time now() const { return kernel_.now(); }

  /// Makes the objects that exist so far appear in the caches at once (the cluster as it stands when a run begins).
  void deliver_all_now();

  void on_event(const Event&) override;
  std::string_view actor_name() const override { return "watch"; }

 private:
  struct Key {
    Kind kind;
    Symbol ns;
    std::string_view name;
    Symbol other_kind = 0;
    bool operator==(const Key&) const = default;
  };
  static Key key(const Identity& id) { return {id.kind, id.ns, id.name(), id.other_kind()}; }
  /// 32 bits, which is all that a SlotIndex makes use of.
  static std::uint32_t hash(const Key& k);
  struct Slot {
    Ref<const Object> live, cached;
    std::uint32_t name_hash = 0;
    std::uint32_t list_position = 0;  ///< of a cached pod, in the list of its controller or of its namespace's orphans
  };
  /// Slot of the live object of that name, or SlotIndex::kNone.
  std::uint32_t live_slot(const Key& k, std::uint32_t hash_of_k) const;
  void keep_event(EventObject& event);
  void commit(ChangeType type, Ref<const Object> object, Ref<const Object> before);
  void deliver(const Change& change);
  const Object* cached_in(const SlotIndex& index, Uid uid) const;
  const Object* cached_pod_by_uid(Uid uid) const;
  void index_uid(const Identity& id);
  void unindex_uid(const Identity& id);
  OwnedPods* owned_pods(Uid controller) const;
  void index_pod(Slot& slot, const Ref<const Object>& pod);
  bool reindex_pod(Slot& slot, const Ref<const Object>& pod);
  void unindex_pod(Slot& slot, const Object& pod);
  void release_slot(const Identity& id);
  void drop(Ref<Object> last);
  ApiResult remove(const Ref<const Object>& old, const DeleteOptions& options);
  ApiResult missing(Kind kind, std::string_view name) const;

  Kernel& kernel_;
  Interner& names_;
  FixedDelay watch_latency_;
  ActorId self_;
  std::uint64_t version_ = 0, serial_ = 0;
  std::array<std::uint64_t, kKindCount> delivered_version_{};
  std::array<std::size_t, kKindCount> count_{};
  StableVector<Slot, 1024> slots_;
  std::vector<std::uint32_t> free_slots_;
  SlotIndex by_name_;        ///< live or cached; two have one name where a cache still shows the predecessor
  SlotIndex cached_by_uid_;  ///< without pods
  /// Pods, of which nearly nobody asks by UID; made when somebody does.
  mutable SlotIndex pods_by_uid_;
  mutable bool has_pods_by_uid_ = false;
  mutable std::unordered_map<Uid, OwnedPods, UidHash> pods_of_;  ///< mutable for last_owned_ alone
  mutable std::pair<Uid, OwnedPods*> last_owned_{};  ///< entry of pods_of_: what comes next is often of the same owner
  std::unordered_map<Symbol, std::vector<Ref<const Pod>>> orphans_;
  struct Written {
    Time at;
    std::uint64_t version;  ///< that was written: an Event that has another by now has another entry
    std::uint32_t slot;
  };
  std::deque<Written> events_;  ///< in the order of their writing
  boost::circular_buffer<Change> in_flight_;
  std::size_t delivered_early_ = 0;  ///< pending delivery events whose change has been delivered already
  std::vector<std::function<void(const Change&)>> commit_hooks_, delivery_hooks_;
  std::vector<std::function<void(std::uint32_t, unsigned)>> fetch_hooks_;
  RandomStream uid_stream_, name_stream_;
  std::string generated_;  ///< the last name: its memory is used again
};

}  // namespace orrery
