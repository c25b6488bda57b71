#include "orrery/cluster/eviction.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "orrery/cluster/client.hpp"
#include "orrery/cluster/symbols.hpp"

namespace orrery {

namespace {

enum : std::uint16_t { kStep = 1, kAgain = 2 };

// E-013: so often is a conflict tried again, so far apart.
constexpr int kAttemptsMax = 20;
constexpr Duration kPause = std::chrono::milliseconds{500};
constexpr std::uint64_t kJitterMillis = 50;

constexpr std::string_view kRefusal = "Cannot evict pod as it would violate the pod's disruption budget.";

ApiResult still_processing(std::string_view budget) {
  return {ApiStatus::too_many_requests, std::string(kRefusal), fmt::format("The disruption budget {} is still being processed by the server.", budget), 10};
}

ApiResult conflict(std::string_view name, std::string_view what, const std::string& asked, const std::string& found, std::string_view why) {
  return {ApiStatus::conflict,
          fmt::format("Operation cannot be fulfilled on Pod \"{}\": the {} in the precondition ({}) does not match the {} in record ({}). The object might have been {}",
                      name, what, asked, what, found, why)};
}

ApiResult no_such_pod(std::string_view name) { return {ApiStatus::not_found, fmt::format("pods \"{}\" not found", name)}; }

/// E-010 row 2.
bool can_ignore_budget(const Pod& pod) { return pod.terminal() || pod.phase == PodPhase::pending || pod.meta.deleted; }

}  // namespace

std::shared_ptr<EvictionQueue> make_eviction_queue(Cluster& cluster) { return std::make_shared<EvictionQueue>(cluster); }

ApiResult ask_budget(const PodDisruptionBudget& budget, const Interner& names) {
  const PodDisruptionBudgetStatus& s = budget.status;
  if (s.observed_generation < budget.meta.generation) return still_processing(budget.name());
  const auto forbidden = [&](std::string_view why) {
    return ApiResult{ApiStatus::forbidden, fmt::format("poddisruptionbudget.policy \"{}\" is forbidden: {}", budget.name(), why)};
  };
  if (s.allowed < 0) return forbidden("pdb disruptions allowed is negative");
  if (s.disrupted.size() > kDisruptedPodsMax) return forbidden("DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  if (s.allowed > 0) return {};
  const Condition* c = find_condition(s.conditions, sym::DisruptionAllowed);
  const bool told = c != nullptr && c->status == sym::False && c->message != 0;
  std::string cause;
  if (told && c->reason == sym::SyncFailed)
    cause = fmt::format("The disruption budget {} does not allow evicting pods currently because it failed sync: {}", budget.name(), names.text(c->message));
  else if (s.healthy <= s.desired)
    cause = fmt::format("The disruption budget {} needs {} healthy pods and has {} currently", budget.name(), s.desired, s.healthy);
  else if (told)
    cause = fmt::format("The disruption budget {} does not allow evicting pods currently ({}): {}", budget.name(), names.text(c->reason), names.text(c->message));
  else
    cause = fmt::format("The disruption budget {} does not allow evicting pods currently", budget.name());
  return {ApiStatus::too_many_requests, std::string(kRefusal), std::move(cause)};
}

EvictionQueue::EvictionQueue(Cluster& cluster)
    : cluster_(cluster), self_(cluster.kernel().add(*this)), jitter_(cluster.seed(), purpose("evictions.retry"), 0) {}

std::uint64_t EvictionQueue::enter(Client& client, std::uint32_t call, Time at, Symbol ns, std::string_view name, const DeleteOptions& options) {
  Ticket& t = tickets_[++last_];
  t.id = last_;
  t.client = &client;
  t.call = call;
  t.at = at;
  t.ns = ns;
  t.name = name;
  t.asked = t.options = options;
  return last_;
}

void EvictionQueue::arrived(std::uint64_t ticket) {
  tickets_.at(ticket).here = true;
  next();
}

void EvictionQueue::next() {
  if (busy_ != 0) return;
  Ticket* first = nullptr;
  const auto before = [&](const Ticket& a, const Ticket& b) {
    if (a.at != b.at) return a.at < b.at;
    if (a.ns != b.ns) return cluster_.text(a.ns) < cluster_.text(b.ns);
    return a.name < b.name;
  };
  for (auto& [id, t] : tickets_)
    if (first == nullptr || before(t, *first)) first = &t;
  // One that ends in this very instant may still be on its way.
  if (first == nullptr || !first->here) return;
  busy_ = first->id;
  at_turn(*first, Step::decide);
}

void EvictionQueue::at_turn(Ticket& t, Step step) {
  t.step = step;
  const Time turn = cluster_.reserve_commit();
  if (turn > cluster_.now())
    cluster_.kernel().at(turn, Phase::commit, self_, kStep, t.id);
  else
    run(t);
}

void EvictionQueue::on_event(const Event& e) {
  Ticket& t = tickets_.at(e.a);
  if (e.kind == kAgain) {
    t.here = true;
    return next();
  }
  run(t);
}

void EvictionQueue::run(Ticket& t) {
  switch (t.step) {
    case Step::decide: return decide(t);
    case Step::mark: return mark(t);
    case Step::remove: return remove(t);
  }
}

void EvictionQueue::decide(Ticket& t) {
  if (cluster_.api_down) return answer(t, {ApiStatus::unavailable, "the API server does not answer"});
  Store& store = cluster_.store();
  const Pod* pod = store.live_pod(t.ns, t.name);
  if (pod == nullptr) return answer(t, no_such_pod(t.name));
  t.options = t.asked;
  t.beside_budget = can_ignore_budget(*pod);
  if (t.beside_budget) {
    // A pod that waits to run may become healthy meanwhile; terminal ones and those on their way out do not.
    if (!pod->terminal() && !pod->meta.deleted && t.options.resource_version == 0) t.options.resource_version = pod->meta.resource_version;
    return mark(t);
  }
  std::vector<Ref<const PodDisruptionBudget>> budgets;
  if (store.count(Kind::poddisruptionbudget) > 0)
    for (const auto& o : store.list(Kind::poddisruptionbudget)) {
      const auto& b = static_cast<const PodDisruptionBudget&>(*o);
      if (b.ns() == t.ns && b.spec->selects(pod->meta.labels().get())) budgets.emplace_back(&b);
    }
  if (budgets.size() > 1)
    return answer(t, {ApiStatus::internal_error, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."});
  if (budgets.empty()) return mark(t);

  const PodDisruptionBudget& budget = *budgets.front();
  t.budget = budget.name();
  if (!condition_true(pod->conditions, sym::Ready)) {
    const PodDisruptionBudgetStatus& s = budget.status;
    t.unhealthy = budget.spec->always_allow_unhealthy || (s.healthy >= s.desired && s.desired > 0);
    if (t.unhealthy) {
      t.options.resource_version = pod->meta.resource_version;
      return mark(t);
    }
  }
  ApiResult verdict = ask_budget(budget, cluster_.names());
  if (!verdict.ok()) return answer(t, std::move(verdict));
  auto next = clone_as(budget);
  const Stamp now = stamp(cluster_.now());
  if (--next->status.allowed == 0) set_disruption_allowed(next->status, now);
  auto& list = next->status.disrupted;
  auto it = std::lower_bound(list.begin(), list.end(), t.name, [](const auto& a, const std::string& b) { return a.first < b; });
  if (it != list.end() && it->first == t.name)
    it->second = now;
  else
    list.insert(it, {t.name, now});
  // Read and written in one turn: there is nobody to be in conflict with.
  (void)store.replace(std::move(next));
  at_turn(t, Step::mark);
}

void EvictionQueue::mark(Ticket& t) {
  Store& store = cluster_.store();
  const Pod* pod = store.live_pod(t.ns, t.name);
  if (pod == nullptr) return failed(t, no_such_pod(t.name));
  if (t.options.uid && t.options.uid != pod->uid())
    return failed(t, conflict(t.name, "UID", t.options.uid.text(), pod->uid().text(), "deleted and then recreated"));
  if (t.options.resource_version != 0 && t.options.resource_version != pod->meta.resource_version)
    return failed(t, conflict(t.name, "ResourceVersion", fmt::format("{}", t.options.resource_version), fmt::format("{}", pod->meta.resource_version), "modified"));
  auto next = clone_as(*pod);
  Condition target;
  target.type = sym::DisruptionTarget;
  target.status = sym::True;
  target.reason = sym::EvictionByEvictionAPI;
  target.message = cluster_.symbol("Eviction API: evicting");
  target.transition = stamp(cluster_.now());
  if (Condition* old = find_condition(next->conditions, sym::DisruptionTarget)) {
    if (old->status == sym::True) target.transition = old->transition;
    *old = target;
  } else {
    next->conditions.push_back(target);
  }
  const ApiResult written = store.replace(std::move(next));
  if (t.options.resource_version != 0 && written.object) t.options.resource_version = written.object->meta.resource_version;
  at_turn(t, Step::remove);
}

void EvictionQueue::remove(Ticket& t) {
  ApiResult r = cluster_.store().remove(Kind::pod, t.ns, t.name, t.options);
  if (r.ok()) return answer(t, std::move(r));
  failed(t, std::move(r));
}

void EvictionQueue::failed(Ticket& t, ApiResult result) {
  const bool ours = t.asked.resource_version == 0;  // the precondition is the server's own
  if (result.status != ApiStatus::conflict || !ours) return answer(t, std::move(result));
  if (t.unhealthy) return answer(t, still_processing(t.budget));
  if (!t.beside_budget || ++t.attempts == kAttemptsMax) return answer(t, std::move(result));
  const Duration wait = kPause + std::chrono::milliseconds{jitter_.below(kJitterMillis)};
  t.here = false;
  t.at = cluster_.now() + wait;
  busy_ = 0;
  cluster_.kernel().after(wait, Phase::commit, self_, kAgain, t.id);
  next();
}

void EvictionQueue::answer(Ticket& t, ApiResult result) {
  Client* client = t.client;
  const std::uint32_t call = t.call;
  tickets_.erase(t.id);
  busy_ = 0;
  client->answer(call, std::move(result));
  next();
}

}  // namespace orrery
