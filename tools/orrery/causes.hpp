#pragma once
// Who wrote what because of what: the commits of a run joined by the events of the kernel that led from one to the next.
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "orrery/models/simulation.hpp"

namespace orrery::cli {

/// Attach before the run. Keeps every version of every object, and 12 bytes per event.
class CauseRecord {
 public:
  explicit CauseRecord(Simulation& sim);
  CauseRecord(const CauseRecord&) = delete;
  CauseRecord& operator=(const CauseRecord&) = delete;

  /// A table: what led to the first write of the objects that `about` names, then all their writes. Empty without any.
  std::string explain(const std::function<bool(const Object&)>& about) const;

 private:
  struct Commit {
    Duration at{};
    Change change;
    ActorId actor = 0;
    bool before_start = false;
  };
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  /// The commit that the writer of a commit had seen, or kNone.
  std::size_t cause_of(std::size_t commit) const;
  std::string who(const Commit& c) const;
  std::string what(const Commit& c) const;
  std::string object_text(const Object& o) const;

  Simulation& sim_;
  std::vector<std::uint64_t> causes_;  ///< by sequence number
  std::vector<ActorId> actors_;
  std::vector<Commit> commits_;
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> of_event_;  ///< looked up only
  ActorId current_ = 0;
};

}  // namespace orrery::cli
