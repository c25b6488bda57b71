// What a kubelet refuses although the pod names its node: pods that came past the scheduler, where there is no room.
// Behaviour source: Kubernetes v1.36, pkg/kubelet/lifecycle/predicate.go; rule P-111.
#include <nlohmann/json.hpp>

#include "../scheduler/pod_spec_view.hpp"
#include "impl.hpp"
#include "orrery/api/quantity.hpp"

namespace orrery {

using namespace kubelet;

namespace {
SchedResources requests_of(const BoundPod& pod, Interner& names) {
  return parse_sched_pod_spec(pod.spec->json(), SchedLabels{}, {}, names).requests;
}
}  // namespace

/// Looks at all pods of the node: only few pods come past the scheduler.
void Kubelets::Impl::admit(PodRecord& r) {
  const NodeRecord& n = node_of(r);
  const Node* live = store_.live_node(cluster_.text(n.name));
  if (live == nullptr || !live->body || !live->body->status) return;
  const auto allocatable = live->body->status->find("allocatable");
  if (allocatable == live->body->status->end() || !allocatable->is_object()) return;
  Interner names;  // of resources; nobody else needs them
  const SchedResources room = parse_sched_resources(*allocatable, names), asked = requests_of(r.pod, names);
  SchedResources used;
  std::int64_t others = 0;
  for (const std::uint32_t i : n.pods) {
    const PodRecord& other = pods_[i];
    if (&other == &r || other.done) continue;
    ++others;
    used.add(requests_of(other.pod, names));
  }
  auto short_of = [&](std::string_view resource, std::int64_t wanted, std::int64_t taken, std::int64_t all) {
    if (r.rare().refused != 0 || wanted == 0 || wanted <= all - taken) return;
    r.rare_to_change().refused = cluster_.symbol(fmt::format("OutOf{}", resource));
    r.rare_to_change().refusal = cluster_.symbol(fmt::format("Node didn't have enough resource: {}, requested: {}, used: {}, capacity: {}", resource, wanted, taken, all));
  };
  if (const auto pods = allocatable->find("pods"); pods != allocatable->end())
    if (const auto most = parse_quantity(std::string_view(pods->is_string() ? pods->get<std::string>() : pods->dump()))) short_of("pods", 1, others, most->value());
  short_of("cpu", asked.milli_cpu, used.milli_cpu, room.milli_cpu);
  short_of("memory", asked.memory, used.memory, room.memory);
  short_of("ephemeral-storage", asked.ephemeral, used.ephemeral, room.ephemeral);
}

}  // namespace orrery
