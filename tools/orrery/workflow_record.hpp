#pragma once
// When the jobs of a workflow really started and ended, which the API keeps in whole seconds only, and what decided when the
// workflow was done.
#include <map>
#include <optional>
#include <string>

#include "orrery/models/simulation.hpp"

namespace orrery::cli {

class WorkflowRecord {
 public:
  /// Watches from now on; make it before the run. The simulation must outlive it.
  explicit WorkflowRecord(Simulation& sim);
  WorkflowRecord(const WorkflowRecord&) = delete;

  /// As many lines as the workflow has jobs, and the critical path above them; empty when there is no such workflow.
  std::string explain(std::string_view ns, std::string_view name) const;

 private:
  struct Span {
    std::optional<Duration> begin, end;  ///< since t = 0
  };
  void changed(Duration t, const Change& change);

  Simulation& sim_;
  /// By UID of the workflow and name of the job in it.
  std::map<std::pair<std::string, std::string>, Span> jobs_;
  std::map<std::string, Span> workflows_;
};

}  // namespace orrery::cli
