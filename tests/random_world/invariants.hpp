#pragma once
// What holds in every world, whatever happens in it.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "orrery/models/simulation.hpp"

namespace orrery::random_world {

class Invariants {
 public:
  explicit Invariants(Simulation& sim);
  /// After every change.
  void check(Duration t, const Change& change);
  /// When the world has come to rest.
  void check_end();
  /// The first things that did not hold; empty: all is well.
  const std::vector<std::string>& broken() const { return broken_; }

 private:
  void fail(std::string what);
  void check_pod(const Change& c);
  void check_budget(const Change& c);
  void check_daemon_pods(const Pod& pod);
  void check_job(const Change& c);
  void check_forbid(const Job& made, const OwnerReference& owner);
  void check_workflow_job(const Job& made, const OwnerReference& owner);
  void check_indexes();
  bool stranded(const Pod& pod) const;
  bool awaits_successor(const Pod& pod) const;

  Simulation& sim_;
  Store& store_;
  Duration now_{}, last_time_{};
  std::uint64_t last_version_ = 0, changes_ = 0;
  bool calls_may_be_lost_ = false;  ///< outages and restarts: what upstream itself does not promise then is not asked for
  std::vector<std::string> broken_;
};

}  // namespace orrery::random_world
