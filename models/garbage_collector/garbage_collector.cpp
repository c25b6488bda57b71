// The garbage collector: looks at what the graph finds worth a look, asks the API, and deletes, orphans or lets go.
// upstream: pkg/controller/garbagecollector/{garbagecollector,operations,patch}.go
//
// DEVIATION: an owner of a kind that no object of the cluster ever had counts as present, and is not asked for again and
// again: a scenario need not hold the ReplicaSets of its pods.
#include <cstring>

#include <fmt/format.h>

#include "garbage_collector/graph.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/models/housekeeping.hpp"

namespace orrery {
namespace {

using gc::Graph;
using gc::GraphNode;
using gc::KindMapping;
using gc::kNoNode;
using gc::NodeIndex;
using gc::ObjectReference;

/// A node under way in a queue: its place and generation as bytes, short enough to need no heap.
ObjectKey key_of_node(NodeIndex n, std::uint32_t generation) {
  char bytes[8];
  std::memcpy(bytes, &n, 4);
  std::memcpy(bytes + 4, &generation, 4);
  return {0, std::string(bytes, sizeof bytes)};
}
NodeIndex node_of_key(const ObjectKey& key, std::uint32_t& generation) {
  NodeIndex n = kNoNode;
  std::memcpy(&n, key.name.data(), 4);
  std::memcpy(&generation, key.name.data() + 4, 4);
  return n;
}

/// Where an object is asked for.
struct Target {
  KindMapping mapping;
  Symbol ns = 0;
  std::string name;
  Uid uid;
};

/// Payload of the patches: an object that only carries the owner references concerned.
const std::vector<OwnerReference>& references(const RefCounted* payload) {
  return static_cast<const Object*>(payload)->meta.owners()->items;
}
Ref<const Object> payload_of(std::vector<OwnerReference> refs) {
  auto list = make_ref<OwnerList>();
  list->items = std::move(refs);
  auto object = make_ref<GenericObject>(Kind::other);
  object->meta.set_owners(std::move(list));
  return object;
}

bool drop_references(Cluster&, Object& copy, std::uint64_t, const RefCounted* payload) {
  if (!copy.meta.owners()) return false;
  auto rest = make_ref<OwnerList>();
  for (const OwnerReference& r : copy.meta.owners()->items) {
    bool drop = false;
    for (const OwnerReference& x : references(payload)) drop = drop || x.uid == r.uid;
    if (!drop) rest->items.push_back(r);
  }
  if (rest->items.size() == copy.meta.owners()->items.size()) return false;
  if (rest->items.empty())
    copy.meta.set_owners({});
  else
    copy.meta.set_owners(std::move(rest));
  return true;
}

bool unblock_references(Cluster&, Object& copy, std::uint64_t, const RefCounted*) {
  if (!copy.meta.owners()) return false;
  auto next = make_ref<OwnerList>(*copy.meta.owners());
  for (OwnerReference& r : next->items) r.block_owner_deletion = false;
  copy.meta.set_owners(std::move(next));
  return true;
}

class GarbageCollector final : public Controller, private gc::GraphListener {
 public:
  explicit GarbageCollector(Cluster& cluster)
      : Controller(cluster, {.name = "gc", .component = "garbage-collector-controller", .position = 5, .qps_factor = 2}),
        graph_(make_graph()),
        delete_queue_(cluster, "gc delete queue", 20, {}, [this](const ObjectKey& key) { return delete_worker(key); }),
        orphan_queue_(cluster, "gc orphan queue", 20, {}, [this](const ObjectKey& key) { return orphan_worker(key); }) {
    cluster.store().on_fetch([this](std::uint32_t slot, unsigned step) { graph_->fetch(slot, step); });
  }

  void on_change(const Change& change) override { graph_->observe(change); }
  void on_start() override {
    delete_queue_.start();
    orphan_queue_.start();
  }
  void on_stop() override {
    delete_queue_.stop();
    orphan_queue_.stop();
    graph_ = make_graph();  // reconciles in flight keep the old one
  }

 private:
  enum class Verdict : std::uint8_t { forget, retry };
  enum class OwnerState : std::uint8_t { solid, dangling, waiting, failed, nonsense };
  using GraphPtr = std::shared_ptr<Graph>;

  GraphPtr make_graph() { return std::make_shared<Graph>(cluster_.store(), static_cast<gc::GraphListener&>(*this)); }

  // ---- what the graph asks for

  ObjectKey queue_key(NodeIndex n) { return key_of_node(n, graph_->at(n).generation); }
  void attempt_to_delete(NodeIndex n) override { delete_queue_.add(queue_key(n)); }
  void attempt_to_delete_later(NodeIndex n) override { delete_queue_.add_rate_limited(queue_key(n)); }
  void attempt_to_orphan(NodeIndex n) override { orphan_queue_.add(queue_key(n)); }
  void invalid_namespace(NodeIndex dependent, const OwnerReference& r) override {
    const GraphNode& node = graph_->at(dependent);
    const std::string_view ns = cluster_.text(node.ns());
    GenericObject about(node.id->kind);
    about.meta.id = Identity::copy(*node.id);
    recorder().event(about, sym::Warning, cluster_.symbol("OwnerRefInvalidNamespace"),
                     fmt::format("ownerRef [{}/{}, namespace: {}, name: {}, uid: {}] does not exist in namespace \"{}\"", r.api_version, r.kind, ns,
                                 r.name, r.uid.text(), ns));
  }

  // ---- calls, for typed objects and those of Kind::other alike

  Target target_of(Graph& graph, NodeIndex n) const {
    const GraphNode& node = graph.at(n);
    const KindMapping mapping = graph.kind_of(n);
    // A virtual owner has the namespace of its dependent, which a cluster-scoped kind does not care for.
    return {mapping, is_namespaced(mapping.kind) ? node.ns() : 0, std::string(node.name()), node.uid()};
  }

  Task<ApiResult> get(const Target& t) {
    ApiResult r = co_await client().get(t.mapping.kind, t.ns, t.name);
    if (t.mapping.kind != Kind::other || r.status == ApiStatus::unavailable) co_return r;
    const Object* o = store().live(t.mapping.kind, t.ns, t.name, t.mapping.other_kind);
    if (o == nullptr) co_return ApiResult(ApiStatus::not_found);
    co_return ApiResult{ApiStatus::ok, Ref<const Object>(o)};
  }
  /// `seen`: a version of the object.
  Task<ApiResult> remove(const Target& t, Ref<const Object> seen, DeleteOptions how) {
    if (t.mapping.kind != Kind::other) {
      ApiResult r = co_await client().remove(*seen, how);
      co_return r;
    }
    ApiResult r = co_await client().get(t.mapping.kind, t.ns, t.name);
    if (r.status == ApiStatus::unavailable) co_return r;
    co_return store().remove(t.mapping.kind, t.ns, t.name, how, t.mapping.other_kind);
  }
  Task<ApiResult> patch(const Target& t, PatchFunction function, Ref<const Object> payload) {
    if (t.mapping.kind != Kind::other) {
      auto typed = client().patch(t.mapping.kind, t.ns, t.name, t.uid, function, 0, std::move(payload));
      ApiResult r = co_await typed;
      co_return r;
    }
    auto call = get(t);
    ApiResult r = co_await call;
    if (!r.ok()) co_return r;
    if (r.object->uid() != t.uid) co_return ApiResult(ApiStatus::conflict);
    Ref<Object> next = clone(*r.object);
    if (!function(cluster_, *next, 0, payload.get())) co_return r;
    co_return store().replace(std::move(next));
  }

  /// DELETE if nothing has changed since `seen`, or at least not its owners.
  Task<ApiStatus> delete_object(const Target& t, const Ref<const Object>& seen, Propagation policy) {
    DeleteOptions how{.propagation = policy, .uid = t.uid, .resource_version = seen->meta.resource_version};
    auto first = remove(t, seen, how);
    const ApiResult r = co_await first;
    if (r.status != ApiStatus::conflict) co_return r.status;
    auto look = get(t);
    const ApiResult live = co_await look;
    if (live.status == ApiStatus::not_found) co_return live.status;
    if (!live.ok() || live.object->uid() != t.uid || live.object->meta.resource_version == how.resource_version) co_return r.status;
    const auto& a = live.object->meta.owners();
    const auto& b = seen->meta.owners();
    const bool same_owners = a == b || (a && b && *a == *b);
    if (!same_owners) co_return r.status;
    how.resource_version = 0;
    auto second = remove(t, seen, how);
    const ApiResult last = co_await second;
    co_return last.status;
  }

  /// Up to four times as long as others get in between; false = the queue has to try again.
  Task<bool> remove_finalizer(const Target& t, Symbol finalizer) {
    constexpr int kSteps = 4;
    Duration pause = std::chrono::milliseconds{10};
    for (int step = 1;; ++step) {
      auto look = get(t);
      const ApiResult live = co_await look;
      if (live.status == ApiStatus::not_found) co_return true;
      if (!live.ok()) co_return false;
      if (!live.object->meta.has_finalizer(finalizer)) co_return true;
      Ref<Object> next = clone(*live.object);
      next->meta.remove_finalizer(finalizer);
      auto write = client().update(std::move(next));
      const ApiResult written = co_await write;
      if (written.ok()) co_return true;
      if (written.status != ApiStatus::conflict || step == kSteps) co_return false;
      const double jitter = jitter_.unit() * 0.1 * static_cast<double>(pause.count());
      co_await client().sleep(pause + Duration(static_cast<std::int64_t>(jitter)));
      pause *= 5;
    }
  }

  // ---- deletion

  Task<Outcome> delete_worker(const ObjectKey& key) {
    const GraphPtr graph = graph_;
    std::uint32_t generation = 0;
    const NodeIndex n = node_of_key(key, generation);
    if (graph->at(n).generation != generation || !graph->at(n).in_graph) co_return Outcome::ok();
    graph->pin(n);
    auto attempt = attempt_deletion(graph, n);
    const Verdict verdict = co_await attempt;
    // The watch has to confirm what is known from references only, lest an object that came and went unseen stays for ever.
    const bool again = verdict == Verdict::retry && graph->at(n).in_graph;
    graph->unpin(n);
    co_return again ? Outcome::failed() : Outcome::ok();
  }

  void deny(const GraphPtr& graph, NodeIndex n) {
    if (graph == graph_) graph->observe_absence(graph->reference_of(n));
  }

  Task<Verdict> attempt_deletion(GraphPtr graph, NodeIndex n) {
    if (graph->at(n).doomed()) co_return Verdict::forget;
    const Target t = target_of(*graph, n);
    if (!t.mapping.known) co_return Verdict::forget;
    if (is_namespaced(t.mapping.kind) && t.ns == 0 && t.mapping.kind != Kind::other) co_return Verdict::forget;
    auto look = get(t);
    const ApiResult latest = co_await look;
    if (latest.status == ApiStatus::not_found || (latest.ok() && latest.object->uid() != t.uid)) {
      deny(graph, n);
      co_return Verdict::forget;
    }
    if (!latest.ok()) co_return Verdict::retry;
    if (graph->at(n).deleting_dependents) {
      auto wait = process_deleting_dependents(graph, n, t);
      const bool fine = co_await wait;
      co_return fine ? Verdict::forget : Verdict::retry;
    }
    const Verdict done = graph->at(n).observed() ? Verdict::forget : Verdict::retry;
    if (!latest.object->meta.owners()) co_return done;
    auto judge = judge_owners(graph, n, t, latest.object);
    const Verdict judged = co_await judge;
    co_return judged == Verdict::retry || graph->at(n).observed() ? judged : Verdict::retry;
  }

  /// Its dependents go first; the finalizer, and so the object, when none blocks any more.
  Task<bool> process_deleting_dependents(GraphPtr graph, NodeIndex n, const Target& t) {
    if (!graph->at(n).blocked()) {
      auto last = remove_finalizer(t, sym::foregroundDeletion);
      const bool fine = co_await last;
      co_return fine;
    }
    // Nothing comes of looking at dependents that are on their way out.
    if (graph != graph_ || graph->at(n).blocked_by_doomed_only()) co_return true;
    for (NodeIndex d : graph->dependents_of(n)) {
      const GraphNode& node = graph->at(d);
      if (node.deleting_dependents || node.doomed()) continue;
      for (const OwnerReference& r : node.owners->items)
        if (r.uid == t.uid && r.block_owner_deletion) attempt_to_delete(d);
    }
    co_return true;
  }

  Task<OwnerState> owner_state(GraphPtr graph, const OwnerReference& r, Symbol ns) {
    ObjectReference owner{r.api_version, r.kind, r.name, 0, r.uid};
    if (graph->absent_owners().has(owner)) co_return OwnerState::dangling;
    owner.ns = ns;
    if (graph->absent_owners().has(owner)) co_return OwnerState::dangling;
    const KindMapping mapping = gc::map_kind(cluster_.names(), r.api_version, r.kind);
    if (!mapping.known) co_return OwnerState::solid;
    const bool namespaced = is_namespaced(mapping.kind);
    if (!namespaced) owner.ns = 0;
    if (namespaced && ns == 0 && mapping.kind != Kind::other) co_return OwnerState::nonsense;
    const Target t{mapping, owner.ns, r.name, r.uid};
    auto look = get(t);
    const ApiResult live = co_await look;
    if (live.status == ApiStatus::not_found || (live.ok() && live.object->uid() != r.uid)) {
      graph->absent_owners().add(owner);
      co_return OwnerState::dangling;
    }
    if (!live.ok()) co_return OwnerState::failed;
    co_return live.object->meta.deleted && live.object->meta.has_finalizer(sym::foregroundDeletion) ? OwnerState::waiting : OwnerState::solid;
  }

  Task<Verdict> judge_owners(GraphPtr graph, NodeIndex n, const Target& t, Ref<const Object> latest) {
    bool solid = false, waiting = false;
    std::vector<OwnerReference> bad;
    const Ref<const OwnerList> owners = latest->meta.owners();
    for (const OwnerReference& r : owners->items) {
      auto ask = owner_state(graph, r, latest->ns());
      const OwnerState state = co_await ask;
      if (state == OwnerState::failed) co_return Verdict::retry;
      if (state == OwnerState::nonsense) co_return Verdict::forget;
      if (state == OwnerState::solid) {
        solid = true;
        continue;
      }
      waiting = waiting || state == OwnerState::waiting;
      bad.push_back(r);
    }
    if (solid) {
      if (bad.empty()) co_return Verdict::forget;
      auto call = patch(t, drop_references, payload_of(std::move(bad)));
      const ApiResult r = co_await call;
      co_return r.ok() ? Verdict::forget : Verdict::retry;
    }
    Propagation policy = Propagation::background;
    if (waiting && graph->at(n).has_dependents()) {
      policy = Propagation::foreground;
      // A dependent that waits for its own dependents may close a circle, which nobody would ever break.
      bool circle = false;
      for (NodeIndex d : graph->dependents_of(n)) circle = circle || graph->at(d).deleting_dependents;
      if (circle) {
        auto call = patch(t, unblock_references, {});
        const ApiResult r = co_await call;
        if (!r.ok()) co_return Verdict::retry;
      }
    } else if (latest->meta.has_finalizer(sym::orphan)) {
      policy = Propagation::orphan;
    } else if (latest->meta.has_finalizer(sym::foregroundDeletion)) {
      policy = Propagation::foreground;
    }
    auto call = delete_object(t, latest, policy);
    const ApiStatus status = co_await call;
    if (status == ApiStatus::not_found) {
      deny(graph, n);
      co_return Verdict::forget;
    }
    co_return status == ApiStatus::ok ? Verdict::forget : Verdict::retry;
  }

  // ---- orphaning

  Task<Outcome> orphan_worker(const ObjectKey& key) {
    const GraphPtr graph = graph_;
    std::uint32_t generation = 0;
    const NodeIndex n = node_of_key(key, generation);
    if (graph->at(n).generation != generation || !graph->at(n).in_graph) co_return Outcome::ok();
    graph->pin(n);
    auto attempt = orphan(graph, n);
    const bool fine = co_await attempt;
    graph->unpin(n);
    co_return fine ? Outcome::ok() : Outcome::failed();
  }

  Task<bool> orphan(GraphPtr graph, NodeIndex n) {
    const Target t = target_of(*graph, n);
    OwnerReference self;
    self.uid = t.uid;
    const Ref<const Object> payload = payload_of({self});
    bool fine = true;
    std::vector<CallId> calls;  // all at once
    std::vector<Target> others;
    for (NodeIndex d : graph->dependents_of(n)) {
      const Target dependent = target_of(*graph, d);
      if (dependent.mapping.kind == Kind::other)
        others.push_back(dependent);
      else
        calls.push_back(client().start_patch(dependent.mapping.kind, dependent.ns, dependent.name, dependent.uid, drop_references, 0, payload));
    }
    if (!calls.empty()) co_await client().all(calls);
    for (CallId id : calls) {
      const ApiResult r = client().take(id);
      fine = fine && (r.ok() || r.status == ApiStatus::not_found);
    }
    for (const Target& dependent : others) {
      auto call = patch(dependent, drop_references, payload);
      const ApiResult r = co_await call;
      fine = fine && (r.ok() || r.status == ApiStatus::not_found);
    }
    if (!fine) co_return false;
    auto last = remove_finalizer(t, sym::orphan);
    fine = co_await last;
    co_return fine;
  }

  GraphPtr graph_;
  WorkQueue delete_queue_, orphan_queue_;
  RandomStream jitter_ = random("finalizer jitter", 0);
};

}  // namespace

std::unique_ptr<Controller> make_garbage_collector(Cluster& cluster) { return std::make_unique<GarbageCollector>(cluster); }

}  // namespace orrery
