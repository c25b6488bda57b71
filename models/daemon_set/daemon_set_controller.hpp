#pragma once
// The DaemonSet controller: what wakes it (events.cpp), one sync and the status (sync.cpp), one pod a node (manage.cpp),
// rolling updates (rolling_update.cpp), ControllerRevisions (history.cpp), adoption and release (claim.cpp).
// Behaviour source: Kubernetes v1.36.2, pkg/controller/daemon/{daemon_controller,update}.go.
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "node_table.hpp"
#include "orrery/cluster/controller.hpp"
#include "orrery/models/daemon_set.hpp"
#include "support/pod_sets.hpp"

namespace orrery::daemon {

inline constexpr std::size_t kBurst = 250;  ///< creations and deletions of one step, each (D-047)
inline constexpr Duration kExpectationsTimeout = std::chrono::minutes{5};
inline constexpr Duration kBackoffFirst = std::chrono::seconds{1};
inline constexpr Duration kBackoffMax = std::chrono::minutes{15};

/// Back-off of deletions of failed pods, per node (D-050).
class FailedPodBackoff {
 public:
  /// How long the deletion is held back at `now`: the whole delay, not what is left of it; 0 = it may happen, and counts.
  Duration next(std::int64_t observed_generation, Symbol node, Time now);

 private:
  struct Entry {
    Duration delay{};
    Time last{};
  };
  std::int64_t generation_ = 0;  ///< entries of an older observed generation are never asked for again
  std::unordered_map<Symbol, Entry> entries_;
};

/// What the controller remembers of a set between syncs, under namespace/name.
struct Memory {
  struct {
    bool set = false;
    std::int64_t creates = 0, deletes = 0;
    Time since{};
  } expected;
  /// Newest versions it wrote: a sync waits until the caches have caught up (D-041).
  Uid wrote_for;
  std::uint64_t wrote_set = 0, wrote_pod = 0;
  Uid backoff_for;
  FailedPodBackoff backoff;
};

/// One sync in flight.
struct Sync {
  ObjectKey key;
  Ref<const DaemonSet> set;  ///< as the cache had it when the sync began
  Ref<NodeTable> table;
  Ref<const ControllerRevision> current;
  std::vector<Ref<const ControllerRevision>> old;
};

class DaemonSetController final : public Controller {
 public:
  explicit DaemonSetController(Cluster& cluster);
  bool watches(Kind kind) const override {
    return kind == Kind::daemonset || kind == Kind::controllerrevision || kind == Kind::pod || kind == Kind::node;
  }
  void on_change(const Change& change) override;
  void on_start() override;
  void on_stop() override;

 private:
  // events.cpp
  void set_changed(const Change& change);
  void revision_changed(const Change& change);
  void node_changed(const Change& change);
  void pod_changed(const Change& change);
  void place_pod(const Change& change);
  void pod_going(const Pod& pod);
  const DaemonSet* resolve(Symbol ns, const OwnerReference* owner) const;
  void wake_matching(Symbol ns, const StringMap* labels);
  Task<Outcome> sync_node(ObjectKey key);

  // sync.cpp
  Task<Outcome> sync(ObjectKey key);
  Task<bool> update_set(Sync& s);
  Task<bool> update_status(Sync& s, bool observed);
  Ref<NodeTable> table_of(const DaemonSet& set);

  // manage.cpp
  struct Changes {
    std::vector<Symbol> creates;       ///< nodes
    std::vector<std::string> deletes;  ///< pods
  };
  Task<bool> manage(Sync& s);
  void look_at(Sync& s, const NodeEntry& e, Changes& out);
  Task<bool> carry_out(Sync& s, Changes changes);
  Task<void> create_pod(Sync& s, Symbol node, bool& error);
  Task<void> delete_pod(Sync& s, std::string name, bool& error);
  Ref<Pod> new_pod(Sync& s, Symbol node);

  // rolling_update.cpp
  Task<bool> rolling_update(Sync& s);

  // history.cpp
  Task<bool> construct_history(Sync& s);
  Task<bool> claim_revisions(Sync& s, std::vector<Ref<const ControllerRevision>>& claimed);
  Task<bool> snapshot(Sync& s, std::int64_t number);
  Task<bool> drop_duplicates(Sync& s, std::vector<Ref<const ControllerRevision>> same);
  Task<bool> clean_up_history(Sync& s);

  // claim.cpp
  enum class Adoption : std::uint8_t { unknown, allowed, refused };
  Task<bool> claim_pods(Sync& s);
  Task<bool> may_adopt(const Sync& s, Adoption& known);

  // memory.cpp
  Memory* find_memory(const ObjectKey& key);
  void expect(const ObjectKey& key, std::size_t creates, std::size_t deletes);
  void observe(const ObjectKey& key, std::int64_t creates, std::int64_t deletes);
  bool expectations_met(const ObjectKey& key) const;
  void wrote(const Object& object, const ObjectKey& set, Uid uid);
  void clear_written(const ObjectKey& key, Uid uid);
  bool caches_are_current(const ObjectKey& key);

  WorkQueue queue_, node_queue_;
  std::unordered_map<ObjectKey, Memory, ObjectKeyHash> memory_;
  std::unordered_map<Uid, Ref<NodeTable>, UidHash> tables_;
  std::map<std::pair<std::string_view, std::string>, ObjectKey> sets_;  ///< by namespace and name
  std::map<Symbol, std::map<std::string, Ref<const ControllerRevision>>> revisions_;  ///< by namespace, then name
  PodsByNode by_node_;
  Ref<const OwnerList> foreign_owners_;  ///< of the pod seen last that is under a controller of another kind
};

/// Patches (see Client) whose payload is the set: it becomes the controller of the object, or lets go of it.
bool adopt(Cluster&, Object& copy, std::uint64_t, const RefCounted* payload);
bool release(Cluster&, Object& copy, std::uint64_t, const RefCounted* payload);

}  // namespace orrery::daemon
