// Behaviour source: Kubernetes v1.36, pkg/controller/job/{pod_failure_policy,success_policy,backoff_utils}.go.
#include "policies.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace orrery::job {

namespace {
constexpr Duration kBackoffBase = std::chrono::seconds{10};
constexpr Duration kBackoffMax = std::chrono::minutes{10};

const ContainerStatus* matching_container(const ContainerStatuses& list, const PodFailureRule& rule) {
  for (const auto& c : list) {
    if (c.state != ContainerStatus::State::terminated || c.terminated.exit_code == 0) continue;
    if (rule.container != 0 && rule.container != c.name) continue;
    const bool listed = std::find(rule.codes.begin(), rule.codes.end(), c.terminated.exit_code) != rule.codes.end();
    if (listed != rule.negate) return &c;
  }
  return nullptr;
}

const Condition* matching_condition(const Pod& pod, const PodFailureRule& rule) {
  for (const auto& c : pod.conditions)
    for (const auto& [type, status] : rule.conditions)
      if (c.type == type && c.status == status) return &c;
  return nullptr;
}
}  // namespace

FailureMatch match_failure_policy(const JobSpec& spec, const Pod& pod, const Cluster& cluster) {
  using Action = PodFailureRule::Action;
  auto text = [&](Symbol s) { return cluster.store().names().text(s); };
  for (std::size_t i = 0; i < spec.failure_rules.size(); ++i) {
    const PodFailureRule& rule = spec.failure_rules[i];
    std::string message;
    if (rule.on_exit_codes) {
      const ContainerStatus* c = matching_container(pod.containers, rule);
      if (c == nullptr) c = matching_container(pod.init_containers(), rule);
      if (c == nullptr) continue;
      if (rule.action == Action::fail_job)
        message = fmt::format("Container {} for pod {}/{} failed with exit code {} matching FailJob rule at index {}", text(c->name), text(pod.ns()),
                              pod.name(), c->terminated.exit_code, i);
    } else {
      const Condition* c = matching_condition(pod, rule);
      if (c == nullptr) continue;
      if (rule.action == Action::fail_job)
        message = fmt::format("Pod {}/{} has condition {} matching FailJob rule at index {}", text(pod.ns()), pod.name(), text(c->type), i);
    }
    if (rule.action == Action::unknown) continue;
    return {rule.action != Action::ignore, rule.action, std::move(message)};
  }
  return {};
}

std::optional<std::string> match_success_policy(const JobSpec& spec, const IndexSet& succeeded) {
  if (!spec.has_success_policy || succeeded.empty()) return {};
  const auto completions = static_cast<std::int32_t>(spec.completions);
  for (std::size_t i = 0; i < spec.success_rules.size(); ++i) {
    const SuccessRule& rule = spec.success_rules[i];
    bool met = false;
    if (rule.has_indexes) {
      const IndexSet wanted = IndexSet::parse(rule.indexes, completions);
      if (wanted.empty()) continue;
      std::int64_t both = 0;
      for (const auto& [a, b] : wanted.ranges)
        for (const auto& [c, d] : succeeded.ranges) both += std::max(0, std::min(b, d) - std::max(a, c) + 1);
      met = both == wanted.size() || (rule.has_count && both >= rule.count);
    } else {
      met = rule.has_count && succeeded.size() >= rule.count;
    }
    if (met) return fmt::format("Matched rules at index {}", i);
  }
  return {};
}

namespace {
Stamp last_finish(const std::vector<const Pod*>& pods) {
  Stamp last;
  for (const Pod* p : pods) last = std::max(last, finish_time(*p));
  return last;
}
}  // namespace

Backoff next_backoff(const Backoff& before, const std::vector<const Pod*>& succeeded, const std::vector<const Pod*>& failed) {
  if (succeeded.empty() && failed.empty()) return before;
  if (succeeded.empty()) return {before.failures + static_cast<std::int32_t>(failed.size()), last_finish(failed)};
  // A success starts the count anew: only failures that finished after it, in whole seconds, count on.
  if (failed.empty()) return {};
  const Stamp success = last_finish(succeeded);
  Backoff out;
  for (const Pod* p : failed) {
    const Stamp t = finish_time(*p);
    if (t <= success) continue;
    ++out.failures;
    out.last = std::max(out.last, t);
  }
  return out;
}

Duration remaining_backoff(std::int32_t failures, Stamp last, Time now) {
  if (failures == 0) return {};
  Duration d = kBackoffBase;
  for (std::int32_t i = 1; i < failures && d < kBackoffMax; ++i) d = std::min(2 * d, kBackoffMax);
  const Duration passed = now - time_of(last);
  return d < passed ? Duration{} : d - passed;
}

}  // namespace orrery::job
