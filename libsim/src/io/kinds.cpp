#include "kinds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace orrery::scenario_reading {
namespace {

// Short names: the ShortNames() of pkg/registry/*/*/storage.
constexpr std::array<KindInfo, 21> kKinds = {{
    {"Pod", "v1", "pods", "po", true},
    {"Node", "v1", "nodes", "no", false},
    {"Job", "batch/v1", "jobs", "", true},
    {"CronJob", "batch/v1", "cronjobs", "cj", true},
    {"DaemonSet", "apps/v1", "daemonsets", "ds", true},
    {"ControllerRevision", "apps/v1", "controllerrevisions", "", true},
    {"PodDisruptionBudget", "policy/v1", "poddisruptionbudgets", "pdb", true},
    {"Event", "v1", "events", "ev", true},
    {"Workflow", "orrery/v1", "workflows", "wf", true},
    {"Lease", "coordination.k8s.io/v1", "leases", "", true},
    {"PriorityClass", "scheduling.k8s.io/v1", "priorityclasses", "pc", false},
    {"Namespace", "v1", "namespaces", "ns", false},
    {"ConfigMap", "v1", "configmaps", "cm", true},
    {"Secret", "v1", "secrets", "", true},
    {"Service", "v1", "services", "svc", true},
    {"ServiceAccount", "v1", "serviceaccounts", "sa", true},
    {"PersistentVolumeClaim", "v1", "persistentvolumeclaims", "pvc", true},
    {"PersistentVolume", "v1", "persistentvolumes", "pv", false},
    {"Deployment", "apps/v1", "deployments", "deploy", true},
    {"ReplicaSet", "apps/v1", "replicasets", "rs", true},
    {"StatefulSet", "apps/v1", "statefulsets", "sts", true},
}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

const KindInfo* find_kind(std::string_view kind) {
  const auto* const it = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindInfo& k) { return k.kind == kind; });
  return it == kKinds.end() ? nullptr : it;
}

const KindInfo* find_kubectl_kind(std::string_view word) {
  const std::string w = lower(word.substr(0, word.find('.')));
  if (w.empty()) return nullptr;
  for (const KindInfo& k : kKinds)
    if (w == lower(k.kind) || w == k.plural || w == k.short_name) return &k;
  return nullptr;
}

std::vector<std::string_view> known_kinds() {
  std::vector<std::string_view> out;
  for (const KindInfo& k : kKinds) out.push_back(k.kind);
  return out;
}

const KindInfo* read_kind(Fields& fields, const std::vector<std::string_view>& allowed) {
  const std::string kind = fields.required_name("kind");
  if (kind.empty()) return nullptr;
  const KindInfo* info = find_kind(kind);
  if (info && (allowed.empty() || std::find(allowed.begin(), allowed.end(), kind) != allowed.end())) return info;
  const auto candidates = allowed.empty() ? known_kinds() : allowed;
  std::string hint = did_you_mean(kind, candidates);
  if (const KindInfo* meant = find_kubectl_kind(kind); hint.empty() && !info && meant) hint = fmt::format("did you mean \"{}\"?", meant->kind);
  if (!allowed.empty() && hint.empty()) hint = fmt::format("possible here: {}", fmt::join(allowed, ", "));
  const std::string word = "\"" + shown(std::string_view(kind)) + "\"";
  fields.problems().add(fields.at("kind"), info ? "the kind " + word + " is not possible here" : "unknown kind " + word, std::move(hint));
  return nullptr;
}

std::string namespace_of(const KindInfo& kind, std::string_view given) {
  if (!kind.namespaced) return {};
  return given.empty() ? "default" : std::string(given);
}

}  // namespace orrery::scenario_reading
