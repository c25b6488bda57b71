// The controller that models/README.md shows, built outside the library and run: a new controller needs no change of it.
// The part between the two marks is the code block of that text, letter for letter; the last test holds them together.

// [example begins]
#include <algorithm>
#include <memory>

#include "orrery/models/simulation.hpp"

namespace orrery {
namespace {

/// Deletes pods that have been Succeeded for a while.
class PodReaper final : public Controller {
 public:
  PodReaper(Cluster& cluster, Duration patience)
      : Controller(cluster, {.name = "podreaper", .component = "pod-reaper", .position = 10}),
        patience_(patience),
        queue_(cluster, "podreaper queue", 1, {}, [this](const ObjectKey& key) { return reconcile(key); }) {}

  bool watches(Kind kind) const override { return kind == Kind::pod; }
  void on_change(const Change& change) override {
    if (change.type == ChangeType::deleted) return;
    if (static_cast<const Pod&>(*change.object).phase == PodPhase::succeeded) queue_.add(key_of(*change.object));
  }
  void on_start() override { queue_.start(); }
  void on_stop() override { queue_.stop(); }

 private:
  /// The whole second, as the API stores it, in which the last container ended.
  static Time finished(const Pod& pod) {
    Stamp last;
    for (const ContainerStatus& c : pod.containers) last = std::max(last, c.terminated.finished);
    return time_of(last);
  }

  Task<Outcome> reconcile(const ObjectKey& key) {
    const Pod* pod = store().cached_pod(key.ns, key.name);
    if (pod == nullptr || pod->meta.deleted || pod->phase != PodPhase::succeeded) co_return Outcome::ok();
    const Time due = finished(*pod) + patience_;
    if (due > now()) co_return Outcome::again_after(due - now());
    const DeleteOptions only_this_one{.uid = pod->uid()};
    Client::Call call = client().remove(Kind::pod, key.ns, key.name, only_this_one);
    const ApiResult gone = co_await call;  // virtual time passes: `pod` may dangle from here on
    co_return gone.ok() || gone.status == ApiStatus::not_found ? Outcome::ok() : Outcome::failed();
  }

  Duration patience_;
  WorkQueue queue_;
};

}  // namespace

std::unique_ptr<Controller> make_pod_reaper(Cluster& cluster, Duration patience) {
  return std::make_unique<PodReaper>(cluster, patience);
}

}  // namespace orrery
// [example ends]

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace {

using namespace orrery;
using namespace std::chrono_literals;

constexpr Duration kPatience = 30s;

constexpr const char* kScenario = R"({
  "apiVersion": "orrery/v1", "kind": "Scenario", "metadata": { "name": "reaper" },
  "spec": {
    "until": "3m",
    "controlPlane": { "apiLatency": "2ms", "watchLatency": "1ms", "bindLatency": "10ms", "skew": "1us" },
    "nodes": [ { "count": 2, "metadata": { "name": "n" } } ],
    "objects": [ { "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "hello" },
                   "spec": { "completions": 6, "parallelism": 2, "template": { "spec": { "restartPolicy": "Never",
                     "containers": [ { "name": "c", "image": "busybox:1" } ] } } } } ],
    "behaviors": [ { "match": { "kind": "Job", "name": "hello" }, "run": "20s" } ]
  } })";

struct Times {
  std::map<std::string, Duration> finished, deleted;  ///< since t = 0; `finished` is what the container's status says
  std::int32_t succeeded = 0;
  std::string fingerprint;
};

Times run(std::vector<ControllerEntry> controllers) {
  const auto scenario = parse_scenario(kScenario, "example.json", ".");
  REQUIRE(scenario);
  SimulationOptions options;
  options.controllers = std::move(controllers);
  Simulation sim(*scenario, std::move(options));
  Times times;
  sim.on_change([&](Duration t, const Change& c) {
    if (c.kind != Kind::pod) return;
    const Pod& pod = static_cast<const Pod&>(*c.object);
    if (c.type == ChangeType::deleted) times.deleted[std::string(pod.name())] = t;
    if (pod.phase == PodPhase::succeeded && !pod.containers.empty())
      times.finished[std::string(pod.name())] = time_of(pod.containers[0].terminated.finished) - sim.scenario().start;
  });
  const RunReport report = sim.run();
  CHECK(report.refusals.empty());
  times.fingerprint = report.fingerprint;
  const Job* job = sim.cluster().store().live_job(sim.cluster().symbol("default"), "hello");
  REQUIRE(job != nullptr);
  times.succeeded = job->status.succeeded;
  return times;
}

std::vector<ControllerEntry> with_reaper() {
  std::vector<ControllerEntry> controllers = builtin_controllers();
  controllers.push_back({"podreaper", [](Cluster& c, const Scenario&) { return make_pod_reaper(c, kPatience); }});
  return controllers;
}

std::string text_of(const std::string& path) {
  std::ifstream in(std::string(ORRERY_SOURCE_DIR) + "/" + path);
  REQUIRE_MESSAGE(in, path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// What stands between the first `from` and the next `to`.
std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.find(from);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = text.find(to, begin + from.size());
  REQUIRE(end != std::string::npos);
  return text.substr(begin + from.size(), end - begin - from.size());
}

}  // namespace

TEST_CASE("without the example controller succeeded pods stay") {
  const Times times = run(builtin_controllers());
  CHECK(times.succeeded == 6);
  CHECK(times.finished.size() == 6);
  CHECK(times.deleted.empty());
}

TEST_CASE("the example controller deletes each pod when its patience is over, and the job still counts it") {
  const Times times = run(with_reaper());
  CHECK(times.succeeded == 6);
  CHECK(times.finished.size() == 6);
  REQUIRE(times.deleted.size() == 6);
  // Two pods of one second are deleted one after the other, because there is one worker.
  const Duration call = 2ms + 10 * 1us;
  std::map<Duration, int> same_second;
  for (const auto& [name, at] : times.deleted) ++same_second[times.finished.at(name)];
  for (const auto& entry : times.deleted) {  // no structured binding: clang 14 cannot capture one, and CAPTURE does
    CAPTURE(entry.first);
    const Duration finished = times.finished.at(entry.first);
    const Duration late = entry.second - finished - kPatience;
    CHECK(late >= call);
    CHECK(late <= same_second[finished] * call);
  }
}

TEST_CASE("runs with the example controller are as deterministic as any") {
  CHECK(run(with_reaper()).fingerprint == run(with_reaper()).fingerprint);
}

TEST_CASE("models/README.md shows this very code") {
  const std::string code = between(text_of("tests/unit/example_controller_test.cpp"), "// [example begins]\n", "// [example ends]\n");
  const std::string shown = between(text_of("models/README.md"), "```cpp\n", "```\n");
  CHECK(shown == code);
}
