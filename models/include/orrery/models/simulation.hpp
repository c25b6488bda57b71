#pragma once
// A scenario, running: the cluster with its controllers, kubelets and scheduler, the timeline, and the report at the end.
//
//   Result<Scenario> scenario = read_scenario_file("job.json");
//   Simulation sim(*scenario);
//   RunReport report = sim.run();
//   std::cout << report.fingerprint;
//
// The run is a pure function of the scenario, its seed and the version of this library.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "orrery/cluster/cluster.hpp"
#include "orrery/cluster/controller.hpp"
#include "orrery/cluster/user_api.hpp"
#include "orrery/io/scenario.hpp"

namespace orrery {

class Kubelets;
class Scheduler;

/// A write of the scenario (an object, a timeline action) that the API refused. The run goes on.
struct Refusal {
  Duration at{};  ///< since t = 0
  std::string message;
  SourceRef from;
};

/// A line that a command of the timeline prints while it goes on (a drain).
struct PrintedLine {
  Duration at{};  ///< since t = 0
  bool is_error = false;  ///< on standard error
  std::string text;
  SourceRef from;
};
/// More lines than this are counted, not kept: a drain that a budget blocks talks for ever.
inline constexpr std::size_t kPrintedLinesMax = 10'000;

struct ExpectationResult {
  bool met = false;
  std::string message;  ///< what was asked and what was found; empty when met
  SourceRef from;
};

struct RunReport {
  RunStatus status = RunStatus::horizon;
  std::string message;       ///< of a livelock
  Duration end{};            ///< virtual time of the end, since t = 0
  std::uint64_t events = 0;  ///< executed
  std::string fingerprint;   ///< 16 hexadecimal digits: the same for the same scenario, seed and version, on every machine
  std::vector<Refusal> refusals;
  std::vector<PrintedLine> printed;        ///< in the order of time
  std::uint64_t printed_more = 0;          ///< lines that were not kept
  std::vector<ExpectationResult> expectations;
};

/// One controller of a simulation; `make` is called once.
struct ControllerEntry {
  std::string_view name;  ///< as in the timeline verbs
  std::function<std::unique_ptr<Controller>(Cluster&, const Scenario&)> make;
};
/// The controllers of this library, in the order of their skew.
std::vector<ControllerEntry> builtin_controllers();

struct SimulationOptions {
  /// The Events of kubelets and scheduler (Scheduled, Pulled, Started, BackOff …). They cost a write each.
  bool component_events = false;
  std::vector<ControllerEntry> controllers = builtin_controllers();
};

class Simulation final : public Actor {
 public:
  /// Takes the scenario over; move it in where it is large.
  explicit Simulation(Scenario scenario, SimulationOptions options = {});
  ~Simulation() override;
  Simulation(const Simulation&) = delete;

  /// Called for every committed change from t = 0 on, in commit order; the nodes that stood before come first, as added.
  void on_change(std::function<void(Duration since_start, const Change&)> hook) { hooks_.push_back(std::move(hook)); }

  /// To the end of the scenario. Call it once.
  RunReport run();
  /// Up to and including an instant (since t = 0); may be called again with later ones, and run() after it.
  RunStatus run_until(Duration t);

  Cluster& cluster() { return cluster_; }
  const Scenario& scenario() const { return scenario_; }
  /// Null for a name that no controller has.
  Controller* controller(std::string_view name);
  const std::vector<Refusal>& refusals() const { return refusals_; }
  Duration elapsed() { return cluster_.kernel().now() - scenario_.start; }

  void on_event(const Event&) override;
  std::string_view actor_name() const override { return "timeline"; }

 private:
  friend class TimelinePlayer;
  void begin();
  void committed(const Change& change);
  void start_controller(std::size_t i);
  void print(PrintedLine line);
  RunReport report(const RunResult& result);

  Scenario scenario_;
  SimulationOptions options_;
  Cluster cluster_;
  UserApi api_;
  ActorId self_;
  std::vector<std::unique_ptr<Controller>> controllers_;
  std::array<std::vector<Controller*>, kKindCount> watchers_;
  std::unique_ptr<Kubelets> kubelets_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<class TimelinePlayer> timeline_;
  std::unique_ptr<class ExpectationWatch> expectations_;
  std::unique_ptr<class ChangeFingerprint> fingerprint_;
  std::vector<std::function<void(Duration, const Change&)>> hooks_;
  std::vector<Refusal> refusals_;
  std::vector<PrintedLine> printed_;
  std::uint64_t printed_more_ = 0;
  std::uint64_t events_ = 0;
  bool begun_ = false;
};

}  // namespace orrery
