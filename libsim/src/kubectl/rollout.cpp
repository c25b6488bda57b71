#include "orrery/kubectl/rollout.hpp"

#include <map>

#include <fmt/format.h>

#include "describe_parts.hpp"
#include "tab_text.hpp"
#include "values.hpp"

namespace orrery {

using Json = nlohmann::json;
using namespace kubectl;

namespace {

std::string name_of(const Json& object) { return text_at(object, {"metadata", "name"}); }

// By number; of two with the same number the later one, as upstream's map keeps it.
std::map<std::int64_t, const Json*> revisions_of(const Json& daemon_set, std::span<const Json> revisions) {
  std::map<std::int64_t, const Json*> out;
  const std::string uid = text_at(daemon_set, {"metadata", "uid"});
  for (const Json& r : revisions) {
    const Json& owner = controller_of(r);
    const bool own = uid.empty() ? text_at(owner, {"name"}) == name_of(daemon_set) : text_at(owner, {"uid"}) == uid;
    if (own) out[integer_of(member(r, "revision"))] = &r;
  }
  return out;
}

}  // namespace

RolloutStatus daemon_set_rollout_status(const Json& daemon_set) {
  if (text_at(daemon_set, {"spec", "updateStrategy", "type"}) != "RollingUpdate")
    return {.message = "rollout status is only available for RollingUpdate strategy type", .failed = true};
  const Json& status = member(daemon_set, "status");
  const auto number = [&](const char* key) { return integer_of(member(status, key)); };
  if (integer_of(at_path(daemon_set, {"metadata", "generation"})) > number("observedGeneration"))
    return {.message = "Waiting for daemon set spec update to be observed..."};
  const std::string name = name_of(daemon_set);
  const std::int64_t desired = number("desiredNumberScheduled"), updated = number("updatedNumberScheduled"), available = number("numberAvailable");
  if (updated < desired)
    return {.message = fmt::format("Waiting for daemon set \"{}\" rollout to finish: {} out of {} new pods have been updated...", name, updated, desired)};
  if (available < desired)
    return {.message = fmt::format("Waiting for daemon set \"{}\" rollout to finish: {} of {} updated pods are available...", name, available, desired)};
  return {.message = fmt::format("daemon set \"{}\" successfully rolled out", name), .done = true};
}

std::string RolloutFollower::changed(const Json& daemon_set) {
  if (ended_) return {};
  const RolloutStatus status = daemon_set_rollout_status(daemon_set);
  if (status.failed) {
    ended_ = true;
    problem_ = status.message;
    return {};
  }
  // Between two rollouts nobody would be asking.
  if (until_ == Until::the_end && status.done && !waiting_) return {};
  waiting_ = !status.done;
  ended_ = status.done && until_ == Until::done;
  return status.message + '\n';
}

void RolloutFollower::deleted() {
  if (ended_ || (until_ == Until::the_end && !waiting_)) return;
  ended_ = true;
  problem_ = "object has been deleted";
}

namespace {
std::string kind_text(std::string_view kind, std::string_view group) { return group.empty() ? std::string(kind) : fmt::format("{}.{}", kind, group); }
}  // namespace

std::string no_status_viewer_message(std::string_view kind, std::string_view group) {
  return fmt::format("no status viewer has been implemented for {}", kind_text(kind, group));
}

std::string no_history_viewer_message(std::string_view kind, std::string_view group) {
  return fmt::format("no history viewer has been implemented for \"{}\"", kind_text(kind, group));
}

std::string rollout_history(const Json& daemon_set, std::span<const Json> revisions) {
  const auto history = revisions_of(daemon_set, revisions);
  const std::string title = fmt::format("daemonset.apps/{} \n", name_of(daemon_set));
  if (history.empty()) return title + "No rollout history found.\n";
  TabText out;
  out.line(0, "REVISION\tCHANGE-CAUSE");
  for (const auto& [number, revision] : history) {
    const std::string cause = text_at(*revision, {"metadata", "annotations", "kubernetes.io/change-cause"});
    out.line(0, "{}\t{}", number, cause.empty() ? "<none>" : cause);
  }
  return title + out.aligned() + '\n';
}

std::optional<std::string> rollout_history_of(const Json& daemon_set, std::span<const Json> revisions, std::int64_t revision) {
  const auto history = revisions_of(daemon_set, revisions);
  const auto found = history.find(revision);
  if (found == history.end()) return std::nullopt;
  TabText out;
  put_pod_template(out, at_path(*found->second, {"data", "spec", "template"}));
  return fmt::format("daemonset.apps/{} with revision #{}\n{}\n", name_of(daemon_set), revision, out.raw());
}

}  // namespace orrery
