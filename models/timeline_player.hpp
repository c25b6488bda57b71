#pragma once
// Carries out the timeline of a scenario: each action at its instant, as writes committed right then.
#include <map>
#include <string>
#include <vector>

#include "drain/drain.hpp"
#include "orrery/core/random.hpp"
#include "orrery/models/simulation.hpp"

namespace orrery {

class TimelinePlayer final : public Actor {
 public:
  explicit TimelinePlayer(Simulation& simulation);
  /// Schedules every action; called at t = 0.
  void begin();
  void on_event(const Event&) override;
  std::string_view actor_name() const override { return "timeline action"; }

 private:
  struct Turn {
    RandomStream random;
    std::int64_t done = 0;
  };
  void act(const TimelineAction& action, Turn& turn);
  void refuse(const TimelineAction& action, std::string message);
  std::vector<std::string> nodes(const NodeTarget& target, Turn& turn);
  /// Oldest first. An empty namespace means all of them.
  std::vector<Ref<const Object>> objects(const ObjectName& target, const std::string& selector, const std::string& node, std::optional<std::int64_t> count);
  void print(const SourceRef& from, bool is_error, std::string line);
  /// Looks after a node that has fallen silent until the control plane has noticed.
  void await_notice(const std::string& node, Duration patience);
  void begin_outage(Duration lasts);
  void end_outage();
  /// Remembers that a node will not write before `lasts` is over.
  void note_failure(const std::string& node, Duration lasts);

  // One per verb; the text is why it was refused, empty when it was not.
  std::string run(const verb::Apply&, Turn&);
  std::string run(const verb::Patch&, Turn&);
  std::string run(const verb::Delete&, Turn&);
  std::string run(const verb::Cordon&, Turn&);
  std::string run(const verb::Uncordon&, Turn&);
  std::string run(const verb::Drain&, Turn&);
  std::string run(const verb::AddNode&, Turn&);
  std::string run(const verb::RemoveNode&, Turn&);
  std::string run(const verb::FailNode&, Turn&);
  std::string run(const verb::ShutdownNode&, Turn&);
  std::string run(const verb::FailPod&, Turn&);
  std::string run(const verb::SetImage&, Turn&);
  std::string run(const verb::Rollback&, Turn&);
  std::string run(const verb::Restart&, Turn&);
  std::string run(const verb::Relabel&, Turn&);
  std::string run(const verb::CreateJob&, Turn&);
  std::string run(const verb::Suspend&, Turn&);
  std::string run(const verb::Resume&, Turn&);
  std::string run(const verb::Taint&, Turn&);
  std::string run(const verb::StopController&, Turn&);
  std::string run(const verb::StartController&, Turn&);
  std::string run(const verb::ApiOutage&, Turn&);

  Simulation& sim_;
  Cluster& cluster_;
  ActorId self_;
  std::vector<Turn> turns_;
  std::int64_t outages_ = 0;  ///< that overlap now
  Drains drains_;
  const SourceRef* from_ = nullptr;  ///< of the action that is carried out
  struct Notice {
    std::string node;
    Time until{};
  };
  std::vector<Notice> notices_;
  struct Start {
    std::uint64_t turn = 0;   ///< a later stop makes an earlier start void
    bool pending = false;     ///< the process runs, its caches are not filled yet
    bool waits = false;       ///< … because the API server is down
  };
  std::vector<Start> starts_;           ///< of each controller
  std::map<std::uint64_t, Time> failed_until_;  ///< nodes that cannot write, by serial number
};

}  // namespace orrery
