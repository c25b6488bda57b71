#include "orrery/models/simulation.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "change_fingerprint.hpp"
#include "expectation_watch.hpp"
#include "orrery/models/kubelet.hpp"
#include "orrery/models/scheduler.hpp"
#include "support/leases.hpp"
#include "timeline_player.hpp"

namespace orrery {

namespace {
enum : std::uint16_t { kStartControllers = 1, kMakeNodes = 2, kBegin = 3 };

Timing timing_of(const ControlPlane& c) {
  return {c.api_latency, c.watch_latency, c.bind_latency, c.skew, c.commit_gap, c.qps_milli, c.burst};
}

}  // namespace

Simulation::Simulation(Scenario scenario, SimulationOptions options)
    : scenario_(std::move(scenario)),
      options_(std::move(options)),
      cluster_({.start = scenario_.start, .seed = scenario_.seed, .timing = timing_of(scenario_.control_plane)}),
      api_(cluster_),
      self_(cluster_.kernel().add(*this)) {
  const bool heartbeats = leases_can_run_out(scenario_);
  cluster_.store().on_commit([this](const Change& c) { committed(c); });
  kubelets_ = std::make_unique<Kubelets>(cluster_, scenario_.behaviors, KubeletOptions{.heartbeats = heartbeats, .events = options_.component_events});
  scheduler_ = std::make_unique<Scheduler>(cluster_, SchedulerOptions{.events = options_.component_events});
  for (const ControllerEntry& entry : options_.controllers) {
    controllers_.push_back(entry.make(cluster_, scenario_));
    for (std::size_t k = 0; k < kKindCount; ++k)
      if (controllers_.back()->watches(static_cast<Kind>(k))) watchers_[k].push_back(controllers_.back().get());
  }
  cluster_.store().on_delivery([this](const Change& c) {
    for (Controller* w : watchers_[static_cast<std::size_t>(c.kind)])
      if (w->running()) w->on_change(c);
  });
  fingerprint_ = std::make_unique<ChangeFingerprint>(cluster_.kernel().fingerprint(), cluster_.names());
  expectations_ = std::make_unique<ExpectationWatch>(*this);
  timeline_ = std::make_unique<TimelinePlayer>(*this);

  Kernel& kernel = cluster_.kernel();
  // Nodes are there half a second before t = 0, as in the recorded runs; the controllers are there before them.
  kernel.at(kernel.start() + scenario_.control_plane.watch_latency, Phase::timer, self_, kStartControllers);
  kernel.at(scenario_.start - kLead / 2, Phase::timeline, self_, kMakeNodes);
  kernel.at(scenario_.start, Phase::timeline, self_, kBegin);
}

Simulation::~Simulation() = default;

Controller* Simulation::controller(std::string_view name) {
  for (const auto& c : controllers_)
    if (c->name() == name) return c.get();
  return nullptr;
}

void Simulation::committed(const Change& change) {
  // What happens before t = 0 is the making of the cluster; leases are heartbeats, not behaviour.
  if (!begun_ || change.kind == Kind::lease) return;
  const Duration t = elapsed();
  fingerprint_->add(t, change);
  for (auto& hook : hooks_) hook(t, change);
  expectations_->changed(change);
}

void Simulation::on_event(const Event& e) {
  switch (e.kind) {
    case kStartControllers:
      for (auto& c : controllers_) c->start();
      break;
    case kMakeNodes:
      for (const NodeEntry& entry : scenario_.nodes)
        for (std::int64_t i = 0; i < node_count(entry); ++i) {
          const ApiResult r = api_.apply(node_object(entry, i));
          if (!r.ok()) refusals_.push_back({{}, r.message(), entry.from});
        }
      break;
    case kBegin: begin(); break;
    default: break;
  }
}

void Simulation::begin() {
  cluster_.store().deliver_all_now();
  begun_ = true;
  for (const auto& node : cluster_.store().list(Kind::node)) committed({ChangeType::added, Kind::node, cluster_.now(), 0, node, {}});
  for (ManifestObject& m : scenario_.objects) {
    const ApiResult r = api_.apply(std::exchange(m.object, nullptr));  // nobody asks the scenario for them again
    if (!r.ok()) refusals_.push_back({elapsed(), r.message(), m.from});
  }
  timeline_->begin();
}

RunStatus Simulation::run_until(Duration t) {
  const RunResult r = cluster_.kernel().run_until(scenario_.start + t);
  events_ += r.events;
  return r.status;
}

RunReport Simulation::run() {
  expectations_->begin();
  const RunResult r = scenario_.until ? cluster_.kernel().run_until(scenario_.start + *scenario_.until)
                                      : cluster_.kernel().run_settled(scenario_.start + kSettledLimit);
  events_ += r.events;
  return report(r);
}

void Simulation::print(PrintedLine line) {
  if (printed_.size() < kPrintedLinesMax)
    printed_.push_back(std::move(line));
  else
    ++printed_more_;
}

RunReport Simulation::report(const RunResult& result) {
  RunReport out;
  out.status = result.status;
  out.message = result.message;
  out.end = elapsed();
  out.events = events_;
  out.fingerprint = cluster_.kernel().fingerprint().hex();
  out.refusals = refusals_;
  out.printed = printed_;
  out.printed_more = printed_more_;
  out.expectations = expectations_->finish();
  return out;
}

}  // namespace orrery
