#include "drain/drain.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery {

namespace {
constexpr Duration kRetryDelay = std::chrono::seconds{5};
constexpr Duration kPollPeriod = std::chrono::seconds{1};
}  // namespace

std::string Drains::start(std::vector<std::string> nodes, const verb::Drain& options, DrainOutput output) {
  for (const std::string& n : nodes)
    if (cluster_.store().live_node(n) == nullptr) return fmt::format("nodes \"{}\" not found", n);
  for (const std::string& n : nodes) {
    if (cluster_.store().live_node(n)->unschedulable) {
      output.print(false, fmt::format("node/{} already cordoned", n));
      continue;
    }
    const ApiResult r = api_.patch("Node", "", n, PatchType::strategic, {{"spec", {{"unschedulable", true}}}});
    if (!r.ok()) return fmt::format("unable to cordon node \"{}\": {}", n, r.message());
    output.print(false, fmt::format("node/{} cordoned", n));
  }
  auto run = std::make_shared<Run>();
  run->nodes = std::move(nodes);
  run->options = options;
  run->output = std::move(output);
  tasks_.add(drain(std::move(run)));
  return {};
}

Task<void> Drains::drain(std::shared_ptr<Run> run) {
  std::vector<std::string> left;
  for (const std::string& node : run->nodes) {
    auto step = drain_node(*run, node);
    const bool fine = co_await step;
    if (fine)
      run->output.print(false, fmt::format("node/{} drained", node));
    else
      left.push_back(node);
  }
  if (left.empty()) co_return;
  run->output.print(true, "There are pending nodes to be drained:");
  for (const std::string& node : left) run->output.print(true, " " + node);
}

/// The list, and the DaemonSets of the pods that have one. In the order of namespace and name.
Task<std::vector<JudgedPod>> Drains::look(const Run& run, const std::string& node) {
  auto list = client_.get(Kind::node, 0, node);  // stands for the list, which takes as long
  (void)co_await list;
  const Symbol on = cluster_.symbol(node);
  std::vector<JudgedPod> pods;
  for (const auto& o : cluster_.store().list(Kind::pod))
    if (const auto& pod = static_cast<const Pod&>(*o); pod.node == on) pods.push_back({Ref<const Pod>(&pod), {}});
  for (JudgedPod& j : pods) {
    std::string error;
    bool missing = false;
    if (asks_for_daemon_set(*j.pod)) {
      auto call = client_.get(Kind::daemonset, j.pod->ns(), j.pod->meta.controller()->name);
      const ApiResult r = co_await call;
      missing = r.status == ApiStatus::not_found;
      if (!r.ok()) error = r.message();
    }
    j.verdict = judge_pod(*j.pod, run.options, error, missing);
  }
  co_return pods;
}

Task<bool> Drains::drain_node(Run& run, const std::string& node) {
  const auto fail = [&run, &node](const std::string& why) {
    run.output.failed(fmt::format("unable to drain node \"{}\" due to error: {}", node, why));
  };
  const auto tell_failure = [&run, &node](const std::string& why) {
    run.output.print(true, fmt::format("error: unable to drain node \"{}\" due to error: {}, continuing command...", node, why));
  };
  auto looking = look(run, node);
  const std::vector<JudgedPod> pods = co_await looking;
  if (const auto errors = drain_errors(pods, cluster_.names()); !errors.empty()) {
    fail(aggregated(errors));
    tell_failure(aggregated(errors));
    co_return false;
  }
  if (const std::string warnings = drain_warnings(pods, cluster_.names()); !warnings.empty()) run.output.print(true, "Warning: " + warnings);
  std::vector<Task<void>> evictions;
  for (const JudgedPod& j : pods)
    if (j.verdict.evict) evictions.push_back(evict(run, j.pod));
  if (evictions.empty()) co_return true;

  auto discovery = client_.get(Kind::node, 0, node);  // does the API server know of evictions? As long as any other call
  (void)co_await discovery;
  run.errors.clear();
  run.deadline = run.options.timeout && run.options.timeout->count() > 0 ? add_checked(cluster_.now(), *run.options.timeout) : kNever;
  Latch latch;
  WhenAll all{evictions, latch};
  co_await all;
  if (run.errors.empty()) co_return true;

  const std::string why = aggregated(run.errors);
  fail(why);
  auto again = look(run, node);
  const std::vector<JudgedPod> left = co_await again;
  bool first = true;
  for (const JudgedPod& j : left) {
    if (!j.verdict.evict) continue;
    if (std::exchange(first, false)) run.output.print(true, fmt::format("There are pending pods in node \"{}\" when an error occurred: {}", node, why));
    run.output.print(true, fmt::format("pod/{}", j.pod->name()));
  }
  if (const auto errors = drain_errors(left, cluster_.names()); !errors.empty()) {
    run.output.print(true, "Following errors occurred while getting the list of pods to delete:");
    run.output.print(true, aggregated(errors));
  }
  tell_failure(why);
  co_return false;
}

/// E-024.
Task<void> Drains::evict(Run& run, Ref<const Pod> pod) {
  const Symbol ns = pod->ns();
  const std::string name(pod->name());
  const std::string space(cluster_.text(ns));
  DeleteOptions how;
  how.grace_s = run.options.grace_period_seconds;
  for (;;) {
    run.output.print(false, fmt::format("evicting pod {}/{}", space, name));
    if (cluster_.now() >= run.deadline) {
      run.errors.push_back(
          fmt::format("error when evicting pods/\"{}\" -n \"{}\": global timeout reached: {}", name, space, format_go_duration(*run.options.timeout)));
      co_return;
    }
    auto eviction = client_.evict(ns, name, how);
    const ApiResult r = co_await eviction;
    if (r.ok()) break;
    if (r.status == ApiStatus::not_found) co_return;
    if (r.status != ApiStatus::too_many_requests) {
      run.errors.push_back(fmt::format("error when evicting pods/\"{}\" -n \"{}\": {}", name, space, r.message()));
      co_return;
    }
    run.output.print(true, fmt::format("error when evicting pods/\"{}\" -n \"{}\" (will retry after 5s): {}", name, space, r.message()));
    co_await client_.sleep(kRetryDelay);
    auto fresh = client_.get(Kind::pod, ns, name);
    const ApiResult now_there = co_await fresh;
    if (now_there.ok()) pod = Ref<const Pod>(static_cast<const Pod*>(now_there.object.get()));
  }
  auto waiting = wait_until_gone(run, pod);
  co_await waiting;
}

Task<void> Drains::wait_until_gone(Run& run, Ref<const Pod> pod) {
  const Symbol ns = pod->ns();
  const std::string name(pod->name());
  const auto fail = [&](const std::string& why) {
    run.errors.push_back(fmt::format("error when waiting for pod \"{}\" in namespace \"{}\" to terminate: {}", name, cluster_.text(ns), why));
  };
  const Time begin = cluster_.now();
  for (std::int64_t tick = 1;; ++tick) {
    auto call = client_.get(Kind::pod, ns, name);
    const ApiResult r = co_await call;
    if (r.status == ApiStatus::not_found || (r.ok() && r.object->uid() != pod->uid())) {
      run.output.print(false, fmt::format("pod/{} evicted", name));
      co_return;
    }
    if (!r.ok()) {
      fail(r.message());
      co_return;
    }
    // A ticker: it keeps its beat however long a look takes, and forgets beats that nobody has waited for.
    const Time now = cluster_.now();
    tick = std::max<std::int64_t>(tick, (now - begin) / kPollPeriod);
    const Time due = std::max(now, begin + tick * kPollPeriod);
    if (run.deadline <= due) {
      co_await client_.sleep(run.deadline > now ? run.deadline - now : Duration{});
      fail("context deadline exceeded");
      co_return;
    }
    co_await client_.sleep(due - now);
  }
}

}  // namespace orrery
