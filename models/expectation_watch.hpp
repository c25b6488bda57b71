#pragma once
// Evaluates the `expect` entries of a scenario while it runs.
#include <regex>
#include <string>
#include <vector>

#include "orrery/models/simulation.hpp"

namespace orrery {

class ExpectationWatch final : public Actor {
 public:
  explicit ExpectationWatch(Simulation& simulation);
  ~ExpectationWatch() override;
  void begin();
  /// After each committed change: only expectations about its kind that span time look at it.
  void changed(const Change& change);
  std::vector<ExpectationResult> finish();

  void on_event(const Event&) override;
  std::string_view actor_name() const override { return "expectation"; }

 private:
  struct State;
  /// Whether the condition holds now; `found` says what is there.
  bool holds(const State& s, std::string& found) const;
  bool value_meets(const State& s, const Object& object, std::string& found) const;
  void look(State& s);
  std::string asked(const Expectation& e) const;

  Simulation& sim_;
  ActorId self_;
  std::vector<State> states_;
  bool begun_ = false;
};

}  // namespace orrery
