#include <doctest/doctest.h>

#include "orrery/cluster/eviction.hpp"
#include "support/housekeeping_world.hpp"
#include "support/task_group.hpp"

using namespace orrery;
using namespace orrery::test;

namespace {

using Json = nlohmann::json;
using Lines = std::vector<std::string>;

const char* const kRefused = "Cannot evict pod as it would violate the pod's disruption budget.";

/// Pods and budgets whose status the tests write themselves, and somebody who evicts.
struct EvictionWorld : World {
  Client client{cluster, "evictor", {}};
  TaskGroup tasks;
  std::vector<ApiResult> answers;

  void budget(const std::string& name, const Json& spec, PodDisruptionBudgetStatus status) {
    Json b = {{"apiVersion", "policy/v1"}, {"kind", "PodDisruptionBudget"}, {"metadata", {{"name", name}, {"namespace", "default"}, {"generation", 1}}}, {"spec", spec}};
    b["spec"]["selector"] = {{"matchLabels", {{"app", "a"}}}};
    create(b);
    change<PodDisruptionBudget>(name, [&](PodDisruptionBudget& x) { x.status = std::move(status); });
  }
  void member(const std::string& name, const char* phase = "Running", bool ready = true) {
    auto p = pod(name, "n");
    p["metadata"]["labels"] = {{"app", "a"}};
    p["status"]["phase"] = phase;
    p["status"]["conditions"] = {{{"type", "Ready"}, {"status", ready ? "True" : "False"}, {"lastTransitionTime", "2026-01-01T00:00:01Z"}}};
    create(p);
  }
  void evict(const std::string& name, const DeleteOptions& how = {}) { tasks.add(wait_for(name, how)); }
  Task<void> wait_for(std::string name, DeleteOptions how) {
    auto call = client.evict(sym::default_, name, how);
    ApiResult r = co_await call;
    answers.push_back(std::move(r));
  }
  const PodDisruptionBudget* named(std::string_view name) { return store().live_as<PodDisruptionBudget>(sym::default_, name); }
  const Pod* pod_named(std::string_view name) { return store().live_pod(sym::default_, name); }
};

PodDisruptionBudgetStatus status(std::int32_t allowed, std::int32_t healthy, std::int32_t desired, std::int64_t observed = 1) {
  PodDisruptionBudgetStatus s;
  s.observed_generation = observed;
  s.allowed = allowed;
  s.healthy = healthy;
  s.desired = desired;
  s.expected = 3;
  return s;
}

}  // namespace

TEST_CASE("E-011, E-012: what a budget answers") {
  struct Row {
    const char* rule;
    PodDisruptionBudgetStatus status;
    const char* condition_reason;  // "" = no condition
    const char* condition_message;
    ApiStatus answer;
    const char* cause;
    std::int32_t retry_after_s;
  };
  PodDisruptionBudgetStatus crowded = status(1, 3, 2);
  for (std::size_t i = 0; i <= kDisruptedPodsMax; ++i) crowded.disrupted.emplace_back(fmt::format("p{:05}", i), Stamp{1});
  const Row rows[] = {
      {"E-011.1", status(1, 3, 2, 0), "", "", ApiStatus::too_many_requests, "The disruption budget b is still being processed by the server.", 10},
      {"E-011.2", status(-1, 3, 2), "", "", ApiStatus::forbidden, "", 0},
      {"E-011.3", crowded, "", "", ApiStatus::forbidden, "", 0},
      {"E-011.5", status(1, 3, 2), "", "", ApiStatus::ok, "", 0},
      {"E-012.1", status(0, 3, 2), "SyncFailed", "no scale", ApiStatus::too_many_requests,
       "The disruption budget b does not allow evicting pods currently because it failed sync: no scale", 0},
      {"E-012.2", status(0, 2, 2), "InsufficientPods", "", ApiStatus::too_many_requests, "The disruption budget b needs 2 healthy pods and has 2 currently", 0},
      {"E-012.3", status(0, 3, 2), "Other", "text", ApiStatus::too_many_requests, "The disruption budget b does not allow evicting pods currently (Other): text", 0},
      {"E-205", status(0, 3, 2), "InsufficientPods", "", ApiStatus::too_many_requests, "The disruption budget b does not allow evicting pods currently", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule);
    EvictionWorld w;
    w.budget("b", {{"minAvailable", 2}}, row.status);
    auto b = clone_as(*w.named("b"));
    if (*row.condition_reason != '\0')
      set_disruption_allowed(b->status, sym::False, w.cluster.symbol(row.condition_reason), w.cluster.symbol(row.condition_message), {1});
    const ApiResult r = ask_budget(*b, w.cluster.names());
    CHECK(r.status == row.answer);
    CHECK(r.cause() == row.cause);
    CHECK(r.retry_after_s() == row.retry_after_s);
    if (row.answer == ApiStatus::too_many_requests) CHECK(r.message() == kRefused);
  }
}

TEST_CASE("E-010: which pods go, which wait, and what it costs the budget") {
  struct Row {
    const char* rule;
    const char* phase;  // "" = no such pod
    bool ready;
    int budgets;
    const char* policy;
    std::int32_t allowed, healthy, desired;
    ApiStatus answer;
    std::int32_t allowed_after;
  };
  const Row rows[] = {
      {"E-010.1", "", true, 1, "", 1, 3, 2, ApiStatus::not_found, 1},
      {"E-010.2, E-209: pending", "Pending", false, 1, "", 0, 2, 2, ApiStatus::ok, 0},
      {"E-010.2: succeeded", "Succeeded", false, 1, "", 0, 2, 2, ApiStatus::ok, 0},
      {"E-010.2: failed", "Failed", false, 1, "", 0, 2, 2, ApiStatus::ok, 0},
      {"E-010.3", "Running", true, 0, "", 0, 0, 0, ApiStatus::ok, 0},
      {"E-010.4, E-208", "Running", true, 2, "", 1, 3, 2, ApiStatus::internal_error, 1},
      {"E-010.5", "Running", false, 1, "AlwaysAllow", 0, 1, 2, ApiStatus::ok, 0},
      {"E-010.6, E-209", "Running", false, 1, "IfHealthyBudget", 0, 3, 3, ApiStatus::ok, 0},
      {"E-203: desired 0", "Running", false, 1, "", 0, 0, 0, ApiStatus::too_many_requests, 0},
      {"E-204: unready, below desired", "Running", false, 1, "", 0, 2, 3, ApiStatus::too_many_requests, 0},
      {"E-010.7", "Running", true, 1, "", 2, 4, 2, ApiStatus::ok, 1},
      {"E-010.7: none left", "Running", true, 1, "", 0, 2, 2, ApiStatus::too_many_requests, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule);
    EvictionWorld w;
    Json spec = {{"minAvailable", row.desired}};
    if (*row.policy != '\0') spec["unhealthyPodEvictionPolicy"] = row.policy;
    for (int i = 0; i < row.budgets; ++i) w.budget(i == 0 ? "b" : "c", spec, status(row.allowed, row.healthy, row.desired));
    if (*row.phase != '\0') w.member("p", row.phase, row.ready);
    w.run_to(10s);
    w.evict("p");
    w.run_to(11s);
    REQUIRE(w.answers.size() == 1);
    CHECK(w.answers[0].status == row.answer);
    if (row.answer == ApiStatus::internal_error)
      CHECK(w.answers[0].message() == "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
    if (row.budgets > 0) CHECK(w.named("b")->status.allowed == row.allowed_after);
    const Pod* pod = w.pod_named("p");
    const bool leaving = pod == nullptr || pod->meta.deleted;
    if (*row.phase != '\0') CHECK(leaving == (row.answer == ApiStatus::ok));
    if (pod != nullptr && row.answer == ApiStatus::ok) {
      const Condition* c = find_condition(pod->conditions, sym::DisruptionTarget);
      REQUIRE(c != nullptr);
      CHECK(c->reason == sym::EvictionByEvictionAPI);
      CHECK(w.cluster.text(c->message) == "Eviction API: evicting");
    }
  }
}

TEST_CASE("E-014, E-205: budget, condition and deletion, a commit gap apart; the second of one instant is refused") {
  EvictionWorld w;
  w.budget("b", {{"minAvailable", 2}}, status(1, 3, 2));
  for (const char* name : {"p-2", "p-1"}) w.member(name);
  w.run_to(10s);
  w.lines.clear();
  w.evict("p-2");
  w.evict("p-1");
  w.run_to(11s);
  CHECK(w.lines == Lines{"10.002003 MODIFIED PodDisruptionBudget b", "10.0020031 MODIFIED Pod p-1", "10.0020032 MODIFIED Pod p-1"});
  const auto& s = w.named("b")->status;
  CHECK(s.allowed == 0);
  REQUIRE(s.disrupted.size() == 1);
  CHECK(s.disrupted[0].first == "p-1");
  CHECK(condition_true(s.conditions, sym::DisruptionAllowed) == false);
  REQUIRE(w.answers.size() == 2);
  CHECK(w.answers[0].ok());
  CHECK(w.answers[1].status == ApiStatus::too_many_requests);
  CHECK(w.answers[1].cause() == "The disruption budget b does not allow evicting pods currently");
  CHECK_FALSE(w.pod_named("p-2")->meta.deleted);
}

TEST_CASE("E-210: evicting a terminating pod costs nothing and can only shorten its grace") {
  EvictionWorld w;
  w.budget("b", {{"minAvailable", 2}}, status(0, 2, 2));
  w.member("p");
  w.run_to(10s);
  w.remove(Kind::pod, "p");
  w.run_to(11s);
  w.evict("p", {.grace_s = 60, .uid = {}});
  w.run_to(12s);
  CHECK(w.pod_named("p")->meta.deletion_grace == 30);
  w.evict("p", {.grace_s = 5, .uid = {}});
  w.run_to(13s);
  CHECK(w.pod_named("p")->meta.deletion_grace == 5);
  REQUIRE(w.answers.size() == 2);
  CHECK(w.answers[0].ok());
  CHECK(w.answers[1].ok());
}

TEST_CASE("E-014: the caller's preconditions are honoured") {
  EvictionWorld w;
  w.member("p");
  w.run_to(10s);
  w.evict("p", {.uid = Uid{1, 2}});
  w.evict("p", {.uid = {}, .resource_version = 999});
  w.run_to(30s);
  REQUIRE(w.answers.size() == 2);
  for (const ApiResult& r : w.answers) CHECK(r.status == ApiStatus::conflict);
  CHECK_FALSE(w.pod_named("p")->meta.deleted);
}
