#include "drain/filters.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery {

namespace {

using Verdict = DrainVerdict;

bool has_local_storage(const Pod& pod) {
  const auto& spec = pod.spec->json();
  auto volumes = spec.find("volumes");
  if (volumes == spec.end() || !volumes->is_array()) return false;
  return std::any_of(volumes->begin(), volumes->end(), [](const auto& v) { return v.is_object() && v.contains("emptyDir") && v["emptyDir"].is_object(); });
}

std::map<std::string, std::string> by_message(const std::vector<JudgedPod>& pods, Verdict::Kind kind, const Interner& names) {
  std::map<std::string, std::string> out;
  for (const JudgedPod& j : pods) {
    if (j.verdict.kind != kind) continue;
    std::string& list = out[j.verdict.message];
    if (!list.empty()) list += ", ";
    list += fmt::format("{}/{}", names.text(j.pod->ns()), j.pod->name());
  }
  return out;
}

}  // namespace

bool asks_for_daemon_set(const Pod& pod) {
  const OwnerReference* ref = pod.meta.controller();
  return ref != nullptr && ref->kind == "DaemonSet" && ref->api_version == "apps/v1" && !pod.terminal();
}

DrainVerdict judge_pod(const Pod& pod, const verb::Drain& options, const std::string& lookup_error, bool missing) {
  const auto error = [](std::string why) { return Verdict{Verdict::Kind::error, false, std::move(why)}; };
  if (asks_for_daemon_set(pod)) {
    if (!lookup_error.empty()) {
      // An orphan goes with --force. Its warning does not outlive the filters below.
      if (!missing || !options.force) return error(lookup_error);
    } else if (!options.ignore_daemon_sets) {
      return error("DaemonSet-managed Pods (use --ignore-daemonsets to ignore)");
    } else {
      return {Verdict::Kind::warning, false, "ignoring DaemonSet-managed Pods"};
    }
  }
  if (pod.meta.annotation("kubernetes.io/config.mirror") != nullptr) return {Verdict::Kind::skip, false, {}};
  if (!pod.terminal() && has_local_storage(pod) && !options.delete_empty_dir_data)
    return error("Pods with local storage (use --delete-emptydir-data to override)");
  if (pod.terminal() || pod.meta.controller() != nullptr) return {};
  if (options.force) return {Verdict::Kind::warning, true, "deleting Pods that declare no controller"};
  return error("Pods that declare no controller (use --force to override)");
}

std::string drain_warnings(const std::vector<JudgedPod>& pods, const Interner& names) {
  std::string out;
  for (const auto& [message, list] : by_message(pods, Verdict::Kind::warning, names)) out += (out.empty() ? "" : "; ") + fmt::format("{}: {}", message, list);
  return out;
}

std::vector<std::string> drain_errors(const std::vector<JudgedPod>& pods, const Interner& names) {
  std::vector<std::string> out;
  for (const auto& [message, list] : by_message(pods, Verdict::Kind::error, names)) out.push_back(fmt::format("cannot delete {}: {}", message, list));
  return out;
}

std::string aggregated(const std::vector<std::string>& errors) {
  std::vector<std::string> once;
  for (const std::string& e : errors)
    if (std::find(once.begin(), once.end(), e) == once.end()) once.push_back(e);
  if (once.size() == 1) return once.front();
  return fmt::format("[{}]", fmt::join(once, ", "));
}

}  // namespace orrery
