// The disruption controller: E-002 … E-009.
// upstream: pkg/controller/disruption/disruption.go
//
// Upstream lists the pods of a namespace in each sync. Here each budget keeps the names of those that it selects.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "disruption/expected_pods.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/models/disruption.hpp"

namespace orrery {
namespace {

class DisruptionController final : public Controller {
 public:
  DisruptionController(Cluster& cluster, const DisruptionOptions& options)
      : Controller(cluster, {.name = "disruption", .component = "controllermanager", .position = 8}),
        options_(options),
        queue_(cluster, "disruption budgets", 1, {}, [this](const ObjectKey& key) { return reconcile(key); }),
        recheck_(cluster, "disruption rechecks", 1, {}, [this](const ObjectKey& key) { return recheck(key); }),
        stale_(cluster, "disruption stale conditions", 1, {}, [this](const ObjectKey& key) { return clear_stale(key); }) {}

  bool watches(Kind kind) const override { return kind == Kind::pod || kind == Kind::poddisruptionbudget; }

  void on_change(const Change& c) override {
    if (c.kind == Kind::poddisruptionbudget) return budget_changed(c);
    if (c.kind != Kind::pod) return;
    const Pod& pod = static_cast<const Pod&>(*c.object);
    if (!namespaces_.empty()) pod_changed(pod, c.type == ChangeType::deleted);
    if (c.type == ChangeType::deleted) return;
    if (const std::optional<Duration> wait = stale_in(pod)) stale_.add_after(key_of(pod), *wait);
  }
  void on_start() override {
    queue_.start();
    recheck_.start();
    stale_.start();
  }
  void on_stop() override {
    queue_.stop();
    recheck_.stop();
    stale_.stop();
    namespaces_.clear();
  }

 private:
  using PodList = std::vector<Ref<const Pod>>;
  struct Budget {
    Ref<const PodDisruptionBudget> cached;
    std::set<std::string, std::less<>> pods;  ///< names of those it selects
  };
  struct Namespace {
    std::map<std::string, Budget, std::less<>> budgets;  ///< by name; at least one
    std::set<std::string, std::less<>> pods;             ///< names of all its cached pods
  };
  /// What a sync worked out, or why it could not.
  struct Count {
    std::int64_t expected = 0, desired = 0;
    bool unmanaged = false;
    std::string error;
  };

  // ---- the watch

  void budget_changed(const Change& c) {
    const auto& next = static_cast<const PodDisruptionBudget&>(*c.object);
    queue_.add(key_of(next));
    if (c.type == ChangeType::deleted) {
      auto it = namespaces_.find(next.ns());
      if (it == namespaces_.end()) return;
      it->second.budgets.erase(std::string(next.name()));
      if (it->second.budgets.empty()) namespaces_.erase(it);
      return;
    }
    Namespace& ns = namespaces_[next.ns()];
    if (ns.budgets.empty())
      for (const auto& o : store().cached_list(Kind::pod))
        if (o->ns() == next.ns()) ns.pods.emplace(o->name());
    Budget& budget = ns.budgets[std::string(next.name())];
    const bool same = budget.cached && budget.cached->spec == next.spec;
    budget.cached = Ref<const PodDisruptionBudget>(&next);
    if (same) return;
    budget.pods.clear();
    for (const std::string& name : ns.pods) {
      const Pod* pod = store().cached_pod(next.ns(), name);
      if (pod != nullptr && next.spec->selects(pod->meta.labels().get())) budget.pods.insert(name);
    }
  }

  /// Only one of several budgets is woken (E-002): the first by name here, any of them upstream.
  void pod_changed(const Pod& pod, bool deleted) {
    auto it = namespaces_.find(pod.ns());
    if (it == namespaces_.end()) return;
    if (deleted)
      it->second.pods.erase(std::string(pod.name()));
    else
      it->second.pods.emplace(pod.name());
    const Budget* first = nullptr;
    std::size_t matching = 0;
    for (auto& [name, budget] : it->second.budgets) {
      const bool selected = budget.cached->spec->selects(pod.meta.labels().get());
      if (selected && !deleted)
        budget.pods.emplace(pod.name());
      else
        budget.pods.erase(std::string(pod.name()));
      if (selected && matching++ == 0) first = &budget;
    }
    if (matching > 1)
      recorder().event(pod, sym::Warning, cluster_.symbol("MultiplePodDisruptionBudgets"),
                       fmt::format("Pod \"{}\"/\"{}\" matches multiple PodDisruptionBudgets.  Chose \"{}\" arbitrarily.", cluster_.text(pod.ns()), pod.name(),
                                   first->cached->name()));
    if (first != nullptr) queue_.add(key_of(*first->cached));
  }

  // ---- budgets

  Task<Outcome> reconcile(const ObjectKey& key) {
    auto ns = namespaces_.find(key.ns);
    if (ns == namespaces_.end()) co_return Outcome::ok();
    auto entry = ns->second.budgets.find(key.name);
    if (entry == ns->second.budgets.end()) co_return Outcome::ok();
    const Ref<const PodDisruptionBudget> budget = entry->second.cached;
    PodList pods;
    for (const std::string& name : entry->second.pods)
      if (const Pod* pod = store().cached_pod(key.ns, name)) pods.emplace_back(pod);
    if (pods.empty()) recorder().event(*budget, sym::Normal, cluster_.symbol("NoPods"), "No matching pods found");

    auto counting = count(*budget, pods);
    const Count counted = co_await counting;
    if (!counted.error.empty()) {
      recorder().event(*budget, sym::Warning, cluster_.symbol("CalculateExpectedPodCountFailed"),
                       "Failed to calculate the number of expected pods: " + counted.error);
      auto step = fail_safe(budget, counted.error);
      const Outcome out = co_await step;
      co_return out;
    }
    if (counted.unmanaged)
      recorder().event(*budget, sym::Warning, cluster_.symbol("UnmanagedPods"),
                       fmt::format("Pods selected by this PodDisruptionBudget (selector: {}) were found to be unmanaged. As a result, the status of the PDB "
                                   "cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set "
                                   "\".spec.minAvailable\" field of the PDB to an integer value.",
                                   budget->spec->selector_text));

    Ref<PodDisruptionBudget> next = clone_as(*budget);
    const std::optional<Duration> expiry = fill_status(*next, pods, counted);
    const bool current = same_object(*next, *budget);
    if (!current) {
      auto write = client().update_status(next);
      const ApiResult r = co_await write;
      if (r.status == ApiStatus::conflict) co_return Outcome::failed();
      if (!r.ok()) {
        auto step = fail_safe(budget, r.message());
        const Outcome out = co_await step;
        co_return out;
      }
    }
    // As upstream reckons it: from the instant of the count, although the write has taken time since.
    if (expiry) recheck_.add_after(key, *expiry);
    co_return Outcome::ok();
  }

  /// E-003. A percentage and maxUnavailable need the replicas of the pods' controllers.
  Task<Count> count(const PodDisruptionBudget& budget, const PodList& pods) {
    Count out;
    const PodDisruptionBudgetSpec& spec = *budget.spec;
    if (!spec.max_unavailable && spec.min_available && !spec.min_available->percent) {
      out.desired = spec.min_available->value;
      out.expected = static_cast<std::int64_t>(pods.size());
      co_return out;
    }
    if (!spec.max_unavailable && !spec.min_available) co_return out;
    std::map<Uid, std::int64_t> scales;
    for (const auto& pod : pods) {
      const OwnerReference* ref = pod->meta.controller();
      if (ref == nullptr) {
        out.unmanaged = true;
        continue;
      }
      if (scales.contains(ref->uid)) continue;
      const ControllerScale scale = scale_of(store(), *ref, pod->ns());
      if (scale.found == ControllerScale::Found::replicas) {
        scales[scale.uid] = scale.replicas;
        continue;
      }
      if (scale.found == ControllerScale::Found::ask_scale) {
        // The scale subresource, then what the API server has of subresources.
        const Kind kind = kind_from_name(ref->kind);
        for (int i = 0; i < 2; ++i) {
          auto ask = client().get(kind, pod->ns(), ref->name);
          const ApiResult r = co_await ask;
          if (r.status == ApiStatus::unavailable) {
            out.error = r.message();
            co_return out;
          }
        }
      }
      out.error = scale.error.empty() ? fmt::format("found no controllers for pod \"{}\"", pod->name()) : scale.error;
      co_return out;
    }
    for (const auto& [uid, n] : scales) out.expected += n;
    out.desired = spec.max_unavailable ? std::max<std::int64_t>(0, out.expected - spec.max_unavailable->of(out.expected)) : spec.min_available->of(out.expected);
    co_return out;
  }

  /// E-005, E-006, E-008. The result: how long until the first entry of disruptedPods expires.
  std::optional<Duration> fill_status_entries(PodDisruptionBudgetStatus& status, const PodDisruptionBudget& budget, const PodList& pods) {
    std::optional<Duration> least;
    std::vector<std::pair<std::string, Stamp>> kept;
    for (const auto& pod : pods) {
      if (pod->meta.deleted) continue;
      auto it = std::lower_bound(status.disrupted.begin(), status.disrupted.end(), pod->name(), [](const auto& a, std::string_view b) { return a.first < b; });
      if (it == status.disrupted.end() || it->first != pod->name()) continue;
      const Time expiry = time_of(it->second) + options_.deletion_timeout;
      if (expiry < now()) {
        recorder().event(*pod, sym::Warning, cluster_.symbol("NotDeleted"),
                         fmt::format("Pod was expected by PDB {0}/{0} to be deleted but it wasn't", cluster_.text(budget.ns())));
        continue;
      }
      least = std::min(least.value_or(kForever), expiry - now());
      kept.push_back(*it);
    }
    status.disrupted = std::move(kept);
    return least;
  }

  std::optional<Duration> fill_status(PodDisruptionBudget& next, const PodList& pods, const Count& counted) {
    PodDisruptionBudgetStatus& s = next.status;
    const std::optional<Duration> expiry = fill_status_entries(s, next, pods);
    std::int64_t healthy = 0;
    for (const auto& pod : pods) {
      if (pod->meta.deleted || !condition_true(pod->conditions, sym::Ready)) continue;
      auto it = std::lower_bound(s.disrupted.begin(), s.disrupted.end(), pod->name(), [](const auto& a, std::string_view b) { return a.first < b; });
      const bool leaving = it != s.disrupted.end() && it->first == pod->name() && time_of(it->second) + options_.deletion_timeout > now();
      if (!leaving) ++healthy;
    }
    const auto clip = [](std::int64_t v) { return static_cast<std::int32_t>(std::clamp<std::int64_t>(v, 0, INT32_MAX)); };
    s.healthy = clip(healthy);
    s.desired = clip(counted.desired);
    s.expected = clip(counted.expected);
    s.allowed = counted.expected <= 0 ? 0 : clip(healthy - counted.desired);
    s.observed_generation = next.meta.generation;
    set_disruption_allowed(s, stamp(now()));
    return expiry;
  }

  /// E-007: whatever is wrong, no eviction is granted on the strength of old numbers.
  Task<Outcome> fail_safe(Ref<const PodDisruptionBudget> budget, std::string why) {
    Ref<PodDisruptionBudget> next = clone_as(*budget);
    next->status.allowed = 0;
    set_disruption_allowed(next->status, sym::False, sym::SyncFailed, cluster_.symbol(why), stamp(now()));
    auto write = client().update_status(std::move(next));
    const ApiResult r = co_await write;
    co_return r.ok() ? Outcome::ok() : Outcome::failed();
  }

  Task<Outcome> recheck(const ObjectKey& key) {
    queue_.add_rate_limited(key);
    co_return Outcome::ok();
  }

  // ---- conditions that nobody followed up

  /// How long until the pod's DisruptionTarget is stale (E-009); nothing when it never will be.
  std::optional<Duration> stale_in(const Pod& pod) const {
    if (pod.meta.deleted || pod.terminal()) return std::nullopt;
    const Condition* c = find_condition(pod.conditions, sym::DisruptionTarget);
    if (c == nullptr || c->status != sym::True || c->reason == sym::TerminationByKubelet) return std::nullopt;
    return std::max(Duration{}, options_.stale_condition_timeout - (now() - time_of(c->transition)));
  }

  Task<Outcome> clear_stale(const ObjectKey& key) {
    const Pod* pod = store().cached_pod(key.ns, key.name);
    if (pod == nullptr) co_return Outcome::ok();
    const std::optional<Duration> wait = stale_in(*pod);
    if (!wait) co_return Outcome::ok();
    if (wait->count() > 0) {
      stale_.add_after(key, *wait);
      co_return Outcome::ok();
    }
    Ref<Pod> next = clone_as(*pod);
    Condition* c = find_condition(next->conditions, sym::DisruptionTarget);
    *c = {};
    c->type = sym::DisruptionTarget;
    c->status = sym::False;
    c->transition = stamp(now());
    c->observed_generation = pod->meta.generation;
    auto write = client().update_status(std::move(next));
    const ApiResult r = co_await write;
    co_return r.ok() ? Outcome::ok() : Outcome::failed();
  }

  const DisruptionOptions options_;
  WorkQueue queue_, recheck_, stale_;
  std::unordered_map<Symbol, Namespace> namespaces_;  ///< those with budgets; never iterated
};

}  // namespace

std::unique_ptr<Controller> make_disruption_controller(Cluster& cluster, const DisruptionOptions& options) {
  return std::make_unique<DisruptionController>(cluster, options);
}

}  // namespace orrery
