#include "orrery/api/schema.hpp"

#include <algorithm>

#include "api/schema_workflow.hpp"
#include "api/schema_workload.hpp"

namespace orrery {
namespace {

constexpr KnownKind kKnownKinds[] = {
    {"v1", "Pod", &schema::kPod},
    {"v1", "Node", &schema::kNode},
    {"v1", "Namespace", &schema::kNamespace},
    {"v1", "Event", &schema::kEvent},
    {"batch/v1", "Job", &schema::kJob},
    {"batch/v1", "CronJob", &schema::kCronJob},
    {"apps/v1", "DaemonSet", &schema::kDaemonSet},
    {"apps/v1", "ControllerRevision", &schema::kControllerRevision},
    {"policy/v1", "PodDisruptionBudget", &schema::kPodDisruptionBudget},
    {"coordination.k8s.io/v1", "Lease", &schema::kLease},
    {"scheduling.k8s.io/v1", "PriorityClass", &schema::kPriorityClass},
    {"events.k8s.io/v1", "Event", &schema::kEventsEvent},
    {"orrery/v1", "Workflow", &schema::kWorkflow},
};

constexpr bool is_sorted(const Type& type) {
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    if (i > 0 && type.fields[i - 1].name >= type.fields[i].name) return false;
    if (type.fields[i].kind == FieldKind::kObject && !is_sorted(*type.fields[i].type)) return false;
  }
  return true;
}

// Type::find searches by halves.
static_assert(std::ranges::all_of(kKnownKinds, [](const KnownKind& k) { return is_sorted(*k.type); }));

}  // namespace

const Field* Type::find(std::string_view field) const {
  const auto at = std::lower_bound(fields.begin(), fields.end(), field,
                                   [](const Field& f, std::string_view wanted) { return f.name < wanted; });
  return at != fields.end() && at->name == field ? &*at : nullptr;
}

std::span<const KnownKind> known_kinds() { return kKnownKinds; }

const Type* find_type(std::string_view api_version, std::string_view kind) {
  for (const KnownKind& k : kKnownKinds)
    if (k.kind == kind && k.api_version == api_version) return k.type;
  return nullptr;
}

const KnownKind* find_kind(std::string_view kind) {
  for (const KnownKind& k : kKnownKinds)
    if (k.kind == kind) return &k;
  return nullptr;
}

}  // namespace orrery
