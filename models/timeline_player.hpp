#pragma once
// Carries out the timeline of a scenario: each action at its instant, as writes committed right then.
#include <string>
#include <vector>

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
  void set_outage(bool down);

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
  std::int64_t outages_ = 0;
};

}  // namespace orrery
