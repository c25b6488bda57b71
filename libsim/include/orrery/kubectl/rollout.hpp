#pragma once
// What `kubectl rollout status` and `kubectl rollout history` say about a DaemonSet.
// Rules: K-060 … K-062; upstream kubectl/pkg/polymorphichelpers/{rollout_status,history}.go.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace orrery {

struct RolloutStatus {
  std::string message;  ///< without a newline; of an error without the leading "error: "
  bool done = false;    ///< the command ends, with exit code 0
  bool failed = false;  ///< the command ends, with exit code 1
};

/// One evaluation: kubectl prints it for every change of the object until done or failed.
RolloutStatus daemon_set_rollout_status(const nlohmann::json& daemon_set);

/// What somebody reads who follows a DaemonSet version by version.
class RolloutFollower {
 public:
  enum class Until : std::uint8_t {
    done,     ///< as one call of kubectl: it ends with the first rollout that is done
    the_end,  ///< as if kubectl were called whenever a rollout begins
  };
  explicit RolloutFollower(Until until) : until_(until) {}

  /// The line for the next version, with its newline; empty when there is nothing to say. Lines repeat: kubectl prints one
  /// for every change of the object.
  std::string changed(const nlohmann::json& daemon_set);
  /// The object is gone.
  void deleted();

  /// Nothing more will be said.
  bool ended() const { return ended_; }
  /// What went wrong, without "error: "; empty when nothing did.
  const std::string& problem() const { return problem_; }
  /// A rollout is under way.
  bool waiting() const { return waiting_; }

 private:
  Until until_;
  bool ended_ = false, waiting_ = false;
  std::string problem_;
};

/// For a kind of the given group ("Job", "batch") that has no rollout status.
std::string no_status_viewer_message(std::string_view kind, std::string_view group);

/// The same for the history.
std::string no_history_viewer_message(std::string_view kind, std::string_view group);

/// All of `kubectl rollout history daemonset/x`. Of `revisions` (ControllerRevisions in any order) those that belong to
/// another controller are left out.
std::string rollout_history(const nlohmann::json& daemon_set, std::span<const nlohmann::json> revisions);

/// With --revision=n. nullopt when there is no such revision: "unable to find the specified revision".
/// Fields are separated by tabs, unaligned, as kubectl leaves them here.
std::optional<std::string> rollout_history_of(const nlohmann::json& daemon_set, std::span<const nlohmann::json> revisions, std::int64_t revision);

}  // namespace orrery
